"""A question that a rule settles, what is forecast about it, and how it came out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from forecast.conditions import Limits
from forecast.rules import Rule, Window


def recurs(key: str, opens: date) -> bool:
    """Tell whether a question's id is that of one of many that are asked anew each time: it ends with its first day."""
    return key.endswith(f"/{opens.isoformat()}")


def series(key: str, opens: date) -> str:
    """Take the first day off the id of a question that is asked anew each time: what is left is asked on any day."""
    return key.removesuffix(f"/{opens.isoformat()}")


@dataclass(frozen=True)
class Question:
    """A yes-or-no question that a rule settles.

    Parameters
    ----------
    id : str
        Unique.
    text : str
        What is asked, with dates and thresholds in it.
    rule : Rule
        Settles it on the record and answers it in futures.
    opens, closes : date
        The half-open window: an event on `closes` is out.
    settle_days : int
        Days after `closes` before the record is trusted to be complete.
    written, seen : date
        When it was written, and the last day whose events its author had seen.
    group, domain : str
        The template it came from, and the part of the report it belongs to.
    labels : mapping
        What sets it apart within its group: threshold, horizon, entity, name; `over`, if the group asks about one
        process each; `next`, the stage that is asked for; `until`, if it is asked by the process's own deadline.
    caveat : str
        A sentence that a reader of its forecast must know; blank if there is none.
    also : tuple of Rule
        Other rules that must hold in the same window for the answer to be yes.
    """

    id: str
    text: str
    rule: Rule
    opens: date
    closes: date
    settle_days: int
    written: date
    seen: date
    group: str
    domain: str
    labels: Mapping[str, Any] = field(default_factory=dict)
    caveat: str = ""
    also: tuple[Rule, ...] = ()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All that must hold in the window: the rule, and what is asked beside it."""
        return (self.rule, *self.also)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of event that its rules read, each once."""
        return tuple(dict.fromkeys(kind for rule in self.rules for kind in rule.kinds))

    @property
    def asks(self) -> tuple[Any, ...]:
        """What is asked, whatever it is called: two questions that ask the same have the same."""
        return (*(_asks(rule) for rule in self.rules), self.opens, self.closes)

    def begins(self, lead: str) -> bool:
        """Whether the id is, or begins with, all parts of another."""
        return f"{self.id}/".startswith(f"{lead}/")

    @property
    def recurs(self) -> bool:
        """Whether it is one of many that are asked anew each time: then its id ends with the day that it opens."""
        return recurs(self.id, self.opens)

    @property
    def series(self) -> str:
        """What is asked, whatever the day: the id without the day that it opens, if it is asked anew each time."""
        return series(self.id, self.opens)

    @property
    def settles(self) -> date:
        """The day from which on the record is taken to be complete."""
        return self.closes + timedelta(days=self.settle_days)

    @property
    def window(self) -> Window:
        """The half-open window of the question."""
        return Window(self.opens, self.closes)


def _asks(rule: Rule) -> tuple[Any, ...]:
    cells = sorted((column, sorted(map(str, (c,) if isinstance(c, Limits) else c))) for column, c in rule.where.items())
    return repr(cells), rule.measure, rule.op, rule.threshold, rule.lasts


@dataclass(frozen=True)
class Forecast:
    """What is said about one question on one day.

    Parameters
    ----------
    question : Question
    as_of : date
        Nothing known on or after this day was used.
    probability : float
        As published.
    interval : tuple of float
        90 % interval of the probability given what is not known about the parameters.
    baseline : float
        What climatology says.
    baseline_interval : tuple of float
    quantiles : mapping of str to float
        5, 25, 50, 75 and 95 % of the number that the rule reads.
    past : tuple of int
        In how many of how many past windows of the same length the rule held.
    models : tuple of str
        The specs it came from.
    benchmark : float or None
        What the strongest yardstick says, where the brief names one.
    raw : float or None
        What the models said, before it was bent by what earlier forecasts were worth; None if it was not.
    raw_interval : tuple of float or None
    events : int or None
        How many past events are like those that the rule reads, large enough by themselves where it asks for one
        that is large; None where it reads a series.
    """

    question: Question
    as_of: date
    probability: float
    interval: tuple[float, float]
    baseline: float
    baseline_interval: tuple[float, float]
    quantiles: Mapping[str, float]
    past: tuple[int, int]
    models: tuple[str, ...]
    benchmark: float | None = None
    events: int | None = None
    raw: float | None = None
    raw_interval: tuple[float, float] | None = None

    @property
    def live(self) -> bool:
        """Whether question was written before what it asks about could be seen."""
        return self.question.seen <= self.as_of


@dataclass(frozen=True)
class Outcome:
    """A forecast and how its question came out, with Brier scores, of the forecast and of the base rate.

    Parameters
    ----------
    forecast : Forecast
    resolution : Resolution
    score, baseline : float or None
        (probability - outcome) squared: 0 is best, 1 worst, 0.25 that of one half; None if void.
    """

    forecast: Forecast
    resolution: "Resolution"
    score: float | None
    baseline: float | None


@dataclass(frozen=True)
class Resolution:
    """How a question came out; an outcome of None is void, with the reason.

    Parameters
    ----------
    numbers : tuple of float
        What each of its rules read on the record.
    """

    question: Question
    outcome: bool | None
    settled_at: date
    reason: str
    numbers: tuple[float, ...] = ()
