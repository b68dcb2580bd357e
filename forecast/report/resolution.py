"""The words of resolution: how a question comes out, in words and as its rule is written."""

from forecast.conditions import Limits
from forecast.outlook import Outlook
from forecast.questions import Forecast
from forecast.report.words import change, listed, number, plain, prose_date
from forecast.rules import Rule

MEASURES = {
    "count": "the number of recorded events",
    "sum": "the total of the recorded values",
    "max": "the largest recorded value",
    "min": "the smallest recorded value",
    "first": "the number of days to the first recorded event",
    "last": "the last recorded value",
    "change": "the last value against the last one known at the opening",
    "rise": "the highest value against the last one known at the opening",
    "fall": "the lowest value against the last one known at the opening",
    "volatility": "the root mean square of daily log changes, times the square root of 252,",
}
OPERATORS = {">=": "at least", ">": "more than", "<=": "at most", "<": "less than"}
WRITTEN = 4  # rules of a group that are shown as they are written
SHARES = ("change", "rise", "fall", "volatility")


def as_written(rule: Rule) -> str:
    """Write a rule as its file has it, in one line."""
    return f"{_reading(rule)} {rule.threshold:g}"


def _reading(rule: Rule) -> str:
    conditions = ", ".join(f"{column} = {_cell(cells)}" for column, cells in rule.where.items())
    return f"{rule.measure} of ({conditions}) {rule.op}"


def _cell(cells: object) -> str:
    if isinstance(cells, Limits):
        parts = [f"not {', '.join(map(str, cells.without))}"] if cells.without else []
        parts += [f"from {cells.low:g}"] if cells.low is not None else []
        parts += [f"below {cells.high:g}"] if cells.high is not None else []
        return " and ".join(parts)
    assert isinstance(cells, tuple)
    return " | ".join(str(cell) or "blank" for cell in cells)


def resolves(item: Outlook) -> list[str]:
    """Say in words how a group's questions resolve: together, or each by itself where they have little in common."""
    wheres = [one.question.rule.where for one in item.forecasts]
    if any("entity" not in one.question.labels for one in item.forecasts) and any(one != wheres[0] for one in wheres):
        return [f"{one.question.labels.get('name', item.title)}: {one.question.text}" for one in item.forecasts]
    return [_rule(item)]


def _rule(item: Outlook) -> str:
    first = item.forecasts[0].question
    if "next" in first.labels:
        return (
            "Resolves yes for each if, from the as-of day to the day before closing, the record shows that it reached"
            " the stage named or a later one."
        )
    if item.over:
        kinds = listed((plain(kind) for kind in first.rule.kinds), "or")
        return (
            "Resolves yes for each if one of these is on record for it from the as-of day to the day before closing:"
            f" {kinds}."
        )
    wheres = [one.question.rule.where for one in item.forecasts]
    conditions = "; ".join(
        f"{plain(column)} {_in_words(cells)}"
        for column, cells in wheres[0].items()
        if all(where[column] == cells for where in wheres)
    )
    each = " for each" if any(one != wheres[0] for one in wheres) else ""
    thresholds = listed(sorted({threshold(one) for one in item.forecasts}, key=_order), "or")
    which = f" ({conditions})" if conditions else ""
    if first.rule.measure == "standing":
        return (
            f"Resolves yes{each} if what is under way on the day before closing{which}, each with its largest value,"
            f" comes to {OPERATORS[first.rule.op]} {thresholds}. Void if ends that are not on record would decide."
        )
    return (
        f"Resolves yes{each} if {MEASURES[first.rule.measure]}{which} from {prose_date(first.opens)} to the day before"
        f" closing is {OPERATORS[first.rule.op]} {thresholds}{''.join(f', and {holds(rule)}' for rule in first.also)}."
    )


def holds(rule: Rule) -> str:
    """Say in words what a rule reads, and the comparison that makes it a yes."""
    conditions = "; ".join(f"{plain(column)} {_in_words(cells)}" for column, cells in rule.where.items())
    asked = f"{OPERATORS[rule.op]} {measured(rule.measure, rule.threshold)}"
    if rule.measure == "standing":
        return (
            f"what is under way on the day before closing ({conditions}), each with its largest value, comes to {asked}"
        )
    return f"{MEASURES[rule.measure]} ({conditions}) is {asked}"


def _order(text: str) -> tuple[int, str]:
    return len(text), text


def threshold(one: Forecast) -> str:
    """Write the threshold of a question."""
    return measured(one.question.rule.measure, one.question.rule.threshold)


def measured(measure: str, value: float) -> str:
    """Write a number that a measure reads, or is compared with."""
    if measure in SHARES:
        return change(value) if measure != "volatility" else f"{100 * value:.3g} %"
    return number(value)


def _in_words(cells: object) -> str:
    if isinstance(cells, Limits):
        return _cell(cells)
    assert isinstance(cells, tuple)
    return listed((plain(str(cell)) or "blank" for cell in cells), "or")


def settled(item: Outlook) -> str:
    """Say when a group's questions are settled, and the rule as written."""
    first = item.forecasts[0].question
    written: dict[str, list[str]] = {}
    for one in item.forecasts:
        levels = written.setdefault(_reading(one.question.rule), [])
        levels += [level for level in [f"{one.question.rule.threshold:g}"] if level not in levels]
    beside = "".join(f" and {as_written(rule)}" for rule in first.also)
    rules = [f"{reading} {listed(levels, 'or')}{beside}" for reading, levels in written.items()]
    most = 1 if item.over else WRITTEN
    more = f"; and so for {len(rules) - most} more" if len(rules) > most else ""
    shown = "; ".join(rules[:most])
    return f"Settled on the record {first.settle_days} days after closing, by the rule as written: {shown}{more}."
