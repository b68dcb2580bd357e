"""Two questions in the same futures: how probable each is, both, and one where the other is so."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from forecast import answers, shares
from forecast.questions import Question
from forecast.rules import Readings


@dataclass(frozen=True)
class Pair:
    """The four ways in which two questions can come out together.

    Parameters
    ----------
    first, second : Question
    one, other : float
        Probabilities of the first, and of the second.
    both : float
    kept, kept_not : int
        Futures in which the first is so, and in which it is not.
    """

    first: Question
    second: Question
    one: float
    other: float
    both: float
    kept: int
    kept_not: int

    @property
    def given(self) -> float:
        """Probability of the second where the first is so."""
        return self.both / self.one

    @property
    def given_not(self) -> float:
        """Probability of the second where the first is not so."""
        return (self.other - self.both) / (1 - self.one)

    def bent(self, one: float, other: float) -> "Pair":
        """Give the two other probabilities, and let what ties them together, their odds ratio, be as it is.

        With odds ratio r and probabilities p and q that of both solves r (p - x)(q - x) = x (1 - p - q + x); Plackett,
        "A Class of Bivariate Distributions", 1965.
        """
        if (one, other) == (self.one, self.other):
            return self
        ratio = (
            self.both * (1 - self.one - self.other + self.both) / ((self.one - self.both) * (self.other - self.both))
        )
        away = ratio - 1
        if abs(away) < 1e-9:
            return replace(self, one=one, other=other, both=one * other)
        middle = 1 + (one + other) * away
        both = (middle - float(np.sqrt(middle**2 - 4 * ratio * away * one * other))) / (2 * away)
        return replace(self, one=one, other=other, both=both)


def pairs(asked: Sequence[tuple[Question, Question]], readings: Readings) -> tuple[Pair, ...]:
    """Read pairs of questions off the same futures; each of the four ways gets a quarter of a future more."""
    found = []
    for first, second in asked:
        a, b = (answers.held(question, readings)[1] for question in (first, second))
        number = len(a)
        one, other = (shares.smoothed(float(each.mean()), number) for each in (a, b))
        both = (float((a & b).sum()) + 0.25) / (number + 1)
        found.append(Pair(first, second, one, other, both, int(a.sum()), int((~a).sum())))
    return tuple(found)
