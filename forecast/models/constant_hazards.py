"""Ordered stages climbed, halted on or left at constant rates, by kind of process and state: the baseline of `stages`.

    cause c in state s for kind k:  rate[c, s, k] ~ Gamma(strength + happened, strength / pooled[c, s] + years at risk)

where exits and suspensions have one rate for all states of a kind, so a kind without a record has the pooled rate and
nothing is exactly 0. Where advances and exits lead, and what can never happen, are as in `stages`.
"""

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from forecast.events import Futures
from forecast.inference import Sizes, thinned
from forecast.models.climbing import Rates, simulated
from forecast.models.ladder import CAUSES, WINDOWS, Ladder
from forecast.prospect import Prospect
from forecast.spec import Spec

DRAWS = 1000


def _counted(data: xr.Dataset, found: Ladder) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Add up what happened and years at risk, shape (cause, state, kind); exits and suspensions over all states."""
    shape = (len(CAUSES), len(found.states), len(found.kinds))
    happened, years = np.zeros(shape), np.zeros(shape)
    place = (data["state"].to_numpy(), data["kind_of"].to_numpy())
    for cause in range(len(CAUSES)):
        np.add.at(happened[cause], place, data["happened"].to_numpy()[:, cause])
        np.add.at(years[cause], place, data["exposure"].to_numpy()[:, cause])
    for counted in (happened, years):
        counted[1:] = counted[1:].sum(axis=1, keepdims=True)
    return happened, years


def posterior(data: xr.Dataset, found: Ladder, seed: int) -> xr.DataTree:
    """Draw rates a year from their gamma posteriors.

    Returns
    -------
    DataTree
        Group `posterior`: `rate` (chain, draw, cause, state, kind).
    """
    rng = np.random.default_rng(seed)
    happened, years = _counted(data, found)
    overall = (happened.sum(axis=(1, 2)) + 0.5) / (years.sum(axis=(1, 2)) + 1)
    pooled = (happened.sum(axis=2) + 0.5) / (years.sum(axis=2) + 0.5 / overall[:, None])
    rate = rng.gamma(
        found.strength + happened,
        1 / (found.strength / pooled[:, :, None] + years),
        (1, DRAWS, *happened.shape),
    )
    group = xr.Dataset({"rate": (("chain", "draw", "cause", "state", "kind"), rate)})
    return xr.DataTree.from_dict({"posterior": group})


def simulate(
    tree: xr.DataTree,
    data: xr.Dataset,
    spec: Spec,
    found: Ladder,
    prospect: Prospect,
    rng: np.random.Generator,
) -> Futures:
    """Let every open process climb, halt or end; the other arguments are those of `counts.simulate`."""
    number = prospect.sizes.parameters
    drawn = thinned(tree, ("rate",), Sizes(number, number))["rate"]
    draws, states, kinds = len(drawn), len(found.states), len(found.kinds)
    rates = Rates(
        table=np.log(drawn),
        slope=np.zeros((draws, states, kinds)),
        log_age=np.zeros(len(found.cuts) + 1),
        by_window=np.zeros((draws, len(CAUSES), len(WINDOWS))),
        by_trait=np.zeros((draws, len(CAUSES), len(found.traits))),
        effect=np.zeros((draws, 0)),
    )
    return simulated(rates, data, spec, found, prospect, rng)
