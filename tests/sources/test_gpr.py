"""The GPR index: the daily and the monthly file become one row a series and period; what is refused."""

from datetime import date
from pathlib import Path

import pytest

from forecast.errors import DataError
from forecast.sources import gpr
from tests.sources.test_sheets import Cell, typed, xlsx

RAW = Path(__file__).parents[2].parent / "shared/data/raw/attacks"
DAILY = "DAY,N10D,GPRD,GPRD_ACT,GPRD_THREAT,date,GPRD_MA30,GPRD_MA7,event"
MONTHLY = "month,GPR,GPRT,GPRA,GPRH,GPRHT,GPRHA,SHARE_GPR,N10,GPRC_SAU,GPRHC_SAU,SHAREH_CAT_1"
DAY = "20200102,300,100.5,90.25,110,2020-01-02,99,98,"
MONTH = "1985-01,100,101,102,103,104,105,2,3,0.5,0.25,1"


def csv(header: str, *rows: str) -> bytes:
    return "\n".join((header, *rows, "")).encode()


def test_the_daily_file_gives_the_index_its_acts_and_threats() -> None:
    found = gpr.parse(csv(DAILY, DAY, DAY.replace("0102", "0103").replace("01-02", "01-03")), "a.csv")
    assert found.rows[["record", "kind", "entity", "value", "precision"]].to_numpy().tolist()[:3] == [
        ["GPRD/2020-01-02", "gpr_daily", "world", "100.5", "day"],
        ["GPRD_ACT/2020-01-02", "gpr_acts_daily", "world", "90.25", "day"],
        ["GPRD_THREAT/2020-01-02", "gpr_threats_daily", "world", "110", "day"],
    ]
    assert found.rows.index.tolist() == [2, 2, 2, 3, 3, 3]
    assert found.span == (date(2020, 1, 2), date(2020, 1, 3))


def test_the_monthly_file_gives_the_world_and_countries_and_leaves_other_columns_out() -> None:
    early = "1900-01,,,,3,4,5,,,,0.75,1"
    found = gpr.parse(csv(MONTHLY, early, MONTH), "a.csv")
    assert found.rows["record"].tolist()[:4] == [
        "GPRH/1900-01",
        "GPRHT/1900-01",
        "GPRHA/1900-01",
        "GPRHC_SAU/1900-01",
    ]
    assert found.rows.groupby("entity").size().to_dict() == {"SAU": 3, "world": 9}
    assert found.span == (date(1900, 1, 1), date(1985, 1, 1))
    events = typed(found, 'format = "gpr"')
    assert set(events["precision"]) == {"month"}
    assert set(events.loc[events["entity"] == "SAU", "unit"]) == {"percent of articles"}


def test_every_series_has_a_declared_kind_and_unit() -> None:
    for found in (gpr.parse(csv(DAILY, DAY), "a.csv"), gpr.parse(csv(MONTHLY, MONTH), "a.csv")):
        assert len(typed(found, 'format = "gpr"')) == len(found.rows) > 0


def test_a_workbook_says_the_same_with_labels_beside_the_data() -> None:
    head: list[Cell] = [*DAILY.split(","), "var_name", "var_label"]
    day: list[Cell] = [20200102, 300, 100.5, 90.25, 110, date(2020, 1, 2), 99, 98, None, "GPRD", "Daily GPR"]
    daily = gpr.parse(xlsx({"Sheet1": [head, day]}), "a.xls")
    assert daily.rows.equals(gpr.parse(csv(DAILY, DAY), "a.csv").rows)
    # What is written here without Excel's 29 February 1900 is read with it, and so a day later.
    months: list[list[Cell]] = [["month", "GPRH"], [date(1900, 1, 1), 3], [date(1900, 2, 1), 4], [date(1900, 3, 1), 5]]
    found = gpr.parse(xlsx({"Sheet1": months}), "a.xls")
    assert found.rows["event_at"].tolist() == ["1900-01-01", "1900-02-01", "1900-03-01"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (csv(DAILY.replace("DAY,", "DATE,"), DAY), "needs a column `DAY`"),
        (csv("DAY,month,GPRD", "20200102,2020-01,1"), "not both"),
        (csv(DAILY.replace("GPRD_ACT", "GPRD_ACTS"), DAY), "did you mean `GPRD_ACT`"),
        (csv("DAY,GPRC_SAU", "20200102,1"), "`GPRC_SAU` is not known"),
        (csv("month,GPRC_QQQ", "2020-01,1"), "`GPRC_QQQ`"),
        (csv("month,N10", "2020-01,1"), "no index"),
        (csv(DAILY, DAY, DAY), "20200102 stands on line 2 too"),
        (csv(DAILY, DAY.replace("20200102", "20200230")), "'20200230'"),
        (csv(DAILY, DAY.replace("2020-01-02", "2020-01-03")), "`date` is '2020-01-03'"),
        (csv(DAILY, DAY.replace("2020-01-02", "43832")), "`date` is '43832'"),
        (csv(DAILY, DAY.replace("100.5", '"100,5"')), "'100,5'"),
        (csv(DAILY, DAY.replace("100.5", "NA")), "'NA'"),
        (csv(DAILY, "20200102,300,,,,,,,"), "no value"),
        (csv(DAILY, DAY[:20]), "rows are not as wide"),
        (csv("month,GPR", "2020-01-15,1"), "'2020-01-15'"),
        (csv("month,GPR", "2020-01-02,1"), "'2020-01-02'"),
        (csv("month,GPR", "1/2020,1"), "'1/2020'"),
        (csv("month,GPRH", "1900-01-03,1"), "'1900-01-03'"),
    ],
)
def test_what_cannot_be_read_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(DataError) as refused:
        gpr.parse(content, "a.csv")
    assert why in str(refused.value)


@pytest.mark.skipif(not RAW.exists(), reason="the publishers' files are not here")
@pytest.mark.parametrize("name", ["gpr_daily_1985_2026.csv", "gpr_monthly_country_1900_2025.csv"])
def test_the_real_files_can_be_read(name: str) -> None:
    found = gpr.parse((RAW / name).read_bytes(), name)
    assert found.rows["record"].is_unique
    assert len(typed(found, 'format = "gpr"')) == len(found.rows)
