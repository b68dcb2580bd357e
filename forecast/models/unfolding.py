"""Futures of the family `counts`: bin by bin, each feeding on what happened in it before."""

from datetime import timedelta

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from forecast import inference
from forecast.events import Futures, day
from forecast.inference import Sizes
from forecast.models import cells, covariates, examples, record, reporting
from forecast.models.cells import Options
from forecast.models.feedback import features, shaped
from forecast.prospect import Prospect
from forecast.spec import Spec

Drawn = dict[str, NDArray[np.float64]]
CAP = 5.0  # times the largest count of any cell and bin on record
NONE_YET = 10.0  # takes its place before there is a record, to keep absurd priors from filling the memory


def simulate(
    tree: xr.DataTree,
    data: xr.Dataset,
    spec: Spec,
    prospect: Prospect,
    rng: np.random.Generator,
) -> Futures:
    """Let the futures unfold bin by bin, each feeding on what happened in it before.

    Parameters
    ----------
    tree : DataTree
    data : Dataset
        From `panel`.
    prospect : Prospect
    rng : Generator
    """
    found, sizes, as_of = cells.options(spec), prospect.sizes, prospect.snapshot.as_of
    drawn = inference.thinned(tree, ("nu", "logit_of", "share", "size", "effect_of"), sizes)
    largest = data["counts"].to_numpy().max(initial=0) or NONE_YET
    ceiling = found.ceiling or CAP * float(largest)
    state, parts = _late(drawn, data, spec, sizes, ceiling, rng.spawn(1)[0])
    starts = [as_of + timedelta(days=days) for days in range(0, prospect.days, spec.step)]
    readings = covariates.ahead(prospect, spec, np.array(starts, "datetime64[us]"))
    given = record.scheduled(prospect, spec, len(starts))
    for bin_, opens in enumerate(starts):
        child = rng.spawn(1)[0]
        mu = _mean(drawn, state.features(found), readings[:, bin_], found, ceiling)
        counts = child.poisson(child.gamma(_size(drawn, found), mu / _size(drawn, found))).astype(float)
        parts.append(examples.dated_events(counts, data, found, opens, np.ones(spec.step), child))
        state.add(counts + given[bin_])
    together = pd.concat(parts, ignore_index=True)
    inside = together[(together["event_at"] < day(prospect.until)).to_numpy()]
    return Futures(examples.by_kind(inside, spec.kinds), sizes.draws, sizes.parameters, {})


class _State:
    """What each future remembers: exponential memories (draw, cell, half_life) and the bins of the share window."""

    def __init__(self, data: xr.Dataset, found: Options, step: int, draws: int) -> None:
        history = data["history"].to_numpy()
        self.step, self.keep = step, 2.0 ** (-step / np.array(found.memories))
        self.memory = np.broadcast_to(data["memory"].to_numpy(), (draws, *data["memory"].shape)).copy()
        self.bins = [np.broadcast_to(past, (draws, len(past))) for past in history]
        self.recent = history.sum(axis=0) + np.zeros((draws, 1))

    def features(self, found: Options) -> NDArray[np.float64]:
        """Line up what feeds the next bin, shape (draw, cell, feature)."""
        return shaped(features(self.memory, self.recent, found, cells.layout(found)), found, self.step)

    def add(self, counts: NDArray[np.float64]) -> None:
        """Let the counts of the next bin, shape (draw, cell), become the past."""
        self.memory = self.keep * self.memory + (1 - self.keep) * counts[..., None]
        self.recent = self.recent + counts - self.bins.pop(0)
        self.bins.append(counts)

    def add_late(self, counts: NDArray[np.float64], ago: int) -> None:
        """Add counts, shape (draw, cell), that came to be known only later, to the bin `ago` bins back."""
        self.memory = self.memory + self.keep**ago * (1 - self.keep) * counts[..., None]
        if ago < len(self.bins):
            self.recent = self.recent + counts
            self.bins[-1 - ago] = self.bins[-1 - ago] + counts


def _late(
    drawn: Drawn, data: xr.Dataset, spec: Spec, sizes: Sizes, ceiling: float, rng: np.random.Generator
) -> tuple[_State, list[pd.DataFrame]]:
    """Add what happened before the as-of day and is not known yet, given what is.

    A gamma of size r and mean mu, thinned to a known share k of which y came, is a gamma of size r + y and
    rate r / mu + k; the rest is Poisson with 1 - k of it. Each future has a share of its own.
    """
    found = cells.options(spec)
    state, parts = _State(data, found, spec.step, sizes.draws), []
    missing = data["unreported"].to_numpy()
    newest = min(len(missing), -(-reporting.LONGEST // spec.step))
    shares = reporting.unreported(reporting.drawn(data, sizes.draws, rng), spec.step, newest).mean(axis=-1)
    for bin_ in np.flatnonzero(missing.any(axis=1)).tolist():
        rate, row = shares[:, bin_ - len(missing), None], data.isel(time=bin_)
        mu = _mean(drawn, row["features"].to_numpy()[None], row["covariates"].to_numpy()[None], found, ceiling)
        size = _size(drawn, found)
        level = rng.gamma(size + row["counts"].to_numpy(), 1 / (size / mu + 1 - rate))
        counts = rng.poisson(rate * level).astype(float)
        parts.append(
            examples.dated_events(
                counts, data, found, row["time"].to_numpy().astype("datetime64[D]").item(), missing[bin_], rng
            )
        )
        state.add_late(counts, len(missing) - 1 - bin_)
    return state, parts


def _size(drawn: Drawn, found: Options) -> NDArray[np.float64]:
    return np.asarray(drawn["size"][:, cells.layout(found).origin_of])


def _mean(
    drawn: Drawn,
    feature: NDArray[np.float64],
    x: NDArray[np.float64],
    found: Options,
    ceiling: float,
) -> NDArray[np.float64]:
    """Compute mu of a bin in every future, shape (draw, cell); `x` has a row a future, or one for all."""
    plan = cells.layout(found)
    log_factor = (drawn["effect_of"] * x[:, None]).sum(axis=-1)
    factor = np.exp(log_factor)[:, plan.origin_of]
    pull = np.einsum("dcf,dcf->dc", feature, drawn["share"][:, plan.origin_of])
    if found.form == "log":
        mu = factor * drawn["nu"] * np.exp(_sigmoid(drawn["logit_of"])[:, plan.origin_of] * pull)
    else:
        mu = factor * drawn["nu"] + _sigmoid(drawn["logit_of"] + log_factor)[:, plan.origin_of] * pull
    return np.asarray(np.minimum(mu, ceiling))


def _sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-x)))
