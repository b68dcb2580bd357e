"""What moved between two reports, and why: one page, made of their numbers alone."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from forecast.language import say, spoken
from forecast.report import words
from forecast.report.compare_why import explained, why
from forecast.report.comparison import POINT, Both, Compared, Stated, called, compare, dated
from forecast.report.document import Column, Report, Section, Table, Text
from forecast.report.made_from import made_from
from forecast.report.move_figure import largest
from forecast.report.words import USUAL, Vocabulary, listed, prose_date, said, shortened

NAMED = 3  # questions of one report only, in the opening


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
        title=say("compare-title", title=new["title"]),
        subtitle=say("compare-subtitle", first=prose_date(first), second=prose_date(second)),
        language=spoken(),
        as_of=second,
        status=(
            say("compare-before", title=old["title"], day=prose_date(first)),
            say("compare-after", title=new["title"], day=prose_date(second)),
            say("compare-nothing-new"),
        ),
        sections=tuple(_sections(found, vocabulary)),
        forecasts=tuple(_exact(one, earlier) for one in new["forecasts"]),
        inputs=hashlib.sha256(f"{old['inputs']} {new['inputs']}".encode()).hexdigest(),
        moves=tuple(explained(found)),
    )


def _exact(one: Stated, earlier: Mapping[str, Stated]) -> dict[str, Any]:
    """State a forecast of the second report at full precision, and what the first one said of the same."""
    told = earlier.get(one["id"])
    said_before = [{key: told[key] for key in ("as_of", "probability", "interval")}] if told else []
    return {**one, "earlier": said_before}


def _sections(found: Compared, vocabulary: Vocabulary) -> Iterator[Section]:
    figure = largest(found.both, found.ends)
    yield Section("bottom-line", say("bottom-title"), 1, tuple(Text(line, "lead") for line in lead(found, vocabulary)))
    yield from [Section("largest", say("compare-largest"), 1, (figure,))] if figure else []
    yield Section("questions", say("compare-questions"), 1, (Text(say("compare-how"), "note"), questions(found)))
    yield from _not_compared(found)
    yield Section("why", say("compare-why"), 1, why(found))
    yield made_from(found)
    yield Section("limits", say("compare-limits"), 1, tuple(Text(line) for line in limits(found)))


def lead(found: Compared, vocabulary: Vocabulary = USUAL) -> list[str]:
    """Write at most five sentences from the numbers: how many moved, the farthest up and down, what is new and gone."""
    still = sum(abs(one.move) < POINT for one in found.both)
    number = len(found.both)
    some = say("compare-some-still", both=number, still=still)
    lines = [some if still < number else say("compare-all-still", both=number)]
    up, down = max(found.both, key=lambda one: one.move), min(found.both, key=lambda one: one.move)
    lines += [say("compare-rose", **_far(up, vocabulary))] if up.move >= POINT else []
    lines += [say("compare-fell", **_far(down, vocabulary))] if down.move <= -POINT else []
    lines += [say("compare-only-second", count=len(found.added), names=_names(found.added))] if found.added else []
    lines += [say("compare-only-first", count=len(found.gone), names=_names(found.gone))] if found.gone else []
    return lines


def _far(one: Both, vocabulary: Vocabulary) -> dict[str, str]:
    before, after = (said(each["probability"], vocabulary) for each in (one.before, one.after))
    return {"question": one.name, "before": before, "after": after}


def _names(some: Sequence[Stated]) -> str:
    names = list(dict.fromkeys(say("compare-only-name", question=shortened(called(one), 60)) for one in some))
    more = [say("compare-only-others")] if len(names) > NAMED else []
    return listed([*names[:NAMED], *more])


def questions(found: Compared) -> Table:
    """List every question that is in both, by domain in the order of the second report, largest move first."""
    parts: dict[str, list[Both]] = {one.get("heading", ""): [] for one in found.new["forecasts"]}
    for one in found.both:
        parts[one.after.get("heading", "")].append(one)
    columns = (
        Column(say("column-question")),
        Column(say("column-before"), True),
        Column(say("column-after"), True),
        Column(say("compare-difference"), True),
        Column(say("compare-interval-before"), True),
        Column(say("compare-interval-after"), True),
        Column(say("compare-overlap")),
        Column(say("compare-base-before"), True),
        Column(say("compare-base-after"), True),
    )
    return Table(
        say("compare-table"),
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
        say("yes") if one.overlap else say("no"),
        words.short(before["baseline"]),
        words.short(after["baseline"]),
    )


def _not_compared(found: Compared) -> list[Section]:
    """List what is not compared: questions that one report does not ask, or that are no longer the same."""
    only = [(say("column-after"), one) for one in found.added] + [(say("column-before"), one) for one in found.gone]
    rows = tuple(
        (dated(one), where, words.short(one["probability"]), words.interval((one["interval"][0], one["interval"][1])))
        for where, one in only
    )
    columns = (
        Column(say("column-question")),
        Column(say("compare-stands")),
        Column(say("column-probability"), True),
        Column(say("column-interval"), True),
    )
    tables = [Table(say("compare-only"), columns, rows, (), (4.4, 0.8, 1.0, 1.4))] if rows else []
    tables += [_otherwise(found.other)] if found.other else []
    return [Section("not-compared", say("compare-not-compared"), 1, tuple(tables))] if tables else []


def _otherwise(pairs: Sequence[Both]) -> Table:
    """List questions whose name stayed and whose rule or window did not: their numbers are answers to two things."""
    columns = (
        Column(say("compare-asked-before")),
        Column(say("compare-said-before"), True),
        Column(say("compare-asked-after")),
        Column(say("compare-said-after"), True),
        Column(say("compare-rule-before")),
        Column(say("compare-rule-after")),
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
    return Table(say("compare-other"), columns, rows, (), (2.4, 0.8, 2.4, 0.8, 2.4, 2.4))


def limits(found: Compared) -> list[str]:
    """Say what a comparison of these two reports cannot say."""
    first, second = found.ends
    apart = abs((second - first).days)
    passing = [say("compare-limits-days", days=apart)] if apart else []
    return [*passing, say("compare-limits-chance"), say("compare-limits-overlap")]
