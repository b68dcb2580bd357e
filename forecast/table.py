"""The table of questions of a report, in a terminal; what a run would do, and what a replay did."""

import sys
from dataclasses import asdict
from functools import partial
from typing import Any

from rich.box import SIMPLE
from rich.table import Table

from forecast.output import Output
from forecast.replay import Replay
from forecast.reports import Issue, Plan
from forecast.terminal import console, plain


def shown(issue: Issue) -> Output:
    """Say what the questions of a report came to, and where its files are."""
    return Output(partial(_show, issue), lambda: issue.document, lambda: issue.document["forecasts"])


def _show(issue: Issue) -> None:
    items = issue.document["forecasts"]
    for heading in dict.fromkeys(item["heading"] for item in items):
        console().print(_table(heading, [item for item in items if item["heading"] == heading]))
    for name in ("report.html", "report.pdf", "report.json", "manifest.json"):
        print(issue.folder / name)


def planned(name: str, plan: Plan) -> Output:
    """Say what a run of a brief would do."""
    return Output(partial(_plan, name, plan), lambda: {"brief": name, **asdict(plan)})


def _plan(name: str, plan: Plan) -> None:
    print(f"{plain(name)} as of {plan.as_of}: {plan.events:,} events known, {plan.questions} questions")
    for model, kept in plan.models.items():
        print(f"{plain(model)}: {'posterior found, nothing to fit' if kept else _fit(plan.seconds[model])}")
    print("up to date: nothing would be done" if plan.up_to_date else f"the report would be made{_left(plan)}")


def _fit(seconds: float | None) -> str:
    return "to be fitted" + ("; it never was here" if seconds is None else f", which took {seconds:.0f} s last time")


def _left(plan: Plan) -> str:
    """Say how long the fits will take, if all of them were made here before."""
    known = [seconds for seconds in plan.seconds.values() if seconds is not None]
    if not known or len(known) < len(plan.seconds):
        return ""
    return f"; fits take about {max(1, round(sum(known) / 60))} min, if as long as last time"


def replayed(found: Replay) -> Output:
    """Say which files came out the same; if something is wrong, the exit code is 1."""
    return Output(partial(_replayed, found), lambda: asdict(found), code=1 if found.wrong else 0)


def _replayed(found: Replay) -> None:
    for line in (*found.notes, *found.wrong):
        print(line, file=sys.stderr)
    for name in found.same:
        print(f"{name}: same bytes")


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
