"""The convergence gate: how well draws agree, and what is refused."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from forecast.spec import Sampler

R_HAT = 1.01
ESS = 400.0
BFMI = 0.3
MEASURED = ("r_hat", "ess_bulk", "ess_tail", "divergences", "bfmi", "chains", "draws")


def diagnose(tree: xr.DataTree) -> dict[str, float | str]:
    """Measure how well draws agree: worst R-hat and effective sizes, divergences, energy, counts.

    Parameters
    ----------
    tree : DataTree
        With groups `posterior` and `sample_stats`.
    """
    import arviz_stats as stats

    draws = tree["posterior"].to_dataset()
    r_hat, worst_r_hat = _worst(stats.rhat(draws, method="rank"), np.nanmax)
    bulk, worst_bulk = _worst(stats.ess(draws, method="bulk"), np.nanmin)
    tail, worst_tail = _worst(stats.ess(draws, method="tail"), np.nanmin)
    energy = np.asarray(tree["sample_stats"]["energy"])
    bfmi = np.square(np.diff(energy, axis=1)).mean(axis=1) / energy.var(axis=1)
    finite = all(bool(np.isfinite(values).all()) for values in draws.data_vars.values())
    return {
        "r_hat": r_hat,
        "r_hat_at": worst_r_hat,
        "ess_bulk": bulk,
        "ess_bulk_at": worst_bulk,
        "ess_tail": tail,
        "ess_tail_at": worst_tail,
        "divergences": float(np.asarray(tree["sample_stats"]["diverging"]).sum()),
        "bfmi": float(bfmi.min()),
        "chains": float(draws.sizes["chain"]),
        "draws": float(draws.sizes["draw"]),
        "finite": float(finite),
    }


def measured(told: Mapping[Any, Any]) -> dict[str, float]:
    """Pick the numbers of `diagnose` out of what stands beside a posterior; none where nothing was sampled."""
    return {name: float(told[name]) for name in MEASURED if name in told}


def _worst(measured: Any, pick: Any) -> tuple[float, str]:
    """Find the worst value over all parameters, and which element of which parameter it is."""
    best = {name: float(pick(np.asarray(values))) for name, values in measured.data_vars.items() if values.size}
    name, value = min(best.items(), key=lambda pair: abs(pair[1] - pick(list(best.values()))))
    at = np.argwhere(np.asarray(measured[name]) == value)
    places = zip(measured[name].dims, at[0] if len(at) else (), strict=False)
    found = ", ".join(str(measured[name][dim].to_numpy()[place]) for dim, place in places)
    return value, f"{name}[{found}]" if found else str(name)


def faults(found: Mapping[str, float | str], asked: Sampler) -> list[str]:
    """List what the gate finds wrong with the diagnostics of a fit; empty means passed."""
    number = {key: float(value) for key, value in found.items() if not isinstance(value, str)}
    wrong = []
    if not number["r_hat"] <= R_HAT:
        wrong.append(f"R-hat of `{found['r_hat_at']}` is {number['r_hat']:.3f}, above {R_HAT}")
    for which in ("bulk", "tail"):
        if not number[f"ess_{which}"] >= ESS:
            where = found[f"ess_{which}_at"]
            wrong.append(f"{which} effective sample size of `{where}` is {number[f'ess_{which}']:.0f}, below {ESS:.0f}")
    if number["divergences"]:
        wrong.append(f"{number['divergences']:.0f} divergent transitions, where none may be")
    if not number["bfmi"] > BFMI:
        wrong.append(f"E-BFMI is {number['bfmi']:.2f}, not above {BFMI}")
    if (number["chains"], number["draws"]) != (asked.chains, asked.draws):
        wrong.append(
            f"{number['chains']:.0f} x {number['draws']:.0f} draws came, {asked.chains} x {asked.draws} were asked"
        )
    if not number["finite"]:
        wrong.append("some draws are not finite")
    return wrong
