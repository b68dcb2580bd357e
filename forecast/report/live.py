"""Live charts: the chart of a figure with what a reader may do to it in a page, which print has no use for."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from forecast.report.marks import FONT
from forecast.report.tooltip import Row, tooltip

View = Mapping[str, Any]

# A line or an area is one mark of many values: what can be pointed at lies unseen over each of them.
OVER: dict[str, dict[str, Any]] = {
    "line": {"type": "point", "filled": True, "size": 70, "opacity": 0},
    "area": {"type": "rule", "strokeWidth": 6, "opacity": 0},
}
PARTS = ("layer", "hconcat", "vconcat", "concat")
LEFT_OUT = "left_out"


def live(chart: View) -> dict[str, Any]:
    """Let each mark tell its values, and a legend choose what is shown.

    Parameters
    ----------
    chart : mapping
        A Vega-Lite document that can be drawn.

    Returns
    -------
    dict
        Its legend, if a reader may choose from it, is under `usermeta`: names and their colours.
    """
    # A browser measures text only in a font whose name it can read: one with a digit stands in quotes.
    config = {**chart.get("config", {}), "font": f"'{FONT}'"}
    return _choosing(_telling({**chart, "config": config}, ()))


def _telling(view: View, rows: Sequence[Row]) -> dict[str, Any]:
    rows = view.get("data", {}).get("values", rows)
    parts: dict[str, Any] = {name: [_telling(part, rows) for part in view[name]] for name in PARTS if name in view}
    if "spec" in view:
        parts["spec"] = _telling(view["spec"], rows)
    encoding = view.get("encoding", {})
    if "mark" not in view or "tooltip" in encoding:
        return {**view, **parts}
    mark = view["mark"] if isinstance(view["mark"], dict) else {"type": view["mark"]}
    told = {"tooltip": tooltip(rows)}
    if mark["type"] in OVER:
        around = {key: value for key, value in view.items() if key != "mark"}
        unseen = {**OVER[mark["type"]], **({"color": mark["color"]} if "color" in mark else {})}
        return {**around, "layer": [{"mark": mark}, {"mark": unseen, "encoding": told}]}
    return {**view, "mark": mark, "encoding": {**encoding, **told}}


def _choosing(chart: View) -> dict[str, Any]:
    """Replace the legend by names and colours for the page, and leave out of the data what a reader leaves out."""
    found = next((one for view in _views(chart) for one in view.values() if _names_colours(one)), None)
    rows = chart.get("data", {}).get("values", ())
    names = _names(found, rows) if found else []
    if found is None or len(names) < 2:
        return dict(chart)
    colours = found["scale"]["range"]
    chosen = f"indexof({LEFT_OUT}, datum[{json.dumps(found['field'])}]) < 0"
    return {
        **_without_legend(chart, found["field"], names),
        "params": [*chart.get("params", ()), {"name": LEFT_OUT, "value": []}],
        "transform": [*chart.get("transform", ()), {"filter": chosen}],
        "usermeta": {"legend": [[name, colours[place % len(colours)]] for place, name in enumerate(names)]},
    }


def _views(chart: View) -> list[Mapping[str, Any]]:
    """List the encodings of a chart of one panel."""
    inner = [encoding for part in chart.get("layer", ()) for encoding in _views(part)]
    return [chart.get("encoding", {}), *inner]


def _names_colours(channel: Any) -> bool:
    if not isinstance(channel, dict) or channel.get("type") != "nominal":
        return False
    scale = channel.get("scale")
    return bool(scale and isinstance(scale.get("range"), list)) and channel.get("legend", {}) is not None


def _names(channel: View, rows: Sequence[Row]) -> list[str]:
    """List what a legend names, in its order; nothing where the rows are not the chart's own."""
    if not any(channel["field"] in row for row in rows):
        return []
    if "domain" in channel["scale"]:
        return list(channel["scale"]["domain"])
    order = channel["sort"]["field"] if isinstance(channel.get("sort"), dict) else None
    ordered = sorted(rows, key=lambda row: row[order]) if order else rows
    return list(dict.fromkeys(row[channel["field"]] for row in ordered))


def _without_legend(value: Any, field: str, names: Sequence[str]) -> Any:
    if isinstance(value, list):
        return [_without_legend(item, field, names) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("field") == field and _names_colours(value):
        return {**value, "legend": None, "scale": {**value["scale"], "domain": list(names)}}
    return {key: item if key == "data" else _without_legend(item, field, names) for key, item in value.items()}
