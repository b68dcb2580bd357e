"""Prior intervals in, a posterior out, bad fits refused."""

import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from forecast.errors import NotConverged, SpecError
from forecast.spec import Prior, Sampler

Z95 = 1.6448536269514722

R_HAT = 1.01
ESS = 400.0
BFMI = 0.3
RETRY_ACCEPT = 0.99


@dataclass(frozen=True)
class Meaning:
    """What a prior's interval is about: its support (`real`, `positive` or `unit`), unit and meaning."""

    support: str
    unit: str
    meaning: str


def location_scale(prior: Prior, support: str, where: str = "") -> tuple[float, float]:
    """Turn a 90 % interval into the mean and standard deviation of a normal on the support's scale.

    Parameters
    ----------
    prior : Prior
        5 % and 95 % points in natural units.
    support : str
        `real`: a normal; `positive`: a lognormal, so the pair is on the log scale; `unit`: between
        0 and 1, so the pair is on the logit scale.
    where : str
        The key, for the message.

    Raises
    ------
    SpecError
        If a bound lies outside the support.
    """
    low, high = prior.low, prior.high
    if support == "positive":
        if low <= 0:
            raise SpecError(
                f"[{low:g}, {high:g}] cannot hold a positive quantity", where, hint="give a lower bound above 0"
            )
        low, high = math.log(low), math.log(high)
    if support == "unit":
        if not 0 < low < high < 1:
            raise SpecError(f"[{low:g}, {high:g}] cannot hold a share", where, hint="give bounds between 0 and 1")
        low, high = math.log(low / (1 - low)), math.log(high / (1 - high))
    return (low + high) / 2, (high - low) / (2 * Z95)


@dataclass(frozen=True)
class Sizes:
    """How many futures are simulated, and among how many posterior draws they are shared out."""

    draws: int
    parameters: int

    def __post_init__(self) -> None:
        if self.draws % self.parameters:
            raise ValueError("the number of futures is a multiple of the number of posterior draws")


def thinned(tree: xr.DataTree, names: Sequence[str], sizes: Sizes) -> dict[str, NDArray[np.float64]]:
    """Take evenly spaced posterior draws, one for each future.

    Parameters
    ----------
    tree : DataTree
    names : sequence of str
        Variables of the posterior.
    sizes : Sizes

    Returns
    -------
    dict of str to array, shape (draws, ...)
        Future d holds posterior draw `d % parameters`.
    """
    drawn = tree["posterior"].to_dataset().stack(sample=("chain", "draw")).transpose("sample", ...)
    chosen = np.linspace(0, drawn.sizes["sample"], sizes.parameters, endpoint=False).astype(np.int64)
    each = np.tile(chosen, sizes.draws // sizes.parameters)
    return {name: drawn[name].to_numpy()[each] for name in names}


def sample(model: Any, name: str, settings: Sampler, seed: int) -> xr.DataTree:
    """Draw from the posterior of a PyMC model with NUTS, and refuse draws that did not converge.

    One retry with twice the draws and target acceptance 0.99 comes before a refusal.

    Parameters
    ----------
    model : pymc.Model
    name : str
        For the message.
    settings : Sampler
    seed : int

    Returns
    -------
    DataTree
        Group `posterior` with dims chain and draw; its attributes hold the diagnostics.

    Raises
    ------
    NotConverged
        With the worst parameter and its figures.
    """
    import nutpie

    with _one_blas_thread():
        compiled = nutpie.compile_pymc_model(model)
        tree = _draw(compiled, name, settings, seed)
        if faults(diagnose(tree), settings):
            settings = replace(settings, draws=2 * settings.draws, tune=2 * settings.tune, target_accept=RETRY_ACCEPT)
            tree = _draw(compiled, name, settings, seed)
    found = diagnose(tree)
    wrong = faults(found, settings)
    if wrong:
        raise NotConverged(
            f"the model `{name}` did not converge, so it says nothing",
            why="\n  ".join(wrong),
            hint="give weak parameters tighter priors in the model's TOML, or raise sampler.tune",
        )
    tree["posterior"].attrs.update(found)
    return tree


def _draw(compiled: Any, name: str, settings: Sampler, seed: int) -> xr.DataTree:
    """Sample once; a start that fails is a refusal, and fewer draws than asked mean that somebody pressed Ctrl-C."""
    import nutpie

    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Found chain dimension to be longer")  # an interrupted run has no draws
            tree: xr.DataTree = nutpie.sample(
                compiled,
                draws=settings.draws,
                tune=settings.tune,
                chains=settings.chains,
                cores=2,
                seed=seed,
                target_accept=settings.target_accept,
                save_warmup=False,
                progress_bar=False,
            )
    except RuntimeError as problem:
        raise NotConverged(
            f"the model `{name}` could not start, so it says nothing",
            why=str(problem).splitlines()[0],
            hint="look for a prior or a count at which the density is not finite",
        ) from None
    if tree["posterior"].sizes.get("draw", 0) < settings.draws:
        raise KeyboardInterrupt
    return tree


@contextmanager
def _one_blas_thread() -> Iterator[None]:
    """Keep BLAS to one thread: the sampler's own threads times BLAS threads cost a factor of ten."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1, user_api="blas"):
        yield


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


def _worst(measured: Any, pick: Any) -> tuple[float, str]:
    """Find the worst value over all parameters, and its name."""
    best = {str(name): float(pick(np.asarray(values))) for name, values in measured.data_vars.items()}
    value = float(pick(list(best.values())))
    return value, next(name for name, found in best.items() if found == value)


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
