"""Questions answered in several worlds, side by side: how far apart, and whether chance alone would do that.

Futures of all worlds have the same random numbers where their models are the same. An interval says what is not known
about parameters and what few futures leave open; chance is the latter alone, as in `moves`, with Holm's levels over all
questions and all worlds that are set beside the first.
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
class Difference:
    """Of another world from the first: what it says more.

    Parameters
    ----------
    value : float
    interval : tuple of float
        90 %.
    chance : float
        Probability of such a difference, or a larger one, by other random numbers alone.
    flagged : bool
        Whether it is more than chance, at a rate of 5 % for all questions and worlds together.
    """

    value: float
    interval: tuple[float, float]
    chance: float
    flagged: bool


@dataclass(frozen=True)
class Together:
    """A question in every world.

    Parameters
    ----------
    question : str
        Its id, without the day if it is asked anew each time.
    group : str
        Of questions.
    probabilities : tuple of float
        One a world.
    intervals : tuple of tuple of float
        90 %, of each.
    differences : tuple of Difference
        Of every other world from the first.
    """

    question: str
    group: str
    probabilities: tuple[float, ...]
    intervals: tuple[tuple[float, float], ...]
    differences: tuple[Difference, ...]

    @property
    def flagged(self) -> bool:
        """Whether any world says something else than the first."""
        return any(one.flagged for one in self.differences)


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


def together(worlds: Sequence[Sequence[Answer]], rate: float = RATE) -> tuple[Together, ...]:
    """Set answers side by side, matched by what is asked whatever the day: flagged first, then the largest difference.

    Parameters
    ----------
    worlds : sequence of sequence of Answer
        Two or more; every other is set beside the first.
    rate : float
        How often anything at all may be flagged though nothing differs but random numbers.
    """
    every = [{each.question.series: each for each in world} for world in worlds]
    common = [series for series in every[0] if all(series in world for world in every)]
    rows = [[world[series] for world in every] for series in common]
    chances = [_chance(row[0], other) for row in rows for other in row[1:]]
    flags = comparing.holm(chances, rate).reshape(len(rows), len(worlds) - 1)
    found = [_together(row, flagged.tolist()) for row, flagged in zip(rows, flags, strict=True)]
    return tuple(sorted(found, key=lambda each: (not each.flagged, -max(abs(one.value) for one in each.differences))))


def _together(row: Sequence[Answer], flags: Sequence[bool]) -> Together:
    return Together(
        question=row[0].question.series,
        group=row[0].question.group,
        probabilities=tuple(one.probability for one in row),
        intervals=tuple(one.interval for one in row),
        differences=tuple(_difference(row[0], other, flag) for other, flag in zip(row[1:], flags, strict=True)),
    )


def _difference(one: Answer, other: Answer, flagged: bool) -> Difference:
    value, reach = other.probability - one.probability, _reach(one, other)
    interval = (max(value - reach, -1.0), min(value + reach, 1.0))
    return Difference(value, interval, _chance(one, other), flagged)


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
