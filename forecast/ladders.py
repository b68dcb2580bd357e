"""The ladders behind questions: where each process that is asked about stands, has been, and may go."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast import answers, inference, scenarios, shares
from forecast.climb import Ahead, Chance, Climb, Rate, Step
from forecast.events import Futures, Snapshot, day
from forecast.inference import Sizes
from forecast.models import climbing, covariates, exposure, ladder, spells, stage_rates
from forecast.models.ladder import CAUSES, WINDOWS, Ladder
from forecast.models.spells import Process, numbered
from forecast.predict import Prediction
from forecast.questions import Question
from forecast.world import Fitted

HORIZONS = (90, 180, 365)
QUARTERS = (0.25, 0.5, 0.75)
Z = (0.05, 0.5, 0.95)
Array = NDArray[np.float64]


def climbs(prediction: Prediction, snapshot: Snapshot) -> tuple[Climb, ...]:
    """Follow every process that a question asks about and that a model of stages knows.

    Parameters
    ----------
    prediction : Prediction
    snapshot : Snapshot
    """
    found: dict[str, Climb] = {}
    for model in prediction.fitted:
        scheme = _scheme(model)
        if scheme is not None:
            found = {**_of_model(model, scheme, prediction, snapshot), **found}
    return tuple(found.values())


def _scheme(model: Fitted) -> Ladder | None:
    """Find how a model reads the record of a process; None if it knows no stages."""
    options: Mapping[str, Any] = model.spec.options
    table = options if model.spec.family == "stages" else options.get("stages")
    return ladder.parse(dict(table), f"{model.spec.where}, [options]") if table else None


def _of_model(model: Fitted, scheme: Ladder, prediction: Prediction, snapshot: Snapshot) -> dict[str, Climb]:
    questions = [forecast.question for forecast in prediction.forecasts]
    asked, ends = _asked(questions, model.spec.kinds), _asked(questions, scheme.exits)
    known, rows = spells.read(snapshot, model.spec, scheme)
    processes = [process for process in known if process.entity in asked]
    if not processes:
        return {}
    read = scenarios.horizons(questions)
    until = max(read[kind] for kind in model.spec.kinds if kind in read)
    of = {str(entity): frame for entity, frame in rows.groupby("entity", sort=False)}
    stand = [_standing(one, of[one.entity], scheme, snapshot, until) for one in processes]
    names = [process.entity for process in processes]
    reached = _Reached(prediction.futures, scheme, names, snapshot)
    usual = _Reached(prediction.usual, scheme, names, snapshot) if _makes(prediction.usual, model) else None
    rates = _rates(model, scheme, snapshot, prediction.futures.parameters)
    return {
        climb.entity: replace(
            climb,
            domain=asked[climb.entity],
            rates=rates.get(climb.entity, ()),
            ahead=()
            if climb.ended
            else tuple(
                one
                for one in _ahead(place, climb, scheme, reached, usual, snapshot.as_of)
                if not one.end or climb.entity in ends
            ),
        )
        for place, climb in enumerate(stand)
    }


def _makes(futures: Futures, model: Fitted) -> bool:
    return set(model.spec.kinds) <= set(futures.events)


def _asked(questions: Sequence[Question], kinds: Sequence[str]) -> dict[str, str]:
    """Find the entities that questions on some kinds of event ask about, each with its domain."""
    found: dict[str, str] = {}
    for question in questions:
        cells = question.rule.where.get("entity")
        if isinstance(cells, tuple) and len(cells) == 1 and set(question.rule.kinds) <= set(kinds):
            found.setdefault(str(cells[0]), question.domain)
    return found


def _standing(process: Process, rows: pd.DataFrame, scheme: Ladder, snapshot: Snapshot, until: date) -> Climb:
    """Say what the record shows of a process, and nothing yet of what may come."""
    today, last = numbered(snapshot.as_of), process.spells[-1]
    told = rows[rows["kind"].isin(list(scheme.codes)).to_numpy()]
    before = (told["event_at"] < day(snapshot.as_of)).to_numpy()
    record, scheduled = _steps(told[before]), _steps(told[~before])
    seen = _steps(rows[rows["kind"].isin(scheme.unfollowed).to_numpy()])
    ended = last.cause in ("advance", "exit")
    due = process.deadlines[-1][1] if process.deadlines else None
    possible = scheme.coded()[process.kind, : len(scheme.stages)]
    had = {step.kind for step in record}
    return Climb(
        entity=process.entity,
        name=answers.called(rows),
        domain="",
        stages=tuple(one for one, may in zip(scheme.stages, possible, strict=True) if may or one in had),
        record=record,
        scheduled=scheduled,
        stands=last.event if ended else scheme.stages[last.level],
        suspended=last.suspended and not ended,
        since=_since(record, last.ends if ended else last.begins),
        days=today - (last.ends if ended else last.begins),
        ended=ended,
        seen=seen[-1] if seen else None,
        deadline=None if due is None else _dated(due),
        window=WINDOWS[int(exposure.deadline_window(np.nan if due is None else due - today, scheme))],
        rates=(),
        ahead=(),
        until=until,
    )


def _steps(rows: pd.DataFrame) -> tuple[Step, ...]:
    return tuple(
        Step(str(kind), at.date(), str(precision))
        for kind, at, precision in zip(rows["kind"], rows["event_at"], rows["precision"], strict=True)
    )


def _since(record: Sequence[Step], begins: int) -> Step:
    """Find what began on a day; of several, what counts most stands first."""
    return next(step for step in record if numbered(step.at) == begins)


def _dated(number: int) -> date:
    return date(1970, 1, 1) + timedelta(days=number)


class _Reached:
    """The day from the as-of day on which processes first have each stage or one above it, or end, in every future.

    Parameters
    ----------
    futures : Futures
    scheme : Ladder
    entities : sequence of str
    snapshot : Snapshot
        Its rows on what is known to come hold in every future.
    """

    def __init__(self, futures: Futures, scheme: Ladder, entities: Sequence[str], snapshot: Snapshot) -> None:
        def first(kinds: Sequence[str]) -> list[Array]:
            return [_first(futures.events[kind], futures.draws, kind, entities, snapshot) for kind in kinds]

        self.draws = futures.draws
        self.stages = np.minimum.accumulate(np.stack(first(scheme.stages))[::-1])[::-1]
        self.end = np.min(first(scheme.exits), axis=0)

    def of(self, place: int, stage: int | None) -> Array:
        """Give the days of one process, shape (draw,): those of a stage, or of its end."""
        return np.asarray(self.end[place] if stage is None else self.stages[stage, place])

    def chance(self, place: int, stage: int | None, days: int) -> float:
        """Give the probability that it happens within so many days."""
        return shares.smoothed(float((self.of(place, stage) < days).mean()), self.draws)


def _first(frame: pd.DataFrame, draws: int, kind: str, entities: Sequence[str], snapshot: Snapshot) -> Array:
    """Find the first day of a kind of event, shape (process, draw); infinite if there is none."""
    found = np.full((len(entities), draws), np.inf)
    named = pd.Categorical(frame["entity"])
    place = pd.Index(entities).get_indexer(named.categories.astype(object))[named.codes]
    days = (frame["event_at"].to_numpy("datetime64[us]") - day(snapshot.as_of)) / np.timedelta64(1, "D")
    some = place >= 0
    np.minimum.at(found, (place[some], frame["draw"].to_numpy()[some]), days[some])
    rows = snapshot.of_kind((kind,))
    rows = rows[(rows["event_at"] >= day(snapshot.as_of)).to_numpy()]
    for entity, at in zip(rows["entity"], rows["event_at"], strict=True):
        if entity in entities:
            place_of = entities.index(entity)
            found[place_of] = np.minimum(found[place_of], (at.date() - snapshot.as_of).days)
    return found


def _ahead(
    place: int, climb: Climb, scheme: Ladder, reached: _Reached, usual: _Reached | None, as_of: date
) -> list[Ahead]:
    """Say of every higher stage, and of the end, how probable it is and when it comes."""
    stands = scheme.stages.index(climb.stands)
    higher = [stage for stage in range(stands + 1, len(scheme.stages)) if scheme.stages[stage] in climb.stages]
    days = {horizon for horizon in HORIZONS if as_of + timedelta(days=horizon) <= climb.until}
    if climb.deadline is not None and as_of <= climb.deadline < climb.until:
        days.add((climb.deadline - as_of).days + 1)
    found = []
    for stage in (*higher, None):
        chances = tuple(
            Chance(
                as_of + timedelta(days=horizon),
                reached.chance(place, stage, horizon),
                None if usual is None else usual.chance(place, stage, horizon),
            )
            for horizon in sorted(days)
        )
        kinds = scheme.exits if stage is None else scheme.stages[stage:]
        found.append(Ahead(kinds, stage is None, chances, _by(reached.of(place, stage), as_of)))
    return found


def _by(days: Array, as_of: date) -> tuple[date | None, date | None, date | None]:
    """Find the days by which a quarter, half and three quarters of futures have something."""
    found = np.quantile(days, QUARTERS, method="inverted_cdf")
    first, half, third = (as_of + timedelta(days=int(at)) if np.isfinite(at) else None for at in found)
    return first, half, third


def _rates(model: Fitted, scheme: Ladder, snapshot: Snapshot, parameters: int) -> dict[str, tuple[Rate, ...]]:
    """Read off the rates a year of every open process, as it stands; none of a model that has no such rates."""
    if model.spec.family != "stages":
        return {}
    names = [name for name in stage_rates.DRAWN if name in model.tree["posterior"]]
    parts = stage_rates.rates(inference.thinned(model.tree, names, Sizes(parameters, parameters)), scheme)
    reading = covariates.on_record(snapshot, model.spec, np.array([day(snapshot.as_of)]))[0]
    now = climbing.as_they_stand(parts, model.panel, scheme, reading)
    found = np.quantile(now, Z, axis=0)
    return {
        str(entity): tuple(
            Rate(cause, (float(low), float(middle), float(high)))
            for cause, (low, middle, high) in zip(CAUSES, found[:, :, place].T, strict=True)
            if middle > 0
        )
        for place, entity in enumerate(model.panel["process"].to_numpy())
    }
