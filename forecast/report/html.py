"""The HTML face: one file that asks nothing of any network, and in which text from data is only ever text."""

import base64
import hashlib
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from forecast.report import words

SAFE = re.compile(r"https?://[^\s\"'<>]+\Z")
FONTS = {400: "SourceSans3-Regular.woff2", 600: "SourceSans3-SemiBold.woff2"}


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

    folder = files("forecast.report") / "templates"
    style = (folder / "report.css").read_text(encoding="utf-8") + _faces()
    script = (folder / "report.js").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.globals.update(safe=_safe, prose_date=words.prose_date)
    template = environment.from_string((folder / "report.html.j2").read_text(encoding="utf-8"))
    return template.render(
        document=document,
        # Drawn by our own renderer, which escapes every label; all other text goes through autoescape.
        drawings={name: Markup(_inline(drawing)) for name, drawing in drawings.items()},  # noqa: S704
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        policy=f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; font-src data:",
    )


def _safe(href: str) -> bool:
    """Tell an address that may be linked to from one that is only shown."""
    return SAFE.match(href) is not None


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _faces() -> str:
    folder = files("forecast.report") / "templates" / "fonts"
    rule = (
        "\n@font-face {{ font-family: 'Source Sans 3'; font-weight: {weight}; "
        "src: url(data:font/woff2;base64,{data}) format('woff2'); }}"
    )
    encoded = {weight: base64.b64encode((folder / name).read_bytes()).decode() for weight, name in FONTS.items()}
    return "".join(rule.format(weight=weight, data=data) for weight, data in encoded.items()) + "\n"


def _inline(drawing: str) -> str:
    """Let a drawing scale with the page, and leave its telling to the text beside it."""
    size = re.search(r'width="([\d.]+)" height="([\d.]+)"', drawing)
    hidden = drawing.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
    return hidden if size is None else hidden.replace(size[0], "", 1)
