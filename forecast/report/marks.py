"""What all figures share: fonts, colours, axes, the as-of line, thresholds. Figures are Vega-Lite documents."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from forecast.report import words

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
    data = {"values": [{"at": as_of.isoformat(), "label": f"as of {words.prose_date(as_of)}"}]}
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
