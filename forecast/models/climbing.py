"""Processes on ordered stages, to come: they climb, halt or end by rates of their state, time and deadline."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from forecast.events import Futures, day
from forecast.inference import Sizes
from forecast.models import covariates
from forecast.models.exposure import YEAR, deadline_window
from forecast.models.ladder import CAUSES, WINDOWS, Ladder
from forecast.prospect import Prospect
from forecast.spec import Spec

Array = NDArray[np.float64]
Happened = tuple[NDArray[np.int64], ...]  # process, draw, day and code of what happens
AT_ONCE = 200_000  # paths that are held in memory together
STRETCH = 182  # days that are simulated in one go, where nothing has to be read anew
ADVANCE, EXIT, SUSPEND = range(len(CAUSES))


@dataclass(frozen=True)
class Rates:
    """Rates a year, in parts: log, by posterior draw.

    Parameters
    ----------
    table : array, shape (draw, cause, state, kind)
    slope : array, shape (draw, state, kind)
        Of the log rate of advancing, on `log_age`.
    log_age : array, shape (age,)
        Of each stretch of time on a stage.
    by_window : array, shape (draw, cause, window)
        Of the deadline.
    by_trait : array, shape (draw, cause, trait)
    effect : array, shape (draw, covariate)
        On the rate of advancing.
    """

    table: Array
    slope: Array
    log_age: Array
    by_window: Array
    by_trait: Array
    effect: Array


def simulated(
    rates: Rates,
    data: xr.Dataset,
    spec: Spec,
    found: Ladder,
    prospect: Prospect,
    rng: np.random.Generator,
) -> Futures:
    """Let every open process climb, halt or end; a longer horizon does not change nearer answers.

    Parameters
    ----------
    rates : Rates
        Of `prospect.sizes.parameters` draws.
    data : Dataset
        From `exposure.panel`.
    """
    sizes, as_of = prospect.sizes, prospect.snapshot.as_of
    leads, ends = _chances(data, found, sizes.parameters, rng)
    stretch = spec.step if spec.covariates else STRETCH
    steps = range(0, prospect.days, stretch)
    days = np.array([as_of + timedelta(days=step) for step in steps], "datetime64[us]")
    readings = covariates.ahead(prospect, spec, days)
    effect = np.tile(rates.effect, (sizes.draws // sizes.parameters, 1))
    pulls = (effect[:, None] * readings).sum(axis=-1)
    size = max(1, AT_ONCE // sizes.draws)
    parts = []
    for first in range(0, data.sizes["process"], size):
        some = data.isel(process=slice(first, first + size))
        paths = _Paths(rates, some, found, leads, ends, sizes, rng.spawn(1)[0])
        for step, pull in zip(steps, pulls.T, strict=True):
            parts += [(part[0] + first, *part[1:]) for part in paths.run(step + stretch, pull)]
    return _futures(parts, data, found, spec, prospect)


def _futures(
    parts: list[Happened],
    data: xr.Dataset,
    found: Ladder,
    spec: Spec,
    prospect: Prospect,
) -> Futures:
    nothing = (np.empty(0, np.int64),) * 4
    process, draw, at, code = (np.concatenate(column) for column in zip(nothing, *parts, strict=True))
    inside = at < prospect.days
    names = pd.Index(data["process"].to_numpy().astype(object))
    frame = pd.DataFrame(
        {
            "draw": draw[inside],
            "entity": pd.Categorical.from_codes(process[inside], names),
            "event_at": day(prospect.snapshot.as_of) + at[inside] * np.timedelta64(1, "D"),
            "value": 1.0,
            "n": 1,
        }
    )
    code = code[inside]
    frames = {kind: frame[code == number] for kind, number in found.codes.items()}
    return Futures({kind: frames[kind] for kind in spec.kinds}, prospect.sizes.draws, prospect.sizes.parameters, {})


def as_they_stand(rates: Rates, data: xr.Dataset, found: Ladder, reading: Array) -> Array:
    """Compute the rates a year of every open process where it stands, shape (draw, cause, process).

    Nought for what cannot happen.
    """
    level, kind, halted = (data[name].to_numpy() for name in ("level", "kind_at", "suspended"))
    state = np.where(halted, len(found.stages), level)
    window = deadline_window(data["due"].to_numpy(), found)
    age = np.searchsorted(found.cuts, data["days"].to_numpy(), "right")
    log = rates.table[:, :, state, kind] + rates.by_window[:, :, window]
    log += np.einsum("dct,pt->dcp", rates.by_trait, data["has"].to_numpy())
    log[:, ADVANCE] += rates.slope[:, state, kind] * rates.log_age[age] + (rates.effect @ reading)[:, None]
    possible = found.at_risk()[:, kind, level]
    possible[SUSPEND] &= ~halted
    return np.where(possible, np.exp(log), 0.0)


def _chances(data: xr.Dataset, found: Ladder, draws: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw where advances and exits lead, as cumulated shares: (draw, kind, from, to) and (draw, kind, exit).

    What is common to all kinds is their shares, with one event more that is spread evenly over what can be.
    """
    higher, exits = destinations(found)
    parts = ((data["leads"].to_numpy(), higher), (data["ends"].to_numpy(), exits))
    gammas = [
        rng.standard_gamma(weights, (draws, *weights.shape))
        for weights in (leaning(counts, can, found.strength) for counts, can in parts)
    ]
    return np.cumsum(gammas[0], axis=-1), np.cumsum(gammas[1], axis=-1)


def destinations(found: Ladder) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Mark where advances can lead, (kind, from, to), and how processes can end, (kind, exit)."""
    return found.higher(), found.coded()[:, len(found.stages) : len(found.stages) + len(found.exits)]


def leaning(counts: Array, can: NDArray[np.bool_], strength: float) -> Array:
    """Give the weights of the Dirichlet distribution of where something leads, given where it has led.

    Parameters
    ----------
    counts, can : array, shape (kind, ..., to)
        How often, and whether it can.
    strength : float
        What the shares of all kinds are worth, in events.
    """
    pooled = counts.sum(axis=0) + can.any(axis=0) / np.maximum(can.any(axis=0).sum(-1, keepdims=True), 1)
    own = np.where(can, pooled, 0)
    centre = own / np.maximum(own.sum(axis=-1, keepdims=True), np.finfo(float).tiny)
    return np.asarray(counts + strength * centre)


class _Paths:
    """Some processes in every future: where each stands, and since when."""

    def __init__(
        self,
        rates: Rates,
        data: xr.Dataset,
        found: Ladder,
        leads: Array,
        ends: Array,
        sizes: Sizes,
        rng: np.random.Generator,
    ) -> None:
        self.rates, self.found, self.leads, self.ends, self.rng = rates, found, leads, ends, rng
        count = data.sizes["process"]
        self.process, self.draw = np.divmod(np.arange(count * sizes.draws), sizes.draws)
        self.parameter = self.draw % sizes.parameters
        of = {name: data[name].to_numpy()[self.process] for name in ("level", "suspended", "kind_at", "due", "opens")}
        self.level, self.suspended, self.kind, self.due = of["level"], of["suspended"], of["kind_at"], of["due"]
        self.at = of["opens"].astype(float)
        self.entered = self.at - data["days"].to_numpy()[self.process]
        self.cuts = np.array([*found.cuts, np.inf])
        self.age = np.searchsorted(found.cuts, self.at - self.entered, "right")
        # One row of causes for each draw, state and kind; draw and window; process and draw: rows are taken fast.
        self.table = np.ascontiguousarray(rates.table.transpose(0, 2, 3, 1)).reshape(-1, len(CAUSES))
        self.slope = rates.slope.ravel()
        self.by_window = np.ascontiguousarray(rates.by_window.transpose(0, 2, 1)).reshape(-1, len(CAUSES))
        self.by_trait = np.einsum("dct,pt->pdc", rates.by_trait, data["has"].to_numpy()).reshape(-1, len(CAUSES))
        self.at_risk = found.at_risk().transpose(1, 2, 0)
        self.alive = np.ones(len(self.at), bool)

    def run(self, until: float, pull: Array) -> list[Happened]:
        """Go on until a day, with covariates adding the same to log rates of advancing, future by future."""
        found: list[Happened] = []
        some = np.flatnonzero(self.alive & (self.at < until))
        while len(some):
            rate = self._rates(some, pull)
            either = rate[:, ADVANCE] + rate[:, EXIT]
            total = either + rate[:, SUSPEND]
            with np.errstate(divide="ignore"):
                when = self.at[some] + self.rng.standard_exponential(len(some)) * (YEAR / total)
            toss = self.rng.random((2, len(some)))
            ends = self._next_change(some, until)
            happens = when < ends
            self.at[some] = np.minimum(when, ends)
            mark = toss[0] * total
            cause = (mark >= rate[:, ADVANCE]).astype(np.int64) + (mark >= either)
            code = self._happen(some[happens], cause[happens], toss[1, happens])
            moved = some[happens]
            found.append((self.process[moved], self.draw[moved], np.floor(self.at[moved]).astype(np.int64), code))
            self.age[some] += self.at[some] >= self.entered[some] + self.cuts[self.age[some]]
            some = some[self.alive[some] & (self.at[some] < until)]
        return found

    def _rates(self, some: NDArray[np.int64], pull: Array) -> Array:
        """Compute rates a year, shape (path, cause); nought for what cannot happen."""
        draw, kind, level, found = self.parameter[some], self.kind[some], self.level[some], self.found
        halted = self.suspended[some]
        state = np.where(halted, len(found.stages), level)
        place = (draw * len(found.states) + state) * len(found.kinds) + kind
        log = self.table.take(place, axis=0)
        log += self.by_trait.take(self.process[some] * len(self.rates.table) + draw, axis=0)
        log[:, ADVANCE] += self.slope.take(place) * self.rates.log_age.take(self.age[some])
        log[:, ADVANCE] += pull.take(self.draw[some])
        due = np.flatnonzero(np.isfinite(self.due[some]))
        if len(due):
            ahead = self.due[some[due]] - np.floor(self.at[some[due]])
            window = deadline_window(ahead, found)
            log[due] += self.by_window.take(draw[due] * len(WINDOWS) + window, axis=0)
        possible = self.at_risk[kind, level]
        possible[:, SUSPEND] &= ~halted
        return np.where(possible, np.exp(log), 0.0)

    def _next_change(self, some: NDArray[np.int64], until: float) -> Array:
        """Find until when a path's rates stay what they are."""
        at = self.at[some]
        change = np.minimum(until, self.entered[some] + self.cuts[self.age[some]])
        for edge in (self.due[some] - self.found.near[0], self.due[some] + self.found.near[1] + 1):
            change = np.where(edge > at, np.minimum(change, edge), change)
        return np.asarray(change)

    def _happen(self, moved: NDArray[np.int64], cause: NDArray[np.int64], toss: Array) -> NDArray[np.int64]:
        """Let something happen to paths; say what, by its code."""
        draw, kind, level, stages = self.parameter[moved], self.kind[moved], self.level[moved], len(self.found.stages)
        leads, ends = self.leads[draw, kind, level], self.ends[draw, kind]
        to = (leads <= toss[:, None] * leads[:, -1:]).sum(axis=1)
        exit_ = (ends <= toss[:, None] * ends[:, -1:]).sum(axis=1)
        suspension = stages + len(self.found.exits)
        code = np.choose(cause, [to, stages + exit_, np.full(len(moved), suspension)])
        self.level[moved] = np.where(cause == ADVANCE, to, level)
        self.suspended[moved] = np.where(cause == ADVANCE, False, self.suspended[moved] | (cause == SUSPEND))
        self.alive[moved] = (cause != EXIT) & (self.level[moved] < stages - 1)
        self.entered[moved] = self.at[moved]
        self.age[moved] = 0
        return np.asarray(code)
