"""A report of one table with all kinds of cells, and one figure of each kind; its text would run if it could."""

from datetime import date
from typing import Any

from forecast.report.marks import CONFIG, HUES, INK, QUIET, SCHEMA, as_of_line, chart, x_axis, y_axis

HOSTILE = '</script><img src="x" onerror="alert(1)"> \' + alert(1) + \' "]); alert(1); ([" #{datum.x}'
MONTHS = ("2019-01-01", "2019-02-01", "2019-03-01", "2019-04-01")


def bars() -> dict[str, Any]:
    """Bars by month, an area and a line, with an as-of line."""
    rows = [
        {"at": at, "end": end, "value": value, "q5": value / 2, "q95": 2 * value, "name": HOSTILE}
        for at, end, value in zip(MONTHS, MONTHS[1:], (3, 12345, 7.25), strict=False)
    ]
    encoding = {"x": x_axis("at"), "y": y_axis("value", HOSTILE)}
    band = {"x": x_axis("at"), "y": y_axis("q5", HOSTILE), "y2": {"field": "q95"}}
    made = chart(
        [
            {"mark": {"type": "bar", "color": HUES[0]}, "encoding": {**encoding, "x2": {"field": "end"}}},
            {"mark": {"type": "area", "opacity": 0.2}, "encoding": band},
            {"mark": {"type": "line", "color": HUES[1]}, "encoding": encoding},
            *as_of_line(date(2019, 3, 15)),
        ],
        120,
    )
    return {**made, "data": {"values": rows}}


def dots() -> dict[str, Any]:
    """Dots of three names with a legend, of one of two horizons at a time."""
    rows = [
        {"name": name, "closes": closes, "horizon": horizon, "p": 10 * place + shift}
        for shift, horizon in ((1.5, "30 days"), (4, "90 days"))
        for place, name in enumerate(("one", "two", HOSTILE), 1)
        for closes in ("by May", "by June")
    ]
    encoding = {
        "x": {"field": "p", "type": "quantitative", "title": None, "scale": {"domain": [0, 40]}},
        "y": {"field": "closes", "type": "nominal", "title": None},
        "color": {
            "field": "name",
            "type": "nominal",
            "title": None,
            "scale": {"range": [HUES[0], INK, QUIET]},
            "legend": {"orient": "top"},
        },
    }
    made = chart([{"mark": {"type": "point", "filled": True, "opacity": 1}, "encoding": encoding}], 80, 300)
    bind = {"input": "select", "options": ["30 days", "90 days"], "name": "horizon "}
    made["params"] = [{"name": "horizon", "value": "30 days", "bind": bind}]
    made["transform"] = [{"filter": "datum.horizon == horizon"}]
    return {**made, "data": {"values": rows}}


def panels() -> dict[str, Any]:
    """Two charts beside each other, wider than a telephone."""
    rows = [{"row": row, "text": f"{p} %", "p": p} for row, p in (("signed", 3), (HOSTILE, 40))]
    panel = {
        "width": 300,
        "data": {"values": rows},
        "mark": "bar",
        "encoding": {"x": {"field": "p", "type": "quantitative"}, "y": {"field": "row", "type": "nominal"}},
    }
    return {"$schema": SCHEMA, "config": CONFIG, "hconcat": [panel, panel]}


def figure(name: str, document: dict[str, Any]) -> dict[str, Any]:
    table = {"caption": "data", "columns": [{"heading": "x", "numeric": False}], "rows": [["1"]], "groups": []}
    table |= {"widths": [], "searchable": False, "type": "table"}
    return {"type": "figure", "id": name, "title": name, "alt": f"What {name} shows.", "chart": document, "data": table}


def report() -> dict[str, Any]:
    """A report of one table with all kinds of cells, and a figure of each kind."""
    rows = [
        [{"text": "Ships attacked", "href": "#figures"}, "12 %", {"text": "5 % to 12 %", "spark": [0.05, 0.3, 0.12]}],
        [
            {"text": "Oil attacked", "href": "https://example.org/a"},
            "<1 %",
            {"text": "2 % to 90 %", "spark": [0.02, 0.9]},
        ],
        [{"text": HOSTILE, "href": "javascript:alert(1)"}, "7 %", {"text": "flat", "spark": [0.01, 0.01]}],
    ]
    columns = [{"heading": name, "numeric": name == "p"} for name in ("question", "p", "path")]
    table = {"type": "table", "caption": "All", "columns": columns, "rows": rows, "searchable": True}
    table |= {"groups": [["Attacks", 2], [HOSTILE, 1]], "widths": [2, 1, 1]}
    made = [figure("bars", bars()), figure("dots", dots()), figure("panels", panels())]
    sections = [
        {"id": "questions", "title": "All questions", "level": 1, "blocks": [table]},
        {"id": "figures", "title": "Figures", "level": 1, "blocks": made},
    ]
    about = {"title": "A report", "subtitle": HOSTILE, "language": "en", "as_of": "2019-05-17", "status": ["Live"]}
    return {**about, "sections": sections}
