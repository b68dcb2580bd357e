"""The record of outages by day, and the baselines that are read off it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast import conditions
from forecast.events import Snapshot

Array = NDArray[np.float64]
ANYWHERE = "anywhere"
REGIONS = ("gulf", "north_america", "europe_fsu", "west_africa", "north_africa", "latin_america", ANYWHERE)
SIZES = (100, 500, 1000)  # thousand barrels a day
MONTHS = (1, 2, 3, 6)
BEGINS = np.datetime64("1990-01-01")
SEASON, YEARS = 15, 15  # days by which a window of the same season may be moved, years that it looks back


@dataclass(frozen=True)
class Asked:
    """Whether an outage of a size begins in a region within so many whole months."""

    region: str
    size: int
    months: int


def asked() -> Iterator[Asked]:
    """List the questions of an origin."""
    for region in REGIONS:
        for size in SIZES:
            yield from (Asked(region, size, months) for months in MONTHS)


def after(opens: date, months: int) -> date:
    """Find the first day that a window of whole months no longer holds."""
    return (pd.Timestamp(opens) + pd.DateOffset(months=months)).date()


@dataclass(frozen=True)
class Past:
    """How many outages of each region and size had begun before each day, shape (region, size, day), from `BEGINS`."""

    begun: NDArray[np.int64]
    until: date

    def happened(self, region: str, size: int, opens: NDArray[np.int64], closes: NDArray[np.int64]) -> Array:
        """Tell for windows of days whether one began."""
        begun = self.begun[REGIONS.index(region), SIZES.index(size)]
        return np.asarray(begun[closes] > begun[opens], dtype=float)


def past(snapshot: Snapshot, where: conditions.Where) -> Past:
    """Lay out what was known; later outages than the as-of day are not."""
    rows = snapshot.of_kind(("outage",))
    rows = rows[conditions.matching(rows, where)]
    days = numbered(snapshot.as_of)
    at = (rows["event_at"].to_numpy("datetime64[D]") - BEGINS).astype(int)
    number = np.zeros((len(REGIONS), len(SIZES), days + 1), dtype=np.int64)
    for place, size in np.ndindex(number.shape[:2]):
        here = (at >= 0) & (at < days) & (rows["value"].to_numpy() >= SIZES[size])
        if REGIONS[place] != ANYWHERE:
            here &= (rows["region"] == REGIONS[place]).to_numpy()
        np.add.at(number[place, size], at[here] + 1, 1)
    return Past(number.cumsum(axis=-1), snapshot.as_of)


def numbered(when: date) -> int:
    """Count days from the beginning."""
    return int((np.datetime64(when) - BEGINS).astype(int))


def windows(known: Past, one: Asked, first: date) -> Array:
    """Read the question in every window of whole months of the past, from a first month on."""
    length = np.timedelta64(one.months, "M")
    opens = np.arange(np.datetime64(first, "M"), np.datetime64(known.until, "M") - length + np.timedelta64(1, "M"))
    starts, stops = ((months.astype("datetime64[D]") - BEGINS).astype(int) for months in (opens, opens + length))
    return known.happened(one.region, one.size, starts, stops)


def shrunk(hits: Array, independent: float) -> float:
    """Estimate a probability, so that no number of windows makes the future certain (Jeffreys' prior)."""
    return float((hits.mean() * independent + 0.5) / (independent + 1))


def of_years(years: int) -> Callable[[Past, Asked], float]:
    """How often it happened in the last years."""

    def climatology(known: Past, one: Asked) -> float:
        hits = windows(known, one, known.until.replace(year=known.until.year - years))
        return shrunk(hits, len(hits) / one.months)

    return climatology


def everything(known: Past, one: Asked) -> float:
    """How often it happened since 2000."""
    hits = windows(known, one, date(2000, 1, 1))
    return shrunk(hits, len(hits) / one.months)


def seasonal(known: Past, one: Asked) -> float:
    """How often it happened at this time of the year."""
    opens = [numbered(known.until.replace(year=known.until.year - back)) for back in range(1, YEARS + 1)]
    moved = np.add.outer(opens, np.arange(-SEASON, SEASON + 1)).ravel()
    length = numbered(after(known.until, one.months)) - numbered(known.until)
    inside = moved[(moved >= 0) & (moved + length <= numbered(known.until))]
    return shrunk(known.happened(one.region, one.size, inside, inside + length), YEARS)


def persistence(known: Past, one: Asked) -> float:
    """Halfway between what is usual and what happened last."""
    return float((everything(known, one) + windows(known, one, date(2000, 1, 1))[-1]) / 2)


BASELINES: dict[str, Callable[[Past, Asked], float]] = {
    "climatology": everything,
    "climatology, 15 years": of_years(15),
    "climatology, 10 years": of_years(10),
    "climatology, seasonal, 15 years": seasonal,
    "persistence": persistence,
}
