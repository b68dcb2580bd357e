"""The skill bench: scores are proper, baselines know the past alone, recalibration does what it promises."""

import numpy as np
import pandas as pd
import pytest
from compared import BEST, MEASURES, bars, gap, recalibrated, reliability, skill
from page import Measured, page
from scipy import stats
from scoring import coverage, crps, pit
from walk import scored
from yardsticks import BASELINES, TOP

ORIGINS = pd.date_range("2017-01-01", periods=60, freq="MS")
QUESTIONS, HORIZONS = ("iran-state", "shipping"), (30, 60, 90)


def poisson(mean: float) -> np.ndarray:
    below = stats.poisson.cdf(np.arange(TOP), mean)
    return np.diff(np.concatenate([[0.0], below, [1.0]]))


def table(said: dict[str, float], seed: int = 1) -> pd.DataFrame:
    """Let counts with gamma rates come, and forecast each with its rate times what a model says of it."""
    rng, rows = np.random.default_rng(seed), []
    for origin in ORIGINS:
        for question in QUESTIONS:
            for horizon in HORIZONS:
                rate = rng.gamma(1, horizon / 60)
                outcome = int(rng.poisson(rate))
                key = {"origin": origin, "question": question, "horizon": horizon}
                rows += [
                    {**key, "model": name, **scored(poisson(rate * by), outcome, None)} for name, by in said.items()
                ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize("measure", MEASURES, ids=lambda one: one.name)
@pytest.mark.parametrize("wrong", [0.4, 2.5])
def test_the_truth_beats_what_is_too_low_or_too_high(measure: object, wrong: float) -> None:
    found = skill(table({"true": 1.0, "wrong": wrong}), measure, "true", "wrong")
    assert found.shown
    assert found.low < found.value < found.high


def test_a_model_has_no_skill_over_itself() -> None:
    found = skill(table({"true": 1.0, "again": 1.0}), MEASURES[0], "true", "again")
    assert (found.value, found.low, found.high) == (0, 0, 0)


def test_crps_is_the_expected_distance_less_half_the_spread() -> None:
    pmf, outcome, count = poisson(3.0), 5, np.arange(TOP + 1)
    distance = float(pmf @ np.abs(count - outcome))
    spread = float(pmf @ np.abs(count - count[:, None]) @ pmf)
    assert crps(pmf, outcome) == pytest.approx(distance - spread / 2)


def test_middle_nine_tenths_hold_nine_tenths() -> None:
    rng = np.random.default_rng(1)
    outcomes = rng.poisson(2.0, 4000)
    low, high = np.array([pit(poisson(2.0), outcome) for outcome in outcomes]).T
    assert coverage(low, high, rng) == pytest.approx(0.9, abs=4 * np.sqrt(0.09 / 4000))


@pytest.mark.parametrize("name", BASELINES)
def test_a_baseline_is_a_distribution_that_grows_with_the_past(name: str) -> None:
    rng = np.random.default_rng(1)
    quiet, busy = (rng.poisson(rate, 900).astype(float) for rate in (0.01, 0.2))
    below = [np.cumsum(BASELINES[name](past, 60)) for past in (quiet, busy)]
    for each in below:
        assert each[-1] == pytest.approx(1)
        assert (np.diff(each) >= -1e-12).all()
    assert (below[0][:TOP] >= below[1][:TOP] - 1e-12).all()


@pytest.mark.parametrize("name", BASELINES)
def test_a_baseline_of_a_steady_world_is_calibrated(name: str) -> None:
    """Predictive distributions of a rate that never changes hold nine tenths, or somewhat less where little is used."""
    rng = np.random.default_rng(2)
    ends = []
    for _ in range(400):
        past = rng.poisson(0.1, 1500).astype(float)
        ends.append(pit(BASELINES[name](past, 30), int(rng.poisson(3.0))))
    low, high = np.array(ends).T
    assert coverage(low, high, rng) == pytest.approx(0.9, abs=4 * np.sqrt(0.09 / 400))


def test_recalibration_uses_what_was_resolved_before_and_nothing_else() -> None:
    rows = table({"pool": 0.4})
    changed = rows.copy()
    late = changed["origin"] >= ORIGINS[40]
    changed.loc[late, "outcome"] = 3 - changed.loc[late, "outcome"].clip(upper=3)
    before, after = recalibrated(rows, 1), recalibrated(changed, 1)
    early = (before["origin"] <= ORIGINS[40]).to_numpy()
    np.testing.assert_array_equal(before["bent"].to_numpy()[early], after["bent"].to_numpy()[early])
    assert (before["bent"].to_numpy()[~early] != after["bent"].to_numpy()[~early]).any()


@pytest.mark.parametrize(("by", "helps"), [(0.4, True), (1.0, False)])
def test_recalibration_helps_the_wrong_and_does_no_harm_to_the_right(by: float, helps: bool) -> None:
    rows = recalibrated(table({"pool": by}, seed=3), 1)
    harm = (rows["bent"] - rows["happened"]) ** 2 - (rows["raw"] - rows["happened"]) ** 2
    error = harm.std() / np.sqrt(len(harm))
    assert harm.mean() < (-2 * error if helps else error)


def test_reliability_counts_every_forecast_once_and_finds_the_gap() -> None:
    p, happened = np.array([0.02, 0.03, 0.5, 0.55, 0.9]), np.array([False, True, True, False, True])
    bins = reliability(p, happened)
    assert [(one.low, one.count) for one in bins] == [(0.0, 2), (0.4, 2), (0.8, 1)]
    assert gap(pd.Series(p), pd.Series(happened)) == pytest.approx(0.475)


@pytest.mark.slow
def test_the_page_says_what_is_shown_and_what_is_not() -> None:
    members = {"additive": 0.9, "log": 0.9, "recent": 0.9}
    main = table({"pool": 1.0, **members, **dict.fromkeys(BASELINES, 0.3), BEST: 1.0})
    switch = table({"as it is": 1.0, "with the switch": 0.3})
    said = page(Measured(main, main, switch, "by hand", main[:0]))
    assert f"| over {BEST} | *+0.0 % [+0.0, +0.0]* |" in said
    later = page(Measured(main, main, switch, "by hand", main))
    assert "## Questions that came later" in later
    assert "## Questions that came later" not in said
    assert later.split("## Questions that came later")[0] == said.split("## Calibration")[0]
    shown, not_shown = said.split("## What is not shown")
    assert f"skill over {BEST}:" in not_shown
    assert "skill over constant rate" not in not_shown
    assert "it is not part of the model" in shown
    assert {bar.name: bar.met for bar in bars(main)}[MEASURES[0].name] is False
