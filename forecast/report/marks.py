"""What all figures share: fonts, colours, axes, the as-of line, thresholds. Figures are Vega-Lite documents."""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from forecast.language import say
from forecast.report import words

FONT = "Source Sans 3"
# Okabe and Ito's palette, safe for colour-blind readers; one hue a domain, in the order of the report.
HUES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
INK, QUIET, FAINT, GREY = "#3b4252", "#6b7280", "#d9dde3", "#9aa3af"
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


def chart(layers: list[dict[str, Any]], height: int, width: int = WIDTH) -> dict[str, Any]:
    """Put layers into a Vega-Lite document of one panel."""
    return {
        "$schema": SCHEMA,
        "width": width,
        "height": height,
        "config": CONFIG,
        "layer": layers,
    }


def x_axis(field: str, title: str | None = None) -> dict[str, Any]:
    """Describe a time axis."""
    return {
        "field": field,
        "type": "temporal",
        "title": title,
        "axis": {"grid": False, "format": "%b %Y", "tickCount": 6},
    }


def y_axis(field: str, title: str | None, zero: bool = True) -> dict[str, Any]:
    """Describe a value axis, from zero or around the data."""
    axis = {"tickCount": 4, "tickMinStep": 1} if zero else {"tickCount": 4}
    return {"field": field, "type": "quantitative", "title": title, "axis": axis, "scale": {"zero": zero, "nice": True}}


def as_of_line(as_of: date) -> list[dict[str, Any]]:
    """Draw the line that parts what was known from what is forecast."""
    data = {"values": [{"at": as_of.isoformat(), "label": say("figures-as-of", day=words.prose_date(as_of))}]}
    return [
        {"data": data, "mark": {"type": "rule", "color": INK, "strokeWidth": 1}, "encoding": {"x": x_axis("at")}},
        {
            "data": data,
            "mark": {"type": "text", "align": "center", "baseline": "bottom", "dy": -4, "color": INK},
            "encoding": {"x": x_axis("at"), "y": {"value": 0}, "text": {"field": "label"}},
        },
    ]


def threshold_lines(levels: Sequence[tuple[float, str]], y: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Draw the levels that questions ask about, each with its name."""
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


def per_cent(top: float = 100.0) -> dict[str, Any]:
    """Describe an axis of probabilities, from nought."""
    return {"type": "quantitative", "title": say("figures-probability"), "scale": {"domain": [0, top]}}


def up_to(values: Iterable[float]) -> float:
    """Find the full ten per cent that an axis goes up to, at least ten and at most a hundred."""
    return max(10.0, min(100.0, 10.0 * math.ceil(max(values) / 10)))


def name_axis(longest: int, size: float = 12) -> dict[str, Any]:
    """Describe an axis of names, in the order of the data."""
    axis = {"labelLimit": longest, "labelFontSize": size, "grid": False, "ticks": False}
    return {"field": "name", "type": "nominal", "title": None, "sort": None, "axis": axis}


def line_colours(field: str, names: Sequence[str], colours: Sequence[str]) -> dict[str, Any]:
    """Give each line the colour of its name, with a legend where there are several."""
    legend = {"orient": "top", "symbolType": "stroke", "symbolOpacity": 1, "symbolStrokeWidth": 3, "labelColor": QUIET}
    return {
        "field": field,
        "type": "nominal",
        "title": None,
        "scale": {"domain": list(names), "range": list(colours[: len(names)])},
        "legend": legend if len(names) > 1 else None,
    }
