"""From a page to its HTML: one file that asks nothing of any network, and in which text from a book is only text."""

import re
from functools import cache
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from forecast.report import html as report
from forecast.report import words
from forecast.site.addresses import everywhere
from forecast.site.contents import Contents
from forecast.site.page import Page

INSIDE = re.compile(r"[a-z0-9-]+\.html|#[a-z0-9-]+")
HIDDEN = '<svg aria-hidden="true" focusable="false" '  # a drawing is told by the words beside it


def html(page: Page, found: Contents) -> bytes:
    """Make the HTML of a page, which says at its foot up to which row the book was read."""
    style, script = _style(), _script(page.scripts)
    text: str = _template().render(
        page=page,
        everywhere=everywhere(),
        head=found.head,
        day=words.prose_date(found.written_at.date()),
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        policy=report.policy(style, script),
    )
    return text.encode(errors="replace")


@cache
def _template() -> Any:
    environment = report.environment(INSIDE, finalize=_shown)
    # Drawn by ourselves from numbers; all other text goes through autoescape.
    environment.globals["drawn"] = lambda svg: Markup(svg.replace("<svg ", HIDDEN, 1))  # noqa: S704
    return environment.from_string(_text("page.html.j2"))


def _shown(value: Any) -> Any:
    """Show marks that cannot be seen, or turn text around; ours are not text from a book."""
    return words.visible(value) if type(value) is str else value


@cache
def _style() -> str:
    return report.text("report.css") + _text("site.css") + report.fonts()


@cache
def _script(more: tuple[str, ...]) -> str:
    shared = (name for name in report.SCRIPTS if name != "charts.js")  # whose renderer is ten times a page's size
    return "\n".join([*map(report.text, shared), *map(_text, more)])


def _text(name: str) -> str:
    return (files("forecast.site") / "templates" / name).read_text(encoding="utf-8")
