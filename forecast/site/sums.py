"""The record in cells: sums of scores by domain, models and year, from which a reader's choice is added up."""

from collections.abc import Sequence

import numpy as np

from forecast import scores
from forecast.register import Scored
from forecast.report.document import Column, Table
from forecast.site import cells

DECIMALS = 6  # in which sums are written; the page's script adds them up as whole numbers of the last one
HOW = (
    "Each row holds sums, so that rows can be added up: the mean Brier score of several is the sum of their sums over"
    " the number that came out. Years are those of the as-of day. With scripts, the choices do so; the skill of what"
    " is chosen has no interval here, so it cannot be told from chance."
)
COLUMNS = (
    Column("domain"),
    Column("models"),
    *(
        Column(name, True)
        for name in (
            "year",
            "came out",
            "void",
            "sum of Brier scores",
            "of base rates",
            "mean Brier score",
            "of base rate",
        )
    ),
)


def table(scored: Sequence[Scored]) -> Table:
    """Add up scores in cells."""
    found: dict[tuple[str, str, int], list[Scored]] = {}
    for one in scored:
        found.setdefault((one.question.domain, one.told.family, one.told.as_of.year), []).append(one)
    rows = tuple(
        (cells.group(domain), family, str(year), *_numbers(found[domain, family, year]))
        for domain, family, year in sorted(found)
    )
    return Table("Sums of scores", COLUMNS, rows)


def _numbers(some: Sequence[Scored]) -> tuple[str, ...]:
    known = [one for one in some if one.end.outcome is not None]
    happened = np.array([one.happened for one in known])
    totals = [
        float(scores.brier([getattr(one.told, name) for one in known], happened).sum())
        for name in ("probability", "baseline")
    ]
    means = [f"{total / len(known):.4f}" if known else cells.NONE for total in totals]
    sums = (f"{total:.{DECIMALS}f}" for total in totals)
    return f"{len(known):,}", f"{len(some) - len(known):,}", *sums, *means
