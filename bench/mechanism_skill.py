"""How good forecasts of mechanisms were: skill with intervals over whole mechanisms, the best baseline, reliability.

A table has one row for each question: a column for each model, what came (`outcome`), and how much it counts
(`weight`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from compared import Skill
from mechanism_baselines import CURVES, TABLES
from scoring import INTERVAL

from forecast import decomposition

MINE = "model"
OTHERS = ("constant rates", *TABLES, *CURVES)
SEED, REPLICATES = 20150315, 2000


@dataclass(frozen=True)
class Measured:
    """What the command measured.

    Parameters
    ----------
    rows : DataFrame
        One row for each question of the walk, as above.
    case : DataFrame
        One row for each question about INSTEX.
    sampled : DataFrame
        What the fast engine and the sampled posterior said; empty if that was left out.
    times : mapping
        How many `mechanisms`, and seconds of a `fit` and a `simulation`.
    """

    rows: pd.DataFrame
    case: pd.DataFrame
    sampled: pd.DataFrame
    times: Mapping[str, float]


def settled(rows: pd.DataFrame) -> Mapping[str, pd.DataFrame]:
    """Settle questions in three ways, the one that counts first; where a vague date decides, none does."""
    certain = rows[rows["outcome"].notna()]
    evenly = certain.assign(weight=1.0)
    return {
        "followed through": evenly[evenly["followed"]],
        "the same, weighted": certain[certain["followed"]],
        "whenever known": evenly[evenly["followed"] | (evenly["outcome"] == 1)],
    }


def mean_brier(rows: pd.DataFrame) -> pd.Series:
    """Average the Brier score of every model."""
    errors = (rows[[MINE, *OTHERS]].sub(rows["outcome"], axis=0) ** 2).mul(rows["weight"], axis=0)
    return errors.sum() / rows["weight"].sum()


def best(rows: pd.DataFrame) -> str:
    """Name the baseline that did best on these very questions."""
    return str(mean_brier(rows)[list(OTHERS)].idxmin())


def skill(rows: pd.DataFrame, other: str) -> Skill:
    """Compare mean Brier scores on the same questions; mechanisms are drawn whole, for their questions go together."""
    errors = (rows[[MINE, other]].sub(rows["outcome"], axis=0) ** 2).mul(rows["weight"], axis=0)
    mine, others = errors.groupby(rows["entity"]).sum().to_numpy().T
    number = len(mine)
    drawn = np.random.default_rng(SEED).multinomial(number, np.full(number, 1 / number), REPLICATES)
    low, high = np.quantile(1 - (drawn @ mine) / (drawn @ others), INTERVAL)
    return Skill(float(1 - mine.sum() / others.sum()), float(low), float(high))


def miscalibration(rows: pd.DataFrame) -> float:
    """Find by how much the best rising map of what was said would have lowered the mean Brier score.

    The calibration part of the score by isotonic regression, which sees the outcomes and so says rather too much
    (CORP; Dimitriadis, Gneiting and Jordan 2021, doi:10.1073/pnas.2016191118).
    """
    return decomposition.corp(rows[MINE].to_numpy(float), rows["outcome"].to_numpy(float)).miscalibration
