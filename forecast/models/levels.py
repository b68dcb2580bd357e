"""Daily levels of one series, such as a price: how restless it is now decides how far it may go.

With r[i] the log return of trading day i, the days ahead are cut into segments s, by default 1-21, 22-41, 42-62,
63-125 and 126-260 trading days. For a segment of h days, and x[i] that was known on day i,

    y[i, s] = log(RMS of r over segment s after day i + floor) - log(usual)
    y[i, s] ~ Normal(x[i] . b[s], noise^2), the likelihood raised to 1 / h, for windows overlap

where x holds 1, the same logarithm over the last 10, 22, 66, 250 and 750 days, and the negative and the positive part
of an exponentially weighted mean return (half-life 10 days, in per cent): a direct forecast of volatility from several
memories (Corsi 2009, doi:10.1093/jjfinec/nbp001), with leverage. Slopes have normal priors, so their posterior is
normal and exact.

A future takes a past day j, one posterior draw of slopes, and what followed on j: its returns of segment s times
exp((x[now] - x[j]) . b[s]), less the mean return on record, so that no drift of decades past is carried into weeks:
volatility is forecast, shapes of paths are those of the past, and direction is not. Which past is typical is uncertain
too: for every posterior draw years are weighted anew at random (the Bayesian bootstrap, Rubin 1981,
doi:10.1214/aos/1176345338). Paths are moved by whole weeks, so that weekends and holidays fall as they did.

A covariate stretches returns of days on which events of another kind begin, as the page `shocks` has it.
"""

from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy import linalg

from forecast import inference
from forecast.errors import DataError, UsageError
from forecast.events import Futures, Snapshot, day
from forecast.inference import Meaning, Sizes
from forecast.language import say
from forecast.models import covariates, shocks, volatility_ahead
from forecast.models.volatility import Options, options, panel
from forecast.prospect import Prospect
from forecast.spec import Covariate, Spec, check_priors

__all__ = ["COVARIATE", "PRIORS", "ahead", "check", "method", "notes", "panel", "posterior", "reaching", "simulate"]

PRIORS = {
    "level": Meaning("real", "log", "levels-level"),
    "memory": Meaning("real", "elasticity", "levels-memory"),
    "leverage": Meaning("real", "log", "levels-leverage"),
}
COVARIATE = Meaning("positive", "factor", "levels-covariate")
DRAWS = 1200


def check(spec: Spec) -> None:
    """Refuse a spec whose settings or priors are not those of this family."""
    check_priors(spec, PRIORS)
    covariates.check_only(spec, "sum")
    for item in spec.covariates:
        inference.location_scale(item.effect, COVARIATE.support, f"{spec.where}, {item.name}: effect")
    options(spec)


def posterior(data: xr.Dataset, spec: Spec, seed: int) -> xr.DataTree:
    """Draw slopes from their exact posterior, segment by segment.

    Returns
    -------
    DataTree
        Group `posterior`: `level`, `memory` and `leverage`, each with its regressors, segment by segment; `effect` of
        a covariate.
    """
    found = options(spec)
    location, scale = _priors(spec, found)
    rng = np.random.default_rng(seed)
    known, came = data["known"].to_numpy(), data["came"].to_numpy()
    drawn = []
    for segment, width in enumerate(found.widths):
        seen = np.isfinite(came[:, segment]) & np.isfinite(known).all(axis=1)
        x, weight = known[seen], 1 / (width * found.noise**2)
        factor = np.linalg.cholesky(np.diag(scale**-2.0) + weight * x.T @ x)
        middle = linalg.cho_solve((factor, True), location / scale**2 + weight * x.T @ came[seen, segment])
        z = rng.standard_normal((DRAWS, len(middle)))
        drawn.append(middle + linalg.solve_triangular(factor.T, z.T).T)
    named = _named(np.stack(drawn, axis=1), found)
    for item in spec.covariates:
        named["effect"] = shocks.effect(data, item, spec.since, rng.spawn(1)[0].random((1, DRAWS, 1)))
    return xr.DataTree.from_dict({"posterior": named})


def ahead(snapshot: Snapshot, data: xr.Dataset, spec: Spec) -> xr.Dataset:  # noqa: ARG001
    """Foresee how restless each stretch of the record would be, from what came before; see `volatility_ahead`."""
    found = options(spec)
    return volatility_ahead.ahead(data, spec, found, *_priors(spec, found))


def _priors(spec: Spec, found: Options) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give location and scale of the prior of every slope."""
    location, scale = np.transpose([inference.location_scale(spec.priors[name], "real") for name, _ in _read(found)])
    return location, scale


def _read(found: Options) -> list[tuple[str, str]]:
    """List the regressors in their order: which prior each has, and its name."""
    past = [("memory", f"{days} days") for days in found.memories] + [("memory", found.implied)] * bool(found.implied)
    return [("level", ""), *past, ("leverage", "falls"), ("leverage", "rises")]


def _named(slopes: NDArray[np.float64], found: Options) -> xr.Dataset:
    """Name slopes, shape (draw, segment, regressor), by prior, regressor and days ahead."""
    ahead = [f"{first + 1}-{last} ahead" for first, last in pairwise((0, *found.segments))]
    named = {}
    for name in PRIORS:
        labels = [label for prior, label in _read(found) if prior == name]
        inside = [prior == name for prior, _ in _read(found)]
        rows = pd.Index([f"{label}, {days}".removeprefix(", ") for days in ahead for label in labels])
        values = slopes[:, :, inside].reshape(1, len(slopes), -1)
        named[name] = xr.DataArray(values, {f"of_{name}": rows}, ("chain", "draw", f"of_{name}"))
    return xr.Dataset(named)


def _slopes(tree: xr.DataTree, found: Options, sizes: Sizes) -> NDArray[np.float64]:
    """Put named slopes together again, one draw a future, shape (future, segment, regressor)."""
    named = inference.thinned(tree, tuple(PRIORS), sizes)
    return np.concatenate([values.reshape(sizes.draws, len(found.segments), -1) for values in named.values()], axis=2)


def simulate(
    tree: xr.DataTree,
    data: xr.Dataset,
    spec: Spec,
    prospect: Prospect,
    rng: np.random.Generator,
) -> Futures:
    """Let the series go on as it did after some past day, as restless as it is now.

    The arguments are those of `counts.simulate`.

    Raises
    ------
    UsageError
        If `until` lies beyond the last segment.
    DataError
        If no past day of the same weekday has all segments behind it.
    """
    found, sizes, until = options(spec), prospect.sizes, prospect.until
    at, last = data["at"].to_numpy(), data.sizes["day"] - 1
    starts = _starts(data, spec, found)
    ahead = _ahead(data, starts, until)
    if ahead.max() > found.segments[-1]:
        raise UsageError(
            f"`{spec.name}` looks {found.segments[-1]} trading days ahead, and {until} lies beyond",
            hint=f"ask for less, or add a segment to {spec.where}, options.segments",
        )
    chosen = _chosen(at[starts].astype("datetime64[Y]"), sizes, rng)
    start, days = starts[chosen], ahead[chosen]
    steps = np.arange(ahead.max())
    rows = start[:, None] + 1 + steps
    known = data["known"].to_numpy()
    restless = np.exp(np.einsum("dr,dsr->ds", known[last] - known[start], _slopes(tree, found, sizes)))
    segment = np.searchsorted(found.segments, steps, "right")
    returned = data["returned"].to_numpy()
    steady = returned - np.nanmean(returned[at >= day(spec.since)])
    moves = steady[rows] * restless[:, segment]
    for item in spec.covariates:
        moves *= shocks.ahead(tree, item, prospect, at[last], at[rows] - at[start][:, None])
    path = np.cumsum(moves, axis=1)
    kept = steps < days[:, None]
    happens = (at[last] + (at[rows] - at[start][:, None]))[kept]
    frame = pd.DataFrame(
        {
            "draw": np.repeat(np.arange(sizes.draws), days),
            "event_at": happens,
            "known_at": happens + data["lag"].to_numpy()[rows][kept] * np.timedelta64(1, "D"),
            "value": float(data["value"][last]) * np.exp(path[kept]),
            "n": 1,
            "entity": pd.Categorical.from_codes(np.zeros(len(happens), np.int8), pd.Index([data.attrs["entity"]])),
        }
    )
    return Futures(dict.fromkeys(spec.kinds, frame), sizes.draws, sizes.parameters, {})


def reaching(data: xr.Dataset, spec: Spec, until: date) -> Spec:
    """Add a segment to a spec whose last one ends before `until`: nearer segments keep their slopes.

    Parameters
    ----------
    data : Dataset
        From `panel`.
    spec : Spec
    until : date
        Days before this one are to be simulated.
    """
    found = options(spec)
    farthest = int(_ahead(data, _starts(data, spec, found), until).max())
    if farthest <= found.segments[-1]:
        return spec
    return replace(spec, options={**spec.options, "segments": [*found.segments, farthest]})


def _ahead(data: xr.Dataset, starts: NDArray[np.int64], until: date) -> NDArray[np.int64]:
    """Count the trading days that a path goes on after each start, to be as long as from the last day to `until`."""
    at = data["at"].to_numpy()
    return np.asarray(np.searchsorted(at, at[starts] + (day(until) - at[-1])) - starts - 1)


def _starts(data: xr.Dataset, spec: Spec, found: Options) -> NDArray[np.int64]:
    """Find the past days that a path may follow: of the last day's weekday, with all that is read before and after."""
    at = data["at"].to_numpy().astype("datetime64[D]")
    usable = np.isfinite(data["known"].to_numpy()).all(axis=1) & (at >= np.datetime64(spec.since))
    usable[max(len(at) - found.segments[-1], 0) :] = False
    starts = np.flatnonzero(usable & ((at - at[-1]).astype(int) % 7 == 0))
    if not len(starts):
        raise DataError(
            f"`{spec.name}` has no past path of {found.segments[-1]} trading days to follow",
            f"since {spec.since}",
            hint="let `since` begin earlier, or shorten options.segments and options.memories",
        )
    return starts


def _chosen(years: NDArray[np.datetime64], sizes: Sizes, rng: np.random.Generator) -> NDArray[np.int64]:
    """Choose a start for every future: a year, by the weights of its posterior draw, then a day of it."""
    _, first, count = np.unique(years, return_index=True, return_counts=True)
    weight = np.cumsum(rng.standard_exponential((sizes.parameters, len(count))) * count, axis=1)
    of_draw = np.tile(np.arange(sizes.parameters), sizes.draws // sizes.parameters)
    toss = rng.random(sizes.draws) * weight[of_draw, -1]
    year = (weight[of_draw] <= toss[:, None]).sum(axis=1)
    return np.asarray(first[year] + np.floor(rng.random(sizes.draws) * count[year]).astype(np.int64))


def method(spec: Spec) -> str:  # noqa: ARG001
    """Say in a phrase how the numbers come about."""
    return say("levels-method")


def notes(data: xr.Dataset, spec: Spec) -> tuple[str, ...]:
    """Say what a reader must know about these numbers."""
    starts = _starts(data, spec, options(spec))
    first = str(data["at"].to_numpy()[starts[0]].astype("datetime64[Y]"))
    return (
        say("levels-paths", paths=len(starts), year=first),
        say("levels-direction"),
        *(_link(data, item) for item in spec.covariates),
    )


def _link(data: xr.Dataset, item: Covariate) -> str:
    """Say on what experience days of other events are taken to be more restless, or less."""
    days = int((data["shock"].to_numpy() > 0).sum())
    return say("levels-link", name=item.name, days=days) if days else say("levels-no-link", name=item.name)
