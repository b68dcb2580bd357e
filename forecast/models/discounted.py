"""Rates that forget: each cell's recent events, discounted, beside what the cell has seen in the long run.

    N ~ Poisson(rate T) in all T years of record, rate ~ Gamma(a, b):  long = (a + N) / (b + T)
    rate now ~ Gamma(k long + n, k + t),  n = sum_i w_i,  t = sum of w over all days,  w = 2^(-age / half_life)

where a day counts as far as its events are known by now (`reporting`),
so the long run counts like `strength` days, k, of discounted record. The posterior is exact. From it counts
are Poisson, bin by bin, at a rate that stays what it is. This is the power discounting of West and Harrison
("Bayesian Forecasting and Dynamic Models", 1997, chapter 10) with a steady prior beneath it.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy import optimize, stats

from forecast import inference
from forecast.events import Futures, Snapshot, day
from forecast.inference import Meaning
from forecast.language import say
from forecast.models import cells, discounted_ahead, examples, reporting
from forecast.models.cells import grouping
from forecast.prospect import Prospect
from forecast.spec import Prior, Spec, check_no_covariates, check_priors

__all__ = [
    "DRAWS",
    "PRIORS",
    "Options",
    "ahead",
    "check",
    "gamma",
    "grouping",
    "method",
    "notes",
    "panel",
    "posterior",
    "simulate",
]

PRIORS = {"background": Meaning("positive", "a year", "discounted-background")}
DRAWS = 2000
YEAR = 365.25


@dataclass(frozen=True)
class Options(cells.Options):
    """Settings of the family `discounted`: those of cells, and how fast they forget.

    Parameters
    ----------
    half_life : float
        Days in which an event loses half its weight.
    strength : float
        Days of discounted record that the long run is worth.
    """

    half_life: float = 90.0
    strength: float = 90.0


def check(spec: Spec) -> None:
    """Refuse a spec whose settings, priors or covariates are not those of this family."""
    check_priors(spec, PRIORS)
    check_no_covariates(spec)
    inference.location_scale(spec.priors["background"], "positive", f"{spec.where}, priors.background")
    cells.checked(spec, Options)


def panel(snapshot: Snapshot, spec: Spec) -> xr.Dataset:
    """Count the events of every cell, all alike and discounted by their age.

    Returns
    -------
    Dataset
        `events` and `recent` (cell,), the attributes of past events as in `record.panel`, and in its attributes
        the years of record and of discounted record.
    """
    found = cells.checked(spec, Options)
    plan = cells.layout(found)
    rows = cells.rows_of(snapshot, spec)
    where = cells.placed(rows, found, plan)
    kept = (rows["event_at"] >= day(spec.since)).to_numpy()
    age = (day(snapshot.as_of) - rows["event_at"].to_numpy()) / np.timedelta64(1, "D")
    n = np.where(kept, rows["n"].to_numpy(), 0)
    days = (snapshot.as_of - spec.since).days
    lagged = xr.Dataset(reporting.lags(rows, snapshot.as_of))
    known = np.ones(days)
    known[: reporting.LONGEST] = reporting.reported(lagged)[:days]
    weight = known * 2.0 ** (-np.arange(1, days + 1) / found.half_life)
    return xr.Dataset(
        {
            **lagged.data_vars,
            "events": ("cell", np.bincount(where, n, len(plan.cells))),
            "recent": ("cell", np.bincount(where, n * 2.0 ** (-age / found.half_life), len(plan.cells))),
            **examples.columns(rows, where, found, plan),
        },
        coords={"cell": plan.names},
        attrs={
            "years": float(known.sum()) / YEAR,
            "recent_years": float(weight.sum()) / YEAR,
            **examples.on_record(rows, found),
        },
    )


def gamma(prior: Prior) -> tuple[float, float]:
    """Find the shape and rate of the gamma distribution with this 90 % interval."""

    def gap(log_shape: float) -> float:
        low, high = stats.gamma.ppf((0.05, 0.95), np.exp(log_shape))
        return float(np.log(high) - np.log(max(low, 1e-300)) - np.log(prior.high / prior.low))

    shape = float(np.exp(optimize.root_scalar(gap, bracket=(-3.0, 8.0)).root))
    return shape, float(stats.gamma.ppf(0.95, shape)) / prior.high


def posterior(data: xr.Dataset, spec: Spec, seed: int) -> xr.DataTree:
    """Draw from the exact posterior of every cell's rate a year."""
    found = cells.checked(spec, Options)
    shape, rate = gamma(spec.priors["background"])
    long = (shape + data["events"].to_numpy()) / (rate + data.attrs["years"])
    k = found.strength / YEAR
    rng = np.random.default_rng(seed)
    size = (1, DRAWS, len(long))
    background = rng.gamma(shape + data["events"].to_numpy(), 1 / (rate + data.attrs["years"]), size)
    now = rng.gamma(k * long + data["recent"].to_numpy(), 1 / (k + data.attrs["recent_years"]), size)
    dims, coords = ("chain", "draw", "cell"), {"cell": data["cell"]}
    drawn = xr.Dataset({"background": (dims, background), "rate": (dims, now)}, coords)
    return xr.DataTree.from_dict({"posterior": drawn})


def ahead(snapshot: Snapshot, data: xr.Dataset, spec: Spec) -> xr.Dataset:
    """Foresee each bin of the record from what came before; see `discounted_ahead`."""
    found = cells.checked(spec, Options)
    background = gamma(spec.priors["background"])
    return discounted_ahead.ahead(snapshot, data, spec, found, found.half_life, found.strength, background)


def simulate(
    tree: xr.DataTree,
    data: xr.Dataset,
    spec: Spec,
    prospect: Prospect,
    rng: np.random.Generator,
) -> Futures:
    """Let counts come at the rate of now; the arguments are those of `counts.simulate`."""
    found, sizes, as_of = cells.checked(spec, Options), prospect.sizes, prospect.snapshot.as_of
    rate = inference.thinned(tree, ("rate",), sizes)["rate"]
    parts = [_late(rate, data, found, as_of, rng.spawn(1)[0])]
    for starts in range(0, prospect.days, spec.step):
        child = rng.spawn(1)[0]
        opens = as_of + timedelta(days=starts)
        counts = child.poisson(rate * spec.step / YEAR).astype(float)
        parts.append(examples.dated_events(counts, data, found, opens, np.ones(spec.step), child))
    together = pd.concat(parts, ignore_index=True)
    inside = together[(together["event_at"] < day(prospect.until)).to_numpy()]
    return Futures(examples.by_kind(inside, spec.kinds), sizes.draws, sizes.parameters, {})


def _late(
    rate: NDArray[np.float64], data: xr.Dataset, found: Options, as_of: date, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw what happened in the last days and is not known yet: Poisson with the share that is not, given the rate."""
    missing = reporting.unreported(reporting.drawn(data, len(rate), rng), reporting.LONGEST, 1)[:, 0]
    counts = rng.poisson(rate * missing.sum(axis=1, keepdims=True) / YEAR).astype(float)
    opens, days = as_of - timedelta(days=reporting.LONGEST), missing.mean(axis=0)
    return examples.dated_events(counts, data, found, opens, days if days.any() else np.ones(len(days)), rng)


def method(spec: Spec) -> str:
    """Say in a phrase how the numbers come about."""
    return say("discounted-method", days=f"{cells.checked(spec, Options).half_life:g}")


def notes(data: xr.Dataset, spec: Spec) -> tuple[str, ...]:  # noqa: ARG001
    """Say what a reader must know about these numbers."""
    return (say("discounted-stays"), *reporting.notes(data), *examples.notes(data))
