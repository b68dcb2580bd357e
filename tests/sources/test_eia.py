"""EIA's workbook and API answer: the same series either way, periods, units, and what is refused."""

import json
from datetime import date
from typing import Any

import pytest

from forecast.errors import DataError
from forecast.sources import eia
from tests.sources.test_sheets import XLS, Cell, typed, xlsx

TITLE = "Harbour Spot Price FOB (Dollars per Barrel)"
DAYS: list[list[Cell]] = [[date(2020, 1, 2), 61.5], [date(2020, 1, 3), 60], [date(2020, 1, 6), None]]
Answer = dict[str, Any]


def workbook(
    rows: list[list[Cell]], title: str = TITLE, key: str = "Sourcekey", ids: tuple[str, ...] = ("XHARB",)
) -> bytes:
    head: list[list[Cell]] = [["Back to Contents", "Data 1"], [key, *ids], ["Date", *[title] * len(ids)]]
    return xlsx({"Contents": [["Workbook Contents"]], "Data 1": [*head, *rows]})


def row(period: str, value: str | float | None, **other: Any) -> Answer:
    return {"period": period, "series": "XHARB", "value": value, "units": "$/BBL", "product": "XX"} | other


ROWS = [row("2020-01-03", "60"), row("2020-01-02", "61.5"), row("2020-01-06", None)]


def answer(rows: list[Answer], frequency: str = "daily", total: int | str | None = None, **other: Any) -> bytes:
    response = {"total": str(len(rows)) if total is None else total, "frequency": frequency, "data": rows}
    return json.dumps({"response": response | other, "apiVersion": "2.1"}).encode()


def test_an_old_workbook_and_an_answer_say_the_same() -> None:
    found = eia.parse(XLS, "a.xls")
    assert found.rows["value"].tolist() == ["61.5", "60", "-3.25"]
    assert found.rows["record"].tolist() == ["2020-01-02", "2020-01-03", "2020-01-07"]
    assert set(found.rows["entity"]) == {"XHARB"}
    assert found.rows.index.tolist() == [4, 5, 7]
    assert found.span == (date(2020, 1, 2), date(2020, 1, 7))
    told = eia.parse(answer(ROWS), "a.json")
    both = told.rows.sort_values("record").reset_index(drop=True)
    assert both.equals(found.rows.iloc[:2].reset_index(drop=True))
    assert told.span == (date(2020, 1, 2), date(2020, 1, 6))
    assert told.layout != found.layout


def test_units_are_turned_into_ours_and_checked_against_the_source() -> None:
    events = typed(eia.parse(XLS, "a.xls"), 'format = "eia"')
    assert events[["kind", "unit"]].drop_duplicates().to_numpy().tolist() == [["close", "USD/bbl"]]
    flow = eia.parse(answer([row("2020-01-03", "60", units="MBBL/D")]), "a.json")
    with pytest.raises(DataError, match="cell"):
        typed(flow, 'format = "eia"')
    block = 'format = "eia"\nkinds = ["imports"]\nunits.imports = "kb/d"\nconstants.kind = "imports"'
    assert typed(flow, block)["unit"].tolist() == ["kb/d"]


def test_a_number_of_an_answer_stays_as_it_is_written() -> None:
    content = answer([row("2020-01-03", 60)]).replace(b'"value": 60', b'"value": 60.10')
    assert eia.parse(content, "a.json").rows["value"].tolist() == ["60.10"]


def test_months_and_years_begin_on_their_first_day() -> None:
    months = eia.parse(workbook([[date(2020, 1, 15), 1.5], [date(2020, 2, 15), 2.5]]), "a.xlsx")
    told = eia.parse(answer([row("2020-01", "1.5"), row("2020-02", "2.5")], "monthly"), "a.json")
    for found in (months, told):
        assert found.rows["event_at"].tolist() == ["2020-01-01", "2020-02-01"]
        assert found.rows["record"].tolist() == ["2020-01", "2020-02"]
        assert set(found.rows["precision"]) == {"month"}
        assert found.span == (date(2020, 1, 1), date(2020, 2, 1))
    years = eia.parse(answer([row("2019", "1"), row("2020", "2")], "annual"), "a.json")
    assert years.rows[["event_at", "precision"]].to_numpy().tolist()[0] == ["2019-01-01", "year"]


def test_weeks_are_noted_because_they_look_like_days() -> None:
    weeks = workbook([[date(2020, 1, day), 1] for day in (3, 10, 17)])
    assert eia.parse(weeks, "a.xlsx").notes == (eia.WEEK,)
    assert eia.parse(answer([row("2020-01-03", "1")], "weekly"), "a.json").notes == (eia.WEEK,)
    assert eia.parse(workbook(DAYS), "a.xlsx").notes == ()


@pytest.mark.parametrize("total", ["5001", 5001, "", None], ids=["text", "number", "blank", "none"])
def test_a_part_of_an_answer_is_refused(total: int | str | None) -> None:
    warning = {"warning": "incomplete return", "description": "only 5000 rows"}
    content = json.loads(answer(ROWS, warnings=[warning]))
    content["response"]["total"] = total
    with pytest.raises(DataError, match="only a part"):
        eia.parse(json.dumps(content).encode(), "a.json")


def test_an_answer_that_is_whole_may_warn() -> None:
    found = eia.parse(answer(ROWS, warnings=[{"warning": "slow"}]), "a.json")
    assert any("slow" in note for note in found.notes)


def test_pages_that_were_joined_do_not_warn_that_they_are_pages() -> None:
    warnings = [{"warning": "incomplete return", "description": "only 5000 rows"}, {"warning": "slow"}, "odd"]
    found = eia.parse(answer(ROWS, warnings=warnings), "a.json")
    assert found.notes == ("EIA warns: {'warning': 'slow'}", "EIA warns: odd")
    assert found.rows.equals(eia.parse(answer(ROWS), "a.json").rows)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (answer([row("2020-01-03", "60"), row("2020-01-03", "61")]), "stands on line 1 too"),
        (answer([row("2020-01", "60")]), "'2020-01' is not a period"),
        (answer([row("2020-01-03", "60", units="$/MMBTU")]), "`$/MMBTU` is not known"),
        (answer([row("2020-01-03", "1"), row("2020-01-06", "1", units="MBBL/D")]), "2 units"),
        (answer([row("2020-01-03", "1"), row("2020-01-06", "1", series="XQUAY")]), "2 series"),
        (answer([row("2020-01-03", "W")]), "'W'"),
        (answer([row("2020-01-03", None)]), "no value"),
        (answer([{"period": "2020-01-03", "value": "1"}]), "`series` is missing"),
        (answer([row("2020-01-03", "1")], "hourly"), "`hourly` is not known"),
        (answer([]), "no rows"),
        (b'{"error": {"code": "API_KEY_MISSING"}}', "API_KEY_MISSING"),
        (b'{"response": {"total": "1"}}', "no rows"),
        (b'{"response": [1]}', "no rows"),
        (answer(ROWS)[:-9], "not valid JSON"),
        (b"<html></html>", "not valid JSON"),
        (XLS[:2000], "cannot be read"),
        (workbook(DAYS, key="Source"), "not a workbook of one EIA series"),
        (workbook(DAYS, title="Harbour (Dollars per Gallon)"), "`Dollars per Gallon` is not known"),
        (workbook(DAYS, title="Harbour"), "unit"),
        (workbook([[date(2020, 1, 2), 1, 2]], ids=("XHARB", "XQUAY")), "one series"),
        (workbook([["Jan 2, 2020", 1]]), "'Jan 2, 2020' is not a period"),
        (workbook([[date(2020, 1, 2), "61,5"]]), "'61,5'"),
        (workbook([[date(2020, 1, 15), 1]]), "cannot be told"),
        (workbook([[date(2019, 6, 30), 1], [date(2020, 6, 30), 1]]), "cannot be told"),
        (workbook([]), "no rows"),
        (xlsx({"Data1": [["x"]]}), "did you mean `Data1`"),
    ],
)
def test_what_cannot_be_read_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(DataError) as refused:
        eia.parse(content, "a")
    assert why in str(refused.value)
