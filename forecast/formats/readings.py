"""What rules read in futures that are simulated again: probabilities to compare with, and numbers as samples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast import answers, world
from forecast.events import Snapshot
from forecast.inference import Sizes
from forecast.questions import Question
from forecast.rules import Readings
from forecast.scenarios import horizons
from forecast.spec import Spec
from forecast.world import Fitter


@dataclass(frozen=True)
class Reading:
    """One question in every future.

    Parameters
    ----------
    question : Question
    raw : float
        The probability that the models alone give it.
    numbers : array, shape (draws,)
        What its rule reads.
    """

    question: Question
    raw: float
    numbers: NDArray[np.float64]

    @property
    def samples(self) -> NDArray[np.float64] | None:
        """The numbers with 0 where there is none, as in quantiles; None where 0 would hold and nothing does not."""
        bare = ~np.isfinite(self.numbers)
        if bare.any() and self.question.rule.holds(np.zeros(1))[0]:
            return None
        return np.where(bare, 0.0, self.numbers)


def read(
    specs: Sequence[Spec], snapshot: Snapshot, questions: Sequence[Question], sizes: Sizes, fitter: Fitter
) -> list[Reading]:
    """Simulate futures and read questions in them, as `predict` does; only models that are needed are fitted."""
    until = horizons(questions)
    needed = world.needed(specs, until)
    futures = world.simulate(needed, world.fit(needed, snapshot, fitter), snapshot, until, sizes)
    found, readings = [], Readings(snapshot, futures)
    for one in questions:
        numbers, holds = answers.held(one, readings)
        found.append(Reading(one, answers.probability(one, futures, holds)[0], numbers))
    return found


def drawn(readings: Mapping[str, Reading], number: int, seed: int) -> dict[str, list[float]]:
    """Draw futures without replacement, the same for all questions, and list what each reads in them.

    Parameters
    ----------
    readings : mapping of str to Reading
    number : int
        How many futures.
    seed : int
    """
    futures = min(len(one.numbers) for one in readings.values())
    which = np.sort(np.random.default_rng(seed).choice(futures, number, replace=False))
    samples = {key: one.samples for key, one in readings.items()}
    return {key: numbers[which].tolist() for key, numbers in samples.items() if numbers is not None}
