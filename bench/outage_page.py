"""The page `docs/outages.md`: what the walk of the outage model measured, and what it does not show."""

from collections.abc import Iterator, Mapping
from datetime import date

import outage_totals
import pandas as pd
from compared import Bar, interval, percent
from measured import machine, table, versions
from outage_record import ANYWHERE, BASELINES, MONTHS, REGIONS, SIZES
from shown import against, briefly, in_crises, marked, mean_brier, reached, said, skill

SEASONAL, PLAIN = "climatology, seasonal, 15 years", "climatology, 10 years"
OTHERS = tuple(BASELINES)
HEAD = """# How good the outage model is

The model of `models/outages.toml` against {baselines} baselines, walk-forward: on the first day of each of {origins}
months, {first} to {last}, it was fitted to the outages known on that day and asked {questions} questions: does an
outage of at least 100, 500 or 1,000 thousand barrels a day begin in one of six regions, or anywhere, within 1, 2, 3
or 6 whole months? Whole, because a third of the outages are dated to a month only; the two regions with one outage
each are asked about under “anywhere” alone. {windows:,} questions have been settled. `make outages` computes all of
this page anew, in about a quarter of an hour.

**Skill** is by how much the mean Brier score is lower than another's, in per cent of the latter. Brackets hold 90 %
intervals from a bootstrap in blocks of twelve months, because windows overlap. An interval that holds 0 shows
nothing, and such figures are set in italics.

- *climatology*: how often it happened in past windows of whole months since 2000, or in the last 15 or 10 years.
- *seasonal*: in windows of the same length within 15 days of the date, in each of the last 15 years.
- *persistence*: halfway between climatology and what happened in the last window of the same length.

The form of the model was chosen on this record before it was walked: what is new in it is the fit of each month.
"""
NOT_SHOWN = """## What is and is not forecastable here

That outages begin somewhere, about how many, and in which season hurricanes come: all of that is climatology, and the
model says it with less noise for regions and sizes of which there are few. It sees no single outage coming. That one
outage brings another, or that attacks on oil foretell one, was tried on this table and not found. In a report with a
model of attacks a simulated one brings an outage now and then (two did so on record); here the model stands alone, so
that nothing on this page comes from that link. Dates to a month, sizes that became known later than the outage, and a
record that holds more small outages in recent years bound what any model can learn from it.
"""


def _parts(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    sizes = {f"{size:,} kb/d": rows[rows["size"] == size] for size in SIZES}
    return {"all": rows, **sizes}


def _periods(rows: pd.DataFrame) -> Mapping[str, pd.DataFrame]:
    at = rows["origin"]
    crises = {
        "2011 (Libya)": at.between(date(2011, 1, 1), date(2011, 12, 31)),
        "May 2019 to January 2020 (Gulf)": at.between(date(2019, 5, 1), date(2020, 1, 31)),
        "2022 (Russia)": at.between(date(2022, 1, 1), date(2022, 12, 31)),
        "from December 2025 on": at >= date(2025, 12, 1),
    }
    inside = pd.concat(crises.values(), axis=1).any(axis=1)
    later = {"all other months": ~inside, "all months from 2010 on": at >= date(2010, 1, 1)}
    return {name: rows[chosen] for name, chosen in {**crises, **later}.items()}


def _bars(rows: pd.DataFrame) -> Iterator[Bar]:
    mine, mean = rows[rows["model"] == "model"], float(mean_brier(rows)["model"])
    yield Bar("mean Brier score", "at most 0.0755", f"{mean:.4f}", mean <= 0.0755)
    found = skill(rows, SEASONAL)
    yield Bar(f"skill over {SEASONAL}", "at least −1 %", interval(found), found.value >= -0.01)
    ratio = float(mine["p"].mean() / mine["outcome"].mean())
    measured = f"{percent(ratio - 1)} ({mine['p'].mean():.3f} said, {mine['outcome'].mean():.3f} happened)"
    yield Bar("mean forecast against mean outcome", "within 15 %", measured, abs(ratio - 1) <= 0.15)


def _regions(rows: pd.DataFrame) -> str:
    found = []
    for region in REGIONS:
        here = rows[rows["region"] == region]
        mine = here[here["model"] == "model"]
        found.append(
            {
                "": region if region == ANYWHERE else region.replace("_", " "),
                "said": f"{mine['p'].mean():.3f}",
                "happened": f"{mine['outcome'].mean():.3f}",
                **{f"over {other}": marked(skill(here, other)) for other in (SEASONAL, PLAIN)},
            }
        )
    return "## By region\n\n" + table(list(found[0]), found)


def _horizons(rows: pd.DataFrame) -> str:
    found = [
        {
            "": f"{months} months" if months > 1 else "1 month",
            **{f"over {other}": marked(skill(rows[rows["months"] == months], other)) for other in (SEASONAL, PLAIN)},
        }
        for months in MONTHS
    ]
    return "## By length of the window\n\n" + table(list(found[0]), found)


def _tried(rows: pd.DataFrame) -> str:
    names = [name for name in rows["model"].unique() if name not in ("model", *OTHERS)]
    scores = mean_brier(rows)
    found = [
        {"": name, "Brier": f"{scores[name]:.4f}", "skill of the model over it": briefly(rows, name)} for name in names
    ]
    words = (
        "## Other settings\n\nThe same model, but for one thing. An interval above 0 says that the model is better.\n\n"
    )
    return words + table(list(found[0]), found)


TOTALS = """## All outages under way

Do outages under way at the end of a month, 1, 3 or 6 months ahead, come to 500, 1,000, 2,000 or 3,000 thousand
barrels a day, each counted with its peak until it ends? An outage whose end nobody recorded may have been under way
for a year; where that would decide, the question is void, as {void:.0f} % were. The baselines know how often it was
so at the ends of past months, or (*transition*) after months that were like the last one. What was still under way
on a day is taken from ends as they were recorded later, for the model and the baselines alike.

"""


def _totals(standing: pd.DataFrame) -> str:
    asked = standing["origin"].nunique() * len(outage_totals.TOTALS) * len(outage_totals.AHEAD)
    settled = int((standing["model"] == "model").sum())
    parts = {"all": standing}
    for months in outage_totals.AHEAD:
        parts[f"{months} months" if months > 1 else "1 month"] = standing[standing["months"] == months]
    words = TOTALS.format(void=100 * (1 - settled / asked))
    return words + against(parts, tuple(outage_totals.BASELINES))


def page(begun: pd.DataFrame, standing: pd.DataFrame) -> str:
    """Write the page in Markdown, from the scores of outages that begin and of those under way."""
    rows = begun
    mine = rows[rows["model"] == "model"]
    head = HEAD.format(
        baselines=len(OTHERS),
        origins=rows["origin"].nunique(),
        first=f"{rows['origin'].min():%B %Y}",
        last=f"{rows['origin'].max():%B %Y}",
        questions=len(REGIONS) * len(SIZES) * len(MONTHS),
        windows=len(mine),
    )
    sections = [
        head,
        reached(list(_bars(rows))),
        "## Against every baseline\n\n" + against(_parts(rows), OTHERS),
        _regions(rows),
        _horizons(rows),
        in_crises(_periods(rows), ("climatology", SEASONAL, PLAIN)),
        said(rows),
        _tried(rows),
        _totals(standing),
        NOT_SHOWN,
        f"## Made by\n\n`make outages` on {machine()}, with {versions()}.\n",
    ]
    return "\n".join(sections)
