"""UCDP GED: versions told by columns, by the lack of them and by name; codes, days and countries refused or read."""

import csv
import io
from datetime import date

import pandas as pd
import pytest

from forecast import catalogue, reading
from forecast.delivery import Delivery
from forecast.errors import DataError
from forecast.sources import ucdp_ged
from forecast.tables import Table

NAMES = ucdp_ged.HEADER.split(",")
EVENT = dict.fromkeys(NAMES, "") | {
    "id": "900001",
    "relid": "ABC-2021-1-1-1",
    "year": "2021",
    "active_year": "1",
    "code_status": "Clear",
    "type_of_violence": "1",
    "conflict_name": "Aland: Government",
    "dyad_name": "Government of Aland - Bees",
    "side_a": "Government of Aland",
    "side_b": "Bees",
    "number_of_sources": "2",
    "where_prec": "1",
    "source_article": '"Daily Bee, 2021-03-05, ""Clash at the mill"""',
    "source_headline": "Clash at the mill",
    "where_description": "The mill,\nby the river",
    "latitude": "33.25",
    "longitude": "44.5",
    "country": "Iraq",
    "country_id": "645",
    "event_clarity": "1",
    "date_prec": "1",
    "date_start": "2021-03-04 00:00:00.000",
    "date_end": "2021-03-04 00:00:00.000",
    "deaths_a": "1",
    "deaths_b": "2",
    "deaths_civilians": "0",
    "deaths_unknown": "0",
    "best": "3",
    "high": "5",
    "low": "2",
}


def file(*changes: dict[str, str], names: list[str] = NAMES, header: bool = True) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if header:
        writer.writerow(names)
    writer.writerows([[(EVENT | change).get(name, "") for name in names] for change in changes])
    return text.getvalue().encode()


def accepted(delivery: Delivery, name: str) -> pd.DataFrame:
    """Take the rows through the checks of a fetch: columns, types, kinds, units."""
    source = catalogue.sources(f'[{name}]\nformat = "{name}"\n', "sources.toml")[name]
    rows = delivery.rows.assign(known_at="2025-07-01", known_by="fetched")
    table = Table(delivery.where, tuple(rows.columns), rows.to_numpy().tolist(), rows.index.tolist())
    return reading.typed(table, name, source, date(2025, 7, 1))


def refused(content: bytes, where: str = "GEDEvent_v25_1.csv") -> str:
    with pytest.raises(DataError) as refusal:
        ucdp_ged.parse(content, where)
    return str(refusal.value)


def test_an_event_becomes_a_row_of_the_one_table() -> None:
    rows = accepted(ucdp_ged.parse(file({}, {"id": "900002"}), "GEDEvent_v25_1.csv"), "ucdp_ged")
    row = rows.iloc[0]
    assert (row["record"], row["kind"], row["entity"], row["precision"]) == ("900001", "state_based", "IRQ", "day")
    assert (row["event_at"], row["value"], row["unit"], row["n"]) == (pd.Timestamp("2021-03-04"), 3, "deaths", 1)
    assert (row["low"], row["high"], row["lat"], row["side_b"]) == (2, 5, 33.25, "Bees")
    assert list(rows["line"]) == [2, 4]  # a cell of the first row goes over two lines


@pytest.mark.parametrize(
    ("changes", "column", "want"),
    [
        ({"type_of_violence": "2"}, "kind", "non_state"),
        ({"type_of_violence": "3"}, "kind", "one_sided"),
        ({"date_prec": "2"}, "precision", "month"),
        ({"date_prec": "4"}, "precision", "month"),
        ({"date_prec": "5", "date_end": "2021-12-31"}, "precision", "year"),
        ({"date_start": "2021-03-04"}, "event_at", "2021-03-04"),
        ({"country_id": "365", "date_start": "1990-05-01"}, "entity", "SUN"),
        ({"country_id": "365"}, "entity", "RUS"),
        ({"country_id": "345", "date_start": "1999-05-01"}, "entity", "YUG"),
        ({"country_id": "347"}, "entity", "XKX"),
    ],
)
def test_codes_are_read_as_the_codebook_says(changes: dict[str, str], column: str, want: str) -> None:
    assert ucdp_ged.parse(file(changes), "GEDEvent_v25_1.csv").rows[column].item() == want


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"type_of_violence": "4"}, "`type_of_violence` is '4'"),
        ({"date_prec": "6"}, "`date_prec` is '6'"),
        ({"date_prec": ""}, "`date_prec` is ''"),
        ({"date_start": "04/03/2021"}, "not a day"),
        ({"date_start": "2021-03-04 12:00:00"}, "not a day"),
        ({"country_id": "999"}, "`999` is no country"),
        ({"country_id": "265"}, "is no country of 2021"),
        ({"country_id": ""}, "is no country"),
    ],
)
def test_what_is_not_known_is_refused_with_its_line(changes: dict[str, str], says: str) -> None:
    text = refused(file({}, changes))
    assert says in text
    assert "line 4" in text


def test_all_that_is_wrong_is_said_at_once() -> None:
    text = refused(file({"type_of_violence": "9"}, {"country_id": "9999"}, {"date_start": "never"}))
    assert all(word in text for word in ("'9'", "`9999`", "'never'"))


def test_a_missing_and_an_unknown_column_are_refused_by_name() -> None:
    names = ["best_est" if name == "best" else name for name in NAMES]
    text = refused(file({}, names=names))
    assert "`best` is not there; did you mean `best_est`?" in text
    assert "`best_est` is not known" in text


def test_a_file_that_was_cut_is_refused() -> None:
    assert "where:" in refused(file({}, {})[:-40])


def test_a_file_without_a_header_line_is_read_and_said_to_be_one() -> None:
    bare = ucdp_ged.parse(b"\xef\xbb\xbf" + file({}, {"id": "900002"}, header=False), "GEDEvent_v24_0_1.csv")
    whole = ucdp_ged.parse(file({}, {"id": "900002"}), "GEDEvent_v24_0_1.csv")
    assert "no header line" in bare.notes[0]
    assert not any("no header line" in note for note in whole.notes)
    assert list(bare.rows.index) == [1, 3]
    assert bare.rows.reset_index(drop=True).equals(whole.rows.reset_index(drop=True))


def test_rows_without_a_header_that_are_not_49_wide_are_refused() -> None:
    assert "48 cells, 49 columns" in refused(file({}, names=NAMES[:-1], header=False))


def test_a_byte_order_mark_changes_nothing() -> None:
    marked = ucdp_ged.parse(b"\xef\xbb\xbf" + file({}), "GEDEvent_v25_1.csv")
    assert marked.rows.equals(ucdp_ged.parse(file({}), "GEDEvent_v25_1.csv").rows)


@pytest.mark.parametrize(
    ("where", "span"),
    [
        ("in/GEDEvent_v22_1.csv", (date(1989, 1, 1), date(2021, 12, 31))),
        ("GEDEvent_v21_0_3.csv", (date(2021, 3, 1), date(2021, 3, 31))),
        ("GEDEvent_v21_01_21_06.csv", (date(2021, 1, 1), date(2021, 6, 30))),
        ("GEDEvent_v21_0_13.csv", None),
        ("events.csv", None),
    ],
)
def test_the_days_that_a_file_holds_are_said_by_its_name_alone(where: str, span: object) -> None:
    assert ucdp_ged.parse(file({}), where).span == span


def test_a_name_that_its_rows_belie_says_nothing() -> None:
    delivery = ucdp_ged.parse(file({}), "GEDEvent_v21_0_4.csv")
    assert delivery.span is None
    assert delivery.notes == ("some events lie outside of the days that the file's name says",)


@pytest.mark.parametrize("where", ["GEDEvent_v21_0_3.csv", "events.csv"])
def test_an_event_of_a_year_waits_until_a_file_holds_the_year(where: str) -> None:
    content = file({}, {"id": "2", "date_prec": "5"}, {"id": "3", "date_prec": "4"})
    early = ucdp_ged.parse(content, where)
    assert list(early.rows["record"]) == ["900001", "3"]
    assert early.span is None
    assert "1 events are dated to a year that is not over" in early.notes[0]
    whole = ucdp_ged.parse(content, "GEDEvent_v22_1.csv")
    assert list(whole.rows["precision"]) == ["day", "year", "month"]
    assert whole.span is not None


def test_estimates_out_of_order_are_counted_and_kept() -> None:
    delivery = ucdp_ged.parse(file({}, {"id": "2", "best": "9"}, {"id": "3", "low": "4"}), "GEDEvent_v25_1.csv")
    assert delivery.notes == ("2 of 3 events have not low <= best <= high, kept as they are: line 4, 6",)
    assert list(delivery.rows["value"]) == ["3", "9", "3"]
