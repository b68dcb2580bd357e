"""What is learned from the record counts for as much as it is worth, and no more."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from forecast import calibration, phrases
from forecast.calibration import Bent, Maps
from forecast.events import Futures
from forecast.pairs import Pair
from forecast.predict import Prediction
from forecast.publishing import publish, worth
from forecast.questions import Forecast
from forecast.scenarios import Comparison, Contrast, Scenario
from tests.worlds import AS_OF

BLOCKS, EACH = 60, 40


def outcomes(rng: np.random.Generator, p: np.ndarray, block: np.ndarray, alike: float) -> np.ndarray:
    """Draw outcomes of calibrated forecasts that hang together within blocks."""
    common, own = rng.normal(size=block.max() + 1)[block], rng.normal(size=len(p))
    return (np.sqrt(alike) * common + np.sqrt(1 - alike) * own < stats.norm.ppf(p)).astype(float)


@pytest.mark.parametrize(("alike", "low", "high"), [(0.0, 0.7, 1.0), (0.3, 0.05, 0.2), (0.9, 0.02, 0.04)])
def test_what_hangs_together_is_worth_less(alike: float, low: float, high: float) -> None:
    rng = np.random.default_rng(3)
    block = np.repeat(np.arange(BLOCKS), EACH)
    p = rng.uniform(0.05, 0.95, len(block))
    assert low <= worth(p, outcomes(rng, p, block, alike), block, np.ones(len(p))) <= high


def test_one_vote_a_block_is_worth_one() -> None:
    p = np.linspace(0.1, 0.9, 20)
    assert worth(p, (p > 0.5).astype(float), np.arange(20), np.ones(20)) == 1.0


def test_calibrated_forecasts_that_hang_together_are_hardly_harmed() -> None:
    """By what is learned from them at their worth; with a vote each, noise is taken for error and they are."""
    rng, block = np.random.default_rng(5), np.repeat(np.arange(6), 50)
    harm = []
    for _ in range(60):
        p = rng.uniform(0.02, 0.6, len(block))
        happened, votes = outcomes(rng, p, block, 0.5), np.ones(len(p))
        maps = [calibration.learned(p, happened, part * votes) for part in (worth(p, happened, block, votes), 1.0)]
        # The expected Brier score rises by the squared distance from what is true.
        harm.append([float(((bent(p) - p) ** 2).mean()) for bent in maps])
    once, each = np.mean(harm, axis=0)
    assert once < 0.4 * each
    assert once < 0.005


def forecast_of(name: str, p: float) -> Forecast:
    question = replace(phrases.question(f"{name} in 30 days", AS_OF, ()), id=f"{name}/{AS_OF}", opens=AS_OF)
    return Forecast(question, AS_OF, p, (p / 2, (1 + p) / 2), 0.1, (0.05, 0.2), {}, (0, 0), ("model",))


def prediction(p: float, q: float, here: float) -> Prediction:
    one, other = forecast_of("a", p), forecast_of("b", q)
    scenario = Scenario("s", "S", (one.question,))
    contrast = Contrast(
        one.question, here, (here / 2, here), p, one.interval, here - p, (here - p - 0.1, here - p + 0.1), 0.4 * here
    )
    comparison = Comparison(scenario, 10, 4, 0.4, (contrast,), 0)
    pair = Pair(one.question, other.question, p, q, p * q, 500, 500)
    return Prediction((one, other), Futures({}, 1, 1, {}), (), Futures({}, 1, 1, {}), (comparison,), (pair,))


INSIDE = st.floats(0.03, 0.97)


@given(INSIDE, INSIDE, INSIDE)
def test_what_was_learned_from_nothing_changes_nothing_but_says_what_was_raw(p: float, q: float, here: float) -> None:
    before = prediction(p, q, here)
    after = publish(before, Maps(Bent(), {}))
    for one, other in zip(before.forecasts, after.forecasts, strict=True):
        assert replace(other, raw=None, raw_interval=None) == one
        assert (other.raw, other.raw_interval) == (one.probability, one.interval)
    assert after.pairs == before.pairs
    (was,), (is_,) = (found.comparisons[0].contrasts for found in (before, after))
    assert (is_.probability, is_.base, is_.difference) == (was.probability, was.base, was.difference)
    assert is_.joint == pytest.approx(was.joint, abs=1e-12)
    assert is_.difference_interval == pytest.approx(was.difference_interval, abs=1e-9)


@given(INSIDE, INSIDE, INSIDE, st.floats(0.2, 2.0), st.floats(-1.0, 1.0))
def test_everything_that_is_said_of_a_question_is_bent_alike(
    p: float, q: float, here: float, slope: float, shift: float
) -> None:
    after = publish(prediction(p, q, here), Maps(Bent(slope, shift), {}))
    one, other = after.forecasts
    (contrast,), (pair,) = after.comparisons[0].contrasts, after.pairs
    assert contrast.base == one.probability
    assert contrast.difference == contrast.probability - contrast.base
    assert contrast.joint == pytest.approx(0.4 * contrast.probability, abs=1e-12)  # both is one where the other is so
    assert (contrast.probability > contrast.base) <= (here > p)  # never the other way round
    assert (pair.one, pair.other) == (one.probability, other.probability)
    assert one.interval[0] <= one.probability <= one.interval[1]
    assert contrast.interval[0] <= contrast.probability <= contrast.interval[1]
