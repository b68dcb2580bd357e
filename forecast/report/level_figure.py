"""The figure of levels: how probable any level of a group's number is, by each closing day."""

from datetime import timedelta
from typing import Any

from forecast.outlook import Outlook
from forecast.report import words
from forecast.report.document import Column, Figure, Table
from forecast.report.marks import HUES, INK, QUIET, chart
from forecast.report.resolution import OPERATORS, SHARES, measured


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
    days = list(dict.fromkeys(row["by"] for row in rows))
    scale = {"domain": days, "range": (["#9aa3af", hue, INK][-len(days) :] if len(days) <= 3 else list(HUES))}
    name = f"{OPERATORS[rule.op]} so much: {_unit(item)}"
    x: dict[str, Any] = {
        "field": "level",
        "type": "quantitative",
        "title": name,
        "scale": {"zero": False, "nice": False},
    }
    if rule.measure == "count":
        x["axis"] = {"format": "d", "tickMinStep": 1}
    y: dict[str, Any] = {"field": "p", "type": "quantitative", "title": "probability, per cent"}
    y["scale"] = {"domain": [0, 100]}
    colour = {
        "field": "by",
        "type": "nominal",
        "title": None,
        "scale": scale,
        "legend": {"orient": "top", "symbolType": "stroke", "symbolStrokeWidth": 3, "labelColor": QUIET},
    }
    curve = {"x": x, "y": y, "color": colour}
    step = "step" if rule.measure == "count" else "linear"
    nearest = [
        {"filter": "datum.level <= threshold"},
        {"joinaggregate": [{"op": "max", "field": "level", "as": "nearest"}], "groupby": ["by"]},
        {"filter": "datum.level == datum.nearest"},
    ]
    asked = sorted({factor * one.question.rule.threshold for one in item.forecasts})
    low, high = min(row["level"] for row in rows), max(row["level"] for row in rows)
    bind = {"input": "range", "min": low, "max": high, "step": _step(rows), "name": "threshold "}
    document = chart(
        [
            {"mark": {"type": "line", "interpolate": step, "strokeWidth": 2}, "encoding": curve},
            {
                "transform": nearest,
                "mark": {"type": "rule", "color": QUIET, "strokeDash": [2, 2]},
                "encoding": {"x": x},
            },
            {"transform": nearest, "mark": {"type": "point", "filled": True, "size": 60}, "encoding": curve},
            {
                "transform": nearest,
                "mark": {"type": "text", "align": "left", "dx": 7, "dy": -7},
                "encoding": {**curve, "text": {"field": "said"}, "color": {"value": INK}},
            },
        ],
        170,
    )
    document["data"] = {"values": rows}
    document["params"] = [{"name": "threshold", "value": round(asked[0], 6), "bind": bind}]
    first = item.curves[0]
    level = item.forecasts[0].question.rule.threshold
    said = words.percent(first.probabilities[first.levels.index(level)])
    alt = (
        f"Lines: the probability of {OPERATORS[rule.op]} each level, by {words.listed(day[3:] for day in days)}."
        f" {OPERATORS[rule.op].capitalize()} {measured(rule.measure, level)} {days[0]}: {said}."
    )
    return Figure(f"figure-levels-{item.group}", "How probable other levels are", alt, document, _table(item))


def _unit(item: Outlook) -> str:
    named = {
        "count": "events",
        "volatility": "per cent a year",
        "change": "per cent",
        "rise": "per cent",
        "fall": "per cent",
    }
    return named.get(item.measure, item.unit)


def _step(rows: list[dict[str, Any]]) -> float:
    found = sorted({row["level"] for row in rows})
    return float(f"{(found[-1] - found[0]) / max(len(found) - 1, 1):.2g}") or 1.0


def _table(item: Outlook) -> Table:
    rule = item.forecasts[0].question.rule
    days = [words.dated(curve.closes - timedelta(days=1), brief=True) for curve in item.curves]
    columns = (Column(OPERATORS[rule.op]), *(Column(f"by {day}", True) for day in days))
    rows = tuple(
        (measured(rule.measure, level), *(words.short(curve.probabilities[place]) for curve in item.curves))
        for place, level in enumerate(item.curves[0].levels)
    )
    return Table("The figure's data", columns, rows)
