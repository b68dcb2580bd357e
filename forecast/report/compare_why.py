"""Why questions moved between two reports: the exact shares that the second of them holds since the first."""

from collections.abc import Iterator, Mapping, Sequence

from forecast.explain import SHARES
from forecast.language import say
from forecast.report import words
from forecast.report.comparison import POINT, Compared, Stated, series
from forecast.report.document import Column, Table, Text

GROUPS = 12  # of new events that are named


def why(found: Compared) -> tuple[Text | Table, ...]:
    """Lay out the exact shares of each move that the second report explains since the first; else say what does."""
    told = list(explained(found))
    if not told:
        return (Text(say("compare-why-not-told"), "note"),)
    names = {series(one.after): one.name for one in found.both}
    some = [one for one in told if max(map(abs, (_moved(one), *one["shares"].values()))) >= POINT]
    if not some:
        return (Text(say("compare-why-small")),)
    causes = [cause for cause in SHARES if any(one["shares"].get(cause) for one in some)]
    columns = (
        Column(say("column-question")),
        Column(say("compare-why-moved"), True),
        *(Column(say(f"cause-{cause}"), True) for cause in causes),
        Column(say("compare-why-chance"), True),
    )
    rows = tuple(
        (
            names[one["question"]],
            words.points(_moved(one)),
            *(words.points(one["shares"].get(cause, 0.0)) for cause in causes),
            f"± {100 * one['error']:.1f}",
        )
        for one in sorted(some, key=lambda one: -abs(_moved(one)))
    )
    widths = (3.2, 0.9, *[1.0] * len(causes), 0.9)
    table = Table(say("compare-why-table"), columns, rows, (), widths)
    return (table, Text(say("compare-why-shares"), "note"), *_other_book(some, found), *_groups(some, names))


def _moved(one: Stated) -> float:
    return float(one["after"] - one["before"])


def explained(found: Compared) -> Iterator[Stated]:
    """List the moves that the second report explains since the as-of day of the first."""
    asked = {series(one.after) for one in found.both}
    for one in found.new.get("moves", ()):
        if one["since"] == found.old["as_of"] and one["question"] in asked:
            yield one


def _other_book(some: Sequence[Stated], found: Compared) -> tuple[Text, ...]:
    """Say how many were issued with another number than the first report has: shares are of what was issued."""
    before = {series(one.after): one.before["probability"] for one in found.both}
    other = sum(words.short(one["before"]) != words.short(before[one["question"]]) for one in some)
    said = say("compare-why-other-book", other=other, count=len(some))
    return (Text(said, "warning"),) if other else ()


def _groups(some: Sequence[Stated], names: Mapping[str, str]) -> tuple[Table | Text, ...]:
    """Name the groups of new events that did most."""
    every = [(names[one["question"]], group) for one in some for group in one["groups"]]
    large = [pair for pair in every if abs(pair[1]["effect"]) >= POINT]
    most = sorted(large, key=lambda pair: -abs(pair[1]["effect"]))[:GROUPS]
    columns = (
        Column(say("column-question")),
        Column(say("column-kind")),
        Column(say("compare-why-of")),
        Column(say("column-events"), True),
        Column(say("compare-why-points"), True),
    )
    rows = tuple(
        (name, words.plain(group["kind"]), group["entity"], f"{group['events']:,}", words.points(group["effect"]))
        for name, group in most
    )
    table = Table(say("compare-why-events"), columns, rows, (), (3.4, 1.4, 1.2, 0.8, 0.8))
    return (table, Text(say("compare-why-left-out"), "note")) if rows else ()
