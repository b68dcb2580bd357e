"""The outage bench: windows are read right, and baselines know the past alone."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from outage_record import ANYWHERE, BASELINES, Asked, Past, after, numbered, past

from forecast.events import Snapshot
from tests.worlds import events

WHERE = {"kind": ("outage",)}
NOW = date(2020, 3, 1)


def known(rows: list[tuple[str, float, str]], when: date = NOW) -> Past:
    frame = events([{"event_at": at, "kind": "outage", "value": value, "region": region} for at, value, region in rows])
    return past(Snapshot(when, frame, {}), WHERE)


def steady(share: float, years: int, seed: int) -> Past:
    """Outages of every size in some months, chosen at random."""
    rng = np.random.default_rng(seed)
    months = pd.date_range(f"{2020 - years}-03-01", "2020-02-01", freq="MS")
    return known([(f"{month:%Y-%m-15}", 2000.0, "gulf") for month in months if rng.random() < share])


def test_a_window_holds_its_first_day_and_not_its_last() -> None:
    found = known([("2020-01-01", 600.0, "gulf"), ("2020-02-01", 200.0, "west_africa")])
    opens, closes = (np.array([numbered(day)]) for day in (date(2020, 1, 1), after(date(2020, 1, 1), 1)))
    assert found.happened("gulf", 500, opens, closes) == [1]
    assert found.happened("gulf", 1000, opens, closes) == [0]
    assert found.happened("west_africa", 100, opens, closes) == [0]
    assert found.happened(ANYWHERE, 100, opens + 1, closes) == [0]
    assert found.happened(ANYWHERE, 100, opens + 1, closes + 1) == [1]


@pytest.mark.parametrize("name", BASELINES)
def test_a_baseline_knows_the_past_alone(name: str) -> None:
    rows = [("2012-01-05", 600.0, "gulf"), ("2018-03-05", 600.0, "gulf")]
    one, later = Asked("gulf", 500, 3), (f"{NOW + timedelta(days=3)}", 900.0, "gulf")
    assert BASELINES[name](known(rows), one) == BASELINES[name](known([*rows, later]), one)


@pytest.mark.parametrize("name", BASELINES)
def test_a_baseline_of_a_steady_world_is_calibrated(name: str) -> None:
    """A third of all months, within 4.5 standard errors of the months that it looks at; persistence on the average."""
    found = [BASELINES[name](steady(1 / 3, 20, seed), Asked("gulf", 500, 1)) for seed in range(60)]
    assert all(0 < p < 1 for p in found)
    assert abs(np.mean(found) - 1 / 3) < 4.5 * np.std(found) / np.sqrt(len(found)) + 0.02


@pytest.mark.parametrize("name", BASELINES)
def test_a_longer_window_and_a_smaller_size_are_no_less_likely(name: str) -> None:
    world = steady(1 / 4, 20, 1)
    assert BASELINES[name](world, Asked("gulf", 100, 6)) > BASELINES[name](world, Asked("gulf", 100, 1)) - 0.05
    assert BASELINES[name](world, Asked(ANYWHERE, 100, 3)) >= BASELINES[name](world, Asked("gulf", 1000, 3))
