"""Counts after some days against those expected: the rate that goes on, how uneven counts are, the ratio's interval.

    ratio = sum_i N_i / sum_i E_i,   E_i = days * rate_i,   rate_i = (k long + n) / (k + t)
    long = (N + 1/2) / T,   n = sum_j w_j,   t = sum of w over T days,   w = 2^(-age / half_life)

for day i, all of it read off the T days before it: the recent rate is expected to go on, and the long run counts like
`LONG_RUN` days, k, of record. A window holds the days after its day; that day itself stands on neither side, since
nobody knows what came first on it. Days are whole numbers, counted from the beginning of the record.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

LONG_RUN = 90.0
FEWEST = 3


def rates(
    at: NDArray[np.int64], when: NDArray[np.int64], n: NDArray[np.float64], half_life: float
) -> NDArray[np.float64]:
    """Read the rate that is expected to go on off the days before each onset.

    Parameters
    ----------
    at : array of days since the record began, shape (onsets,)
        Each at least 1.
    when, n : arrays, shape (events,)
        The day of each, counted likewise, and how many occurrences it stands for.
    half_life : float
        Days.

    Returns
    -------
    array of events a day, shape (onsets,)
    """
    age = at[:, None] - when[None, :]
    known = np.where(age > 0, n, 0.0)
    recent = (known * 2.0 ** (-np.maximum(age, 0) / half_life)).sum(axis=1)
    keep = 2.0 ** (-1 / half_life)
    days = keep * (1 - keep**at) / (1 - keep)
    long = (known.sum(axis=1) + 0.5) / at
    return np.asarray((LONG_RUN * long + recent) / (LONG_RUN + days))


def within(at: NDArray[np.int64], when: NDArray[np.int64], n: NDArray[np.float64], days: int) -> NDArray[np.float64]:
    """Count the events of the windows that follow some days.

    Parameters
    ----------
    at, when, n : arrays
        As in `rates`.
    days : int
        Length of the windows.

    Returns
    -------
    array of counts, shape (onsets,)
    """
    age = when[None, :] - at[:, None]
    return np.asarray(np.where((age > 0) & (age <= days), n, 0.0).sum(axis=1))


def unevenness(when: NDArray[np.int64], n: NDArray[np.float64], half_life: float, length: int, days: int) -> float:
    """Find by how much counts miss what is expected, over all windows of the record, beyond what chance makes.

        s^2 = max(0, sum (N - E)^2 - sum E) / sum E^2

    Parameters
    ----------
    when, n : arrays, shape (events,)
        As in `rates`.
    half_life : float
    length : int
        Days of record; windows stand end to end from one half-life on.
    days : int
        Length of the windows.

    Returns
    -------
    float
        s, relative to the level expected; 0 if the record holds no window.
    """
    at = np.arange(int(np.ceil(half_life)), length - days, days)
    if not len(at):
        return 0.0
    expected, recorded = rates(at, when, n, half_life) * days, within(at, when, n, days)
    excess = float(((recorded - expected) ** 2).sum() - expected.sum())
    return float(np.sqrt(max(0.0, excess) / float((expected**2).sum())))


def interval(recorded: NDArray[np.float64], expected: NDArray[np.float64], uneven: float) -> tuple[float, float] | None:
    """Give the ratio's 90 % interval from how much spells differ; None where there are too few of them.

        log R +- max(t own, z usual) / sum N,   own^2 = (m - 1)/m sum ((N - R E) / (1 - h))^2,
        usual^2 = sum N + s^2 R^2 sum E^2

    for m spells with shares h of what was expected: residuals of the delete-one jackknife, with 0.95 quantiles of
    Student's t at 1 / sum h^2 - 1 degrees of freedom, and never less than windows anywhere on the record differ (z).

    Coverage was measured on 1,500 simulated worlds each of six kinds in which 1 is true, with 3 to 14 onsets at random
    days: 94 to 97 in 100 at constant rates, 94 to 98 where events beget events or rates wander (sd 0.8, memory of 60
    days), 91 to 96 where rates wander far and long (sd 1 to 1.3, memory of 60 to 400 days). A Bayesian bootstrap of
    onsets held 1 in 60 to 86 of 100.

    Parameters
    ----------
    recorded, expected : arrays of counts, shape (spells,)
    uneven : float
        s, of `unevenness`: a handful of spells may agree by luck.

    References
    ----------
    Miller, "The jackknife: a review", Biometrika 61, 1974; Kish, "Survey Sampling", 1965, on 1 / sum h^2.
    """
    spells, total = len(expected), float(np.sum(recorded))
    if spells < FEWEST or not total:
        return None
    share = expected / expected.sum()
    effective = 1 / float((share**2).sum())
    if effective < 2:  # one spell is most of the evidence, and a single one has no spread
        return None
    ratio = total / float(expected.sum())
    residual = (recorded - ratio * expected) / (1 - share)
    own = (spells - 1) / spells * float((residual**2).sum())
    usual = total + uneven**2 * ratio**2 * float((expected**2).sum())
    t, z = stats.t.ppf(0.95, effective - 1), stats.norm.ppf(0.95)
    factor = float(np.exp(max(t * np.sqrt(own), z * np.sqrt(usual)) / total))
    return ratio / factor, ratio * factor
