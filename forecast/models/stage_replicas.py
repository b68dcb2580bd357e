"""What the family `stages` makes of its own record: how probable it is, and the same days at risk lived through anew.

What happened within a cell of like days is Poisson, so that of cells taken together it is Poisson too, with their
means added up.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from forecast import inference
from forecast.models import ladder
from forecast.models.climbing import ADVANCE, EXIT, Rates
from forecast.models.ladder import WINDOWS, Ladder
from forecast.models.stage_rates import DRAWN, REFERENCE, log_rates, of_cells, rates
from forecast.spec import Spec

Array = NDArray[np.float64]
LATE, YOUNG = 730.0, 365.0  # days on a stage


@dataclass(frozen=True)
class _Cells:
    """Rates in every cell and the years at risk there, both shape (draw, cause, cell)."""

    log_rate: Array
    exposure: Array

    @property
    def mean(self) -> Array:
        """How much is expected to happen."""
        return np.asarray(self.exposure * np.exp(self.log_rate))


def log_likelihoods(tree: xr.DataTree, data: xr.Dataset, spec: Spec) -> xr.DataArray:
    """Compute the log likelihood of all that happened for every draw, but for a constant, shape (chain, draw)."""
    found, posterior = _options(spec), tree["posterior"].to_dataset()
    cells, names = of_cells(data, found), [name for name in DRAWN if name in posterior]
    values = []
    for chain in range(posterior.sizes["chain"]):
        drawn = {name: posterior[name].isel(chain=chain).transpose("draw", ...).to_numpy() for name in names}
        parts = rates(drawn, found)
        each = _rated(parts, cells)
        total = (cells["happened"] * each.log_rate - each.mean).sum(axis=(1, 2))
        values.append(total + (parts.effect @ cells["read"] if "read" in cells else 0.0))
    return xr.DataArray(np.stack(values), dims=("chain", "draw"))


def replicas(
    tree: xr.DataTree, data: xr.Dataset, spec: Spec, draws: int, rng: np.random.Generator
) -> dict[str, tuple[float, Array]]:
    """Set numbers of the record beside those of replicas.

    Parameters
    ----------
    tree : DataTree
        A posterior.
    data : Dataset
        From `stages.panel`.
    spec : Spec
    draws : int
        How many replicas, at most: one for each draw.
    rng : Generator

    Returns
    -------
    dict of str to (float, array)
        By the key of what says what it is.
    """
    found = _options(spec)
    cells, posterior = of_cells(data, found), tree["posterior"]
    drawn = inference.at_most(tree, [name for name in DRAWN if name in posterior], draws)
    mean = _rated(rates(drawn, found), cells).mean
    age = np.exp(cells["log_age"]) * REFERENCE
    told = [cells["pair"], age > LATE, age < YOUNG, cells["window"] == WINDOWS.index("passed")]
    of, group = np.unique(np.column_stack(told), axis=0, return_inverse=True)
    within = np.eye(len(of))[group]
    made, recorded = rng.poisson(mean @ within).astype(float), cells["happened"] @ within
    pair, late, young, passed = of.T
    at_risk = np.bincount(pair, (cells["exposure"] @ within)[ADVANCE]) > 0
    by_pair = np.eye(int(pair.max()) + 1)[pair][:, at_risk]
    numbers: dict[str, Callable[[Array], Array]] = {
        "steps-late": lambda happened: happened[:, ADVANCE, late > 0].sum(axis=-1),
        "steps-passed": lambda happened: happened[:, ADVANCE, passed > 0].sum(axis=-1),
        "steps-most": lambda happened: (happened[:, ADVANCE] @ by_pair).max(axis=-1),
        "steps-none": lambda happened: ((happened[:, ADVANCE] @ by_pair) == 0).mean(axis=-1),
        "ends-young": lambda happened: happened[:, EXIT, young > 0].sum(axis=-1),
    }
    return {name: (float(number(recorded[None])[0]), number(made)) for name, number in numbers.items()}


def _options(spec: Spec) -> Ladder:
    return ladder.parse(dict(spec.options), f"{spec.where}, [options]")


def _rated(parts: Rates, cells: dict[str, NDArray[Any]]) -> _Cells:
    exposure = np.repeat(cells["exposure"][None], len(parts.table), axis=0)
    if "exposed" in cells:
        exposure[:, ADVANCE] = np.exp(parts.effect @ cells["readings"].T) @ cells["exposed"].T
    return _Cells(log_rates(parts, cells), exposure)
