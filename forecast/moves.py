"""What moved between two issues: more than chance would, and why.

Chance is Monte Carlo: two issues of the same question from the same inputs differ, for futures are simulated and
posterior draws are few. A move of raw probabilities is set beside the standard error of both, which the book holds;
with nothing changed, z is at most standard normal. Many questions are looked at at once, so that levels are Holm's ("A
Simple Sequentially Rejective Multiple Test Procedure", 1979): at a rate of 5 %, one watch in twenty at most flags
anything although nothing changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy import stats

from forecast import comparing
from forecast.desk import Desk
from forecast.errors import UsageError, look_alike
from forecast.explain import Explanation
from forecast.history import Said, side
from forecast.ledger import Ledger
from forecast.questions import Question
from forecast.register import Register, Told

RATE = 0.05
GROUPS = 6


@dataclass(frozen=True)
class Move:
    """A question's probability at two issues, and how probable so large a move would be by chance.

    Parameters
    ----------
    question : Question
        As it was asked later.
    before, after : Told
    chance : float
        Probability of such a move or a larger one if nothing had changed.
    flagged : bool
        Whether it is more than chance would, at the rate of the watch.
    """

    question: Question
    before: Told
    after: Told
    chance: float
    flagged: bool

    @property
    def points(self) -> float:
        """How far the published probability moved."""
        return self.after.probability - self.before.probability


def watch(told: Sequence[Said], rate: float = RATE, since: date | None = None) -> list[Move]:
    """Compare the newest issue of a brief with an earlier one, question by question; largest moves first.

    Parameters
    ----------
    told : sequence of (Question, Told)
        All that a brief has said.
    rate : float
        How often a watch may flag anything at all though nothing changed.
    since : date or None
        The earlier issue is the last one as of this day or before; the last but one if none is given.

    Raises
    ------
    UsageError
        If there are no two issues to compare.
    """
    earlier, newest = issues(told, since)
    before = {question.series: one for question, one in told if one.as_of == earlier}
    pairs = [
        (question, before[question.series], one)
        for question, one in told
        if one.as_of == newest and question.series in before
    ]
    chances = [_chance(one, other) for _, one, other in pairs]
    flagged = comparing.holm(chances, rate)
    moves = [Move(*pair, float(chance), bool(flag)) for pair, chance, flag in zip(pairs, chances, flagged, strict=True)]
    return sorted(moves, key=lambda one: (not one.flagged, -abs(one.points)))


def issues(told: Sequence[Said], since: date | None = None, to: date | None = None) -> tuple[date, date]:
    """Find the days of two issues: the newest, and the one before or the last by some day.

    Raises
    ------
    UsageError
        If there are no two.
    """
    days = sorted({one.as_of for _, one in told if to is None or one.as_of <= to})
    earlier = [day for day in days[:-1] if since is None or day <= since]
    if not earlier:
        why = f"it was issued as of {', '.join(map(str, days[-3:]))}" if days else "nothing was issued yet"
        raise UsageError("there are no two issues to compare", why=why, hint="forecast issue --brief NAME --as-of DATE")
    return earlier[-1], days[-1]


def _chance(before: Told, after: Told) -> float:
    """Give the two-sided probability of a difference by Monte Carlo alone."""
    error = float(np.hypot(before.error, after.error))
    return float(2 * stats.norm.sf(abs(after.raw - before.raw) / error))


def why(
    desk: Desk,
    book: Ledger,
    name: str,
    asked: str,
    since: date | None = None,
    to: date | None = None,
    groups: int = GROUPS,
) -> Explanation:
    """Explain why the probability of a question moved between two issues of a brief.

    Parameters
    ----------
    desk : Desk
    book : Ledger
    name : str
        Of the brief.
    asked : str
        The question's id, without the day if it is asked anew each time.
    since, to : date or None
        As-of days of the issues, or later ones than the last by then; the newest two if none are given.
    groups : int
        How many groups of new events are left out in turn.

    Raises
    ------
    UsageError
        If it was not forecast at two issues.
    DataError
        If the data of an issue are not those of the record today.
    """
    rows = book.rows()
    told = Register(rows).told(name)
    found = [(question, one) for question, one in told if asked in (question.id, question.series)]
    if not found:
        known = {question.series for question, _ in told}
        hint = look_alike(asked, known) if known else f"forecast issue --brief {name}"
        raise UsageError(f"the brief `{name}` has not forecast `{asked}`", "QUESTION", hint=hint)
    ends = issues(found, since, to)
    sources = desk.brief(name).sources
    before, after = (side(rows, _of(found, day), desk.archive.as_of(day, sources)) for day in ends)
    desk.say(f"{asked}: what moved it from {ends[0]} to {ends[1]}")
    return desk.between(before, after).explained(groups)[0]


def _of(found: Sequence[Said], day: date) -> list[Said]:
    return [pair for pair in found if pair[1].as_of == day][:1]
