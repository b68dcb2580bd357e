"""Ordered stages that are climbed, halted on or left: hierarchical competing risks in semi-Markov time.

A process of kind k in state s (a stage, or suspended on one) meets three causes, each with a rate a year:

    log advance = advance + a1[s] + b1[k] + g1[s, k] + slope[s, k] log(days on the stage / 180) + t1 . x + c . z + d1[w]
    log exit    = exit    + a2[s] + b2[k] + g2[s, k]                                            + t2 . x         + d2[w]
    log suspend = suspend + a3[s] + b3[k]                                                                       + d3[w]

    slope[s, k] = age + h1[s] + h2[k]

x says which traits the process has; z holds log2(1 + reading) of each covariate's trailing window; w is the window of
its deadline: none (d = 0), far, near or passed. Effects of states, kinds and pairs are `stage_spread`, `kind_spread`
and `pair_spread` of the cause times standard normals, those on the slope `age_spread`: written so, what has little
record leans on all together, and NUTS meets no funnel.

Rates are constant within a cell of like days (`exposure`), so that what happened on y years at risk is Poisson:

    happened ~ Poisson(rate y)

An advance leads to a higher stage with probability

    lead[k, from, to] ~ Dirichlet(advances of the kind + strength * share of all kinds)

and likewise an exit to its kind of exit; both are drawn from their exact posterior when futures are simulated. What a
kind never records (`never`) has no days at risk and no share: a structural zero. Stages that are skipped count as
passed. Competing risks: Prentice et al. 1978 (doi:10.2307/2530374); the Poisson form of piecewise constant rates:
Holford 1980 (doi:10.2307/2529982).
"""

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from forecast import inference
from forecast.compiled import Start
from forecast.errors import SpecError
from forecast.events import Futures, Snapshot
from forecast.inference import Meaning, Sampled, Sizes, Watch
from forecast.language import say
from forecast.models import exposure, ladder
from forecast.models.climbing import simulated
from forecast.models.ladder import CAUSES, WINDOWS, Ladder
from forecast.models.stage_ahead import spans
from forecast.models.stage_mechanisms import left_out
from forecast.models.stage_rates import DRAWN, PAIRED, of_cells, rates
from forecast.models.stage_replicas import log_likelihoods, replicas
from forecast.prospect import Prospect
from forecast.spec import Prior, Spec, check_priors

__all__ = [
    "PRIORS",
    "build",
    "check",
    "further",
    "left_out",
    "log_likelihoods",
    "method",
    "notes",
    "options",
    "panel",
    "posterior",
    "replicas",
    "sampled",
    "simulate",
    "spans",
    "unlearned",
]

PRIORS = {
    "advance": Meaning("positive", "a year", "stages-advance"),
    "exit": Meaning("positive", "a year", "stages-exit"),
    "suspend": Meaning("positive", "a year", "stages-suspend"),
    "stage_spread": Meaning("positive", "log rate", "stages-stage-spread"),
    "kind_spread": Meaning("positive", "log rate", "stages-kind-spread"),
    "pair_spread": Meaning("positive", "log rate", "stages-pair-spread"),
    "age": Meaning("real", "per e-fold", "stages-age"),
    "age_spread": Meaning("positive", "per e-fold", "stages-age-spread"),
    "deadline": Meaning("positive", "factor", "stages-deadline"),
}
ELEMENTS = {
    "stage_spread": CAUSES,
    "kind_spread": CAUSES,
    "pair_spread": PAIRED,
    "age_spread": ("state", "kind"),
    "deadline": tuple(f"{cause}, {window}" for cause in CAUSES for window in WINDOWS[1:]),
}


def options(spec: Spec) -> Ladder:
    """Read and check the settings of the family."""
    return ladder.parse(dict(spec.options), f"{spec.where}, [options]")


def check(spec: Spec) -> None:
    """Refuse a spec whose settings or priors are not those of this family."""
    check_priors(spec, PRIORS)
    found = options(spec)
    for name, prior in spec.priors.items():
        inference.location_scale(prior, PRIORS[name].support, f"{spec.where}, priors.{name}")
    effects = {item.name: item.effect for item in found.traits} | {item.name: item.effect for item in spec.covariates}
    for name, effect in effects.items():
        inference.location_scale(effect, "positive", f"{spec.where}, {name}: effect")
    made = {*found.stages, *found.exits, *([found.suspended] if found.suspended else [])}
    if set(spec.kinds) != made:
        wrong = sorted(set(spec.kinds) ^ made)[0]
        raise SpecError(
            f"`{wrong}` stands in the target or in the ladder, and not in both",
            f"{spec.where}, target.kind",
            hint="the target's kinds are the stages, the exits and the suspension",
        )


def further(spec: Spec) -> dict[str, dict[str, tuple[Meaning, Prior]]]:
    """Name the priors that the traits have."""
    factor = Meaning("positive", "factor", "stages-trait")
    found = options(spec)
    return {"trait": {f"{cause}: {trait.name}": (factor, trait.effect) for cause in PAIRED for trait in found.traits}}


def panel(snapshot: Snapshot, spec: Spec) -> xr.Dataset:
    """Count days at risk and what happened on them; see `exposure.panel`."""
    return exposure.panel(snapshot, spec, options(spec))


def unlearned(snapshot: Snapshot, spec: Spec) -> xr.Dataset:
    """Say where processes stand, and nothing that rates could be learned from: for what priors imply."""
    found = panel(snapshot, spec)
    return found.assign({name: 0 * found[name] for name in ("exposure", "happened", "leads", "ends")})


def build(data: xr.Dataset, spec: Spec) -> Any:
    """Write the model down in PyMC.

    Parameters
    ----------
    data : Dataset
        From `panel`.

    Returns
    -------
    pymc.Model
    """
    import pymc as pm
    import pytensor.tensor as pt

    found = options(spec)
    with pm.Model(coords=_coords(found, spec)) as model:
        priors = {name: pm.Data(name, values, shape=values.shape) for name, values in _priors(spec, found).items()}
        of_cell = {name: pm.Data(name, values) for name, values in of_cells(data, found).items()}
        prior = priors["location"] + priors["scale"] * pm.Normal("z_prior", dims="of_prior")
        of = {name: prior[place] for name, place in _places(found, spec).items()}
        spread = {name: pt.exp(of[name]) for name in PRIORS if name.endswith("spread")}

        stage = spread["stage_spread"][:, None] * pm.Normal("z_stage", dims=("cause", "state"))
        kind = spread["kind_spread"][:, None] * pm.Normal("z_kind", dims=("cause", "kind"))
        pair = spread["pair_spread"][:, None, None] * pm.Normal("z_pair", dims=("paired", "state", "kind"))
        by_stage = spread["age_spread"][0] * pm.Normal("z_age_stage", dims="state")
        by_kind = spread["age_spread"][1] * pm.Normal("z_age_kind", dims="kind")

        level = pt.stack([of[cause] for cause in CAUSES])
        table = level[:, None, None] + stage[:, :, None] + kind[:, None, :]
        table = pt.concatenate([table[: len(PAIRED)] + pair, table[len(PAIRED) :]]).reshape((len(CAUSES), -1))
        slope = (of["age"] + by_stage[:, None] + by_kind[None, :]).flatten()
        by_window = pt.concatenate([pt.zeros((3, 1)), of["deadline"].reshape((3, 3))], axis=1)
        log_rate = table[:, of_cell["pair"]] + by_window[:, of_cell["window"]]
        advance = log_rate[0] + slope[of_cell["pair"]] * of_cell["log_age"]
        by_trait = pt.dot(of["trait"].reshape((len(PAIRED), -1)), of_cell["traits"].T) if found.traits else [0, 0]
        log_rate = pt.stack([advance + by_trait[0], log_rate[1] + by_trait[1], log_rate[2]])
        exposure = of_cell["exposure"]
        if spec.covariates:
            pulled = pt.dot(of_cell["exposed"], pt.exp(pt.dot(of_cell["readings"], of["effect"])))
            exposure = pt.concatenate([pulled[None], exposure[1:]])
        of_days = (of_cell["happened"] * log_rate - exposure * pt.exp(log_rate)).sum()
        pm.Potential("of_days", of_days + (pt.dot(of_cell["read"], of["effect"]) if spec.covariates else 0))

        for name, dim in {**dict.fromkeys(CAUSES, None), "age": None, **_dims(found, spec)}.items():
            value = of[name] if name == "age" else pt.exp(of[name])
            pm.Deterministic(name, value, dims=dim)
    return model


def _dims(found: Ladder, spec: Spec) -> dict[str, str]:
    """Name the dimension of each variable that has several elements."""
    dims = {name: f"of_{name}" for name in ELEMENTS}
    return dims | ({"trait": "of_trait"} if found.traits else {}) | ({"effect": "covariate"} if spec.covariates else {})


def _labels(found: Ladder, spec: Spec) -> dict[str, tuple[str, ...]]:
    """Name the elements of every prior, in the order in which they stand in the vector of all."""
    traits = tuple(f"{cause}: {trait.name}" for cause in PAIRED for trait in found.traits)
    named = {name: ELEMENTS.get(name, (name,)) for name in PRIORS}
    return {**named, "trait": traits, "effect": tuple(item.name for item in spec.covariates)}


def _places(found: Ladder, spec: Spec) -> dict[str, Any]:
    places: dict[str, Any] = {}
    at = 0
    for name, labels in _labels(found, spec).items():
        several = name in ELEMENTS or name in ("trait", "effect")
        places[name] = slice(at, at + len(labels)) if several else at
        at += len(labels)
    return places


def _priors(spec: Spec, found: Ladder) -> dict[str, NDArray[np.float64]]:
    """Give location and scale of every prior, in the order of `_labels`."""
    effects = {"trait": [trait.effect for _ in PAIRED for trait in found.traits]}
    effects["effect"] = [item.effect for item in spec.covariates]
    pairs = []
    for name, labels in _labels(found, spec).items():
        if name in effects:
            pairs += [inference.location_scale(effect, "positive") for effect in effects[name]]
        else:
            pairs += [inference.location_scale(spec.priors[name], PRIORS[name].support)] * len(labels)
    location, scale = np.transpose(pairs)
    return {"location": location, "scale": scale}


def _coords(found: Ladder, spec: Spec) -> dict[str, Any]:
    labels = _labels(found, spec)
    return {
        "of_prior": [f"{name} {label}" for name, of in labels.items() for label in of],
        "cause": CAUSES,
        "paired": PAIRED,
        "state": found.states,
        "kind": [kind.name for kind in found.kinds],
        **{f"of_{name}": of for name, of in labels.items() if name in (*ELEMENTS, "trait")},
        "covariate": labels["effect"],
    }


def sampled(data: xr.Dataset, spec: Spec) -> Sampled:
    """Describe the model to the sampler; specs of the same states, kinds, traits and covariates share a compilation."""
    found = options(spec)
    shape = [(name, tuple(labels)) for name, labels in _coords(found, spec).items()]
    return Sampled(
        spec.name, f"{__name__} {shape}", lambda: build(data, spec), _priors(spec, found) | of_cells(data, found)
    )


def posterior(
    data: xr.Dataset, spec: Spec, seed: int, start: Start | None = None, watch: Watch = inference.unwatched
) -> xr.DataTree:
    """Sample the posterior; refused if it does not converge."""
    return inference.sample(sampled(data, spec), spec.sampler, seed, start, watch)


def simulate(
    tree: xr.DataTree,
    data: xr.Dataset,
    spec: Spec,
    prospect: Prospect,
    rng: np.random.Generator,
) -> Futures:
    """Let every open process climb, halt or end; the arguments are those of `counts.simulate`."""
    found = options(spec)
    names = [name for name in DRAWN if name in tree["posterior"]]
    number = prospect.sizes.parameters
    drawn = inference.thinned(tree, names, Sizes(number, number))
    return simulated(rates(drawn, found), data, spec, found, prospect, rng)


def method(spec: Spec) -> str:  # noqa: ARG001
    """Say in a phrase how the numbers come about."""
    return say("fit-sampled")


def notes(data: xr.Dataset, spec: Spec) -> tuple[str, ...]:  # noqa: ARG001
    """Say what a reader must know about these numbers."""
    steps, ends, suspensions = (round(float(happened)) for happened in data["happened"].sum("cell"))
    years = round(float(data["exposure"].max("cause").sum()))
    return (say("stages-learned", steps=steps, ends=ends, suspensions=suspensions, years=years),)
