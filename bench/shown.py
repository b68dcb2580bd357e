"""What a walk of yes-or-no questions shows, as sections of a page.

Its table has one row for each origin, question and model: `p`, what was said, and `outcome`.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
import scoring
from compared import Bar, Skill, interval, percent
from measured import table

SEED = 20000101
BINS = np.linspace(0, 1, 11)


def skill(rows: pd.DataFrame, other: str, mine: str = "model") -> Skill:
    """Compare mean Brier scores on the same questions, months of origins drawn in blocks."""
    scores = rows.assign(score=scoring.brier(rows["p"], rows["outcome"]))
    totals = scores.pivot_table("score", "origin", "model", aggfunc="sum")
    one, two = (totals[name].to_numpy(float) for name in (mine, other))
    return Skill(*scoring.skill(one, two, np.random.default_rng(SEED)))


def mean_brier(rows: pd.DataFrame) -> pd.Series:
    """Average the Brier score of every model."""
    return scoring.brier(rows["p"], rows["outcome"]).groupby(rows["model"]).mean()


def marked(found: Skill) -> str:
    """Write a skill with its interval, in italics if the interval shows neither gain nor loss."""
    return interval(found) if found.shown or found.high < 0 else f"*{interval(found)}*"


def briefly(rows: pd.DataFrame, other: str) -> str:
    """Write a skill, without an interval where there are too few blocks of months to draw."""
    found = skill(rows, other)
    return marked(found) if rows["origin"].nunique() >= 2 * scoring.BLOCK else percent(found.value)


def bins(rows: pd.DataFrame) -> Iterator[tuple[str, int, float, float]]:
    """Give what was said, how often, on the average, and how often it happened, by tenths of probability."""
    for low, high in pairwise(BINS):
        some = rows[(rows["p"] >= low) & ((rows["p"] < high) | (high == 1))]
        if len(some):
            name = f"{low:.0%} to {high:.0%}".replace("%", " %")
            yield name, len(some), float(some["p"].mean()), float(some["outcome"].mean())


def reached(found: Sequence[Bar]) -> str:
    """Set bars beside what was measured."""
    rows = [
        {"": bar.name, "asked": bar.asked, "measured": bar.measured, "reached": "yes" if bar.met else "**no**"}
        for bar in found
    ]
    return "## What was asked, and what was reached\n\n" + table(["", "asked", "measured", "reached"], rows)


def against(parts: Mapping[str, pd.DataFrame], others: Sequence[str]) -> str:
    """Compare the model with baselines, on each part of the questions."""
    over = [
        {"": f"over {other}", **{name: marked(skill(part, other)) for name, part in parts.items()}} for other in others
    ]
    scores = {name: mean_brier(part) for name, part in parts.items()}
    mean = [{"": model, **{name: f"{scores[name][model]:.4f}" for name in parts}} for model in ("model", *others)]
    headings = ["", *parts]
    return f"{table(headings, over)}\nMean Brier scores:\n\n{table(headings, mean)}"


def in_crises(parts: Mapping[str, pd.DataFrame], others: Sequence[str]) -> str:
    """Compare the model with some baselines in each period."""
    rows = [
        {"": name, **{f"over {other}": briefly(part, other) for other in others}}
        for name, part in parts.items()
        if len(part)
    ]
    words = "## In crises and without them\n\nSkill; periods of less than two years have no interval.\n\n"
    return words + table(list(rows[0]), rows)


def said(rows: pd.DataFrame) -> str:
    """Set what the model said beside what happened."""
    found = [
        {"said": name, "forecasts": f"{count:,}", "mean": f"{100 * mean:.1f} %", "happened": f"{100 * happened:.1f} %"}
        for name, count, mean, happened in bins(rows[rows["model"] == "model"])
    ]
    return "## Said and happened\n\n" + table(list(found[0]), found)
