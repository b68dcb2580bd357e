"""The page `docs/mechanisms.md`: what the walk of the mechanism model measured, and what it does not show."""

from collections.abc import Callable, Iterator
from datetime import date

import pandas as pd
from compared import Bar, Skill, interval, percent
from measured import machine, table, versions
from mechanism_record import HORIZONS
from mechanism_skill import MINE, OTHERS, Measured, best, mean_brier, miscalibration, settled, skill
from shown import marked, reached, said

ALL = "all"
MOST = 4
HEAD = """# How good the mechanism model is

The model of `models/mechanisms.toml` against {baselines} baselines, walk-forward: on the 15th of a month in each of
{origins} quarters, {first} to {last}, it was fitted to what was known of European mechanisms
on that day, and asked of every one that was open: does it reach each higher stage that its kind records, and does it
end, within {horizons} or {longest} days? {questions:,} such questions about {mechanisms} mechanisms
have been settled. Treaties of the WTO's list and mechanisms written by hand are kept apart throughout. Before 2015 too
few of the latter were open to ask about. `make mechanisms` computes all of this page anew, in less than ten minutes, of
which the comparison with the sampled posterior takes half.

The walk uses the *posterior mode*, found in less than a second; reports are made from the sampled posterior, and both
are set side by side below. **Skill** is by how much the mean Brier score is lower than another's, in per cent of the
latter. Brackets hold 90 % intervals from a bootstrap over whole mechanisms, because the questions about one go
together. An interval that holds 0 shows nothing, and such figures are set in italics.

- *constant rates*: `models/mechanisms_climatology.toml`, the product's own baseline: rates of kind and stage.
- *base rate*: how often it came after the 15th of past months, of all stages, or of all ends, and that long.
- *landmarks*: the same by distance (stages up), by stage, or by kind and stage; each shrunk towards the one before.
- *Kaplan–Meier*: how long others of the kind took from this stage, given the time already spent, with ends and the end
  of following censored. Shrunk towards all kinds together, which is worth 2 mechanisms (lightly) or 8 (firmly, which
  scores best on the whole record). The plain curve says exactly 0 at times and is not shown.

All know only what was known on the day. What the model reads beside mechanisms, attacks and steps of sanctions, is the
record until then and its replay afterwards. *Best* is the baseline with the lowest score on the very questions
compared, chosen with hindsight: harder than any that could have been picked beforehand. But the form of the model, and
what each kind never records, were chosen on this record before it was walked: what is new in it is the fit of each day.
"""
SETTLING = """## What counts as settled

A question is settled if the mechanism was followed through the closing day, or to its end or last stage before.
To settle a question *whenever* its answer is *known* would keep the yes of a mechanism that was not followed further,
and drop the no: it makes the world faster than it is. But also one that ended is counted however briefly it would
have been followed; *weighted* makes up for that, each question standing for those like it that were not followed until
their answer was certain. {void} of {asked:,} questions are void, because a date known to the month or year only would
decide; {unfollowed:.0f} % of the others were not followed through. What was scheduled beforehand is not asked.

Skill over the best baseline at reaching a stage, mechanisms written by hand:

"""
WEIGHTY = """## Reaching a stage: the mechanisms that weigh most

{most} that cost the model most, and those that gained it most, {longest} days ahead, against the best baseline there:
what was said and what happened on the average, and which part of all the skill lies in this one mechanism.

"""
ENGINES = """## The fast engine and the sampled posterior

Mean difference of the probability of reaching a stage, or ending, mechanisms written by hand, all horizons:

"""
CASE = """## INSTEX, as of 17 May 2019

The European channel for payments with Iran was declared operational on 28 June 2019, used once, on 31 March 2020, never
for oil, and dissolved on 9 March 2023. One case shows nothing about skill, but that the figures are sane.

"""
NOT_SHOWN = """## What is and is not forecastable here

Which mechanisms climb, and how soon: stage, kind, time on the stage, deadline and who opposes it say more together than
any table or curve of past cases, but for the questions whose figures stand in italics above. That a mechanism ends, the
model foresees no better than the base rate. Signed treaties enter into force about when treaties usually do; {ended} of
{treaties} ended, and nothing can be learned from that. An end is not a failure: a programme may have run its course.
The record was written with hindsight: what came to the news is over-represented, and quiet failures are few.
"""


def _of(rows: pd.DataFrame, treaty: bool, ends: bool) -> pd.DataFrame:
    return rows[(rows["treaty"] == treaty) & (rows["ends"] == ends)]


def _by_horizon(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {**{f"{days} days": rows[rows["days"] == days] for days in HORIZONS}, ALL: rows}


def _over_best(rows: pd.DataFrame, write: Callable[[Skill], str] = interval) -> str:
    other = best(rows)
    return f"{write(skill(rows, other))} over {other}"


def _bars(found: Measured, rows: pd.DataFrame) -> Iterator[Bar]:
    core = _of(rows, treaty=False, ends=False)
    for days in HORIZONS[1:]:
        part, least = core[core["days"] == days], 0.10 if days <= 90 else 0.13
        gained = skill(part, best(part))
        asked = f"at least {percent(least)}, interval above 0"
        yield Bar(f"reaching a stage, {days} days", asked, _over_best(part), gained.value >= least and gained.shown)
    others = {
        "ends": _of(rows, treaty=False, ends=True),
        "treaties reaching a stage": _of(rows, treaty=True, ends=False),
        "ends of treaties": _of(rows, treaty=True, ends=True),
    }
    for name, part in others.items():
        yield Bar(name, "at least −2 %", _over_best(part), skill(part, best(part)).value >= -0.02)
    error = miscalibration(core)
    yield Bar("reliability error, reaching a stage", "at most 0.0015", f"{error:.4f}", error <= 0.0015)
    fit, simulation = found.times["fit"], found.times["simulation"]
    yield Bar("fit of the mode", "at most 1 s", f"{fit:.2f} s", fit <= 1)
    name = f"4,000 futures of {found.times['mechanisms']:.0f} mechanisms"
    yield Bar(name, "at most 5 s", f"{simulation:.1f} s", simulation <= 5)
    if len(found.sampled):
        apart = (found.sampled["fast"] - found.sampled["sampled"]).abs().mean()
        yield Bar("fast engine against sampled posterior", "at most 0.015 apart", f"{apart:.4f}", apart <= 0.015)


def _against(title: str, rows: pd.DataFrame) -> str:
    """Compare the model with every baseline, by horizon."""
    parts = _by_horizon(rows)
    headings = ["", *parts]
    number = {name: f"{len(part):,} / {part['entity'].nunique()}" for name, part in parts.items()}
    over = [
        {"": f"over {other}", **{name: marked(skill(part, other)) for name, part in parts.items()}} for other in OTHERS
    ]
    brier = {name: mean_brier(part) for name, part in parts.items()}
    mean = [{"": model, **{name: f"{brier[name][model]:.4f}" for name in parts}} for model in (MINE, *OTHERS)]
    shares = [
        {"": word, **{name: f"{100 * part[column].mean():.1f} %" for name, part in parts.items()}}
        for word, column in (("said", MINE), ("happened", "outcome"))
    ]
    above = table(headings, [{"": "questions / mechanisms", **number}, *over])
    return (
        f"## {title}\n\n{above}\nMean Brier scores, and what the model said and what happened on the average:\n\n"
        + table(headings, [*mean, *shares])
    )


def _settling(rows: pd.DataFrame) -> str:
    certain = rows["outcome"].notna()
    words = SETTLING.format(
        void=f"{(~certain).sum():,}", asked=len(rows), unfollowed=100 * (1 - rows.loc[certain, "followed"].mean())
    )
    found = []
    for name, every in settled(rows).items():
        parts = _by_horizon(_of(every, treaty=False, ends=False))
        found.append({"": name, **{days: marked(skill(part, best(part))) for days, part in parts.items()}})
    return words + table(["", *found[0]][1:], found)


def _parts(core: pd.DataFrame) -> str:
    """Compare on parts of the questions about stages."""
    year = pd.to_datetime(core["origin"]).dt.year
    chosen = {
        "all": core["days"] > 0,
        "without the two that nobody followed after their last stage": ~core["last_source"],
        "contested": core["contested"],
        "not contested": ~core["contested"],
        "with Iran": core["with Iran"],
        "not with Iran": ~core["with Iran"],
        "asked in 2015 to 2018": year <= 2018,
        "asked in 2019 to 2021": year.between(2019, 2021),
        "asked from 2022 on": year >= 2022,
    }
    found = [
        {
            "": name,
            "mechanisms": str(core.loc[mine, "entity"].nunique()),
            "said": f"{100 * core.loc[mine, MINE].mean():.1f} %",
            "happened": f"{100 * core.loc[mine, 'outcome'].mean():.1f} %",
            "skill over the best": _over_best(core[mine], marked),
        }
        for name, mine in chosen.items()
    ]
    return "## Reaching a stage, by kind of question\n\nAll horizons together.\n\n" + table(list(found[0]), found)


def _by_mechanism(core: pd.DataFrame) -> str:
    """List the mechanisms that weigh most in the comparison two years ahead."""
    rows = core[core["days"] == max(HORIZONS)]
    other = best(rows)
    gained = (rows[other] - rows["outcome"]) ** 2 - (rows[MINE] - rows["outcome"]) ** 2
    total = gained.groupby(rows["entity"]).sum().sort_values()
    found = []
    for entity in (*total.index[:MOST], *total.index[-MOST:]):
        here = rows[rows["entity"] == entity]
        means = {
            name: f"{100 * here[column].mean():.1f} %" for name, column in (("said", MINE), (f"{other} said", other))
        }
        happened = f"{100 * here['outcome'].mean():.1f} %"
        share = percent(float(total[entity] / total.sum()))
        found.append(
            {"": f"`{entity}`", "questions": f"{len(here):,}", **means, "happened": happened, "of all skill": share}
        )
    words = WEIGHTY.format(most=("", "One", "Two", "Three", "Four")[MOST], longest=max(HORIZONS))
    return words + table(list(found[0]), found)


def _said(core: pd.DataFrame) -> str:
    errors = [
        {"": "calibration part", **{name: f"{miscalibration(part):.4f}" for name, part in _by_horizon(core).items()}}
    ]
    words = (
        "\nThe reliability error is the calibration part of the mean Brier score: by how much the best rising map of"
        " what was said,\nfound by isotonic regression on the outcomes themselves, would have lowered it.\n\n"
    )
    tenths = said(pd.DataFrame({"model": MINE, "p": core[MINE], "outcome": core["outcome"]}))
    return tenths.replace("happened\n", "happened: reaching a stage\n", 1) + words + table(list(errors[0]), errors)


def _engines(sampled: pd.DataFrame) -> str:
    found = []
    for origin, part in sampled.groupby("origin"):
        apart = (part["fast"] - part["sampled"]).abs()
        found.append(
            {
                "": f"{origin}",
                "questions": f"{len(part):,}",
                "mean": f"{apart.mean():.4f}",
                "19 of 20 below": f"{apart.quantile(0.95):.3f}",
                "largest": f"{apart.max():.3f}",
                "fast says": f"{100 * part['fast'].mean():.1f} %",
                "sampled says": f"{100 * part['sampled'].mean():.1f} %",
            }
        )
    return ENGINES + table(list(found[0]), found)


def _percent(p: float) -> str:
    return f"{100 * p:.1f} %" if p >= 0.001 else "below 0.1 %"


def _case(case: pd.DataFrame) -> str:
    questions = [str(text) for text in case[""]]
    models = [str(name) for name in case.columns if name not in ("", "came")]
    found = [
        {"": name, **{text: _percent(float(p)) for text, p in zip(questions, case[name], strict=True)}}
        for name in models
    ]
    came = {"": "what came", **{text: str(one) for text, one in zip(questions, case["came"], strict=True)}}
    return CASE + table(["", *questions], [*found, came])


def _head(rows: pd.DataFrame) -> str:
    first, last = (date.fromisoformat(f"{edge}"[:10]) for edge in (rows["origin"].min(), rows["origin"].max()))
    return HEAD.format(
        baselines=len(OTHERS),
        origins=rows["origin"].nunique(),
        first=f"{first:%B %Y}",
        last=f"{last:%B %Y}",
        horizons=", ".join(map(str, HORIZONS[:-1])),
        longest=HORIZONS[-1],
        questions=len(rows),
        mechanisms=rows["entity"].nunique(),
    )


def page(found: Measured) -> str:
    """Write the page in Markdown."""
    rows = settled(found.rows)["followed through"]
    core, in_force = _of(rows, treaty=False, ends=False), _of(rows, treaty=True, ends=True)
    ended = in_force[in_force["outcome"] == 1]["entity"].nunique()
    sections = [
        _head(rows),
        reached(list(_bars(found, rows))),
        _against("Reaching a stage: mechanisms written by hand", core),
        _against("Ending: mechanisms written by hand", _of(rows, treaty=False, ends=True)),
        _against("Reaching a stage: treaties", _of(rows, treaty=True, ends=False)),
        _against("Ending: treaties", in_force),
        _settling(found.rows),
        _parts(core),
        _by_mechanism(core),
        _said(core),
        *([_engines(found.sampled)] if len(found.sampled) else []),
        _case(found.case),
        NOT_SHOWN.format(ended=ended, treaties=in_force["entity"].nunique()),
        f"## Made by\n\n`make mechanisms` on {machine()}, with {versions()}.\n",
    ]
    return "\n".join(sections)
