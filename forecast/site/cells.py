"""Cells that tables of forecasts share, and sentences that say what several came to."""

from collections import Counter
from collections.abc import Sequence
from statistics import fmean

from forecast.language import say
from forecast.report import words
from forecast.report.document import Column
from forecast.site.contents import BACKTEST, LIVE, OUTCOMES, Contents, Said

NONE = "–"


def said_columns() -> tuple[Column, ...]:
    """Head the cells that `said` writes."""
    return (
        Column(say("column-closes")),
        Column(say("column-probability"), True),
        Column(say("column-interval"), True),
        Column(say("column-in-words")),
        Column(say("column-base-rate"), True),
        Column(say("site-since"), True),
    )


def said(one: Said, found: Contents) -> tuple[str, ...]:
    """Write what was said."""
    told, before = one.told, found.before(one)
    return (
        one.question.closes.isoformat(),
        words.short(told.probability),
        words.interval(told.interval),
        words.word(told.probability) or NONE,
        words.short(told.baseline),
        NONE if before is None else words.points(told.probability - before.told.probability),
    )


def came_columns() -> tuple[Column, ...]:
    """Head the cells that `came` writes."""
    return Column(say("column-came-out")), Column(say("column-brier"), True), Column(say("site-usual"), True)


def came(one: Said) -> tuple[str, ...]:
    """Write how it came out, and what it was worth."""
    return outcome(one.outcome), *(NONE if score is None else f"{score:.4f}" for score in (one.score, one.usual))


def outcome(which: str) -> str:
    """Say an outcome in a word."""
    return say("site-outcome", outcome=which)


def tally_columns() -> tuple[Column, ...]:
    """Head the cells that `tally` writes."""
    return tuple(Column(outcome(which), True) for which in OUTCOMES)


def tally(some: Sequence[Said]) -> tuple[str, ...]:
    """Write how many came out yes, no, and void, and how many are open."""
    return tuple(f"{number:,}" for number in counted(some).values())


def counted(some: Sequence[Said]) -> dict[str, int]:
    """Count each outcome."""
    found = Counter(one.outcome for one in some)
    return {which: found[which] for which in OUTCOMES}


def told(some: Sequence[Said]) -> tuple[str, ...]:
    """Say how forecasts came out and what they were worth, a sentence for live ones and one for backtests."""
    parts = ((made, [one for one in some if one.made == made]) for made in (LIVE, BACKTEST))
    return tuple(_told(made, part) for made, part in parts if part)


def _told(made: str, some: Sequence[Said]) -> str:
    came = say("site-told", made=made, count=len(some), **counted(some))
    scores = [(one.score, one.usual) for one in some if one.score is not None and one.usual is not None]
    if not scores:
        return came
    mine, usual = (fmean(column) for column in zip(*scores, strict=True))
    return f"{came} {say('site-worth', mine=f'{mine:.4f}', usual=f'{usual:.4f}')}"


def group(domain: str) -> str:
    """Head the questions of a domain."""
    name = words.plain(domain)
    return name[:1].upper() + name[1:]
