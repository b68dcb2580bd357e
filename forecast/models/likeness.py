"""What new events take over from past ones: causes, and whatever else stands in their rows."""

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from forecast.models.onsets import Options

Array = NDArray[np.float64]


def causes(group: NDArray[np.int64], data: xr.Dataset, found: Options, toss: Array) -> NDArray[np.int64]:
    """Choose causes: those of the group's past, with `strength` more that are shared out like those of all."""
    counts = np.zeros((len(found.groups), len(found.causes)))
    np.add.at(counts, (data["group_of"].to_numpy(), data["cause_of"].to_numpy()), 1)
    pooled = (counts.sum(axis=0) + 1) / (counts.sum() + len(found.causes))
    below = np.cumsum(counts + found.strength * pooled, axis=1)
    return np.asarray((toss[:, None] * below[group, -1:] >= below[group]).sum(axis=1))


def one_of(kind: NDArray[np.int64], past: xr.DataArray, toss: Array) -> NDArray[np.int64]:
    """Choose for each new event a past one of the same kind, by its number; -1 where there is none."""
    order = np.argsort(past.to_numpy(), kind="stable")
    first, stop = (np.searchsorted(past.to_numpy()[order], kind, side) for side in ("left", "right"))
    chosen = np.append(order, -1)[np.minimum(first + np.floor(toss * (stop - first)).astype(np.int64), len(order))]
    return np.where(stop > first, chosen, -1)


def taken(values: NDArray[np.object_], place: NDArray[np.int64]) -> Any:
    """Take over what past events had; nothing from none."""
    codes, levels = pd.factorize(np.append(values, ""), sort=True)
    return pd.Categorical.from_codes(codes[place], pd.Index(levels))
