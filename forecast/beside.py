"""Questions answered in two worlds, side by side: how far apart, and whether chance alone would do that.

Futures of both worlds have the same random numbers where their models are the same. An interval says what is not known
about parameters and what few futures leave open; chance is the latter alone, as in `moves`, with Holm's levels over all
questions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from forecast import answers, comparing, scenarios, shares, world
from forecast.events import Snapshot
from forecast.inference import Sizes
from forecast.questions import Question
from forecast.rules import Readings
from forecast.spec import Spec
from forecast.world import Fitted

RATE = 0.05


@dataclass(frozen=True)
class Answer:
    """A question in one world.

    Parameters
    ----------
    question : Question
    probability : float
        What the models say alone.
    interval : tuple of float
        90 %.
    error : float
        Monte Carlo standard error, at most.
    held : array, shape (draws,)
        In which futures.
    parameters : int
        Posterior draws behind them.
    worth : float or None
        Independent windows behind them, of a replayed record.
    """

    question: Question
    probability: float
    interval: tuple[float, float]
    error: float
    held: NDArray[np.bool_]
    parameters: int
    worth: float | None


@dataclass(frozen=True)
class Both:
    """A question in two worlds.

    Parameters
    ----------
    question : str
        Its id, without the day if it is asked anew each time.
    group : str
        Of questions.
    a, b : float
        Probabilities.
    a_interval, b_interval : tuple of float
        90 %.
    difference : float
        Of B from A: what B says more.
    interval : tuple of float
        90 %, of the difference.
    chance : float
        Probability of such a difference, or a larger one, by other random numbers alone.
    flagged : bool
        Whether it is more than chance, at a rate of 5 % for all questions together.
    """

    question: str
    group: str
    a: float
    b: float
    a_interval: tuple[float, float]
    b_interval: tuple[float, float]
    difference: float
    interval: tuple[float, float]
    chance: float
    flagged: bool


def answered(
    specs: Sequence[Spec],
    fitted: Sequence[Fitted],
    snapshot: Snapshot,
    questions: Sequence[Question],
    sizes: Sizes,
) -> list[Answer]:
    """Answer questions in one world; `fitted` are the parts of `specs`, in the same order."""
    futures = world.simulate(specs, fitted, snapshot, scenarios.horizons(questions), sizes)
    drawn = [one.tree["posterior"] for one in fitted if "posterior" in one.tree.children]
    draws = min([futures.parameters, *(each.attrs.get("ess_bulk", np.inf) for each in drawn)])
    readings, found = Readings(snapshot, futures), []
    for question in questions:
        held = answers.held(question, readings)[1]
        p, interval = answers.probability(question, futures, held)
        worth = answers.worth(question, futures)
        # Of a replay the interval is of the record, not of posterior draws.
        error = shares.monte_carlo_error(p, (p, p) if worth is not None else interval, futures.draws, draws)
        found.append(Answer(question, p, interval, error, held, futures.parameters, worth))
    return found


def both(one: Sequence[Answer], other: Sequence[Answer], rate: float = RATE) -> tuple[Both, ...]:
    """Set answers side by side, matched by what is asked whatever the day: flagged first, then the largest difference.

    Parameters
    ----------
    one, other : sequence of Answer
        In the worlds of A and of B.
    rate : float
        How often anything at all may be flagged though nothing differs but random numbers.
    """
    there = {each.question.series: each for each in other}
    pairs = [(each, there[each.question.series]) for each in one if each.question.series in there]
    chances = [_chance(*pair) for pair in pairs]
    flagged = comparing.holm(chances, rate).tolist()
    found = [_both(*pair, chance, flag) for pair, chance, flag in zip(pairs, chances, flagged, strict=True)]
    return tuple(sorted(found, key=lambda each: (not each.flagged, -abs(each.difference))))


def _both(one: Answer, other: Answer, chance: float, flagged: bool) -> Both:
    difference, reach = other.probability - one.probability, _reach(one, other)
    return Both(
        question=one.question.series,
        group=one.question.group,
        a=one.probability,
        b=other.probability,
        a_interval=one.interval,
        b_interval=other.interval,
        difference=difference,
        interval=(max(difference - reach, -1.0), min(difference + reach, 1.0)),
        chance=chance,
        flagged=flagged,
    )


def _reach(one: Answer, other: Answer) -> float:
    """Say how far either way the interval of a difference goes, the same for B beside A; chance alone at least."""
    if np.array_equal(one.held, other.held):
        return 0.0
    worth = min((each.worth for each in (one, other) if each.worth is not None), default=None)
    a, b = ((each.held, np.ones_like(each.held)) for each in (one, other))
    reach = [shares.difference(*pair, parameters=one.parameters, worth=worth)[1] for pair in ((a, b), (b, a))]
    return max(*reach, shares.Z95 * float(np.hypot(one.error, other.error)))


def _chance(one: Answer, other: Answer) -> float:
    error = float(np.hypot(one.error, other.error))
    return float(2 * stats.norm.sf(abs(other.probability - one.probability) / error)) if error else 1.0
