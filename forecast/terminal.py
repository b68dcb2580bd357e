"""What goes to a terminal: text from data as text, tables of figures, and one JSON document."""

import json
import re
import sys
from collections.abc import Mapping
from datetime import date
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table

WIDE = 110
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """Show control characters as escapes, and keep markup from being obeyed."""
    return escape(CONTROLS.sub(lambda found: ascii(found[0])[1:-1], text))


def console(wide: int = WIDE) -> Console:
    """Give the terminal, or so many columns where stdout is none."""
    return Console(width=None if sys.stdout.isatty() else wide, highlight=False)


def ruled(title: str, *columns: str, least: int = 0) -> Table:
    """Make a table whose first column is text, so wide at least, and whose others are figures."""
    table = Table(
        title=plain(title),
        title_justify="left",
        title_style="bold",
        box=SIMPLE,
        pad_edge=False,
        min_width=min(len(title), WIDE),  # or the title is broken to the width of a narrow table
    )
    for number, column in enumerate(columns):
        layout: dict[str, Any] = {"justify": "right", "no_wrap": True} if number else {"min_width": least}
        table.add_column(column, overflow="fold", **layout)
    return table


def document(value: Any) -> None:
    """Print one JSON document, in which a number that is not finite is null."""
    json.dump(_plain_data(value), sys.stdout, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)
    print()


def _plain_data(value: Any) -> Any:
    """Turn dates into text, and numbers that are not finite into null."""
    if isinstance(value, Mapping):
        return {str(key): _plain_data(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain_data(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    return None if isinstance(value, float) and not abs(value) < float("inf") else value
