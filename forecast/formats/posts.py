"""Questions and what was said of them in the shape of a Metaculus post, for platforms that take it: `questions.json`.

A post there holds a question: its title, how it resolves, when it opens, closes and resolves, how it did, and the
forecasts of who asks. Ids are ours, texts, for a platform gives its own.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Literal

from pydantic import TypeAdapter

from forecast.formats.issued import Issued
from forecast.notation import as_written
from forecast.register import End

Status = Literal["upcoming", "open", "closed", "resolved"]


@dataclass(frozen=True)
class Said:
    """A forecast: from when it stands, and the probabilities of no and of yes."""

    start_time: datetime
    forecast_values: tuple[float, float]


@dataclass(frozen=True)
class Forecasts:
    """What was said, the last of it first."""

    latest: Said


@dataclass(frozen=True)
class Asked:
    """A question with the answers yes and no.

    Parameters
    ----------
    title, description, resolution_criteria, fine_print : str
    open_time, scheduled_close_time, scheduled_resolve_time : datetime
        When its window opens and closes, the closing instant out, and from when it can be settled.
    actual_resolve_time : datetime or None
    resolution : str or None
        `annulled` is void.
    my_forecasts : Forecasts
        What this program says.
    """

    title: str
    type: Literal["binary"]
    description: str
    resolution_criteria: str
    fine_print: str
    open_time: datetime
    scheduled_close_time: datetime
    scheduled_resolve_time: datetime
    actual_resolve_time: datetime | None
    resolution: Literal["yes", "no", "annulled"] | None
    my_forecasts: Forecasts


@dataclass(frozen=True)
class Post:
    """A question as it is posted; `id` is that of the question in its brief."""

    id: str
    title: str
    published_at: datetime
    status: Status
    scheduled_close_time: datetime
    scheduled_resolve_time: datetime
    question: Asked


Posts = tuple[Post, ...]


def document(issued: Sequence[Issued], ends: Mapping[str, End]) -> bytes:
    """Write questions and the forecasts of them as one JSON document: the same bytes for the same book.

    Parameters
    ----------
    issued : sequence of Issued
    ends : mapping of str to End
        How questions came out, by their id in the book.
    """
    posts = tuple(_post(one, ends.get(one.question)) for one in issued)
    plain = TypeAdapter(Posts).dump_python(posts, mode="json")
    return (json.dumps(plain, ensure_ascii=False, allow_nan=False, indent=1, sort_keys=True) + "\n").encode()


def _post(one: Issued, end: End | None) -> Post:
    asked = one.asked
    closes, resolves = _instant(asked.closes), _instant(asked.settles)
    question = Asked(
        title=asked.text,
        type="binary",
        description=f"{asked.group}, {asked.domain}; forecast by {one.brief} as of {one.as_of}.",
        resolution_criteria=_criteria(one),
        fine_print=asked.caveat,
        open_time=_instant(asked.opens),
        scheduled_close_time=closes,
        scheduled_resolve_time=resolves,
        actual_resolve_time=None if end is None else _instant(end.on),
        resolution=None if end is None else "annulled" if end.outcome is None else "yes" if end.outcome else "no",
        my_forecasts=Forecasts(Said(one.written_at, (1 - one.probability, one.probability))),
    )
    return Post(asked.id, asked.text, one.written_at, _status(one, end), closes, resolves, question)


def _criteria(one: Issued) -> str:
    """Say how it resolves, so that somebody else could."""
    asked = one.asked
    rules = " and ".join(as_written(rule) for rule in asked.rules)
    return (
        f"Yes if, over the events from {asked.opens} to the day before {asked.closes}, this holds: {rules}. Read off"
        f" the record as it was known on {asked.settles}. Annulled if the record cannot decide."
    )


def _status(one: Issued, end: End | None) -> Status:
    """Say where the question was when the forecast was written, or that it has come out since."""
    if end is not None:
        return "resolved"
    on = one.written_at.date()
    return "upcoming" if on < one.asked.opens else "open" if on < one.asked.closes else "closed"


def _instant(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
