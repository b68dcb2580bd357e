"""Figures of probabilities: dots with intervals and hollow base rates, by name and closing day."""

from datetime import timedelta
from typing import Any

from forecast.language import say
from forecast.outlook import Outlook
from forecast.questions import Forecast
from forecast.report import words
from forecast.report.document import Column, Figure, Table
from forecast.report.marks import HUES, INK, QUIET, WIDTH, chart, name_axis, per_cent, up_to

_LEGEND = {"orient": "top", "direction": "horizontal", "symbolType": "circle", "labelFontSize": 12, "labelColor": QUIET}


def label(forecast: Forecast) -> str:
    """Name a forecast within its group."""
    labels = forecast.question.labels
    if "next" in labels:
        return say("label-next", name=words.shortened(str(labels["name"])), next=str(labels["next"]))
    if "name" in labels:
        return str(labels["name"])
    threshold = float(labels["threshold"])
    measure = forecast.question.rule.measure
    if measure in ("count", "sum", "max", "min", "last", "first", "standing"):
        return say("label-at-least", level=words.number(threshold))
    if measure == "volatility":
        return say("label-above", level=f"{100 * threshold:.3g} %")
    return words.change(threshold)


def dots(item: Outlook, hue: str) -> Figure:
    """Draw probabilities with their intervals, the baseline as a hollow mark, by name and horizon."""
    several = len({forecast.question.closes for forecast in item.forecasts}) > 1
    every = [str(one.question.labels.get("name", label(one))) for one in item.forecasts]
    short = words.called(every)
    rows: list[dict[str, Any]] = [
        {
            "name": short[name],
            "closes": say("figures-by", day=words.last_day(one.question)),
            "day": (one.question.closes - timedelta(days=1)).isoformat(),
            "p": 100 * one.probability,
            "low": 100 * one.interval[0],
            "high": 100 * one.interval[1],
            "base": 100 * one.baseline,
            "order": (one.question.closes - one.question.opens).days,
        }
        for name, one in zip(every, item.forecasts, strict=True)
    ]
    names = len({row["name"] for row in rows})
    dates = len({row["closes"] for row in rows})
    y = name_axis(420)
    offset: dict[str, Any] = {"yOffset": {"field": "order", "type": "nominal"}} if several else {}
    top = up_to(row["high"] for row in rows)
    x = per_cent(top)
    colour: dict[str, Any] = (
        {"color": {"field": "closes", "type": "nominal", "title": None, "sort": {"field": "order"}, "legend": _LEGEND}}
        if several
        else {}
    )
    scale = {"range": ["#9aa3af", hue, INK][-dates:] if dates <= 3 else list(HUES)}
    if several:
        colour["color"]["scale"] = scale
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "rule", "color": hue, "strokeWidth": 2},
            "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1, "color": hue},
            "encoding": {"x": {**x, "field": "p"}},
        },
        {
            "mark": {"type": "point", "filled": False, "shape": "diamond", "size": 45, "color": INK, "strokeWidth": 1},
            "encoding": {"x": {**x, "field": "base"}, "color": {"value": INK}},
        },
    ]
    shown = {"y": y, **offset, **colour}
    for layer in layers:
        layer["encoding"] = {**shown, **layer["encoding"]}
    document = chart(layers, max(60, names * (11 * dates + 8)), WIDTH - 270)
    document["data"] = {"values": rows}
    best = max(rows, key=lambda row: row["p"])
    said = words.percent(best["p"] / 100)
    alt = say("dots-alt", questions=names, name=best["name"], probability=said, closes=best["closes"])
    return Figure(f"figure-{item.group}", say("dots-title"), alt, document, _dots_table(rows))


def _dots_table(rows: list[dict[str, Any]]) -> Table:
    columns = (
        Column(say("column-question")),
        Column(say("dots-by")),
        *(Column(say(name), True) for name in ("column-probability", "column-interval", "column-base-rate")),
    )
    cells = tuple(
        (
            row["name"],
            row["day"],
            words.short(row["p"] / 100),
            words.interval((row["low"] / 100, row["high"] / 100)),
            words.short(row["base"] / 100),
        )
        for row in rows
    )
    return Table(say("figures-data"), columns, cells)
