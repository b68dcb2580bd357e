"""Days at risk in cells: nothing lost, nothing twice, none where nothing can happen, and nothing of what is to come."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from numpy.typing import NDArray

from forecast import spec
from forecast.archive import Archive
from forecast.events import Snapshot
from forecast.models import covariates, exposure, ladder, spells
from forecast.models.exposure import YEAR
from forecast.models.ladder import CAUSES, WINDOWS
from forecast.rules import Rule
from forecast.spec import Covariate, Prior, Spec
from tests.test_spells import LADDER, SPEC, TODAY, Row, bridge, on, promised
from tests.worlds import events, snapshot

ROOT = Path(__file__).parents[1]
REAL = spec.parse((ROOT / "models" / "mechanisms.toml").read_text(encoding="utf-8"), "models/mechanisms.toml")
TREATIES = ladder.parse(dict(REAL.options), REAL.where)
DATES = [
    *(pytest.param(when, id=str(when)) for when in (date(2005, 3, 1), date(2012, 6, 30), date(2019, 5, 17))),
    *(pytest.param(when, id=str(when), marks=pytest.mark.slow) for when in (date(2019, 7, 1), date(2024, 2, 23))),
]
RAIN = Covariate("rain", Rule("count", {"kind": ("rain",)}), 60, Prior(0.5, 2.0))
Case = tuple[Snapshot, xr.Dataset, Spec]
Counted = tuple[NDArray[np.float64], NDArray[np.float64]]  # years at risk, and what happened
KEYS = ("state", "kind_of", "age", "window")


def panel(rows: list[Row], today: int = TODAY, item: Spec = SPEC) -> xr.Dataset:
    found = ladder.parse(dict(item.options), item.where)
    return exposure.panel(snapshot(events(rows), on(today)), item, found)


def scattered(seed: int, number: int = 60) -> list[Row]:
    """Let bridges of all kinds be planned, climb, halt and end at random; some have deadlines, some news comes late."""
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    for place in range(number):
        sort = LADDER.kinds[place % 3].name
        can = [kind for kind in LADDER.codes if kind not in LADDER.kinds[place % 3].never]
        at = np.sort(rng.integers(0, 900, 5))
        steps = [("planned", int(at[0]))] + [(str(rng.choice(can)), int(day), int(day + rng.integers(9))) for day in at]
        cells: dict[str, Any] = {"name": f"b{place}", "sort": sort, "length": str(rng.choice(["long", "short"]))}
        rows += bridge(*steps, **cells)
        if place % 2:
            rows += promised(int(at[3] + rng.integers(-50, 200)), int(at[1]), **cells)
    rain = [
        {"kind": "rain", "event_at": on(int(day)), "known_at": on(int(day) + 3)} for day in rng.integers(0, 700, 40)
    ]
    return [*rows, *rain]


ROWS, FAR = scattered(1), 700
MADE = (snapshot(events(ROWS), on(FAR)), replace(SPEC, covariates=(RAIN,)))


@pytest.fixture(scope="module")
def archive() -> Archive:
    return Archive(ROOT / "data")


@pytest.fixture(scope="module")
def newest(archive: Archive) -> Snapshot:
    return archive.as_of(archive.newest(["mechanisms"]), ["attacks", "context", "mechanisms"])


@pytest.fixture(scope="module", params=["made", "real"])
def case(request: pytest.FixtureRequest, newest: Snapshot) -> Case:
    known, item = MADE if request.param == "made" else (newest, REAL)
    return known, exposure.panel(known, item, ladder.parse(dict(item.options), item.where)), item


def by_kind(known: Snapshot, item: Spec) -> Counted:
    """Add up years at risk and what happened, spell by spell, shape (cause, kind, state)."""
    found = ladder.parse(dict(item.options), item.where)
    years, happened = np.zeros((2, len(CAUSES), len(found.kinds), len(found.states)))
    at_risk = found.at_risk()
    for process in spells.read(known, item, found)[0]:
        for spell in process.spells:
            state = len(found.stages) if spell.suspended else spell.level
            for cause, name in enumerate(CAUSES):
                if at_risk[cause, process.kind, spell.level] and not (name == "suspend" and spell.suspended):
                    years[cause, process.kind, state] += spell.days / YEAR
                happened[cause, process.kind, state] += spell.cause == name
    return years, happened


def of_cells(data: xr.Dataset, item: Spec) -> Counted:
    """The same of cells."""
    found = ladder.parse(dict(item.options), item.where)
    years, happened = np.zeros((2, len(CAUSES), len(found.kinds), len(found.states)))
    for total, name in ((years, "exposure"), (happened, "happened")):
        for cause in range(len(CAUSES)):
            np.add.at(
                total[cause], (data["kind_of"].to_numpy(), data["state"].to_numpy()), data[name].to_numpy()[:, cause]
            )
    return years, happened


def test_cells_add_up_to_the_spells(case: Case) -> None:
    known, data, item = case
    for cells, whole in zip(of_cells(data, item), by_kind(known, item), strict=True):
        np.testing.assert_allclose(cells, whole, rtol=1e-12)
    key = np.column_stack([*(data[name] for name in KEYS), data["traits"].to_numpy(), data["covariates"].to_numpy()])
    assert len(np.unique(key, axis=0)) == data.sizes["cell"]  # no two cells are alike


def test_what_cannot_happen_has_no_days_at_risk_and_has_not_happened(case: Case) -> None:
    _, data, item = case
    found = ladder.parse(dict(item.options), item.where)
    coded, stages = found.coded(), len(found.stages)
    for place, kind in enumerate(found.kinds):
        mine = data.isel(cell=data["kind_of"].to_numpy() == place)
        years, happened = mine["exposure"].to_numpy(), mine["happened"].to_numpy()
        assert not happened[years == 0].any()
        top = np.flatnonzero(coded[place, :stages]).max()
        on_top = mine["state"].to_numpy() >= top
        assert not years[on_top & (mine["state"].to_numpy() < stages), 0].any()
        assert not years[mine["state"].to_numpy() == stages, 2].any()
        if found.suspended in kind.never:
            assert not years[:, 2].any()
        if set(found.exits) <= set(kind.never):
            assert not years[:, 1].any()
        assert not data["leads"][place].to_numpy()[:, ~coded[place, :stages]].any()
        assert not data["ends"][place].to_numpy()[~coded[place, stages : stages + len(found.exits)]].any()
        assert (years >= 0).all()


def test_a_kind_that_never_halts_and_never_ends_is_at_risk_of_neither() -> None:
    kinds = [{"name": "road", "where": {"sort": ["road"]}, "never": ["halted", "dropped", "lapsed"]}]
    item = replace(SPEC, options={**SPEC.options, "kinds": kinds})
    data = panel(bridge(("planned", 0), ("funded", 100)), item=item)
    assert data["exposure"].sum("cell").to_numpy().tolist() == pytest.approx([TODAY / YEAR, 0, 0])


def test_where_things_cut_changes_no_total() -> None:
    totals = []
    for step, cuts, near in ((182, [30, 90, 365], [60, 14]), (17, [1, 2, 5, 400], [10, 90])):
        item = replace(SPEC, step=step, covariates=(RAIN,), options={**SPEC.options, "cuts": cuts, "near": near})
        data = exposure.panel(MADE[0], item, ladder.parse(dict(item.options), item.where))
        totals.append(np.stack(of_cells(data, item)))
    np.testing.assert_allclose(totals[0], totals[1], rtol=1e-12)


def test_what_led_where_is_what_happened() -> None:
    data = panel(ROWS, FAR)
    happened = of_cells(data, SPEC)[1]
    assert data["leads"].sum(("level_from", "to")).to_numpy().tolist() == happened[0].sum(axis=1).tolist()
    assert data["ends"].sum("exit").to_numpy().tolist() == happened[1].sum(axis=1).tolist()
    assert (np.tril(data["leads"].sum("kind").to_numpy()) == 0).all()  # up only


def days_of(data: xr.Dataset, name: str) -> dict[int, float]:
    """Add up days at risk of advancing, by age or window."""
    days = data["exposure"][:, 0].to_numpy() * YEAR
    return {place: round(float(days[data[name] == place].sum()), 6) for place in np.unique(data[name]).tolist()}


def test_time_on_a_stage_is_cut_where_the_spec_says_and_begins_anew_on_the_next() -> None:
    data = panel(bridge(("planned", 0), ("funded", 100)))
    assert days_of(data, "age") == {0: 30 + 30, 1: 60 + 60, 2: 10 + 210}


# As-of day -> days at risk without a deadline, while it is far, near and passed; and what it is on the as-of day.
WINDOW = {
    10: ([10], "none"),
    11: ([11], "far"),
    12: ([11, 1], "far"),
    139: ([11, 128], "far"),
    140: ([11, 129], "near"),
    141: ([11, 129, 1], "near"),
    214: ([11, 129, 74], "near"),
    215: ([11, 129, 75], "passed"),
    216: ([11, 129, 75, 1], "passed"),
}


@pytest.mark.parametrize("today", WINDOW)
def test_a_deadline_exists_from_the_day_after_it_became_known(today: int) -> None:
    """Set on day 5 and known on day 10, it is on day 200; near from 60 days before until 14 days after."""
    data = panel([*bridge(("planned", 0)), *promised(200, 5, known=10)], today)
    days, then = WINDOW[today]
    assert list(days_of(data, "window").values()) == days
    assert WINDOWS[exposure.deadline_window(float(data["due"][0]), LADDER)] == then


def test_on_the_day_on_which_a_deadline_becomes_known_there_is_none_yet() -> None:
    """Not even where a stage is reached on that very day."""
    data = panel([*bridge(("planned", 0), ("funded", 50)), *promised(90, 50)])
    assert days_of(data, "window")[0] == 51


def test_a_new_deadline_takes_the_place_of_the_old() -> None:
    data = panel([*bridge(("planned", 0)), *promised(100, 10), *promised(300, 120)])
    far, near, passed = (40 - 11) + (240 - 121), (115 - 40) + (315 - 240), (121 - 115) + (TODAY - 315)
    assert days_of(data, "window") == {0: 11, 1: far, 2: near, 3: passed}
    assert float(data["due"][0]) == 300 - TODAY


def test_a_covariate_is_read_again_every_step_by_what_was_known() -> None:
    """Rain on day 170, known on day 185: the reading of day 182 has not seen it, that of day 364 neither."""
    item = replace(SPEC, covariates=(replace(RAIN, window=190),))
    rain = [{"kind": "rain", "event_at": on(170), "known_at": on(185)} for _ in range(3)]
    data = panel([*bridge(("planned", 0)), *rain], item=item)
    days = {reading: float(data["exposure"][data["covariates"][:, 0] == reading, 0].sum() * YEAR) for reading in (0, 2)}
    assert days == pytest.approx({0: 364, 2: TODAY - 364})
    data = panel([*bridge(("planned", 0)), *[{**row, "known_at": on(171)} for row in rain]], item=item)
    days = {reading: float(data["exposure"][data["covariates"][:, 0] == reading, 0].sum() * YEAR) for reading in (0, 2)}
    assert days == pytest.approx({0: 182 + TODAY - 364, 2: 182})


def test_before_its_record_begins_a_covariate_reads_what_is_usual_since() -> None:
    """Rain is recorded from day 270 on: the windows of days 364 and 546 are the first that can be read whole."""
    item = replace(SPEC, covariates=(replace(RAIN, window=80, since=on(270)),))
    rain = [{"kind": "rain", "event_at": on(300), "known_at": on(day)} for day in (301, 302, 303)]
    grid = np.array([on(day) for day in (0, 182, 364, 546)], "datetime64[D]")
    read = covariates.on_record(snapshot(events(rain), on(TODAY)), item, grid)[:, 0]
    np.testing.assert_allclose(read, [1, 1, 2, 0])
    assert covariates.on_record(snapshot(events(rain), on(TODAY)), item, grid[:2]).tolist() == [[0], [0]]
    since_ever = covariates.on_record(snapshot(events(rain), on(TODAY)), replace(item, covariates=(RAIN,)), grid)
    np.testing.assert_allclose(since_ever[:, 0], [0, 0, 0, 0])


def test_where_every_open_process_stands() -> None:
    rows = [
        *bridge(("planned", 0), ("funded", 100), length="long", name="a"),
        *bridge(("planned", 0), ("built", 100), ("halted", 390), name="b", sort="rail"),
        *bridge(("planned", 0), ("built", 450, 300), name="c", sort="foot"),
        *bridge(("planned", 0), ("dropped", 300), name="d"),
        *bridge(("planned", 0), ("lapsed", 500, 300), name="e"),
        *bridge(("planned", 0), ("lost", 100), name="f"),
        *promised(500, 100, name="c", sort="foot"),
    ]
    data = panel(rows)
    assert data["process"].to_numpy().tolist() == ["a", "b", "c", "f"]
    found = {name: data[name].to_numpy().tolist() for name in ("level", "suspended", "kind_at", "days", "opens")}
    assert found == {
        "level": [1, 2, 2, 0],
        "suspended": [False, True, False, False],
        "kind_at": [0, 1, 2, 0],
        "days": [300, 10, 0, 400],
        "opens": [0, 0, 50, 0],
    }
    np.testing.assert_array_equal(data["due"], [np.nan, np.nan, 100, np.nan])
    assert data["has"][:, 0].to_numpy().tolist() == [1, 0, 0, 0]


def test_the_order_of_rows_does_not_matter() -> None:
    known, item = MADE
    turned = Snapshot(known.as_of, known.events.sample(frac=1, random_state=3), known.through)
    assert exposure.panel(known, item, LADDER).identical(exposure.panel(turned, item, LADDER))


@pytest.mark.parametrize("when", DATES)
def test_what_became_known_later_changes_nothing(when: date, archive: Archive, newest: Snapshot) -> None:
    """Of today's rows and as many invented ones that were known later, those known then make the panel of then."""
    rows, then = newest.events, pd.Timestamp(when)
    invented = rows.assign(
        record=rows["record"] + "/again",
        kind=np.random.default_rng(5).permutation(rows["kind"]),
        known_at=rows["known_at"].where(rows["known_at"] >= then, then),
    )
    both = pd.concat([rows, invented], ignore_index=True)
    known = (both["known_at"] < then).to_numpy()
    assert 0 < known.sum() < len(rows)
    found = exposure.panel(Snapshot(when, both[known].copy(), {}), REAL, TREATIES)
    assert found.identical(exposure.panel(archive.as_of(when, ["attacks", "context", "mechanisms"]), REAL, TREATIES))


def test_what_is_dated_to_a_month_is_not_known_before_its_end(archive: Archive, newest: Snapshot) -> None:
    rows = newest.events
    for precision, ends in (("month", pd.offsets.MonthEnd(0)), ("year", pd.offsets.YearEnd(0))):
        vague = rows[(rows["precision"] == precision).to_numpy()]
        assert len(vague) > 10
        assert (vague["known_at"] >= vague["event_at"] + ends).all()
    when = rows.loc[rows["precision"] == "month", "event_at"].iloc[0].date() + timedelta(days=20)
    seen = archive.as_of(when, ["mechanisms"]).events
    month = (seen["event_at"] + pd.offsets.MonthEnd(0)) >= pd.Timestamp(when)
    assert not (month & (seen["precision"] != "day")).any()
