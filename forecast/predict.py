"""Specs, a snapshot and questions in; forecasts out. The page to read first.

fitted     = fit each model on the snapshot
futures    = simulate them all into one world
forecast   = how often a question's rule holds in it, beside how often it holds in those of yardsticks
comparison = the same where something is seen, or supposed
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from forecast import answers, world
from forecast.errors import SpecError, UsageError, look_alike
from forecast.events import Futures, Snapshot
from forecast.inference import Sizes
from forecast.pairs import Pair, pairs
from forecast.questions import Forecast, Question
from forecast.rules import Readings
from forecast.scenarios import FLOOR, Comparison, Scenario, Worlds, compare, horizons
from forecast.spec import Spec
from forecast.suppose import supposing
from forecast.world import Fitted, Fitter

SIZES = Sizes(draws=9600, parameters=1200)  # pools of two to six members can share them


@dataclass(frozen=True)
class Models:
    """The models of a brief.

    Parameters
    ----------
    specs : sequence of Spec
        Models whose futures answer.
    baselines : sequence of Spec
        Models that answer the same questions with what is usual.
    benchmarks : sequence of Spec
        Stronger yardsticks, of some kinds of events or of none.
    """

    specs: Sequence[Spec]
    baselines: Sequence[Spec]
    benchmarks: Sequence[Spec] = ()

    @property
    def every(self) -> list[Spec]:
        """All of them."""
        return [*self.specs, *self.baselines, *self.benchmarks]


@dataclass(frozen=True)
class Reply:
    """The answer to one question, under conditions and suppositions, or without.

    Parameters
    ----------
    forecast : Forecast
        In the world as it is.
    comparison : Comparison
        Of the only question, with the scenario.
    """

    forecast: Forecast
    comparison: Comparison


@dataclass(frozen=True)
class Prediction:
    """Forecasts, in the order of the questions, what they were read from, the baseline's futures, scenarios, pairs."""

    forecasts: tuple[Forecast, ...]
    futures: Futures
    fitted: tuple[Fitted, ...]
    usual: Futures
    comparisons: tuple[Comparison, ...] = ()
    pairs: tuple[Pair, ...] = ()


def predict(
    models: Models,
    snapshot: Snapshot,
    questions: Sequence[Question],
    sizes: Sizes = SIZES,
    fitter: Fitter = world.sampled,
    scenarios: Sequence[Scenario] = (),
    together: Sequence[tuple[Question, Question]] = (),
) -> Prediction:
    """Forecast every question from what the snapshot knows.

    Parameters
    ----------
    models : Models
    snapshot : Snapshot
    questions : sequence of Question
    sizes : Sizes
        Futures, and posterior draws among them.
    fitter : callable
        Gives the posterior of one model.
    scenarios : sequence of Scenario
        To be set beside the world as it is.
    together : sequence of (Question, Question)
        Of the questions: pairs whose answers are set beside each other.

    Raises
    ------
    SpecError
        If a question reads a kind of event that no model makes.
    NotConverged
        If a model does not converge: then nothing is forecast.
    """
    check(models, snapshot, questions, scenarios)
    until = horizons([*questions, *(question for scenario in scenarios for question in scenario.read)])
    worlds = Worlds(models.specs, world.fit(models.specs, snapshot, fitter), snapshot, sizes)
    futures = worlds.futures(until)
    usual, strongest = (
        world.simulate(yardsticks, world.fit(yardsticks, snapshot, fitter), snapshot, until, sizes)
        for yardsticks in (models.baselines, models.benchmarks)
    )
    read = [Readings(snapshot, each) for each in (futures, usual, strongest)]
    forecasts = [_forecast(question, models.specs, *read) for question in questions]
    comparisons = tuple(compare(one, worlds, futures) for one in scenarios)
    return Prediction(tuple(forecasts), futures, tuple(worlds.fitted), usual, comparisons, pairs(together, read[0]))


def ask(
    models: Models, snapshot: Snapshot, scenario: Scenario, sizes: Sizes = SIZES, fitter: Fitter = world.sampled
) -> Reply:
    """Answer the one question of a scenario; only models that it needs are fitted.

    Raises
    ------
    UsageError
        If the scenario's conditions hold in fewer than `scenarios.FLOOR` futures; says how many futures would do.
    """
    check(models, snapshot, scenario.questions, [scenario])
    until = horizons(scenario.read)
    needed = replace(models, specs=world.needed(models.specs, until), baselines=world.needed(models.baselines, until))
    needed = replace(needed, benchmarks=world.needed(models.benchmarks, until))
    found = predict(needed, snapshot, scenario.questions, sizes, fitter, [scenario])
    comparison = found.comparisons[0]
    if not comparison.contrasts:
        raise UsageError(
            f"the condition holds in {comparison.kept:,} of {comparison.draws:,} futures, and {FLOOR} are needed",
            "; ".join(one.text for one in scenario.given),
            hint=f"simulate more: --draws {comparison.enough}" if comparison.kept else "ask for something less rare",
        )
    return Reply(found.forecasts[0], comparison)


def check(
    models: Models, snapshot: Snapshot, questions: Sequence[Question], scenarios: Sequence[Scenario] = ()
) -> None:
    """Refuse, before anything is fitted, what no model makes, what cannot be supposed, and models that run in a circle.

    Raises
    ------
    SpecError, UsageError
        Naming it.
    """
    world.order(models.specs)
    made = [kind for spec in models.specs for kind in spec.kinds]
    for question in [*questions, *(question for scenario in scenarios for question in scenario.read)]:
        for kind in question.kinds:
            if kind not in made:
                what, where = f"no model of the brief makes events of kind `{kind}`", f"question {question.group}"
                raise SpecError(what, where, hint=look_alike(kind, made))
    for scenario in scenarios:
        supposing(snapshot, scenario.put, scenario.taken, scenario.where)


def _forecast(
    question: Question,
    specs: Sequence[Spec],
    ahead: Readings,
    usual: Readings,
    strongest: Readings,
) -> Forecast:
    numbers, holds = answers.held(question, ahead)
    probability, interval = answers.probability(question, ahead.futures, holds)
    snapshot = ahead.snapshot
    past = _past(question, specs, snapshot, usual.futures.record_days)
    # A record that is replayed from some day on does not hold what had begun before.
    lasting = any(rule.measure == "standing" for rule in question.rules)
    # Nor do two kinds that are replayed apart come together as often as they did.
    counted = lasting or bool(question.also and past[1])
    baseline, baseline_interval = answers.share(*past) if counted else _by(usual, question)
    known = set(question.kinds) <= set(strongest.futures.events) and not lasting
    return Forecast(
        question=question,
        as_of=snapshot.as_of,
        probability=probability,
        interval=interval,
        baseline=baseline,
        baseline_interval=baseline_interval,
        quantiles=answers.quantiles(numbers),
        past=past,
        models=tuple(spec.name for spec in makers(question, specs)),
        benchmark=_by(strongest, question)[0] if known else None,
        events=None if question.also else answers.like(question.rule, snapshot, _since(question, specs)),
    )


def _by(yardstick: Readings, question: Question) -> tuple[float, tuple[float, float]]:
    _, holds = answers.held(question, yardstick)
    return answers.probability(question, yardstick.futures, holds)


def _past(
    question: Question, specs: Sequence[Spec], snapshot: Snapshot, replayed: Mapping[str, float]
) -> tuple[int, int]:
    """Count past windows, where the record is one that repeats; (0, 0) where each process has its own."""
    if not set(question.kinds) <= set(replayed):
        return 0, 0
    return answers.base_rate(question, snapshot, _since(question, specs))


def _since(question: Question, specs: Sequence[Spec]) -> date:
    """Find the day from which on all models of a question have a record."""
    return max(spec.since for spec in makers(question, specs))


def makers(question: Question, specs: Sequence[Spec]) -> list[Spec]:
    """List the models that make events which a question reads."""
    return [spec for spec in specs if set(spec.kinds) & set(question.kinds)]
