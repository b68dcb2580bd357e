"""The HTML face: one file that asks nothing of any network, and in which text from data is only ever text."""

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from forecast.report import figures, words
from forecast.report.sparkline import sparkline

OUTSIDE = re.compile(r"https?://[^\s\"'<>]+\Z")
INSIDE = re.compile(r"#[a-z0-9-]+\Z")
FONTS = {400: "SourceSans3-Regular.woff2", 600: "SourceSans3-SemiBold.woff2"}
EM = 14  # pixels of a drawing that are one em of the page
SCRIPTS = ("reach.js", "tables.js", "charts.js")


def render(document: Mapping[str, Any], drawings: Mapping[str, str]) -> str:
    """Render a report's JSON as one HTML page.

    Parameters
    ----------
    document : mapping
        As read from report.json.
    drawings : mapping of str to str
        Figure id -> SVG.
    """
    import jinja2
    from markupsafe import Markup

    style = _text("report.css") + _faces()
    script = "\n".join(map(_text, SCRIPTS))
    # All that runs is named by its digest; the renderer is packed, and runs when the first chart comes near.
    runs = [script, *([figures.engine()] if drawings else [])]
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.globals.update(outside=OUTSIDE.match, inside=INSIDE.match)
    return environment.from_string(_text("report.html.j2")).render(
        document=document,
        as_of=words.prose_date(date.fromisoformat(document["as_of"])),
        # Drawn by our own renderer, which escapes every label; all other text goes through autoescape.
        drawings={name: Markup(_inline(drawing)) for name, drawing in drawings.items()},  # noqa: S704
        spark=lambda values: Markup(_inline(sparkline(values))),  # noqa: S704
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        charts=Markup(_charts(document)),  # noqa: S704
        engine=_engine() if drawings else "",
        policy=f"default-src 'none'; style-src {_hash(style)}; script-src {' '.join(map(_hash, runs))}; font-src data:",
    )


def _text(name: str) -> str:
    return (files("forecast.report") / "templates" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _engine() -> str:
    """Pack the renderer to less than half of its size."""
    return base64.b64encode(gzip.compress(figures.engine().encode(), mtime=0)).decode()


def _charts(document: Mapping[str, Any]) -> str:
    """Write the charts as JSON that no text in it can leave."""
    found = [block for section in document["sections"] for block in section["blocks"] if block["type"] == "figure"]
    charts = {figure["id"]: figures.interactive(figure["chart"]) for figure in found}
    return json.dumps(charts, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _faces() -> str:
    folder = files("forecast.report") / "templates" / "fonts"
    rule = (
        "\n@font-face {{ font-family: 'Source Sans 3'; font-weight: {weight}; "
        "src: url(data:font/woff2;base64,{data}) format('woff2'); }}"
    )
    encoded = {weight: base64.b64encode((folder / name).read_bytes()).decode() for weight, name in FONTS.items()}
    return "".join(rule.format(weight=weight, data=data) for weight, data in encoded.items()) + "\n"


def _inline(drawing: str) -> str:
    """Let a drawing scale with the page and its letters, and leave its telling to the text beside it."""
    hidden = drawing.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
    return re.sub(
        r'width="([\d.]+)" height="[\d.]+"', lambda size: f'width="{float(size[1]) / EM:.1f}em"', hidden, count=1
    )
