"""GDELT: versions told by width, what is left out and counted, what is refused; a day's file at once."""

from pathlib import Path

import pandas as pd
import pytest

from forecast.errors import DataError
from forecast.sources import gdelt
from tests.sources.test_ucdp_ged import accepted

EVENT = dict.fromkeys(gdelt.HEADER, "") | {
    "GLOBALEVENTID": "900000001",
    "SQLDATE": "20240105",
    "Year": "2024",
    "Actor1Code": "ALDGOV",
    "Actor1Name": 'ALAND "THE" BEES',
    "Actor1CountryCode": "ALD",
    "IsRootEvent": "1",
    "EventCode": "0213",
    "EventRootCode": "02",
    "QuadClass": "1",
    "GoldsteinScale": "-2.0",
    "NumMentions": "4",
    "NumSources": "1",
    "NumArticles": "4",
    "AvgTone": "-1.25",
    "ActionGeo_Type": "4",
    "ActionGeo_FullName": "The Mill, Aland",
    "ActionGeo_CountryCode": "YM",
    "ActionGeo_Lat": "15.5",
    "ActionGeo_Long": "44.25",
    "DATEADDED": "20240106001500",
    "SOURCEURL": "https://example.org/mill",
}


def file(*changes: dict[str, str], names: tuple[str, ...] = gdelt.HEADER, end: str = "\n") -> bytes:
    return "".join("\t".join((EVENT | change)[name] for name in names) + end for change in changes).encode()


def refused(content: bytes) -> str:
    with pytest.raises(DataError) as refusal:
        gdelt.parse(content, "export.CSV")
    return str(refusal.value)


def test_an_event_becomes_a_row_of_the_one_table() -> None:
    delivery = gdelt.parse(file({}, {"GLOBALEVENTID": "900000002"}), "export.CSV")
    row = accepted(delivery, "gdelt").iloc[0]
    assert (row["record"], row["kind"], row["entity"]) == ("900000001", "cameo_02", "YEM")
    assert (row["event_at"], row["value"], row["n"]) == (pd.Timestamp("2024-01-05"), 1, 1)
    assert (row["goldstein"], row["mentions"], row["actor"]) == (-2, 4, 'ALAND "THE" BEES')
    assert list(delivery.rows["known_at"]) == ["2024-01-06"] * 2
    assert list(delivery.rows.index) == [1, 2]
    assert delivery.notes == ()


@pytest.mark.parametrize(
    ("names", "added", "layout"),
    [
        (gdelt.HEADER, "20240106234500", "GDELT 2.0, 61 columns"),
        (gdelt.DAILY, "20240106", "GDELT 1.0, daily, 58 columns"),
        (gdelt.DAILY[:-1], "20240106", "GDELT 1.0, 57 columns"),
    ],
)
def test_versions_are_told_by_their_width(names: tuple[str, ...], added: str, layout: str) -> None:
    delivery = gdelt.parse(file({"DATEADDED": added}, names=names), "export.CSV")
    assert delivery.layout == layout
    row = accepted(delivery, "gdelt").iloc[0]
    assert (row["entity"], row["lat"], row["lon"]) == ("YEM", 15.5, 44.25)
    assert delivery.rows["known_at"].item() == "2024-01-06"


def test_a_stamp_of_another_version_is_refused() -> None:
    assert "not 8 digits of a date" in refused(file({}, names=gdelt.DAILY))
    assert "not 14 digits of a date" in refused(file({"DATEADDED": "20240106"}))


def test_lines_may_end_in_either_way_and_the_last_need_not() -> None:
    plain = gdelt.parse(file({}, {}), "a").rows
    assert gdelt.parse(file({}, {}, end="\r\n"), "a").rows.equals(plain)
    assert gdelt.parse(file({}, {}).removesuffix(b"\n"), "a").rows.equals(plain)


def test_events_dated_after_they_were_read_are_left_out_and_counted() -> None:
    delivery = gdelt.parse(file({}, {"SQLDATE": "20240107"}, {"SQLDATE": "20240106"}), "a")
    assert list(delivery.rows.index) == [1, 3]
    assert delivery.notes[0].startswith("1 of 3 events are dated after the day")
    assert delivery.notes[0].endswith("line 2")


@pytest.mark.parametrize("code", ["", "OS", "PF"])
def test_events_without_a_country_are_left_out_and_counted(code: str) -> None:
    delivery = gdelt.parse(file({}, {"ActionGeo_CountryCode": code}), "a")
    assert list(delivery.rows.index) == [1]
    assert delivery.notes[0].startswith("1 of 2 events have no country")


@pytest.mark.parametrize(
    ("code", "iso3"), [("IZ", "IRQ"), ("GZ", "PSE"), ("KV", "XKX"), ("RS", "RUS"), ("RB", "SRB"), ("RI", "SRB")]
)
def test_codes_are_those_of_fips_and_not_of_iso(code: str, iso3: str) -> None:
    assert gdelt.parse(file({"ActionGeo_CountryCode": code}), "a").rows["entity"].item() == iso3


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"ActionGeo_CountryCode": "XX"}, "`XX` is no country (fips)"),
        ({"EventRootCode": "21"}, "`EventRootCode` is '21'"),
        ({"EventRootCode": "2"}, "`EventRootCode` is '2'"),
        ({"SQLDATE": "20240230"}, "`SQLDATE` is '20240230'"),
        ({"SQLDATE": "2024-01-05"}, "`SQLDATE` is '2024-01-05'"),
        ({"DATEADDED": ""}, "`DATEADDED` is ''"),
    ],
)
def test_what_is_not_known_is_refused_with_its_line(changes: dict[str, str], says: str) -> None:
    text = refused(file({}, {}, changes))
    assert says in text
    assert "line 3" in text


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (file({}, {})[:-60], "line 2: 53 cells"),
        (file({}) + b"\n" + file({}), "line 2: 1 cells"),
        (b"a\tb\tc\n", "no event file of GDELT"),
        (b"", "no event file of GDELT"),
        (b"PK\x03\x04", "unpack it first"),
        ("\t".join(gdelt.HEADER).encode() + b"\n", "does not begin with the number of an event"),
        (file({}) + file({"ActionGeo_FullName": "Aland"}).replace(b"Aland", b"\xc5land"), "export.CSV:2"),
    ],
)
def test_a_file_that_was_cut_or_is_another_is_refused(content: bytes, says: str) -> None:
    assert says in refused(content)


def test_the_columns_are_61_and_58() -> None:
    assert (len(gdelt.HEADER), len(gdelt.DAILY)) == (61, 58)


def test_the_columns_are_those_that_were_noted() -> None:
    notes = Path(__file__).parents[2] / ".." / "shared" / "data" / "raw" / "SOURCES.md"
    if not notes.exists():
        pytest.skip("notes on other people's files are not part of the repository")
    assert ",".join(gdelt.HEADER) in notes.read_text(encoding="utf-8")


def test_order_of_lines_does_not_matter() -> None:
    changes = [{"GLOBALEVENTID": str(number), "EventRootCode": f"{number % 20 + 1:02d}"} for number in range(1, 40)]
    one, other = gdelt.parse(file(*changes), "a").rows, gdelt.parse(file(*changes[::-1]), "a").rows
    pd.testing.assert_frame_equal(one.reset_index(drop=True), other[::-1].reset_index(drop=True))
