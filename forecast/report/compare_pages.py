"""What moved between two reports, and why: one page, made of their numbers alone."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from forecast.report import words
from forecast.report.compare_why import explained, why
from forecast.report.comparison import POINT, Both, Compared, Stated, called, compare, dated
from forecast.report.document import Column, Report, Section, Table, Text
from forecast.report.made_from import made_from
from forecast.report.move_figure import largest
from forecast.report.words import USUAL, Vocabulary, listed, prose_date, said, shortened

NAMED = 3  # questions of one report only, in the opening
HOW = (
    "A difference is that of the two probabilities, in percentage points. Questions that are asked anew each time are"
    " compared at the same horizon: so many days ahead of either report."
)
NOTHING_NEW = "Nothing was computed anew: every number is one of the two reports, or the difference of two."
LIMITS = (
    "Small moves may be chance: futures and posterior draws are finite. The command forecast watch says which moves are"
    " larger than that.",
    "Intervals that overlap do not show that nothing changed: each says what is not known about parameters, and both"
    " rest for the most part on the same record.",
)


def report(old: Stated, new: Stated, vocabulary: Vocabulary = USUAL) -> Report:
    """Compare two reports.

    Parameters
    ----------
    old, new : mapping
        As read from report.json.
    vocabulary : Vocabulary
        For likelihood words.

    Raises
    ------
    UsageError
        If one is of another version of the format, or no question is in both.
    """
    found = compare(old, new)
    first, second = found.ends
    earlier = {one.after["id"]: one.before for one in found.both}
    return Report(
        title=f"What moved: {new['title']}",
        subtitle=f"From the report as of {prose_date(first)} to the one as of {prose_date(second)}.",
        as_of=second,
        status=(*_titles(found), NOTHING_NEW),
        sections=tuple(_sections(found, vocabulary)),
        forecasts=tuple(_exact(one, earlier) for one in new["forecasts"]),
        inputs=hashlib.sha256(f"{old['inputs']} {new['inputs']}".encode()).hexdigest(),
        moves=tuple(explained(found)),
    )


def _titles(found: Compared) -> tuple[str, ...]:
    pairs = zip(("Before", "After"), (found.old, found.new), found.ends, strict=True)
    return tuple(f"{name}: “{one['title']}”, as of {prose_date(day)}." for name, one, day in pairs)


def _exact(one: Stated, earlier: Mapping[str, Stated]) -> dict[str, Any]:
    """State a forecast of the second report at full precision, and what the first one said of the same."""
    told = earlier.get(one["id"])
    said_before = [{key: told[key] for key in ("as_of", "probability", "interval")}] if told else []
    return {**one, "earlier": said_before}


def _sections(found: Compared, vocabulary: Vocabulary) -> Iterator[Section]:
    figure = largest(found.both, found.ends)
    yield Section("bottom-line", "Bottom line", 1, tuple(Text(line, "lead") for line in lead(found, vocabulary)))
    yield from [Section("largest", "Largest moves", 1, (figure,))] if figure else []
    yield Section("questions", "All questions in both", 1, (Text(HOW, "note"), questions(found)))
    yield from _not_compared(found)
    yield Section("why", "Why they moved", 1, why(found))
    yield made_from(found)
    yield Section("limits", "What this comparison cannot say", 1, tuple(Text(line) for line in limits(found)))


def lead(found: Compared, vocabulary: Vocabulary = USUAL) -> list[str]:
    """Write at most five sentences from the numbers: how many moved, the farthest up and down, what is new and gone."""
    still = sum(abs(one.move) < POINT for one in found.both)
    number = f"{len(found.both):,} question{'s are' if len(found.both) > 1 else ' is'} in both reports"
    moved = f"{still:,} moved by less than a point" if still < len(found.both) else "none moved by a point or more"
    far = max(found.both, key=lambda one: one.move), min(found.both, key=lambda one: one.move)
    lines = [f"{number}; {moved}."]
    lines += [_far("Rose", far[0], vocabulary)] if far[0].move >= POINT else []
    lines += [_far("Fell", far[1], vocabulary)] if far[1].move <= -POINT else []
    only = (("Only in the second report", found.added), ("Only in the first", found.gone))
    return [*lines, *(_only(where, some) for where, some in only if some)]


def _far(way: str, one: Both, vocabulary: Vocabulary) -> str:
    before, after = (said(each["probability"], vocabulary) for each in (one.before, one.after))
    return f"{way} most: “{one.name}”, from {before} to {after}."


def _only(where: str, some: Sequence[Stated]) -> str:
    names = list(dict.fromkeys(f"“{shortened(called(one), 60)}”" for one in some))
    more = ["others"] if len(names) > NAMED else []
    number = "1 question" if len(some) == 1 else f"{len(some):,} questions"
    return f"{where}, {number}: {listed([*names[:NAMED], *more])}."


def questions(found: Compared) -> Table:
    """List every question that is in both, by domain in the order of the second report, largest move first."""
    parts: dict[str, list[Both]] = {one.get("heading", ""): [] for one in found.new["forecasts"]}
    for one in found.both:
        parts[one.after.get("heading", "")].append(one)
    columns = (
        Column("question"),
        Column("before", True),
        Column("after", True),
        Column("difference, points", True),
        Column("90 % interval before", True),
        Column("90 % interval after", True),
        Column("intervals overlap"),
        Column("base rate before", True),
        Column("base rate after", True),
    )
    return Table(
        "Before and after",
        columns,
        tuple(_row(one) for part in parts.values() for one in part),
        tuple((domain, len(part)) for domain, part in parts.items() if part),
        (3.6, 0.8, 0.8, 1.05, 1.25, 1.25, 0.9, 0.85, 0.85),
        searchable=True,
    )


def _row(one: Both) -> tuple[str, ...]:
    before, after = one.before, one.after
    return (
        one.name,
        words.short(before["probability"]),
        words.short(after["probability"]),
        words.points(one.move),
        words.interval((before["interval"][0], before["interval"][1])),
        words.interval((after["interval"][0], after["interval"][1])),
        "yes" if one.overlap else "no",
        words.short(before["baseline"]),
        words.short(after["baseline"]),
    )


def _not_compared(found: Compared) -> list[Section]:
    """List what is not compared: questions that one report does not ask, or that are no longer the same."""
    only = [("after", one) for one in found.added] + [("before", one) for one in found.gone]
    rows = tuple(
        (dated(one), where, words.short(one["probability"]), words.interval((one["interval"][0], one["interval"][1])))
        for where, one in only
    )
    columns = (Column("question"), Column("stands"), Column("probability", True), Column("90 % interval", True))
    tables = [Table("Questions in one report only", columns, rows, (), (4.4, 0.8, 1.0, 1.4))] if rows else []
    tables += [_otherwise(found.other)] if found.other else []
    return [Section("not-compared", "Not compared", 1, tuple(tables))] if tables else []


def _otherwise(pairs: Sequence[Both]) -> Table:
    """List questions whose name stayed and whose rule or window did not: their numbers are answers to two things."""
    columns = (
        Column("asked before"),
        Column("said before", True),
        Column("asked after"),
        Column("said after", True),
        Column("rule before"),
        Column("rule after"),
    )
    rows = tuple(
        (
            dated(one.before),
            words.short(one.before["probability"]),
            dated(one.after),
            words.short(one.after["probability"]),
            one.before["rule"],
            one.after["rule"],
        )
        for one in pairs
    )
    return Table("Questions that ask something else now", columns, rows, (), (2.4, 0.8, 2.4, 0.8, 2.4, 2.4))


def limits(found: Compared) -> list[str]:
    """Say what a comparison of these two reports cannot say."""
    first, second = found.ends
    apart = abs((second - first).days)
    passing = (
        f"The two look ahead from days that lie {apart:,} day{'' if apart == 1 else 's'} apart: at the same horizon"
        " they ask of other days. Of a question with a last day of its own, part of the move is time passing, for fewer"
        " days are left."
    )
    return [*([passing] if apart else []), *LIMITS]
