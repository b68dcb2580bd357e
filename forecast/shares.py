"""Shares of futures as probabilities: alone, under a condition, and one against another, each with its interval.

With k of n futures a probability is (k + 1/2) / (n + 1): half a future is added to either side. Under a condition each
of the four cells of a two-by-two table gets a quarter, so that for A and B read off the same futures

    P(A and B) = (k_AB + 1/4) / (n + 1),  P(B) = (k_B + 1/2) / (n + 1),  P(A | B) = (k_AB + 1/4) / (k_B + 1/2)

and P(A and B) = P(A | B) P(B), P(A | B) P(B) + P(A | not B) P(not B) = P(A), exactly.

An interval says what is not known about parameters: it is that of a beta distribution with this mean, whose variance is
what differs between posterior draws, the scatter within a draw taken off (method of moments), plus one standard error
of that estimate, so that few futures make it wider and never narrower.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

LEVELS = (0.05, 0.95)
Z95 = float(stats.norm.ppf(LEVELS[1]))
Held = NDArray[np.bool_]
Interval = tuple[float, float]


@dataclass(frozen=True)
class Conditional:
    """A probability under a condition, and what goes with it.

    Parameters
    ----------
    probability : float
    interval : tuple of float
        90 %.
    joint : float
        Of both.
    condition : float
        Of the condition.
    kept : int
        Futures in which the condition holds: all alike, so as many as count.
    """

    probability: float
    interval: Interval
    joint: float
    condition: float
    kept: int


def smoothed(share: float, futures: float) -> float:
    """Make a probability of the share of so many futures, never 0 and never 1."""
    return float((share * futures + 0.5) / (futures + 1))


def probability(held: Held, parameters: int, worth: float | None = None) -> tuple[float, Interval]:
    """Turn futures in which something held into a probability and its 90 % interval.

    Parameters
    ----------
    held : array, shape (draws,)
    parameters : int
        Posterior draws; future d was simulated from `d % parameters`.
    worth : float or None
        Of a replayed record, how many independent windows stand behind it; its futures say no more than those.
    """
    p = smoothed(float(held.mean()), len(held) if worth is None else worth)
    if worth is not None:
        return p, _beta(p, worth + 1)
    return p, _beta(p, min(len(held) + 1, _precision(p, *_between(held, np.ones_like(held), parameters))))


def monte_carlo_error(p: float, interval: Interval, futures: int, draws: float) -> float:
    """Give the standard error of a probability that other random numbers would have made otherwise.

    Parameters
    ----------
    p : float
    interval : tuple of float
        90 %, of what differs between posterior draws.
    futures : int
    draws : float
        How many independent posterior draws the futures are worth.
    """
    between = (interval[1] - interval[0]) / (2 * Z95)
    return float(np.sqrt(between**2 / draws + p * (1 - p) / futures))


def conditional(held: Held, kept: Held, parameters: int, worth: float | None = None) -> Conditional:
    """Turn futures into a probability under a condition; the arguments are those of `probability`.

    Where few futures of a posterior draw are kept, they hardly say how far probabilities differ between draws. So what
    differs under the condition is taken to be what differs without it, give or take as much again, until they do.

    Parameters
    ----------
    kept : array, shape (draws,)
        Where the condition holds.
    """
    futures = len(held) if worth is None else worth
    both, of_condition = float((held & kept).mean()) * futures, float(kept.mean()) * futures
    p = (both + 0.25) / (of_condition + 0.5)
    precision = of_condition + 0.5
    if worth is None:
        alone, usual = (_between(held, of, parameters) for of in (kept, np.ones_like(kept)))
        between, error = _blended(*alone, usual[0], max(usual))
        precision = min(precision, _precision(p, between, max(error, usual[1])))
    condition = smoothed(float(kept.mean()), futures)
    return Conditional(p, _beta(p, precision), (both + 0.25) / (futures + 1), condition, int(kept.sum()))


def difference(
    here: tuple[Held, Held], there: tuple[Held, Held], parameters: int, worth: float | None = None
) -> Interval:
    """Give the 90 % interval of the difference of two shares read off paired futures, each under its own condition.

    What a posterior draw adds to the difference is estimated twice, from either half of its futures: the covariance of
    both is what differs between draws, without the scatter within them. It is drawn towards none, by as much as its own
    error is larger than what differs between draws in `there`; both errors come on top. Of replayed records,
    it is the scatter of the windows that stand behind either share, as if they were others: rather too wide.

    Parameters
    ----------
    here, there : tuple of array, shape (draws,)
        Where it held and the condition, and where the condition did; the same draws in both.
    parameters : int
    worth : float or None

    Returns
    -------
    tuple of float
        Distances from the difference itself, below and above.
    """
    if all(np.array_equal(one, other) for one, other in zip(here, there, strict=True)):
        return 0.0, 0.0
    if worth is not None:
        spread = Z95 * float(np.sqrt(sum(_scatter(*one, worth) for one in (here, there))))
        return -spread, spread
    repeats = len(here[0]) // parameters
    halves = [slice(0, repeats // 2), slice(repeats // 2, repeats)] if repeats > 1 else [slice(0, 1)] * 2
    parts = [_pull(here, parameters, half) - _pull(there, parameters, half) for half in halves]
    products, both = parts[0] * parts[1], (parts[0] + parts[1]) / 2
    error = float(products.std()) / np.sqrt(parameters)
    scale = _between(*there, parameters)[0] if repeats > 1 else np.inf
    between, error = _blended(float(products.mean()), error, 0.0, scale)
    spread = Z95 * float(np.sqrt(max(between, 0.0) + error + np.mean(both**2) / parameters))
    return -spread, spread


def _scatter(held: Held, kept: Held, worth: float) -> float:
    """Compute the variance of a share that so many windows, less those that are not kept, stand behind."""
    windows = float(kept.mean()) * worth
    p = (float((held & kept).mean()) * worth + 0.25) / (windows + 0.5)
    return p * (1 - p) / (windows + 1)


def _pull(counted: tuple[Held, Held], parameters: int, half: slice) -> NDArray[np.float64]:
    """Compute by how much each posterior draw pulls a share away from what all say, from some of its futures."""
    held, kept = (of.reshape(-1, parameters)[half].sum(axis=0) for of in counted)
    total = max(float(kept.sum()), 1.0)
    return np.asarray((held - kept * (float(held.sum()) / total)) * (parameters / total))


def _between(held: Held, kept: Held, parameters: int) -> tuple[float, float]:
    """Estimate the variance of a share between posterior draws, and the standard error of that estimate."""
    if len(held) // parameters < 2:
        return 0.0, 0.0
    successes, trials = (of.reshape(-1, parameters).sum(axis=0).astype(float) for of in (held & kept, kept))
    pairs, share = float((trials * (trials - 1)).sum()), float(successes.sum() / max(trials.sum(), 1))
    if pairs == 0:
        return 0.0, np.inf
    within = share * (1 - share)
    between = max(float(((successes - share * trials) ** 2).sum() - within * trials.sum()) / pairs, 0.0)
    spread = trials * (within + (trials - 1) * between)
    return between, float(np.sqrt(2 * (spread**2).sum())) / pairs


def _blended(estimate: float, error: float, usual: float, scale: float) -> tuple[float, float]:
    """Draw an estimate towards what is usual, give or take a scale; with the error of both together."""
    if error == 0 or scale == 0:
        return (estimate, 0.0) if error == 0 else (usual, 0.0)
    own, other = error**-2, scale**-2
    return (own * estimate + other * usual) / (own + other), float((own + other) ** -0.5)


def _precision(p: float, between: float, error: float) -> float:
    """Give a + b of the beta distribution with a variance and one error more, at least 1."""
    return max(1.0, p * (1 - p) / (between + error) - 1) if between + error > 0 else np.inf


def _beta(p: float, precision: float) -> Interval:
    """Find the interval; its mean may lie outside where nearly all draws say 0, and is taken in."""
    low, high = stats.beta.ppf(LEVELS, p * precision, (1 - p) * precision)
    return min(float(low), p), max(float(high), p)
