"""The answer to one question in a terminal: probability, what it is compared with, and how it would resolve."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from forecast.notation import as_written
from forecast.output import Output
from forecast.predict import Reply
from forecast.questions import Question
from forecast.report import prose, words
from forecast.report.scenario_pages import event
from forecast.scenarios import Scenario
from forecast.terminal import plain

NAME = 16  # columns for what a line is about


def told(reply: Reply) -> Output:
    """Say what the answer to a question is."""
    return Output(partial(_show, reply), partial(document, reply), lambda: [document(reply)])


def _show(reply: Reply) -> None:
    print(plain(reply.forecast.question.text))
    for name, text in _lines(reply):
        print(f"{name:<{NAME}}{plain(text)}")


def document(reply: Reply) -> dict[str, Any]:
    """State an answer at full precision."""
    forecast, comparison = reply.forecast, reply.comparison
    question, scenario, found = forecast.question, comparison.scenario, comparison.contrasts[0]
    plainly = not scenario.given and not scenario.supposes
    return {
        "question": question.id,
        "text": question.text,
        "rules": [as_written(rule) for rule in question.rules],
        "as_of": forecast.as_of.isoformat(),
        "opens": question.opens.isoformat(),
        "closes": question.closes.isoformat(),
        "settles": question.settles.isoformat(),
        "given": [one.text for one in scenario.given],
        "suppose": [event(one) for one in scenario.put],
        "probability": found.probability,
        "interval": list(found.interval),
        "baseline": forecast.baseline,
        "baseline_interval": list(forecast.baseline_interval),
        "benchmark": forecast.benchmark,
        "past": {"held": forecast.past[0], "windows": forecast.past[1]},
        "futures": {"simulated": comparison.draws, "kept": comparison.kept},
        "models": list(forecast.models),
        **({} if plainly else _unlike(comparison.condition, found)),
    }


def _unlike(condition: float, found: Any) -> Mapping[str, Any]:
    """State what a scenario changes."""
    return {
        "unconditional": found.base,
        "unconditional_interval": list(found.base_interval),
        "difference": found.difference,
        "difference_interval": list(found.difference_interval),
        "condition": condition,
        "joint": found.joint,
    }


def _lines(reply: Reply) -> list[tuple[str, str]]:
    forecast, comparison = reply.forecast, reply.comparison
    scenario, found = comparison.scenario, comparison.contrasts[0]
    lines = [
        ("as of", words.prose_date(forecast.as_of)),
        *_scenario(scenario),
        ("probability", f"{words.said(found.probability)}, 90 % interval {words.interval(found.interval)}"),
    ]
    if scenario.given or scenario.supposes:
        change = [words.points(end) for end in found.difference_interval]
        lines += [
            ("as things are", f"{words.short(found.base)}, 90 % interval {words.interval(found.base_interval)}"),
            ("difference", f"{words.points(found.difference)} points, 90 % interval {change[0]} to {change[1]}"),
        ]
    if found.joint is not None:
        lines += [("condition", words.short(comparison.condition)), ("both", words.short(found.joint))]
    lines += [("base rate", _base_rate(reply)), ("futures", _futures(reply)), *_resolves(forecast.question)]
    return lines


def _scenario(scenario: Scenario) -> list[tuple[str, str]]:
    given = [("given", one.text) for one in scenario.given]
    return given + [("suppose", event(one)) for one in scenario.put]


def _base_rate(reply: Reply) -> str:
    forecast = reply.forecast
    past = prose.past(forecast)
    windows = "" if past == "–" else f", it held in {forecast.past[0]} of {forecast.past[1]} past windows as long"
    return f"{words.short(forecast.baseline)}{windows}"


def _futures(reply: Reply) -> str:
    comparison = reply.comparison
    if not comparison.scenario.given:
        return f"{comparison.draws:,}"
    return f"the condition holds in {comparison.kept:,} of {comparison.draws:,}, which count alike"


def _resolves(question: Question) -> list[tuple[str, str]]:
    rules = " and ".join(f"{as_written(rule)}" for rule in question.rules)
    window = f"from {question.opens} to the day before {question.closes}"
    return [("resolves yes if", f"{rules}, {window}, on the record as of {question.settles}")]
