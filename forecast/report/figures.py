"""Figures: which one a group of questions gets, and their rendering to SVG, the only place where anything is drawn."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import as_file, files
from typing import Any

from forecast.outlook import Outlook
from forecast.report import series_figure, words
from forecast.report.document import Figure
from forecast.report.dots_figure import dots
from forecast.report.live import live


def of_outlook(item: Outlook, as_of: date, hue: str) -> Figure:
    """Draw a group: its series with the bands ahead, or its probabilities if it has no series."""
    if not item.past or not item.ahead:
        return dots(item, hue)
    return series_figure.daily(item, as_of, hue) if item.every == 1 else series_figure.windowed(item, as_of, hue)


@cache
def _ready() -> Any:
    """Load the renderer once, with the font that ships with the program."""
    import vl_convert

    with as_file(files("forecast.report") / "templates" / "fonts") as folder:
        vl_convert.register_font_directory(str(folder))
    return vl_convert


def svg(chart: Mapping[str, Any]) -> str:
    """Render a Vega-Lite document to SVG; it may load nothing from anywhere."""
    return str(_ready().vegalite_to_svg(drawable(chart), allowed_base_urls=[]))


@cache
def engine() -> str:
    """Give the script with which a browser draws the same charts: the renderer's own, in one piece."""
    return str(_ready().javascript_bundle("window.vegaEmbed = vegaEmbed;"))


def interactive(chart: Mapping[str, Any]) -> dict[str, Any]:
    """Make the document that a browser draws, and in which a reader may point and choose."""
    found: dict[str, Any] = _ready().vegalite_to_vega(live(drawable(chart)))
    return found


def drawable(chart: Mapping[str, Any]) -> dict[str, Any]:
    """Make a chart that looks the same wherever it is drawn, and that the renderer survives."""
    return {key: _alike(value) for key, value in chart.items()}


def _alike(value: Any) -> Any:
    """Let days be days in any time zone; replace invisible characters: over some of them the renderer ends it all."""
    if isinstance(value, str):
        return words.visible(value)
    if isinstance(value, dict):
        found = {key: _alike(item) for key, item in value.items()}
        return {**found, **_universal(found)} if found.get("type") == "temporal" else found
    return [_alike(item) for item in value] if isinstance(value, list) else value


def _universal(encoding: Mapping[str, Any]) -> dict[str, Any]:
    unit = encoding.get("timeUnit")
    return {"scale": {**encoding.get("scale", {}), "type": "utc"}, **({"timeUnit": f"utc{unit}"} if unit else {})}
