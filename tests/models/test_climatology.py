"""Climatology: the past happens again, as often as it did, and a longer horizon changes nothing nearer."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from forecast import rules, spec, world
from forecast.errors import DataError, SpecError
from forecast.inference import Sizes
from forecast.models import climatology
from forecast.prospect import Prospect
from forecast.rules import Rule, Window
from tests.worlds import AS_OF, events, snapshot

HEAD = 'name = "x"\ntitle = "X"\nfamily = "climatology"\nsince = 2018-01-01\nwritten = 2020-01-01\n'
REPLAY = HEAD + 'target = { kind = "event" }\n[options]\nof = "events"\n'
LEVELS = HEAD + 'target = { kind = "close" }\n[options]\nof = "levels"\n'


def replayed(text: str, frame: pd.DataFrame, days: int, draws: int = 4000, seed: int = 1):
    item = spec.parse(text, "models/x.toml")
    climatology.check(item)
    known = snapshot(frame)
    data = climatology.panel(known, item)
    tree = climatology.posterior(data, item, seed)
    until = AS_OF + timedelta(days=days)
    return climatology.simulate(
        tree, data, item, Prospect(known, until, Sizes(draws, draws // 4)), np.random.default_rng(seed)
    )


def scattered(seed: int, precision: str = "day") -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    backs = rng.integers(1, 730, 40)
    return events(
        [
            {
                "event_at": AS_OF - timedelta(days=int(back)),
                "known_at": AS_OF - timedelta(days=1),
                "precision": precision,
            }
            for back in backs
        ]
    )


def test_futures_hold_as_many_events_as_the_record() -> None:
    """The mean count equals the record's rate, within 4.5 Monte Carlo errors (false alarm 7e-6)."""
    found = replayed(REPLAY, scattered(1), 60)
    totals = np.bincount(found.events["event"]["draw"], minlength=4000)
    assert abs(totals.mean() - 40 * 60 / 730) < 4.5 * totals.std() / np.sqrt(4000)
    assert found.record_days == {"event": 730.0}


def test_the_share_of_futures_is_the_share_of_windows() -> None:
    """P(some event in 30 days) against all circular windows of the record, within 4.5 Monte Carlo errors."""
    frame = scattered(2)
    found = replayed(REPLAY, frame, 30)
    share = (np.bincount(found.events["event"]["draw"], minlength=4000) > 0).mean()
    days = np.array([(at.date() - date(2018, 1, 1)).days for at in frame["event_at"]])
    circular = np.mean([any((days - opens) % 730 < 30) for opens in range(730)])
    assert abs(share - circular) < 4.5 * np.sqrt(circular * (1 - circular) / 4000)


def test_a_longer_horizon_changes_nothing_nearer() -> None:
    near, far = (replayed(REPLAY, scattered(3), days).events["event"] for days in (40, 900))
    kept = far[far["event_at"] < np.datetime64(AS_OF + timedelta(days=40))]
    pd.testing.assert_frame_equal(near.reset_index(drop=True), kept.reset_index(drop=True))


def test_what_is_dated_to_a_month_happens_within_a_month() -> None:
    frame = events([{"event_at": date(2019, 3, 1), "known_at": date(2019, 4, 1), "precision": "month"}])
    assert len(replayed(REPLAY, frame, 730).events["event"]) == 4000  # once in every future as long as the record


def test_no_more_than_the_last_years_are_replayed() -> None:
    """Strikes every day long ago, and one in ten days in the last two years."""
    ago = [*range(10, 720, 10), *range(740, 1800)]
    known = snapshot(events([{"event_at": AS_OF - timedelta(days=days)} for days in ago]))
    whole = spec.parse(REPLAY.replace("2018-01-01", "2015-01-01") + "years = 2\n", "models/x.toml")
    climatology.check(whole)
    data = climatology.panel(known, whole)
    assert data.sizes["event"] == 71
    assert data.attrs["days"] == 730
    assert "2.0 years of record since 1 January 2018" in climatology.notes(data, whole)[0]


def test_an_empty_record_is_refused() -> None:
    with pytest.raises(DataError):
        replayed(REPLAY, events([{"event_at": date(2010, 1, 1)}]), 30)


TWO = REPLAY.replace('"event"', '["event", "rarity"]') + 'carry = ["how"]\n'


@pytest.mark.parametrize("said", ["openly", ""])
def test_a_kind_that_has_not_come_yet_never_comes_and_can_be_asked_about(said: str) -> None:
    """Replay has no event of it, so the answer is half an event in the windows of 730 days of record."""
    known = snapshot(scattered(4).assign(how=said))
    item = spec.parse(TWO, "models/x.toml")
    (fitted,) = world.fit([item], known)
    until = AS_OF + timedelta(days=73)
    futures = world.simulate([item], [fitted], known, {"rarity": until}, Sizes(100, 50))
    frame = futures.events["rarity"]
    assert frame.empty
    for column in ("kind", "entity", "how"):
        assert isinstance(frame[column].dtype, pd.CategoricalDtype)
    rule = Rule("count", {"kind": ("rarity",), "how": ("openly",)}, ">=", 1)
    held = rule.holds(rules.in_futures(rule, known, futures, Window(AS_OF, until)))
    assert not held.any()
    assert futures.record_days["rarity"] == 730


def test_a_column_that_no_event_has_cannot_be_carried() -> None:
    with pytest.raises(SpecError, match="did you mean `how`"):
        replayed(TWO.replace('"how"', '"hows"'), scattered(4).assign(how=""), 30)


def prices() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    days = pd.bdate_range("2018-01-01", "2019-12-30")
    values = 50 * np.exp(np.cumsum(0.02 * rng.standard_normal(len(days))))
    return events([{"event_at": day, "kind": "close", "value": value} for day, value in zip(days, values, strict=True)])


def test_paths_start_after_the_last_value_known_and_run_on_weekdays() -> None:
    frame = prices()
    found = replayed(LEVELS, frame, 60, draws=400).events["close"]
    assert found["event_at"].min() == pd.Timestamp("2019-12-31")
    assert (found["event_at"].dt.day_of_week < 5).all()
    assert (found.groupby("draw").size() == found["event_at"].nunique()).all()
    assert (found["value"] > 0).all()


def test_daily_changes_of_paths_are_those_of_the_record() -> None:
    frame = prices()
    path = replayed(LEVELS, frame, 60, draws=400).events["close"].sort_values(["draw", "event_at"])
    steps = np.log(path["value"]).groupby(path["draw"]).diff().dropna()
    record = np.diff(np.log(frame["value"]))
    assert set(np.round(steps, 9)) <= set(np.round(record, 9))


def test_stages_need_their_settings_and_others_must_not_have_them() -> None:
    with pytest.raises(SpecError):
        climatology.check(spec.parse(REPLAY.replace('"events"', '"stages"'), "models/x.toml"))


def test_years_are_for_events_and_more_than_none() -> None:
    for text in (LEVELS + "years = 2\n", REPLAY + "years = 0\n"):
        with pytest.raises(SpecError, match="`years` is 1 or more"):
            climatology.check(spec.parse(text, "models/x.toml"))
