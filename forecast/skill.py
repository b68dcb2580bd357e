"""Skill: by how much a mean score is lower than another's on the same questions, and how sure that is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forecast.errors import UsageError

REPLICATES = 4000
LEVELS = (0.05, 0.95)


@dataclass(frozen=True)
class Skill:
    """By how much a score is lower than another's, in parts of the other's.

    Parameters
    ----------
    value : float
        1 is perfect, 0 is as good as the other, below is worse.
    interval : tuple of float
        90 %.
    n, origins : int
        Forecasts, and days on which they were made.
    """

    value: float
    interval: tuple[float, float]
    n: int
    origins: int

    @property
    def shown(self) -> bool:
        """Tell whether the interval leaves no doubt that there is some."""
        return self.interval[0] > 0


def skill(mine: ArrayLike, other: ArrayLike, origin: ArrayLike, length: int, rng: np.random.Generator) -> Skill:
    """Compare two forecasts of the same questions, with a paired bootstrap that draws origins in circular blocks.

    Politis and Romano, "A Circular Block-Resampling Procedure for Stationary Data", 1992.

    Parameters
    ----------
    mine, other : array, shape (n,)
        Scores, lower better, paired.
    origin : array, shape (n,)
        The day of each forecast; what was forecast on a day stays together.
    length : int
        Origins in a block: as many as windows overlap, or causes last.
    rng : Generator

    Raises
    ------
    UsageError
        If there is nothing to compare, or not in pairs.
    """
    one, two, when = np.asarray(mine, float), np.asarray(other, float), np.asarray(origin)
    if not len(one) or not len(one) == len(two) == len(when):
        raise UsageError("scores are compared in pairs", f"{len(one)}, {len(two)} scores and {len(when)} origins")
    days, place = np.unique(when, return_inverse=True)
    totals = [np.bincount(place, scores) for scores in (one, two)]
    drawn = blocks(len(days), length, rng)
    with np.errstate(divide="ignore", invalid="ignore"):
        many = 1 - totals[0][drawn].sum(axis=1) / totals[1][drawn].sum(axis=1)
        value = float(1 - totals[0].sum() / totals[1].sum())
    low, high = np.nanquantile(many, LEVELS) if np.isfinite(many).any() else (np.nan, np.nan)
    return Skill(value, (float(low), float(high)), len(one), len(days))


def blocks(number: int, length: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw origins in circular blocks, shape (replicates, number): windows overlap, so they are not independent."""
    if length < 1:
        raise UsageError("a block holds 1 origin or more", f"{length}")
    starts = rng.integers(0, number, (REPLICATES, -(-number // length)))
    drawn = (starts[..., None] + np.arange(length)) % number
    return np.asarray(drawn.reshape(REPLICATES, -1)[:, :number])
