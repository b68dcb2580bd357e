"""What stands in the book, from values and back to them: questions, specs, forecasts, and how questions came out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd
from pydantic import TypeAdapter

from forecast import conditions
from forecast.events import Snapshot
from forecast.ledger import Entry, Row, canonical, digest
from forecast.questions import Forecast, Question, Resolution
from forecast.spec import Spec

GRACE = timedelta(days=7)  # after a window opens, in which what was said of it still counts as said before


@dataclass(frozen=True)
class Scored:
    """A forecast in the book whose question has come out.

    Parameters
    ----------
    question : Question
    says : mapping
        The forecast's body.
    family : str
        The models that it came from.
    live : bool
        Whether it was written before its window had been open for a week; else it is a backtest.
    outcome : bool or None
        None if void.
    settled_at : date
        The day of the record by which it was settled, or made void.
    """

    question: Question
    says: Mapping[str, Any]
    family: str
    live: bool
    outcome: bool | None
    settled_at: date


def question(item: Question) -> Entry:
    """Write a question down: what it is, is its identity."""
    body = _plain(asdict(item))
    return Entry("question", body, body)


def read_question(row: Row) -> Question:
    """Read a question that was written down."""
    return TypeAdapter(Question).validate_python(row.says)


def spec(item: Spec) -> Entry:
    """Write a model down, by what it says."""
    return Entry("spec", {"digest": item.digest}, {"name": item.name, "digest": item.digest, "says": repr(item)})


def forecast(
    one: Forecast, published: tuple[float, tuple[float, float]], brief: str, made_of: Mapping[str, Any]
) -> Entry:
    """Write a forecast down; of a question there is one for each brief and day: what was said first stands.

    Parameters
    ----------
    one : Forecast
        As the models have it.
    published : (float, (float, float))
        Probability and interval after what was learned from earlier ones.
    brief : str
    made_of : mapping
        Digests of specs, data and program, and how many futures.
    """
    key = {"question": question(one.question).id, "as_of": one.as_of.isoformat(), "brief": brief}
    said = {name: value for name, value in _plain(asdict(one)).items() if name not in ("question", "interval")}
    probability, interval = published
    body = {**key, **said, "raw": one.probability, "raw_interval": list(one.interval), **made_of}
    return Entry("forecast", key, {**body, "probability": probability, "interval": list(interval)})


def resolution(found: Resolution, evidence: Snapshot) -> Entry:
    """Write down how a question came out, with the digest of the rows that it was read off."""
    key = {"question": question(found.question).id}
    rows = _evidence(found.question, evidence)
    body = {
        "outcome": found.outcome,
        "numbers": [number if pd.notna(number) else None for number in found.numbers],
        "reason": found.reason,
        "settled_at": found.settled_at.isoformat(),
        "evidence": digest(canonical(rows)),
        "rows": len(rows),
    }
    return Entry("resolution", key, {**key, **body})


def void(question_id: str, because: str, on: date) -> Entry:
    """Write down that a question is void from a day on, and why."""
    key = {"question": question_id}
    return Entry("void", key, {**key, "because": because, "settled_at": on.isoformat()})


def _evidence(item: Question, snapshot: Snapshot) -> list[str]:
    """List the rows that a question's rules read, as one text each, in one order."""
    columns, found = ["source", "record", "revision", "kind", "entity", "event_at", "value", "n"], set[str]()
    for rule in item.rules:
        rows = snapshot.of_kind(rule.kinds)
        rows = rows[conditions.matching(rows, rule.where) & item.window.covers(rows)]
        found |= {canonical([str(cell) for cell in row]) for row in rows[columns].itertuples(index=False)}
    return sorted(found)


def scored(rows: Iterable[Row], as_of: date | None = None) -> list[Scored]:
    """Join forecasts with how their questions came out by a day; by now if none is given.

    A question that was made void is void, however its rule came out.
    """
    by_kind: dict[str, list[Row]] = {}
    for row in rows:
        by_kind.setdefault(row.kind, []).append(row)
    asked = {row.id: row for row in by_kind.get("question", [])}
    ends = {row.says["question"]: row.says for kind in ("resolution", "void") for row in by_kind.get(kind, [])}
    found = []
    for row in by_kind.get("forecast", []):
        says = row.says
        end = ends.get(says["question"])
        if end is None or (as_of is not None and date.fromisoformat(end["settled_at"]) > as_of):
            continue
        item = read_question(asked[says["question"]])
        live = date.fromisoformat(row.written_at[:10]) <= item.opens + GRACE and item.written <= item.opens + GRACE
        settled = date.fromisoformat(end["settled_at"])
        found.append(Scored(item, says, "+".join(says["models"]), live, end.get("outcome"), settled))
    return found


def unsettled(rows: Sequence[Row]) -> list[Question]:
    """List the questions that were forecast and neither came out nor are void."""
    ends = {row.says["question"] for row in rows if row.kind in ("resolution", "void")}
    asked = {row.says["question"] for row in rows if row.kind == "forecast"}
    return [read_question(row) for row in rows if row.kind == "question" and row.id in asked - ends]


def _plain(value: Any) -> Any:
    """Write a value as JSON has it."""
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(cell) for key, cell in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(cell) for cell in value]
    return value.isoformat() if isinstance(value, date) else value
