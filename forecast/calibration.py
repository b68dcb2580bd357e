"""Whether what was said is what happened: to look at, and to learn from.

To look at: reliability with a band that says how far calibrated forecasts would stray, PIT, coverage. To learn from: a
logistic map of two numbers for each family of questions,

    logit p' = slope logit p + shift

drawn towards changing nothing. The prior is data: `worth` forecasts spread like those at hand, whose outcomes were
exactly as probable as said; of a family, as probable as the map of all families together says. So a family with few
resolved questions leans on the others, and all of them on what they said.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special, stats

from forecast import decomposition, scores
from forecast.errors import UsageError

Array = NDArray[np.float64]
LEVELS = (0.05, 0.95)
WORTH = 50.0  # independent resolved questions that "change nothing" is worth
CLIP = 0.005  # log odds are read no nearer to certainty
RESAMPLES = 500


@dataclass(frozen=True)
class Bent:
    """A logistic map of probabilities; the neutral one changes nothing."""

    slope: float = 1.0
    shift: float = 0.0

    def __call__(self, p: ArrayLike) -> Array:
        """Bend probabilities; none becomes 0 or 1, and their order stays."""
        said = np.asarray(p, float)
        if (self.slope, self.shift) == (1.0, 0.0):
            return said
        return np.asarray(special.expit(self.slope * special.logit(np.clip(said, 1e-6, 1 - 1e-6)) + self.shift))


def learned(
    p: ArrayLike,
    happened: ArrayLike,
    weight: ArrayLike | None = None,
    worth: float = WORTH,
    towards: Bent | None = None,
) -> Bent:
    """Learn a map from resolved forecasts, drawn towards another one.

    Parameters
    ----------
    p, happened : array, shape (n,)
        What was said, and 1 or 0.
    weight : array, shape (n,), or None
        How many independent questions each counts as: less than one where windows overlap. All as one by default.
    worth : float
        Independent questions that the prior is worth.
    towards : Bent or None
        Changing nothing by default.
    """
    said, truth = np.asarray(p, float), np.asarray(happened, float)
    centre = towards or Bent()
    if not len(said):
        return centre
    scores.brier(said, truth)  # refuses what is no forecast
    each = np.ones(len(said)) if weight is None else np.asarray(weight, float)
    x, prior = special.logit(np.clip(said, CLIP, 1 - CLIP)), worth / len(said)
    target = each * truth + prior * centre(np.clip(said, CLIP, 1 - CLIP))

    def loss(at: Array) -> tuple[float, Array]:
        eta = at[0] * x + at[1]
        off = (each + prior) * special.expit(eta) - target
        return float(((each + prior) * np.logaddexp(0, eta) - target * eta).sum()), np.array([off @ x, off.sum()])

    found = optimize.minimize(loss, np.array([centre.slope, centre.shift]), jac=True, method="BFGS").x
    return Bent(max(float(found[0]), 0.0), float(found[1]))


@dataclass(frozen=True)
class Maps:
    """The maps of families of questions, and that of all together, which serves families without one."""

    common: Bent
    of: Mapping[str, Bent]

    def __call__(self, family: str, p: ArrayLike) -> Array:
        """Bend the probabilities of a family."""
        return self.of.get(family, self.common)(p)


def by_family(
    p: ArrayLike, happened: ArrayLike, family: ArrayLike, weight: ArrayLike | None = None, worth: float = WORTH
) -> Maps:
    """Learn a map of all families together, then one of each that is drawn towards it; see `learned`."""
    said, truth, names = np.asarray(p, float), np.asarray(happened, float), np.asarray(family)
    each = np.ones(len(said)) if weight is None else np.asarray(weight, float)
    common = learned(said, truth, each, worth)
    of = {}
    for name in np.unique(names).tolist():
        own = names == name
        of[str(name)] = learned(said[own], truth[own], each[own], worth, common)
    return Maps(common, of)


@dataclass(frozen=True)
class Diagram:
    """Reliability, and the band in which it would lie, value by value, nine times in ten if all were calibrated.

    Parameters
    ----------
    curve : Reliability
    low, high : array, shape (values,)
    n : int
        Forecasts.
    """

    curve: decomposition.Reliability
    low: Array
    high: Array
    n: int


def diagram(p: ArrayLike, happened: ArrayLike, rng: np.random.Generator, cluster: ArrayLike | None = None) -> Diagram:
    """Fit how often it happened where more was said, with a consistency band.

    Outcomes are drawn again as if all were calibrated. Those of a cluster are drawn together, by a Gaussian copula with
    the correlation that the outcomes at hand show (`together`), so that what hangs together does not look like error.

    Parameters
    ----------
    p, happened : array, shape (n,)
    rng : Generator
    cluster : array, shape (n,), or None
        Forecasts with the same label may have outcomes that hang together: of one day, or one campaign.
    """
    said, truth = np.asarray(p, float), np.asarray(happened, float)
    curve = decomposition.reliability(said, truth)
    label = np.arange(len(said)) if cluster is None else np.unique(np.asarray(cluster), return_inverse=True)[1]
    alike = 0.0 if cluster is None else together(said, truth, label)
    level = stats.norm.ppf(said)

    def again() -> Array:
        common, own = rng.normal(size=label.max() + 1), rng.normal(size=len(said))
        drawn = np.sqrt(alike) * common[label] + np.sqrt(1 - alike) * own < level
        return decomposition.reliability(said, drawn).happened

    low, high = np.quantile([again() for _ in range(RESAMPLES)], LEVELS, axis=0)
    return Diagram(curve, low, high, len(said))


def together(p: ArrayLike, happened: ArrayLike, label: ArrayLike) -> float:
    """Estimate the correlation of a Gaussian copula within clusters from standardised errors; none is never negative.

    By moments: errors (y - p) / sqrt(p (1 - p)) of pairs in a cluster have a product whose mean is, for correlations
    rho that are not large, about rho times that of phi(z) phi(z') / sqrt(p (1 - p) p' (1 - p')).
    """
    said, truth, where = (np.asarray(part) for part in (p, happened, label))
    inside = (said > 0) & (said < 1)
    said, truth, where = said[inside], truth[inside], where[inside]
    spread = np.sqrt(said * (1 - said))
    error, slope = (truth - said) / spread, stats.norm.pdf(stats.norm.ppf(said)) / spread
    products = [np.bincount(where, part) ** 2 - np.bincount(where, part**2) for part in (error, slope)]
    observed, expected = (float(part.sum()) for part in products)
    return float(np.clip(observed / expected, 0.0, 0.95)) if expected > 0 else 0.0


def pit(sample: ArrayLike, y: float, rng: np.random.Generator) -> float:
    """Say where in a sample the truth lies, from 0 to 1, ties broken at random: uniform if all is calibrated."""
    draws = np.asarray(sample, float)
    below, same = float((draws < y).mean()), float((draws == y).mean())
    return below + float(rng.random()) * same


@dataclass(frozen=True)
class Coverage:
    """How often intervals held the truth: the share, its 90 % interval by Jeffreys, and of how many."""

    share: float
    interval: tuple[float, float]
    n: int


def coverage(low: ArrayLike, high: ArrayLike, y: ArrayLike) -> Coverage:
    """Count how often intervals, ends included, held what came."""
    held = (np.asarray(low, float) <= np.asarray(y, float)) & (np.asarray(y, float) <= np.asarray(high, float))
    if not held.size:
        raise UsageError("there is no resolved forecast to look at", hint="wait until some questions are resolved")
    number = int(held.sum())
    ends = stats.beta.ppf(LEVELS, number + 0.5, held.size - number + 0.5)
    return Coverage(number / held.size, (float(ends[0]), float(ends[1])), int(held.size))


def bias(levels: ArrayLike, values: ArrayLike, y: float) -> float:
    """Say on which side quantiles lie: from -1, all of them below the truth, to 1, all of them above it.

    1 - 2 F(y), with F known at the quantiles only and read towards the median.
    """
    at, value = np.asarray(levels, float), np.asarray(values, float)
    median = float(np.interp(0.5, at, value))
    if y == median:
        return 0.0
    if y < median:
        return 1 - 2 * float(at[value <= y].max(initial=0.0))
    return 1 - 2 * float(at[value >= y].min(initial=1.0))
