"""Specs, a snapshot and questions in; forecasts out. The page to read first.

fitted   = fit each model on the snapshot
futures  = simulate them all into one world
forecast = how often a question's rule holds in it, beside how often it holds in those of yardsticks
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from forecast import answers, rules, world
from forecast.errors import SpecError, look_alike
from forecast.events import Futures, Snapshot
from forecast.inference import Sizes
from forecast.questions import Forecast, Question
from forecast.spec import Spec
from forecast.world import Fitted, Fitter

SIZES = Sizes(draws=9600, parameters=1200)  # pools of two to six members can share them


@dataclass(frozen=True)
class Prediction:
    """Forecasts, in the order of the questions, what they were read from, and the futures of the baseline."""

    forecasts: tuple[Forecast, ...]
    futures: Futures
    fitted: tuple[Fitted, ...]
    usual: Futures


def predict(
    specs: Sequence[Spec],
    baselines: Sequence[Spec],
    snapshot: Snapshot,
    questions: Sequence[Question],
    sizes: Sizes = SIZES,
    fitter: Fitter = world.sampled,
    benchmarks: Sequence[Spec] = (),
) -> Prediction:
    """Forecast every question from what the snapshot knows.

    Parameters
    ----------
    specs : sequence of Spec
        Models in the order in which they run.
    baselines : sequence of Spec
        Models that answer the same questions with what is usual.
    snapshot : Snapshot
    questions : sequence of Question
    sizes : Sizes
        Futures, and posterior draws among them.
    fitter : callable
        Gives the posterior of one model.
    benchmarks : sequence of Spec
        Stronger yardsticks, of some kinds of events or of none.

    Raises
    ------
    SpecError
        If a question reads a kind of event that no model makes.
    NotConverged
        If a model does not converge: then nothing is forecast.
    """
    check_kinds(specs, questions)
    until = horizons(questions)
    fitted = world.fit(specs, snapshot, fitter)
    futures = world.simulate(specs, fitted, snapshot, until, sizes)
    usual, strongest = (
        world.simulate(yardsticks, world.fit(yardsticks, snapshot, fitter), snapshot, until, sizes)
        for yardsticks in (baselines, benchmarks)
    )
    forecasts = [_forecast(question, specs, snapshot, futures, usual, strongest) for question in questions]
    return Prediction(tuple(forecasts), futures, tuple(fitted), usual)


def check_kinds(specs: Sequence[Spec], questions: Sequence[Question]) -> None:
    """Refuse a question about events that none of the models makes."""
    made = [kind for spec in specs for kind in spec.kinds]
    for question in questions:
        for kind in question.rule.kinds:
            if kind not in made:
                raise SpecError(
                    f"no model of the brief makes events of kind `{kind}`",
                    f"question {question.group}",
                    hint=look_alike(kind, made),
                )


def horizons(questions: Sequence[Question]) -> dict[str, date]:
    """Say, for every kind of event, up to which day some question reads it."""
    until: dict[str, date] = {}
    for question in questions:
        for kind in question.rule.kinds:
            until[kind] = max(until.get(kind, question.closes), question.closes)
    return until


def _forecast(
    question: Question,
    specs: Sequence[Spec],
    snapshot: Snapshot,
    futures: Futures,
    usual: Futures,
    strongest: Futures,
) -> Forecast:
    numbers = rules.in_futures(question.rule, snapshot, futures, question.window)
    probability, interval = answers.probability(question, futures, numbers)
    past = _past(question, specs, snapshot, usual.record_days)
    # A record that is replayed from some day on does not hold what had begun before.
    lasting = question.rule.measure == "standing"
    baseline, baseline_interval = answers.share(*past) if lasting else _by(usual, question, snapshot)
    known = set(question.rule.kinds) <= set(strongest.events) and not lasting
    return Forecast(
        question=question,
        as_of=snapshot.as_of,
        probability=probability,
        interval=interval,
        baseline=baseline,
        baseline_interval=baseline_interval,
        quantiles=answers.quantiles(numbers),
        past=past,
        models=tuple(spec.name for spec in _makers(question, specs)),
        benchmark=_by(strongest, question, snapshot)[0] if known else None,
        events=answers.like(question.rule, snapshot, _since(question, specs)),
    )


def _by(yardstick: Futures, question: Question, snapshot: Snapshot) -> tuple[float, tuple[float, float]]:
    numbers = rules.in_futures(question.rule, snapshot, yardstick, question.window)
    return answers.probability(question, yardstick, numbers)


def _past(
    question: Question, specs: Sequence[Spec], snapshot: Snapshot, replayed: Mapping[str, float]
) -> tuple[int, int]:
    """Count past windows, where the record is one that repeats; (0, 0) where each process has its own."""
    if not set(question.rule.kinds) <= set(replayed):
        return 0, 0
    return answers.base_rate(question, snapshot, _since(question, specs))


def _since(question: Question, specs: Sequence[Spec]) -> date:
    """Find the day from which on all models of a question have a record."""
    return max(spec.since for spec in _makers(question, specs))


def _makers(question: Question, specs: Sequence[Spec]) -> list[Spec]:
    return [spec for spec in specs if set(spec.kinds) & set(question.rule.kinds)]
