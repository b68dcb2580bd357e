"""The words of resolution: how a question comes out, in words and as its rule is written."""

from forecast.conditions import Limits, Where
from forecast.language import joined, say
from forecast.notation import as_written, reading
from forecast.outlook import Outlook
from forecast.questions import Forecast
from forecast.report.words import change, listed, number, plain, prose_date
from forecast.rules import Rule

WRITTEN = 4  # rules of a group that are shown as they are written
SHARES = ("change", "rise", "fall", "volatility")
OPERATORS = {">=": "operator-at-least", ">": "operator-more", "<=": "operator-at-most", "<": "operator-less"}


def operator(sign: str) -> str:
    """Say a comparison in words: at least, for >=."""
    return say(OPERATORS[sign])


def resolves(item: Outlook) -> list[str]:
    """Say in words how a group's questions resolve: together, or each by itself where they have little in common."""
    wheres = [one.question.rule.where for one in item.forecasts]
    if any("entity" not in one.question.labels for one in item.forecasts) and any(one != wheres[0] for one in wheres):
        named = [(one.question.labels.get("name", item.title), one.question.text) for one in item.forecasts]
        return [say("resolution-own", name=name, text=text) for name, text in named]
    return [_rule(item)]


def _rule(item: Outlook) -> str:
    first = item.forecasts[0].question
    if "next" in first.labels:
        return say("resolution-stage")
    if item.over:
        return say("resolution-kinds", kinds=listed((plain(kind) for kind in first.rule.kinds), "or"))
    wheres = [one.question.rule.where for one in item.forecasts]
    common = {column: cells for column, cells in wheres[0].items() if all(where[column] == cells for where in wheres)}
    thresholds = listed(sorted({threshold(one) for one in item.forecasts}, key=_order), "or")
    fields = {"read": _read(first.rule.measure, common), "operator": operator(first.rule.op), "number": thresholds}
    key = "resolution-yes" if all(one == wheres[0] for one in wheres) else "resolution-yes-each"
    if first.rule.measure == "standing":
        return f"{say(key, rule=say('rule-holds-standing', **fields))} {say('resolution-void')}"
    rule = say("rule-holds-window", opens=prose_date(first.opens), **fields)
    for also in first.also:
        rule = say("rule-also", rule=rule, also=holds(also))
    return say(key, rule=rule)


def holds(rule: Rule) -> str:
    """Say in words what a rule reads, and the comparison that makes it a yes."""
    key = "rule-holds-standing" if rule.measure == "standing" else "rule-holds"
    number = measured(rule.measure, rule.threshold)
    return say(key, read=_read(rule.measure, rule.where), operator=operator(rule.op), number=number)


def _read(measure: str, where: Where) -> str:
    """Say in words what a measure reads, off which events."""
    conditions = "; ".join(
        say("rule-condition", column=plain(column), cells=_in_words(cells)) for column, cells in where.items()
    )
    read = say(f"measure-{measure}")
    return say("rule-read", measure=read, conditions=conditions) if conditions else read


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
        without = [say("rule-without", cells=", ".join(map(str, cells.without)))] if cells.without else []
        low = [say("rule-from", low=f"{cells.low:g}")] if cells.low is not None else []
        high = [say("rule-below", high=f"{cells.high:g}")] if cells.high is not None else []
        return joined([*without, *low, *high])
    assert isinstance(cells, tuple)
    return listed((plain(str(cell)) or say("rule-blank") for cell in cells), "or")


def settled(item: Outlook) -> str:
    """Say when a group's questions are settled, and the rule as written."""
    first = item.forecasts[0].question
    written: dict[str, list[str]] = {}
    for one in item.forecasts:
        levels = written.setdefault(reading(one.question.rule), [])
        levels += [level for level in [f"{one.question.rule.threshold:g}"] if level not in levels]
    beside = [as_written(rule) for rule in first.also]
    rules = [joined([f"{read} {listed(levels, 'or')}", *beside]) for read, levels in written.items()]
    most = 1 if item.over else WRITTEN
    shown = "; ".join(rules[:most])
    if len(rules) > most:
        return say("resolution-settled-more", days=first.settle_days, rules=shown, more=len(rules) - most)
    return say("resolution-settled", days=first.settle_days, rules=shown)
