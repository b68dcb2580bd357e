"""One rule, read everywhere: on the record, in futures, over trailing windows.

A rule reads a number off the events in a half-open window `[opens, closes)` and may compare it with
a threshold. Each measure is a small summary that can be cut: the summary of a window is the join of
the summaries of its parts, so what has happened and what is simulated are read by the same words.
"""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast import standing
from forecast.conditions import Limits, Where, matching
from forecast.errors import UsageError, look_alike
from forecast.events import Futures, Snapshot, day
from forecast.summary import Summary, summarise

TRADING_DAYS = 252
Measure = Literal["count", "sum", "max", "min", "first", "last", "change", "rise", "fall", "volatility", "standing"]
RELATIVE = ("change", "rise", "fall")
OPERATORS = {">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt}


@dataclass(frozen=True)
class Rule:
    """What to read, off which events, and the comparison that makes it a yes or no.

    Parameters
    ----------
    measure : str
        count (occurrences), sum, max, min, last (of value), first (days from opening to the first
        event), change, rise, fall (last, highest, lowest value against the last one known at
        opening, minus 1), volatility (root mean square of daily log returns times sqrt(252)), standing (the values of
        what is under way on the last day, added up).
    where : mapping
        column -> accepted values or `Limits`; `kind` must be among them.
    op : str
        Comparison with the threshold.
    threshold : float
        In the unit of the measure.
    lasts : str
        Of `standing`: the column that says how many days an event lasts.
    """

    measure: Measure
    where: Where
    op: Literal[">=", ">", "<=", "<"] = ">="
    threshold: float = 1.0
    lasts: str = ""

    __pydantic_config__ = {"extra": "forbid"}

    def __post_init__(self) -> None:
        if not isinstance(self.where.get("kind"), tuple):
            raise ValueError("a rule needs `where.kind`, one kind or a list of kinds")
        if bool(self.lasts) != (self.measure == "standing"):
            raise ValueError(
                "the measure `standing`, and no other, needs `lasts`, the column with days that events last"
            )

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of event that the rule reads."""
        kinds = self.where["kind"]
        return () if isinstance(kinds, Limits) else tuple(str(kind) for kind in kinds)

    def holds(self, numbers: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Compare numbers with the threshold; an empty reading (NaN) does not hold."""
        answer: NDArray[np.bool_] = OPERATORS[self.op](numbers, self.threshold)
        return answer


@dataclass(frozen=True)
class Window:
    """A half-open stretch of days `[opens, closes)`."""

    opens: date
    closes: date
    days: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "days", (self.closes - self.opens).days)

    def covers(self, rows: pd.DataFrame) -> NDArray[np.bool_]:
        """Mark the rows whose event lies in the window."""
        at = rows["event_at"].to_numpy("datetime64[us]").view(np.int64)  # numbers compare faster than dates
        inside: NDArray[np.bool_] = (at >= day(self.opens).view(np.int64)) & (at < day(self.closes).view(np.int64))
        return inside


@dataclass(frozen=True)
class _Rows:
    """Which rows of frames a rule reads; columns are taken as they are needed: tables are wide, and questions many."""

    frames: Sequence[pd.DataFrame]
    kept: Sequence[NDArray[np.intp]]

    def __getitem__(self, column: str) -> NDArray[Any]:
        parts = [frame[column].to_numpy()[at] for frame, at in zip(self.frames, self.kept, strict=True)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _read(frames: Sequence[pd.DataFrame], rule: Rule, *among: Callable[[pd.DataFrame], NDArray[np.bool_]]) -> _Rows:
    for rows in frames:
        if rule.lasts and rule.lasts not in rows:
            what = f"nothing says how long these events last: they have no column `{rule.lasts}`"
            raise UsageError(what, hint=look_alike(rule.lasts, rows.columns))
    marks = [[matching(rows, rule.where), *(mark(rows) for mark in among)] for rows in frames]
    return _Rows(frames, [np.flatnonzero(np.logical_and.reduce(marked)) for marked in marks])


def _summary(rows: _Rows, draw: NDArray[np.int64], draws: int, origin: date) -> Summary:
    since = rows["event_at"].astype("datetime64[us]", copy=False) - day(origin)
    return summarise(draw, since, rows["value"].astype(float, copy=False), rows["n"].astype(float), draws)


def _answer(rule: Rule, inside: Summary, base: NDArray[np.float64] | float = np.nan) -> NDArray[np.float64]:
    """Read the measure off a summary: events count 0 where there are none, values are NaN."""
    if rule.measure == "volatility":
        returns = inside.returns()
        return np.asarray(np.sqrt(TRADING_DAYS * (inside.squares() / np.where(returns > 0, returns, np.nan))))
    number = {
        "count": inside.count,
        "sum": inside.total,
        "first": inside.first_day,
        "max": inside.high,
        "min": inside.low,
        "last": inside.last_value,
        "rise": inside.high,
        "fall": inside.low,
        "change": inside.last_value,
    }[rule.measure]()
    if rule.measure in RELATIVE:
        number = number / base - 1
    return number if rule.measure in ("count", "sum", "first") else np.where(np.isfinite(number), number, np.nan)


def on_record(rule: Rule, snapshot: Snapshot, opens: Sequence[date], days: int) -> NDArray[np.float64]:
    """Read a rule off what the snapshot holds, in windows that do not overlap.

    Parameters
    ----------
    rule : Rule
    snapshot : Snapshot
    opens : sequence of date, shape (windows,)
        First day of each window, in order.
    days : int
        Length of every window.

    Returns
    -------
    array, shape (windows,)
        NaN where a value is asked and there is none, or where ends that are not on record would decide.
    """
    rows = _read([snapshot.of_kind(rule.kinds)], rule)
    starts = np.array(opens, dtype="datetime64[us]")
    if rule.measure == "standing":
        return _standing(rule, rows, [start + timedelta(days=days - 1) for start in opens])
    at = rows["event_at"].astype("datetime64[us]")
    window = np.searchsorted(starts, at, "right") - 1
    inside = (window >= 0) & (at < starts[window] + np.timedelta64(days, "D"))
    since, value, n = at - starts[window], rows["value"].astype(float), rows["n"].astype(float)
    read = summarise(window[inside], since[inside], value[inside], n[inside], len(starts))
    return _answer(rule, read, _last_known(rows, starts))


def _standing(rule: Rule, rows: _Rows, on: Sequence[date]) -> NDArray[np.float64]:
    """Add up what is under way on some days; NaN where the rule holds for what may be and not for what is certain."""
    begun = rows["event_at"].astype("datetime64[D]").astype(float)
    days = np.array(on, dtype="datetime64[D]").astype(float)
    least, most = standing.on_record(begun, _lasts(rule, rows), rows["value"].astype(float), days)
    return np.where(rule.holds(least) == rule.holds(most), least, np.nan)


def _standing_in_futures(rule: Rule, rows: _Rows, window: Window, draws: int) -> NDArray[np.float64]:
    last = day(window.closes) - np.timedelta64(1, "D")
    age = (last - rows["event_at"].astype("datetime64[us]")) / np.timedelta64(1, "D")
    return standing.in_futures(rows["draw"], age, _lasts(rule, rows), rows["value"].astype(float), draws)


def _lasts(rule: Rule, rows: _Rows) -> NDArray[np.float64]:
    return np.asarray(pd.to_numeric(rows[rule.lasts]), dtype=float)


def _last_known(rows: _Rows, starts: NDArray[np.datetime64]) -> NDArray[np.float64]:
    """Find the value of the latest event known before each day; NaN where there is none."""
    known = rows["known_at"].astype("datetime64[us]")
    order = np.argsort(known, kind="stable")
    values = np.concatenate([[np.nan], rows["value"].astype(float)[order]])
    return np.asarray(values[np.searchsorted(known[order], starts, "left")])


def in_futures(rule: Rule, snapshot: Snapshot, futures: Futures, window: Window) -> NDArray[np.float64]:
    """Read a rule in every future, the part of the window that is already past included.

    Returns
    -------
    array, shape (draws,)
        The rule's number in each future.
    """
    frames = futures.of_kind(rule.kinds)
    if rule.measure == "standing":
        begins, before = _read(frames, rule), _read(futures.still_under_way(rule.kinds), rule)
        both = _Rows([*begins.frames, *before.frames], [*begins.kept, *before.kept])
        return _standing_in_futures(rule, both, window, futures.draws)
    past = [snapshot.of_kind(rule.kinds)]
    happened, coming = (_read(rows, rule, window.covers) for rows in (past, frames))
    so_far = _summary(happened, np.zeros(len(happened["value"]), np.int64), 1, window.opens)
    read = so_far.join(_summary(coming, coming["draw"], futures.draws, window.opens))
    if rule.measure not in RELATIVE:
        return _answer(rule, read)
    opens = day(window.opens)
    base = _last_known(_read(past, rule), np.array([opens]))
    if window.opens > snapshot.as_of:
        earlier = _read(frames, rule, lambda frame: _known_at(frame) < opens)
        later = _summary(earlier, earlier["draw"], futures.draws, window.opens).last_value()
        base = np.where(np.isfinite(later), later, base)
    return _answer(rule, read, base)


class Readings:
    """What rules read in some futures: the same number is read once, whatever it is compared with.

    Parameters
    ----------
    snapshot : Snapshot
    futures : Futures
    """

    def __init__(self, snapshot: Snapshot, futures: Futures) -> None:
        self.snapshot, self.futures = snapshot, futures
        self._read: dict[tuple[Any, ...], NDArray[np.float64]] = {}

    def __call__(self, rule: Rule, window: Window) -> NDArray[np.float64]:
        """Read a rule in every future; see `in_futures`."""
        where = tuple(sorted(rule.where.items(), key=lambda condition: condition[0]))
        key = (rule.measure, rule.lasts, where, window)
        if key not in self._read:
            self._read[key] = in_futures(rule, self.snapshot, self.futures, window)
        return self._read[key]


def _known_at(rows: pd.DataFrame) -> NDArray[np.datetime64]:
    return rows["known_at" if "known_at" in rows else "event_at"].to_numpy("datetime64[us]")


def trailing(rule: Rule, rows: pd.DataFrame, ends: pd.DatetimeIndex, days: int) -> NDArray[np.float64]:
    """Read a counting rule over the window of `days` days before each end, by knowledge time.

    Parameters
    ----------
    rule : Rule
        Its measure must be count or sum.
    rows : DataFrame
        Events of the rule's kinds.
    ends : DatetimeIndex, shape (times,)
        Each window is `[end - days, end)`; an event counts from the later of the day it happened
        and the day it was known.
    days : int
        Length of the window in days.

    Returns
    -------
    array, shape (times,)
    """
    if rule.measure not in ("count", "sum"):
        raise UsageError(f"a trailing window cannot read `{rule.measure}`", hint="use count or sum")
    read = _read([rows], rule)
    seen = np.maximum(read["event_at"], read["known_at"]).astype("datetime64[us]")
    weight = read["n"].astype(float) * (read["value"].astype(float) if rule.measure == "sum" else 1.0)
    order = np.argsort(seen, kind="stable")
    seen, total = seen[order], np.concatenate([[0.0], np.cumsum(weight[order])])
    stop = ends.to_numpy("datetime64[us]")
    start = stop - np.timedelta64(days, "D")
    return np.asarray(total[np.searchsorted(seen, stop, "left")] - total[np.searchsorted(seen, start, "left")])
