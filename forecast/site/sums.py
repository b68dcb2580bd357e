"""The record in cells: sums of scores by domain, models and year, from which a reader's choice is added up."""

from collections.abc import Sequence

import numpy as np

from forecast import scores
from forecast.language import say
from forecast.register import Scored
from forecast.report.document import Column, Table
from forecast.site import cells
from forecast.site.contents import VOID

DECIMALS = 6  # in which sums are written; the page's script adds them up as whole numbers of the last one


def table(scored: Sequence[Scored]) -> Table:
    """Add up scores in cells."""
    found: dict[tuple[str, str, int], list[Scored]] = {}
    for one in scored:
        found.setdefault((one.question.domain, one.told.family, one.told.as_of.year), []).append(one)
    rows = tuple(
        (cells.group(domain), family, str(year), *_numbers(found[domain, family, year]))
        for domain, family, year in sorted(found)
    )
    columns = (
        Column(say("site-sums-domain")),
        Column(say("column-models")),
        Column(say("site-sums-year"), True),
        Column(say("column-came-out"), True),
        Column(cells.outcome(VOID), True),
        Column(say("site-sums-brier"), True),
        Column(say("site-sums-usual"), True),
        Column(say("site-sums-mean"), True),
        Column(say("site-sums-mean-usual"), True),
    )
    return Table(say("site-sums-caption"), columns, rows)


def says() -> dict[str, str]:
    """Give the texts of the page's script, which fills what stands in braces."""
    out, void, mine, usual, skill = (f"{{{name}}}" for name in ("out", "void", "mine", "usual", "skill"))
    return {
        "domain": say("site-sums-choose-domain"),
        "models": say("site-sums-choose-models"),
        "from": say("site-sums-choose-from"),
        "to": say("site-sums-choose-to"),
        "all": say("site-sums-choose-all"),
        "counted": say("site-sums-counted", out=out, void=void),
        "scored": say("site-sums-scored", out=out, void=void, mine=mine, usual=usual),
        "skilled": say("site-sums-skilled", out=out, void=void, mine=mine, usual=usual, skill=skill),
    }


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
