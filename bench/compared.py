"""What a walk shows: skill with intervals, coverage, reliability, and the bars that were set beforehand.

A walk's table has one row for each origin, question group, horizon and model, with the outcome of the window.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scoring
from numpy.typing import NDArray

from forecast.calibration import CLIP, WORTH, Bent, learned

THRESHOLDS = (1, 3)
BEST = "discounted rate, 90 days"  # the baseline that the bars name
SEED = 20170101
# The questions that the bars were set for; those that were added later count for none of them.
BARRED = (
    "any-sau-are",
    "iran-state",
    "iran-state-us",
    "oil-infrastructure",
    "oil-infrastructure-sau-are",
    "shipping-gulf",
    "shipping-red-sea",
    "us-iraq-syria",
)
EDGES = np.array([0.0, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0])


def _threshold(rule: Callable[[pd.Series, pd.Series], pd.Series], at: int) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda rows: rule(rows[f"p{at}"], rows["outcome"] >= at)


def _both(rows: pd.DataFrame) -> pd.Series:
    return sum((_threshold(scoring.log_score, at)(rows) for at in THRESHOLDS), pd.Series(0.0, rows.index))


def barred(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep the questions that the bars were set for."""
    return rows[rows["question"].isin(BARRED)].reset_index(drop=True)


@dataclass(frozen=True)
class Measure:
    """A score, lower better, of some rows."""

    name: str
    score: Callable[[pd.DataFrame], pd.Series]
    horizons: tuple[int, ...] = (30, 60, 90)


MEASURES = (
    Measure("Brier, 1 or more", _threshold(scoring.brier, 1)),
    Measure("Brier, 3 or more", _threshold(scoring.brier, 3)),
    Measure("log score", _both),
    Measure("CRPS", lambda rows: rows["crps"]),
    Measure("Brier, 1 or more, 30 days", _threshold(scoring.brier, 1), (30,)),
)


@dataclass(frozen=True)
class Skill:
    """By how much a score is lower than another's, in parts of the other's, with its 90 % interval."""

    value: float
    low: float
    high: float

    @property
    def shown(self) -> bool:
        """Tell whether the interval leaves no doubt that there is some."""
        return self.low > 0


def skill(table: pd.DataFrame, measure: Measure, mine: str, other: str) -> Skill:
    """Compare two models on the same rows, months of origins drawn in blocks."""
    rows = table[table["horizon"].isin(measure.horizons)]
    totals = rows.assign(score=measure.score(rows)).pivot_table("score", "origin", "model", aggfunc="sum")
    one, two = (totals[name].to_numpy(float) for name in (mine, other))
    return Skill(*scoring.skill(one, two, np.random.default_rng(SEED)))


WITHOUT: Mapping[str, Callable[[pd.Series], pd.Series]] = {
    "all origins": lambda origin: origin.notna(),
    "without 2022 (truce in Yemen)": lambda origin: origin.dt.year != 2022,
    "without the Red Sea campaign, origins October 2023 to December 2024": lambda origin: (
        ~origin.between("2023-10-01", "2024-12-31")
    ),
    "without the war of 2026, origins from December 2025 on": lambda origin: origin < "2025-12-01",
    "without both": lambda origin: ~origin.between("2023-10-01", "2024-12-31") & (origin < "2025-12-01"),
}


def coverage(table: pd.DataFrame, model: str = "pool") -> float:
    """Say how often the middle 90 % of a model's distribution held the outcome, ties broken at random."""
    rows = table[table["model"] == model]
    return scoring.coverage(rows["pit_low"].tolist(), rows["pit_high"].tolist(), np.random.default_rng(SEED))


def recalibrated(table: pd.DataFrame, threshold: int, worth: float = WORTH) -> pd.DataFrame:
    """Bend each probability of the pool by the map that the forecasts resolved before its origin suggest.

    Returns
    -------
    DataFrame
        The pool's rows with `happened`, `raw` and `bent`; the last slope and shift stand in its attributes.
    """
    rows = table[table["model"] == "pool"].sort_values("origin", kind="stable")
    rows = rows.assign(happened=rows["outcome"] >= threshold, raw=rows[f"p{threshold}"], bent=np.nan)
    closes = rows["origin"] + pd.to_timedelta(rows["horizon"], "D")
    bent = Bent()
    for origin in rows["origin"].unique():
        known = rows[closes <= origin]
        if len(known):
            bent = learned(known["raw"].to_numpy(), known["happened"].to_numpy(), worth=worth)
        here = (rows["origin"] == origin).to_numpy()
        rows.loc[here, "bent"] = bent(rows["raw"].to_numpy()[here].clip(CLIP, 1 - CLIP))
    rows.attrs = {"slope": bent.slope, "shift": bent.shift}
    return rows


@dataclass(frozen=True)
class Bin:
    """Forecasts of like probability: how many, what was said on the average, what share happened."""

    low: float
    high: float
    count: int
    said: float
    happened: float


def reliability(p: NDArray[np.float64], happened: NDArray[np.bool_]) -> list[Bin]:
    """Set what was said beside what happened, bin by bin; bins without a forecast are left out."""
    at = np.clip(np.searchsorted(EDGES, p, side="right") - 1, 0, len(EDGES) - 2)
    inside = [(place, at == place) for place in range(len(EDGES) - 1)]
    return [
        Bin(float(EDGES[i]), float(EDGES[i + 1]), int(some.sum()), float(p[some].mean()), float(happened[some].mean()))
        for i, some in inside
        if some.any()
    ]


def gap(p: pd.Series, happened: pd.Series, below: float = 0.8) -> float:
    """Find how far the said is from what happened at most, in bins below a probability."""
    bins = reliability(p.to_numpy(), happened.to_numpy())
    return max(abs(one.said - one.happened) for one in bins if one.high <= below + 1e-9)


def tail(table: pd.DataFrame) -> float:
    """Compare the pool's 99 % points at 90 days with the largest 90-day count on record, of the worst question."""
    rows = table[(table["model"] == "pool") & (table["horizon"] == 90)]
    each = rows.groupby("question")[["q99", "outcome"]].max()
    return float((each["q99"] / each["outcome"].clip(lower=1)).max())


@dataclass(frozen=True)
class Bar:
    """What was to be reached, beside what was."""

    name: str
    asked: str
    measured: str
    met: bool


def bars(table: pd.DataFrame) -> Iterator[Bar]:
    """Set the bars of the design beside what the walk measured."""
    for measure, least in zip(MEASURES, (0.03, 0.07, 0.07, None, 0.05), strict=True):
        if least is not None:
            found = skill(table, measure, "pool", BEST)
            met = found.value >= least and found.shown
            yield Bar(measure.name, f"at least {percent(least)}, interval above 0", interval(found), met)
    truce = table[WITHOUT["without 2022 (truce in Yemen)"](table["origin"])]
    found = skill(truce, MEASURES[0], "pool", BEST)
    yield Bar(f"{MEASURES[0].name}, without 2022", "at least 0 %", interval(found), found.value >= 0)
    held = coverage(table)
    yield Bar("90 % intervals hold", "82 % to 95 %", f"{100 * held:.0f} %", 0.82 <= held <= 0.95)
    bent = [recalibrated(table, at) for at in THRESHOLDS]
    gaps = [gap(rows["bent"], rows["happened"]) for rows in bent]
    yield Bar("reliability gap below 80 %, recalibrated", "at most 10 points", points(max(gaps)), max(gaps) <= 0.1)
    most = tail(table)
    yield Bar("99 % point of a 90-day count", "below 5 x the record", f"{most:.1f} x", most < 5)


def percent(value: float) -> str:
    """Write a share with its sign."""
    return f"{100 * value:+.1f} %".replace("-", "−")


def points(value: float) -> str:
    """Write a difference of probabilities."""
    return f"{100 * value:.0f} points"


def interval(found: Skill) -> str:
    """Write a skill with its interval."""
    low, high = (f"{100 * end:+.1f}".replace("-", "−") for end in (found.low, found.high))
    return f"{percent(found.value)} [{low}, {high}]"
