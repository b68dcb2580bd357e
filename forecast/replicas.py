"""A record beside replicas of it, drawn from the fitted model that is to have made it."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from forecast.findings import Check

DOUBTFUL, FAILS = 0.1, 0.02  # how rarely replicas are as far out as the record before it is called so
STATISTICS: Mapping[str, Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]] = {
    "empty": lambda counts, _: (counts == 0).mean(axis=(-2, -1)),
    "most": lambda counts, _: counts.max(axis=(-2, -1)),
    "dispersion": lambda counts, _: _dispersion(counts.sum(axis=-1)),
    "memory": lambda counts, past: _lagged(counts.sum(axis=-1), past),
}


def _dispersion(totals: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(totals.var(axis=-1) / np.maximum(totals.mean(axis=-1), 1e-12))


def _lagged(totals: NDArray[np.float64], past: NDArray[np.float64]) -> NDArray[np.float64]:
    """Correlate totals with what was recorded a bin before: a replica of a bin was drawn given that, not a replica."""
    now, before = totals[..., 1:], past[:-1] - past[:-1].mean()
    scatter = now.std(axis=-1) * before.std()
    return np.asarray((now * before).mean(axis=-1) / np.maximum(scatter, 1e-12))


def checks(found: xr.Dataset, replicas: NDArray[Any]) -> tuple[Check, ...]:
    """Set statistics of the record beside the same of its replicas.

    Parameters
    ----------
    found : Dataset
        With `counts` (time, cell).
    replicas : array, shape (sample, time, cell)
    """
    counts = found["counts"].to_numpy()
    past, done = counts.sum(axis=1), []
    for name, statistic in STATISTICS.items():
        done.append(check(name, float(statistic(counts, past)), statistic(replicas, past)))
    return tuple(done)


def check(name: str, recorded: float, made: NDArray[np.float64]) -> Check:
    """Set a number of the record beside the same of its replicas."""
    low, high = (float(value) for value in np.quantile(made, (0.05, 0.95)))
    tail = min(1.0, 2 * float(min((made <= recorded).mean(), (made >= recorded).mean())))
    return Check(name, recorded, low, high, tail, verdict=_verdict(tail))


def _verdict(tail: float) -> str:
    return "fails" if tail < FAILS else "doubtful" if tail < DOUBTFUL else "fits"
