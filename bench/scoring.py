"""Scores of forecast counts, and how sure a difference of mean scores is."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast import calibration
from forecast import skill as compared

BLOCK = 12  # months
INTERVAL = (0.05, 0.95)
CLIP = calibration.CLIP


def at_least(pmf: NDArray[np.float64], threshold: int) -> float:
    """Read the probability of reaching a threshold off a distribution of counts."""
    return float(np.clip(1 - pmf[:threshold].sum(), 0, 1))


def crps(pmf: NDArray[np.float64], outcome: int) -> float:
    """Continuous ranked probability score of a count: the summed squared error of its distribution function."""
    below = np.cumsum(pmf)
    happened = np.arange(len(pmf)) >= outcome
    return float(((below - happened) ** 2).sum())


def pit(pmf: NDArray[np.float64], outcome: int) -> tuple[float, float]:
    """Give the stretch of the distribution function that the outcome takes up; a randomised PIT lies in it."""
    below = float(pmf[:outcome].sum())
    return below, below + float(pmf[outcome])


def brier(p: pd.Series, happened: pd.Series) -> pd.Series:
    """Squared error of a probability."""
    return (p - happened) ** 2


def log_score(p: pd.Series, happened: pd.Series) -> pd.Series:
    """Negative logarithm of the probability of what happened; probabilities are kept half a per cent from 0 and 1."""
    inside = p.clip(CLIP, 1 - CLIP)
    return pd.Series(-np.log(np.where(happened, inside, 1 - inside)), p.index)


def skill(
    mine: NDArray[np.float64], others: NDArray[np.float64], rng: np.random.Generator
) -> tuple[float, float, float]:
    """Compare summed scores by month: by how much mine is lower, in parts of the other's, with its 90 % interval.

    Parameters
    ----------
    mine, others : array, shape (months,)
        Sums of a score over the forecasts of each month.
    """
    found = compared.skill(mine, others, np.arange(len(mine)), BLOCK, rng)
    return found.value, *found.interval


def coverage(low: Sequence[float], high: Sequence[float], rng: np.random.Generator) -> float:
    """Say how often a randomised PIT lies in the middle 90 %."""
    drawn = rng.uniform(np.asarray(low), np.asarray(high))
    return float(((drawn > 0.05) & (drawn < 0.95)).mean())
