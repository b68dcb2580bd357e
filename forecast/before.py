"""What a model says before it has seen anything: its priors, carried through to counts and to questions.

Parameters are drawn from the priors, events are simulated by the family's own `simulate` from a past without events,
and left to run for some years, so that what feeds on itself has had time to grow. Nothing of the record is used.
Where a family moves processes on that exist (`unlearned`), they start where they stand, and no more is used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from types import ModuleType

import numpy as np
import pandas as pd
import xarray as xr

from forecast import answers, inference, world
from forecast.events import Futures, Snapshot, day
from forecast.inference import Sizes
from forecast.questions import Question
from forecast.rules import Readings
from forecast.spec import Spec
from forecast.world import Fitted

SIZES = Sizes(draws=2400, parameters=1200)
YEARS = 2
MONTH = 30  # days
MONTHS = 12
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


@dataclass(frozen=True)
class Months:
    """Events a month that the priors of a model, or of one member of a pool, imply.

    Parameters
    ----------
    name, title : str
    total : mapping of str to float
        Quantiles of all events.
    groups : mapping of str to mapping
        The same of each group's.
    """

    name: str
    title: str
    total: Mapping[str, float]
    groups: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Answer:
    """What the priors alone say about a question."""

    id: str
    text: str
    closes: date
    probability: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class Before:
    """What a model says before it has seen anything.

    Parameters
    ----------
    model, title : str
    as_of : date
        On which the questions open.
    years : int
        For which events were left to run before that.
    parts : tuple of Months
        None if the model's priors say nothing of counts: it has none, needs a record to replay, or processes to move.
    answers : tuple of Answer
    """

    model: str
    title: str
    as_of: date
    years: int
    parts: tuple[Months, ...]
    answers: tuple[Answer, ...]


def imagine(spec: Spec, snapshot: Snapshot, questions: Sequence[Question], sizes: Sizes = SIZES) -> Before:
    """Carry a model's priors through to counts a month and to questions.

    Parameters
    ----------
    spec : Spec
    snapshot : Snapshot
        Gives the as-of date and the columns of events; its rows are not looked at.
    questions : sequence of Question
        Those that read other kinds of events than the model makes are left out.
    sizes : Sizes
    """
    asked = [question for question in questions if set(question.kinds) <= set(spec.kinds)]
    if all(hasattr(world.family(part), "unlearned") for part in spec.parts):
        return Before(spec.name, spec.title, snapshot.as_of, 0, (), _from_here(spec, snapshot, asked, sizes))
    if not all(hasattr(world.family(part), "grouping") for part in spec.parts):
        return Before(spec.name, spec.title, snapshot.as_of, YEARS, (), ())
    begins = snapshot.as_of - timedelta(days=round(365.25 * YEARS))
    empty = Snapshot(begins, snapshot.events.iloc[:0], snapshot.through)
    young = _young(spec, begins)

    def drawn(page: ModuleType, panel: xr.Dataset, item: Spec, seed: int) -> xr.DataTree:
        if hasattr(page, "sampled"):
            return inference.from_prior(page.sampled(panel, item), sizes.parameters // len(spec.parts), seed)
        return world.sampled(page, panel, item, seed)

    last = max([snapshot.as_of, *(question.closes for question in asked)])
    fitted = world.fit([young], empty, drawn)
    futures = world.simulate([young], fitted, empty, dict.fromkeys(spec.kinds, last), sizes)
    parts = _parts(spec, futures, snapshot.as_of)
    first = min([snapshot.as_of, *(question.opens for question in asked)])
    futures = replace(futures, events={kind: _since(frame, first) for kind, frame in futures.events.items()})
    return Before(spec.name, spec.title, snapshot.as_of, YEARS, parts, _answers(asked, empty, futures))


def _from_here(spec: Spec, snapshot: Snapshot, asked: Sequence[Question], sizes: Sizes) -> tuple[Answer, ...]:
    """Move processes on from where they stand, at rates drawn from the priors."""
    fitted = []
    for part in spec.parts:
        page, number = world.family(part), world.seed(part, snapshot)
        panel = page.unlearned(snapshot, part)
        tree = inference.from_prior(page.sampled(panel, part), sizes.parameters // len(spec.parts), number)
        fitted.append(Fitted(part, page, panel, tree, number))
    last = max([snapshot.as_of, *(question.closes for question in asked)])
    futures = world.simulate([spec], fitted, snapshot, dict.fromkeys(spec.kinds, last), sizes)
    return _answers(asked, snapshot, futures)


def _answers(asked: Sequence[Question], snapshot: Snapshot, futures: Futures) -> tuple[Answer, ...]:
    found, readings = [], Readings(snapshot, futures)
    for question in asked:
        _, holds = answers.held(question, readings)
        probability, interval = answers.probability(question, futures, holds)
        found.append(Answer(question.id, question.text, question.closes, probability, interval))
    return tuple(found)


def _since(frame: pd.DataFrame, first: date) -> pd.DataFrame:
    return frame[(frame["event_at"] >= day(first)).to_numpy()]


def _young(spec: Spec, begins: date) -> Spec:
    """Let a model, and the members of a pool, begin on the day from which nothing is known."""
    return replace(spec, since=begins, members=tuple(_young(member, begins) for member in spec.members))


def _parts(spec: Spec, futures: Futures, as_of: date) -> tuple[Months, ...]:
    """Count events in the months before the as-of day, all and by group, for each part of a model."""
    since = as_of - timedelta(days=MONTH * MONTHS)
    frame = _since(futures.events[spec.kinds[0]], since)
    month = ((frame["event_at"].to_numpy("datetime64[us]") - day(since)) // np.timedelta64(MONTH, "D")).astype(np.int64)
    frame = frame.assign(month=month)[month < MONTHS]
    members = len(spec.parts)
    each = [frame[(frame["draw"] % members == number).to_numpy()] for number in range(members)]
    return tuple(
        _months(part, own.assign(draw=own["draw"] // members), futures.draws // members)
        for part, own in zip(spec.parts, each, strict=True)
    )


def _months(part: Spec, frame: pd.DataFrame, draws: int) -> Months:
    column, groups = world.family(part).grouping(part)
    named = [value for group in groups.values() for value in group]
    masks = {
        name: (frame[column].isin(group) | (~frame[column].isin(named) if "*" in group else False)).to_numpy()
        for name, group in groups.items()
    }
    of_groups = {name: _quantiles(frame[mask], draws) for name, mask in masks.items()}
    return Months(part.name, part.title, _quantiles(frame, draws), of_groups)


def _quantiles(frame: pd.DataFrame, draws: int) -> dict[str, float]:
    counts = np.bincount(frame["draw"] * MONTHS + frame["month"], frame["n"], draws * MONTHS)
    return {
        f"{level:.0%}": float(value) for level, value in zip(QUANTILES, np.quantile(counts, QUANTILES), strict=True)
    }
