"""Background rates of a count model: cells vary around fronts and marks, fronts around origins and places.

With an origin a, a mark m, a place p and a front f = (a, p),

    front[f]  = log background + spread_origin z[a] + spread_place z[p] + spread_front z[f]
    log nu[c] = front[f] + spread_mark z[m] + spread_cell z[c]

Fronts and cells are partially centred: a value of spread s around a mean m is m + s^(1 - w) (u - w m) with
u ~ N(w m, s^w), which is non-centred for w = 0 and centred for w = 1 (Papaspiliopoulos, Roberts and Skold 2007,
doi:10.1214/088342307000000014). The more the record says about a value, the nearer to one w has to be for its spread
to mix. Origins, marks and places are few, and non-centred.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast.models.cells import Layout

# How much a bin with events says about a cell's background, against the prior: less if feedback, adding, explains it.
INFORMED = {"additive": 0.1, "log": 0.2}


def coords(plan: Layout) -> dict[str, tuple[str, ...]]:
    """Name what each level varies over, by dimension."""
    return {"origin_of": plan.origins, "mark_of": plan.marks, "place_of": plan.places, "front_of": plan.fronts}


def centring(counts: NDArray[np.float64], form: str, plan: Layout) -> dict[str, NDArray[np.float64]]:
    """Say how far values are centred; a front is known half as well as its cells are together.

    Parameters
    ----------
    counts : array, shape (bin, cell)
    form : str
        A key of `INFORMED`.
    plan : Layout

    Returns
    -------
    dict of str to array
        `centred_cell` and `centred_front`, between 0 and 1.
    """
    seen = INFORMED[form] * (counts > 0).sum(axis=0)
    cell = seen / (seen + 1)
    together = np.bincount(plan.front_of, cell)
    return {"centred_cell": cell, "centred_front": together / (together + 2)}


def log_rates(of: Mapping[str, Any], given: Mapping[str, Any], plan: Layout) -> Any:
    """Give the log background rate a year of each cell, shape (cell,), inside a PyMC model.

    Parameters
    ----------
    of : mapping of str to tensor
        `background` and the spreads, on the log scale.
    given : mapping of str to tensor
        `centre`, around which `background` lies a priori, and what `centring` gives.
    plan : Layout
    """
    import pymc as pm
    import pytensor.tensor as pt

    origin, mark, place = (
        pt.exp(of[f"spread_{level}"]) * pm.Normal(f"z_{level}", dims=f"{level}_of")
        for level in ("origin", "mark", "place")
    )
    _, first = np.unique(plan.front_of, return_index=True)
    # Without the centre, around which nothing varies, or centred values would lie far from nought, where chains begin.
    mean = of["background"] - given["centre"] + origin[plan.origin_of[first]] + place[plan.place_of[first]]
    front = _around(mean, of["spread_front"], given["centred_front"], "u_front", "front_of")
    mean = front[plan.front_of] + mark[plan.mark_of]
    return given["centre"] + _around(mean, of["spread_cell"], given["centred_cell"], "u_cell", "cell")


def _around(mean: Any, log_spread: Any, w: Any, name: str, dim: str) -> Any:
    """Let values vary around their means, centred as far as `w` says."""
    import pymc as pm
    import pytensor.tensor as pt

    u = pm.Normal(name, w * mean, pt.exp(w * log_spread), dims=dim)
    return mean + pt.exp((1 - w) * log_spread) * (u - w * mean)
