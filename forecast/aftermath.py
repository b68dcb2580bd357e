"""What came after: events counted in the days after past events of another kind, against the level expected.

People who bring the first events about expect something, so a ratio says what came after, and never what they did.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast import excess
from forecast.conditions import matching
from forecast.events import Snapshot, day
from forecast.rules import Rule


@dataclass(frozen=True)
class Aftermath:
    """What is to be counted after what, as an analyst states it in a brief.

    Parameters
    ----------
    id, title, domain : str
    after : Rule
        The events that come first; its measure must be count.
    counts : Rule
        The events that are counted after them; its measure must be count.
    since : date
        First day of the record that expectations are read off; an onset needs a half-life of it.
    onsets, events : str
        What the two are called in a sentence, in the plural.
    days : tuple of int
        Lengths of the windows.
    half_life : float
        Days in which an event loses half its weight in the rate that is expected to go on.
    apart : int
        Days; events of the first kind that follow each other more closely are one onset, on the day of the first.
    caveat : str
        The sentence that is printed with the numbers.
    """

    id: str
    title: str
    domain: str
    after: Rule
    counts: Rule
    since: date
    onsets: str = "onsets"
    events: str = "events"
    days: tuple[int, ...] = (30, 60, 90)
    half_life: float = 90.0
    apart: int = 14
    caveat: str = ""

    __pydantic_config__ = {"extra": "forbid"}

    def __post_init__(self) -> None:
        if (self.after.measure, self.counts.measure) != ("count", "count"):
            raise ValueError("what comes after is counted: the measure of `after` and of `counts` must be count")
        if not self.days or min(self.days) < 1 or list(self.days) != sorted(set(self.days)):
            raise ValueError("`days` must be whole days from 1, each longer than the one before")
        if not self.half_life > 0 or self.apart < 0:
            raise ValueError("`half_life` must be above 0, and `apart` not below it")


@dataclass(frozen=True)
class Onset:
    """A day on which events of the first kind began, and what came after it.

    Parameters
    ----------
    at : date
    told, url : str
        What its first row says, and the page that row was read on.
    recorded : tuple of int or None
        For each window, the events in it; None where the window is not over.
    expected : tuple of float
        For each window, the events expected.
    """

    at: date
    told: str
    url: str
    recorded: tuple[int | None, ...]
    expected: tuple[float, ...]


@dataclass(frozen=True)
class Span:
    """All windows of a length that are over.

    Parameters
    ----------
    days : int
    onsets : int
        How many windows are over.
    open : int
        How many are not, and are left out.
    spells : int
        How many runs of overlapping windows they make.
    recorded : int
        Events; one in two windows counts in both, as it does among those expected.
    expected : float
    ratio : float or None
        None without a window.
    interval : tuple of float or None
        90 per cent; None where there are too few spells to tell.
    """

    days: int
    onsets: int
    open: int
    spells: int
    recorded: int
    expected: float
    ratio: float | None
    interval: tuple[float, float] | None


@dataclass(frozen=True)
class Findings:
    """What the record says to an `Aftermath` on a day.

    Parameters
    ----------
    item : Aftermath
    as_of : date
    early : int
        Onsets left out because too little record, or none, lies before them.
    onsets : tuple of Onset
        Oldest first.
    spans : tuple of Span
        One for each of `item.days`.
    """

    item: Aftermath
    as_of: date
    early: int
    onsets: tuple[Onset, ...]
    spans: tuple[Span, ...]


def aftermath(item: Aftermath, snapshot: Snapshot) -> Findings:
    """Count what came after, and what was to be expected.

    Parameters
    ----------
    item : Aftermath
    snapshot : Snapshot
        Only windows whose last day lies before its as-of day are counted.

    Raises
    ------
    UsageError
        If a rule names a column that the events do not have.
    """
    firsts = _firsts(item, snapshot)
    first_day = day(item.since + timedelta(days=int(np.ceil(item.half_life))))
    reached = (firsts["event_at"] >= first_day).to_numpy()
    kept = firsts[reached]
    counted = _rows(item.counts, snapshot)
    counted = counted[(counted["event_at"] >= day(item.since)).to_numpy()]
    at = _days(kept, item.since)
    when, n = _days(counted, item.since), counted["n"].to_numpy(float)
    rate = excess.rates(at, when, n, item.half_life)
    length = (snapshot.as_of - item.since).days
    over = [at + days < length for days in item.days]
    found = [excess.within(at, when, n, days) for days in item.days]
    uneven = [excess.unevenness(when, n, item.half_life, length, days) for days in item.days]
    spans = [
        _span(days, at[done], numbers[done], (rate * days)[done], int((~done).sum()), s)
        for days, done, numbers, s in zip(item.days, over, found, uneven, strict=True)
    ]
    onsets = [
        Onset(
            row["event_at"].date(),
            str(row.get("summary") or row.get("name") or ""),
            str(row.get("url") or ""),
            tuple(int(numbers[i]) if done[i] else None for numbers, done in zip(found, over, strict=True)),
            tuple(float(rate[i] * days) for days in item.days),
        )
        for i, row in enumerate(kept.to_dict("records"))
    ]
    return Findings(item, snapshot.as_of, int((~reached).sum()), tuple(onsets), tuple(spans))


def _rows(rule: Rule, snapshot: Snapshot) -> pd.DataFrame:
    rows = snapshot.of_kind(rule.kinds)
    return rows[matching(rows, rule.where)]


def _days(rows: pd.DataFrame, since: date) -> NDArray[np.int64]:
    whole = (rows["event_at"].to_numpy("datetime64[us]") - day(since)) // np.timedelta64(1, "D")
    return np.asarray(whole, dtype=np.int64)


def _firsts(item: Aftermath, snapshot: Snapshot) -> pd.DataFrame:
    """Keep the first row of every onset; what is announced only, or known to the month, is none."""
    rows = _rows(item.after, snapshot)
    rows = rows[(rows["event_at"] < day(snapshot.as_of)).to_numpy() & (rows["precision"] == "day").to_numpy()]
    gaps = np.diff(_days(rows, item.since), prepend=-np.iinfo(np.int32).max)
    return rows[(gaps >= max(item.apart, 1))]


def _span(
    days: int,
    at: NDArray[np.int64],
    recorded: NDArray[np.float64],
    expected: NDArray[np.float64],
    still_open: int,
    uneven: float,
) -> Span:
    spell = np.cumsum(np.diff(at, prepend=at[:1]) >= days)
    together = [np.bincount(spell, numbers) for numbers in (recorded, expected)]
    total, level = float(recorded.sum()), float(expected.sum())
    return Span(
        days=days,
        onsets=len(at),
        open=still_open,
        spells=len(together[0]),
        recorded=int(total),
        expected=level,
        ratio=total / level if len(at) else None,
        interval=excess.interval(together[0], together[1], uneven),
    )
