"""What the family `counts` expects of every bin and cell, draw by draw, given what had happened before it.

The likelihood conditions on the actual past: bin t has a mean that follows from what was recorded before t, whatever
the model would have made of earlier bins. So means, log likelihoods and replicas look one bin ahead, all along.

    y[c, t] ~ NegBinomial(mean known[t] mu[c, t], size r[a]), with mu as in `counts`
"""

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.special import expit, gammaln

from forecast import inference
from forecast.models import cells
from forecast.models.record import inputs
from forecast.spec import Spec

PARAMETERS = ("nu", "logit_of", "share", "effect_of", "size")  # in the order of the kernel
DIMS = ("sample", "time", "cell")


def pointwise(tree: xr.DataTree, data: xr.Dataset, spec: Spec, draws: int) -> xr.Dataset:
    """Compute the mean and the log likelihood of every count.

    Parameters
    ----------
    tree : DataTree
        A posterior; evenly spaced draws are taken of it, because 400 of them already fill 60 MB an array.
    data : Dataset
        From `panel`.
    spec : Spec
    draws : int
        How many, at most.

    Returns
    -------
    Dataset
        `mean` and `log_likelihood` (sample, time, cell), `size` (sample, cell), `counts` (time, cell).
    """
    drawn = inference.at_most(tree, PARAMETERS, draws)
    found = cells.options(spec)
    origin_of = cells.layout(found).origin_of
    known = 1 - data["unreported"].mean("day").to_numpy()
    counts, features = data["counts"].to_numpy(), data["features"].to_numpy()
    log_factor = drawn["effect_of"] @ data["covariates"].to_numpy().T
    mean, log_likelihood = np.empty((2, len(drawn["nu"]), *counts.shape))
    for cell, origin in enumerate(origin_of):
        nu, logit, size = drawn["nu"][:, [cell]], drawn["logit_of"][:, [origin]], drawn["size"][:, [origin]]
        pull = drawn["share"][:, origin] @ features[:, cell].T
        if found.form == "log":
            mu = nu * np.exp(log_factor[:, origin] + expit(logit) * pull)
        else:
            mu = np.exp(log_factor[:, origin]) * nu + expit(logit + log_factor[:, origin]) * pull
        mean[..., cell] = known * mu
        log_likelihood[..., cell] = _log_density(counts[:, cell], mean[..., cell], size)
    return xr.Dataset(
        {
            "mean": (DIMS, mean),
            "log_likelihood": (DIMS, log_likelihood),
            "size": (("sample", "cell"), drawn["size"][:, origin_of]),
            "counts": (("time", "cell"), counts),
        },
        coords={"time": data["time"].to_numpy(), "cell": data["cell"].to_numpy()},
    )


def _log_density(
    count: NDArray[np.float64], mean: NDArray[np.float64], size: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Compute the negative binomial's log density, with gamma functions for the few counts that are not zero."""
    found = -size * np.log1p(mean / size)
    some = count > 0
    y, m = count[some], mean[:, some]
    found[:, some] += y * np.log(m / (size + m)) + gammaln(y + size) - gammaln(size) - gammaln(y + 1)
    return np.asarray(found)


def log_likelihoods(tree: xr.DataTree, data: xr.Dataset, spec: Spec) -> xr.DataArray:
    """Compute the log likelihood of all counts together for every draw, shape (chain, draw)."""
    from forecast.models.likelihood import log_likelihood

    posterior = tree["posterior"].to_dataset()
    drawn = [np.ascontiguousarray(posterior[name].transpose("chain", "draw", ...)) for name in PARAMETERS]
    form, record = np.asarray(int(cells.options(spec).form == "log")), tuple(inputs(data, spec).values())
    values = np.empty((posterior.sizes["chain"], posterior.sizes["draw"]))
    for place in np.ndindex(*values.shape):
        values[place] = log_likelihood(form, *(each[place] for each in drawn), *record)[0]
    return xr.DataArray(values, dims=("chain", "draw"))


def replicated(found: xr.Dataset, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw counts anew, bin by bin given the actual past, shape (sample, time, cell).

    Parameters
    ----------
    found : Dataset
        From `pointwise`.
    rng : Generator
    """
    size = found["size"].to_numpy()[:, None]
    return np.asarray(rng.poisson(rng.gamma(size, found["mean"].to_numpy() / size)))
