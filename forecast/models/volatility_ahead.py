"""How well the family `levels` foresaw, from what came before, how restless each stretch of its record would be.

The days of each segment s, of h days, are tiled into stretches that end with the record. Of a stretch after day i

    y[i, s] ~ Normal(x[i] . m, noise^2 + x[i] V x[i]')

where m and V are mean and variance of the slopes of s given all that had ended by day i: the model's own posterior as
it would have been then, exact, of the record as it reads today. Stretches of one segment do not overlap, those of
different segments do. Which way the series moves is no part of it, nor what covariates do.
"""

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy import stats

from forecast.models.volatility import Options
from forecast.spec import Spec

Array = NDArray[np.float64]
EARLIER = 1 / 3  # share of the record that is seen before anything is foreseen
SAME = "target, segments, clip, floor, usual or covariates, which these densities do not see"


def ahead(data: xr.Dataset, spec: Spec, found: Options, location: Array, scale: Array) -> xr.Dataset:
    """Foresee each stretch of the last two thirds of the record.

    Parameters
    ----------
    data : Dataset
        From `volatility.panel`.
    spec : Spec
    found : Options
    location, scale : array, shape (regressor,)
        Of the normal priors of slopes.

    Returns
    -------
    Dataset
        `density` (unit), nats, NaN where a memory was not full; `happened` (unit), y; coordinates `time`, the first day
        of each stretch, and `segment`.
    """
    days = data.sizes["day"]
    parts = []
    for segment, (last, width) in enumerate(zip(found.segments, found.widths.tolist(), strict=True)):
        origins = np.arange(days - 1 - last, -1, -width)[::-1]
        first = origins + last - width + 1
        kept = origins[first >= EARLIER * days]
        density = _foreseen(data, segment, last, kept, found.noise, width, location, scale)
        parts.append(
            pd.DataFrame(
                {
                    "time": data["at"].to_numpy()[kept + last - width + 1],
                    "segment": last,
                    "density": density,
                    "happened": data["came"].to_numpy()[kept, segment],
                }
            )
        )
    table = pd.concat(parts).sort_values(["time", "segment"], kind="stable")
    return xr.Dataset(
        {name: ("unit", table[name].to_numpy()) for name in ("density", "happened")},
        coords={
            "time": ("unit", table["time"].to_numpy()),
            "segment": ("unit", table["segment"].to_numpy()),
            "covariates": repr(spec.covariates),
        },
        attrs={"units": "stretches", "same": SAME},
    )


def _foreseen(
    data: xr.Dataset,
    segment: int,
    last: int,
    origins: NDArray[np.int64],
    noise: float,
    width: int,
    location: Array,
    scale: Array,
) -> Array:
    """Foresee what came after each origin from what had come by then."""
    known, came = data["known"].to_numpy(), data["came"].to_numpy()[:, segment]
    full = np.isfinite(known).all(axis=1)
    precision, pull = np.diag(scale**-2.0), location / scale**2
    density, seen, weight = np.full(len(origins), np.nan), 0, 1 / (width * noise**2)
    for place, origin in enumerate(origins):
        ended = max(origin - last + 1, 0)  # whose segment lies wholly in the past
        new = np.flatnonzero((full & np.isfinite(came))[seen:ended]) + seen
        precision = precision + weight * known[new].T @ known[new]
        pull, seen = pull + weight * known[new].T @ came[new], ended
        if full[origin]:
            x = known[origin]
            lean = np.linalg.solve(precision, x)
            density[place] = stats.norm.logpdf(came[origin], lean @ pull, np.sqrt(noise**2 + lean @ x))
    return density
