"""What a mean Brier score is made of: how far off, how well cases are told apart, and how hard they are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize

from forecast import scores
from forecast.errors import UsageError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Decomposition:
    """The parts of a mean Brier score: score = miscalibration - discrimination + uncertainty.

    Parameters
    ----------
    miscalibration : float
        What would be gained by saying what happened where the same was said; 0 is best.
    discrimination : float
        What was gained over always saying the share that happened in all.
    uncertainty : float
        The score of always saying that share.
    n : int
        Forecasts.
    """

    miscalibration: float
    discrimination: float
    uncertainty: float
    n: int

    @property
    def score(self) -> float:
        """The mean score itself."""
        return self.miscalibration - self.discrimination + self.uncertainty


@dataclass(frozen=True)
class Reliability:
    """How often it happened where a probability was said, as a function that never falls.

    Parameters
    ----------
    said, happened : array, shape (values,)
        Distinct probabilities that were said, rising; and the share that happened by isotonic regression.
    count : array, shape (values,)
        Forecasts of each.
    """

    said: Array
    happened: Array
    count: NDArray[np.int64]


def reliability(p: ArrayLike, happened: ArrayLike) -> Reliability:
    """Fit how often it happens where more is said, by pooling adjacent violators; ties are pooled.

    Dimitriadis, Gneiting and Jordan, "Stable reliability diagrams for probabilistic classifiers", PNAS 118 (2021).
    """
    said, count, share = _grouped(p, happened)
    fitted = np.asarray(optimize.isotonic_regression(share, weights=count).x)
    return Reliability(said, np.clip(fitted, 0.0, 1.0), count)


def corp(p: ArrayLike, happened: ArrayLike) -> Decomposition:
    """Decompose by isotonic recalibration, which needs no bins (CORP, see `reliability`)."""
    found = reliability(p, happened)
    return _decomposed(p, happened, np.repeat(found.happened, found.count))


def murphy(p: ArrayLike, happened: ArrayLike) -> Decomposition:
    """Decompose by the distinct probabilities that were said (Murphy, "A New Vector Partition", 1973).

    The more distinct ones there are, the more scatter counts as miscalibration and as discrimination alike.
    """
    _, count, share = _grouped(p, happened)
    return _decomposed(p, happened, np.repeat(share, count))


def _decomposed(p: ArrayLike, happened: ArrayLike, recalibrated: Array) -> Decomposition:
    """Compare what was said with what would have been; `recalibrated` is in the order of what was said."""
    order = np.argsort(np.asarray(p, float), kind="stable")
    truth = np.asarray(happened, float)[order]
    said, best, usual = (
        float(scores.brier(values, truth).mean())
        for values in (np.asarray(p, float)[order], recalibrated, np.full(len(truth), truth.mean()))
    )
    return Decomposition(said - best, usual - best, usual, len(truth))


def _grouped(p: ArrayLike, happened: ArrayLike) -> tuple[Array, NDArray[np.int64], Array]:
    """Group forecasts by what was said: values, how many, and the share that happened."""
    said, truth = np.asarray(p, float), np.asarray(happened, float)
    if not len(said):
        raise UsageError("there is no resolved forecast to look at", hint="wait until some questions are resolved")
    scores.brier(said, truth)  # refuses what is no forecast
    values, place, count = np.unique(said, return_inverse=True, return_counts=True)
    return values, count, np.bincount(place, truth) / count
