"""The likelihood of `counts` with its own gradient, compiled for the processor.

Two per cent of the counts are not zero. For a zero the negative binomial is -r log(1 + mu / r), so gamma
functions are taken for the rest alone, and of the zeros' logarithms one for every `GROUP` factors. The gradient
is gathered in the same pass over the features, which is where the time goes.
"""

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[Any]

GROUP = 8
LOOSE = {"reassoc", "contract", "arcp", "nsz"}  # sums may be reordered; what is not finite stays so


@njit(cache=True, fastmath=LOOSE, error_model="numpy")
def _observed(mu: Array, size: float, at: Array, count: Array, slope: Array) -> tuple[float, float]:
    """Add up one cell's log likelihood and its derivative by size; leave that by mu in `slope`."""
    logs, by_size, scale = 0.0, 0.0, 1.0 / size
    ends = len(mu) - len(mu) % GROUP
    for start in range(0, ends, GROUP):
        product = 1.0
        for t in range(start, start + GROUP):
            product *= 1.0 + mu[t] * scale
        logs += math.log(product)
    for t in range(ends, len(mu)):
        logs += math.log(1.0 + mu[t] * scale)
    for t in range(len(mu)):
        share = 1.0 / (1.0 + mu[t] * scale)
        slope[t] = -share
        by_size += 1.0 - share
    total = -size * logs
    by_size -= logs
    for row in range(len(at)):
        y, m = count[row], mu[at[row]]
        total += y * math.log(m / (size + m)) - math.lgamma(y + 1.0)
        slope[at[row]] += y / m - y / (size + m)
        by_size -= y / (size + m)
        for k in range(int(y)):
            total += math.log(size + k)
            by_size += 1.0 / (size + k)
    return total, by_size


@njit(cache=True, fastmath=LOOSE, error_model="numpy")
def _additive(
    nu: Array,
    logit: Array,
    share: Array,
    effect: Array,
    size: Array,
    features: Array,
    covariates: Array,
    known: Array,
    origin_of: Array,
    first: Array,
    at: Array,
    count: Array,
) -> tuple[Array, Array, Array, Array, Array, Array]:
    """Compute the log likelihood of the additive form and its gradient.

    mu[c, t] = exp(effect[a] . x[t]) nu[c] + sigmoid(logit[a] + effect[a] . x[t]) sum_k share[a, k] F[c, k, t]

    Counts have mean known[t] mu[c, t].

    Parameters
    ----------
    nu : array, shape (cell,)
    logit, size : array, shape (origin,)
    share : array, shape (origin, feature)
    effect : array, shape (origin, covariate)
    features : array, shape (cell, feature, time)
    covariates : array, shape (covariate, time)
    known : array, shape (time,)
        Share of each bin's events that is known by now.
    origin_of : array, shape (cell,)
    first, at, count : array
        From `record.sparse`.

    Returns
    -------
    tuple of array
        The log likelihood, shape (), and its derivatives by the first five arguments.
    """
    cells, kinds, bins = features.shape
    origins = len(logit)
    factor, gain = np.empty((origins, bins)), np.empty((origins, bins))
    for a in range(origins):
        for t in range(bins):
            log_factor = 0.0
            for v in range(len(covariates)):
                log_factor += effect[a, v] * covariates[v, t]
            factor[a, t] = math.exp(log_factor)
            gain[a, t] = 1.0 / (1.0 + math.exp(-logit[a] - log_factor))
    d_nu, d_size = np.empty(cells), np.zeros(origins)
    d_share = np.zeros((origins, kinds))
    d_log, d_gain = np.zeros((origins, bins)), np.zeros((origins, bins))
    pull, mu, slope = np.empty(bins), np.empty(bins), np.empty(bins)
    total = 0.0
    for c in range(cells):
        a = origin_of[c]
        for t in range(bins):
            pull[t] = 0.0
        for k in range(kinds):
            weight = share[a, k]
            for t in range(bins):
                pull[t] += weight * features[c, k, t]
        for t in range(bins):
            mu[t] = known[t] * (factor[a, t] * nu[c] + gain[a, t] * pull[t])
        rows = slice(first[c], first[c + 1])
        value, by_size = _observed(mu, size[a], at[rows], count[rows], slope)
        total += value
        d_size[a] += by_size
        by_nu = 0.0
        for t in range(bins):
            slope[t] *= known[t]
            by_nu += slope[t] * factor[a, t]
            d_log[a, t] += slope[t] * factor[a, t] * nu[c]
            d_gain[a, t] += slope[t] * pull[t]
            slope[t] *= gain[a, t]
        d_nu[c] = by_nu
        for k in range(kinds):
            inner = 0.0
            for t in range(bins):
                inner += slope[t] * features[c, k, t]
            d_share[a, k] += inner
    d_logit, d_effect = np.empty(origins), np.empty(effect.shape)
    for a in range(origins):
        by_gain = 0.0
        for t in range(bins):
            by_logit = d_gain[a, t] * gain[a, t] * (1.0 - gain[a, t])
            by_gain += by_logit
            d_log[a, t] += by_logit
        d_logit[a] = by_gain
        for v in range(len(covariates)):
            inner = 0.0
            for t in range(bins):
                inner += d_log[a, t] * covariates[v, t]
            d_effect[a, v] = inner
    return np.asarray(total), d_nu, d_logit, d_share, d_effect, d_size


@njit(cache=True, fastmath=LOOSE, error_model="numpy")
def _log_linear(
    nu: Array,
    logit: Array,
    share: Array,
    effect: Array,
    size: Array,
    features: Array,
    covariates: Array,
    known: Array,
    origin_of: Array,
    first: Array,
    at: Array,
    count: Array,
) -> tuple[Array, Array, Array, Array, Array, Array]:
    """Compute the log likelihood of the log form and its gradient; arguments and results as in `_additive`.

    log mu[c, t] = log nu[c] + effect[a] . x[t] + sigmoid(logit[a]) sum_k share[a, k] F[c, k, t]
    """
    cells, kinds, bins = features.shape
    origins = len(logit)
    log_factor = np.zeros((origins, bins))
    for a in range(origins):
        for v in range(len(covariates)):
            for t in range(bins):
                log_factor[a, t] += effect[a, v] * covariates[v, t]
    d_nu, d_size, d_logit = np.empty(cells), np.zeros(origins), np.zeros(origins)
    d_share, d_log = np.zeros((origins, kinds)), np.zeros((origins, bins))
    pull, mu, slope = np.empty(bins), np.empty(bins), np.empty(bins)
    total = 0.0
    for c in range(cells):
        a = origin_of[c]
        elasticity = 1.0 / (1.0 + math.exp(-logit[a]))
        for t in range(bins):
            pull[t] = 0.0
        for k in range(kinds):
            weight = share[a, k]
            for t in range(bins):
                pull[t] += weight * features[c, k, t]
        for t in range(bins):
            mu[t] = known[t] * nu[c] * math.exp(log_factor[a, t] + elasticity * pull[t])
        rows = slice(first[c], first[c + 1])
        value, by_size = _observed(mu, size[a], at[rows], count[rows], slope)
        total += value
        d_size[a] += by_size
        by_log, by_elasticity = 0.0, 0.0
        for t in range(bins):
            slope[t] *= mu[t]
            by_log += slope[t]
            by_elasticity += slope[t] * pull[t]
            d_log[a, t] += slope[t]
        d_nu[c] = by_log / nu[c]
        d_logit[a] += by_elasticity * elasticity * (1.0 - elasticity)
        for k in range(kinds):
            inner = 0.0
            for t in range(bins):
                inner += slope[t] * features[c, k, t]
            d_share[a, k] += elasticity * inner
    d_effect = np.empty(effect.shape)
    for a in range(origins):
        for v in range(len(covariates)):
            inner = 0.0
            for t in range(bins):
                inner += d_log[a, t] * covariates[v, t]
            d_effect[a, v] = inner
    return np.asarray(total), d_nu, d_logit, d_share, d_effect, d_size


@njit(cache=True, fastmath=LOOSE, error_model="numpy")
def log_likelihood(
    logarithmic: Array,
    nu: Array,
    logit: Array,
    share: Array,
    effect: Array,
    size: Array,
    features: Array,
    covariates: Array,
    known: Array,
    origin_of: Array,
    first: Array,
    at: Array,
    count: Array,
) -> tuple[Array, Array, Array, Array, Array, Array]:
    """Compute the log likelihood of either form and its gradient, so that both are one compiled model."""
    if logarithmic[()]:
        return _log_linear(nu, logit, share, effect, size, features, covariates, known, origin_of, first, at, count)
    return _additive(nu, logit, share, effect, size, features, covariates, known, origin_of, first, at, count)
