"""Models or two days of a brief, side by side at the desk: forecasts, why they differ, which foresees better."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial

import xarray as xr

from forecast import accuracy, beside, comparing, contestants, fitting, predict, publishing, rivals, world
from forecast.accuracy import Accuracy
from forecast.beside import Answer, Together
from forecast.brief import Brief
from forecast.calibration import Bent, Maps
from forecast.comparing import LETTERS, Edit
from forecast.contestants import Day
from forecast.desk import Desk
from forecast.errors import ForecastError, UsageError
from forecast.events import Snapshot
from forecast.explain import Explanation, Side
from forecast.ledger import Row
from forecast.predict import Models
from forecast.questions import Question
from forecast.rivals import Rivals
from forecast.scenarios import horizons
from forecast.spec import Spec
from forecast.walking import Quick
from forecast.world import Fitted

UNBENT = Maps(Bent(), {})


@dataclass(frozen=True)
class Compared:
    """Models or two days, side by side.

    Parameters
    ----------
    names : tuple of str
        Of A, B, C ..., as they were typed.
    days : tuple of date
    answers : tuple of Together
        Questions in all of them.
    apart : int
        Questions that read nothing of what differs, or are asked on one day only; they are not computed.
    edits : tuple of Edit
        What models state otherwise.
    why : mapping of str to Explanation
        Question -> why it moved between two days.
    accuracy : tuple of Accuracy
    rivals : tuple of Rivals
        From the book.
    notes : tuple of str
        What could not be compared, and why.
    """

    names: tuple[str, ...]
    days: tuple[date, ...]
    answers: tuple[Together, ...]
    apart: int = 0
    edits: tuple[Edit, ...] = ()
    why: Mapping[str, Explanation] = field(default_factory=dict)
    accuracy: tuple[Accuracy, ...] = ()
    rivals: tuple[Rivals, ...] = ()
    notes: tuple[str, ...] = ()


def compare(
    desk: Desk,
    rows: Sequence[Row],
    name: str,
    texts: Sequence[str],
    asked: date | None = None,
    fits: int = 0,
    most: int = 3,
    lead: str = "",
) -> Compared:
    """Compare models of a brief, or two days.

    Parameters
    ----------
    desk : Desk
    rows : sequence of Row
        Of the book.
    name : str
        Of the brief.
    texts : sequence of str
        A, B, C ..., two or more; see `contestants.meant`.
    asked : date or None
        As-of date, of models.
    fits : int
        To earlier parts of the record, at most, for each model; without any nothing is foreseen from what came before.
    most : int
        How many questions are explained, of days.
    lead : str
        Only questions whose ids begin so; all if blank.

    Raises
    ------
    UsageError
        If a model is compared with a day, more than two days are, or nothing is in all.
    """
    if not 2 <= len(texts) <= len(LETTERS):
        raise UsageError(f"{len(texts)} cannot be compared", "A, B, C …", hint=f"name 2 to {len(LETTERS)}")
    item, names = desk.brief(name), tuple(texts)
    every = [contestants.meant(desk, rows, text) for text in texts]
    models, days = [one for one in every if isinstance(one, Spec)], [one for one in every if isinstance(one, Day)]
    if models and days:
        raise UsageError("a model and a day cannot be compared", ", ".join(texts), hint="name models, or two days")
    if models:
        return of_models(desk, rows, item, names, models, desk.as_of(item, asked), fits, lead)
    if asked:
        raise UsageError("two days are as-of dates already", "--as-of", hint="leave it out")
    if len(days) > 2:
        raise UsageError("days are compared in twos", ", ".join(texts), hint="name two days, or models")
    return of_days(desk, item, names, (days[0], days[1]), most, lead)


def of_models(
    desk: Desk,
    rows: Sequence[Row],
    item: Brief,
    names: tuple[str, ...],
    models: Sequence[Spec],
    as_of: date,
    fits: int,
    lead: str,
) -> Compared:
    """Compare models, each in the place of the brief's own; other models and random numbers are the same."""
    snapshot = desk.archive.as_of(as_of, item.sources)
    teams = contestants.teams(desk, item, models)
    asks = contestants.meaning(desk.agenda(item, snapshot).questions, lead)
    questions = contestants.touched(asks, teams, models[0])
    for team in teams:
        predict.check(Models(team, ()), snapshot, questions)
    fitted = _fitted(desk, snapshot, questions, teams)
    said = [_answered(team, chosen, fitted, questions, snapshot) for team, chosen in zip(teams, models, strict=True)]
    parts = [fitted[chosen.digest] for chosen in models]
    foresight, notes = accuracy.judged(parts, snapshot, fits, partial(_again, desk, {}))
    found, further = rivals.found(rows, [chosen.digest for chosen in models])
    return Compared(
        names=names,
        days=(as_of,) * len(names),
        answers=beside.together(said),
        apart=len(asks) - len(questions),
        edits=comparing.edits(models),
        accuracy=tuple(foresight),
        rivals=tuple(found),
        notes=(*notes, *further),
    )


def _fitted(
    desk: Desk, snapshot: Snapshot, questions: Sequence[Question], teams: Sequence[Sequence[Spec]]
) -> dict[str, list[Fitted]]:
    """Fit what the questions need of all teams, each model once: digest -> its parts."""
    needed = {one.digest: one for team in teams for one in world.needed(team, horizons(questions))}
    fitter = desk.fitter(snapshot, list(needed.values()))
    return {digest: world.fit([one], snapshot, fitter) for digest, one in needed.items()}


def _answered(
    team: Sequence[Spec],
    chosen: Spec | None,
    fitted: Mapping[str, Sequence[Fitted]],
    questions: Sequence[Question],
    snapshot: Snapshot,
) -> list[Answer]:
    """Answer questions by one team; what is compared has one seed in all, whichever is A and however many there are."""
    specs, parts = world.needed(team, horizons(questions)), []
    for spec in specs:
        for number, part in enumerate(fitted[spec.digest]):
            seed = hashlib.sha256(f"{snapshot.digest}{number}".encode()).digest()[:4]
            parts.append(replace(part, seed=int.from_bytes(seed)) if spec == chosen else part)
    return beside.answered(specs, parts, snapshot, questions, predict.SIZES)


def of_days(desk: Desk, item: Brief, names: tuple[str, ...], pair: tuple[Day, Day], most: int, lead: str) -> Compared:
    """Compare two days by the brief's models of today, and say why the questions moved that moved most.

    Raises
    ------
    UsageError
        If no question is asked on both.
    """
    specs = list(desk.models(item).specs)
    snapshots = [contestants.known(desk, item, day) for day in pair]
    asks = [contestants.meaning(desk.agenda(item, snapshot).questions, lead) for snapshot in snapshots]
    common = {one.series for one in asks[0]} & {one.series for one in asks[1]}
    if not common:
        raise UsageError(f"no question of `{item.name}` is asked on both days", ", ".join(names))
    said = []
    for snapshot, every in zip(snapshots, asks, strict=True):
        questions = [one for one in every if one.series in common]
        predict.check(Models(specs, ()), snapshot, questions)
        said.append(_answered(specs, None, _fitted(desk, snapshot, questions, [specs]), questions, snapshot))
    answers = beside.together(said)
    asked = [one.question for one in answers if one.flagged][:most]
    notes = ["two days are forecast from other data, so that neither can be said to be better"]
    try:
        why = _why(desk, specs, snapshots, said, asked) if asked else {}
    except ForecastError as problem:  # a model may be unable to look ahead without the news
        why, notes = {}, [*notes, f"what moved is not explained: {problem.what}"]
    return Compared(
        names=names,
        days=(pair[0].as_of, pair[1].as_of),
        answers=answers,
        apart=sum(one.series not in common for every in asks for one in every),
        why=why,
        notes=tuple(notes),
    )


def _why(
    desk: Desk,
    specs: Sequence[Spec],
    snapshots: Sequence[Snapshot],
    said: Sequence[Sequence[Answer]],
    asked: Sequence[str],
) -> dict[str, Explanation]:
    sides = []
    for snapshot, answers in zip(snapshots, said, strict=True):
        by = {one.question.series: one for one in answers}
        chosen = [by[series] for series in asked]
        makers = [[one.name for one in predict.makers(each.question, specs)] for each in chosen]
        kept = [
            publishing.bent(one.probability, of, one.question, UNBENT) for one, of in zip(chosen, makers, strict=True)
        ]
        sides.append(Side(tuple(one.question for one in chosen), snapshot, Models(specs, ()), UNBENT, tuple(kept)))
    desk.say(f"what moved {len(asked)} questions")
    return dict(zip(asked, desk.between(*sides).explained(), strict=True))


def _again(desk: Desk, fitters: dict[str, Quick], model: Fitted, panel: xr.Dataset, day: date) -> xr.DataTree:
    """Draw quickly from a model of what came before a day, beginning where its last such fit ended, or its newest."""
    item = model.spec
    if item.digest not in fitters:
        start = fitting.newest(desk.shelf, item)[1]
        # A mode has no draws that could be weighed forward.
        fitters[item.digest] = Quick(starts={item.name: start} if start else {}, modes={})
    desk.say(f"{item.name}: fitting what came before {day}")
    return fitters[item.digest](model.family, panel, item, model.seed)
