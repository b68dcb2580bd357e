"""The table of questions in a terminal: text from data is text, never markup or a control sequence."""

import json
import re
import sys
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from forecast.desk import Issue

WIDE = 110
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """Show control characters as escapes, and keep markup from being obeyed."""
    return escape(CONTROLS.sub(lambda found: ascii(found[0])[1:-1], text))


def show(issue: Issue, as_json: bool) -> None:
    """Print the questions of a report, and where its files are.

    Parameters
    ----------
    issue : Issue
    as_json : bool
        Print the document instead.
    """
    if as_json:
        json.dump(issue.document, sys.stdout, ensure_ascii=False, indent=1, sort_keys=True)
        print()
        return
    items = issue.document["forecasts"]
    console = Console(width=None if sys.stdout.isatty() else WIDE)
    for heading in dict.fromkeys(item["heading"] for item in items):
        console.print(_table(heading, [item for item in items if item["heading"] == heading]))
    for name in ("report.html", "report.pdf", "report.json"):
        print(issue.folder / name)


def _table(heading: str, items: list[dict[str, Any]]) -> Table:
    from forecast.report import words

    table = Table(title=plain(heading), title_justify="left", title_style="bold", box=SIMPLE, pad_edge=False)
    table.add_column("question", overflow="fold")
    table.add_column("closes", no_wrap=True)
    for name in ("probability", "90 % interval", "baseline"):
        table.add_column(name, justify="right", no_wrap=True)
    for item in items:
        table.add_row(
            plain(item["label"]),
            plain(item["closes"]),
            words.short(item["probability"]),
            words.interval((item["interval"][0], item["interval"][1])),
            words.short(item["baseline"]),
        )
    return table
