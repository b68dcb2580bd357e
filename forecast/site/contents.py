"""What the pages tell of a book: all that was said, in its order, with what came of it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from forecast.ledger import Head, Row
from forecast.questions import Question
from forecast.register import End, Register, Scored, Told, live

OUTCOMES = YES, NO, VOID, OPEN = "yes", "no", "void", "open"
LIVE, BACKTEST = "live", "backtest"


@dataclass(frozen=True, slots=True)
class Said:
    """A forecast in the book.

    Parameters
    ----------
    question : Question
    told : Told
    end : End or None
        How the question came out; None if it has not yet.
    why : str
        What the book gives as the reason; blank if there is no end.
    """

    question: Question
    told: Told
    end: End | None
    why: str

    @property
    def live(self) -> bool:
        """Whether it is no backtest."""
        return live(self.question, self.told.written)

    @property
    def made(self) -> str:
        """How it was made: live, or as a backtest."""
        return LIVE if self.live else BACKTEST

    @property
    def outcome(self) -> str:
        """How it came out: yes, no or void; or open."""
        if self.end is None:
            return OPEN
        return VOID if self.end.outcome is None else YES if self.end.outcome else NO

    @property
    def score(self) -> float | None:
        """The Brier score; None where there is none."""
        return self._brier(self.told.probability)

    @property
    def usual(self) -> float | None:
        """That of the base rate."""
        return self._brier(self.told.baseline)

    def _brier(self, probability: float) -> float | None:
        if self.end is None or self.end.outcome is None:
            return None
        return (probability - self.end.outcome) ** 2


@dataclass(frozen=True)
class Contents:
    """A book as its pages tell it.

    Parameters
    ----------
    head : Head
    written_at : datetime
        When the last row was written.
    kinds : mapping of str to int
        Rows of each kind.
    said : tuple of Said
        In the order of the book.
    scored : tuple of Scored
        Forecasts whose questions have come out, void ones among them.
    """

    head: Head
    written_at: datetime
    kinds: Mapping[str, int]
    said: tuple[Said, ...]
    scored: tuple[Scored, ...]

    @cached_property
    def domains(self) -> tuple[str, ...]:
        """Those of questions, in the order in which they came into the book."""
        return tuple(dict.fromkeys(one.question.domain for one in self.said))

    @cached_property
    def issues(self) -> dict[str, dict[date, list[Said]]]:
        """What each brief said, day by day; days rise."""
        found: dict[str, dict[date, list[Said]]] = {}
        for one in sorted(self.said, key=lambda one: one.told.as_of):
            found.setdefault(one.told.brief, {}).setdefault(one.told.as_of, []).append(one)
        return found

    @cached_property
    def series(self) -> dict[str, list[Said]]:
        """What was said of each question, whatever the day; days rise."""
        found: dict[str, list[Said]] = {}
        for one in sorted(self.said, key=lambda one: one.told.as_of):
            found.setdefault(one.question.series, []).append(one)
        return found

    def before(self, one: Said) -> Said | None:
        """Find what the same brief said of the same question at its issue before, if it did."""
        return self._before.get((one.told.brief, one.question.series, one.told.as_of))

    @cached_property
    def _before(self) -> dict[tuple[str, str, date], Said]:
        found: dict[tuple[str, str, date], Said] = {}
        for brief, days in self.issues.items():
            for earlier, day in zip(list(days), list(days)[1:], strict=False):
                found |= {(brief, one.question.series, day): one for one in days[earlier]}
        return found


def read(rows: Sequence[Row]) -> Contents:
    """Read a book off all of its rows."""
    register = Register(rows)
    scored = tuple(register.scored())
    ends = {one.told.question: one.end for one in scored}
    whys = {question: _why(rows[end.sequence - 1]) for question, end in ends.items()}
    last = rows[-1]
    return Contents(
        head=Head(last.sequence, last.seal),
        written_at=datetime.fromisoformat(last.written_at),
        kinds=Counter(row.kind for row in rows),
        said=tuple(
            Said(question, told, ends.get(told.question), whys.get(told.question, ""))
            for question, told in register.told()
        ),
        scored=scored,
    )


def _why(row: Row) -> str:
    says = row.says
    return str(says.get("because") or says.get("reason") or "")


def by_domain(said: Iterable[Said]) -> dict[str, list[Said]]:
    """Part forecasts by the domain of their questions, in the order in which these come."""
    found: dict[str, list[Said]] = {}
    for one in said:
        found.setdefault(one.question.domain, []).append(one)
    return found
