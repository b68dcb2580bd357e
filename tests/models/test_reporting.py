"""Events that happened and are not known yet: learned from lags, put back where they belong."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from forecast.inference import Sizes
from forecast.models import cells, counts
from forecast.models.reporting import LONGEST, reported, unreported
from forecast.prospect import Prospect
from tests.models.test_counts import made_posterior
from tests.worlds import AS_OF, attacks, counts_spec, events, snapshot

SPEC = counts_spec()


def lagged(lags: list[int], **changes: str) -> pd.DataFrame:
    at = date(2019, 1, 1)
    return events([{"event_at": at, "known_at": at + timedelta(days=lag), **changes} for lag in lags])


def test_shares_grow_with_age_and_end_at_all() -> None:
    shares = reported(lagged([0] * 84 + [1] * 12 + [3] * 3 + [10]))
    np.testing.assert_allclose(shares[[0, 1, 3, 10]], [85 / 101, 97 / 101, 100 / 101, 1])
    assert (np.diff(shares) >= 0).all()


def test_assumed_days_say_nothing_about_lags() -> None:
    assert (reported(lagged([0] * 50, known_by="assumed")) == 1).all()
    assert (reported(lagged([0] * 50, precision="month")) == 1).all()


def test_what_is_missing_lies_in_the_newest_days() -> None:
    shares = np.concatenate([[0.8, 0.9, 0.95], np.ones(LONGEST - 3)])
    found = unreported(shares, 2, 40)
    np.testing.assert_allclose(found[-2:], [[0, 0.05], [0.1, 0.2]])
    assert not found[:-2].any()
    assert unreported(shares, 2, 1).shape == (1, 2)


def test_late_events_come_at_the_rate_that_their_lag_says() -> None:
    """Half of all events are known a week late: as many as are known of the last week are still to be told."""
    record = attacks(seed=3)
    late = np.random.default_rng(5).random(len(record)) < 0.5
    record["known_at"] = record["event_at"] + pd.to_timedelta(np.where(late, 7, 0), "D")
    world = snapshot(record)
    data = counts.panel(world, SPEC)
    missing = data["unreported"].to_numpy()[-1]
    np.testing.assert_allclose(missing[-7:], 0.5, atol=0.12)
    draws = 4000
    frame = counts.simulate(
        made_posterior(),
        data,
        SPEC,
        Prospect(world, AS_OF + timedelta(days=1), Sizes(draws, 50)),
        np.random.default_rng(2),
    ).events["strike"]
    before = frame[frame["event_at"] < np.datetime64(AS_OF)]
    assert before["event_at"].min() >= np.datetime64(AS_OF - timedelta(days=7))
    found, plan = cells.options(SPEC), cells.layout(cells.options(SPEC))
    drawn = {
        name: made_posterior(1)["posterior"][name].to_numpy()[0, 0] for name in ("nu", "logit_of", "share", "size")
    }
    pull = (data["features"].to_numpy()[-1] * drawn["share"][plan.origin_of]).sum(axis=1)
    mu = drawn["nu"] + pull / (1 + np.exp(-drawn["logit_of"][plan.origin_of]))
    size, rate = drawn["size"][plan.origin_of], missing.mean()
    level = (size + data["counts"].to_numpy()[-1]) / (size / mu + 1 - rate)
    spread = level + level**2 * rate / (size + data["counts"].to_numpy()[-1])
    error = np.sqrt(rate * spread.sum() / draws)
    assert found.form == "additive"
    assert abs(len(before) / draws - rate * level.sum()) < 4.5 * error  # false alarm 1e-5


def test_a_record_without_lag_has_no_late_events() -> None:
    world = snapshot(attacks(seed=3))
    data = counts.panel(world, SPEC)
    assert not data["unreported"].to_numpy().any()
