"""The figure of levels: how probable any level of a group's number is, by each closing day."""

from datetime import timedelta
from typing import Any

from forecast.outlook import Outlook
from forecast.report import words
from forecast.report.document import Column, Figure, Table
from forecast.report.marks import GREY, HUES, INK, QUIET, chart, line_colours, per_cent
from forecast.report.resolution import OPERATORS, SHARES, measured
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
            "by": f"by {words.prose_date(curve.closes - timedelta(days=1))}",
            "p": round(100 * p, 3),
            "said": words.short(p),
        }
        for curve in item.curves
        for level, p in zip(curve.levels, curve.probabilities, strict=True)
    ]
    document = chart(_layers(rows, rule, _unit(item), hue), 170)
    document["data"] = {"values": rows}
    ends = sorted({row["level"] for row in rows})
    bind = {"input": "range", "min": ends[0], "max": ends[-1], "step": _step(ends), "name": "threshold "}
    asked = factor * min(one.question.rule.threshold for one in item.forecasts)
    document["params"] = [{"name": "threshold", "value": round(asked, 6), "bind": bind}]
    alt = _told(item, list(dict.fromkeys(row["by"] for row in rows)))
    return Figure(f"figure-levels-{item.group}", "How probable other levels are", alt, document, _table(item))


def _layers(rows: list[dict[str, Any]], rule: Rule, unit: str, hue: str) -> list[dict[str, Any]]:
    """Draw lines, and at the threshold a rule, a point on each line, and what it says there."""
    days = list(dict.fromkeys(row["by"] for row in rows))
    title = f"{OPERATORS[rule.op]} so much: {unit}"
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


def _told(item: Outlook, days: list[str]) -> str:
    """Tell the figure in words: the first level that is asked about."""
    rule, first = item.forecasts[0].question.rule, item.curves[0]
    said = words.percent(first.probabilities[first.levels.index(rule.threshold)])
    return (
        f"Lines: the probability of {OPERATORS[rule.op]} each level, by {words.listed(day[3:] for day in days)}."
        f" {OPERATORS[rule.op].capitalize()} {measured(rule.measure, rule.threshold)} {days[0]}: {said}."
    )


def _unit(item: Outlook) -> str:
    named = {"count": "events", "volatility": "per cent a year", **dict.fromkeys(RELATIVE, "per cent")}
    return named.get(item.measure, item.unit)


def _step(levels: list[float]) -> float:
    return float(f"{(levels[-1] - levels[0]) / max(len(levels) - 1, 1):.2g}") or 1.0


def _table(item: Outlook) -> Table:
    rule = item.forecasts[0].question.rule
    days = [words.dated(curve.closes - timedelta(days=1), brief=True) for curve in item.curves]
    columns = (Column(OPERATORS[rule.op]), *(Column(f"by {day}", True) for day in days))
    rows = tuple(
        (measured(rule.measure, level), *(words.short(curve.probabilities[place]) for curve in item.curves))
        for place, level in enumerate(item.curves[0].levels)
    )
    return Table("The figure's data", columns, rows)
