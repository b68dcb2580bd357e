"""What a book says so far: forecasts joined with how their questions came out. Each row is read once."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from forecast import answers, entries, shares
from forecast.ledger import Row
from forecast.questions import Question

QUANTILES = tuple(f"{level:.0%}" for level in answers.QUANTILES)
GRACE = timedelta(days=7)  # after a window opens, in which what was said of it still counts as said before


@dataclass(frozen=True, slots=True)
class Told:
    """A forecast in the book: what is needed to score it and to learn from it.

    Parameters
    ----------
    question : str
        The question's id in the book.
    as_of : date
    brief : str
    written : date
    family : str
        The models that it came from.
    probability, raw, baseline : float
        As published, of the models alone, and the base rate.
    benchmark : float or None
        Of the strongest yardstick.
    interval : tuple of float
        Of the published probability.
    quantiles : tuple of float
        5, 25, 50, 75 and 95 % of the number that the rule reads; empty if there are none.
    error : float
        Monte Carlo standard error of `raw`, at most.
    sequence : int
        Its place in the book.
    """

    question: str
    as_of: date
    brief: str
    written: date
    family: str
    probability: float
    raw: float
    baseline: float
    benchmark: float | None
    interval: tuple[float, float]
    quantiles: tuple[float, ...]
    error: float
    sequence: int


@dataclass(frozen=True, slots=True)
class End:
    """How a question came out: None if void, with what its first rule read, and the day of the record that says so.

    Parameters
    ----------
    outcome : bool or None
    number : float or None
    on : date
    sequence : int
        The place in the book of the row that says it.
    """

    outcome: bool | None
    number: float | None
    on: date
    sequence: int


@dataclass(frozen=True, slots=True)
class Scored:
    """A forecast whose question has come out."""

    told: Told
    question: Question
    end: End

    @property
    def live(self) -> bool:
        """Whether it is no backtest."""
        return live(self.question, self.told.written)

    @property
    def happened(self) -> float:
        """The outcome as a number."""
        return float(bool(self.end.outcome))


def live(question: Question, written: date) -> bool:
    """Tell whether a forecast and its question were written before the window had been open for a week."""
    return max(written, question.written) <= question.opens + GRACE


def family(models: Sequence[str]) -> str:
    """Name the models of a forecast as one."""
    return "+".join(models)


class Register:
    """The book as it reads, kept up with it as it grows.

    Parameters
    ----------
    rows : iterable of Row
        To begin with, in the order of the book.
    """

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self.through = 0
        self._questions: dict[str, Question] = {}
        self._told: list[Told] = []
        self._ends: dict[str, list[End]] = {}
        self.add(rows)

    def add(self, rows: Iterable[Row]) -> "Register":
        """Take in the rows that come next in the book."""
        for row in rows:
            self.through = row.sequence
            says = row.says
            if row.kind == "question":
                self._questions[row.id] = entries.read_question(row)
            if row.kind == "forecast":
                self._told.append(_told(row, says))
            if row.kind in ("resolution", "void"):
                self._ends.setdefault(says["question"], []).append(_end(row, says))
        return self

    def scored(self, as_of: date | None = None) -> list[Scored]:
        """Join forecasts with how their questions had come out by a day; by now if none is given.

        A question that was made void is void, however its rule came out.
        """
        ends = {}
        for question, every in self._ends.items():
            known = [end for end in every if as_of is None or end.on <= as_of]
            if known:
                ends[question] = next((end for end in known if end.outcome is None), known[0])
        return [
            Scored(told, self._questions[told.question], ends[told.question])
            for told in self._told
            if told.question in ends
        ]

    def told(self, brief: str = "") -> list[tuple[Question, Told]]:
        """List what was forecast, by a brief or all of them, in the order of the book."""
        return [(self._questions[told.question], told) for told in self._told if brief in ("", told.brief)]

    def unsettled(self) -> list[Question]:
        """List the questions that were forecast and neither came out nor are void."""
        asked = dict.fromkeys(told.question for told in self._told)
        return [self._questions[one] for one in asked if one not in self._ends]

    def open(self) -> Counter[str]:
        """Count the questions that have not come out yet, by domain."""
        return Counter(question.domain for question in self.unsettled())

    def days(self, brief: str) -> set[date]:
        """Give the days as of which a brief was forecast."""
        return {told.as_of for told in self._told if told.brief == brief}


def _told(row: Row, says: Mapping[str, Any]) -> Told:
    return Told(
        question=says["question"],
        as_of=date.fromisoformat(says["as_of"]),
        brief=says["brief"],
        written=date.fromisoformat(row.written_at[:10]),
        family=family(says["models"]),
        probability=says["probability"],
        raw=says["raw"],
        baseline=says["baseline"],
        benchmark=says["benchmark"],
        interval=(says["interval"][0], says["interval"][1]),
        quantiles=tuple(says["quantiles"][name] for name in QUANTILES) if says["quantiles"] else (),
        error=shares.monte_carlo_error(says["raw"], tuple(says["raw_interval"]), says["draws"], says["effective"]),
        sequence=row.sequence,
    )


def _end(row: Row, says: Mapping[str, Any]) -> End:
    number = (says.get("numbers") or [None])[0]
    return End(says.get("outcome"), number, date.fromisoformat(says["settled_at"]), row.sequence)
