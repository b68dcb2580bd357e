"""Two reports side by side: which questions are the same in both, and how far each of them moved."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from forecast import questions
from forecast.errors import UsageError
from forecast.language import say
from forecast.report import words
from forecast.report.document import SCHEMA_VERSION

Stated = Mapping[str, Any]  # a forecast, or a whole report, as report.json states it
POINT = 0.01


@dataclass(frozen=True)
class Both:
    """A question that two reports answer, as each of them states it."""

    before: Stated
    after: Stated

    @property
    def move(self) -> float:
        """How far its probability moved."""
        return float(self.after["probability"] - self.before["probability"])

    @property
    def name(self) -> str:
        """Its name, with how far ahead it asks if that is the same in both, or else its last day."""
        ahead = days(self.after) if days(self.before) == days(self.after) else None
        return say("compare-name-ahead", question=called(self.after), days=ahead) if ahead else dated(self.after)

    @property
    def overlap(self) -> bool:
        """Whether its two intervals have anything in common."""
        (low, high), (other_low, other_high) = self.before["interval"], self.after["interval"]
        return bool(low <= other_high and other_low <= high)


@dataclass(frozen=True)
class Compared:
    """Two reports, and what became of their questions.

    Parameters
    ----------
    old, new : mapping
        The reports.
    both : tuple of Both
        The same in both, largest move first.
    other : tuple of Both
        Called the same, but what they ask is no longer the same.
    gone, added : tuple of mapping
        In one of them only.
    """

    old: Stated
    new: Stated
    both: tuple[Both, ...]
    other: tuple[Both, ...]
    gone: tuple[Stated, ...]
    added: tuple[Stated, ...]

    @property
    def ends(self) -> tuple[date, date]:
        """As-of days of the two."""
        return date.fromisoformat(self.old["as_of"]), date.fromisoformat(self.new["as_of"])


def compare(old: Stated, new: Stated) -> Compared:
    """Match the questions of two reports.

    Raises
    ------
    UsageError
        If one is of another version of the format, or no question is in both.
    """
    for one in (old, new):
        _readable(one)
    before, after = ({series(one): one for one in report["forecasts"]} for report in (old, new))
    pairs = [Both(before[key], one) for key, one in after.items() if key in before]
    same = [one for one in pairs if _asks(one.before) == _asks(one.after)]
    if not same:
        what = f"no question is in both {_titled(old)} and {_titled(new)}"
        raise UsageError(what, hint="compare two reports of one brief")
    return Compared(
        old=old,
        new=new,
        both=tuple(sorted(same, key=lambda one: -abs(one.move))),
        other=tuple(one for one in pairs if _asks(one.before) != _asks(one.after)),
        gone=tuple(one for key, one in before.items() if key not in after),
        added=tuple(one for key, one in after.items() if key not in before),
    )


def _readable(report: Stated) -> None:
    version = report.get("schema_version")
    if version != SCHEMA_VERSION:
        what = f"a report has version {version} of its format, and this program compares those of {SCHEMA_VERSION}"
        raise UsageError(what, str(report.get("title", "")), hint="make it again with forecast run")
    lacking = [key for key in _schema()["required"] if key not in report]
    required = _schema()["$defs"]["forecast"]["required"]
    lacking += [f"forecasts: {key}" for key in required if any(key not in one for one in report.get("forecasts", ()))]
    if lacking:
        raise UsageError("this report is not whole", str(report.get("title", "")), f"it lacks {words.listed(lacking)}")
    if not report["forecasts"]:
        raise UsageError(f"{_titled(report)} holds no forecasts", why="a model was refused", hint="compare another one")


@cache
def _schema() -> Any:
    return json.loads(files("forecast.report").joinpath("report.schema.json").read_text(encoding="utf-8"))


def _titled(report: Stated) -> str:
    return f"“{report['title']}” as of {report['as_of']}"


def recurs(one: Stated) -> bool:
    """Whether a question is asked anew each time."""
    return questions.recurs(one["id"], date.fromisoformat(one["opens"]))


def series(one: Stated) -> str:
    """What is asked, whatever the day."""
    return questions.series(one["id"], date.fromisoformat(one["opens"]))


def days(one: Stated) -> int | None:
    """How long the window of a question is that is asked anew each time; None of others."""
    length = date.fromisoformat(one["closes"]) - date.fromisoformat(one["opens"])
    return length.days if recurs(one) else None


def _asks(one: Stated) -> tuple[str, ...]:
    """What settles a question: its rule, and where that is fixed its window."""
    return (one["rule"],) if recurs(one) else (one["rule"], one["opens"], one["closes"])


def last_day(one: Stated) -> str:
    """Write the last day of a question's window."""
    return words.prose_date(date.fromisoformat(one["closes"]) - timedelta(days=1))


def called(one: Stated) -> str:
    """Name a question as its report does."""
    return str(one.get("label") or one["text"])


def dated(one: Stated) -> str:
    """Name a question with its last day."""
    return say("compare-name-by", question=called(one), day=last_day(one))
