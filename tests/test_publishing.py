"""What is learned from the record counts for as much as it is worth, and no more."""

import numpy as np
import pytest
from scipy import stats

from forecast import calibration
from forecast.publishing import worth

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
