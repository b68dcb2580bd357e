"""Figures: Vega-Lite documents that carry their own data, and their rendering to SVG."""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from importlib.resources import as_file, files
from itertools import pairwise
from typing import Any

from forecast.outlook import Outlook
from forecast.questions import Forecast
from forecast.report import words
from forecast.report.document import Column, Figure, Table

FONT = "Source Sans 3"
# Okabe and Ito's palette, safe for colour-blind readers; one hue a domain, in the order of the report.
HUES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
INK, QUIET, FAINT = "#3b4252", "#6b7280", "#d9dde3"
WIDTH = 600
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
CONFIG: dict[str, Any] = {
    "font": FONT,
    "aria": False,  # a figure is told by the text beside it, and labels from data stay out of expressions
    "background": "transparent",
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelColor": QUIET,
        "titleColor": QUIET,
        "domainColor": FAINT,
        "tickColor": FAINT,
        "gridColor": FAINT,
        "gridOpacity": 0.6,
    },
    "text": {"fontSize": 12, "color": INK},
}


def _document(layers: list[dict[str, Any]], height: int, width: int = WIDTH) -> dict[str, Any]:
    return {
        "$schema": SCHEMA,
        "width": width,
        "height": height,
        "config": CONFIG,
        "layer": layers,
    }


def _x(field: str, title: str | None = None) -> dict[str, Any]:
    return {
        "field": field,
        "type": "temporal",
        "title": title,
        "axis": {"grid": False, "format": "%b %Y", "tickCount": 6},
    }


def _y(field: str, title: str | None, zero: bool = True) -> dict[str, Any]:
    axis = {"tickCount": 4, "tickMinStep": 1} if zero else {"tickCount": 4}
    return {"field": field, "type": "quantitative", "title": title, "axis": axis, "scale": {"zero": zero, "nice": True}}


def of_outlook(item: Outlook, as_of: date, hue: str) -> Figure:
    """Draw a group: its series with the bands ahead, or its probabilities if it has no series."""
    if not item.past or not item.ahead:
        return dots(item, hue)
    return _daily(item, as_of, hue) if item.every == 1 else _windowed(item, as_of, hue)


def _bands(item: Outlook) -> list[dict[str, Any]]:
    names = ("q5", "q25", "q50", "q75", "q95")
    return [
        {
            "at": band.at.isoformat(),
            "end": (band.at + timedelta(days=item.every)).isoformat(),
            **dict(zip(names, (float(f"{value:.6g}") for value in band.quantiles), strict=True)),
        }
        for band in item.ahead
    ]


def _marker(as_of: date) -> list[dict[str, Any]]:
    """Draw the line that parts what was known from what is forecast."""
    data = {"values": [{"at": as_of.isoformat(), "label": f"as of {words.prose_date(as_of)}"}]}
    return [
        {"data": data, "mark": {"type": "rule", "color": INK, "strokeWidth": 1}, "encoding": {"x": _x("at")}},
        {
            "data": data,
            "mark": {"type": "text", "align": "center", "baseline": "bottom", "dy": -4, "color": INK},
            "encoding": {"x": _x("at"), "y": {"value": 0}, "text": {"field": "label"}},
        },
    ]


def _thresholds(levels: Sequence[tuple[float, str]], y: Mapping[str, Any]) -> list[dict[str, Any]]:
    data = {"values": [{"level": level, "label": f" {label}"} for level, label in levels]}
    return [
        {
            "data": data,
            "mark": {"type": "rule", "strokeDash": [4, 3], "color": INK, "strokeWidth": 1},
            "encoding": {"y": {**y, "field": "level"}},
        },
        {
            "data": data,
            "mark": {"type": "text", "align": "left", "baseline": "bottom", "dy": -2, "color": INK},
            "encoding": {
                "x": {"value": 0},
                "y": {**y, "field": "level"},
                "text": {"field": "label"},
            },
        },
    ]


def _scale(item: Outlook) -> tuple[float, str]:
    """Choose how values are shown: shares in per cent, all else as they are."""
    return (100.0, "per cent a year") if item.measure == "volatility" else (1.0, item.unit)


def _windowed(item: Outlook, as_of: date, hue: str) -> Figure:
    factor, unit = _scale(item)
    counted = item.measure == "count"
    what = {"count": "events", "sum": f"total, {unit}", "max": f"largest, {unit}", "volatility": "volatility, % a year"}
    axis = what.get(item.measure, unit)
    title = f"{axis} in {item.every} days"
    past: list[dict[str, Any]] = [
        {
            "at": point.at.isoformat(),
            "end": (point.at + timedelta(days=item.every)).isoformat(),
            "value": factor * point.value,
        }
        for point in item.past
    ]
    ahead = [
        {key: factor * value if key.startswith("q") else value for key, value in band.items()} for band in _bands(item)
    ]
    levels = sorted({float(forecast.question.labels["threshold"]) for forecast in item.forecasts})
    top = max([row["value"] for row in past] + [row["q95"] for row in ahead] + [factor * level for level in levels])
    names = _named([factor * level for level in levels], top)
    x2 = {"x2": {"field": "end"}}
    bar = {"type": "bar", "binSpacing": 1}
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": past},
            "mark": {**bar, "color": hue, "opacity": 0.85},
            "encoding": {"x": _x("at"), **x2, "y": _y("value", axis), "y2": {"datum": 0}},
        },
        *_ahead_boxes(ahead, hue, x2, axis),
        *_thresholds(names, _y("level", axis)),
        *_marker(as_of),
    ]
    alt = (
        f"Bars: {title} since {words.prose_date(item.past[0].at)}, the last {words.number(past[-1]['value'])}. "
        f"Ahead: median {words.number(ahead[0]['q50'])} in the first {item.every} days, 90 per cent of futures "
        f"between {words.number(ahead[0]['q5'])} and {words.number(ahead[0]['q95'])}."
    )
    kind = "events" if counted else "value"
    return Figure(
        f"figure-{item.group}", title[:1].upper() + title[1:], alt, _document(layers, 150), _table(past, ahead, kind)
    )


def _named(levels: Sequence[float], top: float) -> list[tuple[float, str]]:
    """Name thresholds; those that would be written over each other share the name of the highest."""
    crowded = len(levels) > 1 and min(b - a for a, b in pairwise(levels)) < top / 6
    if not crowded:
        return [(level, f"asked about: {words.number(level)}") for level in levels]
    together = f"asked about: {words.listed(words.number(level) for level in levels)}"
    return [*((level, "") for level in levels[:-1]), (levels[-1], together)]


def _ahead_boxes(ahead: list[dict[str, Any]], hue: str, x2: Mapping[str, Any], title: str) -> list[dict[str, Any]]:
    def box(low: str, high: str, opacity: float) -> dict[str, Any]:
        return {
            "data": {"values": ahead},
            "mark": {"type": "rect", "color": hue, "opacity": opacity},
            "encoding": {"x": _x("at"), **x2, "y": _y(low, title), "y2": {"field": high}},
        }

    middle = {
        "data": {"values": ahead},
        "mark": {"type": "rule", "color": INK, "strokeWidth": 2},
        "encoding": {"x": _x("at"), **x2, "y": _y("q50", title)},
    }
    return [box("q5", "q95", 0.25), box("q25", "q75", 0.45), middle]


def _daily(item: Outlook, as_of: date, hue: str) -> Figure:
    past = [{"at": point.at.isoformat(), "value": point.value} for point in item.past]
    ahead = _bands(item)
    base = item.past[-1].value
    relative = item.measure in ("rise", "fall", "change")
    levels = sorted({float(forecast.question.labels["threshold"]) for forecast in item.forecasts})
    names = [
        (base * (1 + level), f"{level:+.0%} ({words.number(base * (1 + level))})".replace("%", " %"))
        if relative
        else (level, words.number(level))
        for level in levels
    ]

    def area(low: str, high: str, opacity: float) -> dict[str, Any]:
        return {
            "data": {"values": ahead},
            "mark": {"type": "area", "color": hue, "opacity": opacity},
            "encoding": {"x": _x("at"), "y": _y(low, item.unit, zero=False), "y2": {"field": high}},
        }

    def line(values: list[dict[str, Any]], field: str, dash: list[int]) -> dict[str, Any]:
        return {
            "data": {"values": values},
            "mark": {"type": "line", "color": hue, "strokeWidth": 1.6, "strokeDash": dash},
            "encoding": {"x": _x("at"), "y": _y(field, item.unit, zero=False)},
        }

    layers = [
        area("q5", "q95", 0.2),
        area("q25", "q75", 0.35),
        line(past, "value", [1, 0]),
        line(ahead, "q50", [5, 3]),
        *_thresholds(names, _y("level", item.unit, zero=False)),
        *_marker(as_of),
    ]
    last = ahead[-1]
    alt = (
        f"Line: {words.number(base)} {item.unit} on {words.prose_date(item.past[-1].at)}, the last value known."
        f" Ahead: on {words.prose_date(item.ahead[-1].at)} the median is {words.number(last['q50'])}, and 90 per cent"
        f" of futures lie between {words.number(last['q5'])} and {words.number(last['q95'])}."
    )
    return Figure(
        f"figure-{item.group}",
        f"Values in {item.unit}",
        alt,
        _document(layers, 170),
        _table(past[-30:], ahead, "value"),
    )


def _table(past: list[dict[str, Any]], ahead: list[dict[str, Any]], kind: str) -> Table:
    columns = (Column("from"), *(Column(name, True) for name in (kind, "5 %", "25 %", "median", "75 %", "95 %")))
    rows: list[tuple[str, ...]] = [(row["at"], words.number(row["value"]), "", "", "", "", "") for row in past]
    quantiles = ("q5", "q25", "q50", "q75", "q95")
    rows += [(row["at"], "", *(words.number(row[name]) for name in quantiles)) for row in ahead]
    return Table("The figure's data: the record, then quantiles over futures", columns, tuple(rows))


def label(forecast: Forecast) -> str:
    """Name a forecast within its group."""
    labels = forecast.question.labels
    if "next" in labels:
        return f"{_shortened(str(labels['name']))}: {labels['next']}"
    if "name" in labels:
        return str(labels["name"])
    threshold = float(labels["threshold"])
    measure = forecast.question.rule.measure
    if measure in ("count", "sum", "max", "min", "last", "first"):
        return f"at least {words.number(threshold)}"
    return (
        f"{threshold:+.0%}".replace("%", " %")
        if measure != "volatility"
        else f"above {threshold:.0%}".replace("%", " %")
    )


def dots(item: Outlook, hue: str) -> Figure:
    """Draw probabilities with their intervals, the baseline as a hollow mark, by name and horizon."""
    several = len({forecast.question.closes for forecast in item.forecasts}) > 1
    rows: list[dict[str, Any]] = [
        {
            "name": _shortened(str(one.question.labels.get("name", item.title))),
            "closes": f"by {words.prose_date(one.question.closes - timedelta(days=1))}",
            "p": 100 * one.probability,
            "low": 100 * one.interval[0],
            "high": 100 * one.interval[1],
            "base": 100 * one.baseline,
            "order": (one.question.closes - one.question.opens).days,
        }
        for one in item.forecasts
    ]
    names = len({row["name"] for row in rows})
    dates = len({row["closes"] for row in rows})
    y = {
        "field": "name",
        "type": "nominal",
        "title": None,
        "sort": None,
        "axis": {"labelLimit": 280, "grid": False, "ticks": False},
    }
    offset: dict[str, Any] = {"yOffset": {"field": "order", "type": "nominal"}} if several else {}
    top = max(10.0, min(100.0, 10 * math.ceil(max(row["high"] for row in rows) / 10)))
    x: dict[str, Any] = {"type": "quantitative", "title": "probability, per cent", "scale": {"domain": [0, top]}}
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
    document = _document(layers, max(60, names * (14 * dates + 10)), WIDTH - 270)
    document["data"] = {"values": rows}
    best = max(rows, key=lambda row: row["p"])
    alt = (
        f"Dots with 90 per cent intervals for {names} questions; hollow diamonds are the base rate. "
        f"Highest: {best['name']}, {words.percent(best['p'] / 100)} {best['closes']}."
    )
    return Figure(f"figure-{item.group}", "Probabilities", alt, document, _dots_table(rows))


_LEGEND = {"orient": "top", "direction": "horizontal", "symbolType": "circle", "labelFontSize": 12, "labelColor": QUIET}


def _shortened(name: str, most: int = 42) -> str:
    """Cut a long name at its first bracket or comma, and then at a word."""
    if len(name) <= most:
        return name
    head = re.split(r" \(|, ", name)[0]
    return head if len(head) <= most else head[:most].rsplit(" ", 1)[0] + " …"


def _dots_table(rows: list[dict[str, Any]]) -> Table:
    columns = (
        Column("question"),
        Column("by"),
        *(Column(name, True) for name in ("probability", "90 % interval", "base rate")),
    )
    cells = tuple(
        (
            row["name"],
            row["closes"],
            words.short(row["p"] / 100),
            words.interval((row["low"] / 100, row["high"] / 100)),
            words.short(row["base"] / 100),
        )
        for row in rows
    )
    return Table("The figure's data", columns, cells)


def timeline(rows: list[dict[str, Any]], hues: Mapping[str, str], as_of: date) -> Figure:
    """Draw how many events became known each month, one strip a source.

    Parameters
    ----------
    rows : list of dict
        `month` (ISO date), `source`, `events`.
    hues : mapping of str to str
        Source -> colour.
    as_of : date
    """
    strip = {
        "mark": {"type": "bar", "binSpacing": 1},
        "width": WIDTH - 40,
        "height": 70,
        "encoding": {
            "x": {
                "field": "month",
                "timeUnit": "yearmonth",
                "type": "temporal",
                "title": None,
                "axis": {"grid": False, "format": "%b %Y", "tickCount": 6},
            },
            "y": {"field": "events", "type": "quantitative", "title": None, "axis": {"tickCount": 3, "tickMinStep": 1}},
            "color": {
                "field": "source",
                "type": "nominal",
                "legend": None,
                "scale": {"domain": list(hues), "range": list(hues.values())},
            },
        },
    }
    chart = {
        "$schema": SCHEMA,
        "config": CONFIG,
        "data": {"values": rows},
        "facet": {
            "row": {
                "field": "source",
                "type": "nominal",
                "title": None,
                "header": {
                    "labelAngle": 0,
                    "labelOrient": "top",
                    "labelAnchor": "start",
                    "labelColor": INK,
                    "labelFontSize": 12,
                },
            }
        },
        "spec": strip,
        "resolve": {"scale": {"y": "independent"}},
        "spacing": 14,
    }
    totals: dict[str, int] = {}
    for row in rows:
        totals[row["source"]] = totals.get(row["source"], 0) + row["events"]
    counts = words.listed(f"{count} of {source}" for source, count in totals.items())
    alt = f"Bars by month of the twelve months before {words.prose_date(as_of)}: {counts}."
    columns = (Column("month"), Column("source"), Column("events", True))
    cells = tuple((row["month"][:7], row["source"], str(row["events"])) for row in rows)
    return Figure(
        "figure-timeline", "Events of the last twelve months", alt, chart, Table("The figure's data", columns, cells)
    )


@cache
def _ready() -> Any:
    """Load the renderer once, with the font that ships with the program."""
    import vl_convert

    with as_file(files("forecast.report") / "templates" / "fonts") as folder:
        vl_convert.register_font_directory(str(folder))
    return vl_convert


def svg(chart: Mapping[str, Any]) -> str:
    """Render a Vega-Lite document to SVG; it may load nothing from anywhere."""
    return str(_ready().vegalite_to_svg(_visible(dict(chart)), allowed_base_urls=[]))


def _visible(value: Any) -> Any:
    """Replace invisible characters in every label: the renderer ends the whole process over some of them."""
    if isinstance(value, str):
        return words.visible(value)
    if isinstance(value, dict):
        return {key: _visible(item) for key, item in value.items()}
    return [_visible(item) for item in value] if isinstance(value, list) else value
