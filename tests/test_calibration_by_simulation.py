"""Simulation-based calibration: parameters from the prior, data from the parameters, ranks of the truth uniform.

Seeds are fixed. A right likelihood would fail one such test in a thousand seeds (`ALARM`).
"""

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray
from scipy.stats import binom, norm

from forecast.models import counts
from tests.simulated import (
    ALARM,
    FORMS,
    SPEC,
    Drawn,
    World,
    open_gate,
    rank,
    together,
    truths,
    uniformity,
    worlds,
    worst,
)

DAYS = 1000  # of record; then what comes next
WHEN = SPEC.since + timedelta(days=DAYS)
SEED = 11
ENOUGH = 6  # worlds, to find out a wrong likelihood
NATURES: dict[str, Callable[[xr.Dataset], xr.Dataset]] = {
    "bursts": lambda drawn: drawn.assign(size=drawn["size"] / 4),
    "feedback": lambda drawn: drawn.assign(logit_of=drawn["logit_of"] + 1.5),
}


@pytest.fixture(autouse=True)
def _every_fit_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    open_gate(monkeypatch)


@pytest.fixture(scope="module")
def prior() -> xr.Dataset:
    return truths(FORMS["additive"], ENOUGH, SEED)


def ranks(found: list[World]) -> Drawn:
    """Fit every world, and rank what is true in it."""
    return together([world.ranks(world.posterior(WHEN, seed), WHEN, seed) for seed, world in enumerate(found)])


def unfolded(form: str, truth: xr.Dataset, making: xr.Dataset | None = None) -> list[World]:
    """Let worlds run until the forecasts' horizon."""
    return worlds(FORMS[form], truth, DAYS + 60, SEED, making)


@pytest.mark.slow
def test_ranks_are_uniform(prior: xr.Dataset) -> None:
    p, name = worst(ranks(unfolded("additive", prior)))
    assert p > ALARM, name


@pytest.mark.slow
@pytest.mark.parametrize("nature", NATURES)
def test_more_of_it_than_the_truth_says_is_found_out(prior: xr.Dataset, nature: str) -> None:
    assert worst(ranks(unfolded("additive", prior, NATURES[nature](prior))))[0] < ALARM


@pytest.mark.slow
def test_a_likelihood_that_peeks_is_found_out(prior: xr.Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """Features of a bin that have seen the count they are to explain: the counts are shifted by one bin."""
    panel = counts.panel

    def peeking(*known: object) -> xr.Dataset:
        data = panel(*known)  # type: ignore[arg-type]
        return data.assign(counts=data["counts"].shift(time=1, fill_value=0))

    found = unfolded("additive", prior)
    monkeypatch.setattr(counts, "panel", peeking)
    assert worst(ranks(found))[0] < ALARM


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_ranks_are_uniform_in_many_worlds(form: str) -> None:
    p, name = worst(ranks(unfolded(form, truths(FORMS[form], 200, SEED))))
    print(f"{form}: adjusted p {p:.3g}, of {name}")
    assert p > ALARM, name


@pytest.mark.parametrize("size", [20, 200])
def test_uniform_ranks_have_the_p_value_they_say(size: int) -> None:
    """It is exact: a share a of them lies below a, or somewhat less, for p-values come in steps."""
    rng, tries = np.random.default_rng(1), 1000
    found = np.array([uniformity(rng.random(size)) for _ in range(tries)])
    for share in (0.01, 0.05, 0.2, 0.5):
        alarms = int((found <= share).sum())
        assert binom.ppf(ALARM, tries, 0.8 * share) <= alarms <= binom.ppf(1 - ALARM, tries, share)


# A posterior of standard deviation 1, of which the truth is no draw; the rank is a normal distribution function.
WRONG: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "shifted by half a standard deviation": lambda truth: norm.cdf(truth + 0.5),
    "posterior too narrow": lambda truth: norm.cdf(truth / 0.6),
    "posterior too wide": lambda truth: norm.cdf(truth * 0.6),
}


@pytest.mark.parametrize("fault", WRONG)
def test_ranks_that_are_not_uniform_are_found_out(fault: str) -> None:
    rng = np.random.default_rng(2)
    assert all(uniformity(WRONG[fault](rng.standard_normal(200))) < ALARM for _ in range(50))


def test_a_rank_among_counts_is_uniform() -> None:
    """The truth is one more draw of the same, and equal draws are many."""
    rng = np.random.default_rng(3)
    made = rng.poisson(1.0, (500, 101))
    found = np.array([rank(one[1:], one[:1], rng) for one in made])
    assert uniformity(found) > ALARM
