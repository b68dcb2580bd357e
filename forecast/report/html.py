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

from forecast.language import say, speaking, spoken
from forecast.report import figures, words
from forecast.report.sparkline import sparkline

OUTSIDE = re.compile(r"https?://[^\s\"'<>]+")
INSIDE = re.compile(r"#[a-z0-9-]+")
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
    with speaking(document["language"]):
        return _page(document, drawings)


def _page(document: Mapping[str, Any], drawings: Mapping[str, str]) -> str:
    from markupsafe import Markup

    template = environment(INSIDE, OUTSIDE).get_template("report.html.j2")
    style = text("report.css") + fonts()
    script = "\n".join(map(text, SCRIPTS))
    # All that runs is named by its digest; the renderer is packed, and runs when the first chart comes near.
    runs = [script, *([figures.engine()] if drawings else [])]
    page: str = template.render(
        document=document,
        as_of=words.prose_date(date.fromisoformat(document["as_of"])),
        # Drawn by our own renderer, which escapes every label; all other text goes through autoescape.
        drawings={name: Markup(_inline(drawing)) for name, drawing in drawings.items()},  # noqa: S704
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        charts=Markup(_charts(document)),  # noqa: S704
        engine=_engine() if drawings else "",
        policy=policy(style, *runs),
    )
    return page


def environment(inside: re.Pattern[str], outside: re.Pattern[str] | None = None, **more: Any) -> Any:
    """Give what fills templates: all text goes through autoescape, and only addresses of these forms become links."""
    import jinja2
    from markupsafe import Markup

    found = jinja2.Environment(
        loader=jinja2.FunctionLoader(text),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        **more,
    )
    found.globals.update(
        say=say,
        language=spoken,
        inside=inside.fullmatch,
        outside=outside.fullmatch if outside else lambda _: None,
        # Drawn by ourselves from numbers.
        spark=lambda values: Markup(_inline(sparkline(values))),  # noqa: S704
    )
    return found


def text(name: str) -> str:
    """Read a file of what every page carries: a template, a style, a script."""
    return (files("forecast.report") / "templates" / name).read_text(encoding="utf-8")


def policy(style: str, *scripts: str) -> str:
    """Write a content policy under which nothing is loaded, and nothing runs or styles but this, named by digest."""
    return f"default-src 'none'; style-src {_named(style)}; script-src {' '.join(map(_named, scripts))}; font-src data:"


def _named(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


@cache
def _engine() -> str:
    """Pack the renderer to less than half of its size."""
    return base64.b64encode(gzip.compress(figures.engine().encode(), mtime=0)).decode()


def _charts(document: Mapping[str, Any]) -> str:
    """Write the charts as JSON that no text in it can leave."""
    found = [block for section in document["sections"] for block in section["blocks"] if block["type"] == "figure"]
    charts = {figure["id"]: figures.interactive(figure["chart"]) for figure in found}
    return json.dumps(charts, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


@cache
def fonts() -> str:
    """Write the shipped font as a style that needs no network."""
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
