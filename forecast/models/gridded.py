"""The posterior of one unknown, exact on a grid: its draws, by the inverse of its distribution function."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
POINTS = 401
WIDE = 6.0  # standard deviations of the prior on either side; beyond lie two in a thousand million


def around(location: float, scale: float) -> Array:
    """Lay a grid around a normal prior, shape (points,)."""
    return location + scale * np.linspace(-WIDE, WIDE, POINTS)


def inverse(grid: Array, log_density: Array, toss: Array) -> Array:
    """Turn uniform numbers into draws from a density, taken to be straight between the points of the grid.

    Parameters
    ----------
    grid, log_density : array, shape (points,)
        The density need not integrate to one.
    toss : array
        Between 0 and 1.

    Returns
    -------
    array, the shape of toss
    """
    density = np.exp(log_density - log_density.max())
    below = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(grid))])
    return np.asarray(np.interp(toss, below / below[-1], grid))
