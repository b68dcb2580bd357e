"""Days of events of another kind: their effect has its exact posterior, finds the truth, and moves those days alone."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from numpy.typing import NDArray
from scipy import stats

from forecast import inference, spec, world
from forecast.errors import SpecError
from forecast.events import Futures
from forecast.inference import Sizes
from forecast.models import levels, shocks
from forecast.prospect import Prospect
from forecast.rules import Rule
from forecast.spec import Covariate, Prior
from tests.models.test_levels import SPEC as PLAIN
from tests.models.test_levels import closes, restless
from tests.simulated import ALARM
from tests.worlds import AS_OF, events, snapshot

FIRES = Covariate("fires", Rule("sum", {"kind": ("fire",), "where": ("mill",)}), 5, Prior(0.6, 1.7), per=10)
SPEC = replace(PLAIN, covariates=(FIRES,))
SIZES = Sizes(800, 400)
WORLDS = 40
LOCATION, SCALE = inference.location_scale(FIRES.effect, "positive")


def fire(at: Any, value: float | None, **cells: Any) -> dict[str, Any]:
    return {"kind": "fire", "event_at": at, "value": np.nan if value is None else value, "where": "mill", **cells}


def record(prices: pd.DataFrame, fires: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.concat([prices, events([*fires, fire("1990-01-01", 1.0)]).assign(source="other")], ignore_index=True)


def panel(frame: pd.DataFrame, item: spec.Spec = SPEC) -> xr.Dataset:
    return levels.panel(snapshot(frame), item)


def scattered(days: NDArray[np.datetime64], number: int, rng: np.random.Generator) -> list[dict[str, Any]]:
    chosen = rng.choice(days[100:], number, replace=False)
    return [fire(at, value) for at, value in zip(chosen, 10 * np.exp(rng.normal(0.5, 1, number)), strict=True)]


def stretched(seed: int, beta: float, number: int = 40) -> pd.DataFrame:
    """Make a series, and fires that stretch the returns of their days."""
    rng, returned = np.random.default_rng(seed), restless(seed)
    at = closes(returned)["event_at"].to_numpy()
    fires = scattered(at, number, rng)
    for one in fires:
        returned[np.searchsorted(at, one["event_at"])] *= np.exp(beta * np.log2(1 + one["value"] / 10))
    return record(closes(returned), fires)


def quick(seed: int, beta: float, number: int = 40) -> xr.Dataset:
    """Make what the effect is learned from in such a world, without its tables."""
    rng, returned = np.random.default_rng(seed), restless(seed)
    s = np.zeros(len(returned))
    s[rng.choice(np.arange(100, len(s)), number, replace=False)] = np.log2(1 + np.exp(rng.normal(0.5, 1, number)))
    z = shocks.scaled(returned * np.exp(beta * s), 0.12, 0.0008)
    return xr.Dataset(
        {"scaled": ("day", z), "shock": ("day", s), "at": ("day", pd.bdate_range(SPEC.since, periods=len(s)))}
    )


def drawn(frame: pd.DataFrame, seed: int = 1) -> NDArray[np.float64]:
    """Draw beta."""
    return np.log(levels.posterior(panel(frame), SPEC, seed)["posterior"]["effect"].to_numpy().ravel())


def test_what_began_since_the_last_trading_day_counts_on_the_next() -> None:
    prices = closes(restless(1))
    friday = prices.loc[(prices["event_at"].dt.day_of_week == 4) & (prices.index > 1000), "event_at"].iloc[0]
    monday, later = friday + pd.Timedelta(days=3), friday + pd.Timedelta(days=21)
    fires = [
        fire(friday + pd.Timedelta(days=1), 5.0),
        fire(monday, 10.0, n=2),
        fire(monday, None),
        fire(monday, 70.0, where="barn"),
        fire(monday, 70.0, precision="month"),
        fire(later - pd.Timedelta(days=6), 30.0),
    ]
    week = ((prices["event_at"] > later - pd.Timedelta(days=7)) & (prices["event_at"] < later)).to_numpy()
    data = panel(record(prices[~week], fires))
    shaken = pd.Series(data["shock"].to_numpy(), data["at"].to_numpy())
    assert shaken[shaken > 0].to_dict() == {monday: pytest.approx(np.log2(1 + 25 / 10))}  # six days are too long


def test_returns_are_scaled_by_those_before() -> None:
    returned = restless(2, 400)
    z = shocks.scaled(returned, 0.12, 0.0008)
    before = np.sqrt((np.clip(returned[78:100], -0.12, 0.12) ** 2).mean())
    assert z[100] == pytest.approx(returned[100] / (before + 0.0008))
    assert np.isnan(z[21])


def test_the_effect_has_its_exact_posterior() -> None:
    """Against the formula, written again and added up: Kolmogorov and Smirnov's test of the draws."""
    frame = stretched(3, 0.3)
    data = panel(frame)
    z, s = data["scaled"].to_numpy(), data["shock"].to_numpy()
    used = np.isfinite(z) & (data["at"].to_numpy() >= np.datetime64(SPEC.since))
    sigma = np.quantile(np.abs(z[used & (s == 0)]), 0.5) / stats.t.ppf(0.75, 4)
    beta = np.linspace(-2, 2, 4001)
    density = stats.norm.logpdf(beta, LOCATION, SCALE)
    for one, size in zip(z[used & (s > 0)], s[used & (s > 0)], strict=True):
        density += stats.t.logpdf(one, 4, scale=sigma * np.exp(beta * size))
    below = np.cumsum(np.exp(density - density.max()))
    found = stats.kstest(drawn(frame), lambda at: np.interp(at, beta, below / below[-1]))
    assert found.pvalue > ALARM


def test_without_such_events_the_prior_speaks() -> None:
    frame = closes(restless(4))
    assert stats.kstest(drawn(frame), stats.norm(LOCATION, SCALE).cdf).pvalue > ALARM
    assert "fires: none stands on the record" in " ".join(levels.notes(panel(frame), SPEC))


@pytest.mark.parametrize("independent", [True, False])
def test_intervals_of_the_effect_hold_it_nine_times_in_ten(independent: bool) -> None:
    """Fires that move nothing, and fires with effects of the prior, in 40 worlds each.

    The first truth lies where the prior is centred, so more intervals than nine in ten may hold it, but not fewer.
    """
    truth = np.zeros(WORLDS) if independent else np.random.default_rng(5).normal(LOCATION, SCALE, WORLDS)
    toss = np.random.default_rng(6).random((1, 1200, 1))
    draws = [shocks.effect(quick(100 + seed, beta), FIRES, SPEC.since, toss) for seed, beta in enumerate(truth)]
    low, high = np.quantile(np.log(draws).reshape(WORLDS, -1), (0.05, 0.95), axis=1)
    held = int(((low < truth) & (truth < high)).sum())
    assert held >= stats.binom.ppf(ALARM, WORLDS, 0.9)
    assert independent or held <= stats.binom.isf(ALARM, WORLDS, 0.9)


def test_an_effect_is_found_again() -> None:
    beta = drawn(stretched(6, 0.5, number=200))
    assert abs(beta.mean() - 0.5) < 4.5 * beta.std()
    assert beta.std() < SCALE / 4


def simulated(
    frame: pd.DataFrame, made: pd.DataFrame | None = None, days: int = 40, item: spec.Spec = SPEC
) -> pd.DataFrame:
    levels.check(item)
    known, data = snapshot(frame), panel(frame, item)
    so_far = None if made is None else Futures({"fire": made}, SIZES.draws, SIZES.parameters, {})
    prospect = Prospect(known, AS_OF + timedelta(days=days), SIZES, so_far)
    tree = levels.posterior(data, item, 7)
    return levels.simulate(tree, data, item, prospect, np.random.default_rng(8)).events["close"]


def moves(frame: pd.DataFrame, last: float) -> pd.DataFrame:
    """Lay returns out, a row a future and a column a day."""
    wide = frame.pivot_table(index="draw", columns="event_at", values="value")
    log = np.log(wide).ffill(axis=1)
    return log.diff(axis=1).fillna({log.columns[0]: log.iloc[:, 0] - np.log(last)})


def ahead(draw: int, at: str, value: float) -> dict[str, Any]:
    return {"draw": draw, "event_at": pd.Timestamp(at), "value": value, "n": 1, "entity": "here", "where": "mill"}


def test_an_event_moves_its_day_in_its_future_and_no_other() -> None:
    frame = stretched(9, 0.3)
    last = float(frame.loc[frame["kind"] == "close", "value"].iloc[-1])
    made = pd.DataFrame([ahead(5, "2020-01-18", 30.0), ahead(5, "2020-01-20", 40.0), ahead(6, "2020-01-22", 10.0)])
    still, moved = (moves(simulated(frame, one), last) for one in (made.iloc[:0], made))
    ratio = (moved / still).stack()
    apart = ratio[abs(ratio - 1) > 1e-9]
    beta = np.log(inference.thinned(levels.posterior(panel(frame), SPEC, 7), ("effect",), SIZES)["effect"][:, 0])
    assert list(apart.index) == [(5, pd.Timestamp("2020-01-20")), (6, pd.Timestamp("2020-01-22"))]  # the 18th: Saturday
    np.testing.assert_allclose(apart, np.exp(beta[[5, 6]] * np.log2([1 + 70 / 10, 2])))


def test_what_is_known_and_has_not_moved_a_price_yet_moves_the_next() -> None:
    """The last price is of the day before yesterday; the fire was yesterday. And one is announced for next week."""
    frame = stretched(10, 0.3)
    news = [fire("2019-12-31", 30.0, known_at="2019-12-31"), fire("2020-01-08", 90.0, known_at="2019-12-31")]
    last = float(frame.loc[frame["kind"] == "close", "value"].iloc[-1])
    again = pd.concat([frame, events(news).assign(source="news")], ignore_index=True)
    ratio = (moves(simulated(again), last) / moves(simulated(frame), last)).iloc[:, :10]
    days = ratio.columns[(abs(ratio - 1) > 1e-9).any()]
    assert list(days) == [pd.Timestamp("2019-12-31"), pd.Timestamp("2020-01-08")]


def test_without_events_ahead_nothing_is_changed() -> None:
    frame = stretched(11, 0.3)
    pd.testing.assert_frame_equal(simulated(frame), simulated(frame, item=PLAIN))


def test_a_longer_horizon_does_not_change_nearer_days() -> None:
    frame = stretched(12, 0.3)
    rng = np.random.default_rng(13)
    days = pd.Timestamp(AS_OF) + pd.to_timedelta(rng.integers(0, 75, 3000), "D")
    pairs = zip(rng.integers(0, 800, 3000), days, strict=True)
    made = pd.DataFrame([ahead(int(draw), str(at), 50.0) for draw, at in pairs])
    short, long = (simulated(frame, made, ahead) for ahead in (30, 75))
    nearer = long[(long["event_at"] < pd.Timestamp(AS_OF + timedelta(days=30))).to_numpy()].reset_index(drop=True)
    pd.testing.assert_frame_equal(nearer, short)


def test_what_becomes_known_later_changes_nothing() -> None:
    frame = stretched(14, 0.3)
    later = events([fire("2019-06-03", 500.0, known_at="2020-01-01")]).assign(source="late")
    xr.testing.assert_identical(panel(frame), panel(pd.concat([frame, later], ignore_index=True)))


def test_the_effect_stands_among_the_parameters() -> None:
    (fitted,) = world.fit([SPEC], snapshot(stretched(15, 0.3)))
    meaning, prior, values = world.parameters(fitted)["fires"]
    assert (meaning, prior, values.dims) == (levels.COVARIATE, FIRES.effect, ("chain", "draw"))
    assert "learned from 40 such days" in " ".join(levels.notes(fitted.panel, SPEC))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ((FIRES, replace(FIRES, name="smoke")), "takes one covariate, not 2"),
        ((replace(FIRES, rule=replace(FIRES.rule, measure="count")),), "reads a sum, not `count`"),
        ((replace(FIRES, effect=Prior(-1, 1)),), "cannot hold a positive quantity"),
    ],
)
def test_links_that_cannot_be_are_refused(change: tuple[Covariate, ...], words: str) -> None:
    with pytest.raises(SpecError) as refusal:
        levels.check(replace(SPEC, covariates=change))
    assert words in str(refusal.value)
