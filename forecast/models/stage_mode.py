"""The posterior mode of the family `stages`, in less than a second: for walks through the record, not for publication.

Given the spreads, log rates are linear in effects with normal priors, and the likelihood is Poisson: Newton's method
finds their mode. The spreads are those that make the record most probable with effects integrated out by Laplace's
approximation (empirical Bayes; their prior stays in), found in turn with the mode by MacKay's rule (1992,
doi:10.1162/neco.1992.4.3.415), of the J effects with one spread:

    well determined = J - sum(variance) / spread^2
    log spread maximises  -(well determined) log spread - sum(mode^2) / (2 spread^2) + log prior

Rates are read off at the mode. Draws from a normal on log rates would raise rare ones by exp(variance / 2).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from forecast import inference
from forecast.models import stages
from forecast.models.ladder import CAUSES, WINDOWS
from forecast.models.stage_rates import PAIRED, REFERENCE
from forecast.spec import Spec

Array = NDArray[np.float64]
ROUNDS, STEPS, ENOUGH = 60, 30, 1e-3
LARGEST = 2.0  # change of a log rate in one step of Newton's method


@dataclass(frozen=True)
class Block:
    """Effects that share a prior: their columns, and the prior's location and scale; a spread where that is unknown."""

    columns: Array
    location: Array
    scale: Array
    spread: tuple[float, float] | None = None


@dataclass(frozen=True)
class Mode:
    """Effects by block, and spreads of the blocks that have one."""

    effects: Mapping[str, Array]
    spreads: Mapping[str, float]


def posterior(data: xr.Dataset, spec: Spec) -> xr.DataTree:
    """Find the mode, laid out as a posterior of one draw that `stage_rates.rates` reads.

    Parameters
    ----------
    data : Dataset
        From `stages.panel`.
    """
    found = stages.options(spec)
    modes = []
    for cause, name in enumerate(CAUSES):
        happened, exposure = (data[part].to_numpy()[:, cause] for part in ("happened", "exposure"))
        at_risk = exposure > 0
        blocks = _blocks(data.isel(cell=at_risk), spec, name)
        with inference.one_blas_thread():
            modes.append(_mode(blocks, happened[at_risk], exposure[at_risk]))
    return _laid_out(modes, spec, len(found.states), len(found.kinds))


def _blocks(data: xr.Dataset, spec: Spec, cause: str) -> dict[str, Block]:
    """Write the log rate of a cause as a sum of blocks of effects."""
    found = stages.options(spec)
    place = CAUSES.index(cause)
    of_prior = {
        name: inference.location_scale(prior, stages.PRIORS[name].support) for name, prior in spec.priors.items()
    }
    state, kind, window = (data[name].to_numpy() for name in ("state", "kind_of", "window"))
    states, kinds = np.eye(len(found.states))[state], np.eye(len(found.kinds))[kind]
    pairs = np.eye(len(found.states) * len(found.kinds))[state * len(found.kinds) + kind]

    def spread(columns: Array, name: str) -> Block:
        return Block(columns, np.zeros(columns.shape[1]), np.ones(columns.shape[1]), of_prior[name])

    def known(columns: Array, *priors: tuple[float, float]) -> Block:
        location, scale = np.transpose(priors) if priors else (np.empty(0), np.empty(0))
        return Block(columns, location, scale)

    blocks = {
        "level": known(np.ones((len(state), 1)), of_prior[cause]),
        "deadline": known(np.eye(len(WINDOWS))[window][:, 1:], *[of_prior["deadline"]] * (len(WINDOWS) - 1)),
        "stage": spread(states, "stage_spread"),
        "kind": spread(kinds, "kind_spread"),
    }
    if cause in PAIRED:
        traits = [inference.location_scale(trait.effect, "positive") for trait in found.traits]
        blocks["trait"] = known(data["traits"].to_numpy(), *traits)
        blocks["pair"] = spread(pairs, "pair_spread")
    if place == 0:
        log_age = np.log(found.ages() / REFERENCE)[data["age"].to_numpy()][:, None]
        effects = [inference.location_scale(item.effect, "positive") for item in spec.covariates]
        blocks["age"] = known(log_age, of_prior["age"])
        blocks["age_stage"], blocks["age_kind"] = (spread(log_age * of, "age_spread") for of in (states, kinds))
        blocks["effect"] = known(data["covariates"].to_numpy(), *effects)
    return blocks


def _mode(blocks: Mapping[str, Block], happened: Array, exposure: Array) -> Mode:
    """Find effects and spreads of one cause, in turn until they rest."""
    columns = np.concatenate([block.columns for block in blocks.values()], axis=1)
    used = columns.any(axis=0)
    of = np.repeat(np.arange(len(blocks)), [block.columns.shape[1] for block in blocks.values()])
    location = np.concatenate([block.location for block in blocks.values()])
    names = list(blocks)
    log_spread = {name: block.spread[0] for name, block in blocks.items() if block.spread}
    effects = location.copy()
    for _ in range(ROUNDS):
        scale = np.concatenate([block.scale * np.exp(log_spread.get(name, 0.0)) for name, block in blocks.items()])
        effects[used], variance = _newton(
            columns[:, used], happened, exposure, effects[used], location[used], scale[used]
        )
        before = dict(log_spread)
        for name, start in before.items():
            mine = (of == names.index(name)) & used
            well = float(mine.sum() - variance[mine[used]].sum() * np.exp(-2 * start))
            squares = float((effects[mine] ** 2).sum())
            log_spread[name] = _log_spread(well, squares, blocks[name].spread or (0.0, 1.0), start)
        if max((abs(log_spread[name] - before[name]) for name in before), default=0) < ENOUGH:
            break
    split = {name: effects[of == number] for number, name in enumerate(names)}
    return Mode(split, {name: float(np.exp(value)) for name, value in log_spread.items()})


def _newton(
    columns: Array, happened: Array, exposure: Array, start: Array, location: Array, scale: Array
) -> tuple[Array, Array]:
    """Find the mode of effects given their prior, and the variances of Laplace's approximation there."""
    precision, effects = scale**-2.0, start
    for _ in range(STEPS):
        expected = exposure * np.exp(columns @ effects)
        slope = columns.T @ (happened - expected) - precision * (effects - location)
        curvature = (columns * expected[:, None]).T @ columns + np.diag(precision)
        step = np.linalg.solve(curvature, slope)
        step *= min(1.0, LARGEST / max(float(np.abs(columns @ step).max(initial=0.0)), LARGEST))
        effects = effects + step
        if np.abs(step).max(initial=0.0) < ENOUGH:
            break
    return effects, np.asarray(np.diag(np.linalg.inv(curvature)))


def _log_spread(well: float, squares: float, prior: tuple[float, float], start: float) -> float:
    """Maximise over a log spread, given how many effects are well determined and the sum of their squares."""
    location, scale = prior
    value = start
    for _ in range(STEPS):
        pull = squares * np.exp(-2 * value)
        step = (pull - well - (value - location) / scale**2) / (2 * pull + scale**-2.0)
        value += float(np.clip(step, -1, 1))
    return value


def _laid_out(modes: list[Mode], spec: Spec, states: int, kinds: int) -> xr.DataTree:
    """Lay the modes out as what `stage_rates.rates` reads, one chain of one draw."""

    def standard(name: str, several: list[Mode], *shape: int) -> Array:
        return np.stack([mode.effects[name] / mode.spreads[name] for mode in several]).reshape(-1, *shape)

    paired, first = modes[: len(PAIRED)], modes[0]
    values: dict[str, object] = {
        **{cause: float(np.exp(mode.effects["level"][0])) for cause, mode in zip(CAUSES, modes, strict=True)},
        "stage_spread": [mode.spreads["stage"] for mode in modes],
        "kind_spread": [mode.spreads["kind"] for mode in modes],
        "pair_spread": [mode.spreads["pair"] for mode in paired],
        "age": float(first.effects["age"][0]),
        "age_spread": [first.spreads["age_stage"], first.spreads["age_kind"]],
        "deadline": np.exp(np.concatenate([mode.effects["deadline"] for mode in modes])),
        "z_stage": standard("stage", modes, states),
        "z_kind": standard("kind", modes, kinds),
        "z_pair": standard("pair", paired, states, kinds),
        "z_age_stage": standard("age_stage", [first], states)[0],
        "z_age_kind": standard("age_kind", [first], kinds)[0],
    }
    if stages.options(spec).traits:
        values["trait"] = np.exp(np.concatenate([mode.effects["trait"] for mode in paired]))
    if spec.covariates:
        values["effect"] = np.exp(first.effects["effect"])
    drawn = {name: np.asarray(value, float)[None, None] for name, value in values.items()}
    dims = {name: ("chain", "draw", *(f"{name}_{axis}" for axis in range(2, one.ndim))) for name, one in drawn.items()}
    return xr.DataTree.from_dict({"posterior": xr.Dataset({name: (dims[name], one) for name, one in drawn.items()})})
