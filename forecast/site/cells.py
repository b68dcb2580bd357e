"""Cells that tables of forecasts share, and sentences that say what several came to."""

from collections import Counter
from collections.abc import Sequence
from statistics import fmean

from forecast.report import words
from forecast.report.document import Column
from forecast.site.contents import NO, OPEN, VOID, YES, Contents, Said

NONE = "–"
SAID = (
    Column("closes"),
    Column("probability", True),
    Column("90 % interval", True),
    Column("in words"),
    Column("base rate", True),
    Column("since the issue before", True),
)
CAME = (Column("came out"), Column("Brier score", True), Column("of the base rate", True))
KINDS = {True: "Live", False: "Backtests, made after the fact from what was known then"}
HOW_TO_READ = (
    "The interval holds the probability nine times in ten, given what is not known about the model's parameters. The"
    " base rate is how often the same happened before. Since the issue before it moved by so many percentage points."
)


def said(one: Said, found: Contents) -> tuple[str, ...]:
    """Write the cells under the columns `SAID`."""
    told, before = one.told, found.before(one)
    return (
        one.question.closes.isoformat(),
        words.short(told.probability),
        words.interval(told.interval),
        words.word(told.probability) or NONE,
        words.short(told.baseline),
        NONE if before is None else words.points(told.probability - before.told.probability),
    )


def came(one: Said) -> tuple[str, ...]:
    """Write the cells under the columns `CAME`."""
    return one.outcome, *(NONE if score is None else f"{score:.4f}" for score in (one.score, one.usual))


def tally(some: Sequence[Said]) -> tuple[str, str, str, str]:
    """Count what came out yes, no, and void, and what is open."""
    counted = Counter(one.outcome for one in some)
    yes, no, void, left = (f"{counted[outcome]:,}" for outcome in (YES, NO, VOID, OPEN))
    return yes, no, void, left


def told(some: Sequence[Said]) -> tuple[str, ...]:
    """Say how forecasts came out and what they were worth, a sentence for live ones and one for backtests."""
    parts = ((name, [one for one in some if one.live == live]) for live, name in KINDS.items())
    return tuple(f"{name}: {_told(part)}" for name, part in parts if part)


def _told(some: Sequence[Said]) -> str:
    yes, no, void, left = tally(some)
    came = f"{len(some):,} forecasts; came out: {yes} yes, {no} no; void: {void}; open: {left}."
    scores = [(one.score, one.usual) for one in some if one.score is not None and one.usual is not None]
    if not scores:
        return came
    mine, usual = (fmean(column) for column in zip(*scores, strict=True))
    return f"{came} Mean Brier score {mine:.4f}, of the base rate {usual:.4f}: 0 is best."


def group(domain: str) -> str:
    """Head the questions of a domain."""
    name = words.plain(domain)
    return name[:1].upper() + name[1:]
