"""Predict, walked forward over snapshots, on any executor: workers return values, in the order of the days.

Every fold is fitted to what was known on its day and to nothing else. Fits begin from that of an anchor, the first day
of each block of days, so that no forecast depends on where it was computed, or on when a walk was broken off.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any

from forecast import inference, predict, provenance, walking, world
from forecast.compiled import Start
from forecast.convergence import measured
from forecast.errors import EnvironmentFault, ForecastError, NotConverged
from forecast.events import Snapshot
from forecast.inference import Sizes
from forecast.predict import Models, Prediction
from forecast.questions import Forecast, Question

ANCHOR = 30  # days in a block
SIZES = Sizes(draws=4800, parameters=600)
AFTER = replace(walking.AFTER, draws=150, tune=45)  # some 200 independent draws: as much noise as so few futures have
Starts = Mapping[str, Start]


@dataclass(frozen=True)
class Crew:
    """An executor, and how many folds it computes at a time."""

    executor: Executor
    number: int


Workers = Callable[[], AbstractContextManager[Crew]]


@dataclass(frozen=True)
class Plan:
    """How a walk forecasts each day.

    Parameters
    ----------
    models : Models
    program : str
        Digest of the program; a worker that runs another one refuses.
    sizes : Sizes
    full : bool
        Fit as for publication.
    cores : int
        For the chains of one fit.
    """

    models: Models
    program: str
    sizes: Sizes = SIZES
    full: bool = False
    cores: int = inference.CORES


@dataclass(frozen=True)
class Fold:
    """A day of a walk: what was known, and what is asked."""

    snapshot: Snapshot
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Predicted:
    """What was forecast on a day.

    Parameters
    ----------
    as_of : date
    forecasts : tuple of Forecast
    data : str
        Digest of what was known.
    fits : mapping of str to mapping
        Model, or member of a pool -> the seed of its fit and, where it was sampled, how well its draws agree.
    machine : mapping of str to str
        What forecast it.
    refused : ForecastError or None
        Why nothing was forecast.
    """

    as_of: date
    forecasts: tuple[Forecast, ...] = ()
    data: str = ""
    fits: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    machine: Mapping[str, str] = field(default_factory=provenance.machine)
    refused: ForecastError | None = None

    @classmethod
    def of(cls, found: Prediction, snapshot: Snapshot) -> "Predicted":
        """Keep what the book is told of a prediction: neither futures nor draws."""
        fits = {model.spec.name: {"seed": model.seed, **measured(model.told)} for model in found.fitted}
        return cls(snapshot.as_of, found.forecasts, snapshot.digest, fits)


def begun(plan: Plan, fold: Fold) -> Starts:
    """Fit every model from nothing, for later fits to begin from; none, if one does not converge."""
    _check_same(plan)
    quick = walking.Quick(follow=False, cores=plan.cores)
    try:
        world.fit(plan.models.specs, fold.snapshot, quick)
    except NotConverged:
        return {}  # the folds will each begin from nothing, and say so if they do not converge
    return quick.starts


def predicted(plan: Plan, starts: Starts, fold: Fold) -> Predicted:
    """Forecast one day."""
    _check_same(plan)
    fitter = world.sampled if plan.full else walking.Quick(False, plan.cores, starts, AFTER)
    try:
        found = predict.predict(plan.models, fold.snapshot, fold.questions, plan.sizes, fitter)
    except NotConverged as refusal:
        return Predicted(fold.snapshot.as_of, refused=refusal)
    return Predicted.of(found, fold.snapshot)


def walk(
    plan: Plan, days: Sequence[date], wanted: Iterable[date], fold: Callable[[date], Fold], workers: Workers
) -> Iterator[Predicted]:
    """Forecast the wanted ones of some days, in their order, as they come.

    Parameters
    ----------
    plan : Plan
    days : sequence of date
        All days of the walk, oldest first: they say which are anchors.
    wanted : iterable of date
        Those that are to be forecast.
    fold : callable
        Says what was known on a day, and what is asked; called when its turn comes, so that few are held at a time.
    workers : callable
        Gives an executor for as long as it is used; asked again if that breaks.
    """
    asked = set(wanted)
    of = {day: days[place // ANCHOR * ANCHOR] for place, day in enumerate(days) if day in asked}
    anchors = [] if plan.full else sorted(set(of.values()))
    with _Team(workers, fold) as team:
        begin = dict.fromkeys(anchors, partial(begun, plan))
        starts = dict(zip(anchors, team.each(begin, lambda *_: {}), strict=True))
        tell = {day: partial(predicted, plan, starts.get(anchor, {})) for day, anchor in of.items()}
        yield from team.each(tell, lambda day, fault: Predicted(day, refused=fault))


class _Team:
    """Workers that are called day by day; where one ends, its day is tried once more, alone, by a new one."""

    def __init__(self, workers: Workers, fold: Callable[[date], Fold]) -> None:
        self._workers, self._fold, self._open = workers, fold, ExitStack()

    def __enter__(self) -> "_Team":
        self._crew = self._open.enter_context(self._workers())
        return self

    def __exit__(self, *what: Any) -> None:
        self._open.__exit__(*what)

    def each[T](
        self, calls: Mapping[date, Callable[[Fold], T]], lost: Callable[[date, EnvironmentFault], T]
    ) -> Iterator[T]:
        """Make the call of each day on its fold; results come in that order, and few are under way at a time."""
        left, under_way = deque(calls), deque[tuple[date, Future[T]]]()
        while left or under_way:
            try:
                while left and len(under_way) <= self._crew.number:
                    under_way.append((left[0], self._submit(calls[left[0]], left[0])))
                    left.popleft()
                found = under_way[0][1].result()
            except BrokenExecutor:
                self._renew()
                again = [day for day, _ in under_way] or [left.popleft()]
                under_way.clear()
                yield from [self._alone(calls[day], day, lost) for day in again]
            else:
                under_way.popleft()
                yield found

    def _submit[T](self, call: Callable[[Fold], T], day: date) -> "Future[T]":
        return self._crew.executor.submit(call, self._fold(day))

    def _alone[T](self, call: Callable[[Fold], T], day: date, lost: Callable[[date, EnvironmentFault], T]) -> T:
        try:
            return self._submit(call, day).result()
        except BrokenExecutor:
            self._renew()
            what = f"the process that forecast {day} ended twice"
            return lost(day, EnvironmentFault(what, why="most often memory runs out", hint="use fewer workers"))

    def _renew(self) -> None:
        self._open.close()
        self._crew = self._open.enter_context(self._workers())


def _check_same(plan: Plan) -> None:
    if provenance.program() != plan.program:
        what = "this worker runs another program, or other libraries, than the one that asks it"
        raise EnvironmentFault(what, hint="install the same version there")
