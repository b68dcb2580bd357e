"""Models side by side: by how much the first is ahead of each other, how sure that is, and how to weigh all together.

Every lead has one sign: above nought it speaks for the first model, A, below for the other, and swapping the two turns
the sign and nothing else. A verdict is one of three, and most often the third: that the two cannot be told apart.
Where A is set beside several others, all intervals are widened so that they hold together as often as one alone would
(Bonferroni), and anything at all is told apart where nothing differs no more often than of two models.
"""

import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats

from forecast import skill
from forecast.errors import UsageError
from forecast.spec import Prior, Spec

Array = NDArray[np.float64]
Verdict = Literal["A", "other", "neither"]
LETTERS = string.ascii_uppercase  # of models, in the order in which they are named
LEVEL = 0.95  # of intervals, on which verdicts rest
LEAST = 4.0  # nats: a smaller difference of log predictive densities has no error to speak of (Sivula and others)
REPLICATES = 200  # of weights, each of which is an optimum
WORDS = ("name", "title", "summary", "limits")  # of a spec, which change no number


@dataclass(frozen=True)
class Lead:
    """By how much A is ahead of another.

    Parameters
    ----------
    value : float
        Above nought where A is better.
    interval : tuple of float
        95 %, of all leads of A together.
    n, origins : int
        What was compared, and on how many days or in how many bins.
    least : float
        A smaller lead is none, whatever its interval.
    """

    value: float
    interval: tuple[float, float]
    n: int
    origins: int
    least: float = 0.0

    @property
    def verdict(self) -> Verdict:
        """Say who is ahead, if that can be told."""
        low, high = self.interval
        if low <= 0 <= high or abs(self.value) < self.least:
            return "neither"
        return "A" if self.value > 0 else "other"


@dataclass(frozen=True)
class Stack:
    """Weights of models whose mixture would have foreseen the record best.

    Parameters
    ----------
    weights : tuple of float
        They sum to one.
    intervals : tuple of tuple of float
        95 %, of each.
    """

    weights: tuple[float, ...]
    intervals: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Edit:
    """A key that specs state otherwise, and what each states; None where one does not state it."""

    key: str
    stated: tuple[str | None, ...]


def of_scores(
    one: ArrayLike, other: ArrayLike, origin: ArrayLike, length: int, rng: np.random.Generator, leads: int = 1
) -> Lead:
    """Compare mean scores, lower better, in pairs; days are drawn in circular blocks, as in `skill`.

    Quantiles of few blocks lie too close together: by sqrt(b / (b - 1)) of b blocks, and by what a normal lacks to
    Student's t with b - 1 degrees of freedom. The interval is widened by both; with one block there is none.

    Parameters
    ----------
    one, other : array, shape (n,)
        Scores of A and of B.
    origin : array, shape (n,)
        The day of each forecast.
    length : int
        Days in a block.
    rng : Generator
    leads : int
        Of A over how many others, of which this is one.

    Raises
    ------
    UsageError
        If there is nothing to compare, or not in pairs.
    """
    lead, when = np.asarray(other, float) - np.asarray(one, float), np.asarray(origin)
    if not len(lead) or len(lead) != len(when):
        raise UsageError("scores are compared in pairs", f"{len(lead)} pairs and {len(when)} origins")
    days, place = np.unique(when, return_inverse=True)
    total, number = np.bincount(place, lead), np.bincount(place).astype(float)
    value = float(lead.mean())
    drawn = skill.blocks(len(days), min(length, len(days)), rng)
    means = total[drawn].sum(axis=1) / number[drawn].sum(axis=1) - value
    blocks = len(days) / length
    if blocks < 2:
        return Lead(value, (-np.inf, np.inf), len(lead), len(days))
    tail = _tail(leads)
    wider = float(stats.t.isf(tail, blocks - 1) / stats.norm.isf(tail) * np.sqrt(blocks / (blocks - 1)))
    # The same distance on both sides, so that swapping A and B only turns the sign.
    reach = wider * float(np.quantile(np.abs(means), 1 - 2 * tail))
    return Lead(value, (value - reach, value + reach), len(lead), len(days))


def _tail(leads: int) -> float:
    """Give the probability beyond either end of an interval, of so many that hold together (Bonferroni)."""
    return (1 - LEVEL) / 2 / leads


def of_densities(one: Array, other: Array, length: int, leads: int = 1) -> Lead:
    """Compare expected log predictive densities, higher better, summed over the same bins in their order.

    The standard error is sqrt(n var) of differences over bins, or that over blocks of bins if it is larger, for what
    follows on each other is not independent. The interval is two standard errors either way, and fewer than four nats
    are no lead (Sivula, Magnusson, Matamoros and Vehtari 2025, doi:10.48550/arXiv.2008.10296). Of several leads it is
    more than two, by what a normal quantile grows.

    Parameters
    ----------
    one, other : array, shape (bin,)
        Of A and of B, nats.
    length : int
        Bins in a block.
    leads : int
        Of A over how many others, of which this is one.

    Raises
    ------
    UsageError
        If they are not of the same bins, or of fewer than two.
    """
    if one.shape != other.shape or one.size < 2:
        raise UsageError("densities are compared bin by bin", f"{one.size} and {other.size} bins, 2 or more are needed")
    lead = one - other
    number = lead.size // length
    sums = [lead, lead[: number * length].reshape(number, length).sum(axis=1)]
    errors = [float(np.sqrt(each.size * each.var(ddof=1))) for each in sums if each.size > 1]
    wider = float(stats.norm.isf(_tail(leads)) / stats.norm.isf(_tail(1)))
    value, reach = float(lead.sum()), 2 * wider * max(errors)
    return Lead(value, (value - reach, value + reach), lead.size, lead.size, LEAST)


def agreed(leads: Sequence[Lead]) -> Verdict:
    """Give the verdict that all of these share; none if they differ."""
    found = {lead.verdict for lead in leads}
    return found.pop() if len(found) == 1 else "neither"


def stacked(log_density: Array, weight: Array | None = None) -> Array:
    """Find the weights on the simplex whose mixture has the highest mean log score.

    argmax_w sum_i v_i log sum_k w_k exp(log_density[i, k]), which is concave (Yao, Vehtari, Simpson and Gelman, "Using
    Stacking to Average Bayesian Predictive Distributions", Bayesian Analysis 13, 2018). Where models agree everywhere,
    all weights are as good, and they share evenly.

    Parameters
    ----------
    log_density : array, shape (n, models)
        Of what came, left out.
    weight : array, shape (n,), or None
        How often each counts; once by default.
    """
    count = np.ones(len(log_density)) if weight is None else weight
    density = np.exp(log_density - log_density.max(axis=1, keepdims=True))
    models = log_density.shape[1]

    def loss(w: Array) -> tuple[float, Array]:
        mixture = np.maximum(density @ w, 1e-300)
        return -float(count @ np.log(mixture)) / count.sum(), -((count / mixture) @ density) / count.sum()

    found = optimize.minimize(
        loss,
        np.full(models, 1 / models),
        jac=True,
        method="SLSQP",
        bounds=[(0, 1)] * models,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1, "jac": np.ones_like},
        options={"ftol": 1e-10},
    )
    best = np.clip(found.x, 0, 1)
    return np.asarray(best / best.sum())


def stacking(log_density: Array, origin: ArrayLike, length: int, rng: np.random.Generator) -> Stack:
    """Stack models, with an interval by drawing days in circular blocks; arguments as in `stacked` and `of_scores`."""
    days, place = np.unique(np.asarray(origin), return_inverse=True)
    drawn = skill.blocks(len(days), min(length, len(days)), rng)[:REPLICATES]
    counts = [np.bincount(row, minlength=len(days))[place].astype(float) for row in drawn]
    many = np.array([stacked(log_density[count > 0], count[count > 0]) for count in counts])
    ends = np.quantile(many, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    weights = stacked(log_density)
    return Stack(tuple(weights.tolist()), tuple((float(low), float(high)) for low, high in ends.T))


def holm(chances: Sequence[float], rate: float) -> NDArray[np.bool_]:
    """Mark what is more than chance, so that at a rate nothing at all is marked where nothing is (Holm 1979)."""
    chance = np.asarray(chances, float)
    order = np.argsort(chance, kind="stable")
    found = np.empty(len(order), bool)
    found[order] = np.maximum.accumulate(chance[order] * np.arange(len(order), 0, -1)) <= rate
    return found


def edits(specs: Sequence[Spec]) -> tuple[Edit, ...]:
    """List the keys that specs do not all state alike, words apart; of pools, member by member."""
    every = [_stated(one) for one in specs]
    keys = sorted({key for one in every for key in one})
    found = (Edit(key, tuple(one.get(key) for one in every)) for key in keys)
    return tuple(edit for edit in found if len(set(edit.stated)) > 1)


def _stated(spec: Spec) -> dict[str, str]:
    whole = {f"members.{one.name.partition('.')[2]}.": one for one in spec.members} or {"": spec}
    return {f"{lead}{key}": text for lead, one in whole.items() for key, text in _flat(one, WORDS) if key}


def _flat(value: Any, without: Sequence[str] = ()) -> Iterator[tuple[str, str]]:
    """Walk through what a spec states: key with dots, text."""
    if isinstance(value, Prior):
        yield "", f"[{value.low:g}, {value.high:g}]"
    elif is_dataclass(value):
        found = {one.name: getattr(value, one.name) for one in fields(value) if one.name not in without}
        yield from _flat(found)
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from ((f"{name}.{key}".removesuffix("."), text) for key, text in _flat(each))
    elif isinstance(value, (list, tuple)) and any(hasattr(one, "name") for one in value):
        yield from _flat({one.name: one for one in value})
    elif value is not None and value != ():
        yield "", value.isoformat() if isinstance(value, date) else _listed(value)


def _listed(value: Any) -> str:
    return f"[{', '.join(str(one) or '""' for one in value)}]" if isinstance(value, (list, tuple)) else str(value)
