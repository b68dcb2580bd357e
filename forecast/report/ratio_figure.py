"""The figure of what came after: ratios with their intervals, by length of window, about the line at 1."""

from typing import Any

from forecast.aftermath import Findings, Span
from forecast.language import say
from forecast.report import words
from forecast.report.document import Column, Figure, Table
from forecast.report.marks import INK, WIDTH, chart

TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)


def ratios(found: Findings, hue: str) -> Figure:
    """Draw the windows that have an interval, on a logarithmic axis: half and twice lie equally far from 1.

    Parameters
    ----------
    found : Findings
        With at least one interval.
    hue : str
        Of its domain.
    """
    told = [(span, span.ratio, span.interval) for span in found.spans if span.ratio is not None and span.interval]
    rows: list[dict[str, Any]] = [
        {"name": window(span), "ratio": ratio, "low": low, "high": high} for span, ratio, (low, high) in told
    ]
    domain = [min(0.5, *(row["low"] / 1.1 for row in rows)), max(2.0, *(row["high"] * 1.1 for row in rows))]
    ticks = [tick for tick in TICKS if domain[0] <= tick <= domain[1]]
    x = {
        "type": "quantitative",
        "title": say("aftermath-axis"),
        "scale": {"type": "log", "domain": domain},
        "axis": {"values": ticks, "format": "~g"},
    }
    y = {"field": "name", "type": "nominal", "title": None, "sort": None, "axis": {"grid": False, "ticks": False}}
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": [{"one": 1}]},
            "mark": {"type": "rule", "strokeDash": [4, 3], "color": INK, "strokeWidth": 1},
            "encoding": {"x": {**x, "field": "one"}},
        },
        {
            "mark": {"type": "rule", "color": hue, "strokeWidth": 2},
            "encoding": {"y": y, "x": {**x, "field": "low"}, "x2": {"field": "high"}},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1, "color": hue},
            "encoding": {"y": y, "x": {**x, "field": "ratio"}},
        },
    ]
    document = chart(layers, 28 * len(rows) + 20, WIDTH - 90)
    document["data"] = {"values": rows}
    said = words.listed(f"{row['name']}, {words.number(row['ratio'])}" for row in rows)
    alt, caption = say("aftermath-alt", ratios=said), say("aftermath-caption")
    return Figure(f"figure-aftermath-{words.anchor(found.item.id)}", caption, alt, document, _data(rows))


def window(span: Span) -> str:
    """Name a length of window."""
    return say("aftermath-window", days=span.days)


def reach(span: Span) -> str:
    """Write the interval of a span for a table cell."""
    return _between(*span.interval) if span.interval else say("aftermath-too-few")


def _between(low: float, high: float) -> str:
    return say("aftermath-from-to", low=words.number(low), high=words.number(high))


def _data(rows: list[dict[str, Any]]) -> Table:
    headings = (say("aftermath-ratio"), say("column-interval"))
    columns = (Column(say("aftermath-days-after")), *(Column(heading, True) for heading in headings))
    cells = tuple((row["name"], words.number(row["ratio"]), _between(row["low"], row["high"])) for row in rows)
    return Table(say("figures-data"), columns, cells)
