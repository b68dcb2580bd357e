"""Rates of the family `stages`: put together from the parts that are drawn, and the cells of like days they hold in."""

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from forecast.models.climbing import ADVANCE, Rates
from forecast.models.ladder import CAUSES, WINDOWS, Ladder

PAIRED = CAUSES[:2]  # causes whose rates differ by pairs of state and kind, and by traits
DRAWN = (
    *CAUSES,
    *("stage_spread", "kind_spread", "pair_spread", "age", "age_spread", "deadline", "trait", "effect"),
    *("z_stage", "z_kind", "z_pair", "z_age_stage", "z_age_kind"),
)
REFERENCE = 180.0  # days on a stage at which a rate is what its intercept says


def rates(drawn: dict[str, NDArray[np.float64]], found: Ladder) -> Rates:
    """Put the parts of the rates together.

    Parameters
    ----------
    drawn : dict of str to array, shape (draw, ...)
        What `DRAWN` names, as far as the spec has it.
    """
    stage = drawn["stage_spread"][:, :, None] * drawn["z_stage"]
    kind = drawn["kind_spread"][:, :, None] * drawn["z_kind"]
    pair = drawn["pair_spread"][:, :, None, None] * drawn["z_pair"]
    table = np.stack([np.log(drawn[cause]) for cause in CAUSES], axis=1)[:, :, None, None]
    table = table + stage[:, :, :, None] + kind[:, :, None, :]
    table[:, : len(PAIRED)] += pair
    by_stage, by_kind = (
        drawn["age_spread"][:, place, None] * drawn[name] for place, name in enumerate(("z_age_stage", "z_age_kind"))
    )
    slope = drawn["age"][:, None, None] + by_stage[:, :, None] + by_kind[:, None, :]
    draws = len(table)
    by_window = np.zeros((draws, len(CAUSES), len(WINDOWS)))
    by_window[:, :, 1:] = np.log(drawn["deadline"]).reshape(draws, len(CAUSES), -1)
    by_trait = np.zeros((draws, len(CAUSES), len(found.traits)))
    if found.traits:
        by_trait[:, : len(PAIRED)] = np.log(drawn["trait"]).reshape(draws, len(PAIRED), -1)
    effect = np.log(drawn["effect"]) if "effect" in drawn else np.zeros((draws, 0))
    return Rates(table, slope, np.log(found.ages() / REFERENCE), by_window, by_trait, effect)


def log_rates(parts: Rates, cells: dict[str, NDArray[Any]]) -> NDArray[np.float64]:
    """Compute log rates a year in cells of like days, covariates left out, shape (draw, cause, cell).

    Parameters
    ----------
    parts : Rates
    cells : dict of str to array
        `pair`, `window`, `log_age` and `traits`, as of `of_cells`.
    """
    draws, pair = len(parts.table), cells["pair"]
    found = parts.table.reshape(draws, parts.table.shape[1], -1)[..., pair]
    found += parts.by_window[..., cells["window"]]
    found[:, ADVANCE] += parts.slope.reshape(draws, -1)[:, pair] * cells["log_age"]
    found[:, : len(PAIRED)] += parts.by_trait[:, : len(PAIRED)] @ cells["traits"].T
    return np.asarray(found)


def of_cells(data: xr.Dataset, found: Ladder) -> dict[str, NDArray[Any]]:
    """Lay out what has an entry a cell, where cells that differ in nothing but what covariates read are one.

    Covariates act on the rate of advancing alone and alike in all cells, so that of a cell's days it matters only how
    many there were at each reading: `exposed` (cell, reading). `read` adds readings up over what advanced.
    """
    pair = data["state"].to_numpy() * len(found.kinds) + data["kind_of"].to_numpy()
    columns = [pair, data["window"].to_numpy(), data["age"].to_numpy(), data["traits"].to_numpy()]
    like, cell = np.unique(np.column_stack(columns), axis=0, return_inverse=True)
    readings, reading = np.unique(data["covariates"].to_numpy(), axis=0, return_inverse=True)
    happened, exposure = data["happened"].to_numpy(), data["exposure"].to_numpy()
    totals = np.zeros((len(like), 2, happened.shape[1]))
    np.add.at(totals, cell, np.stack([happened, exposure], axis=1))
    exposed = np.zeros((len(like), len(readings)))
    np.add.at(exposed, (cell, reading), exposure[:, 0])
    of_covariates = {"readings": readings, "exposed": exposed, "read": happened[:, 0] @ data["covariates"].to_numpy()}
    return {
        "pair": like[:, 0].astype(np.int64),
        "window": like[:, 1].astype(np.int64),
        "log_age": np.log(found.ages() / REFERENCE)[like[:, 2].astype(np.int64)],
        "traits": like[:, 3:],
        "happened": totals[:, 0].T,
        "exposure": totals[:, 1].T,
        **(of_covariates if data.sizes["covariate"] else {}),
    }
