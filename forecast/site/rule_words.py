"""How a question is settled, in words and as its rule is written, whatever the day on which it is asked."""

from collections.abc import Iterator, Sequence

from forecast.conditions import Limits
from forecast.questions import Question
from forecast.report import resolution, words
from forecast.report.document import Text
from forecast.rules import Rule


def settled(asked: Sequence[Question]) -> Iterator[Text]:
    """Say how a question is settled, once for each form in which it was asked."""
    forms: dict[str, list[Question]] = {}
    for one in asked:
        forms.setdefault(f"{one.settle_days} {one.rules!r}", []).append(one)
    for some in forms.values():
        if len(forms) > 1:
            days = [words.prose_date(end(one.opens for one in some)) for end in (min, max)]
            yield Text(f"As asked from {days[0]} to {days[1]}:", "note")
        yield Text(_in_words(some))
        rules = " and ".join(map(resolution.as_written, some[0].rules))
        days_later = f"{some[0].settle_days} days after closing"
        yield Text(f"Settled on the record {days_later}, by the rule as written: {rules}.")


def _in_words(some: Sequence[Question]) -> str:
    rules = words.listed(_said(rule) for rule in some[0].rules)
    end = " Void if ends that are not on record would decide." if some[0].rule.measure == "standing" else ""
    return f"Resolves yes if, {_window(some)}, {rules}.{end}"


def _window(some: Sequence[Question]) -> str:
    lengths = {one.window.days for one in some}
    if len({(one.opens, one.closes) for one in some}) == 1:
        return f"from {words.prose_date(some[0].opens)} to {words.last_day(some[0])}"
    if len(lengths) == 1:
        return f"in the {words.lasted(lengths.pop())} from the day on which it is asked"
    return "from the day on which it is asked to the day before it closes"


def _said(rule: Rule) -> str:
    conditions = "; ".join(f"{words.plain(column)} {_cell(accepted)}" for column, accepted in rule.where.items())
    threshold = resolution.measured(rule.measure, rule.threshold)
    if rule.measure == "standing":
        what = f"what is under way on the day before closing ({conditions}), each with its largest value, comes to"
        return f"{what} {resolution.OPERATORS[rule.op]} {threshold}"
    return f"{resolution.MEASURES[rule.measure]} ({conditions}) is {resolution.OPERATORS[rule.op]} {threshold}"


def _cell(accepted: object) -> str:
    if isinstance(accepted, Limits):
        parts = [f"not {words.listed(map(str, accepted.without), 'or')}"] if accepted.without else []
        parts += [f"from {accepted.low:g}"] if accepted.low is not None else []
        parts += [f"below {accepted.high:g}"] if accepted.high is not None else []
        return " and ".join(parts)
    assert isinstance(accepted, tuple)
    return words.listed((words.plain(str(one)) or "blank" for one in accepted), "or")
