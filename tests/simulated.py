"""Worlds drawn from the prior of the family `counts`, and how the truth ranks among what a fit makes of its record.

Simulation-based calibration: if parameters come from the prior and data from the parameters, the rank of whatever
is true among its posterior draws is uniform (Talts et al. 2018, arXiv:1804.06788); of functions of data and
parameters, such as the likelihood, too, which sees faults that parameters hide (Modrak et al. 2023,
doi:10.1214/23-BA1404).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from numpy.typing import NDArray
from scipy.stats import binom

from forecast import convergence, inference, spec
from forecast.compiled import Start
from forecast.events import Snapshot
from forecast.inference import Sizes
from forecast.models import cells, counts
from forecast.models.likelihood import log_likelihood
from forecast.models.record import inputs
from forecast.prospect import Prospect
from forecast.spec import Spec
from tests.worlds import events, snapshot

SPEC = spec.parse(
    """
name = "strikes"
title = "Strikes"
family = "counts"
since = 2017-01-01
step = 10
written = 2020-01-01
target = { kind = "strike" }

[priors]
background = [1.5, 6.0]
spread_origin = [0.2, 0.8]
spread_mark = [0.2, 0.8]
spread_place = [0.2, 0.8]
spread_cell = [0.2, 0.8]
spread_front = [0.2, 0.8]
feedback = [0.3, 0.7]
own = [0.1, 0.8]
front = [0.05, 0.4]
origin = [0.02, 0.2]
all = [0.01, 0.1]
dispersion = [0.4, 3.0]

[options]
memories = [15, 60]
share_window = 180
ceiling = 1e6
roles = { origin = "who", mark = "what", place = "entity" }
cells = { red = { road = ["north", "south"], port = ["north"] }, blue = { road = ["north"] } }

[options.groups]
origin = { red = ["red"], blue = ["blue"] }
mark = { road = ["road"], port = ["port"] }
place = { north = ["north"], south = ["south"] }

[sampler]
draws = 200
tune = 200
chains = 2
target_accept = 0.85

[[covariates]]
name = "talks"
window = 60
effect = [0.5, 2.0]
rule = { measure = "count", where = { kind = "talk" } }
""",
    "models/strikes.toml",
)
FORMS = {form: replace(SPEC, options={**SPEC.options, "form": form}) for form in ("additive", "log")}
RANKED = (*counts.PRIORS, "effect", "nu", "logit_of", "share", "size", "effect_of")
AHEAD = timedelta(days=60)
KEPT = 100  # draws among which a truth is ranked: one in four, which no longer know of each other
ALARM = 1e-3

Drawn = dict[str, NDArray[np.float64]]
Rows = list[dict[str, Any]]


def happening(kind: str, days: Iterable[int]) -> Rows:
    """Let something happen that no model explains, on some days since the beginning."""
    return [{"kind": kind, "event_at": SPEC.since + timedelta(days=at), "who": "", "what": ""} for at in days]


TALKS = happening("talk", (90, 240, 500))


@dataclass(frozen=True)
class World:
    """A world whose parameters came from the prior.

    Parameters
    ----------
    form : Spec
    truth : DataTree
        Laid out as a posterior of one draw.
    events : DataFrame
        All that happens, known the day it does.
    """

    form: Spec
    truth: xr.DataTree
    events: pd.DataFrame

    def posterior(self, when: date, seed: int, start: Start | None = None) -> xr.DataTree:
        """Fit what was known on a day."""
        return counts.posterior(counts.panel(snapshot(self.events, when), self.form), self.form, seed, start)

    def ranks(self, tree: xr.DataTree, when: date, seed: int) -> dict[str, float]:
        """Rank the truth among draws: parameters, the likelihood of the record, what happened next.

        Returns
        -------
        dict of str to float
            From `rank`.
        """
        known, rng = snapshot(self.events, when), np.random.default_rng(seed)
        data, sizes, until = counts.panel(known, self.form), Sizes(KEPT, KEPT), when + AHEAD
        at = self.events["event_at"]
        next_ = self.events[((at >= pd.Timestamp(when)) & (at < pd.Timestamp(until))).to_numpy()].assign(draw=0)
        futures = counts.simulate(tree, data, self.form, Prospect(known, until, sizes), rng).events["strike"]
        true = _quantities(self.truth, data, self.form, Sizes(1, 1)) | _to_come(next_, 1)
        guessed = _quantities(tree, data, self.form, sizes) | _to_come(futures, KEPT)
        return {name: rank(guessed[name], true[name], rng) for name in true}


def _quantities(tree: xr.DataTree, data: xr.Dataset, form: Spec, sizes: Sizes) -> Drawn:
    """Name every parameter, and the log likelihood of the record, draw by draw."""
    drawn = inference.thinned(tree, RANKED, sizes)
    flag, record = np.asarray(int(cells.options(form).form == "log")), inputs(data, form).values()
    each = zip(*(drawn[name] for name in ("nu", "logit_of", "share", "effect_of", "size")), strict=True)
    flat = {
        f"{name}{list(place) or ''}": values[:, *place]
        for name, values in drawn.items()
        for place in np.ndindex(values.shape[1:])
    }
    return flat | {"log likelihood": np.array([float(log_likelihood(flag, *one, *record)[0]) for one in each])}


def _to_come(frame: pd.DataFrame, draws: int) -> Drawn:
    """Count events by draw: all, and those of one cell."""
    here = (frame[["who", "what", "entity"]].astype(str) == ["red", "road", "north"]).all(axis=1).to_numpy()
    number = frame["draw"].to_numpy()
    return {
        "events to come": np.bincount(number, minlength=draws),
        "events to come in a cell": np.bincount(number[here], minlength=draws),
    }


def rank(draws: NDArray[np.float64], true: NDArray[np.float64], rng: np.random.Generator) -> float:
    """Rank a truth among draws, between 0 and 1; a tie is broken at random, so that ranks of counts are uniform too."""
    below, ties = (draws < true).sum(), (draws == true).sum()
    return float((below + rng.random() * (1 + ties)) / (1 + len(draws)))


def truths(form: Spec, number: int, seed: int) -> xr.Dataset:
    """Draw parameters from the prior, laid out as a posterior of one chain."""
    blank = counts.panel(_nothing(form, TALKS), form)
    return inference.from_prior(counts.sampled(blank, form), number, seed)["posterior"].to_dataset()


def worlds(
    form: Spec,
    truth: xr.Dataset,
    days: int,
    seed: int,
    making: xr.Dataset | None = None,
    context: Rows = TALKS,
) -> list[World]:
    """Let one world unfold from nothing for every draw of parameters.

    Parameters
    ----------
    form : Spec
    truth : Dataset
        From `truths`.
    days, seed : int
    making : Dataset or None
        The parameters that make the events, if they are others than those that are called the truth.
    context : list of dict
        What happens that no model explains.
    """
    nothing, number = _nothing(form, context), truth.sizes["draw"]
    tree = xr.DataTree.from_dict({"posterior": truth if making is None else making})
    until, sizes, rng = form.since + timedelta(days=days), Sizes(number, number), np.random.default_rng(seed)
    prospect = Prospect(nothing, until, sizes)
    made = counts.simulate(tree, counts.panel(nothing, form), form, prospect, rng).events["strike"]
    made = made.astype({"who": str, "what": str}).assign(kind="strike", entity=made["entity"].astype(str))
    made["known_at"] = made["event_at"]
    rows = [made[(made["draw"] == draw).to_numpy()].drop(columns="draw") for draw in range(number)]
    return [
        World(
            form,
            xr.DataTree.from_dict({"posterior": truth.isel(draw=[draw])}),
            events([*context, *of.to_dict("records")]),
        )
        for draw, of in enumerate(rows)
    ]


def _nothing(form: Spec, context: Rows) -> Snapshot:
    """Know all of the context and none of the events that the model explains."""
    return Snapshot(form.since, events(context), {"made": form.since})


def together(rows: Sequence[Mapping[str, float]]) -> Drawn:
    """Gather what was found in each world, quantity by quantity."""
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def open_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every fit pass: a fit refused for what it found would bend the ranks of those that remain."""
    monkeypatch.setattr(convergence, "diagnose", lambda _: {})
    monkeypatch.setattr(convergence, "faults", lambda *_: [])


GRID = np.arange(1, 40) / 40


def uniformity(ranks: NDArray[np.float64]) -> float:
    """Compute the exact p-value of uniform ranks by how far their distribution function strays anywhere on a grid.

    At each point of the grid the number of ranks below is binomial, and its two-sided p-value is taken; the
    statistic is the least of them. Its distribution follows by a walk along the grid, on which the number grows
    by binomial steps (Säilynoja, Bürkner and Vehtari 2022, doi:10.1007/s11222-022-10090-6).
    """
    size = len(ranks)
    level = _levels(size)
    seen = (ranks <= GRID[:, None]).sum(axis=1)
    inside = level > level[np.arange(len(GRID)), seen].min() * (1 + 1e-9)
    at = np.eye(size + 1)[0]
    for step, row in zip(_steps(size), inside, strict=True):
        at = (at @ step) * row
    return float(max(0.0, 1 - at.sum()))


@cache
def _levels(size: int) -> NDArray[np.float64]:
    """Give the p-value of every number of ranks below each point of the grid."""
    number = np.arange(size + 1)
    return np.array([2 * np.minimum(binom.cdf(number, size, z), binom.sf(number - 1, size, z)) for z in GRID])


@cache
def _steps(size: int) -> list[NDArray[np.float64]]:
    """List the chances to get from one number of ranks below a point of the grid to that of the next."""
    number = np.arange(size + 1)
    more = number - number[:, None]
    before = np.concatenate([[0.0], GRID[:-1]])
    return [binom.pmf(more, size - number[:, None], share) for share in (GRID - before) / (1 - before)]


def worst(ranks: Mapping[str, NDArray[np.float64]]) -> tuple[float, str]:
    """Give the least p-value of uniform ranks, Bonferroni-corrected for the number of quantities, and whose it is."""
    found = {name: min(1.0, len(ranks) * uniformity(values)) for name, values in ranks.items()}
    name = min(found, key=lambda one: found[one])
    return found[name], name
