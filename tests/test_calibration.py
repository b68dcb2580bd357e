"""Calibration: bands hold what they say, maps help where forecasts are too sharp and do no harm where they are not."""

import numpy as np
import pytest
from scipy import special, stats

from forecast import calibration, scores
from forecast.calibration import Bent
from forecast.errors import UsageError
from tests.test_scores import CASES


def calibrated(n: int, rng: np.random.Generator, cluster: int = 1, alike: float = 0.0) -> tuple[np.ndarray, ...]:
    """Draw forecasts and outcomes that they are right about; of a cluster they hang together."""
    p, label = rng.beta(0.8, 1.2, n).clip(0.01, 0.99), np.arange(n) // cluster
    mixed = np.sqrt(alike) * rng.normal(size=n)[label] + np.sqrt(1 - alike) * rng.normal(size=n)
    return p, (mixed < stats.norm.ppf(p)).astype(float), label


def band_holds(n: int, simulations: int, cluster: int, alike: float) -> float:
    """Say how often reliability lies in its band, over values and simulated calibrated worlds."""
    rng, held = np.random.default_rng(n), []
    for _ in range(simulations):
        p, happened, label = calibrated(n, rng, cluster, alike)
        found = calibration.diagram(p, happened, rng, label if cluster > 1 else None)
        within = (found.low <= found.curve.happened + 1e-12) & (found.curve.happened <= found.high + 1e-12)
        held.append(within.mean())
    return float(np.mean(held))


def test_the_band_holds_nine_in_ten_calibrated_forecasts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "RESAMPLES", 200)
    assert 0.88 < band_holds(60, 60, 1, 0.0) < 0.96


@pytest.mark.slow
@pytest.mark.parametrize("n", [30, 100, 300])
@pytest.mark.parametrize(("cluster", "alike"), [(1, 0.0), (5, 0.4)])
def test_the_band_holds_over_2000_simulations(n: int, cluster: int, alike: float) -> None:
    """Steps make bands a little too wide: 90 to 95 % alone, and 86 to 95 % where the correlation is estimated too."""
    held = band_holds(n, 2000, cluster, alike)
    assert (0.86 if cluster > 1 else 0.89) < held < 0.96


def test_what_hangs_together_widens_the_band() -> None:
    rng = np.random.default_rng(3)
    p, happened, label = calibrated(400, rng, 20, 0.6)
    alone = calibration.diagram(p, happened, np.random.default_rng(1))
    grouped = calibration.diagram(p, happened, np.random.default_rng(1), label)
    assert (grouped.high - grouped.low).mean() > 1.2 * (alone.high - alone.low).mean()


def test_the_correlation_within_clusters_is_found() -> None:
    """20,000 clusters of four: within .04 of the truth, small correlations nearer."""
    for alike in (0.0, 0.2, 0.5):
        p, happened, label = calibrated(80_000, np.random.default_rng(4), 4, alike)
        assert abs(calibration.together(p, happened, label) - alike) < 0.04


def test_nothing_resolved_changes_nothing() -> None:
    p = np.array([0.0, 0.2, 1.0])
    np.testing.assert_array_equal(calibration.learned([], [])(p), p)
    np.testing.assert_array_equal(calibration.by_family([], [], [])("any", p), p)


def test_a_heavy_prior_changes_nothing_and_none_finds_the_truth() -> None:
    rng = np.random.default_rng(5)
    p = rng.random(20_000)
    happened = (rng.random(20_000) < Bent(0.6, -0.3)(p)).astype(float)
    free, held = calibration.learned(p, happened, worth=1e-9), calibration.learned(p, happened, worth=1e9)
    assert (free.slope, free.shift) == pytest.approx((0.6, -0.3), abs=0.06)
    assert (held.slope, held.shift) == pytest.approx((1.0, 0.0), abs=1e-3)


def test_weights_count_as_repeats_do() -> None:
    rng = np.random.default_rng(6)
    p, happened = rng.random(80), rng.integers(0, 2, 80).astype(float)
    times = np.repeat([1, 2], 40)
    one = calibration.learned(p, happened, times, worth=1e-9)
    two = calibration.learned(np.repeat(p, times), np.repeat(happened, times), worth=1e-9)
    assert (one.slope, one.shift) == pytest.approx((two.slope, two.shift), abs=1e-4)


def test_a_map_keeps_the_order_and_never_says_never() -> None:
    bent = Bent(0.7, 0.4)(np.linspace(0, 1, 101))
    assert (np.diff(bent) > 0).all()
    assert bent.min() > 0
    assert bent.max() < 1


def test_a_family_with_few_answers_leans_on_the_others() -> None:
    rng = np.random.default_rng(7)
    p = rng.random(600)
    happened = (rng.random(600) < Bent(0.5)(p)).astype(float)
    family = np.where(np.arange(600) < 595, "many", "few")
    maps = calibration.by_family(p, happened, family)
    assert abs(maps.of["few"].slope - maps.common.slope) < 0.1
    assert maps.common.slope < 0.7
    np.testing.assert_array_equal(maps("never asked", p), maps.common(p))


def walked(slope: float, seed: int) -> np.ndarray:
    """Walk through 24 rounds of 12 forecasts that are too sharp by a slope; give raw less bent Brier score, by round.

    Each round is bent by what was learned from the rounds before it.
    """
    rng = np.random.default_rng(seed)
    p, happened, gains = np.empty(0), np.empty(0), []
    for _ in range(24):
        belief = rng.normal(0, 1.3, 12)
        said, came = special.expit(slope * belief), (rng.random(12) < special.expit(belief)).astype(float)
        bent = calibration.learned(p, happened)(said)
        gains.append((scores.brier(said, came) - scores.brier(bent, came)).mean())
        p, happened = np.concatenate([p, said]), np.concatenate([happened, came])
    return np.array(gains)


@pytest.mark.slow
def test_the_map_helps_where_forecasts_are_too_sharp_and_does_no_harm_elsewhere() -> None:
    """60 walks each: the 90 % interval of the mean gain lies above 0, and for calibrated ones the loss is no more
    than a standard error of the score of one walk."""
    sharp = np.array([walked(2.0, seed).mean() for seed in range(60)])
    assert sharp.mean() > 1.645 * sharp.std() / np.sqrt(60)
    fair = np.array([walked(1.0, seed).mean() for seed in range(60)])
    error = np.sqrt(0.03 / (24 * 12))  # variance of a Brier score of calibrated forecasts is about .03
    assert fair.mean() > -error
    assert fair.mean() > -0.0015


def test_the_place_of_the_truth_is_uniform_ties_and_all() -> None:
    rng = np.random.default_rng(8)
    places = [calibration.pit(rng.poisson(2.0, 400), float(rng.poisson(2.0)), rng) for _ in range(2000)]
    assert stats.kstest(places, "uniform").pvalue > 1e-3


def test_coverage_counts_ends_in_and_is_unsure_of_few() -> None:
    found = calibration.coverage([0, 0, 0, 0], [1, 1, 1, 1], [0, 1, 0.5, 2])
    assert (found.share, found.n) == (0.75, 4)
    assert found.interval[0] < 0.5 < found.share < found.interval[1] < 1
    with pytest.raises(UsageError, match="no resolved forecast"):
        calibration.coverage([], [], [])


@pytest.mark.skipif(not CASES, reason="the reference values are not here")
def test_bias_is_that_of_the_reference() -> None:
    for case in CASES:
        if case["score"] == "bias":
            of = case["params"]
            assert calibration.bias(of["levels"], of["values"], case["obs"]) == pytest.approx(case["expected"])
