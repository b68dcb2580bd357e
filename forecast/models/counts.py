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

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from forecast import inference, rules
from forecast.events import Futures, Snapshot, day
from forecast.inference import Meaning, Sizes
from forecast.models import cells
from forecast.models.cells import Layout, Options
from forecast.models.feedback import features, memories, trailing_sums
from forecast.spec import Spec, check_priors

YEAR = 365.25
CAP = 5.0  # times the largest count of any cell and bin on record

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
        inference.location_scale(prior, PRIORS[name].support, f"models/{spec.name}.toml, priors.{name}")
    for item in spec.covariates:
        inference.location_scale(item.effect, "positive", f"models/{spec.name}.toml, {item.name}: effect")
    cells.options(spec)


def panel(snapshot: Snapshot, spec: Spec) -> xr.Dataset:
    """Count the events of every cell and bin, and what drives them.

    Returns
    -------
    Dataset
        `counts` (time, cell), `features` (time, cell, feature), `covariates` (time, covariate), the
        state at the as-of day `memory` (cell, half_life), and `history` (past, cell), the counts of the
        bins that `share_window` still covers. `time` holds the first day of each bin.
    """
    found = cells.options(spec)
    plan = cells.layout(found)
    rows = cells.rows_of(snapshot, spec)
    where = cells.placed(rows, found, plan)
    kept = int(np.ceil((snapshot.as_of - spec.since).days / spec.step))
    warm = int(np.ceil(3 * max(found.memories) / spec.step))
    starts = _starts(snapshot.as_of, spec.step, kept + warm)
    counts = np.zeros((len(starts), len(plan.cells)))
    bins = np.searchsorted(starts, rows["event_at"].to_numpy("datetime64[us]"), "right") - 1
    np.add.at(counts, (bins[bins >= 0], where[bins >= 0]), rows["n"].to_numpy()[bins >= 0])
    memory = memories(counts, found.memories, spec.step)
    recent = trailing_sums(counts, _share_bins(found, spec))
    feature = features(memory[:-1], recent[:-1], found, plan)
    return xr.Dataset(
        {
            "counts": (("time", "cell"), counts[warm:]),
            "features": (("time", "cell", "feature"), feature[warm:]),
            "covariates": (("time", "covariate"), _covariates(snapshot, spec, starts[warm:])),
            "memory": (("cell", "half_life"), memory[-1]),
            "history": (("past", "cell"), counts[-_share_bins(found, spec) :]),
            **cells.example_columns(cells.examples(rows, where, found, plan), found),
        },
        coords={
            "time": starts[warm:],
            "cell": plan.names,
            "half_life": list(found.memories),
            "covariate": [covariate.name for covariate in spec.covariates],
        },
        attrs={"as_of": snapshot.as_of.isoformat()},
    )


def _starts(as_of: date, step: int, bins: int) -> NDArray[np.datetime64]:
    return np.asarray(day(as_of) - np.timedelta64(step, "D") * np.arange(bins, 0, -1))


def _share_bins(found: Options, spec: Spec) -> int:
    return max(1, round(found.share_window / spec.step))


def _covariates(snapshot: Snapshot, spec: Spec, starts: NDArray[np.datetime64]) -> NDArray[np.float64]:
    ends = pd.DatetimeIndex(starts)
    read = [rules.trailing(item.rule, snapshot.events, ends, item.window) for item in spec.covariates]
    return np.log2(1 + np.array(read).reshape(len(read), len(starts)).T)


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

    found = cells.options(spec)
    plan = cells.layout(found)
    coords = {
        "cell": plan.names,
        "front_of": plan.fronts,
        "origin_of": plan.origins,
        "mark": plan.marks,
        "place": plan.places,
        "half_life": found.memories,
        "source": range(data.sizes["feature"]),
        "covariate": [item.name for item in spec.covariates],
    }

    def positive(name: str, dims: str | None = None) -> Any:
        return pm.LogNormal(name, *inference.location_scale(spec.priors[name], "positive"), dims=dims)

    with pm.Model(coords=coords) as model:
        log_nu = pt.log(positive("background") * spec.step / YEAR)
        for level, index in (
            ("origin", plan.origin_of),
            ("mark", plan.mark_of),
            ("place", plan.place_of),
            ("cell", np.arange(len(plan.cells))),
            ("front", plan.front_of),
        ):
            dims = level + "_of" if level in ("origin", "front") else level
            log_nu += positive(f"spread_{level}") * pm.Normal(f"z_{level}", dims=dims)[index]
        logit, share = _feedback(spec, found, positive)
        z_size = pm.Normal("z_size", dims="origin_of")
        size = pm.Deterministic("size", positive("dispersion") * pt.exp(found.pooling * z_size), dims="origin_of")
        nu = pm.Deterministic("nu", pt.exp(log_nu), dims="cell")
        log_factor = _effects(spec, found, data, len(plan.origins))
        for number, name in enumerate(plan.origins):
            chosen = plan.origin_of == number
            pull = pt.dot(data["features"].to_numpy()[:, chosen], share[number])
            total = pm.math.sigmoid(logit[number] + log_factor[number])
            mu = pt.exp(log_factor[number])[:, None] * nu[chosen][None] + total[:, None] * pull
            _likelihood(name, data["counts"].to_numpy()[:, chosen], mu, size[number])
    return model


def _feedback(spec: Spec, found: Options, positive: Any) -> tuple[Any, Any]:
    """Add the feedback of each origin, on the logit scale, and how it is shared out over sources."""
    import pymc as pm
    import pytensor.tensor as pt

    logit = pm.Normal("logit_feedback", *inference.location_scale(spec.priors["feedback"], "unit"))
    pm.Deterministic("feedback", pm.math.sigmoid(logit))
    singles = [positive(name)[None] for name in ("origin", "all")]
    weights = pt.concatenate([positive("own", "half_life"), positive("front", "half_life"), *singles])
    z_total = pm.Normal("z_feedback", dims="origin_of")
    z_share = pm.Normal("z_share", dims=("origin_of", "source"))
    share = pm.math.softmax(pt.log(weights) + found.pooling * z_share, axis=1)
    return (
        pm.Deterministic("logit_of", logit + found.pooling * z_total, dims="origin_of"),
        pm.Deterministic("share", share, dims=("origin_of", "source")),
    )


def _effects(spec: Spec, found: Options, data: xr.Dataset, origins: int) -> Any:
    """Add the covariates' log factors, shape (origin, time)."""
    import pymc as pm
    import pytensor.tensor as pt

    x = data["covariates"].to_numpy()
    if not spec.covariates:
        pm.Deterministic("effect_of", pt.zeros((origins, 0)), dims=("origin_of", "covariate"))
        return pt.zeros((origins, len(x)))
    pairs = np.array([inference.location_scale(item.effect, "positive") for item in spec.covariates])
    common = pm.Normal("log_effect", pairs[:, 0], pairs[:, 1], dims="covariate")
    pm.Deterministic("effect", pt.exp(common), dims="covariate")
    z = pm.Normal("z_effect", dims=("origin_of", "covariate"))
    of_origin = pm.Deterministic("effect_of", common + found.effect_pooling * z, dims=("origin_of", "covariate"))
    return pt.dot(of_origin, x.T)


def _likelihood(name: str, counts: NDArray[np.float64], mu: Any, size: Any) -> None:
    """Add a negative binomial in which gamma functions are taken where counts are not zero (2 % of cells)."""
    import pymc as pm
    import pytensor.tensor as pt

    ratio = mu / size
    shrink = pt.log1p(ratio)
    at = np.nonzero(counts)
    some = counts[at]
    zeros = -size * shrink.sum()
    rest = pt.sum(some * (pt.log(ratio[at]) - shrink[at]) + pt.gammaln(some + size) - pt.gammaln(size))
    pm.Potential(f"counts_of_{name}", zeros + rest)


def posterior(data: xr.Dataset, spec: Spec, seed: int) -> xr.DataTree:
    """Sample the posterior; refused if it does not converge."""
    return inference.sample(build(data, spec), spec.name, spec.sampler, seed)


def simulate(
    tree: xr.DataTree,
    data: xr.Dataset,
    spec: Spec,
    snapshot: Snapshot,
    until: date,
    sizes: Sizes,
    rng: np.random.Generator,
) -> Futures:
    """Let the futures unfold bin by bin, each feeding on what happened in it before.

    Parameters
    ----------
    tree : DataTree
    data : Dataset
        From `panel`.
    until : date
        Events before this day are simulated; a later day does not change what comes before.
    sizes : Sizes
    rng : Generator
    """
    found = cells.options(spec)
    plan = cells.layout(found)
    drawn = inference.thinned(tree, ("nu", "logit_of", "share", "size", "effect_of"), sizes)
    keep = 2.0 ** (-spec.step / np.array(found.memories))
    memory = np.broadcast_to(data["memory"].to_numpy(), (sizes.draws, *data["memory"].shape)).copy()
    bins = [np.broadcast_to(past, (sizes.draws, len(past))) for past in data["history"].to_numpy()]
    recent = np.sum(data["history"].to_numpy(), axis=0) + np.zeros((sizes.draws, 1))
    cap = CAP * max(1.0, float(data["counts"].max()))
    parts = []
    for starts in range(0, (until - snapshot.as_of).days, spec.step):
        child = rng.spawn(1)[0]
        opens = snapshot.as_of + timedelta(days=starts)
        x = _covariates(snapshot, spec, np.array([day(opens)]))[0]
        mu = np.minimum(_mean(drawn, features(memory, recent, found, plan), x, plan), cap)
        size = drawn["size"][:, plan.origin_of]
        counts = child.poisson(child.gamma(size, mu / size)).astype(float)
        parts.append(cells.dated_events(counts, data, found, opens, spec.step, child))
        memory = keep * memory + (1 - keep) * counts[..., None]
        recent = recent + counts - bins.pop(0)
        bins.append(counts)
    together = pd.concat(parts, ignore_index=True)
    inside = together[(together["event_at"] < day(until)).to_numpy()]
    return Futures(dict.fromkeys(spec.kinds, inside), sizes.draws, sizes.parameters, {})


def _mean(
    drawn: dict[str, NDArray[np.float64]], feature: NDArray[np.float64], x: NDArray[np.float64], plan: Layout
) -> NDArray[np.float64]:
    """Compute mu of the next bin in every future, shape (draw, cell)."""
    log_factor = drawn["effect_of"] @ x if len(x) else np.zeros_like(drawn["logit_of"])
    total = 1 / (1 + np.exp(-drawn["logit_of"] - log_factor))
    pull = np.einsum("dcf,dcf->dc", feature, drawn["share"][:, plan.origin_of])
    return np.asarray(np.exp(log_factor)[:, plan.origin_of] * drawn["nu"] + total[:, plan.origin_of] * pull)


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
