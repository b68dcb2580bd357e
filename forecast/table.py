"""The table of questions in a terminal: text from data is text, never markup or a control sequence."""

import json
import re
import sys
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from forecast.desk import Issue

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
    console = Console(soft_wrap=False)
    for domain in dict.fromkeys(item["domain"] for item in issue.document["forecasts"]):
        console.print(_table(domain, [item for item in issue.document["forecasts"] if item["domain"] == domain]))
    for name in ("report.html", "report.pdf", "report.json"):
        print(issue.folder / name)


def _table(domain: str, items: list[dict[str, Any]]) -> Table:
    table = Table(title=plain(domain), title_justify="left", title_style="bold", expand=False)
    table.add_column("question", overflow="fold")
    for heading in ("probability", "90 % interval", "baseline"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("closes", no_wrap=True)
    for item in items:
        table.add_row(
            plain(item["text"]),
            percent(item["probability"]),
            " – ".join(percent(bound) for bound in item["interval"]),
            percent(item["baseline"]),
            plain(item["closes"]),
        )
    return table


def percent(probability: float) -> str:
    """Write a probability as reports do."""
    from forecast.report.words import percent as written

    return str(written(probability))
