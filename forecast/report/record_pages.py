"""The track record in a report: what forecasts that had come out by the day were worth, live and backtest apart."""

from collections.abc import Sequence

import numpy as np

from forecast import calibration, decomposition
from forecast import record as track
from forecast.history import History
from forecast.record import Line
from forecast.register import Scored
from forecast.report import words
from forecast.report.document import Column, Figure, Section, Table, Text
from forecast.report.reliability_figure import reliability
from forecast.skill import Skill

WORST = 15
FEW = 30  # forecasts that came out, below which no curve is drawn
SEED = 20190517
NOTHING = (
    "The book held no forecast that had come out by the as-of day, so nothing can be said here of how good such"
    " forecasts are. They are scored from the day on which they are issued."
)
HOW = (
    "All forecasts in the book whose questions had come out by the as-of day, of whatever brief. Brier and logarithmic"
    " scores: 0 is best. Skill is over the base rate, with its 90 % interval: days of issue within a year are drawn"
    " together, for windows overlap and causes last."
)
TITLES = {True: "Live", False: "Backtests"}
OF = {
    True: "Forecasts of questions that were written, and forecast, before their windows had been open for a week.",
    False: "Forecasts made after the fact from what was known then: hindsight in the choice of models and questions"
    " cannot be ruled out.",
}


def record(past: History) -> list[Section]:
    """Write the track record as it stood on the day."""
    if not past.scored:
        return [Section("record", "Track record", 1, (Text(NOTHING),))]
    pages = [
        Section(f"record-{words.anchor(TITLES[live])}", TITLES[live], 2, page(some, live))
        for live in (True, False)
        if (some := [one for one in past.scored if one.live == live])
    ]
    return [Section("record", "Track record", 1, (Text(HOW, "note"), *_none_live(past.scored))), *pages]


def _none_live(scored: Sequence[Scored]) -> tuple[Text, ...]:
    return () if any(one.live for one in scored) else (Text("No live forecast had come out yet.", "warning"),)


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
        return (Text(OF[live]), Text(f"All {len(scored):,} are void."))
    return (Text(OF[live]), skills(lines), *_curve(known, live), parts(known), *_held(lines), misses(known))


def skills(lines: Sequence[Line]) -> Table:
    """Lay out scores and skill, a row for each family of models and one for all."""
    columns = (
        Column("models"),
        *(
            Column(name, True)
            for name in ("came out", "void", "said", "happened", "Brier", "base rate", "log", "base rate")
        ),
        Column("skill over the base rate"),
    )
    rows = tuple(
        (
            line.family,
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
    return Table("Scores and skill", columns, rows, (), (2.0, 0.8, 0.6, 0.8, 1.0, 0.9, 0.9, 0.8, 0.8, 2.4))


def told(found: Skill) -> str:
    """Write a skill with its interval, and say where none is shown."""
    low, high = (words.points(end) for end in found.interval)
    said = f"{words.points(found.value)} % [{low}, {high}]"
    if found.interval[0] > 0:
        return said
    return f"{said}, worse" if found.interval[1] < 0 else f"{said}, no skill shown"


def _curve(known: Sequence[Scored], live: bool) -> tuple[Figure | Text, ...]:
    if len(known) < FEW:
        return (Text(f"Below {FEW} forecasts that came out, no reliability is drawn.", "note"),)
    # Drawing values anew for each of tens of thousands of distinct ones takes long, and shows no more.
    said = np.round([one.told.probability for one in known], 3)
    happened, days = [one.happened for one in known], [str(one.told.as_of) for one in known]
    found = calibration.diagram(said, happened, np.random.default_rng(SEED), days)
    title = f"Reliability: {TITLES[live].lower()}"
    return (reliability(found, f"figure-reliability-{words.anchor(TITLES[live])}", title),)


def parts(known: Sequence[Scored]) -> Table:
    """Lay out what mean Brier scores are made of (CORP)."""
    columns = (
        Column("models"),
        *(Column(name, True) for name in ("score", "miscalibration", "discrimination", "uncertainty")),
    )
    rows = []
    for family in sorted({one.told.family for one in known}):
        some = [one for one in known if one.told.family == family]
        found = decomposition.corp([one.told.probability for one in some], [one.happened for one in some])
        numbers = (found.score, found.miscalibration, found.discrimination, found.uncertainty)
        rows.append((family, *(f"{number:.4f}" for number in numbers)))
    caption = "What mean Brier scores are made of: miscalibration, less discrimination, plus uncertainty"
    return Table(caption, columns, tuple(rows), (), (2.4, 1.0, 1.2, 1.2, 1.2))


def _held(lines: Sequence[Line]) -> tuple[Table, ...]:
    rows = tuple(
        (line.family, f"{line.coverage.n:,}", words.short(line.coverage.share), words.interval(line.coverage.interval))
        for line in lines
        if line.coverage is not None
    )
    columns = (Column("models"), Column("ranges", True), Column("held", True), Column("90 % interval", True))
    return (Table("How often the 5 to 95 % range of a number held what came", columns, rows),) if rows else ()


def misses(known: Sequence[Scored]) -> Table:
    """List the forecasts that missed most, worst first."""
    worst = sorted(known, key=lambda one: -abs(one.told.probability - one.happened))[:WORST]
    columns = (
        Column("question"),
        Column("as of"),
        Column("said", True),
        Column("base rate", True),
        Column("came out"),
        Column("Brier", True),
    )
    rows = tuple(
        (
            one.question.text,
            one.told.as_of.isoformat(),
            words.short(one.told.probability),
            words.short(one.told.baseline),
            "yes" if one.end.outcome else "no",
            f"{(one.told.probability - one.happened) ** 2:.3f}",
        )
        for one in worst
    )
    return Table(f"The {len(rows)} worst misses", columns, rows, (), (4.6, 1.1, 0.8, 0.9, 0.9, 0.8))
