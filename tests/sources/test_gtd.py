"""GTD: two lists of columns, days that are not known, missing codes, countries by name, encodings and workbooks."""

import csv
import io
import zipfile
from datetime import date

import pandas as pd
import pytest

from forecast.errors import DataError
from forecast.sources import gtd
from tests.sources.test_sheets import Cell, _cell, xlsx, zipped
from tests.sources.test_ucdp_ged import accepted

NAMES = gtd.HEADER.split(",")
ATTACK = dict.fromkeys(NAMES, "") | {
    "eventid": "201503040007",
    "iyear": "2015",
    "imonth": "3",
    "iday": "4",
    "country": "95",
    "country_txt": "Iraq",
    "city": "Aland",
    "latitude": "33.25",
    "longitude": "44.5",
    "summary": "A bomb went off at the mill.",
    "success": "1",
    "claimed": "-9",
    "attacktype1_txt": "Bombing/Explosion",
    "targtype1_txt": "Business",
    "gname": "Bees",
    "nkill": "2",
    "nwound": "-99",
    "nperps": "-99",
    "doubtterr": "-9",
}


def file(*changes: dict[str, str], names: list[str] = NAMES) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, names, extrasaction="ignore", lineterminator="\r\n", restval="")
    writer.writeheader()
    writer.writerows([ATTACK | change for change in changes])
    return text.getvalue().encode("iso-8859-1")


def refused(content: bytes) -> str:
    with pytest.raises(DataError) as refusal:
        gtd.parse(content, "gtd.csv")
    return str(refusal.value)


def test_an_attack_becomes_a_row_of_the_one_table() -> None:
    delivery = gtd.parse(file({}), "gtd.csv")
    row = accepted(delivery, "gtd").iloc[0]
    assert (row["record"], row["kind"], row["entity"], row["actor"]) == ("201503040007", "attack", "IRQ", "Bees")
    assert (row["event_at"], row["precision"], row["killed"]) == (pd.Timestamp("2015-03-04"), "day", 2)
    assert "known_at" not in delivery.rows
    assert delivery.notes == ()


def test_missing_codes_are_blank_and_minus_nine_elsewhere_is_not() -> None:
    rows = gtd.parse(file({"longitude": "-9", "latitude": "-99"}), "gtd.csv").rows.iloc[0]
    assert [rows[name] for name in ("claimed", "doubted", "injured", "attackers")] == [""] * 4
    assert (rows["lon"], rows["lat"]) == ("-9", "-99")


@pytest.mark.parametrize(
    ("month", "day", "want"),
    [
        ("0", "0", ("2015-01-01", "year")),
        ("0", "12", ("2015-01-01", "year")),
        ("3", "0", ("2015-03-01", "month")),
        ("12", "31", ("2015-12-31", "day")),
    ],
)
def test_a_day_or_month_that_is_not_known_is_said_to_be_so(month: str, day: str, want: tuple[str, str]) -> None:
    row = gtd.parse(file({"imonth": month, "iday": day}), "gtd.csv").rows.iloc[0]
    assert (row["event_at"], row["precision"]) == want


@pytest.mark.parametrize("names", [NAMES, [name for name in NAMES if name != "individual"]], ids=len)
def test_both_lists_of_columns_are_read_and_told_apart(names: list[str]) -> None:
    delivery = gtd.parse(file({}, names=names), "gtd.csv")
    assert delivery.layout == f"GTD, {len(names)} columns"
    assert delivery.rows["record"].item() == "201503040007"


def test_there_are_135_columns() -> None:
    assert len(NAMES) == len(set(NAMES)) == 135


@pytest.mark.parametrize(
    ("name", "iso3"),
    [
        ("West Bank and Gaza Strip", "PSE"),
        ("Soviet Union", "SUN"),
        ("West Germany (FRG)", "DEU"),
        ("East Germany (GDR)", "DDR"),
        ("Serbia-Montenegro", "SCG"),
        ("People's Republic of the Congo", "COG"),
        ("Zaire", "COD"),
        ("North Yemen", "YEM"),
        ("South Yemen", "YMD"),
        ("Macedonia", "MKD"),
        ("Rhodesia", "ZWE"),
        ("New Hebrides", "VUT"),
        ("Kosovo", "XKX"),
    ],
)
def test_names_of_states_that_are_no_more_are_known(name: str, iso3: str) -> None:
    assert gtd.parse(file({"country_txt": name}), "gtd.csv").rows["entity"].item() == iso3


def test_attacks_in_no_country_are_left_out_and_counted() -> None:
    delivery = gtd.parse(file({}, {"country_txt": "International"}), "gtd.csv")
    assert len(delivery.rows) == 1
    assert "1 attacks are put into no country" in delivery.notes[0]
    assert "line 3" in delivery.notes[0]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"country_txt": "Irak"}, "`Irak` is no country (name); did you mean `Iraq`?"),
        ({"country_txt": ""}, "is no country"),
        ({"imonth": "13"}, "is no date"),
        ({"iday": "-9"}, "is no date"),
        ({"imonth": "2", "iday": "30"}, "is no date"),
        ({"iyear": "15"}, "is no date"),
        ({"eventid": "2.01503E+11"}, "not 12 digits"),
    ],
)
def test_what_is_not_known_is_refused_with_its_line(changes: dict[str, str], says: str) -> None:
    text = refused(file({}, changes))
    assert says in text
    assert "line 3" in text


def test_latin_letters_are_read_in_either_encoding_and_said() -> None:
    latin = file({"city": "Ålánd"})
    one, other = gtd.parse(latin, "gtd.csv"), gtd.parse(latin.decode("iso-8859-1").encode(), "gtd.csv")
    assert one.rows["location"].item() == other.rows["location"].item() == "Ålánd"
    assert "ISO-8859-1" in one.notes[0]
    assert other.notes == ()


NUMBERS = ("eventid", "iyear", "imonth", "iday", "country", "latitude", "longitude", "success", "claimed", "nkill")
OTHERS = {"eventid": "199903040012", "iday": "0", "nkill": "12", "latitude": "", "longitude": "-9", "claimed": "1"}


def letters(at: int) -> str:
    return (chr(64 + at // 26) if at >= 26 else "") + chr(65 + at % 26)


def workbook(*changes: dict[str, Cell], names: list[str] = NAMES) -> bytes:
    """Write the same as `file` does, with numbers as a spreadsheet keeps them, and no cell where there is nothing."""
    rows: list[list[Cell]] = [list(names)]
    for row in (ATTACK | change for change in changes):
        cells = [row.get(name) or None for name in names]
        rows.append(
            [float(str(cell)) if cell and name in NUMBERS else cell for name, cell in zip(names, cells, strict=True)]
        )
    text = ""
    for line, cells in enumerate(rows, 1):
        text += "".join([f'<row r="{line}">', *(_cell(cell, f"{letters(at)}{line}") for at, cell in enumerate(cells))])
        text += "</row>"
    with zipfile.ZipFile(io.BytesIO(xlsx({"Data": []}))) as empty:
        parts = {name: empty.read(name).decode() for name in empty.namelist()}
    parts["xl/s1.xml"] = parts["xl/s1.xml"].replace("<sheetData>", f"<sheetData>{text}")
    return zipped(parts)


@pytest.mark.parametrize("names", [NAMES, [name for name in NAMES if name != "individual"]], ids=len)
def test_a_workbook_gives_the_rows_of_the_csv_file_of_the_same_content(names: list[str]) -> None:
    changes = ({}, OTHERS, {"eventid": "201503040008", "country_txt": "International"})
    told, read = (make(*changes, names=names) for make in (workbook, file))
    found, wanted = gtd.parse(told, "gtd.xlsx"), gtd.parse(read, "gtd.csv")
    assert found.rows.equals(wanted.rows)
    assert found.rows.index.tolist() == wanted.rows.index.tolist() == [2, 3]
    assert found.notes == wanted.notes
    assert (found.layout, wanted.layout) == (f"GTD, workbook, {len(names)} columns", f"GTD, {len(names)} columns")
    assert found.rows.loc[3, ["record", "killed", "lat", "claimed"]].tolist() == ["199903040012", "12", "", "1"]
    assert len(accepted(found, "gtd")) == 2


def test_whole_numbers_are_written_one_way_whatever_wrote_the_file() -> None:
    spelt = file({"nkill": "12.0", "claimed": "-9.0", "success": "1.0", "nwound": "-99.0"})
    assert gtd.parse(spelt, "a").rows.equals(gtd.parse(workbook({"nkill": "12"}), "b").rows)


def test_a_day_in_a_workbook_is_written_as_a_day() -> None:
    cells: dict[str, Cell] = {"resolution": date(2015, 3, 9), "city": date(2015, 5, 15)}
    dated = workbook(cells)
    assert gtd.parse(dated, "a").rows["location"].item() == "2015-05-15"


def test_a_workbook_is_refused_like_a_csv_file() -> None:
    names = ["deaths" if name == "nkill" else name for name in NAMES]
    assert "`deaths` is not known" in refused(workbook({}, names=names))
    assert "line 3" in refused(workbook({}, {"country_txt": "Irak"}))
    assert "not 12 digits" in refused(workbook({"eventid": "2.01503E+14"}))
    assert "where:" in refused(workbook({})[:-200])
    assert "the sheet has no rows" in refused(workbook())


def test_columns_that_are_missing_or_not_known_are_refused() -> None:
    names = ["deaths" if name == "nkill" else name for name in NAMES]
    text = refused(file({}, names=names))
    assert "`nkill` is not there" in text
    assert "`deaths` is not known" in text


def test_a_file_that_was_cut_is_refused() -> None:
    assert "where:" in refused(file({}, {})[:-50])
