"""Decompositions add up, and skill is as sure as it says: by simulation, independent and overlapping."""

import numpy as np
import pytest

from forecast import decomposition, scores, skill
from forecast.errors import UsageError


def forecasts(n: int, seed: int, distinct: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    p = rng.random(n) if not distinct else rng.integers(0, distinct + 1, n) / distinct
    return p, (rng.random(n) < np.clip(p + 0.1, 0, 1)).astype(float)


@pytest.mark.parametrize("parts", [decomposition.corp, decomposition.murphy])
@pytest.mark.parametrize(("n", "distinct"), [(1, 0), (7, 0), (300, 0), (300, 5), (40, 1)])
def test_parts_add_up_to_the_score(parts, n: int, distinct: int) -> None:
    p, happened = forecasts(n, n, distinct)
    found = parts(p, happened)
    assert found.score == pytest.approx(float(scores.brier(p, happened).mean()), abs=1e-12)
    assert found.uncertainty == pytest.approx(happened.mean() * (1 - happened.mean()), abs=1e-12)
    assert min(found.miscalibration, found.discrimination) >= -1e-12
    assert found.n == n


def test_with_rising_shares_both_decompositions_are_one() -> None:
    p = np.repeat([0.2, 0.5, 0.9], 10)
    happened = np.concatenate([np.arange(10) < k for k in (1, 6, 8)]).astype(float)
    one, two = decomposition.corp(p, happened), decomposition.murphy(p, happened)
    assert (one.miscalibration, one.discrimination) == pytest.approx((two.miscalibration, two.discrimination))
    assert two.miscalibration == pytest.approx((0.1**2 + 0.1**2 + 0.1**2) / 3)


def test_reliability_rises_and_does_not_depend_on_the_order_of_rows() -> None:
    p, happened = forecasts(200, 8, 12)
    found = decomposition.reliability(p, happened)
    assert (np.diff(found.happened) >= 0).all()
    assert found.count.sum() == 200
    order = np.random.default_rng(1).permutation(200)
    again = decomposition.reliability(p[order], happened[order])
    np.testing.assert_allclose(again.happened, found.happened)


def test_a_bent_scale_changes_miscalibration_only() -> None:
    p, happened = forecasts(500, 9)
    one, two = decomposition.corp(p, happened), decomposition.corp(p**2, happened)
    assert one.discrimination == pytest.approx(two.discrimination, abs=1e-12)
    assert two.miscalibration > one.miscalibration


def test_nothing_resolved_is_said() -> None:
    with pytest.raises(UsageError, match="no resolved forecast"):
        decomposition.corp([], [])


def test_a_forecast_has_no_skill_over_itself_and_all_over_a_useless_one() -> None:
    score, rng = np.arange(1.0, 13.0), np.random.default_rng(1)
    assert skill.skill(score, score, np.arange(12), 3, rng).interval == (0.0, 0.0)
    perfect = skill.skill(0 * score, score, np.arange(12), 3, rng)
    assert (perfect.value, perfect.interval, perfect.shown) == (1.0, (1.0, 1.0), True)


def test_asking_everything_twice_makes_nothing_surer() -> None:
    rng = np.random.default_rng(2)
    mine, other, origin = rng.random(60), rng.random(60), np.arange(60)
    once = skill.skill(mine, other, origin, 4, np.random.default_rng(3))
    twice = skill.skill(*(np.repeat(part, 2) for part in (mine, other, origin)), 4, np.random.default_rng(3))
    assert once.interval == pytest.approx(twice.interval)
    assert (twice.n, twice.origins) == (120, 60)


@pytest.mark.parametrize(("overlap", "length"), [(1, 1), (3, 6)])
def test_the_interval_holds_the_truth_as_often_as_it_says(overlap: int, length: int) -> None:
    """400 walks of 90 origins without skill: 90 % intervals, a little narrow, hold 0 in 82 to 95 %."""
    rng, held = np.random.default_rng(4), []
    for _ in range(400):
        noise = np.convolve(rng.normal(size=90 + overlap - 1), np.ones(overlap) / overlap, "valid")
        mine, other = 1 + 0.3 * noise, 1 - 0.3 * noise
        found = skill.skill(mine, other, np.arange(90), length, rng)
        held.append(found.interval[0] <= 0 <= found.interval[1])
    assert 0.82 < np.mean(held) < 0.95


def test_pairs_are_pairs() -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(UsageError, match="in pairs"):
        skill.skill([1.0], [1.0, 2.0], [1], 1, rng)
    with pytest.raises(UsageError, match="1 origin or more"):
        skill.skill([1.0], [1.0], [1], 0, rng)


def test_origins_are_drawn_in_blocks() -> None:
    drawn = skill.blocks(100, 12, np.random.default_rng(1))
    follows = (drawn[:, 1:] - drawn[:, :-1]) % 100 == 1
    assert follows.mean() == pytest.approx(91 / 99, abs=0.01)  # eight new blocks among 99 steps, some of which go on
    assert np.bincount(drawn.ravel()).std() / drawn.size * 100 < 0.05
