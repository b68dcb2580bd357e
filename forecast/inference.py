"""Prior intervals in, a posterior out, bad fits refused."""

import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from forecast import compiled, convergence
from forecast.compiled import Start
from forecast.errors import NotConverged, SpecError
from forecast.language import say
from forecast.spec import Prior, Sampler

Z95 = 1.6448536269514722
RETRY_ACCEPT = 0.99
CORES = 2

# Told now and then how far each chain is: finished_draws, total_draws, divergences, step_size, runtime_ms.
Tick = Callable[[Sequence[Any]], None]
Watch = Callable[[str], AbstractContextManager[Tick]]
Gate = Callable[[Mapping[str, float | str], Sampler], list[str]]


def unwatched(_: str) -> AbstractContextManager[Tick]:
    """Watch nothing."""
    return nullcontext(lambda _: None)


@dataclass(frozen=True)
class Meaning:
    """What a prior's interval is about: its support (`real`, `positive` or `unit`), unit, and its sentence."""

    support: str
    unit: str
    says: str

    @property
    def meaning(self) -> str:
        """What it means, in the language that is spoken."""
        return say(self.says)


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

    def shared(self, members: int) -> "Sizes":
        """Give the sizes of each member of a pool.

        Raises
        ------
        SpecError
            If they cannot be equal.
        """
        if self.parameters % members:
            raise SpecError(f"{self.parameters} posterior draws cannot be shared among {members} members equally")
        return Sizes(self.draws // members, self.parameters // members)


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
    drawn = tree["posterior"].to_dataset().transpose("chain", "draw", ...)
    count = drawn.sizes["chain"] * drawn.sizes["draw"]
    chosen = np.linspace(0, count, sizes.parameters, endpoint=False).astype(np.int64)
    each = np.tile(chosen, sizes.draws // sizes.parameters)
    return {name: drawn[name].to_numpy().reshape(count, *drawn[name].shape[2:])[each] for name in names}


def at_most(tree: xr.DataTree, names: Sequence[str], draws: int) -> dict[str, NDArray[np.float64]]:
    """Take evenly spaced posterior draws, each once: so many, or all if there are fewer."""
    held = tree["posterior"].sizes
    kept = min(draws, held["chain"] * held["draw"])
    return thinned(tree, names, Sizes(kept, kept))


@dataclass(frozen=True)
class Sampled:
    """A model to be sampled: how to write it down in PyMC, and the data that go into its `pymc.Data`.

    Parameters
    ----------
    name : str
        For messages.
    key : str
        Models of one key differ in nothing but data, so they are compiled once.
    build : callable
        Gives the `pymc.Model`.
    data : mapping of str to array
    """

    name: str
    key: str
    build: Callable[[], Any]
    data: Mapping[str, NDArray[Any]]


def publishable(found: Mapping[str, float | str], asked: Sampler) -> list[str]:
    """Let nothing pass but what may be published."""
    return convergence.faults(found, asked)


def sample(
    model: Sampled,
    settings: Sampler,
    seed: int,
    start: Start | None = None,
    watch: Watch = unwatched,
    gate: Gate = publishable,
    cores: int = CORES,
    retries: Sequence[float] = (RETRY_ACCEPT,),
) -> xr.DataTree:
    """Draw from a posterior with NUTS, and refuse draws that did not converge.

    Retries, each with twice the draws and warm-up of the one before, come before a refusal.

    Parameters
    ----------
    model : Sampled
    settings : Sampler
    seed : int
    start : Start or None
        What an earlier posterior of the same parameters left; then `settings.refit` says how long to draw.
    watch : callable
        Given the name, a context in which progress is told.
    gate : callable
        Says from the diagnostics what is wrong with the draws.
    cores : int
        How many chains run at a time; the draws do not depend on it.
    retries : sequence of float
        Target acceptance of each.

    Returns
    -------
    DataTree
        Group `posterior` with dims chain and draw; its attributes hold the diagnostics and nothing of the clock.
        Group `start` holds what the next fit can begin from.

    Raises
    ------
    NotConverged
        With the worst parameter and its figures.
    """
    program = compiled.program(model.build, model.key)
    if start is not None and start.labels != program.labels:
        start = None
    asked = settings if start is None else replace(settings, **asdict(settings.refit))
    with one_blas_thread():
        tree, free = _draw(program.ready(model.data, start), model.name, asked, seed, watch, cores)
        found = convergence.diagnose(tree)
        for accept in retries:
            if not gate(found, asked):
                break
            asked = replace(asked, draws=2 * asked.draws, tune=2 * asked.tune, target_accept=accept)
            tree, free = _draw(program.ready(model.data, start), model.name, asked, seed, watch, cores)
            found = convergence.diagnose(tree)
    wrong = gate(found, asked)
    if wrong:
        raise NotConverged(
            f"the model `{model.name}` did not converge, so it says nothing",
            why="\n  ".join(wrong),
            hint="give weak parameters tighter priors in the model's TOML, or raise sampler.tune",
        )
    posterior = (
        tree["posterior"].to_dataset().drop_attrs().assign_attrs(found, tune=asked.tune, warm=int(start is not None))
    )
    return xr.DataTree.from_dict({"posterior": posterior, "start": program.start(free).dataset()})


def from_prior(model: Sampled, draws: int, seed: int) -> xr.DataTree:
    """Draw parameters before any data.

    Parameters
    ----------
    model : Sampled
        What its `pymc.Potential` say is data, and is left out.
    draws : int
    seed : int

    Returns
    -------
    DataTree
        Group `posterior`, laid out as that of a fit, with one chain.
    """
    import pymc as pm

    written = model.build()
    named = [*written.free_RVs, *written.deterministics]
    drawn = pm.draw(named, draws=draws, random_seed=seed, mode="FAST_COMPILE")
    dims, drawn = written.named_vars_to_dims, drawn if draws > 1 else [value[None] for value in drawn]
    variables = {
        variable.name: (("chain", "draw", *dims.get(variable.name, ())), np.asarray(values)[None])
        for variable, values in zip(named, drawn, strict=True)
    }
    coords = {name: list(labels) for name, labels in written.coords.items()}
    return xr.DataTree.from_dict({"posterior": xr.Dataset(variables, coords)})


def _draw(
    code: Any, name: str, settings: Sampler, seed: int, watch: Watch, cores: int
) -> tuple[xr.DataTree, NDArray[np.float64]]:
    """Sample once, keeping the unconstrained draws apart.

    A start that fails is a refusal; fewer draws than asked mean that somebody pressed Ctrl-C.
    """
    import nutpie

    try:
        with warnings.catch_warnings(), watch(name) as tick:
            warnings.filterwarnings("ignore", "Found chain dimension to be longer")  # an interrupted run has no draws
            tree: xr.DataTree = nutpie.sample(
                code,
                draws=settings.draws,
                tune=settings.tune,
                chains=settings.chains,
                cores=cores,
                seed=seed,
                target_accept=settings.target_accept,
                save_warmup=False,
                progress_bar=False,
                progress_callback=tick,
            )
    except RuntimeError as problem:
        raise NotConverged(
            f"the model `{name}` could not start, so it says nothing",
            why=str(problem).splitlines()[0],
            hint="look for a prior or a count at which the density is not finite",
        ) from None
    if tree["posterior"].sizes.get("draw", 0) < settings.draws:
        raise KeyboardInterrupt
    return compiled.split(tree)


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Keep BLAS to one thread: the sampler's own threads times BLAS threads cost a factor of ten."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1, user_api="blas"):
        yield
