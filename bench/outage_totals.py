"""All outages under way at the end of a month: questions, baselines, and what came."""

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from outage_record import after, shrunk

from forecast import rules
from forecast.conditions import Limits, Where
from forecast.events import Futures, Snapshot
from forecast.rules import Rule, Window

Array = NDArray[np.float64]
TOTALS = (500, 1000, 2000, 3000)  # thousand barrels a day
AHEAD = (1, 3, 6)  # whole months
SINCE = date(2000, 1, 1)
LARGE: Where = {"value": Limits(low=100)}


def asked(where: Where, total: float) -> Rule:
    """Ask whether what is under way comes to a total."""
    return Rule("standing", {**where, **LARGE}, ">=", total, lasts="duration_days")


def happened(rule: Rule, snapshot: Snapshot, days: list[date]) -> Array:
    """Read the rule on some days: 1, 0, or NaN where ends that are not on record would decide."""
    numbers = rules.on_record(rule, snapshot, days, 1)
    return np.where(np.isnan(numbers), np.nan, rule.holds(numbers))


def ends(until: date) -> list[date]:
    """List the last days of months before a day."""
    return [stamp.date() for stamp in pd.date_range(SINCE, until - timedelta(days=1), freq="ME")]


def usual(past: Array, months: int) -> float:
    """How often it held at the ends of past months."""
    known = past[np.isfinite(past)]
    return shrunk(known, len(known) / months)


def transition(past: Array, months: int) -> float:
    """How often it held some months after it was as it is now; the usual share, where that is not known."""
    now, before, then = past[-1], past[:-months], past[months:]
    alike = (before == now) & np.isfinite(then)
    return shrunk(then[alike], alike.sum() / months) if alike.any() else usual(past, months)


BASELINES = {"climatology": usual, "transition from today's state": transition}


def scored(where: Where, futures: Futures, snapshot: Snapshot, truth: Snapshot) -> Iterator[dict[str, object]]:
    """Give one row for each question and model of one origin; void questions are left out."""
    for total in TOTALS:
        rule = asked(where, total)
        past = happened(rule, snapshot, ends(snapshot.as_of))
        for months in AHEAD:
            window = Window(snapshot.as_of, after(snapshot.as_of, months))
            came = happened(rule, truth, [window.closes - timedelta(days=1)])[0]
            if window.closes > truth.as_of or np.isnan(came):
                continue
            p = {"model": float(rule.holds(rules.in_futures(rule, snapshot, futures, window)).mean())}
            p |= {name: baseline(past, months) for name, baseline in BASELINES.items()}
            key = {"origin": snapshot.as_of, "size": total, "months": months}
            yield from ({**key, "model": name, "p": value, "outcome": bool(came)} for name, value in p.items())
