"""The page `docs/attacks.md`: everything the walk measured, said once, with what it does not show."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd
from compared import (
    BEST,
    MEASURES,
    THRESHOLDS,
    WITHOUT,
    Bin,
    Measure,
    Skill,
    bars,
    coverage,
    gap,
    interval,
    points,
    recalibrated,
    reliability,
    skill,
)
from measured import table
from walk import HORIZONS
from yardsticks import BASELINES

from forecast.calibration import WORTH

MEMBERS = ("additive", "log", "recent")
HEAD = """# How good the attack model is

The pool of `models/proxy_attacks.toml` against {baselines} baselines, walk-forward: on the first day of each of
{origins} months, {first} to {last}, every model was fitted to what was known on that day, and forecast the
{questions} groups of attack questions that the bars were set for, over 30, 60 and 90 days. {windows:,} windows had
closed by the end of the record. `make skill` computes all of this page anew, in about an hour.

**Skill** is by how much a score is lower than another's, in per cent of the latter: that of the pool, if nothing
else is said, against the strongest baseline, the rate of a past that loses half its weight in 90 days. Brackets hold
90 % intervals from a bootstrap in blocks of twelve months, because windows overlap. An interval that holds 0 shows
nothing, and such figures are set in italics. The baselines are the rate of an exponentially weighted past
(half-life 90 or 30 days), of the last window of the same length, of the whole record, and how often each count came
in past windows. Forecasts are those of the models, before any recalibration.

The forms and priors of the models were chosen on this same record, before and while it was walked: what is new in
it is the fit of each month, not the choice of model. Expect somewhat less of months to come.
"""


@dataclass(frozen=True)
class Measured:
    """What the walks gave.

    Parameters
    ----------
    main, merged, switch : DataFrame
        Scores: of the model; of the same with `iran_unattributed` taken for `iran_state`; of the trial in `switch`.
    made_by : str
        Versions and machine, in words.
    later : DataFrame
        Scores on questions that were added after the bars were set, which count for none of them.
    """

    main: pd.DataFrame
    merged: pd.DataFrame
    switch: pd.DataFrame
    made_by: str
    later: pd.DataFrame


def page(found: Measured) -> str:
    """Write the page in Markdown."""
    main = found.main
    sections = [
        _head(main),
        _bars(main),
        _baselines(main),
        _periods(main),
        _questions(main),
        _later(found.later),
        _calibration(main),
        _attribution(found),
        _switch(found.switch),
        _not_shown(main),
        f"## Made by\n\n{found.made_by}\n",
    ]
    return "\n".join(filter(None, sections))


def _head(main: pd.DataFrame) -> str:
    origins = main["origin"]
    return HEAD.format(
        baselines=len(BASELINES),
        origins=origins.nunique(),
        first=f"{origins.min():%B %Y}",
        last=f"{origins.max():%B %Y}",
        questions=main["question"].nunique(),
        windows=int((main["model"] == "pool").sum()),
    )


def marked(found: Skill) -> str:
    """Write a skill with its interval, in italics if the interval shows neither gain nor loss."""
    return interval(found) if found.shown or found.high < 0 else f"*{interval(found)}*"


def _row(what: str, main: pd.DataFrame, mine: str = "pool", other: str = BEST) -> dict[str, str]:
    asked = [measure for measure in MEASURES if main["horizon"].isin(measure.horizons).any()]
    return {"": what, **{measure.name: marked(skill(main, measure, mine, other)) for measure in asked}}


def _bars(main: pd.DataFrame) -> str:
    rows = [
        {"": bar.name, "asked": bar.asked, "measured": bar.measured, "reached": "yes" if bar.met else "**no**"}
        for bar in bars(main)
    ]
    return "## What was asked, and what was reached\n\nBars were set before anything was built.\n\n" + table(
        ["", "asked", "measured", "reached"], rows
    )


def _baselines(main: pd.DataFrame) -> str:
    headings = ["", *(measure.name for measure in MEASURES)]
    of_pool = [_row(f"over {name}", main, other=name) for name in BASELINES]
    of_members = [_row(f"{name}, over {BEST}", main, mine=name) for name in MEMBERS]
    gained = [_row(f"pool, over {name}", main, other=name) for name in MEMBERS]
    return (
        "## Against every baseline\n\nSkill of the pool. The log score is that of one or more and of three or more "
        "together; CRPS compares whole distributions of counts.\n\n"
        + table(headings, of_pool)
        + "\nEach member alone, and what the pool gains over it:\n\n"
        + table(headings, of_members + gained)
    )


def _periods(main: pd.DataFrame) -> str:
    rows = [_row(name, main[inside(main["origin"])]) for name, inside in WITHOUT.items()]
    return f"## Without what makes the record special\n\nSkill of the pool over the {BEST} baseline.\n\n" + table(
        ["", *(measure.name for measure in MEASURES)], rows
    )


def _questions(main: pd.DataFrame) -> str:
    def row(what: str, part: pd.DataFrame) -> dict[str, str]:
        mine = part[part["model"] == "pool"]
        counts = {f"{at} or more": f"{100 * (mine['outcome'] >= at).mean():.0f} %" for at in THRESHOLDS}
        return {**_row(what, part), **counts}

    rows = [row(name, main[main["question"] == name]) for name in sorted(main["question"].unique())]
    rows += [row(f"{days} days", main[main["horizon"] == days]) for days in HORIZONS]
    shown = [measure for measure in MEASURES if len(measure.horizons) > 1]
    headings = ["", *(f"{at} or more" for at in THRESHOLDS), *(measure.name for measure in shown)]
    return "## By question and by horizon\n\nHow often it happened, and the skill of the pool.\n\n" + table(
        headings, rows
    )


def _later(later: pd.DataFrame) -> str:
    if later.empty:
        return ""
    rows = [_row(name, later[later["question"] == name]) for name in sorted(later["question"].unique())]
    headings = ["", *(measure.name for measure in MEASURES)]
    return (
        "## Questions that came later\n\nSkill of the pool on questions that were added after the bars were set: who"
        " did it, and who stands up for it. They count for nothing else on this page; many ask for what hardly ever"
        " happens, where a constant rate is weak and skill is cheap.\n\n" + table(headings, rows)
    )


def _bins(bins: list[Bin]) -> dict[tuple[float, float], str]:
    return {(one.low, one.high): f"{100 * one.said:.0f} % → {100 * one.happened:.0f} % ({one.count})" for one in bins}


def _calibration(main: pd.DataFrame) -> str:
    columns, maps = {}, []
    for at in THRESHOLDS:
        rows = recalibrated(main, at)
        happened = rows["happened"].to_numpy()
        for name, label in (("raw", "raw"), ("bent", "recalibrated")):
            columns[f"{at} or more, {label}"] = _bins(reliability(rows[name].to_numpy(), happened))
        maps.append(f"{rows.attrs['slope']:.2f} and {rows.attrs['shift']:+.2f} for {at} or more".replace("-", "−"))
    edges = sorted({edge for column in columns.values() for edge in column})
    lines = [
        {
            "": f"{100 * low:.0f} to {100 * high:.0f} %",
            **{name: each.get((low, high), "") for name, each in columns.items()},
        }
        for low, high in edges
    ]
    return (
        "## Calibration\n\nWhat was said on the average → what share happened (number of forecasts). The recalibration "
        "bends each forecast by a logistic map learned from those that had been resolved before, with a prior worth "
        f"{WORTH:.0f} resolved questions that nothing need be changed.\n\n"
        + table(["", *columns], lines)
        + f"\nThe last slopes and shifts are {' and '.join(maps)}. "
        f"The middle 90 % of the pool's distributions held {100 * coverage(main):.0f} % of the counts.\n\n"
        f"Windows overlap and questions are kin, so {WORTH:.0f} resolved forecasts tell far less than as many "
        "independent ones would, and what is learned from the first of them misleads. With priors worth more, which "
        "nobody chose beforehand:\n\n" + _worths(main)
    )


def _worths(main: pd.DataFrame) -> str:
    """Lay out the Brier score and the worst gap below 80 %, raw and recalibrated under ever stronger priors."""
    rows = []
    for worth in (None, WORTH, 4 * WORTH, 16 * WORTH):
        row = {"prior worth": f"{worth:.0f}" if worth else "raw"}
        for at in THRESHOLDS:
            found = recalibrated(main, at, worth or WORTH)
            said = found["bent" if worth else "raw"]
            row[f"Brier, {at} or more"] = f"{((said - found['happened']) ** 2).mean():.4f}"
            row[f"worst gap, {at} or more"] = points(gap(said, found["happened"]))
        rows.append(row)
    return table(list(rows[0]), rows)


def _attribution(found: Measured) -> str:
    both = {"as recorded": found.main, "one and the same": found.merged}
    rows = [_row(name, each) for name, each in both.items()]
    iran = ("iran-state", "iran-state-us")
    rows += [_row(f"{name}: `iran-state…` alone", each[each["question"].isin(iran)]) for name, each in both.items()]
    return (
        "## If unattributed attacks were Iran's\n\nAttacks that are laid at Iran's door without an admission "
        "stand in the record as `iran_unattributed`. The model keeps them apart, as an origin of its own, "
        "and questions about Iran's forces do not count them. Taken for those of `iran_state` instead, in the fits and "
        "in the outcomes:\n\n" + table(["", *(measure.name for measure in MEASURES)], rows)
    )


def _switch(switch: pd.DataFrame) -> str:
    rows = [{"": "skill", **{one.name: marked(skill(switch, one, "with the switch", "as it is")) for one in MEASURES}}]
    said = " ".join(_verdict(switch))
    return (
        "## A front that falls silent at once\n\nTruces end campaigns overnight, while memories fade. "
        "`bench/switch.py` lets each front of the additive member be in a campaign or quiet, which nobody sees, and "
        f"infers which. Skill on {switch['origin'].nunique()} origins, against the member as it is:\n\n"
        + table(["", *(measure.name for measure in MEASURES)], rows)
        + f"\n{said}\n"
    )


def _verdict(switch: pd.DataFrame) -> Iterator[str]:
    scored = [skill(switch, one, "with the switch", "as it is") for one in MEASURES]
    better, worse = sum(one.shown for one in scored), sum(one.high < 0 for one in scored)
    yield f"It is better beyond doubt by {better} of {len(scored)} measures and worse by {worse}."
    yield "So it is not part of the model." if better == 0 or worse else "So it deserves a place in the model."


def _not_shown(main: pd.DataFrame) -> str:
    lines: list[str] = []

    def doubted(where: str, part: pd.DataFrame, measures: tuple[Measure, ...] = MEASURES, other: str = BEST) -> None:
        names = [measure.name for measure in measures if not skill(part, measure, "pool", other).shown]
        if names:
            lines.append(f"- {where}: {'; '.join(names)}.")

    for name in BASELINES:
        doubted(f"skill over {name}", main, other=name)
    several = tuple(measure for measure in MEASURES if len(measure.horizons) > 1)
    for days in HORIZONS:
        doubted(f"at {days} days", main[main["horizon"] == days], several)
    for name, of in WITHOUT.items():
        if name != "all origins":
            doubted(name, main[of(main["origin"])])
    return (
        "## What is not shown\n\nThe interval of the pool's skill holds 0, or lies below it, for\n\n"
        + "\n".join(lines)
        + "\n"
    )
