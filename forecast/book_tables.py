"""What is in the book, in a terminal: rows that were written, the track record, and whether the book is whole."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from rich.table import Table

from forecast import record as track
from forecast.bookkeeping import Walked, Written
from forecast.checklist import Check
from forecast.ledger import Fault, Head, Row
from forecast.output import Output
from forecast.record import Line
from forecast.register import Register, Scored
from forecast.report import words
from forecast.skill import Skill
from forecast.terminal import console, plain, ruled

FEW = 4  # days of issue, from which no interval is drawn
SHORT = 12  # letters of an id that are shown


def written(found: Written) -> Output:
    """Say which rows stand in the book now: the id of each, and what it says in brief."""
    rows = [{"id": row.id, "sequence": row.sequence, "written_at": row.written_at, **row.says} for row in found.rows]
    return Output(partial(_written, found), lambda: {"new": found.new, "rows": rows}, lambda: rows)


def _written(found: Written) -> None:
    for row in found.rows:
        print(row.id[:SHORT], plain(_brief(row)))
    print(f"{found.new} new, {len(found.rows) - found.new} were there already", file=sys.stderr)


def _brief(row: Row) -> str:
    says = row.says
    if row.kind == "forecast":
        return f"{words.short(says['probability'])} as of {says['as_of']}, question {says['question'][:SHORT]}"
    if row.kind == "void":
        return f"void: {says['because']}, question {says['question'][:SHORT]}"
    outcome = "void" if says["outcome"] is None else "yes" if says["outcome"] else "no"
    return f"{outcome}: {says['reason']}, question {says['question'][:SHORT]}"


def record(rows: Sequence[Row], code: int = 0) -> Output:
    """Say what the forecasts of a book were worth: live ones and backtests apart, with what is still open."""
    book = Register(rows)
    scored, waiting = book.scored(), book.open()
    lines = track.lines(scored)
    return Output(
        partial(_record, lines, scored, waiting),
        lambda: {"record": [asdict(line) for line in lines], "open": dict(waiting)},
        lambda: [{**asdict(line), "skill": line.skill.value, "skill_interval": line.skill.interval} for line in lines],
        code,
    )


def _record(lines: Sequence[Line], scored: Sequence[Scored], waiting: Mapping[str, int]) -> None:
    for live, title in ((True, "Live: written while the window had hardly begun"), (False, "Backtests: written later")):
        some = [line for line in lines if line.live == live]
        if some:
            console().print(_table(title, some))
        else:
            print(f"{title}: none has come out yet.")
    void = sum(one.end.outcome is None for one in scored)
    share = words.short(void / max(len(scored), 1))
    print(f"Void: {void:,} of {len(scored):,} forecasts whose questions have come out ({share}).")
    print(f"Open: {', '.join(f'{number} of {domain}' for domain, number in sorted(waiting.items())) or 'none'}.")
    print("Brier scores: 0 is best, 1 is worst. Skill is over the base rate, with its 90 % interval; below 0 is worse.")


def _table(title: str, lines: Sequence[Line]) -> Table:
    names = ("n", "void", "said", "happened", "Brier", "models alone", "base rate", "skill")
    table = ruled(title, "models", *names)
    for line in lines:
        shares = (words.short(line.said), words.short(line.happened))
        brier = tuple(f"{value:.3f}" for value in (line.brier, line.raw, line.baseline))
        table.add_row(plain(line.family), f"{line.n:,}", f"{line.void:,}", *shares, *brier, _skill(line.skill))
    return table


def _skill(found: Skill) -> str:
    """Write a skill with its interval, unless there are too few days of issue to draw from."""
    if found.origins < FEW:
        return f"{words.points(found.value)} %"
    low, high = (words.points(end) for end in found.interval)
    return f"{words.points(found.value)} % [{low}, {high}]"


def verified(fault: Fault | None, head: Head) -> Output:
    """Say whether the book is whole, and where it first is not; then the exit code is 1."""
    said = {"whole": fault is None, **asdict(head), "fault": asdict(fault) if fault else None}
    return Output(partial(_verified, fault, head), lambda: said, code=0 if fault is None else 1)


def _verified(fault: Fault | None, head: Head) -> None:
    if fault is None:
        print(f"whole: {head.sequence:,} rows, each sealed with the one before; head {head.sequence}:{head.seal}")
    else:
        where = f"row {fault.sequence:,}" if fault.sequence else "the file"
        print(f"not whole, first at {where}: {plain(fault.why)}")


def validated(found: Sequence[tuple[Path, Sequence[Check]]]) -> Output:
    """Say what the checks of model output files found; if one of them stops a file, the exit code is 1."""
    told = [{"file": str(path), **_check(check)} for path, checks in found for check in checks]
    rows = [{**check, "problem": problem} for check in told for problem in check["problems"] or [None]]
    stopped = any(check.stops for _, checks in found for check in checks)
    return Output(partial(_validated, found), lambda: {"checks": told}, lambda: rows, 1 if stopped else 0)


def _check(one: Check) -> dict[str, Any]:
    return {"name": one.rule.name, "level": one.rule.level if one.problems else "ok", "problems": one.problems}


def _validated(found: Sequence[tuple[Path, Sequence[Check]]]) -> None:
    for path, checks in found:
        print(path, *(plain(str(check)) for check in checks), sep="\n")


def refused(found: Walked) -> None:
    """Say of each day of a walk that was not forecast why."""
    for told in found.refused:
        print(f"{told.as_of} was not forecast\n{told.refused}", file=sys.stderr)
