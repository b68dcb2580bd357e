"""Levels: the posterior is the formula's, scale and horizon change nothing, restless days make restless futures."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from forecast import rules, spec
from forecast.errors import DataError, SpecError, UsageError
from forecast.events import Futures, day
from forecast.inference import Sizes
from forecast.models import levels
from forecast.prospect import Prospect
from forecast.rules import Rule, Window
from tests.worlds import AS_OF, events, snapshot

TEXT = """
name = "price"
title = "Price"
family = "levels"
since = 2012-01-01
written = 2020-01-01
target = { kind = "close" }
[options]
memories = [10, 60]
segments = [10, 30, 60]
[priors]
level = [-0.8, 0.8]
memory = [-0.2, 0.6]
leverage = [-0.5, 0.5]
"""
SPEC = spec.parse(TEXT, "models/price.toml")
SIZES = Sizes(4000, 1000)


def restless(seed: int, days: int = 2000, persistence: float = 0.98) -> NDArray[np.float64]:
    """Draw returns whose log volatility wanders around that of an ordinary day."""
    rng = np.random.default_rng(seed)
    log_volatility = np.zeros(days)
    for today in range(1, days):
        log_volatility[today] = persistence * log_volatility[today - 1] + 0.1 * rng.standard_normal()
    return np.asarray(0.015 * np.exp(log_volatility) * rng.standard_normal(days))


def closes(returned: NDArray[np.float64], first: float = 50.0, **columns: NDArray[np.float64]) -> pd.DataFrame:
    """Lay a series out so that it ends two days before the as-of day: its last value is known the day before."""
    days = pd.bdate_range(end=AS_OF - timedelta(days=2), periods=len(returned))
    values = first * np.exp(np.cumsum(returned))
    rows = [{"event_at": at, "kind": "close", "value": value} for at, value in zip(days, values, strict=True)]
    return events(rows).assign(**columns)


def simulated(frame: pd.DataFrame, days: int, item: spec.Spec = SPEC, seed: int = 1, sizes: Sizes = SIZES) -> Futures:
    levels.check(item)
    known = snapshot(frame)
    data = levels.panel(known, item)
    tree = levels.posterior(data, item, seed)
    until = AS_OF + timedelta(days=days)
    return levels.simulate(tree, data, item, Prospect(known, until, sizes), np.random.default_rng(seed))


def read(measure: rules.Measure, frame: pd.DataFrame, futures: Futures, days: int) -> NDArray[np.float64]:
    rule = Rule(measure, {"kind": ("close",)})
    return rules.in_futures(rule, snapshot(frame), futures, Window(AS_OF, AS_OF + timedelta(days=days)))


def test_slopes_have_the_posterior_of_the_formula() -> None:
    """Mean and spread of the draws against a regression on stacked prior and data, within 4.5 Monte Carlo errors."""
    data = levels.panel(snapshot(closes(restless(1))), SPEC)
    tree = levels.posterior(data, SPEC, 3)["posterior"].to_dataset()
    drawn = np.concatenate([tree[name].to_numpy()[0].reshape(1200, 3, -1) for name in levels.PRIORS], axis=2)
    location = np.array([0.0, 0.2, 0.2, 0.0, 0.0])
    scale = np.array([0.8, 0.4, 0.4, 0.5, 0.5]) / 1.6448536
    x = data["known"].to_numpy()
    for segment, width in enumerate((10, 20, 30)):
        y = data["came"].to_numpy()[:, segment]
        seen = np.isfinite(y) & np.isfinite(x).all(axis=1)
        weight = 1 / (0.29 * np.sqrt(width))
        rows = np.vstack([np.diag(1 / scale), weight * x[seen]])
        values = np.concatenate([location / scale, weight * y[seen]])
        expected = np.linalg.lstsq(rows, values, rcond=None)[0]
        spread = np.sqrt(np.diag(np.linalg.inv(rows.T @ rows)))
        errors = (drawn[:, segment].mean(axis=0) - expected) / (spread / np.sqrt(len(drawn)))
        assert np.abs(errors).max() < 4.5
        np.testing.assert_allclose(drawn[:, segment].std(axis=0) / spread, 1, atol=4.5 / np.sqrt(2 * len(drawn)))


def test_what_came_is_read_off_the_days_of_the_segment() -> None:
    returned = restless(2, 400)
    data = levels.panel(snapshot(closes(returned)), SPEC)
    for segment, (first, last) in enumerate(((1, 10), (11, 30), (31, 60))):
        squares = np.clip(returned[100 + first : 100 + last + 1], -0.12, 0.12) ** 2
        expected = np.log(np.sqrt(squares.mean()) + 0.0008) - np.log(0.015)
        np.testing.assert_allclose(data["came"].to_numpy()[100, segment], expected)
        assert np.isfinite(data["came"].to_numpy()[400 - last - 1, segment])
        assert np.isnan(data["came"].to_numpy()[400 - last :, segment]).all()


def test_the_unit_of_the_series_is_the_unit_of_its_futures() -> None:
    once, hundredfold = (simulated(closes(restless(3), first), 40).events["close"] for first in (50.0, 5000.0))
    np.testing.assert_allclose(hundredfold["value"], 100 * once["value"], rtol=1e-9)
    assert (hundredfold["event_at"] == once["event_at"]).all()


def test_a_longer_horizon_does_not_change_nearer_days() -> None:
    frame = closes(restless(4))
    short, long = (simulated(frame, days).events["close"] for days in (30, 75))
    nearer = long[(long["event_at"] < day(AS_OF + timedelta(days=30))).to_numpy()].reset_index(drop=True)
    pd.testing.assert_frame_equal(nearer, short)


def test_restless_days_make_restless_futures() -> None:
    """The same series, its last 60 days three times as restless or a third: so are the nearer futures, in order."""
    typical = []
    for factor in (1 / 3, 1.0, 3.0):
        returned = restless(5)
        returned[-60:] *= factor
        frame = closes(returned)
        typical.append(np.median(read("volatility", frame, simulated(frame, 30), 30)))
    assert typical[0] < 0.7 * typical[1] < 0.7**2 * typical[2]


@pytest.mark.slow
def test_futures_are_as_wide_as_what_comes() -> None:
    """Ranks of what came among the futures of 60 series are uniform: chi-squared of five classes, 1 in 10,000."""
    ranks = []
    for seed in range(60):
        returned = restless(100 + seed, 2031)
        frame = closes(returned[:-31])
        found = read("change", frame, simulated(frame, 42, sizes=Sizes(1000, 250)), 42)
        ranks.append((found < np.expm1(returned[-31:].sum())).mean())
    counts = np.histogram(ranks, 5, (0, 1))[0]
    assert ((counts - 12) ** 2 / 12).sum() < 23.5


def test_paths_keep_weekends_and_holidays() -> None:
    frame = closes(restless(6))
    holiday = frame["event_at"].dt.strftime("%m-%d").isin(["01-01", "01-02"])
    found = simulated(frame[~holiday], 60).events["close"]
    assert set(found["event_at"].dt.day_of_week) == {0, 1, 2, 3, 4}
    assert (found["known_at"] - found["event_at"] == pd.Timedelta(days=1)).all()
    days = found.groupby("draw").size()
    assert days.max() == np.busday_count(AS_OF - timedelta(days=1), AS_OF + timedelta(days=60))
    assert days.min() < days.max()


def test_years_are_weighted_at_random_but_fairly() -> None:
    """A year's share of starts is its share of days, within 4.5 Monte Carlo errors, and varies between draws."""
    years = np.repeat(np.array(["2015", "2016", "2017"], "datetime64[Y]"), (50, 30, 20))
    chosen = levels._chosen(years, Sizes(80_000, 4000), np.random.default_rng(1)).reshape(20, 4000)
    for first, last, share in ((0, 50, 0.5), (50, 80, 0.3), (80, 100, 0.2)):
        shares = ((chosen >= first) & (chosen < last)).mean(axis=0)
        assert abs(shares.mean() - share) < 4.5 * shares.std() / np.sqrt(4000) + 0.05
        assert shares.std() > 1.3 * np.sqrt(share * (1 - share) / 20)
    of_first = np.bincount(chosen[chosen < 50], minlength=50)
    assert abs(of_first / of_first.mean() - 1).max() < 4.5 * np.sqrt(50 / of_first.sum())


def test_implied_volatility_that_sees_the_future_is_believed() -> None:
    returned = restless(7, persistence=0.0) * np.repeat(np.random.default_rng(8).choice([0.4, 2.5], 100), 20)
    ahead = pd.Series(returned**2)[::-1].rolling(10, min_periods=1).mean()[::-1].shift(-1).pow(0.5).bfill().ffill()
    item = replace(SPEC, options={**SPEC.options, "implied": "iv"})
    slopes = []
    for informed in (ahead, pd.Series(0.015, ahead.index)):
        frame = closes(returned, iv=(100 * np.sqrt(252) * informed).to_numpy())
        tree = levels.posterior(levels.panel(snapshot(frame), item), item, 1)
        slopes.append(tree["posterior"]["memory"].sel(of_memory="iv, 1-10 ahead"))
    assert slopes[0].mean() > 0.5
    assert slopes[0].std() < slopes[1].std() / 2


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda frame: frame.assign(value=frame["value"].where(frame.index != 1990, -3.0)), "above 0"),
        (lambda frame: frame.assign(value=frame["value"].where(frame.index < 1990, 100 * frame["value"])), "unit"),
        (lambda frame: frame.assign(value=frame["value"].where(frame.index < 1990, frame["value"] / 4)), "split"),
        (lambda frame: frame.drop(range(1970, 1990)), "fill the gap"),
        (lambda frame: pd.concat([frame, frame.iloc[[1990]].assign(record="again")]), "second of its day"),
        (lambda frame: frame.assign(precision=np.where(frame.index == 1990, "month", "day")), "give the day"),
        (lambda frame: frame.assign(entity=np.where(frame.index == 1990, "there", "here")), "another series"),
    ],
)
def test_what_is_no_daily_series_is_refused_by_row(change, told) -> None:
    with pytest.raises(DataError, match=told) as caught:
        simulated(change(closes(restless(9))), 30)
    assert "r01990" in str(caught.value) or "again" in str(caught.value)


def test_what_cannot_be_read_is_refused() -> None:
    frame = closes(restless(10))
    with pytest.raises(UsageError, match="60 trading days ahead"):
        simulated(frame, 120)
    with pytest.raises(DataError, match="no past path"):
        simulated(frame.tail(100), 30)
    with pytest.raises(DataError, match="60 days of record"):
        simulated(frame.tail(50), 30)
    with pytest.raises(SpecError, match="no column `iv`"):
        simulated(frame, 30, replace(SPEC, options={"implied": "iv"}))
    with pytest.raises(SpecError, match="do not rise"):
        levels.check(replace(SPEC, options={"segments": [21, 21]}))
    with pytest.raises(DataError, match="series is needed"):
        simulated(frame.tail(1), 30)
    unknown = frame.assign(iv=np.where(frame.index == 1999, np.nan, 30.0))
    with pytest.raises(DataError, match="implied volatility on the last"):
        simulated(unknown, 30, replace(SPEC, options={**SPEC.options, "implied": "iv"}))


def test_a_series_that_is_no_price_is_named_by_its_spec() -> None:
    other = closes(restless(11)).assign(kind="freight_rate", entity="baltic")
    item = replace(SPEC, target={"kind": ("freight_rate",)})
    found = simulated(other, 30, item).events["freight_rate"]
    assert set(found["entity"]) == {"baltic"}
    assert found["event_at"].min() >= pd.Timestamp(date(2019, 12, 31))


def test_a_further_segment_lets_it_look_further_and_leaves_the_slopes_of_nearer_ones() -> None:
    known = snapshot(closes(restless(4)))
    data = levels.panel(known, SPEC)
    assert levels.reaching(data, SPEC, AS_OF + timedelta(days=75)) == SPEC
    until = AS_OF + timedelta(days=120)
    with pytest.raises(UsageError, match="lies beyond"):
        simulated(closes(restless(4)), 120)
    longer = levels.reaching(data, SPEC, until)
    levels.check(longer)
    last = simulated(closes(restless(4)), 120, longer).events["close"]["event_at"].max()
    assert until - timedelta(days=4) < last.date() < until
    near, far = (levels.posterior(levels.panel(known, item), item, 3)["posterior"] for item in (SPEC, longer))
    for name in levels.PRIORS:
        kept = near[f"of_{name}"].to_numpy()
        np.testing.assert_array_equal(far[name].sel({f"of_{name}": kept}), near[name])
