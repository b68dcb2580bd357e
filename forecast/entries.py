"""What stands in the book, from values and back to them: questions, specs, forecasts, and how questions came out."""

import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from pydantic import TypeAdapter

from forecast import conditions
from forecast.events import Snapshot
from forecast.ledger import Entry, Row, canonical, digest
from forecast.questions import Forecast, Question, Resolution
from forecast.spec import Spec


def question(item: Question) -> Entry:
    """Write a question down: what it is, is its identity."""
    body = _plain(asdict(item))
    return Entry("question", body, body)


def read_question(row: Row) -> Question:
    """Read a question that was written down."""
    found: Question = _reader(Question).validate_python(row.says)
    return found


def spec(item: Spec) -> Entry:
    """Write a model down, by what it says; in the order in which it says it, which is that of its parameters."""
    says = json.dumps(_plain(asdict(item)), ensure_ascii=False, allow_nan=False)
    return Entry("spec", {"digest": item.digest}, {"name": item.name, "digest": item.digest, "says": says})


def read_spec(row: Row) -> Spec:
    """Read a model that was written down."""
    found: Spec = _reader(Spec).validate_json(row.says["says"])
    return found


@cache
def _reader(kind: type) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def forecast(one: Forecast, brief: str, made_of: Mapping[str, Any]) -> Entry:
    """Write a forecast down; of a question there is one for each brief and day: what was said first stands.

    Parameters
    ----------
    one : Forecast
        As published, with what the models said.
    brief : str
    made_of : mapping
        Digests of specs, data and program, how models were fitted, the machine, how many futures, and how many draws
        they are worth at least.
    """
    key = {"question": question(one.question).id, "as_of": one.as_of.isoformat(), "brief": brief}
    said = {name: value for name, value in _plain(asdict(one)).items() if name != "question"}
    return Entry("forecast", key, {**key, **said, **made_of})


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
        kept = np.flatnonzero(item.window.covers(rows) & conditions.matching(rows, rule.where))
        if len(kept):  # most questions read nothing, and selecting is slow
            read = rows[columns].iloc[kept]
            found |= {canonical([str(cell) for cell in row]) for row in read.itertuples(index=False)}
    return sorted(found)


def _plain(value: Any) -> Any:
    """Write a value as JSON has it."""
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(cell) for key, cell in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(cell) for cell in value]
    return value.isoformat() if isinstance(value, date) else value
