"""JODI's primary table, plain or zipped: what is kept, left out and counted, and what is refused."""

import io
import zipfile
from datetime import date

import pytest

from forecast.errors import DataError
from forecast.sources import jodi
from tests.sources.test_sheets import typed, zipped

HEADER = ",".join(jodi.HEADER)
KEPT = "SA,2020-01,CRUDEOIL,INDPROD,KBD,9000.5000,1"
ROWS = (
    KEPT,
    "FR,2020-02,TOTCRUDE,STOCKCH,KBD,-12.0000,3",
    "FR,2020-02,TOTCRUDE,STOCKCH,KTONS,-50.0000,3",
    "FR,2020-02,TOTCRUDE,CLOSTLV,KBD,7.0000,3",
    "FR,2020-03,NGL,INDPROD,KBD,-,3",
    "FR,2020-03,NGL,TOTIMPSB,KBD,x,3",
    "FR,2020-03,NGL,TOTEXPSB,KBD,..,3",
    "FR,2020-03,NGL,REFINOBS,KBD,N/A,3",
)


def csv(*rows: str, header: str = HEADER) -> bytes:
    return "\r\n".join((header, *rows, "")).encode()


def test_flows_in_barrels_a_day_are_kept_and_the_rest_is_counted() -> None:
    found = jodi.parse(csv(*ROWS), "a.csv")
    assert found.rows.index.tolist() == [2, 3]
    assert found.rows["record"].tolist() == ["SA/CRUDEOIL/INDPROD/2020-01/KBD", "FR/TOTCRUDE/STOCKCH/2020-02/KBD"]
    assert found.rows[["kind", "entity", "event_at", "value", "product", "assessment"]].to_numpy().tolist() == [
        ["production", "SAU", "2020-01-01", "9000.5000", "crude", "1"],
        ["stock_change", "FRA", "2020-02-01", "-12.0000", "total", "3"],
    ]
    assert found.span == (date(2020, 1, 1), date(2020, 3, 1))  # a month without figures is held too
    assert found.notes == ("left out: 1 rows in other units, 4 rows missing, 1 rows of closing stocks",)


def test_rows_are_events_of_the_declared_kinds_and_units() -> None:
    events = typed(jodi.parse(csv(*ROWS), "a.csv"), 'format = "jodi"')
    assert set(events["precision"]) == {"month"}
    assert set(events["unit"]) == {"kb/d"}


def test_every_flow_has_a_declared_kind() -> None:
    flows = [flow for flow, kind in jodi.KINDS.items() if kind]
    rows = [f"SA,2020-01,CRUDEOIL,{flow},KBD,1.0,1" for flow in flows]
    assert typed(jodi.parse(csv(*rows), "a.csv"), 'format = "jodi"')["kind"].nunique() == len(flows)


def test_the_zip_and_a_byte_order_mark_change_nothing() -> None:
    found = jodi.parse(csv(*ROWS), "a.csv")
    zip_ = jodi.parse(zipped({"NewProcedure_Primary_CSV.csv": csv(*ROWS).decode()}), "a.zip")
    assert zip_.rows.equals(found.rows)
    assert jodi.parse(b"\xef\xbb\xbf" + csv(*ROWS), "a.csv").rows.equals(found.rows)


def test_an_entity_is_the_country_that_bore_the_code_in_that_year() -> None:
    found = jodi.parse(csv("CS,2004-01,CRUDEOIL,INDPROD,KBD,1.0,1"), "a.csv")
    assert found.rows["entity"].tolist() == ["SCG"]
    with pytest.raises(DataError, match="row cannot be accepted"):
        jodi.parse(csv("CS,2010-01,CRUDEOIL,INDPROD,KBD,1.0,1"), "a.csv")


def test_a_country_that_is_not_known_is_named_once_a_year() -> None:
    with pytest.raises(DataError, match="row cannot be accepted") as refused:
        jodi.parse(csv(KEPT, "QQ,2020-01,CRUDEOIL,INDPROD,KBD,1.0,1", "QQ,2020-02,CRUDEOIL,INDPROD,KBD,1.0,1"), "a.csv")
    assert "line 3: `QQ`" in refused.value.why


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("SA,2020-01,CRUDEOIL,INDPRODX,KBD,1.0,1", "did you mean `INDPROD`"),
        ("SA,2020-01,GASOLINE,INDPROD,KBD,1.0,1", "`ENERGY_PRODUCT` is `GASOLINE`"),
        ("SA,2020-01,CRUDEOIL,INDPROD,TJ,1.0,1", "`UNIT_MEASURE` is `TJ`"),
        ("SA,2020-01,CRUDEOIL,NEW,KTONS,-,1", "`FLOW_BREAKDOWN` is `NEW`"),
        ("SA,2020-13,CRUDEOIL,INDPROD,KBD,1.0,1", "'2020-13'"),
        ("SA,202001,CRUDEOIL,INDPROD,KBD,1.0,1", "'202001'"),
        ('SA,2020-01,CRUDEOIL,INDPROD,KBD,"1,5",1', "'1,5'"),
        ("SA,2020-01,CRUDEOIL,INDPROD,KBD,,1", "`OBS_VALUE` is ''"),
        ("SA,2020-01,CRUDEOIL,INDPROD,KBD,1.0,9", "'9'"),
        ("SA,2020-01,CRUDEOIL,INDPROD,KBD,1.0,", "`ASSESSMENT_CODE` is ''"),
        ("SAU,2020-01,CRUDEOIL,INDPROD,KBD,1.0,1", "not two letters"),
        ("SA,2020-01,CRUDEOIL,INDPROD,KBD,12", "is the file cut off?"),
        (KEPT, "twice"),
    ],
)
def test_a_row_that_cannot_be_read_is_refused_with_its_line(row: str, why: str) -> None:
    with pytest.raises(DataError) as refused:
        jodi.parse(csv(KEPT, row), "a.csv")
    assert why in str(refused.value)
    assert "a.csv:3" in refused.value.where


def test_a_file_is_known_by_its_header() -> None:
    other = HEADER.replace("REF_AREA,TIME_PERIOD", "TIME_PERIOD,REF_AREA")
    for content in (csv(KEPT, header=other), csv(KEPT, header="COUNTRY" + HEADER), b"", b"<html></html>"):
        with pytest.raises(DataError, match="not the primary table"):
            jodi.parse(content, "a.csv")


def test_a_file_without_any_figure_is_refused() -> None:
    with pytest.raises(DataError, match="no figure"):
        jodi.parse(csv("SA,2020-01,CRUDEOIL,INDPROD,KBD,-,1"), "a.csv")
    with pytest.raises(DataError, match="no figure"):
        jodi.parse(csv(), "a.csv")


@pytest.mark.parametrize("rest", [b"\xff\xfe", b'SA,"2020-01,CRUDEOIL'], ids=["not UTF-8", "open quote"])
def test_text_that_is_no_csv_is_refused(rest: bytes) -> None:
    with pytest.raises(DataError, match="not valid CSV"):
        jodi.parse(csv(KEPT) + rest, "a.csv")


@pytest.mark.parametrize("names", [("../a.csv",), ("/a.csv",), ("a.exe",), ("a.csv", "b.csv")])
def test_a_zip_holds_one_csv_file_that_leads_nowhere_else(names: tuple[str, ...]) -> None:
    with pytest.raises(DataError, match="one CSV file"):
        jodi.parse(zipped({name: csv(KEPT).decode() for name in names}), "a.zip")


def test_a_damaged_locked_or_swelling_zip_is_refused() -> None:
    whole = zipped({"a.csv": csv(*ROWS).decode()})
    for length in range(4, len(whole), 7):
        with pytest.raises(DataError):
            jodi.parse(whole[:length], "a.zip")
    at = whole.index(b"a.csv") + len("a.csv")
    with pytest.raises(DataError, match="damaged"):
        jodi.parse(whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :], "a.zip")
    with pytest.raises(DataError, match="unpacks to too much"):
        jodi.parse(zipped({"a.csv": " " * 10**7}), "a.zip")
    written = io.BytesIO(whole)
    with zipfile.ZipFile(written, "a") as archive:
        archive.infolist()[0].flag_bits |= 1
        archive.comment = b"rewritten"
    with pytest.raises(DataError, match="locked"):
        jodi.parse(written.getvalue(), "a.zip")
