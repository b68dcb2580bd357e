"""The figure of levels: how probable any level of a group's number is, by each closing day."""

from datetime import timedelta
from typing import Any

from forecast.language import say
from forecast.outlook import Curve, Outlook
from forecast.report import words
from forecast.report.document import Column, Figure, Table
from forecast.report.marks import GREY, HUES, INK, QUIET, chart, line_colours, per_cent
from forecast.report.resolution import SHARES, measured, operator
from forecast.rules import RELATIVE, Rule


def levels(item: Outlook, hue: str) -> Figure | None:
    """Draw the probability of every level, a line for each closing day, with a threshold that a reader can move.

    Returns
    -------
    Figure or None
        None where a group asks about no one number.
    """
    if not item.curves:
        return None
    rule = item.forecasts[0].question.rule
    factor = 100.0 if rule.measure in SHARES else 1.0
    rows: list[dict[str, Any]] = [
        {
            "level": round(factor * level, 6),
            "by": say("figures-by", day=_day(curve)),
            "p": round(100 * p, 3),
            "said": words.short(p),
        }
        for curve in item.curves
        for level, p in zip(curve.levels, curve.probabilities, strict=True)
    ]
    document = chart(_layers(rows, rule, _unit(item), hue), 170)
    document["data"] = {"values": rows}
    ends = sorted({row["level"] for row in rows})
    name = f"{say('level-threshold')} "
    bind = {"input": "range", "min": ends[0], "max": ends[-1], "step": _step(ends), "name": name}
    asked = factor * min(one.question.rule.threshold for one in item.forecasts)
    document["params"] = [{"name": "threshold", "value": round(asked, 6), "bind": bind}]
    return Figure(f"figure-levels-{item.group}", say("level-title"), _told(item), document, _table(item))


def _layers(rows: list[dict[str, Any]], rule: Rule, unit: str, hue: str) -> list[dict[str, Any]]:
    """Draw lines, and at the threshold a rule, a point on each line, and what it says there."""
    days = list(dict.fromkeys(row["by"] for row in rows))
    title = say("level-axis", operator=operator(rule.op), unit=unit)
    whole = {"axis": {"format": "d", "tickMinStep": 1}} if rule.measure == "count" else {}
    x = {"field": "level", "type": "quantitative", "title": title, "scale": {"zero": False, "nice": False}, **whole}
    colour = line_colours("by", days, (GREY, hue, INK)[-len(days) :] if len(days) <= 3 else HUES)
    curve = {"x": x, "y": {**per_cent(), "field": "p"}, "color": colour}
    nearest = [
        {"filter": "datum.level <= threshold"},
        {"joinaggregate": [{"op": "max", "field": "level", "as": "nearest"}], "groupby": ["by"]},
        {"filter": "datum.level == datum.nearest"},
    ]
    at: list[dict[str, Any]] = [
        {"mark": {"type": "rule", "color": QUIET, "strokeDash": [2, 2]}, "encoding": {"x": x}},
        {"mark": {"type": "point", "filled": True, "size": 60}, "encoding": curve},
        {
            "mark": {"type": "text", "align": "left", "dx": 7, "dy": -7},
            "encoding": {**curve, "text": {"field": "said"}, "color": {"value": INK}},
        },
    ]
    line = {"type": "line", "interpolate": "step" if whole else "linear", "strokeWidth": 2}
    return [{"mark": line, "encoding": curve}, *({"transform": nearest, **layer} for layer in at)]


def _day(curve: Curve) -> str:
    """Write the last day that a curve is about."""
    return words.prose_date(curve.closes - timedelta(days=1))


def _told(item: Outlook) -> str:
    """Tell the figure in words: the first level that is asked about."""
    rule, first = item.forecasts[0].question.rule, item.curves[0]
    return say(
        "level-alt",
        operator=operator(rule.op),
        days=words.listed(dict.fromkeys(map(_day, item.curves))),
        beginning=operator(rule.op).capitalize(),
        level=measured(rule.measure, rule.threshold),
        first=_day(first),
        said=words.percent(first.probabilities[first.levels.index(rule.threshold)]),
    )


def _unit(item: Outlook) -> str:
    relative = dict.fromkeys(RELATIVE, "level-per-cent")
    named = {"count": "level-events", "volatility": "figures-per-cent-a-year", **relative}
    return say(named[item.measure]) if item.measure in named else item.unit


def _step(levels: list[float]) -> float:
    return float(f"{(levels[-1] - levels[0]) / max(len(levels) - 1, 1):.2g}") or 1.0


def _table(item: Outlook) -> Table:
    rule = item.forecasts[0].question.rule
    days = [words.dated(curve.closes - timedelta(days=1), brief=True) for curve in item.curves]
    columns = (Column(operator(rule.op)), *(Column(say("figures-by", day=day), True) for day in days))
    rows = tuple(
        (measured(rule.measure, level), *(words.short(curve.probabilities[place]) for curve in item.curves))
        for place, level in enumerate(item.curves[0].levels)
    )
    return Table(say("figures-data"), columns, rows)
