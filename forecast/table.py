"""The table of questions of a report, in a terminal."""

from dataclasses import asdict
from typing import Any

from rich.box import SIMPLE
from rich.table import Table

from forecast.reports import Issue, Plan
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


def planned(name: str, plan: Plan, as_json: bool) -> None:
    """Print what a run would do.

    Parameters
    ----------
    name : str
        Of the brief.
    plan : Plan
    as_json : bool
    """
    if as_json:
        document({"schema_version": 1, "brief": name, **asdict(plan)})
        return
    print(f"{plain(name)} as of {plan.as_of}: {plan.events:,} events known, {plan.questions} questions")
    for model, kept in plan.models.items():
        print(f"{plain(model)}: {'posterior found, nothing to fit' if kept else 'to be fitted'}")
    print("up to date: nothing would be done" if plan.up_to_date else "the report would be made")


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
