"""Shares of futures: the laws of probability hold exactly, and intervals hold what parameters make of a probability.

Seeds are fixed. Where worlds are simulated, coverage of an interval is computed from the distribution that they were
drawn from, and averaged over worlds; it may fall short of 90 % by four standard errors of that mean.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from forecast import shares
from forecast.shares import Held

PARAMETERS, REPEATS, WORLDS = 1000, 8, 100
WORTH = [pytest.param(worth, id=f"worth {worth}") for worth in (None, 0.7, 17.3)]
SHARES = (0.0, 0.003, 0.3, 0.5, 0.98, 1.0)
Array = NDArray[np.float64]


def futures(p: Array | float, rng: np.random.Generator, repeats: int = REPEATS) -> Held:
    """Let something hold with the probability of each posterior draw; future d is of draw d % parameters."""
    return np.asarray(rng.random((repeats, PARAMETERS)) < p).ravel()


def pairs(seed: int = 3) -> list[tuple[Held, Held]]:
    """Draw A and B, from never to always, so that they go together, exclude each other, or neither."""
    rng, found = np.random.default_rng(seed), []
    for of_a in SHARES:
        for of_b in SHARES:
            a, b = futures(of_a, rng), futures(of_b, rng)
            found += [(a, b), (a & b, b), (a & ~b, b)]
    return found


def covered(
    seed: int, inside: Any, read: Callable[[np.random.Generator], tuple[float, float]], worlds: int = WORLDS
) -> tuple[float, float]:
    """Compute how much of a distribution intervals hold on average, and the standard error of that."""
    rng = np.random.default_rng(seed)
    found = np.array([np.diff(inside.cdf(read(rng)))[0] for _ in range(worlds)])
    return float(found.mean()), float(found.std() / np.sqrt(worlds))


@pytest.mark.parametrize("worth", WORTH)
def test_the_probability_of_both_is_that_under_the_condition_times_that_of_the_condition(worth: float | None) -> None:
    for a, b in pairs():
        found = shares.conditional(a, b, PARAMETERS, worth)
        assert found.joint == pytest.approx(found.probability * found.condition, abs=1e-12)
        assert found.condition == shares.probability(b, PARAMETERS, worth)[0]
        assert found.kept == b.sum()


@pytest.mark.parametrize("worth", WORTH)
def test_branches_add_up_to_the_marginal_and_what_is_denied_to_one(worth: float | None) -> None:
    for a, b in pairs():
        yes, no, denied = (
            shares.conditional(*one, PARAMETERS, worth) for one in ((a & b, b), (a & ~b, ~b), (~a & b, b))
        )
        marginal = shares.probability(a, PARAMETERS, worth)[0]
        assert yes.joint + no.joint == pytest.approx(marginal, abs=1e-12)
        weighed = yes.probability * yes.condition + no.probability * no.condition
        assert weighed == pytest.approx(marginal, abs=1e-12)
        assert yes.condition + no.condition == pytest.approx(1, abs=1e-12)
        assert yes.probability + denied.probability == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("worth", WORTH)
def test_nothing_is_impossible_and_nothing_certain(worth: float | None) -> None:
    for a, b in pairs():
        found = shares.conditional(a, b, PARAMETERS, worth)
        p, interval = shares.probability(a, PARAMETERS, worth)
        for one, (low, high) in ((p, interval), (found.probability, found.interval)):
            assert 0 <= low <= one <= high <= 1
            assert 0 < one < 1
        assert 0 < found.joint <= min(p, found.condition) < 1


def test_a_condition_that_always_holds_changes_next_to_nothing() -> None:
    """A quarter of a future against a half: less than a future."""
    always = np.ones(PARAMETERS * REPEATS, dtype=bool)
    for a, _ in pairs():
        found, (p, interval) = shares.conditional(a, always, PARAMETERS), shares.probability(a, PARAMETERS)
        assert found.probability == pytest.approx(p, abs=1 / len(a))
        assert found.interval == pytest.approx(interval, abs=3 / len(a))


def test_what_is_asked_is_only_read_where_the_condition_holds() -> None:
    """But for the interval, to which the rest says how far probabilities usually differ between posterior draws."""
    for a, b in pairs():
        alone = [shares.conditional(held, b, PARAMETERS) for held in (a & b, a | ~b)]
        assert alone[0] == replace(alone[1], interval=alone[0].interval)


@pytest.mark.parametrize(("a", "b"), [(3.0, 7.0), (1.0, 9.0), (60.0, 40.0)])
def test_the_interval_holds_nine_tenths_of_what_parameters_make_of_a_probability(a: float, b: float) -> None:
    """And up to 7 points more: it errs on the wide side, by one standard error of a variance."""
    mean, error = covered(
        1,
        stats.beta(a, b),
        lambda rng: shares.probability(futures(rng.beta(a, b, PARAMETERS), rng), PARAMETERS)[1],
    )
    assert 0.9 - 4 * error < mean < 0.97


@pytest.mark.parametrize("of_condition", [0.5, 0.1, 0.02])
def test_under_a_condition_that_parameters_do_not_move_it_holds_nine_tenths_of_the_same(of_condition: float) -> None:
    def read(rng: np.random.Generator) -> tuple[float, float]:
        a, b = futures(rng.beta(3, 7, PARAMETERS), rng), futures(of_condition, rng)
        return shares.conditional(a, b, PARAMETERS).interval

    mean, error = covered(2, stats.beta(3, 7), read)
    assert mean > 0.9 - 4 * error


def test_under_a_condition_that_parameters_move_it_holds_what_the_condition_teaches_of_them() -> None:
    """B as probable as A, apart given the draw: where it holds, a beta(3, 7) has become a beta(4, 7)."""

    def read(rng: np.random.Generator) -> tuple[float, float]:
        p = rng.beta(3, 7, PARAMETERS)
        return shares.conditional(futures(p, rng), futures(p, rng), PARAMETERS).interval

    mean, error = covered(3, stats.beta(4, 7), read)
    assert 0.9 - 4 * error < mean < 0.97


def test_an_independent_condition_leaves_the_probability_where_it_is() -> None:
    """Within 4.5 standard errors of what is left out, 100 worlds: false alarm 7e-4."""
    rng = np.random.default_rng(4)
    for _ in range(WORLDS):
        a, b = futures(rng.beta(3, 7, PARAMETERS), rng), futures(0.2, rng)
        p, found = shares.probability(a, PARAMETERS)[0], shares.conditional(a, b, PARAMETERS)
        error = np.sqrt(p * (1 - p) * (1 / b.sum() - 1 / len(b)))
        assert abs(found.probability - p) < 4.5 * error


@pytest.mark.parametrize("worth", WORTH)
@pytest.mark.parametrize("futures_kept", [100, 400, 4000])
def test_an_interval_is_never_narrower_than_that_of_so_many_futures_or_windows(
    futures_kept: int, worth: float | None
) -> None:
    rng = np.random.default_rng(5)
    for p in (rng.beta(3, 7, PARAMETERS), 0.3):
        a, b = futures(p, rng), np.zeros(PARAMETERS * REPEATS, dtype=bool)
        b[rng.permutation(len(b))[:futures_kept]] = True
        found = shares.conditional(a, b, PARAMETERS, worth)
        number = futures_kept if worth is None else worth * futures_kept / len(b)
        held = found.probability * (number + 0.5)
        alone = stats.beta.ppf(shares.LEVELS, held, number + 0.5 - held)
        assert found.interval[0] <= alone[0] + 1e-12
        assert found.interval[1] >= alone[1] - 1e-12


def test_fewer_futures_make_it_wider() -> None:
    """On the mean of 50 worlds: widths differ by tens of per cent from step to step, and scatter by a few."""
    rng, widths = np.random.default_rng(6), np.zeros((50, 4))
    for world in widths:
        a, u = futures(rng.beta(3, 7, PARAMETERS), rng), rng.random(PARAMETERS * REPEATS)
        world[:] = [np.ptp(shares.conditional(a, u < kept, PARAMETERS).interval) for kept in (1.0, 0.3, 0.1, 0.02)]
    assert (np.diff(widths.mean(axis=0)) > 4 * widths.std(axis=0)[1:] / np.sqrt(len(widths))).all()


def test_an_interval_takes_its_probability_in_where_few_draws_make_all_of_it() -> None:
    """One posterior draw in 200 says always, all others never: most say 0, and the mean says more."""
    held = np.tile(np.arange(PARAMETERS) % 200 == 0, REPEATS)
    p, (low, high) = shares.probability(held, PARAMETERS)
    assert low < 1e-3 < p <= high


def everywhere(held: Held) -> tuple[Held, Held]:
    return held, np.ones_like(held)


@pytest.mark.parametrize("worth", WORTH)
def test_where_nothing_differs_a_difference_is_nothing(worth: float | None) -> None:
    for a, b in pairs():
        for one in (everywhere(a), (a & b, b)):
            assert shares.difference(one, one, PARAMETERS, worth) == (0.0, 0.0)


def test_what_parameters_make_of_both_alike_is_not_part_of_a_difference() -> None:
    """A condition that has nothing to do with it: 0 lies within, and with ever more futures nothing but 0."""
    rng, widths = np.random.default_rng(7), np.zeros((20, 3))
    for world in widths:
        p = rng.beta(3, 7, PARAMETERS)
        for place, repeats in enumerate((8, 32, 128)):
            a, b = futures(p, rng, repeats), futures(0.5, rng, repeats)
            found, (alone, interval) = shares.conditional(a, b, PARAMETERS), shares.probability(a, PARAMETERS)
            below, above = shares.difference((a & b, b), everywhere(a), PARAMETERS)
            assert below < found.probability - alone < above
            world[place] = (above - below) / np.ptp(interval)
    few, more, most = widths.mean(axis=0)
    assert 0.7 > few > 1.6 * more > 1.6**2 * most  # a half each time, on average


@pytest.mark.parametrize(
    ("repeats", "add"), [(8, 0.2), (8, 0.9), (3, 0.9), (1, 0.9)], ids=["little", "much", "three", "one a draw"]
)
def test_a_difference_that_parameters_make_is_held_nine_times_in_ten(repeats: int, add: float) -> None:
    """There p, here p + add (1 - p), which a posterior beta(3, 7) of p makes add times a beta(7, 3)."""

    def read(rng: np.random.Generator) -> tuple[float, float]:
        p = rng.beta(3, 7, PARAMETERS)
        there = futures(p, rng, repeats)
        here = there | futures(add, rng, repeats)
        below, above = shares.difference(everywhere(here), everywhere(there), PARAMETERS)
        found = float(here.mean() - there.mean())
        return (found + below) / add, (found + above) / add

    mean, error = covered(8, stats.beta(7, 3), read)
    assert mean > 0.9 - 4 * error - 0.01  # 0.01: it is symmetric, and a beta is not


@pytest.mark.parametrize("worth", [0.7, 17.3])
def test_of_a_replay_a_difference_is_known_no_better_than_what_it_is_taken_from(worth: float) -> None:
    rng = np.random.default_rng(9)
    there = futures(0.4, rng)
    for here in (np.ones_like(there), there | futures(0.3, rng)):
        below, above = shares.difference(everywhere(here), everywhere(there), PARAMETERS, worth)
        p = shares.probability(there, PARAMETERS, worth)[0]
        assert above == -below
        assert above > shares.Z95 * np.sqrt(p * (1 - p) / (worth + 2))
