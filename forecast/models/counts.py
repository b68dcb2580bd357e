"""Counts that feed on themselves: a hierarchical, observation-driven negative binomial.

For events of many small cells that come in campaigns. Time is cut into bins of `step` days that end on
the as-of day; y[c, t] is the count of cell c in bin t. Each cell has an origin a, a mark m, a place p
and a front f = (a, p).

    y[c, t]  ~ NegBinomial(mean mu[c, t], size r[a])
    mu[c, t] = exp(gamma[a] . x[t]) nu[c] + sigmoid(logit feedback[a] + gamma[a] . x[t]) F[c, t]
    F[c, t]  = sum_h own[h, a] E_h[c] + share_f[c] sum_h front[h, a] E_h[f]
               + share_a[c] (origin[a] E_s[a] + all[a] E_s)
    log nu[c] = log background + spread_origin z[a] + spread_mark z[m] + spread_place z[p]
               + spread_cell z[c] + spread_front z[f]

E_h is the exponentially weighted mean count per bin before t with half-life h days, of the cell, its
front, its origin, everything; share_f and share_a are a cell's smoothed share of its front's and its
origin's events in the last `share_window` days; x holds log2(1 + reading) of each covariate's trailing
window, so an effect is the factor that one event in the window brings.

The weights own, front, origin, all sum to one, so feedback is the number of further events that one event
brings directly; it lies below one whatever the covariates say, which keeps simulated campaigns finite. (With
free weights, or with covariates as a factor on everything, simulations explode until years of record hold
them down.) All coefficients of an origin vary around common ones by a fixed scale (`pooling`,
`effect_pooling`) on the log or logit scale. Everything is non-centred, because most cells are thin; the
spreads have lognormal priors, which keep away from 0, where a half-normal mixes badly. There is no latent
state: what has happened drives everything, so there are some 170 parameters and simulation needs no filter.

The additive, several-memory form is a discrete multivariate Hawkes process (Hawkes 1971,
doi:10.1093/biomet/58.1.83) with the negative binomial noise of an INGARCH model (Zhu 2011,
"A negative binomial integer-valued GARCH model", Journal of Time Series Analysis 32).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from forecast import inference
from forecast.compiled import Start
from forecast.inference import Meaning, Sampled, Watch
from forecast.models import cells
from forecast.models.cells import Layout
from forecast.models.record import inputs, panel
from forecast.models.unfolding import simulate
from forecast.spec import Spec, check_priors

__all__ = ["PRIORS", "build", "check", "method", "notes", "panel", "posterior", "sampled", "simulate"]

YEAR = 365.25

PRIORS = {
    "background": Meaning("positive", "a year", "events of a typical cell if nothing had happened before"),
    "spread_origin": Meaning("positive", "log rate", "how far background rates differ between origins"),
    "spread_mark": Meaning("positive", "log rate", "between marks"),
    "spread_place": Meaning("positive", "log rate", "between places"),
    "spread_cell": Meaning("positive", "log rate", "between cells, beyond origin, mark and place"),
    "spread_front": Meaning("positive", "log rate", "between fronts, an origin in a place"),
    "feedback": Meaning("unit", "events", "further events that one event brings in all"),
    "own": Meaning("positive", "weight", "of that, in its own cell, by half-life (weights are relative)"),
    "front": Meaning("positive", "weight", "on its front, by half-life"),
    "origin": Meaning("positive", "weight", "elsewhere from its origin"),
    "all": Meaning("positive", "weight", "from everyone"),
    "dispersion": Meaning("positive", "size", "size of the negative binomial; small is bursty"),
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

    from forecast.models.operation import CountLikelihood

    with pm.Model(coords=_coords(spec)) as model:
        given = {name: pm.Data(name, values) for name, values in _given(data, spec).items()}
        priors = _Priors(given)
        nu = pm.Deterministic("nu", pm.math.exp(_background(priors, cells.layout(cells.options(spec)))), dims="cell")
        logit, share = _feedback(priors)
        log_size = pm.math.log(priors.positive("dispersion")) + priors.pooling * pm.Normal("z_size", dims="origin_of")
        size = pm.Deterministic("size", pm.math.exp(log_size), dims="origin_of")
        effect = _effects(priors)
        record = [given[name] for name in inputs(data, spec)]
        arguments = (given["logarithmic"], nu, logit, share, effect, size, *record)
        pm.Potential("counts", CountLikelihood()(*arguments)[0])
    return model


def _given(data: xr.Dataset, spec: Spec) -> dict[str, Any]:
    """Lay out what goes into the compiled model: the form, priors as locations and scales, and the record."""
    found = cells.options(spec)
    priors = [inference.location_scale(spec.priors[name], PRIORS[name].support) for name in PRIORS]
    effects = [inference.location_scale(item.effect, "positive") for item in spec.covariates]
    return {
        "logarithmic": np.asarray(int(found.form == "log")),
        "priors": np.array(priors),
        "effects": np.array(effects).reshape(-1, 2),
        "fixed": np.array([np.log(spec.step / YEAR), found.pooling, found.effect_pooling]),
        **inputs(data, spec),
    }


class _Priors:
    """The priors of a spec, read off the data of the compiled model."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.pairs, self.effects = given["priors"], given["effects"]
        self.log_step, self.pooling, self.effect_pooling = (given["fixed"][place] for place in range(3))

    def pair(self, name: str) -> tuple[Any, Any]:
        """Give location and scale, on the scale of the parameter's support."""
        row = list(PRIORS).index(name)
        return self.pairs[row, 0], self.pairs[row, 1]

    def positive(self, name: str, dims: str | None = None) -> Any:
        """Add a positive parameter."""
        import pymc as pm

        return pm.LogNormal(name, *self.pair(name), dims=dims)


def _coords(spec: Spec) -> dict[str, Any]:
    found = cells.options(spec)
    plan = cells.layout(found)
    return {
        "cell": plan.names,
        "front_of": plan.fronts,
        "origin_of": plan.origins,
        "mark": plan.marks,
        "place": plan.places,
        "half_life": found.memories,
        "source": range(2 * len(found.memories) + 2),
        "covariate": [item.name for item in spec.covariates],
    }


def _background(priors: _Priors, plan: Layout) -> Any:
    """Add log nu, shape (cell,)."""
    import pymc as pm

    log_nu = pm.math.log(priors.positive("background")) + priors.log_step
    for level, index in (
        ("origin", plan.origin_of),
        ("mark", plan.mark_of),
        ("place", plan.place_of),
        ("cell", np.arange(len(plan.cells))),
        ("front", plan.front_of),
    ):
        dims = level + "_of" if level in ("origin", "front") else level
        log_nu += priors.positive(f"spread_{level}") * pm.Normal(f"z_{level}", dims=dims)[index]
    return log_nu


def _feedback(priors: _Priors) -> tuple[Any, Any]:
    """Add the feedback of each origin, on the logit scale, and how it is shared out over sources."""
    import pymc as pm
    import pytensor.tensor as pt

    logit = pm.Normal("logit_feedback", *priors.pair("feedback"))
    pm.Deterministic("feedback", pm.math.sigmoid(logit))
    several = [priors.positive(name, "half_life") for name in ("own", "front")]
    singles = [priors.positive(name)[None] for name in ("origin", "all")]
    weights = pt.concatenate([*several, *singles])
    z_total = pm.Normal("z_feedback", dims="origin_of")
    z_share = pm.Normal("z_share", dims=("origin_of", "source"))
    share = pm.math.softmax(pt.log(weights) + priors.pooling * z_share, axis=1)
    return (
        pm.Deterministic("logit_of", logit + priors.pooling * z_total, dims="origin_of"),
        pm.Deterministic("share", share, dims=("origin_of", "source")),
    )


def _effects(priors: _Priors) -> Any:
    """Add the covariates' log factors, shape (origin, covariate)."""
    import pymc as pm

    common = pm.Normal("log_effect", priors.effects[:, 0], priors.effects[:, 1], dims="covariate")
    pm.Deterministic("effect", pm.math.exp(common), dims="covariate")
    z = pm.Normal("z_effect", dims=("origin_of", "covariate"))
    return pm.Deterministic("effect_of", common + priors.effect_pooling * z, dims=("origin_of", "covariate"))


def sampled(data: xr.Dataset, spec: Spec) -> Sampled:
    """Describe the model to the sampler; specs with the same cells, memories and covariates share one compilation."""
    found = cells.options(spec)
    shape = (cells.layout(found).cells, found.memories, [item.name for item in spec.covariates])
    return Sampled(spec.name, f"{__name__} {shape}", lambda: build(data, spec), _given(data, spec))


def posterior(
    data: xr.Dataset, spec: Spec, seed: int, start: Start | None = None, watch: Watch = inference.unwatched
) -> xr.DataTree:
    """Sample the posterior; refused if it does not converge."""
    return inference.sample(sampled(data, spec), spec.sampler, seed, start, watch)


def method(spec: Spec) -> str:
    """Say in a phrase how the numbers come about."""
    return f"sampled by NUTS ({spec.sampler.chains} x {spec.sampler.draws} draws), then simulated forward with feedback"


def notes(data: xr.Dataset, spec: Spec) -> tuple[str, ...]:
    """Say what a reader must know about these numbers."""
    return (
        f"Learned from {float(data['counts'].sum()):.0f} recorded events in"
        f" {data.sizes['time']} bins of {spec.step} days; rates are rates of recorded events, and questions"
        " resolve on the same record.",
        "Effects of covariates are associations, not causes: what looks like a response is often what was"
        " foreseen by those who acted.",
        "The first events of a new campaign are not foreseen; upper tails are short for that reason.",
    )
