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
    return str(_ready().vegalite_to_svg(_visible(dict(chart)), allowed_base_urls=[]))


def _visible(value: Any) -> Any:
    """Replace invisible characters in every label: the renderer ends the whole process over some of them."""
    if isinstance(value, str):
        return words.visible(value)
    if isinstance(value, dict):
        return {key: _visible(item) for key, item in value.items()}
    return [_visible(item) for item in value] if isinstance(value, list) else value
