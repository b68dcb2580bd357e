"""From a page to its HTML: one file that asks nothing of any network, and in which text from a book is only text."""

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from forecast.report import html as report
from forecast.report import words
from forecast.report.sparkline import sparkline
from forecast.site.addresses import EVERYWHERE
from forecast.site.contents import Contents
from forecast.site.page import Page

INSIDE = re.compile(r"[a-z0-9-]+\.html|#[a-z0-9-]+")
HIDDEN = '<svg aria-hidden="true" focusable="false" '  # a drawing is told by the words beside it
FACE = (
    "@font-face {{ font-family: 'Source Sans 3'; font-weight: {weight};"
    " src: url(data:font/woff2;base64,{data}) format('woff2'); }}\n"
)


def html(page: Page, found: Contents) -> bytes:
    """Make the HTML of a page, which says at its foot up to which row the book was read."""
    style, script = _style(), _script(page.scripts)
    text: str = _template().render(
        page=page,
        everywhere=EVERYWHERE,
        head=found.head,
        written=words.prose_date(found.written_at.date()),
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        policy=f"default-src 'none'; style-src {_named(style)}; script-src {_named(script)}; font-src data:",
    )
    return text.encode(errors="replace")


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined, finalize=_shown
    )
    environment.globals.update(
        linked=INSIDE.fullmatch,
        # Drawn by ourselves from numbers; all other text goes through autoescape.
        drawn=lambda svg: Markup(svg.replace("<svg ", HIDDEN, 1)),  # noqa: S704
        sparkline=sparkline,
        zip=zip,
    )
    return environment.from_string(_text("site", "page.html.j2"))


def _shown(value: Any) -> Any:
    """Show marks that cannot be seen, or turn text around; ours are not text from a book."""
    return words.visible(value) if type(value) is str else value


@cache
def _style() -> str:
    return _text("report", "report.css") + _text("site", "site.css") + _faces()


def _faces() -> str:
    folder = files("forecast.report") / "templates" / "fonts"
    encoded = {weight: base64.b64encode((folder / name).read_bytes()).decode() for weight, name in report.FONTS.items()}
    return "".join(FACE.format(weight=weight, data=data) for weight, data in encoded.items())


@cache
def _script(more: tuple[str, ...]) -> str:
    shared = (name for name in report.SCRIPTS if name != "charts.js")  # whose renderer is ten times a page's size
    return "\n".join([*(_text("report", name) for name in shared), *(_text("site", name) for name in more)])


def _text(room: str, name: str) -> str:
    return (files(f"forecast.{room}") / "templates" / name).read_text(encoding="utf-8")


@cache
def _named(text: str) -> str:
    """Name what may run, or style, by its digest."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
