"""The first full backtest as a page: what forecasts of all models were worth, from the book that `make record` walks.

The page holds no number that is not read off the book.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from measured import table

from forecast import calibration, decomposition, record
from forecast.files import write
from forecast.ledger import Ledger
from forecast.record import ALL, Line
from forecast.register import Register, Scored
from forecast.report import figures, words
from forecast.report.record_pages import told
from forecast.report.reliability_figure import reliability

ROOT = Path(__file__).parents[1]
SEED = 20160115
PAGE = """# The record

Every model of this desk was walked forward through {days} months, from {first} to {last}: on the fifteenth
of each month it was fitted to what was known before that day and to nothing else, and asked everything that the desk
asks anew each time. Each of the {n:,} questions was settled by its own rule, on the record of its settling day, and
what was published was bent by what had come out before.

**None of this is live.** Models and questions were written in 2026 by people who knew what had happened, so hindsight
in their choice cannot be ruled out. The base rate is what anybody could say who counts; some stronger yardsticks stand
on the pages of the models, for [attacks](attacks.md), [prices](prices.md), [outages](outages.md) and
[mechanisms](mechanisms.md), where less skill is left. `make record` walks anew and writes this page.

## Skill

Brier scores: 0 is best, 1 is worst. Skill is over the base rate, the share of past windows of the same length, with
its 90 % interval; whole years of forecasts are drawn together, for windows overlap. In the last column the strongest
yardstick that fits nothing, where all questions of a family have one.

{skill}
{void:,} forecasts are of questions that are void ({void_rate}): ends or days that nobody recorded would decide them.

{groups}
## Is what is said what happens?

![Reliability of all forecasts](images/record-reliability.svg)

How often it happened where how much was said, by isotonic regression, with the band in which the curve would lie nine
times in ten if all were calibrated, outcomes of one day hanging together as they did. Bars show how often what was
said.
{outside}

The mean Brier score is what miscalibration costs, less what telling cases apart gains, plus how hard they were (CORP):

{parts}
## What recalibration did

Published against raw, the models alone, on the same questions. The map of a family is learned from what had come out
by the day, with a prior that changes nothing.

{bent}
## Numbers

How often the 5 to 95 % range of the number that a question reads, a count, a price, days, held what came. Where many
futures say the same, as counts of nought do, such a range holds more than nine in ten.

{coverage}
## Year by year

Skill over the base rate, of forecasts made in each year.

{years}"""


def main() -> None:
    """Read the book, write the page and its picture."""
    scored = Register(Ledger(sys.argv[1]).rows()).scored()
    known = [one for one in scored if one.end.outcome is not None]
    whole = record.lines(scored)
    days = sorted({one.told.as_of for one in scored})
    picture = reliability(_diagram(known), "record-reliability", "Reliability of all forecasts")
    write(ROOT / "docs" / "images" / "record-reliability.svg", figures.svg(picture.chart).encode())
    page = PAGE.format(
        days=len(days),
        first=words.prose_date(days[0]),
        last=words.prose_date(days[-1]),
        n=len(scored),
        skill=_skills(whole),
        void=whole[-1].void,
        void_rate=words.short(whole[-1].void / len(scored)),
        groups=_groups(scored),
        outside=picture.alt.split(". ")[1] + ".",
        parts=_parts(known),
        bent=_bent(whole),
        coverage=_coverage(whole),
        years=_years(scored),
    )
    write(ROOT / "docs" / "record.md", page.encode())
    print(page)


def _skills(lines: Sequence[Line]) -> str:
    rows = [
        {
            "models": line.family,
            "n": f"{line.n:,}",
            "said": words.short(line.said),
            "happened": words.short(line.happened),
            "Brier": f"{line.brier:.4f}",
            "base rate": f"{line.baseline:.4f}",
            "skill": told(line.skill),
            "over the yardstick": told(line.benchmark) if line.benchmark else "",
        }
        for line in lines
    ]
    return table(list(rows[0]), rows)


def _groups(scored: Sequence[Scored]) -> str:
    rows = []
    for group in sorted({one.question.group for one in scored}):
        line = record.line(group, False, [one for one in scored if one.question.group == group])
        happened = words.short(line.happened)
        rows.append({"questions": group, "n": f"{line.n:,}", "happened": happened, "skill": told(line.skill)})
    return f"By group of questions:\n\n{table(list(rows[0]), rows)}"


def _diagram(known: Sequence[Scored]) -> calibration.Diagram:
    said = np.round([one.told.probability for one in known], 3)
    return calibration.diagram(
        said, _happened(known), np.random.default_rng(SEED), [str(one.told.as_of) for one in known]
    )


def _happened(known: Sequence[Scored]) -> list[float]:
    return [one.happened for one in known]


def _families(known: Sequence[Scored]) -> dict[str, list[Scored]]:
    names = sorted({one.told.family for one in known})
    return {**{name: [one for one in known if one.told.family == name] for name in names}, ALL: list(known)}


def _parts(known: Sequence[Scored]) -> str:
    rows = []
    for family, some in _families(known).items():
        found = decomposition.corp([one.told.probability for one in some], _happened(some))
        names = ("score", "miscalibration", "discrimination", "uncertainty")
        rows.append({"models": family, **{name: f"{getattr(found, name):.4f}" for name in names}})
    return table(list(rows[0]), rows)


def _bent(lines: Sequence[Line]) -> str:
    rows = [
        {
            "models": line.family,
            "published": f"{line.brier:.4f}",
            "raw": f"{line.raw:.4f}",
            "skill over raw": told(line.learned),
        }
        for line in lines
    ]
    return table(list(rows[0]), rows)


def _coverage(lines: Sequence[Line]) -> str:
    rows = [
        {
            "models": line.family,
            "n": f"{line.coverage.n:,}",
            "held": words.short(line.coverage.share),
            "90 % interval": words.interval(line.coverage.interval),
        }
        for line in lines
        if line.coverage is not None
    ]
    return table(list(rows[0]), rows)


def _years(scored: Sequence[Scored]) -> str:
    rows = []
    for year in sorted({one.told.as_of.year for one in scored}):
        lines = record.lines([one for one in scored if one.told.as_of.year == year])
        skills = {line.family: f"{words.points(line.skill.value)} %" for line in lines}
        rows.append({"year": str(year), **skills})
    return table(list(rows[0]), rows)


if __name__ == "__main__":
    main()
