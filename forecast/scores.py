"""Proper scores of forecasts, one number for each forecast; the lower the better, without exception.

A score is proper if nobody gains on the average by saying anything but what they believe. Formulas are those of
Gneiting and Raftery, "Strictly Proper Scoring Rules, Prediction, and Estimation", JASA 102 (2007), and Bracher, Ray,
Gneiting and Reich, "Evaluating epidemic forecasts in an interval format", PLOS Computational Biology 17 (2021).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forecast.errors import UsageError

Array = NDArray[np.float64]


def brier(p: ArrayLike, happened: ArrayLike) -> Array:
    """Square the error of a probability: from 0, certain and right, to 1, certain and wrong.

    Parameters
    ----------
    p : array
        Probabilities.
    happened : array
        1 where it happened, 0 where it did not.

    Raises
    ------
    UsageError
        If something is no probability, or neither 0 nor 1.
    """
    said, truth = _checked(p, happened)
    return np.asarray((said - truth) ** 2)


def logarithmic(p: ArrayLike, happened: ArrayLike) -> Array:
    """Give minus the logarithm of the probability of what happened: nats, infinite where that was 0."""
    said, truth = _checked(p, happened)
    with np.errstate(divide="ignore"):
        return np.asarray(-np.log(np.where(truth == 1, said, 1 - said)))


def _checked(p: ArrayLike, happened: ArrayLike) -> tuple[Array, Array]:
    said, truth = np.asarray(p, float), np.asarray(happened, float)
    if not ((said >= 0) & (said <= 1)).all():
        raise UsageError("a probability lies from 0 to 1", f"{said[~((said >= 0) & (said <= 1))][0]}")
    if not np.isin(truth, (0, 1)).all():
        raise UsageError(
            "an outcome is 0 or 1", f"{truth[~np.isin(truth, (0, 1))][0]}", hint="leave void questions out"
        )
    return said, truth


def ranked(pmf: ArrayLike, category: int) -> float:
    """Sum the squared errors of the cumulated probabilities of ordered categories (ranked probability score).

    Parameters
    ----------
    pmf : array, shape (categories,)
    category : int
        That came, counted from 0.
    """
    below, reached = _cumulated(pmf, category)
    return float(((below - reached) ** 2).sum())


def ranked_logarithmic(pmf: ArrayLike, category: int) -> float:
    """Sum the logarithmic scores of all questions "at most this category"."""
    below, reached = _cumulated(pmf, category)
    return float(logarithmic(np.clip(below[:-1], 0, 1), reached[:-1]).sum())


def _cumulated(pmf: ArrayLike, category: int) -> tuple[Array, Array]:
    shares = np.asarray(pmf, float)
    if not (shares >= 0).all() or abs(shares.sum() - 1) > 1e-9:
        raise UsageError("probabilities of categories are not negative and add up to 1", f"{shares}")
    if not 0 <= category < len(shares):
        raise UsageError(f"there is no category {category}", f"{len(shares)} categories, counted from 0")
    return np.cumsum(shares), (np.arange(len(shares)) >= category).astype(float)


def crps(sample: ArrayLike, y: float, weight: ArrayLike | None = None) -> float:
    """Score a sample as a distribution by the continuous ranked probability score, in the unit of y.

    mean |x - y| - mean |x - x'| / 2, over all pairs of the sample: exact for the distribution that it is.

    Parameters
    ----------
    sample : array, shape (draws,)
    y : float
    weight : array, shape (draws,), or None
        Of each draw, in proportion; all alike by default.
    """
    values = np.asarray(sample, float)
    order = np.argsort(values, kind="stable")
    share = np.ones(len(values)) if weight is None else np.asarray(weight, float)[order]
    values, share = values[order], share / share.sum()
    # Sorted, the mean over pairs is a sum over gaps: what lies below a gap times what lies above it, twice.
    below = np.cumsum(share)[:-1]
    spread = float((below * (1 - below) * np.diff(values)).sum())
    return float((share * np.abs(values - y)).sum()) - spread


def quantile(value: ArrayLike, level: ArrayLike, y: ArrayLike) -> Array:
    """Score a quantile: twice the pinball loss, so that the median's score is the absolute error."""
    said, truth = np.asarray(value, float), np.asarray(y, float)
    return np.asarray(2 * ((truth <= said) - np.asarray(level, float)) * (said - truth))


@dataclass(frozen=True)
class Interval:
    """The score of an interval, or a weighted mean of such, in its parts.

    Parameters
    ----------
    dispersion : float
        For its width.
    over, under : float
        For lying too high, or too low.
    """

    dispersion: float
    over: float
    under: float

    @property
    def total(self) -> float:
        """The score itself."""
        return self.dispersion + self.over + self.under


def interval(low: float, high: float, level: float, y: float) -> Interval:
    """Score a central interval: its width, and 2 / alpha times the distance by which it misses.

    Parameters
    ----------
    low, high : float
    level : float
        How often it is to hold y: .9 for a 90 % interval, whose alpha is .1.
    y : float
    """
    if not 0 < level < 1 or low > high:
        raise UsageError("an interval has low <= high and a level between 0 and 1", f"[{low}, {high}] at {level}")
    miss = 2 / (1 - level)
    return Interval(high - low, miss * max(low - y, 0.0), miss * max(y - high, 0.0))


def weighted_interval(levels: ArrayLike, values: ArrayLike, y: float) -> Interval:
    """Score quantiles by the weighted interval score: near the CRPS of the distribution that they describe.

    Parameters
    ----------
    levels, values : array, shape (quantiles,)
        Each below .5 with its counterpart above; the median may be among them.
    y : float

    Raises
    ------
    UsageError
        If a level stands alone, or quantiles fall where levels rise.
    """
    at, value = _quantiles(levels, values)
    parts, weights = [], []
    for level, low in zip(at[at < 0.5], value[at < 0.5], strict=True):
        found = interval(low, value[np.flatnonzero(np.isclose(at, 1 - level))[0]], 1 - 2 * level, y)
        parts.append([level * part for part in (found.dispersion, found.over, found.under)])
        weights.append(1.0)
    for median in value[np.isclose(at, 0.5)]:
        parts.append([0.0, 0.5 * max(median - y, 0.0), 0.5 * max(y - median, 0.0)])
        weights.append(0.5)
    return Interval(*(np.sum(parts, axis=0) / sum(weights)).tolist())


def _quantiles(levels: ArrayLike, values: ArrayLike) -> tuple[Array, Array]:
    order = np.argsort(np.asarray(levels, float), kind="stable")
    at, value = np.asarray(levels, float)[order], np.asarray(values, float)[order]
    if (np.diff(value) < 0).any():
        raise UsageError("quantiles fall where their levels rise", f"{value} at {at}")
    alone = [level for level in at if not np.isclose(at, 1 - level).any()]
    if alone:
        raise UsageError(f"the quantile at {alone[0]:g} has no counterpart at {1 - alone[0]:g}", f"levels {at}")
    return at, value


def energy(sample: ArrayLike, y: ArrayLike, weight: ArrayLike | None = None, fair: bool = False) -> float:
    """Score a joint sample of several quantities: the CRPS with Euclidean distances.

    Parameters
    ----------
    sample : array, shape (draws, quantities)
    y : array, shape (quantities,)
    weight : array, shape (draws,), or None
    fair : bool
        Whether the sample stands for a distribution that it is drawn from, so that no draw is its own neighbour.
    """
    draws, truth = np.asarray(sample, float), np.asarray(y, float)
    share = (
        np.full(len(draws), 1 / len(draws))
        if weight is None
        else np.asarray(weight, float) / np.asarray(weight, float).sum()
    )
    miss = np.linalg.norm(draws - truth, axis=1)
    apart = np.linalg.norm(draws[:, None] - draws, axis=2)
    pairs = float(share @ apart @ share) * (len(draws) / (len(draws) - 1) if fair else 1.0)
    return float(share @ miss) - pairs / 2


def variogram(sample: ArrayLike, y: ArrayLike, order: float = 0.5) -> float:
    """Score how quantities go together: squared errors of mean distances between them, to a power, over all pairs.

    Scheuerer and Hamill, "Variogram-Based Proper Scoring Rules", Monthly Weather Review 143 (2015).
    """
    draws, truth = np.asarray(sample, float), np.asarray(y, float)
    expected = (np.abs(draws[:, :, None] - draws[:, None, :]) ** order).mean(axis=0)
    return float(((np.abs(truth[:, None] - truth) ** order - expected) ** 2).sum())
