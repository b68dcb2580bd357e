"""Scores: values that nobody here computed, another library, propriety by simulation, parts that add up."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scoringrules
from scipy import stats

from forecast import scores
from forecast.errors import UsageError

REFERENCE = Path(__file__).parents[2] / "shared" / "data" / "reference" / "scoring" / "scoring_reference.json"
CASES: list[dict[str, Any]] = json.loads(REFERENCE.read_text())["cases"] if REFERENCE.exists() else []
DISCRETE = {"poisson", "negbinom", "binomial", "hypergeometric"}
# The kernel density of a sample and the bias of quantiles are no scores of ours: see `elsewhere`.
FINE = 400_000
NOT_OURS = {("log", "ensemble-kde"), ("bias", "quantiles")}


def distribution(name: str, of: dict[str, Any]) -> Any:
    """Build the distribution of a reference case with scipy."""
    low, high = of.get("lower"), of.get("upper")
    at, scale = of.get("location", 0.0), of.get("scale", 1.0)
    if name == "negbinom":
        share = of["prob"] if "prob" in of else of["size"] / (of["size"] + of["mu"])
        return stats.nbinom(of["size"], share)
    if name == "truncated-normal":
        return stats.truncnorm((low - at) / scale, (high - at) / scale, at, scale)
    builders: dict[str, Any] = {
        "poisson": lambda: stats.poisson(of["mean"]),
        "binomial": lambda: stats.binom(of["n"], of["prob"]),
        "hypergeometric": lambda: stats.hypergeom(of["m"] + of["n"], of["m"], of["k"]),
        "exponential": lambda: stats.expon(scale=1 / of["rate"]),
        "gamma": lambda: stats.gamma(of["shape"], scale=1 / of["rate"]),
        "beta": lambda: stats.beta(
            of["shape1"], of["shape2"], low or 0.0, (1.0 if high is None else high) - (low or 0)
        ),
        "logistic": lambda: stats.logistic(at, scale),
        "laplace": lambda: stats.laplace(at, scale),
        "uniform": lambda: stats.uniform(of["min"], of["max"] - of["min"]),
        "normal": lambda: stats.norm(at, scale),
        "t": lambda: stats.t(of["df"], at, scale),
        "lognormal": lambda: stats.lognorm(of["sdlog"], scale=np.exp(of["meanlog"])),
    }
    return builders[name]()


def as_sample(name: str, of: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Write a distribution as a weighted sample: its atoms, or its quantiles at evenly spaced levels."""
    even = (np.arange(FINE) + 0.5) / FINE
    if name == "normal-mixture":
        parts = [stats.norm(mean, sd).ppf(even) for mean, sd in zip(of["mean"], of["sd"], strict=True)]
        return np.concatenate(parts), np.repeat(np.asarray(of["weights"], float), FINE)
    if name == "censored-normal":
        return np.clip(stats.norm(of["location"], of["scale"]).ppf(even), of["lower"], of["upper"]), np.ones(FINE)
    known = distribution(name, of)
    if name in DISCRETE:
        atoms = np.arange(0, known.ppf(1 - 1e-14) + 2)
        return atoms, known.pmf(atoms)
    return known.ppf(even), np.ones(FINE)


def computed(case: dict[str, Any]) -> float:
    """Compute the score of a reference case by our functions."""
    score, name, y, of = case["score"], case["dist"], case["obs"], case["params"]
    if score == "crps":
        if name.startswith("ensemble"):
            return scores.crps(of["members"], y, of.get("weights"))
        sample, weight = as_sample(name, of)
        return scores.crps(sample, y, weight)
    if score == "log":
        if name == "binary":
            return float(scores.logarithmic(of["p"], y))
        known = distribution(name, of)
        return -float(known.logpmf(y) if name in DISCRETE else known.logpdf(y))
    if score == "energy":
        return scores.energy(of["members"], y, of.get("weights"), fair=name.endswith("fair"))
    if score == "variogram":
        return scores.variogram(of["members"], y, of["p"])
    if score == "interval":
        return scores.interval(of["lower"], of["upper"], 1 - of["alpha"], y).total
    if score == "quantile":
        return float(scores.quantile(of["value"], of["level"], y)) / 2
    if score == "wis":
        return scores.weighted_interval(of["levels"], of["values"], y).total
    simple = {"brier": scores.brier, "rps": scores.ranked, "ranked-log": scores.ranked_logarithmic}
    return float(simple[score](of["p"], y if score == "brier" else y - 1))


@pytest.mark.skipif(not CASES, reason="the reference values are not here")
@pytest.mark.parametrize(
    "case", [case for case in CASES if (case["score"], case["dist"]) not in NOT_OURS], ids=lambda one: str(one["dist"])
)
def test_values_that_nobody_here_computed(case: dict[str, Any]) -> None:
    assert computed(case) == pytest.approx(float(case["expected"]), rel=max(case["rtol"], 1e-6))


def test_another_library_agrees() -> None:
    rng = np.random.default_rng(1)
    sample, y = rng.normal(size=(20, 50)), rng.normal(size=20)
    theirs = scoringrules.crps_ensemble(y, sample, estimator="nrg")
    np.testing.assert_allclose([scores.crps(*pair) for pair in zip(sample, y, strict=True)], theirs, rtol=1e-9)
    p, happened = rng.random(30), rng.integers(0, 2, 30)
    np.testing.assert_allclose(scores.brier(p, happened), scoringrules.brier_score(happened, p), rtol=1e-12)
    np.testing.assert_allclose(
        [scores.interval(one - 1, one + 1, 0.9, at).total for one, at in zip(sample[:, 0], y, strict=True)],
        scoringrules.interval_score(y, sample[:, 0] - 1, sample[:, 0] + 1, 0.1),
        rtol=1e-12,
    )


def test_a_sample_s_score_is_the_integral_of_its_distribution_function() -> None:
    rng = np.random.default_rng(2)
    for _ in range(20):
        sample, y = rng.integers(0, 6, 40).astype(float), float(rng.integers(-2, 9))
        places = np.unique([*sample, y])
        below = (sample <= places[:, None]).mean(axis=1)
        integral = ((below - (places >= y)) ** 2)[:-1] @ np.diff(places)
        assert scores.crps(sample, y) == pytest.approx(integral, abs=1e-12)


def test_weights_are_as_good_as_repeats() -> None:
    rng = np.random.default_rng(3)
    values, times = rng.normal(size=12), rng.integers(1, 5, 12)
    repeated = np.repeat(values, times)
    assert scores.crps(values, 0.3, times) == pytest.approx(scores.crps(repeated, 0.3), abs=1e-12)


@pytest.mark.parametrize("score", [scores.brier, scores.logarithmic])
def test_nobody_gains_by_saying_what_they_do_not_believe(score: Any) -> None:
    """Expected scores on a grid of beliefs and distortions: exact, so there is no false alarm."""
    for belief in np.linspace(0.02, 0.98, 25):
        said = np.clip(belief + np.linspace(-0.5, 0.5, 41), 0.001, 0.999)
        expected = belief * score(said, np.ones(41)) + (1 - belief) * score(said, np.zeros(41))
        honest = belief * score(belief, 1) + (1 - belief) * score(belief, 0)
        assert (expected >= honest - 1e-12).all()
        assert expected[np.abs(said - belief) > 0.02].min() > honest


def test_wider_narrower_and_moved_distributions_score_worse_on_the_average() -> None:
    """Mean CRPS, WIS and RPS of 1,500 outcomes, paired with the honest forecast: worse by 3.3 standard errors."""
    rng, levels = np.random.default_rng(4), np.array([0.05, 0.25, 0.5, 0.75, 0.95])
    y, grid = rng.normal(size=1500), np.linspace(-6, 6, 61)
    base = stats.norm.ppf((np.arange(200) + 0.5) / 200)

    def scored(shift: float, spread: float) -> np.ndarray:
        known = stats.norm(shift, spread)
        pmf = np.diff(known.cdf(grid), prepend=0.0, append=1.0)
        return np.array(
            [
                [
                    scores.crps(shift + spread * base, at),
                    scores.weighted_interval(levels, known.ppf(levels), at).total,
                    scores.ranked(pmf, int(np.searchsorted(grid, at))),
                ]
                for at in y
            ]
        )

    honest = scored(0, 1)
    for distortion in ((0.4, 1.0), (0.0, 0.6), (0.0, 1.6)):
        worse = scored(*distortion) - honest
        assert (worse.mean(axis=0) > 3.3 * worse.std(axis=0) / np.sqrt(len(y))).all()


def test_parts_of_the_weighted_interval_score_add_up_and_belong_to_their_side() -> None:
    rng = np.random.default_rng(5)
    levels = np.array([0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975])
    for _ in range(200):
        values, y = np.sort(rng.normal(size=7)), rng.normal(scale=2)
        found = scores.weighted_interval(levels, values, y)
        pinball = scores.quantile(values, levels, y).mean()
        assert found.total == pytest.approx(pinball, abs=1e-12)
        assert min(found.dispersion, found.over, found.under) >= 0
        assert (found.over == 0) == (y >= values[3])
        assert (found.under == 0) == (y <= values[3])


def test_what_is_no_forecast_is_refused_by_its_value() -> None:
    for call, words in (
        (lambda: scores.brier(1.2, 1), "from 0 to 1"),
        (lambda: scores.brier([0.1, np.nan], [0, 1]), "from 0 to 1"),
        (lambda: scores.logarithmic(0.5, np.nan), "leave void questions out"),
        (lambda: scores.ranked([0.5, 0.6], 0), "add up to 1"),
        (lambda: scores.ranked([0.5, 0.5], 2), "no category 2"),
        (lambda: scores.interval(2, 1, 0.9, 0), "low <= high"),
        (lambda: scores.weighted_interval([0.1, 0.5], [0, 1], 0), "no counterpart at 0.9"),
        (lambda: scores.weighted_interval([0.1, 0.9], [1, 0], 0), "fall where their levels rise"),
    ):
        with pytest.raises(UsageError, match=words):
            call()


def test_certainty_that_was_wrong_is_infinitely_bad_in_logarithms_only() -> None:
    assert np.isinf(scores.logarithmic(0.0, 1))
    assert scores.brier(0.0, 1) == 1
