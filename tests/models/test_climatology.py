"""Climatology: the past happens again, as often as it did, and a longer horizon changes nothing nearer."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from forecast import spec
from forecast.errors import DataError, SpecError
from forecast.inference import Sizes
from forecast.models import climatology
from tests.worlds import AS_OF, events, snapshot

HEAD = 'name = "x"\ntitle = "X"\nfamily = "climatology"\nsince = 2018-01-01\nwritten = 2020-01-01\n'
REPLAY = HEAD + 'target = { kind = "event" }\n[options]\nof = "events"\n'
LEVELS = HEAD + 'target = { kind = "close" }\n[options]\nof = "levels"\n'
STAGES = HEAD + (
    'target = { kind = ["begun", "signed", "used", "dropped"] }\n[options]\nof = "stages"\n'
    '[options.stages]\nby = "sort"\nladder = ["begun", "signed", "used"]\n'
    'exits = ["dropped"]\nunfollowed = ["last_seen"]\n'
    'tops = { short = "signed" }\n'
)


def replayed(text: str, frame: pd.DataFrame, days: int, draws: int = 4000, seed: int = 1):
    item = spec.parse(text, "models/x.toml")
    climatology.check(item)
    known = snapshot(frame)
    data = climatology.panel(known, item)
    tree = climatology.posterior(data, item, seed)
    until = AS_OF + timedelta(days=days)
    return climatology.simulate(tree, data, item, known, until, Sizes(draws, draws // 4), np.random.default_rng(seed))


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
    assert "2.0 years of record since 2018-01-01" in climatology.notes(data, whole)[0]


def test_an_empty_record_is_refused() -> None:
    with pytest.raises(DataError):
        replayed(REPLAY, events([{"event_at": date(2010, 1, 1)}]), 30)


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


def process(name: str, sort: str, *steps: tuple[str, str]) -> list[dict[str, object]]:
    return [{"kind": kind, "entity": name, "event_at": at, "known_at": at, "sort": sort} for kind, at in steps]


def staged(*processes: list[dict[str, object]]) -> pd.DataFrame:
    return events([row for rows in processes for row in rows])


def test_hazards_count_events_and_days_at_risk() -> None:
    item = spec.parse(STAGES, "models/x.toml")
    frame = staged(
        process("done", "long", ("begun", "2019-01-01"), ("signed", "2019-01-11"), ("used", "2019-01-31")),
        process("gone", "long", ("begun", "2019-01-01"), ("dropped", "2019-02-10")),
        process("open", "long", ("begun", "2019-12-02")),
        process("lost", "long", ("begun", "2019-01-01"), ("last_seen", "2019-01-06")),
        process("capped", "short", ("begun", "2019-01-01"), ("signed", "2019-01-21")),
    )
    data = climatology.panel(snapshot(frame), item)
    assert data["risk"].sel(kind="long").to_numpy().tolist() == [10 + 40 + 30 + 5, 20, 0]
    assert data["advances"].sel(kind="long").to_numpy().tolist() == [1, 1, 0]
    assert float(data["exits"].sel(kind="long")) == 1
    assert data["risk"].sel(kind="short").to_numpy().tolist() == [20, 0, 0]  # nothing above its top is at risk
    assert set(data["process"].to_numpy()) == {"done", "open", "lost", "capped"}


def test_first_passage_follows_the_exponential_law() -> None:
    """One kind with a long record: P(next level in 100 days) within 4.5 Monte Carlo errors of the exact mixture."""
    closed = [
        process(
            f"p{n}", "long", ("begun", "2018-01-01"), ("signed", f"2018-{1 + n % 12:02d}-15"), ("dropped", "2019-06-01")
        )
        for n in range(60)
    ]
    frame = staged(*closed, process("open", "long", ("begun", "2019-12-31")))
    item = spec.parse(STAGES, "models/x.toml")
    data = climatology.panel(snapshot(frame), item)
    draws = climatology.posterior(data, item, 3)["posterior"].to_dataset().isel(chain=0)
    up = (
        draws["advance"].sel(kind="long", level=0)
        if "level" in draws.coords
        else draws["advance"].isel(kind=0, level=0)
    )
    out = draws["leave"].isel(kind=0)
    exact = float((up / (up + out) * (1 - np.exp(-100 * (up + out)))).mean())
    found = replayed(STAGES, frame, 100, seed=3)
    reached = pd.concat([found.events[kind] for kind in ("signed", "used")])
    share = reached[reached["entity"] == "open"]["draw"].nunique() / 4000
    assert abs(share - exact) < 4.5 * np.sqrt(exact * (1 - exact) / 4000) + 0.01  # posterior draws are thinned


def test_no_step_is_impossible_and_none_lies_above_the_top() -> None:
    frame = staged(
        process("a", "long", ("begun", "2019-06-01")),
        process("b", "short", ("begun", "2019-06-01")),
        process("c", "long", ("begun", "2019-01-01"), ("signed", "2019-03-01")),
    )
    found = replayed(STAGES, frame, 3650)
    for entity in ("a", "b", "c"):
        assert (found.events["signed"]["entity"] == entity).any() or entity == "c"
        assert (found.events["dropped"]["entity"] == entity).any()
    assert not (found.events["used"]["entity"] == "b").any()
    assert (found.events["used"]["entity"] == "a").any()


def test_stages_need_their_settings_and_others_must_not_have_them() -> None:
    with pytest.raises(SpecError):
        climatology.check(spec.parse(REPLAY.replace('"events"', '"stages"'), "models/x.toml"))


def test_years_are_for_events_and_more_than_none() -> None:
    for text in (LEVELS + "years = 2\n", REPLAY + "years = 0\n"):
        with pytest.raises(SpecError, match="`years` is 1 or more"):
            climatology.check(spec.parse(text, "models/x.toml"))
