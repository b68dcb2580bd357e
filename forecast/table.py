"""The table of questions of a report, in a terminal."""

from typing import Any

from rich.box import SIMPLE
from rich.table import Table

from forecast.reports import Issue
from forecast.terminal import console, document, plain


def show(issue: Issue, as_json: bool) -> None:
    """Print the questions of a report, and where its files are.

    Parameters
    ----------
    issue : Issue
    as_json : bool
        Print the document instead.
    """
    if as_json:
        document(issue.document)
        return
    items = issue.document["forecasts"]
    for heading in dict.fromkeys(item["heading"] for item in items):
        console().print(_table(heading, [item for item in items if item["heading"] == heading]))
    for name in ("report.html", "report.pdf", "report.json", "manifest.json"):
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
