"""What is looked at before a file becomes a fetch: rules with names, each of which stops it or only notes."""

import unicodedata
from collections.abc import Callable, Iterator
from datetime import timedelta

import pandas as pd

from forecast import checklist, reading
from forecast.checklist import Check, Rule
from forecast.errors import DataError, look_alike
from forecast.events import COLUMNS, day
from forecast.intake import Proposal

MOST = 0.5  # of what stands may be taken back at once
FEW = 20  # rows on record, below which any number may be
RARE = 50  # values of a column, above which it is free text


def checked(proposal: Proposal) -> list[Check]:
    """Look at a file by every rule, until one is broken that the next ones stand on."""
    return checklist.checked(RULES, proposal)


def _layout(one: Proposal) -> Iterator[str]:
    yield from one.delivery.notes


def _order(one: Proposal) -> Iterator[str]:
    if one.looked is not None and one.delivery.through is not None and one.delivery.through < one.looked:
        yield f"it was looked at through {one.looked} before, and this file only goes to {one.delivery.through}"


def _rows(one: Proposal) -> Iterator[str]:
    if one.delivery.rows.empty and not one.delivery.withdrawn:
        yield "it has none"


def _records(one: Proposal) -> Iterator[str]:
    yield from _refused(lambda: one.wanted)


def _cells(one: Proposal) -> Iterator[str]:
    yield from _refused(lambda: one.typed)


def _refused(look: Callable[[], object]) -> Iterator[str]:
    try:
        look()
    except DataError as problem:
        lines = (problem.why or problem.what).splitlines()
        yield from (f"{problem.what}: {line.strip()}" if problem.why else line for line in lines)


def _shrinks(one: Proposal) -> Iterator[str]:
    standing, gone = int((~one.standing["retracted"]).sum()), len(one.changes.retracted)
    if standing > FEW and gone > MOST * standing:
        yield f"it would take {gone:,} of {standing:,} records back"


def _left_out(one: Proposal) -> Iterator[str]:
    rows = one.delivery.rows
    for column, allowed in one.source.only.items():
        others = int((~rows[column].isin(allowed)).sum()) if column in rows else 0
        if others:
            yield f"{others:,} rows are left out by `{column}`"


def _repeated(one: Proposal) -> Iterator[str]:
    again = int(one.delivery.rows.duplicated().sum())
    if again:
        yield f"{again:,} rows stand there twice, word for word"


def _gap(one: Proposal) -> Iterator[str]:
    first = one.typed["event_at"].min()
    if one.looked is not None and not one.typed.empty and first > day(one.looked + timedelta(days=1)):
        yield f"nothing says what happened between {one.looked} and {first:%Y-%m-%d}, where its events begin"


def _late(one: Proposal) -> Iterator[str]:
    rows = one.changes.rows
    late = rows[(rows["known_at"] < day(one.looked)).to_numpy()] if one.looked is not None else rows.iloc[:0]
    if not late.empty:
        oldest = f"{late['known_at'].min():%Y-%m-%d}"
        yield f"{len(late):,} rows became known before {one.looked}, and change snapshots back to {oldest}"


def _dated(one: Proposal) -> Iterator[str]:
    by = one.changes.added["known_by"]
    for why, said in (("assumed", "by the usual lag of the source"), ("fetched", "from the day of the fetch")):
        count = int((by == why).sum())
        if count:
            yield f"{count:,} new rows count as known {said}, for nothing says when they became public"


def _keys(one: Proposal) -> Iterator[str]:
    known = pd.concat([one.standing["record"], one.changes.added["record"]])
    fresh = {_folded(record) for record in one.changes.added["record"]}
    for alike in reading.near_duplicates(known[known.map(_folded).isin(fresh)]):
        yield f"{alike} differ only in case, spaces or accents"


def _folded(record: str) -> str:
    return unicodedata.normalize("NFC", record).casefold().strip()


def _twins(one: Proposal) -> Iterator[str]:
    """Find new events beside others of the same kind, place and actor, at most a day apart; figures are not events."""
    counted = one.source.collapse is not None
    if counted or one.source.series or (one.source.units and not one.source.alike):
        return
    columns = ["kind", "entity", *one.source.alike]
    stands = one.standing[~one.standing["retracted"]]
    others = pd.concat([stands, one.changes.added])[["record", "event_at", *columns]]
    fresh = one.changes.added[["record", "event_at", *columns]]
    pairs: set[tuple[str, str]] = set()
    for apart in (-1, 0, 1):
        shifted = fresh.assign(event_at=fresh["event_at"] + pd.Timedelta(days=apart))
        near = shifted.merge(others, on=["event_at", *columns], suffixes=("", "_other"))
        both = zip(near["record"], near["record_other"], strict=True)
        pairs |= {(min(two), max(two)) for two in both if two[0] != two[1]}
    yield from (f"`{record}` and `{other}`" for record, other in sorted(pairs))


def _words(one: Proposal) -> Iterator[str]:
    """Find words that are new in a column of few words, and look like one that is there."""
    for column in ("entity", *(name for name, said in one.source.columns.items() if said.type == "text")):
        before = set(one.record[column]) if column in one.record else set()
        if not 0 < len(before) <= RARE:
            continue
        for word in sorted(set(one.changes.rows[column]) - before):
            yield f"`{column}` was never `{word}` before; {look_alike(word, before)}"


def _jumps(one: Proposal) -> Iterator[str]:
    if one.source.series:
        rows = pd.concat([one.standing, one.typed]).drop_duplicates("record", keep="last")
        for jump in reading.jumps(rows):
            if any(f"`{record}`" in jump for record in one.changes.rows["record"]):
                yield f"{jump}; a slip of units?"


def _columns(one: Proposal) -> Iterator[str]:
    empty = [name for name in one.source.columns if name not in one.delivery.rows and name not in one.source.constants]
    if empty and not one.delivery.rows.empty:
        yield f"it says nothing of {', '.join(empty)}"
    known = {*COLUMNS, *one.source.columns}
    yield from (f"`{name}` is no column of the source" for name in one.delivery.rows if name not in known)


RULES = (
    Rule("layout", "the file is laid out as its format says", _layout, level="note"),
    Rule("rows", "the file has rows", _rows, ends=True),
    Rule("records", "every record stands there once, and every word has a code", _records, ends=True),
    Rule("cells", "every cell can be read without guessing", _cells, ends=True),
    Rule("order", "the file goes at least as far as what was looked at before", _order),
    Rule("shrinks", "no more than half of the records are taken back", _shrinks),
    Rule("left_out", "no rows are left out", _left_out, level="note"),
    Rule("columns", "the file fills all columns of the source", _columns, level="note"),
    Rule("repeated", "no row stands there twice", _repeated, level="note"),
    Rule("gap", "its events begin where those on record end", _gap, level="note"),
    Rule("late", "nothing in it became known before what was looked at already", _late, level="note"),
    Rule("dated", "it says of every new row when it became known", _dated, level="note"),
    Rule("keys", "no new key is like another but for case, spaces or accents", _keys, level="note"),
    Rule("twins", "no new event is of the same kind, place and actor as another within a day", _twins, level="note"),
    Rule("words", "no new word in a column of few words", _words, level="note"),
    Rule("jumps", "no value of a series is 50 times its neighbours", _jumps, level="note"),
)
