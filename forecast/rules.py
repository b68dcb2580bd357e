"""One rule, read everywhere: on the record, in futures, over trailing windows.

A rule reads a number off the events in a half-open window `[opens, closes)` and may compare it with
a threshold. Each measure is a small summary that can be cut: the summary of a window is the join of
the summaries of its parts, so what has happened and what is simulated are read by the same words.
"""

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BeforeValidator

from forecast import standing
from forecast.errors import UsageError, look_alike
from forecast.events import Futures, Snapshot, day
from forecast.summary import Summary, summarise

TRADING_DAYS = 252
Measure = Literal["count", "sum", "max", "min", "first", "last", "change", "rise", "fall", "volatility", "standing"]
RELATIVE = ("change", "rise", "fall")
OPERATORS = {">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt}
COLUMNS = ["draw", "event_at", "known_at", "value", "n"]  # what a measure is read from
Scalar = str | int | float | bool


@dataclass(frozen=True)
class Limits:
    """A condition on a column that is not a plain list: `not` these values, or within a range."""

    without: tuple[Scalar, ...] = ()
    low: float | None = None
    high: float | None = None

    __pydantic_config__ = {"extra": "forbid"}


def _listed(where: Any) -> Any:
    """Let `kind = "close"` stand for `kind = ["close"]`."""
    if not isinstance(where, dict):
        return where
    return {key: [cell] if isinstance(cell, Scalar) else cell for key, cell in where.items()}


Where = Annotated[Mapping[str, tuple[Scalar, ...] | Limits], BeforeValidator(_listed)]


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


def matching(rows: pd.DataFrame, where: Where) -> NDArray[np.bool_]:
    """Mark the rows that meet every condition.

    Raises
    ------
    UsageError
        If a condition names a column that the rows do not have.
    """
    keep = np.ones(len(rows), dtype=bool)
    for column, accepted in where.items():
        if column == "kind" and column not in rows:
            continue
        if column not in rows:
            raise UsageError(f"these events have no column `{column}`", hint=look_alike(column, rows.columns))
        cells = rows[column]
        if isinstance(accepted, Limits):
            if accepted.without:
                keep &= ~cells.isin(list(accepted.without)).to_numpy()
            if accepted.low is not None:
                keep &= (cells >= accepted.low).to_numpy()
            if accepted.high is not None:
                keep &= (cells < accepted.high).to_numpy()
        else:
            keep &= cells.isin(list(accepted)).to_numpy()
    return keep


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
        at = rows["event_at"]
        inside: NDArray[np.bool_] = ((at >= day(self.opens)) & (at < day(self.closes))).to_numpy()
        return inside


def _summary(rows: pd.DataFrame, draw: NDArray[np.int64], draws: int, origin: date) -> Summary:
    days = (rows["event_at"].to_numpy("datetime64[us]") - day(origin)) / np.timedelta64(1, "D")
    value, n = rows["value"].to_numpy(np.float64), rows["n"].to_numpy(np.float64)
    return summarise(draw, days, value, n, draws)


def _answer(rule: Rule, inside: Summary, base: NDArray[np.float64]) -> NDArray[np.float64]:
    """Read the measure off a summary: events count 0 where there are none, values are NaN."""
    if rule.measure == "volatility":
        mean_square = inside.squares / np.where(inside.returns > 0, inside.returns, np.nan)
        return np.asarray(np.sqrt(TRADING_DAYS * mean_square))
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
    }[rule.measure]
    if rule.measure in RELATIVE:
        number = number / base - 1
    return number if rule.measure in ("count", "sum", "first") else np.where(np.isfinite(number), number, np.nan)


def _known_at(rows: pd.DataFrame) -> NDArray[np.datetime64]:
    return rows["known_at" if "known_at" in rows else "event_at"].to_numpy("datetime64[us]")


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
    rows = _read(snapshot.of_kind(rule.kinds), rule)
    starts = np.array(opens, dtype="datetime64[us]")
    if rule.measure == "standing":
        return _standing(rule, rows, [start + timedelta(days=days - 1) for start in opens])
    at = rows["event_at"].to_numpy("datetime64[us]")
    window = np.searchsorted(starts, at, "right") - 1
    inside = (window >= 0) & (at < starts[window] + np.timedelta64(days, "D"))
    read = _summary(rows[inside], window[inside], len(starts), opens[0])
    offset = (starts - starts[0]) / np.timedelta64(1, "D")
    read = replace(read, first_day=read.first_day - offset, last_day=read.last_day - offset)
    return _answer(rule, read, _last_known(rows, starts))


def _standing(rule: Rule, rows: pd.DataFrame, on: Sequence[date]) -> NDArray[np.float64]:
    """Add up what is under way on some days; NaN where the rule holds for what may be and not for what is certain."""
    begun = rows["event_at"].to_numpy("datetime64[D]").astype(float)
    days = np.array(on, dtype="datetime64[D]").astype(float)
    least, most = standing.on_record(begun, _lasts(rule, rows), rows["value"].to_numpy(float), days)
    return np.where(rule.holds(least) == rule.holds(most), least, np.nan)


def _standing_in_futures(rule: Rule, rows: pd.DataFrame, window: Window, draws: int) -> NDArray[np.float64]:
    last = day(window.closes) - np.timedelta64(1, "D")
    age = (last - rows["event_at"].to_numpy("datetime64[us]")) / np.timedelta64(1, "D")
    draw, value = rows["draw"].to_numpy(np.int64), rows["value"].to_numpy(float)
    return standing.in_futures(draw, age, _lasts(rule, rows), value, draws)


def _lasts(rule: Rule, rows: pd.DataFrame) -> NDArray[np.float64]:
    return pd.to_numeric(rows[rule.lasts]).to_numpy(float)


def _last_known(rows: pd.DataFrame, starts: NDArray[np.datetime64]) -> NDArray[np.float64]:
    """Find the value of the latest event known before each day; NaN where there is none."""
    known = _known_at(rows)
    order = np.argsort(known, kind="stable")
    values = np.concatenate([[np.nan], rows["value"].to_numpy(np.float64)[order]])
    return np.asarray(values[np.searchsorted(known[order], starts, "left")])


def in_futures(rule: Rule, snapshot: Snapshot, futures: Futures, window: Window) -> NDArray[np.float64]:
    """Read a rule in every future, the part of the window that is already past included.

    Returns
    -------
    array, shape (draws,)
        The rule's number in each future.
    """
    frames = [_read(frame, rule) for frame in futures.of_kind(rule.kinds)]
    if rule.measure == "standing":
        frames += [_read(frame, rule) for frame in futures.still_under_way(rule.kinds)]
        return _standing_in_futures(rule, pd.concat(frames), window, futures.draws)
    past = _read(snapshot.of_kind(rule.kinds), rule)
    happened = past[window.covers(past)]
    so_far = _summary(happened, np.zeros(len(happened), np.int64), 1, window.opens)
    coming = pd.concat([frame[window.covers(frame)] for frame in frames])
    read = so_far.join(_summary(coming, coming["draw"].to_numpy(np.int64), futures.draws, window.opens))
    base = _last_known(past, np.array([window.opens], dtype="datetime64[us]"))
    if rule.measure in RELATIVE and window.opens > snapshot.as_of:
        before = pd.concat([frame[_known_at(frame) < day(window.opens)] for frame in frames])
        later = _summary(before, before["draw"].to_numpy(np.int64), futures.draws, window.opens).last_value
        base = np.where(np.isfinite(later), later, base)
    return _answer(rule, read, base)


def _read(rows: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """Take the rows of a rule, without columns that no measure needs: tables are wide, and questions many."""
    if rule.lasts and rule.lasts not in rows:
        what = f"nothing says how long these events last: they have no column `{rule.lasts}`"
        raise UsageError(what, hint=look_alike(rule.lasts, rows.columns))
    kept = [column for column in (*COLUMNS, rule.lasts) if column in rows]
    return rows[kept][matching(rows, rule.where)]


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
    rows = _read(rows[rows["kind"].isin(rule.kinds).to_numpy()], rule)
    seen = np.maximum(rows["event_at"].to_numpy("datetime64[us]"), rows["known_at"].to_numpy("datetime64[us]"))
    weight = rows["n"].to_numpy(float) * (rows["value"].to_numpy(float) if rule.measure == "sum" else 1.0)
    order = np.argsort(seen, kind="stable")
    seen, total = seen[order], np.concatenate([[0.0], np.cumsum(weight[order])])
    stop = ends.to_numpy("datetime64[us]")
    start = stop - np.timedelta64(days, "D")
    return np.asarray(total[np.searchsorted(seen, stop, "left")] - total[np.searchsorted(seen, start, "left")])
