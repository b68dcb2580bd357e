"""The track record in a report: what forecasts that had come out by the day were worth, live and backtest apart."""

from collections.abc import Sequence

import numpy as np

from forecast import calibration, decomposition
from forecast import record as track
from forecast.history import History
from forecast.language import say
from forecast.record import Line
from forecast.register import Scored
from forecast.report import words
from forecast.report.document import Column, Figure, Section, Table, Text
from forecast.report.reliability_figure import reliability
from forecast.skill import Skill

WORST = 15
FEW = 30  # forecasts that came out, below which no curve is drawn
SEED = 20190517
PART = {True: "live", False: "backtests"}  # of the record, as addresses name it


def record(past: History) -> list[Section]:
    """Write the track record as it stood on the day."""
    if not past.scored:
        return [Section("record", say("record-title"), 1, (Text(say("record-nothing")),))]
    pages = [
        Section(f"record-{PART[live]}", title(live), 2, page(some, live))
        for live in (True, False)
        if (some := [one for one in past.scored if one.live == live])
    ]
    how = Text(say("record-how"), "note")
    return [Section("record", say("record-title"), 1, (how, *_none_live(past.scored))), *pages]


def title(live: bool) -> str:
    """Head the record of live forecasts or of backtests."""
    return say("record-live") if live else say("record-backtests")


def about(live: bool) -> str:
    """Say what live forecasts or backtests are."""
    return say("record-live-about") if live else say("record-backtests-about")


def _none_live(scored: Sequence[Scored]) -> tuple[Text, ...]:
    return () if any(one.live for one in scored) else (Text(say("record-none-live"), "warning"),)


def page(scored: Sequence[Scored], live: bool) -> tuple[Text | Table | Figure, ...]:
    """Lay out a record of live forecasts or of backtests: scores, skill, reliability, what scores are made of, misses.

    Parameters
    ----------
    scored : sequence of Scored
        At least one.
    live : bool
    """
    known = [one for one in scored if one.end.outcome is not None]
    lines = track.lines(scored)
    if not known:
        return (Text(about(live)), Text(say("record-void-only", count=len(scored))))
    return (Text(about(live)), skills(lines), *_curve(known, live), parts(known), *_held(lines), misses(known))


def skills(lines: Sequence[Line]) -> Table:
    """Lay out scores and skill, a row for each family of models and one for all."""
    columns = (
        Column(say("column-models")),
        Column(say("column-came-out"), True),
        Column(say("record-void"), True),
        Column(say("column-said"), True),
        Column(say("record-happened"), True),
        Column(say("record-brier"), True),
        Column(say("column-base-rate"), True),
        Column(say("record-log"), True),
        Column(say("column-base-rate"), True),
        Column(say("record-skill-over")),
    )
    rows = tuple(
        (
            _family(line),
            f"{line.n:,}",
            f"{line.void:,}",
            words.short(line.said),
            words.short(line.happened),
            f"{line.brier:.4f}",
            f"{line.baseline:.4f}",
            f"{line.log:.3f}",
            f"{line.log_baseline:.3f}",
            told(line.skill),
        )
        for line in lines
    )
    return Table(say("record-skill"), columns, rows, (), (2.0, 0.8, 0.6, 0.8, 1.0, 0.9, 0.9, 0.8, 0.8, 2.4))


def _family(line: Line) -> str:
    return say("record-all") if line.family == track.ALL else line.family


def told(found: Skill) -> str:
    """Write a skill with its interval, and say where none is shown."""
    skill, low, high = (words.points(value) for value in (found.value, *found.interval))
    if found.interval[0] > 0:
        return say("record-skill-shown", skill=skill, low=low, high=high)
    if found.interval[1] < 0:
        return say("record-skill-worse", skill=skill, low=low, high=high)
    return say("record-skill-none", skill=skill, low=low, high=high)


def _curve(known: Sequence[Scored], live: bool) -> tuple[Figure | Text, ...]:
    if len(known) < FEW:
        return (Text(say("reliability-few", few=FEW), "note"),)
    # Drawing values anew for each of tens of thousands of distinct ones takes long, and shows no more.
    said = np.round([one.told.probability for one in known], 3)
    happened, days = [one.happened for one in known], [str(one.told.as_of) for one in known]
    found = calibration.diagram(said, happened, np.random.default_rng(SEED), days)
    heading = say("reliability-live") if live else say("reliability-backtests")
    return (reliability(found, f"figure-reliability-{PART[live]}", heading),)


def parts(known: Sequence[Scored]) -> Table:
    """Lay out what mean Brier scores are made of (CORP)."""
    columns = (
        Column(say("column-models")),
        Column(say("record-score"), True),
        Column(say("record-miscalibration"), True),
        Column(say("record-discrimination"), True),
        Column(say("record-uncertainty"), True),
    )
    rows = []
    for family in sorted({one.told.family for one in known}):
        some = [one for one in known if one.told.family == family]
        found = decomposition.corp([one.told.probability for one in some], [one.happened for one in some])
        numbers = (found.score, found.miscalibration, found.discrimination, found.uncertainty)
        rows.append((family, *(f"{number:.4f}" for number in numbers)))
    return Table(say("record-parts"), columns, tuple(rows), (), (2.4, 1.0, 1.2, 1.2, 1.2))


def _held(lines: Sequence[Line]) -> tuple[Table, ...]:
    rows = tuple(
        (_family(line), f"{held.n:,}", words.short(held.share), words.interval(held.interval))
        for line in lines
        if (held := line.coverage) is not None
    )
    columns = (
        Column(say("column-models")),
        Column(say("record-ranges-count"), True),
        Column(say("record-ranges-held"), True),
        Column(say("column-interval"), True),
    )
    return (Table(say("record-ranges"), columns, rows),) if rows else ()


def misses(known: Sequence[Scored]) -> Table:
    """List the forecasts that missed most, worst first."""
    worst = sorted(known, key=lambda one: -abs(one.told.probability - one.happened))[:WORST]
    columns = (
        Column(say("column-question")),
        Column(say("column-as-of")),
        Column(say("column-said"), True),
        Column(say("column-base-rate"), True),
        Column(say("column-came-out")),
        Column(say("record-brier"), True),
    )
    rows = tuple(
        (
            one.question.text,
            one.told.as_of.isoformat(),
            words.short(one.told.probability),
            words.short(one.told.baseline),
            say("yes") if one.end.outcome else say("no"),
            f"{(one.told.probability - one.happened) ** 2:.3f}",
        )
        for one in worst
    )
    return Table(say("record-misses", count=len(rows)), columns, rows, (), (4.6, 1.1, 0.8, 0.9, 0.9, 0.8))
