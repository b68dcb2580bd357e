"""The figure of a model's parameters: each posterior beside its prior, on a scale on which all priors are alike."""

import json
import math
from typing import Any

from forecast.language import say
from forecast.outlook import Fit, Parameter
from forecast.report import words
from forecast.report.document import Column, Figure, Table
from forecast.report.marks import FAINT, HUES, INK, WIDTH, chart, name_axis

LABEL = 320
MOST = 3.0  # prior half-widths, beyond which nothing is drawn


def parameters(fit: Fit) -> Figure | None:
    """Draw where in its prior each posterior lies: -1 and 1 are the ends of the prior's 90 %.

    Returns
    -------
    Figure or None
        None of a model without parameters.
    """
    if not fit.parameters:
        return None
    names = words.called((row.name for row in fit.parameters), 48)
    rows = [{"name": names[row.name], **_placed(row)} for row in fit.parameters]
    y = name_axis(LABEL)
    low, middle, high = (json.dumps(say(f"parameters-{place}")) for place in ("low", "middle", "high"))
    axis = {"values": [-1, 0, 1], "labelExpr": f"datum.value == 0 ? {middle} : datum.value < 0 ? {low} : {high}"}
    x: dict[str, Any] = {
        "type": "quantitative",
        "title": say("parameters-axis"),
        "scale": {"domain": [-MOST, MOST]},
        "axis": axis,
    }
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "rule", "color": FAINT, "strokeWidth": 9},
            "encoding": {"y": y, "x": {**x, "datum": -1}, "x2": {"datum": 1}},
        },
        {
            "mark": {"type": "rule", "color": HUES[0], "strokeWidth": 2},
            "encoding": {"y": y, "x": {**x, "field": "low"}, "x2": {"field": "high"}},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 45, "opacity": 1, "color": INK},
            "encoding": {"y": y, "x": {**x, "field": "middle"}},
        },
    ]
    document = chart(layers, max(60, 18 * len(rows)), WIDTH - LABEL)
    document["data"] = {"values": rows}
    narrowest = min(fit.parameters, key=lambda row: _width(row))
    alt = say("parameters-alt", parameters=len(rows), name=narrowest.name)
    name = f"figure-parameters-{words.anchor(fit.spec.name)}"
    return Figure(name, say("parameters-title"), alt, document, _table(fit))


def meant(row: Parameter) -> str:
    """Say what a parameter means, and in which unit it is."""
    return say("fit-parameter", meaning=row.meaning, unit=say(f"unit-{words.anchor(row.unit)}"))


def _scale(row: Parameter) -> Any:
    """Take logarithms where a prior is of a positive number; its middle is where both ends are as far."""
    return math.log if row.prior[0] > 0 and row.unit != "probability" else float


def _placed(row: Parameter) -> dict[str, float]:
    scale = _scale(row)
    low, high = (scale(end) for end in row.prior)

    def place(value: float) -> float:
        at = (2 * scale(value) - low - high) / (high - low) if value > 0 or scale is float else -MOST
        return round(min(max(at, -MOST), MOST), 3)

    return dict(zip(("low", "middle", "high"), map(place, row.posterior), strict=True))


def _width(row: Parameter) -> float:
    placed = _placed(row)
    return placed["high"] - placed["low"]


def _table(fit: Fit) -> Table:
    columns = (
        Column(say("column-parameter")),
        Column(say("column-prior"), True),
        Column(say("column-posterior"), True),
    )
    rows = tuple(
        (row.name, words.span(row.prior, row.unit), words.middle(row.posterior, row.unit)) for row in fit.parameters
    )
    return Table(say("figures-data"), columns, rows)
