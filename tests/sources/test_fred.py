"""The CSV of FRED: both headers, missing days, months, and what is refused."""

from datetime import date
from pathlib import Path

import pytest

from forecast.errors import DataError
from forecast.sources import fred
from tests.sources.test_sheets import typed

RAW = Path(__file__).parents[2].parent / "shared/data/raw"
ROWS = "2020-01-01,.\n2020-01-02,61.50\n2020-01-03,-3.25\n2020-01-06,\n"


def csv(rows: str = ROWS, header: str = "observation_date,XHARB") -> bytes:
    return f"{header}\n{rows}".encode()


def test_days_without_an_observation_have_no_row_and_are_inside_the_span() -> None:
    found = fred.parse(csv(), "a.csv")
    assert found.rows.index.tolist() == [3, 4]
    assert found.rows["value"].tolist() == ["61.50", "-3.25"]
    assert set(found.rows["entity"]) == {"XHARB"}
    assert found.rows["record"].tolist() == found.rows["event_at"].tolist() == ["2020-01-02", "2020-01-03"]
    assert set(found.rows["known_at"]) == {""}
    assert found.span == (date(2020, 1, 1), date(2020, 1, 6))
    assert found.notes == ()


def test_the_former_header_and_a_byte_order_mark_change_nothing_but_the_layout() -> None:
    found, before = fred.parse(csv(), "a.csv"), fred.parse(b"\xef\xbb\xbf" + csv(header="DATE,XHARB"), "a.csv")
    assert before.rows.equals(found.rows)
    assert before.layout != found.layout


def test_months_and_years_are_told_by_their_spacing() -> None:
    months = fred.parse(csv("2020-01-01,1\n2020-02-01,.\n2020-03-01,2\n"), "a.csv")
    assert set(months.rows["precision"]) == {"month"}
    assert set(fred.parse(csv("2019-01-01,1\n2020-01-01,2\n"), "a.csv").rows["precision"]) == {"year"}
    assert set(fred.parse(csv(), "a.csv").rows["precision"]) == {"day"}


def test_a_source_says_kind_and_unit_itself() -> None:
    assert set(typed(fred.parse(csv(), "a.csv"), 'format = "fred"')["kind"]) == {"observation"}
    block = (
        'format = "fred"\nkinds = ["close"]\nunits.close = "USD/bbl"\nconstants = {kind = "close", unit = "USD/bbl"}'
    )
    events = typed(fred.parse(csv(), "a.csv"), block)
    assert (events["kind"] + events["unit"]).tolist() == ["closeUSD/bbl"] * 2


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (csv(header="date,XHARB"), "first column is `date`"),
        (csv(header="observation_date,XHARB,XQUAY", rows="2020-01-02,1,2\n"), "one series"),
        (csv(header="observation_date", rows="2020-01-02\n"), "one series"),
        (csv("2020-01-02,1\n2020-01-02,2\n"), "2020-01-02 stands on line 2 too"),
        (csv('2020-01-02,"61,5"\n'), "'61,5'"),
        (csv("02/01/2020,1\n"), "not a date"),
        (csv("2020-01-02,.\n2020-01-03,\n"), "no observation"),
        (csv("2020-01-02,1\n2020-01-0"), "1 cells, 2 columns"),
        (csv("2020-01-02,1\n2020-01-03,n"), "'n'"),
        (b"<!DOCTYPE html><html></html>", "no rows"),
        (b"", "empty"),
    ],
)
def test_what_cannot_be_read_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(DataError) as refused:
        fred.parse(content, "a.csv")
    assert why in str(refused.value)


def test_every_problem_is_told_with_its_line() -> None:
    with pytest.raises(DataError) as refused:
        fred.parse(csv("2020-01-02,x\n2020-13-01,1\n2020-01-03,2\n"), "a.csv")
    assert "line 2" in refused.value.why
    assert "line 3" in refused.value.why


def test_unsorted_rows_are_noted() -> None:
    found = fred.parse(csv("2020-01-03,1\n2020-01-02,2\n2020-01-06,3\n"), "a.csv")
    assert any("not in order" in note for note in found.notes)


@pytest.mark.skipif(not RAW.exists(), reason="the publishers' files are not here")
def test_a_real_series_can_be_read() -> None:
    content = (RAW / "oil/ovx_daily_fred_OVXCLS.csv").read_bytes()
    found = fred.parse(content.replace(b"date,ovxcls", b"observation_date,OVXCLS", 1), "OVXCLS.csv")
    assert 0 < len(found.rows) < content.count(b"\n")
    assert len(typed(found, 'format = "fred"')) == len(found.rows)
