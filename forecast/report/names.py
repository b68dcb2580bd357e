"""How a question is called where it stands beside others."""

from forecast.language import say
from forecast.outlook import Run
from forecast.questions import Forecast, Question
from forecast.report import words
from forecast.report.dots_figure import label


def row_name(one: Forecast, run: Run) -> str:
    """Name a question in a table of all: by its own name, or by its group and what sets it apart there."""
    labels = one.question.labels
    if "next" in labels:
        return say("name-stage", name=labels["name"], stage=labels["next"])
    if "name" in labels and "entity" not in labels:
        return label(one)
    title = next(item.title for item in run.outlooks if item.group == one.question.group)
    return say("name-grouped", group=title, name=label(one))


def by_question(run: Run) -> dict[str, Forecast]:
    """Find the forecast of every question, by its id."""
    return {one.question.id: one for item in run.outlooks for one in item.forecasts}


def dated_name(question: Question, run: Run) -> str:
    """Name a question of the brief with its last day."""
    return say("name-by", name=row_name(by_question(run)[question.id], run), day=words.last_day(question))
