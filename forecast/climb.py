"""A process on a ladder of stages, as types: where it stands, where it has been, and where it may go."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Step:
    """What happened to a process, or is known to come: a kind of event, and when, as precisely as is known."""

    kind: str
    at: date
    precision: str


@dataclass(frozen=True)
class Rate:
    """How often a year something happens to a process as it stands: 5, 50 and 95 % of the posterior."""

    cause: str
    quantiles: tuple[float, float, float]


@dataclass(frozen=True)
class Chance:
    """How probable something is before a day, and what the baseline says; None where there is none."""

    closes: date
    probability: float
    baseline: float | None


@dataclass(frozen=True)
class Ahead:
    """A stage that a process may reach, or its end.

    Parameters
    ----------
    kinds : tuple of str
        The stage and those above it, which count as well; or all kinds of end.
    end : bool
    chances : tuple of Chance
        Nearest first.
    by : tuple of (date or None)
        Days by which a quarter, half and three quarters of futures have it; None if later than the futures go.
    """

    kinds: tuple[str, ...]
    end: bool
    chances: tuple[Chance, ...]
    by: tuple[date | None, date | None, date | None]


@dataclass(frozen=True)
class Climb:
    """Where a process stands on its ladder, where it has been, and where it may go.

    Parameters
    ----------
    entity, name, domain : str
    stages : tuple of str
        That its kind can reach, or that it has, lowest first.
    record : tuple of Step
        What happened, oldest first.
    scheduled : tuple of Step
        What is known to come.
    stands : str
        Its stage; blank if what is recorded are no stages.
    suspended : bool
    since : Step
        What brought it there.
    days : int
        How long it has stood there.
    ended : bool
    seen : Step or None
        The last day on which it was seen open.
    deadline : date or None
    window : str
        none, far, near or passed: how far the deadline is.
    rates : tuple of Rate
        Of what can happen to it; empty if no model says.
    ahead : tuple of Ahead
        Next stage first, its end last if a question asks about that; empty if it has ended.
    until : date
        How far the futures go: no event on or after this day is in them.
    """

    entity: str
    name: str
    domain: str
    stages: tuple[str, ...]
    record: tuple[Step, ...]
    scheduled: tuple[Step, ...]
    stands: str
    suspended: bool
    since: Step
    days: int
    ended: bool
    seen: Step | None
    deadline: date | None
    window: str
    rates: tuple[Rate, ...]
    ahead: tuple[Ahead, ...]
    until: date
