"""The conversion of the hand-compiled tables: rules on invented rows, and the committed bundle byte for byte."""

import importlib.util
import os
import shutil
from pathlib import Path
from types import ModuleType

import pytest

from forecast.errors import DataError
from forecast.sources import curated

ROOT = Path(__file__).parents[2]
CURATED = Path(os.environ.get("BRINKCAST_CURATED", ROOT.parent / "shared/data/curated"))
ATTACK = {
    "event_id": "2020-01-05-quay",
    "date_start": "2020-01-05",
    "date_end": "2020-01-05",
    "date_precision": "day",
    "known_on": "2020-01-06",
    "country": "ABC",
    "known_basis": "portal_date",
    **dict.fromkeys(("location", "lat", "lon", "actor", "attribution", "target", "target_nation", "method"), ""),
    **dict.fromkeys(("result", "killed", "injured", "summary", "source", "verified", "confidence"), ""),
    "source_url": "https://example.org/1",
    "source2_url": "",
}
OUTAGE = {
    "event_id": "ABC-2020-PIPE",
    "start": "2020-02",
    "end": "2020-03",
    "date_precision": "month",
    "known_on": "2020-02-10",
    "country": "ABC",
    "peak_loss_kbd": "",
    "parent_id": "",
    **dict.fromkeys(("region", "cause", "actor", "mean_loss_kbd", "duration_days", "asset", "summary"), ""),
    **dict.fromkeys(("source", "source_url", "source2_url", "verified", "status"), ""),
}
MECHANISM = {
    "mechanism_id": "bridge_fund",
    "name": "Bridge fund",
    "kind": "payment_vehicle",
    "deadline": "",
    "deadline_known_on": "",
    "deadline_set_by": "",
    "summary": "It failed in the end.",
    "source_url": "https://example.org/m",
    "censor_date": "",
    "censor_basis": "exit",
    **dict.fromkeys(("sponsor", "counterpart", "contested_by", "needs_unanimity", "needs_ratification"), ""),
}
STAGE = {
    "mechanism_id": "bridge_fund",
    "stage": "announced",
    "date": "2020-03-04",
    "known_on": "2020-03-04",
    "note": "",
    "verified": "read",
    "source_url": "https://example.org/s",
}
Row = dict[str, str]


def attack(**changes: str) -> Row:
    (row,) = curated.attacks([ATTACK | changes])
    return row


def outage(**changes: str) -> Row:
    (row,) = curated.oil_disruptions([OUTAGE | changes])
    return row


def stage(**changes: str) -> Row:
    (row,) = curated.mechanisms([MECHANISM], [STAGE | changes], [])
    return row


def test_an_attack_keeps_its_day_and_what_shows_it() -> None:
    row = attack()
    assert (row["record"], row["entity"], row["event_at"]) == ("2020-01-05-quay", "ABC", "2020-01-05")
    assert (row["known_at"], row["known_by"], row["url"]) == ("2020-01-06", "published", "https://example.org/1")
    assert attack(known_basis="assumed_same_day")["known_by"] == "assumed"


def test_a_range_of_days_is_known_from_the_end_of_its_month() -> None:
    row = attack(date_precision="month", date_end="2020-01-09", known_on="2020-01-10")
    assert (row["event_at"], row["known_at"], row["known_by"]) == ("2020-01-05", "2020-01-31", "assumed")
    late = attack(date_precision="month", known_on="2020-02-03")
    assert (late["known_at"], late["known_by"]) == ("2020-02-03", "published")


def test_another_basis_of_the_day_known_is_refused() -> None:
    with pytest.raises(DataError) as refused:
        attack(known_basis="portal_dat")
    assert refused.value.hint == "did you mean `portal_date`?"


@pytest.mark.parametrize(
    ("start", "known_on", "expected"),
    [
        ("2020-02-07", "2020-02-10", ("2020-02-07", "day", "2020-02-10", "published")),
        ("2020-02-07", "2020-02-06", ("2020-02-07", "day", "2020-02-06", "published")),
        ("2020-02-07", "2020-02", ("2020-02-07", "day", "2020-02-29", "assumed")),
        ("2020-02", "2020-02-10", ("2020-02-01", "month", "2020-02-29", "assumed")),
        ("2020-02", "2020-05-10", ("2020-02-01", "month", "2020-05-10", "published")),
        ("2020", "2020-05-10", ("2020-01-01", "year", "2020-12-31", "assumed")),
    ],
)
def test_when_an_outage_counts_as_known(start: str, known_on: str, expected: tuple[str, ...]) -> None:
    row = outage(start=start, known_on=known_on)
    assert tuple(row[column] for column in ("event_at", "precision", "known_at", "known_by")) == expected


def test_a_context_event_bears_its_coded_direction() -> None:
    row = {"date": "2020-01-01", "known_on": "2020-01-02", "kind": "truce", "actor": "A/B", "summary": "s"}
    code = {"date": "2020-01-01", "kind": "truce", "actor": "A/B", "direction": "restraint", "against": ""}
    (found,) = curated.context([row | {"source_url": "u"}], [code])
    assert (found["record"], found["direction"]) == ("2020-01-01-truce-A+B", "restraint")
    with pytest.raises(DataError, match="2020-01-01 truce A/B"):
        list(curated.context([row | {"source_url": "u"}], []))


@pytest.mark.parametrize(("kind", "against"), [(curated.AIMED, ""), ("truce", "them")])
def test_it_is_coded_whom_a_strike_hit_and_of_nothing_else(kind: str, against: str) -> None:
    row = {
        "date": "2020-01-01",
        "known_on": "2020-01-02",
        "kind": kind,
        "actor": "A",
        "summary": "s",
        "source_url": "u",
    }
    code = {"date": "2020-01-01", "kind": kind, "actor": "A", "direction": "restraint"}
    with pytest.raises(DataError, match="`against` of"):
        list(curated.context([row], [code | {"against": against}]))
    (found,) = curated.context([row | {"kind": curated.AIMED}], [code | {"kind": curated.AIMED, "against": "them"}])
    assert (found["direction"], found["against"]) == ("restraint", "them")


def test_a_price_is_known_the_day_after() -> None:
    (row,) = curated.brent([{"date": "2020-02-29", "usd_per_bbl": "50.1", "by_hand": ""}])
    assert (row["known_at"], row["value"]) == ("2020-03-01", "50.1")


def test_a_stage_shows_neither_deadline_nor_how_it_ended() -> None:
    row = stage()
    assert "deadline" not in row
    assert "It failed" not in " ".join(row.values())
    assert (row["record"], row["layer"]) == ("bridge_fund/announced/2020-03-04", "core")


def test_scheduled_stages_are_known_before_and_vague_ones_at_the_end_of_their_month() -> None:
    assert stage(date="2021-01-01", known_on="2020-06-05")["known_at"] == "2020-06-05"
    vague = stage(date="2020-06", known_on="2020-06")
    assert (vague["event_at"], vague["known_at"], vague["known_by"]) == ("2020-06-01", "2020-06-30", "assumed")


def test_a_deadline_and_the_end_of_follow_up_are_events_of_their_own() -> None:
    said = {
        "deadline": "2020-09-01",
        "deadline_known_on": "2020-06-01",
        "deadline_set_by": "council",
        "censor_date": "2021-01-05",
        "censor_basis": "open_checked",
    }
    seen = {"mechanism_id": "bridge_fund", "note": "still at work", "source_url": "https://example.org/c"}
    deadline, followed = curated.mechanisms([MECHANISM | said], [], [seen])
    assert (deadline["kind"], deadline["known_at"], deadline["deadline"]) == (
        "deadline_set",
        "2020-06-01",
        "2020-09-01",
    )
    assert (followed["kind"], followed["event_at"], followed["known_at"]) == ("last_seen_open", *["2021-01-05"] * 2)
    assert (followed["basis"], followed["url"]) == ("open_checked", "https://example.org/c")


def test_cases_under_another_licence_stay_out() -> None:
    name = {"mechanism_id": "eusanct_1"}
    assert list(curated.mechanisms([MECHANISM | name], [STAGE | name], [])) == []


@pytest.mark.parametrize(("end", "known"), [("2020-03", "2020-05-31"), ("2020-12", "2021-02-28")])
def test_trade_is_known_two_months_after_its_period(end: str, known: str) -> None:
    row = {"period_start": "2020-01", "period_end": end, "flow": "total", "value_million_eur": "5"}
    (found,) = curated.iran_eu_trade([row | dict.fromkeys(("eu_aggregate", "note", "source", "source_url"), "")])
    assert (found["event_at"], found["known_at"]) == ("2020-01-01", known)


def script(folder: Path) -> ModuleType:
    """Load a copy of the conversion that writes beside itself."""
    folder.mkdir()
    for name in ("convert.py", "sources.toml", "context_directions.csv"):
        shutil.copy(ROOT / "data" / name, folder / name)
    spec = importlib.util.spec_from_file_location("convert", folder / "convert.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def written(folder: Path) -> dict[str, bytes]:
    paths = [folder / "datapackage.json", *(folder / "events").rglob("2026-11-22.*")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


@pytest.mark.skipif(not CURATED.exists(), reason="the hand-compiled tables are not here (BRINKCAST_CURATED)")
def test_the_bundle_comes_out_byte_for_byte_once_and_again(tmp_path: Path) -> None:
    convert = script(tmp_path / "data")
    convert.main(CURATED)
    once = written(tmp_path / "data")
    assert once == written(ROOT / "data")
    convert.main(CURATED)
    assert written(tmp_path / "data") == once
