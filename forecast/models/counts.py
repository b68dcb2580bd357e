"""Counts that feed on themselves: a hierarchical, observation-driven negative binomial.

For events of many small cells that come in campaigns. Time is cut into bins of `step` days that end on
the as-of day; y[c, t] is the count of cell c in bin t. Each cell has an origin a, a mark m, a place p
and a front f = (a, p).

    y[c, t]  ~ NegBinomial(mean mu[c, t], size r[a])
    mu[c, t] = exp(gamma[a] . x[t]) nu[c] + sigmoid(logit feedback[a] + gamma[a] . x[t]) F[c, t]
    F[c, t]  = sum_h own[h, a] E_h[c] + share_f[c] sum_h front[h, a] E_h[f]
               + share_a[c] (origin[a] E_s[a] + all[a] E_s)

With `form = "log"` past events have elasticities instead, which sum to less than one:

    log mu[c, t] = log nu[c] + gamma[a] . x[t] + sigmoid(logit feedback[a]) sum_k w[k, a] log(1 + 2 N[c, k, t])

where N[c, k] are the terms of F with events weighted by age and added up, not averaged over bins. The page
`background` says how nu varies between origins, marks, places, fronts and cells.

E_h is the exponentially weighted mean count per bin before t with half-life h days, of the cell, its
front, its origin, everything; share_f and share_a are a cell's smoothed share of its front's and its
origin's events in the last `share_window` days; x holds log2(1 + reading) of each covariate's trailing
window, so an effect is the factor that one event in the window brings.

The weights own, front, origin, all sum to one, so feedback is the number of further events that one event
brings directly; it lies below one whatever the covariates say, which keeps simulated campaigns finite. (With
free weights, or with covariates as a factor on everything, simulations explode until years of record hold
them down.) All coefficients of an origin vary around common ones by a fixed scale (`pooling`,
`effect_pooling`) on the log or logit scale. Spreads have lognormal priors, which keep away from 0, where a
half-normal mixes badly. There is no latent state: what has happened drives everything, so there are some 170
parameters and simulation needs no filter.

The additive, several-memory form is a discrete multivariate Hawkes process (Hawkes 1971,
doi:10.1093/biomet/58.1.83) with the negative binomial noise of an INGARCH model (Zhu 2011,
"A negative binomial integer-valued GARCH model", Journal of Time Series Analysis 32).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from forecast import inference
from forecast.compiled import Start
from forecast.inference import Meaning, Sampled, Watch
from forecast.language import say
from forecast.models import background, cells, examples, reporting
from forecast.models.cells import grouping
from forecast.models.expected import log_likelihoods, pointwise, replicated
from forecast.models.record import inputs, panel
from forecast.models.unfolding import simulate
from forecast.spec import Spec, check_priors

__all__ = [
    "PRIORS",
    "build",
    "check",
    "grouping",
    "log_likelihoods",
    "method",
    "notes",
    "panel",
    "pointwise",
    "posterior",
    "replicated",
    "sampled",
    "simulate",
]

YEAR = 365.25

PRIORS = {
    "background": Meaning("positive", "a year", "counts-background"),
    "spread_origin": Meaning("positive", "log rate", "counts-spread-origin"),
    "spread_mark": Meaning("positive", "log rate", "counts-spread-mark"),
    "spread_place": Meaning("positive", "log rate", "counts-spread-place"),
    "spread_front": Meaning("positive", "log rate", "counts-spread-front"),
    "spread_cell": Meaning("positive", "log rate", "counts-spread-cell"),
    "feedback": Meaning("unit", "below 1", "counts-feedback"),
    "own": Meaning("positive", "weight", "counts-own"),
    "front": Meaning("positive", "weight", "counts-front"),
    "origin": Meaning("positive", "weight", "counts-origin"),
    "all": Meaning("positive", "weight", "counts-all"),
    "dispersion": Meaning("positive", "size", "counts-dispersion"),
}
SEVERAL = ("own", "front")  # one for each memory
# What varies between origins, and the priors that it varies around.
VARIED = {
    "feedback": ("feedback",),
    "share": ("own", "front", "origin", "all"),
    "size": ("dispersion",),
    "effect": ("effect",),
}


def check(spec: Spec) -> None:
    """Refuse a spec whose settings or priors are not those of this family."""
    check_priors(spec, PRIORS)
    for name, prior in spec.priors.items():
        inference.location_scale(prior, PRIORS[name].support, f"{spec.where}, priors.{name}")
    for item in spec.covariates:
        inference.location_scale(item.effect, "positive", f"{spec.where}, {item.name}: effect")
    cells.options(spec)


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

    from forecast.models.operation import CountLikelihood

    plan, places, record = cells.layout(cells.options(spec)), _places(spec), inputs(data, spec)
    with pm.Model(coords=_coords(spec)) as model:
        given = {name: pm.Data(name, values, shape=values.shape) for name, values in _given(data, spec).items()}
        read = [pm.Data(name, values) for name, values in record.items()]
        prior = pm.Normal("prior", given["priors"][:, 0], given["priors"][:, 1], dims="of_prior")
        of = {name: prior[place] for name, place in places.priors.items()}
        varied = prior[places.around] + given["scale"] * pm.Normal("z", dims="deviation")
        of_origin = {name: varied[place].reshape(shape) for name, (place, shape) in places.deviations.items()}

        nu = pm.Deterministic("nu", pt.exp(given["log_step"] + background.log_rates(of, given, plan)), dims="cell")
        logit = pm.Deterministic("logit_of", of_origin["feedback"], dims="origin_of")
        share = pm.Deterministic("share", _shares(pt.exp(of_origin["share"])), dims=("origin_of", "source"))
        size = pm.Deterministic("size", pt.exp(of_origin["size"]), dims="origin_of")
        effect = pm.Deterministic("effect_of", of_origin["effect"], dims=("origin_of", "covariate"))
        found = CountLikelihood()(given["logarithmic"], nu, logit, share, effect, size, *read)[0]
        pm.Potential("counts", found)
        for name, meaning in PRIORS.items():
            inverse = pt.sigmoid if meaning.support == "unit" else pt.exp
            pm.Deterministic(name, inverse(of[name]), dims="half_life" if name in SEVERAL else None)
        pm.Deterministic("effect", pt.exp(of["effect"]), dims="covariate")
    return model


def _shares(weight: Any) -> Any:
    """Divide weights by their sum over the last axis, which is static."""
    import pytensor.tensor as pt

    # A product with ones, as PyTensor turns `exp / sum` into a softmax, which takes 10 s more to compile.
    return weight / pt.dot(weight, np.ones((weight.type.shape[-1], 1)))


def _given(data: xr.Dataset, spec: Spec) -> dict[str, NDArray[Any]]:
    """Lay out what the compiled model is given beside the record: its form, priors as locations and scales."""
    found = cells.options(spec)
    pairs = []
    for name, meaning in PRIORS.items():
        pair = inference.location_scale(spec.priors[name], meaning.support)
        pairs += [pair] * (len(found.memories) if name in SEVERAL else 1)
    pairs += [inference.location_scale(item.effect, "positive") for item in spec.covariates]
    places = _places(spec)
    scale = np.full(len(places.around), found.pooling)
    scale[places.deviations["effect"][0]] = found.effect_pooling
    return {
        "logarithmic": np.asarray(int(found.form == "log")),
        "log_step": np.asarray(np.log(spec.step / YEAR)),
        "priors": np.array(pairs),
        "scale": scale,
        "centre": np.asarray(pairs[0][0]),
        **background.centring(data["counts"].to_numpy(), found.form, cells.layout(found)),
    }


@dataclass(frozen=True)
class _Places:
    """Where what stands in the vectors `prior` and `z`.

    Parameters
    ----------
    priors : mapping of str to int or slice
        In the order of `PRIORS`, then the covariates' effects.
    deviations : mapping of str to (slice, shape)
        For every key of `VARIED`, origin by origin.
    around : array, shape (deviation,)
        Around which prior each deviation varies.
    """

    priors: Mapping[str, int | slice]
    deviations: Mapping[str, tuple[slice, tuple[int, ...]]]
    around: NDArray[np.int64]


def _places(spec: Spec) -> _Places:
    found = cells.options(spec)
    origins, memories = len(cells.layout(found).origins), len(found.memories)
    priors: dict[str, int | slice] = {}
    at = 0
    for name in PRIORS:
        priors[name] = slice(at, at + memories) if name in SEVERAL else at
        at += memories if name in SEVERAL else 1
    priors["effect"] = slice(at, at + len(spec.covariates))
    every = np.arange(at + len(spec.covariates))
    deviations: dict[str, tuple[slice, tuple[int, ...]]] = {}
    around: list[int] = []
    for name, names in VARIED.items():
        common = np.hstack([every[priors[one]] for one in names]).tolist()
        shape = (origins,) if name in ("feedback", "size") else (origins, len(common))
        deviations[name] = (slice(len(around), len(around) + origins * len(common)), shape)
        around += common * origins
    return _Places(priors, deviations, np.array(around))


def _coords(spec: Spec) -> dict[str, Any]:
    found = cells.options(spec)
    plan = cells.layout(found)
    sources, covariates = range(2 * len(found.memories) + 2), [item.name for item in spec.covariates]
    inner = {"feedback": [""], "share": sources, "size": [""], "effect": covariates}
    named = {name: [f"{name} {memory}" for memory in found.memories] for name in SEVERAL}
    return {
        "of_prior": [label for name in PRIORS for label in named.get(name, [name])] + covariates,
        **background.coords(plan),
        "deviation": [
            f"{name} {origin} {label}".strip()
            for name, labels in inner.items()
            for origin in plan.origins
            for label in labels
        ],
        "cell": plan.names,
        "half_life": found.memories,
        "source": sources,
        "covariate": covariates,
    }


def sampled(data: xr.Dataset, spec: Spec) -> Sampled:
    """Describe the model to the sampler; specs with the same cells, memories and covariates share one compilation."""
    found = cells.options(spec)
    shape = (cells.layout(found).cells, found.memories, [item.name for item in spec.covariates])
    return Sampled(spec.name, f"{__name__} {shape}", lambda: build(data, spec), _given(data, spec) | inputs(data, spec))


def posterior(
    data: xr.Dataset, spec: Spec, seed: int, start: Start | None = None, watch: Watch = inference.unwatched
) -> xr.DataTree:
    """Sample the posterior; refused if it does not converge."""
    return inference.sample(sampled(data, spec), spec.sampler, seed, start, watch)


def method(spec: Spec) -> str:  # noqa: ARG001
    """Say in a phrase how the numbers come about; how many draws there were stands with their diagnostics."""
    return say("counts-method")


def notes(data: xr.Dataset, spec: Spec) -> tuple[str, ...]:
    """Say what a reader must know about these numbers."""
    return (
        say("counts-learned", events=round(float(data["counts"].sum())), bins=data.sizes["time"], days=spec.step),
        say("counts-associations"),
        say("counts-first"),
        *reporting.notes(data),
        *examples.notes(data),
    )
