"""PortWatch's daily chokepoints: download and answer say the same, parts are refused, odd days are named."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from forecast.errors import DataError
from forecast.sources import portwatch
from tests.sources.test_sheets import typed

RAW = Path(__file__).parents[2].parent / "shared/data/raw"
HEADER = (
    "date,year,month,day,portid,portname,n_container,n_dry_bulk,n_general_cargo,n_roro,n_tanker,n_cargo,n_total,"
    "capacity_container,capacity_dry_bulk,capacity_general_cargo,capacity_roro,capacity_tanker,capacity_cargo,"
    "capacity,ObjectId"
)
SHIPS = "chokepoint99,Strait of Nowhere,2,3,1,0,4,6,10,10,20,30,0,400.5,60,460.5,7"
FIRST = f"2020-01-02,2020,1,2,{SHIPS}"
SECOND = f"2020-01-03,2020,1,3,{SHIPS}"


def csv(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join((header, *rows, "")).encode()


def answer(*rows: dict[str, Any], **other: Any) -> bytes:
    return json.dumps(
        {"objectIdFieldName": "ObjectId", "features": [{"attributes": row} for row in rows], **other}
    ).encode()


def attributes(row: str, **other: Any) -> dict[str, Any]:
    cells: dict[str, Any] = dict(zip(HEADER.split(","), row.split(","), strict=True))
    texts = ("date", "portid", "portname")
    return {name: cell if name in texts else json.loads(cell) for name, cell in cells.items()} | other


def test_one_row_a_day_and_chokepoint() -> None:
    other = FIRST.replace("chokepoint99", "chokepoint98")
    found = portwatch.parse(csv(FIRST, SECOND, other), "a.csv")
    assert found.rows["record"].tolist() == [
        "chokepoint99/2020-01-02",
        "chokepoint99/2020-01-03",
        "chokepoint98/2020-01-02",
    ]
    assert found.span == (date(2020, 1, 2), date(2020, 1, 3))
    events = typed(found, 'format = "portwatch"')
    assert events.loc[0, ["value", "n_tanker", "n_cargo", "capacity", "entity", "unit"]].tolist() == [
        10.0,
        4.0,
        6.0,
        460.5,
        "chokepoint99",
        "ships/d",
    ]


def test_the_download_and_the_answer_say_the_same_whatever_way_dates_are_written() -> None:
    found = portwatch.parse(csv(FIRST), "a.csv").rows
    stamp = int(datetime(2020, 1, 2, tzinfo=UTC).timestamp() * 1000)
    for when in ("2020/01/02", "2020/01/02 00:00:00", "2020/01/02 00:00:00+00"):
        assert portwatch.parse(csv(FIRST.replace("2020-01-02", when)), "a.csv").rows.equals(found)
    for cell in ("2020-01-02", stamp):
        told = portwatch.parse(answer(attributes(FIRST, date=cell)), "a.json").rows
        assert told.to_numpy().tolist() == found.to_numpy().tolist()


def test_an_answer_may_hold_fewer_attributes() -> None:
    few = {"date": "2020-01-02", "portid": "chokepoint99", "portname": "Nowhere", "n_total": 5}
    found = portwatch.parse(answer(few, few | {"date": "2020-01-03", "n_total": None}), "a.json")
    assert found.rows[["value", "n_tanker"]].to_numpy().tolist() == [["5", ""]]
    assert found.notes == ("1 days without a total are left out",)
    assert found.span == (date(2020, 1, 2), date(2020, 1, 3))


@pytest.mark.parametrize("other", [{"exceededTransferLimit": True}, {"properties": {"exceededTransferLimit": True}}])
def test_a_part_of_an_answer_is_refused(other: dict[str, Any]) -> None:
    with pytest.raises(DataError, match="only a part"):
        portwatch.parse(answer(attributes(FIRST), **other), "a.json")
    assert len(portwatch.parse(answer(attributes(FIRST), exceededTransferLimit=False), "a.json").rows) == 1


def test_a_total_that_is_not_the_sum_is_noted_once() -> None:
    odd = FIRST.replace(",10,10,", ",11,10,"), SECOND.replace(",10,10,", ",11,10,")
    (note,) = portwatch.parse(csv(*odd), "a.csv").notes
    assert "line 2" in note
    assert "2 such rows" in note


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (csv(FIRST, FIRST), "chokepoint99 on 2020-01-02 stands on line 2 too"),
        (csv(FIRST.replace("2020-01-02", "2020-01-03")), "`day` is '2', but `date` is 2020-01-03"),
        (csv(FIRST.replace("2020-01-02", "01/02/2020")), "not a day"),
        (csv(FIRST.replace("2020-01-02", "2020/01/02 05:00:00+00")), "not a day"),
        (csv(FIRST.replace("chokepoint99", "port1")), "`portid` is 'port1'"),
        (csv(FIRST.replace(",10,10,", ",many,10,")), "'many'"),
        (csv(FIRST.replace(",10,10,", ",-10,10,")), "below zero"),
        (csv(FIRST.replace(",10,10,", ",,10,")), "no count of ships"),
        (csv(FIRST, header=HEADER.replace("n_tanker", "n_tankers")), "did you mean `n_tanker`"),
        (csv("2020-01-02,chokepoint99,5", header="date,portid,n_total"), "`portname` is missing"),
        (csv(FIRST, SECOND[:30]), "rows are not as wide"),
        (answer(attributes(FIRST, date=1577923200001)), "not a day"),
        (answer(attributes(FIRST), {"date": "2020-01-03"}), "other attributes"),
        (answer(attributes(FIRST))[:-5], "not valid JSON"),
        (answer(), "no `features`"),
        (b'{"error": {"code": 400, "message": "Invalid query"}}', "Invalid query"),
        (b'{"features": [{"geometry": null}]}', "no attributes"),
        (b"<html></html>", "no rows"),
    ],
)
def test_what_cannot_be_read_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(DataError) as refused:
        portwatch.parse(content, "a")
    assert why in str(refused.value)


@pytest.mark.skipif(not RAW.exists(), reason="the publishers' files are not here")
def test_a_real_count_can_be_read_once_it_bears_the_publishers_header() -> None:
    lines = (RAW / "oil/portwatch_hormuz_transits_daily.csv").read_text().splitlines()
    rows = [",".join((*line.split(",", 1), "chokepoint6", "Strait of Hormuz")) for line in lines[1:]]
    found = portwatch.parse(
        csv(*rows, header="date,n_total,n_tanker,n_container,n_dry_bulk,n_cargo,portid,portname"), "a"
    )
    assert len(found.rows) == len(rows)
    assert found.notes == ()
