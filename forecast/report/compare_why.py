"""Why questions moved between two reports: the exact shares that the second of them holds since the first."""

from collections.abc import Iterator, Mapping, Sequence

from forecast.explain import WORDS
from forecast.report import words
from forecast.report.comparison import POINT, Compared, Stated, series
from forecast.report.document import Column, Table, Text

GROUPS = 12  # of new events that are named
SHARES = (
    "Shares add up to the move exactly: each cause is let happen in turn, over all orders in which they may come"
    " (Shapley). Noise is what other random numbers do. Questions of which neither the move nor a share is as much as"
    " a point are left out."
)
LEFT_OUT = "Each group of new events was left out by itself, so these effects need not add up."
NOT_TOLD = (
    "Why these moved is not told here: the second report holds no shares of causes since the first. Exact shares,"
    " of time passing, new and revised events, edited models, recalibration and chance, are given by forecast explain"
    " QUESTION, once both days have been issued."
)


def why(found: Compared) -> tuple[Text | Table, ...]:
    """Lay out the exact shares of each move that the second report explains since the first; else say what does."""
    told = list(explained(found))
    if not told:
        return (Text(NOT_TOLD, "note"),)
    names = {series(one.after): one.name for one in found.both}
    some = [one for one in told if max(map(abs, (_moved(one), *one["shares"].values()))) >= POINT]
    if not some:
        return (Text("No move that is explained, and no share of one, is as much as a point."),)
    causes = [cause for cause in WORDS if any(one["shares"].get(cause) for one in some)]
    columns = (
        Column("question"),
        Column("moved", True),
        *(Column(WORDS[cause], True) for cause in causes),
        Column("chance alone", True),
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
    table = Table("Shares of each move, in percentage points", columns, rows, (), widths)
    return (table, Text(SHARES, "note"), *_other_book(some, found), *_groups(some, names))


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
    line = f"Shares begin from what was issued; {other:,} of {len(some):,} were issued with another number than above."
    return (Text(line, "warning"),) if other else ()


def _groups(some: Sequence[Stated], names: Mapping[str, str]) -> tuple[Table | Text, ...]:
    """Name the groups of new events that did most."""
    every = [(names[one["question"]], group) for one in some for group in one["groups"]]
    large = [pair for pair in every if abs(pair[1]["effect"]) >= POINT]
    most = sorted(large, key=lambda pair: -abs(pair[1]["effect"]))[:GROUPS]
    columns = (Column("question"), Column("kind"), Column("of"), Column("events", True), Column("points", True))
    rows = tuple(
        (name, words.plain(group["kind"]), group["entity"], f"{group['events']:,}", words.points(group["effect"]))
        for name, group in most
    )
    table = Table("New events that did most", columns, rows, (), (3.4, 1.4, 1.2, 0.8, 0.8))
    return (table, Text(LEFT_OUT, "note")) if rows else ()
