"""The additive attack model drawn by three samplers: nutpie as the product calls it, PyMC's NUTS, NumPyro's NUTS."""

import importlib.util
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import xarray as xr
from measured import Stopwatch, case, fresh, say, table

from forecast import compiled, convergence, inference, world
from forecast.inference import CORES, Sampled
from forecast.spec import Sampler

MEMBER = "proxy_attacks.additive"
HEADINGS = (
    "sampler",
    "compile, empty cache (s)",
    "compile, kept (s)",
    "sample (s)",
    "min bulk ESS",
    "ESS/s",
    "max R-hat",
    "divergences",
)


@dataclass(frozen=True)
class Fit:
    """One fit: seconds of compiling and sampling, and what the product's diagnostics say of all variables."""

    compiling: float
    sampling: float
    ess: float
    r_hat: float
    divergences: float


def settings(tune: int | None, draws: int | None) -> Sampler:
    """Take the spec's settings, with other lengths if they are given (iterations a chain)."""
    found = _member()[1]
    return replace(found, tune=tune or found.tune, draws=draws or found.draws)


def _member() -> tuple[Sampled, Sampler, int]:
    """Give the model, its sampler's settings and the product's seed."""
    found = case()
    part = next(part for part in found.spec.parts if part.name == MEMBER)
    page = world.family(part)
    return page.sampled(page.panel(found.snapshot, part), part), part.sampler, world.seed(part, found.snapshot)


def fit(name: str, asked: Sampler, repeat: int) -> Fit:
    """Fit once, in a process that has compiled nothing yet."""
    import pymc  # noqa: F401  not part of compiling

    model, _, seed = _member()
    compiling, sampling, tree = SAMPLERS[name](model, asked, seed + repeat)
    found = tree["posterior"].attrs if name == "nutpie" else convergence.diagnose(tree)
    return Fit(compiling, sampling, *(float(found[name]) for name in ("ess_bulk", "r_hat", "divergences")))


def _nutpie(model: Sampled, asked: Sampler, seed: int) -> tuple[float, float, xr.DataTree]:
    """Fit as the product does, but once, whatever the diagnostics say."""
    began, watch = time.perf_counter(), Stopwatch()
    compiled.program(model.build, model.key)
    compiling = time.perf_counter() - began
    tree = inference.sample(model, asked, seed, watch=watch, gate=lambda *_: [])
    return compiling, watch.seconds, tree


def _pymc(model: Sampled, asked: Sampler, seed: int) -> tuple[float, float, xr.DataTree]:
    """Draw the same PyMC model, the same likelihood in it, with PyMC's NUTS, a process a core."""
    began = time.perf_counter()
    tree = _drawn("pymc", model.build(), asked, seed)
    sampling = float(tree["posterior"].attrs["sampling_time"])
    return time.perf_counter() - began - sampling, sampling, tree


def _numpyro(model: Sampled, asked: Sampler, seed: int) -> tuple[float, float, xr.DataTree]:
    """Draw the same PyMC model, its likelihood written for JAX, with NumPyro's NUTS, a device a chain."""
    import jax
    import jaxed

    written = model.build()
    jaxed.check(written, model, seed)
    began, compiling, watch = time.perf_counter(), 0.0, Stopwatch()

    def timed(chain: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def chains(given: Any) -> Any:
            nonlocal compiling
            ready = jax.pmap(chain).lower(given).compile()
            compiling = time.perf_counter() - began
            with watch():
                return jax.block_until_ready(ready(given))

        return chains

    tree = _drawn("numpyro", written, asked, seed, chain_method=timed)
    return compiling, watch.seconds, tree


def _drawn(name: str, written: Any, asked: Sampler, seed: int, **given: Any) -> xr.DataTree:
    import pymc

    tree: xr.DataTree = pymc.sample(
        model=written,
        nuts_sampler=name,
        draws=asked.draws,
        tune=asked.tune,
        chains=asked.chains,
        cores=CORES,
        nuts={"target_accept": asked.target_accept, **given},
        random_seed=seed,
        progressbar=False,
        quiet=True,
        compute_convergence_checks=False,
    )
    return tree


SAMPLERS = {"nutpie": _nutpie, "pymc": _pymc, "numpyro": _numpyro}
TITLES = {"nutpie": "nutpie, as the product calls it", "pymc": "PyMC NUTS", "numpyro": "NumPyro NUTS, on the processor"}


def report(names: Sequence[str] | None, asked: Sampler, repeats: int, caches: Path) -> str:
    """Let samplers take turns, and write the medians of their fits as a table below what was asked.

    Parameters
    ----------
    names : sequence of str or None
        Of `SAMPLERS`, all by default; the compiled code of each is kept apart.
    asked : Sampler
    repeats : int
        Fits of each sampler, with different seeds.
    caches : Path
        An empty folder.
    """
    wanted = names or tuple(SAMPLERS)
    able = [name for name in wanted if name != "numpyro" or importlib.util.find_spec("numpyro")]
    fits: dict[str, list[Fit]] = {name: [] for name in able}
    for repeat in range(repeats):
        for name in able:
            say(f"{name}: fit {repeat + 1} of {repeats}")
            fits[name].append(fresh(caches / name, fit, name, asked, repeat))
            say(f"{name}: {fits[name][-1]}")
    lengths = f"{asked.chains} chains of {asked.tune} + {asked.draws}, target acceptance {asked.target_accept}"
    lines = [f"`{MEMBER}`, {lengths}, {CORES} cores; medians of {repeats} fits that took turns, R-hat the worst,"]
    lines += ["divergences of all. ESS is the least of all variables."]
    if len(able) < len(wanted):
        lines.append("NumPyro is left out, for it is not installed (`make bench` installs it).")
    return " ".join(lines) + "\n\n" + table(HEADINGS, [_row(name, found) for name, found in fits.items()])


def _row(name: str, fits: list[Fit]) -> dict[str, str]:
    def median(values: Iterable[float]) -> float:
        return statistics.median([*values] or [float("nan")])

    figures = (
        f"{fits[0].compiling:.1f}",
        f"{median(one.compiling for one in fits[1:]):.1f}" if len(fits) > 1 else "",
        f"{median(one.sampling for one in fits):.1f}",
        f"{median(one.ess for one in fits):.0f}",
        f"{median(one.ess / one.sampling for one in fits):.2f}",
        f"{max(one.r_hat for one in fits):.3f}",
        f"{sum(one.divergences for one in fits):.0f}",
    )
    return dict(zip(HEADINGS, (TITLES[name], *figures), strict=True))
