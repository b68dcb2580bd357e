"""From rules to answers: how a question came out, and how probable it is over simulated futures."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from forecast import conditions, rules, shares, templates
from forecast.conditions import Where
from forecast.errors import UsageError, look_alike
from forecast.events import Futures, Snapshot, day
from forecast.questions import Forecast, Outcome, Question, Resolution
from forecast.rules import Readings, Rule
from forecast.templates import QuestionSet, Template, Until

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
VAGUE = {"month": pd.DateOffset(months=1), "year": pd.DateOffset(years=1)}
EVENTS = ("count", "sum", "first", "max", "min")  # measures of single events rather than of a series


def resolve(question: Question, snapshot: Snapshot) -> Resolution:
    """Settle a question on the record.

    Raises
    ------
    UsageError
        If the snapshot was taken before the question's record could be complete.
    """
    due = question.settles
    if snapshot.as_of < due:
        raise UsageError(
            f"`{question.id}` cannot be settled before {due}", hint=f"take a snapshot as of {due} or later"
        )
    readings = _readings(question, snapshot, [question.opens], question.window.days)
    holds, settled = _judged(question, readings)
    if not settled[0]:
        return Resolution(question, None, snapshot.as_of, "void: ends that are not on record would decide")
    if _vague_dates_decide(question, snapshot):
        return Resolution(question, None, snapshot.as_of, "void: events dated to a month or a year only would decide")
    numbers = tuple(float(read[0]) for read in readings)
    told = ", ".join(f"{rule.measure} = {number:g}" for rule, number in zip(question.rules, numbers, strict=True))
    return Resolution(question, bool(holds[0]), snapshot.as_of, told, numbers)


def _vague_dates_decide(question: Question, snapshot: Snapshot) -> bool:
    """Tell whether it matters if all events that may or may not lie in the window are put inside it, or left out."""
    rows = snapshot.of_kind(question.kinds)
    opens, closes = day(question.opens), day(question.closes)
    edge = _at_edge(rows, opens, closes)
    if not edge.any() or not any(conditions.matching(rows, rule.where)[edge].any() for rule in question.rules):
        return False
    first = rows["event_at"]
    inside = rows.assign(event_at=first.where(~edge | (first >= opens).to_numpy(), opens))
    placed = (replace(snapshot, events=events) for events in (inside, rows[~edge]))
    one, other = (on_record(question, each, [question.opens], question.window.days)[0][0] for each in placed)
    return bool(one != other)


def _at_edge(rows: pd.DataFrame, opens: np.datetime64, closes: np.datetime64) -> NDArray[np.bool_]:
    """Mark events dated to a month or year of which a part lies in the window, and a part does not."""
    found = np.zeros(len(rows), dtype=bool)
    vague = np.flatnonzero(rows["precision"].isin(list(VAGUE)).to_numpy())
    if not len(vague):
        return found
    precisions = rows["precision"].to_numpy()[vague]
    for precision, step in VAGUE.items():
        places = vague[precisions == precision]
        first = pd.DatetimeIndex(rows["event_at"].to_numpy()[places])
        last = first + step - pd.Timedelta(days=1)
        found[places] = (first < closes) & (last >= opens) & ((first < opens) | (last >= closes))
    return found


def outcomes(forecasts: Sequence[Forecast], later: Snapshot) -> tuple[Outcome, ...]:
    """Settle the forecasts whose questions can be by a later snapshot, and score them beside their base rates."""
    found = []
    for one in forecasts:
        if one.question.settles <= later.as_of:
            resolution = resolve(one.question, later)
            truth = resolution.outcome
            scores = (None, None) if truth is None else tuple((p - truth) ** 2 for p in (one.probability, one.baseline))
            found.append(Outcome(one, resolution, *scores))
    return tuple(found)


def on_record(
    question: Question, snapshot: Snapshot, opens: Sequence[date], days: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Read a question in windows of the record: whether it held, and whether the record settles it."""
    return _judged(question, _readings(question, snapshot, opens, days))


def _readings(question: Question, snapshot: Snapshot, opens: Sequence[date], days: int) -> list[NDArray[np.float64]]:
    return [rules.on_record(rule, snapshot, opens, days) for rule in question.rules]


def _judged(question: Question, readings: Sequence[NDArray[np.float64]]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    pairs = list(zip(question.rules, readings, strict=True))
    holds = np.logical_and.reduce([rule.holds(read) for rule, read in pairs])
    return holds, np.logical_and.reduce([_settled(rule, read) for rule, read in pairs])


def _settled(rule: Rule, numbers: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Mark the readings of the record that settle a question; where it is void, `standing` reads NaN."""
    return np.isfinite(numbers) | (rule.measure != "standing")


def past_opens(snapshot: Snapshot, since: date, days: int) -> list[date]:
    """List the first days of the windows of some length that end on the as-of day and before, oldest first."""
    count = (snapshot.as_of - since).days // days
    return [snapshot.as_of - timedelta(days=days * back) for back in range(count, 0, -1)]


def past_windows(rule: Rule, snapshot: Snapshot, since: date, days: int) -> tuple[list[date], NDArray[np.float64]]:
    """Read a rule in the windows of the same length that end on the as-of day and before.

    Returns
    -------
    opens : list of date
        First day of each window, oldest first.
    numbers : array, shape (windows,)
    """
    opens = past_opens(snapshot, since, days)
    return opens, rules.on_record(rule, snapshot, opens, days) if opens else np.empty(0)


def base_rate(question: Question, snapshot: Snapshot, since: date) -> tuple[int, int]:
    """Count in how many of how many past windows of the same length a question held, void ones left out."""
    opens = past_opens(snapshot, since, question.window.days)
    if not opens:
        return 0, 0
    holds, settled = on_record(question, snapshot, opens, question.window.days)
    return int(holds[settled].sum()), int(settled.sum())


def unseen(sought: Sequence[Where], snapshot: Snapshot) -> list[str]:
    """Name the values that conditions ask for and no event on record has: they may be misspelt, or new."""
    found = []
    for where in sought:
        lists = {column: cells for column, cells in where.items() if isinstance(cells, tuple)}
        kinds = tuple(str(kind) for kind in lists.pop("kind"))
        rows = snapshot.of_kind(kinds)
        for column, cells in lists.items():
            values = set(rows[column]) if column in rows else set()
            for cell in cells if values else ():
                if cell not in values:
                    what = f"no {' or '.join(kinds)} on record has {column} = {cell}"
                    found.append(f"{what}; {look_alike(str(cell), map(str, values))}")
    return list(dict.fromkeys(found))


def share(held: int, windows: int) -> tuple[float, tuple[float, float]]:
    """Give the probability that past windows suggest, and its 90 % interval; Jeffreys' prior stands before them."""
    low, high = stats.beta.ppf(shares.LEVELS, held + 0.5, windows - held + 0.5)
    return (held + 0.5) / (windows + 1), (float(low), float(high))


def like(rule: Rule, snapshot: Snapshot, since: date) -> int | None:
    """Count past events like those that a rule reads, large enough where it asks for one; None if it reads a series."""
    if rule.measure not in EVENTS:
        return None
    rows = snapshot.of_kind(rule.kinds)
    at = rows["event_at"].to_numpy()
    some = conditions.matching(rows, rule.where) & (at >= day(since)) & (at < day(snapshot.as_of))
    if rule.measure in ("max", "min"):
        some &= rule.holds(rows["value"].to_numpy(float))
    return int(rows["n"].to_numpy()[some].sum())


def held(question: Question, readings: Readings) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Read a question in every future: the number of its rule, and whether it and what is asked beside it hold."""
    numbers = readings(question.rule, question.window)
    holds = question.rule.holds(numbers)
    for rule in question.also:
        holds = holds & rule.holds(readings(rule, question.window))
    return numbers, holds


def worth(question: Question, futures: Futures) -> float | None:
    """Say how many independent windows stand behind futures that replay a record; None where none does."""
    records = [futures.record_days[kind] for kind in question.kinds if kind in futures.record_days]
    return min(records) / max(question.window.days, 1) if records else None


def probability(question: Question, futures: Futures, holds: NDArray[np.bool_]) -> tuple[float, tuple[float, float]]:
    """Turn the futures in which a question holds into its probability and the 90 % interval: see `shares`."""
    return shares.probability(holds, futures.parameters, worth(question, futures))


def quantiles(numbers: NDArray[np.float64]) -> dict[str, float]:
    """Read the 5, 25, 50, 75 and 95 % quantiles; a future without a value counts as 0."""
    known = np.where(np.isfinite(numbers), numbers, 0.0)
    return {f"{level:.0%}": float(value) for level, value in zip(QUANTILES, np.quantile(known, QUANTILES), strict=True)}


def unfold(questions: QuestionSet, snapshot: Snapshot) -> list[Question]:
    """Make plain questions of a set: fixed ones, and templates opened on the as-of day."""
    found = [question for template in questions.template for question in _of_template(template, snapshot)]
    return found + [templates.dated(item, snapshot.as_of) for item in questions.question]


def distinct(questions: Sequence[Question]) -> list[Question]:
    """Keep the first of questions that ask the same: their forecasts would be one."""
    found: dict[tuple[Any, ...], Question] = {}
    for question in questions:
        found.setdefault(question.asks, question)
    return list(found.values())


def _of_template(template: Template, snapshot: Snapshot) -> list[Question]:
    choices: list[tuple[Template, dict[str, Any]]] = [(template, {})]
    if template.over:
        choices = [_for_entity(template, snapshot, entity) for entity in entities(template, snapshot)]
    elif template.each:
        choices = [_for_value(template, template.each.column, *pair) for pair in template.each.names.items()]
    return [
        templates.plain(chosen, snapshot.as_of, threshold, days, {**labels, **until})
        for chosen, labels in choices
        if chosen.rule.kinds
        for threshold in template.thresholds
        for days, until in _spans(template, snapshot, labels)
    ]


def _spans(template: Template, snapshot: Snapshot, labels: dict[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    """List the lengths of windows to ask about; a deadline that is as far as a horizon stands in its place."""
    due = deadline(template.until, snapshot, labels["entity"]) if template.until else None
    if due is None or due < snapshot.as_of:
        return [(days, {}) for days in template.horizons]
    until = (due - snapshot.as_of).days + 1
    return [(days, {}) for days in template.horizons if days != until] + [(until, {"until": due})]


def deadline(until: Until, snapshot: Snapshot, entity: str) -> date | None:
    """Find the deadline of an entity that became known last; of several that did on one day, the latest.

    Raises
    ------
    UsageError
        If no event has the column that says when it is.
    """
    rows = snapshot.events
    if until.column not in rows:
        what = f"nothing says when the deadline is: these events have no column `{until.column}`"
        raise UsageError(what, hint=look_alike(until.column, rows.columns))
    mine = (rows["kind"] == until.kind).to_numpy() & (rows["entity"] == entity).to_numpy()
    known = rows.loc[mine].dropna(subset=[until.column]).sort_values(["known_at", until.column], kind="stable")
    return None if known.empty else pd.Timestamp(known[until.column].iloc[-1]).date()


def _for_value(template: Template, column: str, value: str, name: str) -> tuple[Template, dict[str, Any]]:
    """Narrow a template to one value of a column."""
    rule = templates.narrowed(template.rule, **{column: (value,)})
    return replace(template, rule=rule), {"entity": value, "name": name}


def entities(template: Template, snapshot: Snapshot) -> list[str]:
    """List the entities that a template goes over, as far as the snapshot knows; what is scheduled has not happened."""
    over = template.over
    assert over is not None
    rows = snapshot.events
    happened = rows[(rows["event_at"] < day(snapshot.as_of)).to_numpy()]
    found = set(happened.loc[conditions.matching(happened, over.where), "entity"])
    for lacking in over.lacking:
        found -= set(happened.loc[conditions.matching(happened, lacking), "entity"])
    cut = day(snapshot.as_of - timedelta(days=over.seen_within))
    recent = set(rows.loc[(rows["event_at"] >= cut).to_numpy(), "entity"])
    return sorted(found & recent)


def _for_entity(template: Template, snapshot: Snapshot, entity: str) -> tuple[Template, dict[str, Any]]:
    """Narrow a template to one entity, and to the steps of its ladder that are still ahead."""
    assert template.over is not None
    rows = snapshot.events[(snapshot.events["entity"] == entity).to_numpy()]
    ladder = template.over.ladder
    happened = rows[(rows["event_at"] < day(snapshot.as_of)).to_numpy()]
    reached = [step for step, kind in enumerate(ladder) if kind in set(happened["kind"])]
    ahead = ladder[max(reached) + 1 :] if reached else ladder
    kinds = tuple(kind for kind in template.rule.kinds if not ladder or kind in ahead)
    rule = templates.narrowed(template.rule, kind=kinds, entity=(entity,))
    labels: dict[str, Any] = {"entity": entity, "name": called(rows), "over": True}
    if ladder and kinds:
        labels["next"] = kinds[0].replace("_", " ")
    return replace(template, rule=rule), labels


def called(rows: pd.DataFrame) -> str:
    """Find the name of an entity in its rows; where there is none, the entity itself."""
    names = [str(name).strip() for name in rows.get("name", []) if str(name).strip()]
    return names[0] if names else str(rows["entity"].iloc[0])
