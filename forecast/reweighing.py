"""Posterior draws weighed as if they had not seen some of the data, and how far such weights can be trusted.

Vehtari and others, "Pareto Smoothed Importance Sampling", 2024.
"""

import numpy as np
import xarray as xr
from numpy.typing import NDArray

FEWEST = 100  # draws that can be weighed
HIGH_K = 0.7  # Pareto k above which weights are not to be trusted


def enough(tree: xr.DataTree) -> bool:
    """Tell whether a posterior has draws to weigh; its mode is one."""
    drawn = tree["posterior"].sizes
    return bool(drawn["chain"] * drawn["draw"] >= FEWEST)


def smoothed(log_ratio: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Smooth importance weights of draws, which then sum to one; and the k that says how far they can be trusted."""
    from arviz_stats.base import array_stats

    # It takes log likelihoods that are to be left out, so the ratios with their sign turned.
    log_weight, k = array_stats.psislw(-log_ratio.reshape(-1))
    weight = np.exp(log_weight - log_weight.max())
    return weight / weight.sum(), float(k)


def redrawn(tree: xr.DataTree, weight: NDArray[np.float64]) -> xr.DataTree:
    """Take draws as often as their weights say, with even spacing (systematic resampling)."""
    drawn = tree["posterior"].to_dataset()
    total = weight.size
    chosen = np.searchsorted(np.cumsum(weight), (np.arange(total) + 0.5) / total).clip(max=total - 1)
    variables = {
        name: (values.dims, values.to_numpy().reshape(total, *values.shape[2:])[chosen].reshape(values.shape))
        for name, values in drawn.transpose("chain", "draw", ...).data_vars.items()
    }
    coords = {name: values for name, values in drawn.coords.items() if name not in ("chain", "draw")}
    return xr.DataTree.from_dict({"posterior": xr.Dataset(variables, coords, drawn.attrs)})
