"""Baselines of a count: the whole distribution of a window's number of events, from what was known before it opens.

Every baseline gives probabilities of 0 … TOP events, the last of TOP or more.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import stats

TOP = 600
SHAPE = 0.5  # Jeffreys' prior of a Poisson rate: no number of events in the past makes the future certain

Counts = NDArray[np.float64]  # events a day, oldest first, ending on the day before the forecast
Baseline = Callable[[Counts, int], NDArray[np.float64]]


def steady(events: float, days: float, ahead: int) -> NDArray[np.float64]:
    """Predict a window's count from a Poisson rate that was seen over some days; negative binomial."""
    odds = days / (days + ahead)
    below = stats.nbinom.cdf(np.arange(TOP), events + SHAPE, odds)
    return np.diff(np.concatenate([[0.0], below, [1.0]]))


def constant(past: Counts, ahead: int) -> NDArray[np.float64]:
    """The rate of the whole record."""
    return steady(past.sum(), len(past), ahead)


def discounted(half_life: float) -> Baseline:
    """The rate of an exponentially weighted past."""

    def baseline(past: Counts, ahead: int) -> NDArray[np.float64]:
        weight = 2.0 ** (-np.arange(len(past), 0, -1) / half_life)
        return steady(float(weight @ past), float(weight.sum()), ahead)

    return baseline


def persistence(past: Counts, ahead: int) -> NDArray[np.float64]:
    """The rate of the last window of the same length."""
    return steady(past[-ahead:].sum(), ahead, ahead)


def climatology(past: Counts, ahead: int) -> NDArray[np.float64]:
    """How often each count came in the past windows of the same length, one ending on every day."""
    total = np.concatenate([[0.0], np.cumsum(past)])
    windows = np.minimum(total[ahead:] - total[:-ahead], TOP).astype(int)
    independent = len(past) / ahead
    seen = np.bincount(windows, minlength=TOP + 1) / len(windows)
    return np.asarray((independent * seen + constant(past, ahead)) / (independent + 1))


BASELINES: dict[str, Baseline] = {
    "discounted rate, 90 days": discounted(90),
    "discounted rate, 30 days": discounted(30),
    "persistence": persistence,
    "constant rate": constant,
    "climatology": climatology,
}
