"""The shipped events: read by an independent reader, hashed, cited, and loaded fast."""

import json
import statistics
import time
import warnings
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from forecast.archive import Archive

DATA = Path(__file__).parents[1] / "data"
PACKAGE = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
ROWS = {
    "attacks": 708,
    "brent": 9987,
    "context": 145,
    "iran_eu_trade": 54,
    "mechanisms": 917,
    "oil_disruptions": 222,
}


@pytest.fixture(scope="module")
def archive() -> Archive:
    return Archive(DATA)


def test_an_independent_reader_accepts_it() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from frictionless import Package

        report = Package(str(DATA / "datapackage.json")).validate()
    assert report.valid, report.flatten(["taskNumber", "type", "message"])[:5]
    found = {task.name.replace("-", "_"): task.stats["rows"] for task in report.tasks}
    assert found == ROWS


@pytest.mark.parametrize("resource", PACKAGE["resources"], ids=lambda resource: resource["name"])
def test_what_is_described_is_what_lies_there(resource: dict[str, object]) -> None:
    content = (DATA / str(resource["path"])).read_bytes()
    assert (resource["bytes"], resource["hash"]) == (len(content), f"sha256:{sha256(content).hexdigest()}")
    assert content.decode("utf-8").endswith("\n")
    assert b"\r" not in content


def test_every_file_of_events_is_described() -> None:
    described = {DATA / resource["path"] for resource in PACKAGE["resources"]}
    assert described == set((DATA / "events").glob("*/2026-11-22.csv"))


def test_it_loads_without_a_note(archive: Archive) -> None:
    assert archive.notes == []
    assert archive._events.groupby("source").size().to_dict() == ROWS


def test_every_row_names_what_was_read(archive: Archive) -> None:
    rows = archive._events
    assert ((rows["url"] != "") | (rows["cited"] != "")).all()
    without = rows[rows["url"] == ""]
    assert set(without["source"]) == {"attacks"}
    assert set(without["confidence"]) == {"low"}
    assert len(without) == 20


def test_vague_dates_are_known_from_the_end_of_their_period(archive: Archive) -> None:
    rows = archive._events
    happened = rows["event_at"] <= rows["known_at"]
    for precision, period in (("month", "M"), ("year", "Y")):
        vague = rows[(rows["precision"] == precision) & happened]
        ends = vague["event_at"].dt.to_period(period).dt.end_time.dt.normalize()
        assert len(vague) > 10
        assert (vague["known_at"] >= ends).all()


def test_only_stages_and_outages_are_known_before_they_happen(archive: Archive) -> None:
    ahead = archive._events[archive._events["event_at"] > archive._events["known_at"]]
    assert ahead.groupby("source").size().to_dict() == {"mechanisms": 23, "oil_disruptions": 4}


def test_every_context_event_has_a_direction(archive: Archive) -> None:
    rows = archive._events[archive._events["source"] == "context"]
    assert rows["direction"].value_counts().to_dict() == {"escalation": 94, "restraint": 35, "neutral": 16}


def test_every_strike_says_against_whom_and_nothing_else_does(archive: Archive) -> None:
    rows = archive._events[archive._events["source"] == "context"]
    said = rows[rows["against"] != ""]
    assert set(said["kind"]) == {"us_strike"}
    assert said["against"].value_counts().to_dict() == {"iran": 14, "iraq_militia": 6, "houthi": 3}
    assert len(said) == (rows["kind"] == "us_strike").sum()


def test_a_deadline_is_seen_from_the_day_after_it_was_set(archive: Archive) -> None:
    def deadlines(as_of: date) -> set[str]:
        rows = archive.as_of(as_of, ["mechanisms"]).events
        return set(rows.loc[rows["deadline"].notna(), "entity"])

    assert "instex" not in deadlines(date(2019, 5, 8))
    assert "instex" in deadlines(date(2019, 5, 9))
    stages = archive._events[~archive._events["kind"].isin(["deadline_set"])]
    assert stages["deadline"].isna().all()


def test_the_figures_of_the_readme_are_those_of_the_bundle(archive: Archive) -> None:
    page = (DATA / "README.md").read_text(encoding="utf-8")
    for source, rows in ROWS.items():
        through = archive.through[source]
        line = next(line for line in page.splitlines() if line.startswith(f"| `{source}` | {rows:,} |"))
        assert f"{through}" in line


def test_loading_takes_less_than_a_second() -> None:
    times = []
    for _ in range(5):
        began = time.perf_counter()
        Archive(DATA)
        times.append(time.perf_counter() - began)
    assert statistics.median(times) <= 1.0
