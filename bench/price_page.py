"""The page `docs/prices.md`: what the walk of the price model measured, and what it does not show."""

from collections.abc import Iterator, Mapping
from datetime import date

import pandas as pd
from compared import Bar, interval, points
from measured import machine, versions
from price_paths import ASKED, BASELINES
from shown import against, bins, in_crises, mean_brier, reached, said, skill

FAMILIES = ("up", "down", "end", "volatility")
OTHERS = (*BASELINES, "persistence")
STRONG = ("volatility bins", "GARCH(1,1)-t")
ENOUGH = 500  # forecasts of a bin
HEAD = """# How good the price model is

The model of `models/brent.toml` against {baselines} baselines, walk-forward: on the first day of each of {origins}
months, {first} to {last}, it was fitted to the dated Brent known on that day and asked {questions} questions over
30, 60 and 90 days: a rise or a fall by 5, 10, 20 or 30 per cent on some day; an end 10 per cent up, not below, or
10 per cent down; volatility above 40 per cent. {windows:,} questions have been settled. `make prices` computes all
of this page anew, in some ten minutes.

**Skill** is by how much the mean Brier score is lower than another's, in per cent of the latter. Brackets hold 90 %
intervals from a bootstrap in blocks of twelve months, because windows overlap. An interval that holds 0 shows
nothing, and such figures are set in italics.

- *climatology*: what followed on every past day since 1987, on those of the last 15 or 10 years, or (seasonal) on
  days within a month of the date.
- *volatility bins*: on past days in the same fifth by volatility over 22 days.
- *volatility-scaled past*: on every past day, in proportion to volatility over 60 days.
- *lognormal*: a random walk with the volatility of the last 60 days. *GARCH(1,1)-t*: fitted to the last ten years.
- *persistence*: halfway between climatology and what happened in the last window of the same length.

The form of the model was chosen on this record before it was walked: what is new in it is the fit of each month.
"""
NOT_SHOWN = """## What is and what is not forecastable here

How restless oil prices will be can be forecast for weeks to months, because restless days come together: the gain
on questions of volatility is the largest. A move of a tenth in some direction gets likelier when prices are
restless, so those questions gain too, and much less. **Which** direction is not forecast: a rise and a fall of the
same size differ only by what past paths did, and the skill on falls and on ends of windows is small or none. A
model of daily prices does not see a war or a closed strait coming either: after such a day it says at once that
much may follow, not before. Prices are of dated Brent, cargoes loaded soon, which can leap where futures do not;
and this record is published some days late, while the walk takes every close as known on the next day.
"""


def _periods(rows: pd.DataFrame) -> Mapping[str, pd.DataFrame]:
    at = rows["origin"]
    crises = {
        "2008 and 2009": at.between(date(2008, 1, 1), date(2009, 12, 31)),
        "July 2014 to June 2016": at.between(date(2014, 7, 1), date(2016, 6, 30)),
        "2020": at.between(date(2020, 1, 1), date(2020, 12, 31)),
        "2022": at.between(date(2022, 1, 1), date(2022, 12, 31)),
        "from December 2025 on": at >= date(2025, 12, 1),
    }
    inside = pd.concat(crises.values(), axis=1).any(axis=1)
    return {name: rows[chosen] for name, chosen in crises.items()} | {"all other months": rows[~inside]}


def _bars(rows: pd.DataFrame) -> Iterator[Bar]:
    mine, mean = rows[rows["model"] == "model"], float(mean_brier(rows)["model"])
    yield Bar("mean Brier score", "at most 0.1610", f"{mean:.4f}", mean <= 0.161)
    for other in ("climatology", "GARCH(1,1)-t"):
        found = skill(rows, other)
        yield Bar(f"skill over {other}", "interval above 0", interval(found), found.shown)
    worst = min(
        ((family, other, skill(rows[rows["family"] == family], other)) for family in FAMILIES[:3] for other in OTHERS),
        key=lambda one: one[2].value,
    )
    where = f"{worst[0]}, {worst[1]}: {interval(worst[2])}"
    yield Bar("worst of up, down and end against any baseline", "at least −1 %", where, worst[2].value >= -0.01)
    gap = max(abs(said - happened) for _, count, said, happened in bins(mine) if count >= ENOUGH)
    yield Bar(f"reliability gap of bins with {ENOUGH} forecasts", "at most 4 points", points(gap), gap <= 0.04)
    seconds = float(rows.groupby("origin")["seconds"].first().median())
    yield Bar("fit and futures of three horizons", "at most 50 ms", f"{1000 * seconds:.0f} ms", seconds <= 0.05)


def _families(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {"all": rows} | {name: rows[rows["family"] == name] for name in FAMILIES}


def page(rows: pd.DataFrame) -> str:
    """Write the page in Markdown."""
    head = HEAD.format(
        baselines=len(OTHERS),
        origins=rows["origin"].nunique(),
        first=f"{rows['origin'].min():%B %Y}",
        last=f"{rows['origin'].max():%B %Y}",
        questions=len(ASKED),
        windows=int((rows["model"] == "model").sum()),
    )
    sections = [
        head,
        reached(list(_bars(rows))),
        "## Against every baseline\n\n" + against(_families(rows), OTHERS),
        in_crises(_periods(rows), ("climatology", *STRONG)),
        said(rows),
        NOT_SHOWN,
        f"## Made by\n\n`make prices` on {machine()}, with {versions()}.\n",
    ]
    return "\n".join(sections)
