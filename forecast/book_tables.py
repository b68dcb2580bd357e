"""What is in the book, in a terminal: rows that were written, the track record, and whether the book is whole."""

import sys
from collections.abc import Sequence
from dataclasses import asdict

from rich.table import Table

from forecast import record as track
from forecast.bookkeeping import Walked, Written
from forecast.ledger import Fault, Head, Row
from forecast.record import Line
from forecast.register import Register
from forecast.report import words
from forecast.skill import Skill
from forecast.terminal import console, document, plain, ruled

FEW = 4  # days of issue, from which no interval is drawn
SHORT = 12  # letters of an id that are shown


def written(found: Written, as_json: bool) -> None:
    """Print rows that stand in the book now: the id of each, and what it says in brief."""
    if as_json:
        document(
            [{"id": row.id, "sequence": row.sequence, "written_at": row.written_at, **row.says} for row in found.rows]
        )
        return
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


def record(rows: Sequence[Row], as_json: bool) -> None:
    """Print the track record of a book: live forecasts and backtests apart, with what is still open."""
    book = Register(rows)
    scored, waiting = book.scored(), book.open()
    lines = track.lines(scored)
    if as_json:
        document({"record": [asdict(line) for line in lines], "open": dict(waiting)})
        return
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


def verified(fault: Fault | None, head: Head) -> None:
    """Say whether the book is whole, and where it first is not."""
    if fault is None:
        print(f"whole: {head.sequence:,} rows, each sealed with the one before; head {head.sequence}:{head.seal}")
    else:
        where = f"row {fault.sequence:,}" if fault.sequence else "the file"
        print(f"not whole, first at {where}: {plain(fault.why)}")


def refused(found: Walked) -> None:
    """Say of each day of a walk that was not forecast why."""
    for told in found.refused:
        print(f"{told.as_of} was not forecast\n{told.refused}", file=sys.stderr)
