"""Seeing and doing: questions in the futures in which something holds, and in those into which something is put.

`given` keeps futures, so that what is learned of causes that are hidden counts too; `suppose` puts events into every
future, as if somebody had done that, and teaches nothing about the past. They can give different answers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import ceil

import numpy as np
from numpy.typing import NDArray

from forecast import answers, shares, world
from forecast.conditions import Where
from forecast.errors import UsageError
from forecast.events import Futures, Snapshot
from forecast.inference import Sizes
from forecast.phrases import Given
from forecast.questions import Question
from forecast.rules import Readings
from forecast.shares import Interval
from forecast.spec import Spec
from forecast.suppose import Supposed, supposing
from forecast.world import Fitted

FLOOR = 100  # futures in which a condition holds, below which nothing is said
LEVELS = "levels"  # the family that makes series, and the way of replaying one
Held = NDArray[np.bool_]


@dataclass(frozen=True)
class Scenario:
    """What is seen, and what is supposed.

    Parameters
    ----------
    id, title, note : str
        `note` is a sentence that a reader must know.
    questions : tuple of Question
        That are answered.
    given : tuple of Given
        All hold in the futures that are kept.
    put : tuple of Supposed
    taken : tuple of Where
        What is scheduled and meets one of these does not come.
    draws : int
        How many futures, in whole lots: more where a condition is rare; one lot where that is more.
    where : str
        Where it is written, for messages.
    """

    id: str
    title: str
    questions: tuple[Question, ...]
    note: str = ""
    given: tuple[Given, ...] = ()
    put: tuple[Supposed, ...] = ()
    taken: tuple[Where, ...] = ()
    draws: int = 0
    where: str = "suppose"

    @property
    def read(self) -> list[Question]:
        """Its questions, and those of its conditions."""
        return [*self.questions, *(condition.question for condition in self.given)]

    @property
    def sought(self) -> list[Where]:
        """The conditions on columns of all that is asked, seen or supposed."""
        asked = [rule.where for question in self.read for rule in question.rules]
        return asked + [one.where for one in self.put]

    @property
    def supposes(self) -> bool:
        """Whether it changes the world, rather than only choosing among its futures."""
        return bool(self.put or self.taken)


@dataclass(frozen=True)
class Contrast:
    """A question in a scenario, beside the same in the world as it is.

    Parameters
    ----------
    question : Question
    probability, base, difference : float
    interval, base_interval, difference_interval : tuple of float
        90 %.
    joint : float or None
        Probability that the answer is yes and the condition holds; None without a condition.
    """

    question: Question
    probability: float
    interval: Interval
    base: float
    base_interval: Interval
    difference: float
    difference_interval: Interval
    joint: float | None


@dataclass(frozen=True)
class Comparison:
    """A scenario set beside the world as it is.

    Parameters
    ----------
    scenario : Scenario
    draws, kept : int
        Futures, and those in which the condition holds: all are alike, so it is as many that count.
    condition : float
        Probability of the condition; 1 without one.
    contrasts : tuple of Contrast
        Empty if too few futures are kept: `enough` would do.
    enough : int
    """

    scenario: Scenario
    draws: int
    kept: int
    condition: float
    contrasts: tuple[Contrast, ...]
    enough: int


@dataclass(frozen=True)
class Worlds:
    """Fitted models that can be run forward as often as is needed, from what is known and from what is supposed.

    Parameters
    ----------
    specs : sequence of Spec
    fitted : sequence of Fitted
        Of their parts, in the same order.
    snapshot : Snapshot
    sizes : Sizes
        Of one lot of futures; more are simulated and read lot by lot, in bounded memory.
    """

    specs: Sequence[Spec]
    fitted: Sequence[Fitted]
    snapshot: Snapshot
    sizes: Sizes

    def futures(self, until: Mapping[str, date], lot: int = 0) -> Futures:
        """Simulate one lot of futures."""
        return world.simulate(self.specs, self.fitted, self.snapshot, until, self.sizes, lot)

    def supposing(self, scenario: Scenario) -> "Worlds":
        """Put what a scenario supposes into every future; nothing is fitted anew.

        Raises
        ------
        UsageError
            If it cannot be supposed: see `suppose.supposing`; or a value of a series is.
        """
        for one in scenario.put:
            for model in self.fitted:
                if one.kind in model.spec.kinds and LEVELS in (model.spec.family, model.spec.options.get("of")):
                    what = f"`{one.kind}` is a series, of which no single value can be supposed"
                    hint = "suppose an event that moves it, or keep futures by `given`"
                    raise UsageError(what, scenario.where, hint=hint)
        snapshot = supposing(self.snapshot, scenario.put, scenario.taken, scenario.where)
        return replace(self, fitted=world.supposing(self.fitted, snapshot), snapshot=snapshot)


def horizons(questions: Sequence[Question]) -> dict[str, date]:
    """Say, for every kind of event, up to which day some question reads it."""
    until: dict[str, date] = {}
    for question in questions:
        for kind in question.kinds:
            until[kind] = max(until.get(kind, question.closes), question.closes)
    return until


def compare(scenario: Scenario, worlds: Worlds, first: Futures | None = None) -> Comparison:
    """Answer a scenario's questions in it and in the world as it is, from paired futures.

    Parameters
    ----------
    scenario : Scenario
    worlds : Worlds
    first : Futures or None
        The first lot of the world as it is, where it has been simulated already, as far as all questions read.
    """
    until = horizons(scenario.read)
    lots = max(1, ceil(scenario.draws / worlds.sizes.draws))
    base, here = _Counted(scenario.questions), _Counted(scenario.questions)
    kept: list[Held] = []
    other = worlds.supposing(scenario) if scenario.supposes else None
    for lot in range(lots):
        plain = first if first is not None and not lot else worlds.futures(until, lot)
        changed = other.futures(until, lot) if other else plain
        snapshot = other.snapshot if other else worlds.snapshot
        kept.append(_kept(scenario.given, snapshot, changed))
        base.read(worlds.snapshot, plain)
        here.read(snapshot, changed)
    keep = np.concatenate(kept)
    number = int(keep.sum())
    fewest = max(number - number**0.5, 0.5)  # by one standard error, that it may be enough nineteen times in twenty
    enough = worlds.sizes.draws * ceil(1.2 * FLOOR * len(keep) / fewest / worlds.sizes.draws)
    behind = [answers.worth(one.question, plain) or len(keep) for one in scenario.given]
    condition = shares.smoothed(float(keep.mean()), min(behind)) if behind else 1.0
    contrasts = tuple(_contrasts(scenario, here, base, keep, condition, worlds.sizes.parameters))
    return Comparison(scenario, len(keep), number, condition, contrasts if number >= FLOOR else (), enough)


class _Counted:
    """Where each question holds, over all lots that were read."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self.questions = questions
        self.held: list[list[Held]] = [[] for _ in questions]
        self.worth: list[float | None] = [None] * len(questions)

    def read(self, snapshot: Snapshot, futures: Futures) -> None:
        readings = Readings(snapshot, futures)
        for place, question in enumerate(self.questions):
            self.held[place].append(answers.held(question, readings)[1])
            self.worth[place] = answers.worth(question, futures)

    def __iter__(self) -> Iterator[tuple[Held, float | None]]:
        return ((np.concatenate(held), worth) for held, worth in zip(self.held, self.worth, strict=True))


def _kept(conditions: Sequence[Given], snapshot: Snapshot, futures: Futures) -> Held:
    keep, readings = np.ones(futures.draws, dtype=bool), Readings(snapshot, futures)
    for one in conditions:
        keep &= answers.held(one.question, readings)[1] == one.holds
    return keep


def _contrasts(
    scenario: Scenario, here: _Counted, base: _Counted, keep: Held, condition: float, parameters: int
) -> Iterator[Contrast]:
    for question, (held, worth), (usual, _) in zip(scenario.questions, here, base, strict=True):
        p, interval = shares.probability(usual, parameters, worth)
        there = shares.probability(held, parameters, worth)
        found = shares.conditional(held, keep, parameters, worth) if scenario.given else None
        now, around = (found.probability, found.interval) if found else there
        below, above = shares.difference((held & keep, keep), (usual, np.ones_like(usual)), parameters, worth)
        yield Contrast(
            question=question,
            probability=now,
            interval=around,
            base=p,
            base_interval=interval,
            difference=now - p,
            difference_interval=(max(now - p + below, -1.0), min(now - p + above, 1.0)),
            joint=now * condition if found else None,  # never above the condition, which other windows may stand behind
        )
