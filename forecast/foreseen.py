"""How well each bin of a record is foreseen by a model that has not seen it, or nothing from it on.

What counts is all that a model says of one bin together, so that bins are left out whole: events of one bin come
together. Nothing is fitted anew where draws can be weighed as if they had not seen it, which Pareto's k tells.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import special

from forecast import reweighing

Array = NDArray[np.float64]
EARLIER = 0.6  # share of a record that is seen before fits to earlier parts foresee anything
Fit = Callable[[int], Array]  # how many first bins are seen -> log likelihoods of all bins, shape (draw, bin)


@dataclass(frozen=True)
class Spans:
    """A record cut in time, of which a model can be fitted to what came before each part.

    Parameters
    ----------
    happened : DataArray
        What is foreseen, part by part: dims `unit` and others, coordinate `time`, on which each begins, and the name of
        the parts.
    same : str
        What has to be the same for these parts to be.
    first : int
        Place of the first that is foreseen.
    until : callable
        How many first parts are seen -> the panel of what happened in them.
    likely : callable
        A posterior -> log likelihoods of all parts, shape (draw, unit).
    exact : array, shape (unit,)
        What else is known of each from those before it, without draws, nats.
    """

    happened: xr.DataArray
    same: str
    first: int
    until: Callable[[int], xr.Dataset]
    likely: Callable[[xr.DataTree], Array]
    exact: Array


@dataclass(frozen=True)
class Foreseen:
    """Log predictive densities of bins, one after the other.

    Parameters
    ----------
    density : array, shape (bin,)
        Nats.
    k : array, shape (bin,)
        Pareto's; above 0.7 the density cannot be trusted.
    first : int
        Place of the first bin in the record.
    fits : int
        How many fits it took beside that to the whole record.
    """

    density: Array
    k: Array
    first: int = 0
    fits: int = 0

    @property
    def trusted(self) -> NDArray[np.bool_]:
        """Where k is low enough."""
        return np.asarray(self.k <= reweighing.HIGH_K)


def left_out(log_likelihood: Array) -> Foreseen:
    """Foresee each bin from all others, by Pareto-smoothed importance sampling.

    Vehtari, Gelman and Gabry 2017, doi:10.1007/s11222-016-9696-4.

    Parameters
    ----------
    log_likelihood : array, shape (draw, bin)
        Of draws from the posterior of the whole record.
    """
    import arviz_stats

    rows = xr.Dataset({"bin": (("chain", "draw", "row"), log_likelihood[None])})
    tree = xr.DataTree.from_dict({"posterior": rows.isel(row=0), "log_likelihood": rows})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # high k is what is reported
        found = arviz_stats.loo(tree, pointwise=True, reff=1.0)
    return Foreseen(found.elpd_i.to_numpy(), found.pareto_k.to_numpy())


def ahead(fit: Fit, first: int, fits: int) -> Foreseen:
    """Foresee each bin from those before it alone, weighing draws forward from a fit to an earlier part.

    Draws of a fit to the first n bins are weighed by the likelihood of what came since, and the model is fitted again
    where k is above 0.7 (Bürkner, Gabry and Vehtari 2020, doi:10.1080/00949655.2020.1783262). Where that would be one
    fit too many, it ends.

    Parameters
    ----------
    fit : callable
    first : int
        Bins that are seen before the first is foreseen.
    fits : int
        At most, 1 or more.
    """
    seen, every, done = first, fit(first), 1
    density, k = [], []
    for at in range(first, every.shape[1]):
        weight, high = _since(every[:, seen:at])
        if high > reweighing.HIGH_K:
            if done == fits:
                break
            seen, every, done = at, fit(at), done + 1
            weight, high = _since(every[:, at:at])
        density.append(float(special.logsumexp(every[:, at], b=weight)))
        k.append(high)
    return Foreseen(np.array(density), np.array(k), first, done)


def _since(log_likelihood: Array) -> tuple[Array, float]:
    """Weigh draws by what has come since they were drawn."""
    draws, bins = log_likelihood.shape
    return reweighing.smoothed(log_likelihood.sum(axis=1)) if bins else (np.full(draws, 1 / draws), 0.0)


def among(found: Foreseen, bins: int) -> Foreseen:
    """Lay out what was foreseen among all bins of a record; NaN where nothing was."""
    density, k = np.full(bins, np.nan), np.zeros(bins)
    inside = slice(found.first, found.first + len(found.density))
    density[inside], k[inside] = found.density, found.k
    return Foreseen(density, k, 0, found.fits)


def pooled(parts: Sequence[Foreseen]) -> Foreseen:
    """Mix models in equal parts, as a pool does from every day on; as far as all of them go."""
    bins = min(len(one.density) for one in parts)
    density = special.logsumexp([one.density[:bins] for one in parts], axis=0) - np.log(len(parts))
    k = np.max([one.k[:bins] for one in parts], axis=0)
    return Foreseen(np.asarray(density), np.asarray(k), parts[0].first, sum(one.fits for one in parts))
