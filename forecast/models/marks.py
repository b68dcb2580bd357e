"""Events that begin at random, each with a size and a length: a hierarchical marked Poisson process.

Onsets of group g in month m of the year, at least as large as the first class:

    onsets ~ Poisson(rate[g, m]),  log rate[g, m] = log rate + spread u[g] + seasons of g,  u[g] ~ Normal(0, 1)

where what happened a half-life ago counts half: likelihood terms, and days of exposure, have weights.

Sizes climb classes: of n events of group g that reach class k, those that reach the next are

    Binomial(n, share[g, k]),  share[g, k] ~ Beta(s p[k], s (1 - p[k])),  s = `strength`,

with `share[g, k]` integrated out while p is sampled, and drawn from its exact posterior afterwards. Within a class a
size is lognormal, cut off at the class's ends, with median `size` and `size_spread`, common to all.

Lengths are lognormal with median `length` and `length_spread`, and medians of causes differ by `cause_spread`. An
event whose end is not on record says nothing about lengths: it is missing, not censored, for those who wrote the record
down did not look. Only what is known to end later than the as-of day counts as lasting at least until then.

A new event's cause, entity and what else is carried are those of a past event, of its group where there are enough:
`strength` past events of all groups are worth one group's own.

Rates differ by season and group alone: that one event brings another was tried and not found in such a table. But a
covariate may say that an event of another kind brings one: the page `brought` has the formula of its probability and of
what is brought. On record such onsets are left out of the counts above, and keep their sizes and lengths.
"""

from itertools import pairwise
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from forecast import inference
from forecast.compiled import Start
from forecast.inference import Meaning, Sampled, Watch
from forecast.language import joined, say
from forecast.models import covariates, onsets
from forecast.models.marking import simulate
from forecast.models.onsets import LEFT_OUT, Options, grouping, panel
from forecast.spec import Prior, Spec, check_priors

__all__ = [
    "COVARIATE",
    "PRIORS",
    "build",
    "check",
    "further",
    "grouping",
    "method",
    "notes",
    "panel",
    "posterior",
    "sampled",
    "simulate",
]

PRIORS = {
    "rate": Meaning("positive", "a year", "marks-rate"),
    "spread": Meaning("positive", "log rate", "marks-spread"),
    "share": Meaning("unit", "share", "marks-share"),
    "size": Meaning("positive", "unit of sizes", "marks-size"),
    "size_spread": Meaning("positive", "log", "marks-size-spread"),
    "length": Meaning("positive", "days", "marks-length"),
    "length_spread": Meaning("positive", "log", "marks-length-spread"),
    "cause_spread": Meaning("positive", "log", "marks-cause-spread"),
}
COVARIATE = Meaning("unit", "probability", "marks-covariate")


def check(spec: Spec) -> None:
    """Refuse a spec whose settings or priors are not those of this family."""
    check_priors(spec, PRIORS)
    covariates.check_only(spec, "count")
    found = onsets.options(spec)
    for name, prior in spec.priors.items():
        inference.location_scale(prior, PRIORS[name].support, f"{spec.where}, priors.{name}")
    for season in found.seasons:
        inference.location_scale(season.effect, "positive", f"{spec.where}, {season.name}: effect")
    for item in spec.covariates:
        inference.location_scale(item.effect, COVARIATE.support, f"{spec.where}, {item.name}: effect")
    inference.location_scale(found.brought_size, "positive", f"{spec.where}, options.brought_size")


def further(spec: Spec) -> dict[str, dict[str, tuple[Meaning, Prior]]]:
    """Name the priors that the seasons have."""
    factor = Meaning("positive", "factor", "marks-season")
    return {"season": {season.name: (factor, season.effect) for season in onsets.options(spec).seasons}}


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
    from pymc.distributions import dist_math

    found = onsets.options(spec)
    with pm.Model(coords=_coords(spec)) as model:
        given = {name: pm.Data(name, values, shape=values.shape) for name, values in _given(data, spec).items()}
        of_event = {name: pm.Data(name, values) for name, values in _of_events(data, found).items()}
        prior = given["location"] + given["scale"] * pm.Normal("z_prior", dims="of_prior")
        of = {name: prior[place] for name, place in _places(spec).items()}
        spread = {name: pt.exp(of[name]) for name in PRIORS if name.endswith("spread")}

        log_rate = of["rate"] + spread["spread"] * pm.Normal("u_group", dims="group")
        log_rates = log_rate[:, None] + pt.dot(given["seasonal"], of["season"])
        log_rates = pm.Deterministic("log_rates", log_rates, dims=("group", "month"))
        pm.Potential("of_onsets", (given["onsets"] * log_rates - given["exposure"] * pt.exp(log_rates)).sum())

        share = pm.Deterministic("share", pt.sigmoid(of["share"]), dims="step")
        more, less = given["reached"][:, 1:], given["reached"][:, :-1] - given["reached"][:, 1:]
        a, b = found.strength * share, found.strength * (1 - share)
        pm.Potential("of_classes", (dist_math.betaln(a + more, b + less) - dist_math.betaln(a, b)).sum())

        drawn = pm.Normal.dist(of["size"], spread["size_spread"])
        ends = (of_event["log_high"], of_event["log_low"])
        inside = dist_math.log_diff_normal_cdf(of["size"], spread["size_spread"], *ends)
        pm.Potential("of_sizes", (pm.logp(drawn, of_event["log_size"]) - inside).sum())

        log_length = of["length"] + spread["cause_spread"] * pm.Normal("u_cause", dims="cause")
        lasted = pm.Normal.dist(log_length[of_event["cause_of_ended"]], spread["length_spread"])
        pm.Potential("of_lengths", pm.logp(lasted, of_event["log_length"]).sum())
        at_least = (log_length[of_event["cause_of_lasting"]], spread["length_spread"])
        pm.Potential("of_least_lengths", dist_math.normal_lccdf(*at_least, of_event["log_so_far"]).sum())

        pm.Deterministic("length_of", pt.exp(log_length), dims="cause")
        for name in PRIORS:
            if name != "share":
                pm.Deterministic(name, pt.exp(of[name]))
        if found.seasons:
            pm.Deterministic("season", pt.exp(of["season"]), dims="of_season")
        if spec.covariates:
            logit = of["effect"]
            pm.Potential("of_brought", (given["brought"] * logit - given["trials"] * pt.softplus(logit)).sum())
            pm.Deterministic("effect", pt.sigmoid(logit), dims="covariate")
    return model


def _places(spec: Spec) -> dict[str, Any]:
    """Say where what stands in the vector of priors: those of `PRIORS` in their order, seasons, the covariate."""
    found = onsets.options(spec)
    steps = len(found.classes) - 1
    places: dict[str, Any] = {}
    at = 0
    for name in PRIORS:
        places[name] = slice(at, at + steps) if name == "share" else at
        at += steps if name == "share" else 1
    seasons = at + len(found.seasons)
    return {**places, "season": slice(at, seasons), "effect": slice(seasons, seasons + len(spec.covariates))}


def _given(data: xr.Dataset, spec: Spec) -> dict[str, NDArray[Any]]:
    """Lay out what the compiled model is given and has a fixed shape: priors, and the record by group."""
    found = onsets.options(spec)
    pairs = []
    for name, meaning in PRIORS.items():
        pair = inference.location_scale(spec.priors[name], meaning.support)
        pairs += [pair] * (len(found.classes) - 1 if name == "share" else 1)
    pairs += [inference.location_scale(season.effect, "positive") for season in found.seasons]
    pairs += [inference.location_scale(item.effect, COVARIATE.support) for item in spec.covariates]
    location, scale = np.transpose(pairs)
    return {
        "location": location,
        "scale": scale,
        "seasonal": onsets.seasonal(found),
        "onsets": data["onsets"].to_numpy(),
        "exposure": data["exposure"].to_numpy(),
        "reached": data["reached"].to_numpy(),
        **(_given_of_link(data) if spec.covariates else {}),
    }


def _given_of_link(data: xr.Dataset) -> dict[str, NDArray[Any]]:
    return {"trials": data["trials"].to_numpy(), "brought": np.array([float(data["brought"].sum())])}


def _of_events(data: xr.Dataset, found: Options) -> dict[str, NDArray[Any]]:
    """Lay out what has an entry an event: its size and its class, and its length or what is known of it."""
    size, days, cause = (data[name].to_numpy() for name in ("value", "days", "cause_of"))
    edges = np.array([*found.classes, found.largest])
    within = np.searchsorted(edges, size, "right") - 1
    ended, lasting = np.isfinite(days) & (data["ended"].to_numpy() == 1), data["ended"].to_numpy() == 0
    return {
        "log_size": np.log(size),
        "log_low": np.log(edges[within]),
        "log_high": np.log(edges[within + 1]),
        "cause_of_ended": cause[ended],
        "log_length": np.log(days[ended]),
        "cause_of_lasting": cause[lasting],
        "log_so_far": np.log(days[lasting]),
    }


def _coords(spec: Spec) -> dict[str, Any]:
    found, effects = onsets.options(spec), [item.name for item in spec.covariates]
    steps = [f"{low:g} to {high:g}" for low, high in pairwise(found.classes)]
    seasons = [season.name for season in found.seasons]
    labels = [label for name in PRIORS for label in (steps if name == "share" else [name])]
    return {
        "of_prior": labels + seasons + effects,
        "group": found.groups,
        "month": range(1, onsets.MONTHS + 1),
        "step": steps,
        "cause": found.causes,
        "of_season": seasons,
        **({"covariate": effects} if effects else {}),
    }


def sampled(data: xr.Dataset, spec: Spec) -> Sampled:
    """Describe the model to the sampler; specs of the same groups, causes, classes and seasons share a compilation."""
    found = onsets.options(spec)
    seasons, effects = [season.name for season in found.seasons], [item.name for item in spec.covariates]
    shape = (found.groups, found.causes, found.classes, found.strength, seasons, *effects)
    given = _given(data, spec) | _of_events(data, found)
    return Sampled(spec.name, f"{__name__} {shape}", lambda: build(data, spec), given)


def posterior(
    data: xr.Dataset, spec: Spec, seed: int, start: Start | None = None, watch: Watch = inference.unwatched
) -> xr.DataTree:
    """Sample the posterior; refused if it does not converge."""
    return inference.sample(sampled(data, spec), spec.sampler, seed, start, watch)


def method(spec: Spec) -> str:  # noqa: ARG001
    """Say in a phrase how the numbers come about."""
    return say("fit-sampled")


def notes(data: xr.Dataset, spec: Spec) -> tuple[str, ...]:
    """Say what a reader must know about these numbers."""
    found = onsets.options(spec)
    left_out = [
        f"{name.removeprefix(LEFT_OUT)} {number}"
        for name, number in data.attrs.items()
        if name.startswith(LEFT_OUT) and number
    ]
    return (
        say(
            "marks-learned",
            events=data.sizes["event"],
            size=f"{found.classes[0]:g}",
            years=round(data.attrs["years"]),
            half=f"{found.half_life:g}",
        ),
        say("marks-left-out", columns=", ".join(left_out)) if left_out else say("marks-left-out-none"),
        say("marks-lasted", events=int(np.isfinite(data["days"].to_numpy()).sum())),
        say("marks-vague", events=data.attrs["vague"]),
        *_link(data, spec),
    )


def _link(data: xr.Dataset, spec: Spec) -> tuple[str, ...]:
    """Say what is brought by other events, on what experience, and that all else is random."""
    if not spec.covariates:
        return (say("marks-random"),)
    (item,), tried, rest = spec.covariates, float(data["trials"].sum()), say("marks-rest")
    if not tried:
        return (say("marks-no-link", name=item.name), rest)
    link = say(
        "marks-link",
        name=item.name,
        tried=f"{tried:g}",
        followed=int(data["brought"].sum()),
        days=item.window,
        causes=joined(onsets.options(spec).brought, "or"),
    )
    return (link, rest)
