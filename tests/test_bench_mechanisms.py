"""The mechanism bench: outcomes are read right, baselines know the past alone, curves are those of a reference."""

import json
import os
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from mechanism_baselines import CURVES, TABLES, baselines, counts
from mechanism_record import Past, Standing, Truth, past, surviving
from mechanism_skill import OTHERS, best, miscalibration, settled, skill
from mechanisms import read_off

from forecast import spec
from forecast.events import Snapshot
from forecast.models import stages
from tests.worlds import events, futures, snapshot

REFERENCE = (
    Path(os.environ.get("BRINKCAST_REFERENCE", Path(__file__).parents[2] / "shared/data/reference")) / "survival"
)
NOW, NEWEST = date(2010, 1, 15), date(2014, 1, 1)
HORIZONS = (30, 365)
ITEM = spec.parse(
    """
name = "bills"
title = "Bills"
family = "stages"
since = 1990-01-01
written = 2020-01-01
target = { kind = ["tabled", "voted", "passed", "dropped"] }
[priors]
advance = [0.1, 10.0]
exit = [0.05, 2.0]
suspend = [0.05, 2.0]
stage_spread = [0.3, 1.0]
kind_spread = [0.3, 1.0]
pair_spread = [0.2, 0.8]
age = [-1.0, 1.0]
age_spread = [0.1, 0.4]
deadline = [0.4, 2.5]
[options]
stages = ["tabled", "voted", "passed"]
exits = ["dropped"]
unfollowed = ["seen"]
kinds = [
  { name = "pact", where = { layer = "rta" }, never = ["tabled"] },
  { name = "tax", where = { topic = "tax" }, top = "voted" },
  { name = "other", where = { topic = "other" } },
]
""",
    "models/bills.toml",
)
LADDER = stages.options(ITEM)
TABLED, VOTED, PASSED, END = range(4)
Row = tuple[str, str, str]


def frame(*rows: Row, **more: Any) -> pd.DataFrame:
    """Rows of entity, kind and day; a name that begins with t is a tax, one that begins with p a pact."""
    topics = {"t": "tax", "p": "pact"}
    made = [
        {"entity": entity, "kind": kind, "event_at": at, "topic": topics.get(entity[0], "other"), "basis": ""}
        for entity, kind, at in rows
    ]
    found = events([{**row, "layer": "rta" if row["topic"] == "pact" else "core", **more} for row in made])
    return found.assign(known_at=found["event_at"])


def truth(*parts: pd.DataFrame) -> Truth:
    return Truth.of(snapshot(pd.concat(parts, ignore_index=True), NEWEST), ITEM, LADDER)


def known(rows: pd.DataFrame, when: date = NOW) -> Past:
    return past(snapshot(rows, when), ITEM, LADDER)


def standing(rows: pd.DataFrame, when: date = NOW) -> Standing:
    return Standing.of(stages.panel(snapshot(rows, when), ITEM), HORIZONS)


def answers(*parts: pd.DataFrame) -> np.ndarray:
    """What came of the first mechanism, shape (question, horizon)."""
    rows = pd.concat(parts, ignore_index=True)
    return truth(rows).answers(standing(rows), NOW)[0]


def record(seed: int, number: int = 150, monthly: float = 0.05) -> pd.DataFrame:
    """Bills that are voted on, or dropped, at a constant rate, half of them each."""
    rng = np.random.default_rng(seed)
    rows = []
    for place in range(number):
        begins = date(1994, 1, 1) + timedelta(days=int(rng.integers(0, 5800)))
        ends = begins + timedelta(days=int(rng.exponential(30 / monthly)) + 1)
        rows += [(f"b{place:03d}", "tabled", str(begins))]
        rows += [(f"b{place:03d}", str(rng.choice(["voted", "dropped"])), str(ends))]
    return frame(*rows)


def test_a_window_holds_its_first_day_and_not_its_last() -> None:
    tabled = ("a", "tabled", "2009-01-01")
    assert answers(frame(tabled, ("a", "voted", "2010-01-15")))[VOTED].tolist() == [1, 1]
    assert answers(frame(tabled, ("a", "voted", "2010-02-13")))[VOTED].tolist() == [1, 1]
    assert answers(frame(tabled, ("a", "voted", "2010-02-14")))[VOTED].tolist() == [0, 1]


def test_skipped_stages_are_passed_and_an_end_comes_last() -> None:
    found = answers(frame(("a", "tabled", "2009-01-01"), ("a", "passed", "2010-02-01"), ("a", "dropped", "2010-02-02")))
    assert found[VOTED].tolist() == found[PASSED].tolist() == [1, 1]
    assert found[END].tolist() == [0, 0]
    found = answers(frame(("a", "tabled", "2009-01-01"), ("a", "dropped", "2010-02-01"), ("a", "voted", "2010-02-02")))
    assert found[END].tolist() == [1, 1]
    assert found[VOTED].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("month", "came"),
    [("2010-01-01", [None, None]), ("2010-02-01", [None, 1]), ("2010-03-01", [0, 1]), ("2011-01-01", [0, None])],
)
def test_a_month_that_holds_the_opening_or_closing_day_makes_void(month: str, came: list[int | None]) -> None:
    vague = frame(("a", "voted", month), precision="month")
    found = answers(
        frame(("a", "tabled", "2009-01-01")), vague.assign(known_at=pd.Timestamp(month) + pd.Timedelta("27D"))
    )
    assert [None if np.isnan(one) else int(one) for one in found[VOTED]] == came


def test_only_what_was_followed_through_is_settled() -> None:
    rows = frame(
        *((name, "tabled", "2009-01-01") for name in ("a", "b", "c")),
        *(("a", "seen", "2010-02-14"), ("b", "seen", "2010-02-13"), ("c", "dropped", "2010-01-20")),
    )
    assert truth(rows).followed(standing(rows), NOW).tolist() == [[True, False], [False, False], [True, True]]


def test_weights_stand_for_those_that_were_not_followed() -> None:
    """Of four open ones, one was last seen before the short window closed; what ended early needs no weight."""
    seen = {"a": "2012-01-01", "b": "2012-01-01", "c": "2010-02-01"}
    rows = frame(
        *((name, "tabled", "2009-01-01") for name in (*seen, "d")),
        *((name, "seen", at) for name, at in seen.items()),
        ("d", "dropped", "2010-01-20"),
    )
    found = truth(rows).weights(standing(rows), NOW)
    assert found[0].tolist() == pytest.approx([3 / 2, 3 / 2])
    assert found[3].tolist() == pytest.approx([1, 1])


def test_what_is_scheduled_is_not_asked() -> None:
    rows = frame(("a", "tabled", "2009-01-01"), ("a", "voted", "2010-03-01"))
    rows.loc[1, "known_at"] = pd.Timestamp("2010-01-05")
    assert standing(rows).asked(LADDER)[0, :, 0].tolist() == [False] * 4  # nothing can come before it
    assert standing(rows).asked(LADDER)[0, :, 1].tolist() == [False, False, True, True]
    rows.loc[1, "known_at"] = pd.Timestamp("2010-01-20")
    assert standing(rows).asked(LADDER)[0, :, 0].tolist() == [False, True, True, True]


def test_what_a_kind_never_records_is_not_asked() -> None:
    rows = frame(("t", "tabled", "2009-01-01"), ("t", "passed", "2010-01-20"), ("u", "tabled", "2009-01-01"))
    assert standing(rows).asked(LADDER)[:, PASSED, 0].tolist() == [False, True]
    assert answers(rows)[VOTED].tolist() == [1, 1]  # what lies above its top counts as its top
    assert np.isinf(truth(rows).early.reached[0, PASSED])


@pytest.mark.parametrize("name", [*TABLES, *CURVES])
def test_a_baseline_is_never_certain(name: str) -> None:
    rows = pd.concat([record(1), frame(("t1", "tabled", "2009-12-01"), ("p1", "voted", "2009-01-01"))])
    here = standing(rows)
    found = baselines(known(rows), here, LADDER)[name][here.asked(LADDER)]
    assert len(found) > 20
    assert ((found > 0) & (found < 1)).all()


@pytest.mark.parametrize("name", [*TABLES, *CURVES])
def test_a_baseline_knows_the_past_alone(name: str) -> None:
    """Even if a snapshot held what became known later."""
    rows = record(2)
    before = rows[rows["known_at"] < pd.Timestamp(NOW)]
    assert len(before) < len(rows)
    here = standing(rows)
    leaky, honest = (past(Snapshot(NOW, some, {}), ITEM, LADDER) for some in (rows, before))
    found, expected = (baselines(one, here, LADDER)[name] for one in (leaky, honest))
    np.testing.assert_array_equal(found, expected)


def test_baselines_of_a_steady_world_are_calibrated() -> None:
    """Two causes of one rate each; curves leave ends out, and say what would come if there were none."""
    worlds = []
    for seed in range(8):
        rows = record(100 + seed)
        here = standing(rows)
        waiting = here.level == TABLED
        said = baselines(known(rows), here, LADDER)
        worlds.append({name: said[name][waiting, VOTED, 1].mean() for name in said})
    found = pd.DataFrame(worlds)
    shares = 1 - np.exp(-np.array([0.025, 0.05]) * 365 / 30)
    expected = {"landmarks, by stage": shares[1] / 2, "landmarks, by kind and stage": shares[1] / 2}
    for name, share in (expected | dict.fromkeys(CURVES, shares[0])).items():
        assert abs(found[name].mean() - share) < 4.5 * found[name].sem() + 0.015  # what is common moves them a little


def test_landmarks_are_counted_by_hand() -> None:
    """Tabled at two landmarks, April and July, voted on after the second of them; voted on at a third, October."""
    rows = frame(("a", "tabled", "1995-02-01"), ("a", "voted", "1995-08-01"), ("a", "dropped", "1996-01-01"))
    found = counts(known(rows, date(1996, 6, 15)), LADDER, (30, 90))
    other = 2
    assert found.asked[other, TABLED, :, 0].tolist() == [0, 2, 2, 2]
    assert found.came[other, TABLED, :, 0].tolist() == [0, 1, 0, 0]
    assert found.came[other, VOTED].tolist() == [[0, 0], [0, 0], [0, 0], [0, 1]]
    # 1 of 5 questions about stages came, of 2 mechanisms by stage; 1 of 3 about ends within 90 days.
    rate = TABLES["base rate"](found)
    assert rate[other, TABLED, VOTED, 0] == pytest.approx((2 / 5 + 1 / 2) / 3)
    assert rate[other, TABLED, END, 1] == pytest.approx((2 / 3 + 1 / 2) / 3)


def test_read_off_counts_futures_in_which_a_stage_or_a_higher_one_came() -> None:
    rows = frame(("a", "tabled", "2009-01-01"), ("b", "tabled", "2009-01-01"))
    days = {"voted": [(0, "a", 3)], "passed": [(1, "a", 10), (0, "a", 200)], "dropped": [(2, "b", 29), (3, "b", 30)]}
    frames = {}
    for kind, found in days.items():
        draw, entity, later = zip(*found, strict=True)
        at = pd.to_datetime([NOW + timedelta(days=number) for number in later])
        frames[kind] = pd.DataFrame({"draw": draw, "entity": pd.Categorical(entity, ["a", "b"]), "event_at": at})
    frames["tabled"] = frames["voted"].iloc[:0]
    p = read_off(futures(frames, 4), standing(rows), LADDER, NOW) * 5 - 0.5
    assert p[0, VOTED].round(9).tolist() == [2, 2]
    assert p[0, PASSED].round(9).tolist() == [1, 2]
    assert p[1, END].round(9).tolist() == [1, 2]
    assert p[1, VOTED].round(9).tolist() == [0, 0]


def scored(seed: int, mechanisms: int = 20) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    number = 5 * mechanisms
    outcome = rng.random(number) < 0.3
    said = {name: rng.uniform(0.1, 0.5, number) for name in OTHERS}
    entity = np.repeat([f"m{place}" for place in range(mechanisms)], 5)
    mine = np.where(outcome, 0.4, 0.2)
    return pd.DataFrame({"entity": entity, "outcome": outcome.astype(float), "weight": 1.0, "model": mine, **said})


def test_asking_everything_twice_makes_no_skill_surer() -> None:
    rows = scored(1)
    once, twice = skill(rows, best(rows)), skill(pd.concat([rows, rows]), best(rows))
    assert (once.value, once.low, once.high) == pytest.approx((twice.value, twice.low, twice.high))
    assert once.low < once.value < once.high


def test_three_ways_to_settle() -> None:
    rows = pd.DataFrame({"outcome": [1, 0, 1, np.nan], "followed": [True, False, False, True], "weight": 2.0})
    found = {name: (some.index.tolist(), some["weight"].tolist()) for name, some in settled(rows).items()}
    assert list(found.values()) == [([0], [1.0]), ([0], [2.0]), ([0, 2], [1.0, 1.0])]


def test_miscalibration_is_what_the_best_rising_map_saves() -> None:
    """Of ten at 0.2 four come, of ten at 0.6 two: the map says 0.3 for both."""
    rows = pd.DataFrame({"model": [0.2] * 10 + [0.6] * 10, "outcome": [1] * 4 + [0] * 6 + [1] * 2 + [0] * 8})
    saved = np.mean((rows["model"] - rows["outcome"]) ** 2 - (0.3 - rows["outcome"]) ** 2)
    assert miscalibration(rows) == pytest.approx(saved)
    assert miscalibration(rows.assign(model=[0.2] * 10 + [0.4] * 10)) > 0
    assert miscalibration(rows.assign(model=[0.4] * 10 + [0.2] * 10)) == pytest.approx(0)


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference files are not here (BRINKCAST_REFERENCE)")
@pytest.mark.parametrize("name", ["waltons_dataset.csv", "dd_regimes.csv"])
def test_curves_are_those_of_the_reference(name: str) -> None:
    said = json.loads((REFERENCE / "reference.json").read_text())["datasets"][name]
    rows = pd.read_csv(REFERENCE / name)
    rows = rows[rows[said.get("group", "group")].notna()]
    compared = 0
    for group, expected in said["by_group"].items():
        if group == "logrank_chi2":
            continue
        mine = rows[rows[said.get("group", "group")] == group]
        days, came = mine[said["duration"]].to_numpy(float), mine[said["event"]].to_numpy() == 1
        at = np.array([float(day) for day in expected["km_S"]])
        np.testing.assert_allclose(surviving(days, came, at), list(expected["km_S"].values()), atol=1e-6)
        steps = np.unique(days)
        median = steps[surviving(days, came, steps) <= 0.5 + 1e-12][0]
        assert median == expected["km_median"]
        compared += 1
    assert compared >= 2
