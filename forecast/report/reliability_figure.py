"""How often it happened where something was said: a reliability diagram with its consistency band."""

from typing import Any

import numpy as np

from forecast.calibration import Diagram
from forecast.language import say
from forecast.report import words
from forecast.report.document import Column, Figure, Table
from forecast.report.marks import FAINT, HUES, INK, QUIET, chart

SIDE = 300
MOST = 200  # points that are drawn
BINS = 20
PER_CENT = {"domain": [0, 100]}


def reliability(found: Diagram, name: str, title: str, hue: str = HUES[0]) -> Figure:
    """Draw a reliability diagram: the curve, the band in which it would lie if all were calibrated, and what was said.

    Parameters
    ----------
    found : Diagram
    name : str
        Of the figure.
    title : str
    hue : str
    """
    chosen = np.unique(np.linspace(0, len(found.low) - 1, MOST).round().astype(int))
    said, happened = 100 * found.curve.said, 100 * found.curve.happened
    rows = [
        {"said": round(said[at], 2), "happened": round(happened[at], 2)}
        | {"low": round(100 * found.low[at], 2), "high": round(100 * found.high[at], 2)}
        for at in chosen.tolist()
    ]
    x: dict[str, Any] = {"type": "quantitative", "title": say("reliability-said"), "scale": PER_CENT}
    y: dict[str, Any] = {"type": "quantitative", "title": say("reliability-happened"), "scale": PER_CENT}
    ends = {"values": [{"said": 0, "happened": 0}, {"said": 100, "happened": 100}]}
    along = {"x": {**x, "field": "said"}, "y": {**y, "field": "happened"}}
    band = {"x": {**x, "field": "said"}, "y": {**y, "field": "low"}, "y2": {"field": "high"}}
    heights = {"values": _heights(found)}
    bars = {
        "x": {**x, "field": "from"},
        "x2": {"field": "to"},
        "y": {**y, "field": "height"},
        "y2": {"value": SIDE},
    }
    layers: list[dict[str, Any]] = [
        {"data": heights, "mark": {"type": "bar", "color": FAINT, "opacity": 0.8}, "encoding": bars},
        {"mark": {"type": "area", "color": QUIET, "opacity": 0.18}, "encoding": band},
        {
            "data": ends,
            "mark": {"type": "line", "color": INK, "strokeWidth": 1, "strokeDash": [4, 3]},
            "encoding": along,
        },
        {"mark": {"type": "line", "color": hue, "strokeWidth": 2}, "encoding": along},
    ]
    document = chart(layers, SIDE, SIDE)
    document["data"] = {"values": rows}
    outside = float(
        np.average((found.curve.happened < found.low) | (found.curve.happened > found.high), weights=found.curve.count)
    )
    alt = say("reliability-alt", count=found.n, outside=words.percent(outside))
    return Figure(name, title, alt, document, _table(found))


def _heights(found: Diagram) -> list[dict[str, float]]:
    """Say how often what was said, a quarter of the figure high at most."""
    count, edges = np.histogram(found.curve.said, np.linspace(0, 1, BINS + 1), weights=found.curve.count)
    return [
        {"from": round(100 * low, 1), "to": round(100 * high, 1), "height": round(25 * number / count.max(), 2)}
        for low, high, number in zip(edges[:-1].tolist(), edges[1:].tolist(), count.tolist(), strict=True)
    ]


def _table(found: Diagram) -> Table:
    columns = (
        Column(say("column-said")),
        Column(say("reliability-forecasts"), True),
        Column(say("reliability-mean-said"), True),
        Column(say("record-happened"), True),
    )
    curve, cells = found.curve, []
    for low in np.arange(10) / 10:
        some = (curve.said >= low) & ((curve.said < low + 0.1) | (low == 0.9))
        number = int(curve.count[some].sum())
        if number:
            said, happened = (
                float(np.average(part[some], weights=curve.count[some])) for part in (curve.said, curve.happened)
            )
            tenth = say("reliability-tenth", low=f"{100 * low:.0f}", high=f"{100 * low + 10:.0f}")
            cells.append((tenth, f"{number:,}", words.short(said), words.short(happened)))
    return Table(say("reliability-data"), columns, tuple(cells))
