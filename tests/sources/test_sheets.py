"""Files as text cells: a workbook in both of its formats, what is refused, and what days stand for."""

import base64
import contextlib
import io
import random
import zipfile
import zlib
from collections.abc import Sequence
from datetime import date
from xml.sax.saxutils import escape

import pandas as pd
import pytest

from forecast import catalogue, reading
from forecast.delivery import Delivery
from forecast.errors import DataError
from forecast.sources import sheets
from forecast.tables import Table

# An invented workbook in the old format, with the layout of EIA's: three prices, and a day without one.
XLS = zlib.decompress(
    base64.b64decode(
        "eNrtWE9IVEEY/+bte+sq/tk1DVSQQcj8dxEvEdjmZuolMz0oEeTb3XeQXffJczvYoSzbYxB0KroIdghC69IfKqhbh8CoQxAE/oEuHSKpiFBf33"
        "xvnum2gQslGe+3zDfzvvl9M/Nmvvlm9r2cDy1M361ehCwcAh+s24Xg36RjmArdhyBgvW2LopsHMNkedhUKA7iQfg0elbwoEGso1nsRFLijPkMJ"
        "sITpFIxBr5ky+A4iQmPQmRhDO1PR9xS4gakUqmhc5SRjJPeQnCPuY5KHSXOZZDtyF9hJmA/3Nh2Qfjyk1FFdKUoG98nmLWlaoRKeCz8+f4U5XA"
        "06rBE9ucsqatVimAFc0m4jZVjiOQQ3oRhgdHSUx+MtfAKxABW44DPwxeYAn92d/ZR7+p3VM0D9t636gt/oA7iM2fqrigowCfYwE+6cwdg8pzoB"
        "+YiZShup9HgGXV3zOxu8U0/rvHUVZoV7UAoBDJpWImqaCe5aYFiI6LEET5sbqjaQtgd5j25FzTMWHxgz07zPGokZvOt4hDd0msmkbo3zMcPiEd"
        "2yjGQjnhgDSI0ZCWNCAxjq6eiPqNSS0QyQR0NF4vihcBXcEq5KaBMXo4xDGZVDtJWD+P6rtz69OhbtC58mzSQdUc5Btk/MGdhwQVigcelGjSOb"
        "yKKZ5EVqtYbK1SQrcJ9hXt9XKQtdU8S5RLX12E8b4XV4/6ZyA5YzH048qM0shxuxPNu9eLZi9k14GurwYI2jvfhNQQtrYdevCTwMuzmTIe8dya"
        "pfwl9ACcqx2/K0LoM1KKJiyDnSlXK4J6gYHn9iJ2aVGiXubp1VJeesijd2ntzZEXyWg8+I75N8RnxV8pUcfIX4muQ7s++XfF8W/wm+g4+OxKXb"
        "CvJqhsV4BFPNwVSJ+Z6YK+AytSzPOacUka4cVpApGP4cbfmJ8ZXa+vjdtpnjY5DLxzx48ODBgwcP/wyYvJiJC4S4Gmjy+lcgv+usYVr3PpP8t+"
        "gHE39p/EN5FFKYWzCRl//sBY25bbFt2rjfCwUGsXcLEhClcSTy9l+8vrPN77Ntw+Cf20L59r+ezzj/cv8/ANVLREY="
    )
)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-"

Cell = str | float | date | bool | None


def xlsx(named: dict[str, Sequence[Sequence[Cell]]]) -> bytes:
    """Write sheets as the smallest workbook in the new format; None is no cell at all."""
    numbers = {name: number for number, name in enumerate(named, 1)}
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="{TYPE}package.relationships+xml"/><Default Extension="xml" '
        f'ContentType="{TYPE}officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        "_rels/.rels": _relations({"r0": ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>'
        + "".join(f'<sheet name="{name}" sheetId="{at}" r:id="r{at}"/>' for name, at in numbers.items())
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": _relations(
            {"r0": ("styles", "styles.xml")} | {f"r{at}": ("worksheet", f"s{at}.xml") for at in numbers.values()}
        ),
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
        "</styleSheet>",
    }
    for name, rows in named.items():
        lines = "".join(f'<row r="{at}">{_cells(row, at)}</row>' for at, row in enumerate(rows, 1))
        parts[f"xl/s{numbers[name]}.xml"] = f'<worksheet xmlns="{MAIN}"><sheetData>{lines}</sheetData></worksheet>'
    return zipped(parts)


def zipped(parts: dict[str, str]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return written.getvalue()


def _relations(targets: dict[str, tuple[str, str]]) -> str:
    told = "".join(
        f'<Relationship Id="{name}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for name, (kind, target) in targets.items()
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{told}</Relationships>'


def _cells(row: Sequence[Cell], line: int) -> str:
    return "".join(
        _cell(cell, f"{chr(65 + at)}{line}" if at < 26 else f"A{chr(39 + at)}{line}") for at, cell in enumerate(row)
    )


def _cell(cell: Cell, place: str) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
    if isinstance(cell, bool):
        return f'<c r="{place}" t="b"><v>{int(cell)}</v></c>'
    if isinstance(cell, date):
        return f'<c r="{place}" s="1"><v>{(cell - date(1899, 12, 30)).days}</v></c>'
    return f'<c r="{place}"><v>{cell!r}</v></c>'


def typed(found: Delivery, block: str) -> pd.DataFrame:
    """Type what an importer delivers as a source with this block, long after all of it became known."""
    (source,) = catalogue.sources(f"[one]\n{block}", "sources.toml").values()
    rows = found.rows.assign(known_at="2099-01-01")
    table = Table(found.where, tuple(rows.columns), rows.to_numpy().tolist(), rows.index.tolist())
    return reading.typed(table, "one", source, date(2099, 1, 1))


def test_both_formats_of_a_workbook_give_the_same_cells() -> None:
    rows = sheets.sheet(XLS, "a.xls", "Data 1")
    assert rows[1] == ["Sourcekey", "XHARB"]
    assert rows[3:] == [["2020-01-02", "61.5"], ["2020-01-03", "60"], ["2020-01-06", ""], ["2020-01-07", "-3.25"]]
    again = xlsx({"Contents": [["x"]], "Data 1": [[cell or None for cell in row] for row in rows]})
    assert sheets.sheet(again, "a.xlsx", "Data 1") == rows


def test_cells_are_text_that_can_be_read_again() -> None:
    row: list[Cell] = [20200102, 0.1, 1e22, 1e-7, True, " padded ", date(2020, 2, 29), None, "NA"]
    assert sheets.sheet(xlsx({"A": [row]}), "a.xlsx") == [
        ["20200102", "0.1", "1e+22", "1e-07", "true", " padded ", "2020-02-29", "", "NA"]
    ]
    assert all(sheets.number_problem("x", cell) == "" for cell in ("0.1", "1e+22", "1e-07"))


def test_rows_keep_their_numbers_and_blank_ones_are_no_rows() -> None:
    made = xlsx({"A": [[None, "above"], ["a", "b"], [1, 2], [None, None], [3, 4]]})
    table = sheets.table(made, "a.xlsx", header=2)
    assert (table.columns, table.rows, table.lines) == (("a", "b"), [["1", "2"], ["3", "4"]], [3, 5])


def test_csv_is_read_as_everywhere_else() -> None:
    table = sheets.table(b"\xef\xbb\xbfa,b\r\n007,NA\r\n", "a.csv")
    assert (table.columns, table.rows, table.lines) == (("a", "b"), [["007", "NA"]], [2])


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([["a", None, "c"], [1, 2, 3]], "column 2 has no name"),
        ([["a", "a"], [1, 2]], "`a` stands 2 times"),
        ([["a", "b"], [1, 2, 3]], "column 3 has no name"),
        ([["a", "b"]], "no rows"),
        ([], "no rows"),
    ],
)
def test_a_sheet_without_a_plain_header_is_refused(rows: list[list[Cell]], why: str) -> None:
    with pytest.raises(DataError, match=why):
        sheets.table(xlsx({"A": rows}), "a.xlsx")


def test_a_sheet_that_is_not_there_is_named_with_its_look_alike() -> None:
    with pytest.raises(DataError, match="did you mean `Data 1`"):
        sheets.sheet(XLS, "a.xls", "Data1")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("whole", "name"), [(XLS, "Data 1"), (xlsx({"A": [["a"], [1]]}), "A")], ids=["xls", "xlsx"])
def test_a_workbook_that_is_cut_off_is_refused_and_never_read_in_part(whole: bytes, name: str) -> None:
    cells = sheets.sheet(whole, "a", name)
    read = []
    for length in range(8, len(whole) - 1, max(len(whole) // 60, 1)):
        with contextlib.suppress(DataError):
            read.append(sheets.sheet(whole[:length], "a", name))
    assert all(found == cells for found in read)
    assert len(read) <= 2  # where only padding at the end is missing


def test_what_is_no_workbook_is_refused_as_one() -> None:
    with pytest.raises(DataError, match="cannot be read"):
        sheets.sheet(zipped({"a.csv": "x"}), "a.xlsx")
    with pytest.raises(DataError, match="cannot be read"):
        sheets.sheet(b"<html>please log in</html>", "a.xlsx")


def test_a_zip_that_unpacks_to_too_much_is_not_unpacked() -> None:
    with pytest.raises(DataError, match="unpacks to too much"):
        sheets.sheet(zipped({"xl/workbook.xml": " " * 10**7}), "a.xlsx")


def test_an_interrupt_is_not_taken_for_a_damaged_workbook(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sheets.xlrd, "open_workbook", stopped)
    with pytest.raises(KeyboardInterrupt):
        sheets.sheet(XLS, "a.xls")


def test_json_numbers_stay_as_written() -> None:
    assert sheets.json_object(b'\xef\xbb\xbf{"a": 1.50, "b": [10]}', "a") == {"a": "1.50", "b": ["10"]}


@pytest.mark.parametrize("text", ['{"a": NaN}', '{"a": 1', "[1]", "", "<html>", '{"a": "\xff"}', "[" * 100_000])
def test_what_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="JSON"):
        sheets.json_object(text.encode("latin-1"), "a.json")


@pytest.mark.parametrize("cell", ["2020-02-30", "2020-1-2", "02.01.2020", "2020-01-02 ", "20200102", "", "２020-01-02"])
def test_only_days_of_the_calendar_are_days(cell: str) -> None:
    assert sheets.day(cell) is None
    assert sheets.day("2020-02-29") == date(2020, 2, 29)


@pytest.mark.parametrize("cell", ["61,5", "1,234.5", "n/a", " 1", "1 ", "٣", ""])
def test_only_plain_numbers_are_numbers(cell: str) -> None:
    assert repr(cell) in sheets.number_problem("value", cell)


def test_what_days_stand_for() -> None:
    months = [date(2020, month, 1) for month in (1, 2, 3)]
    assert sheets.precision(months, 1, "a") == "month"
    assert sheets.precision([date(2020, month, 15) for month in (3, 2, 1)], 15, "a") == "month"
    assert sheets.precision([date(year, 1, 1) for year in (2019, 2020)], 1, "a") == "year"
    assert sheets.precision([*months, date(2020, 3, 2)], 1, "a") == "day"
    assert sheets.precision([date(2020, 1, 2)], 1, "a") == "day"


@pytest.mark.parametrize(
    "days",
    [
        [date(2020, 1, 1)],
        [date(2020, 1, 1), date(2020, 4, 1)],
        [date(2020, 1, 31), date(2020, 2, 29)],
        [date(2020, 1, 1), date(2020, 2, 15)],
    ],
    ids=["one row", "quarters", "last days", "mixed"],
)
def test_what_cannot_be_told_is_not_guessed(days: list[date]) -> None:
    with pytest.raises(DataError, match="cannot be told"):
        sheets.precision(days, 1, "a")


def test_rows_out_of_order_are_noted_and_newest_first_is_an_order() -> None:
    days = [date(2020, 1, day) for day in (1, 3, 2)]
    assert sheets.out_of_order(days, [2, 3, 4]) == [
        "line 4: 2020-01-02 comes after 2020-01-03; the rows are not in order"
    ]
    assert sheets.out_of_order(sorted(days, reverse=True), [2, 3, 4]) == []


def test_all_problems_are_told_at_once_in_order() -> None:
    with pytest.raises(DataError, match="2 rows cannot be accepted") as refused:
        sheets.refuse([(9, "b"), (3, "a")], "x.csv")
    assert (refused.value.where, refused.value.why) == ("x.csv:3", "line 3: a\n  line 9: b")
    sheets.refuse([], "x.csv")


def test_a_zip_with_a_folder_in_it_is_told_by_the_name_of_its_file() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("ged261-csv/", "")
        archive.writestr("ged261-csv/GEDEvent_v26_1.csv", "a,b\n1,2\n")
    assert sheets.unpacked(packed.getvalue(), "ged.zip") == (b"a,b\n1,2\n", "ged.zip/GEDEvent_v26_1.csv")
    assert sheets.unpacked(b"a,b\n1,2\n", "plain.csv") == (b"a,b\n1,2\n", "plain.csv")


def test_bytes_that_were_flipped_are_read_or_refused_and_never_end_the_process() -> None:
    """Readers in other languages abort on some such files, which nothing can catch."""
    rng = random.Random(1)
    refused = 0
    for _ in range(200):
        damaged = bytearray(XLS)
        for _ in range(rng.randint(1, 20)):
            damaged[rng.randrange(8, len(XLS))] = rng.randrange(256)
        try:
            sheets.sheet(bytes(damaged), "a.xls")
        except DataError:
            refused += 1
    assert 50 < refused < 200
