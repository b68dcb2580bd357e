"""The strict reader: cells exactly as written, or a refusal that names the line."""

import csv
import io
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast import tables
from forecast.errors import DataError

REFERENCE = Path(os.environ.get("BRINKCAST_REFERENCE", Path(__file__).parents[2] / "shared/data/reference")) / "csv"
PLAIN = b'record,note\n007,"a ""quoted"", word"\nNA,"two\nlines"\n'


def rows(data: bytes) -> list[list[str]]:
    return tables.read(data, "events.csv").rows


@pytest.mark.parametrize(
    "cell", ["NA", "NULL", "None", "nan", "NO", "ON", "007", "1e5", " padded ", "12345678901234567890"]
)
def test_cells_stay_text(cell: str) -> None:
    assert rows(f"country,n\n{cell},1\n".encode()) == [[cell, "1"]]


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfa,b\n1,2\n3,4\n",
        b"a,b\r\n1,2\r\n3,4\r\n",
        b"a,b\r1,2\r3,4\r",
        b"a,b\n1,2\r\n3,4\r",
        b"a,b\n1,2\n3,4",
        b"a,b\n\n1,2\n3,4\n\n",
    ],
    ids=["mark", "crlf", "cr", "mixed", "no last newline", "blank lines"],
)
def test_forms_of_a_file_read_equal(data: bytes) -> None:
    assert rows(data) == [["1", "2"], ["3", "4"]]


def test_lines_are_those_of_the_file() -> None:
    assert tables.read(PLAIN + b"\nX,y\n", "events.csv").lines == [2, 3, 6]
    assert tables.read(PLAIN.replace(b"\n", b"\r"), "events.csv").lines == [2, 3]


LETTERS = st.characters(codec="utf-8", exclude_characters="\0\ufeff")
NAMES = st.lists(st.text("abcé_ß", min_size=1, max_size=4), min_size=1, max_size=4, unique=True)


@given(NAMES, st.data(), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_what_is_written_is_read(names: list[str], data: st.DataObject, end: str, mark: bool) -> None:
    row = st.lists(st.text(LETTERS, max_size=6), min_size=len(names), max_size=len(names))
    cells = data.draw(st.lists(row, min_size=1, max_size=5))
    out = io.StringIO()
    csv.writer(out, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([names, *cells])
    found = tables.read(out.getvalue().encode("utf-8-sig" if mark else "utf-8"), "events.csv")
    assert (list(found.columns), found.rows) == (names, cells)


@pytest.mark.parametrize("end", range(len(PLAIN)))
def test_a_file_cut_anywhere_is_refused_or_a_proper_prefix(end: int) -> None:
    whole = rows(PLAIN)
    try:
        *before, last = rows(PLAIN[:end])
    except DataError:
        return
    assert before == whole[: len(before)]
    assert all(full.startswith(cell) for cell, full in zip(last, whole[len(before)], strict=True))


@pytest.mark.parametrize(
    ("data", "where", "says"),
    [
        ("a,b\n1,ü\n".encode("utf-16"), "events.csv", "UTF-16"),
        ("a,b\n1,2\n".encode("utf-16-le"), "events.csv:1", "byte order mark"),
        ("a,b\n1,ü\n".encode("latin-1"), "events.csv:2", "0xfc at offset 6, probably Windows-1252"),
        ("a,b\r1,2\r3,ü\r".encode("latin-1"), "events.csv:3", "WINDOWS-1252"),
        ("a,b\n1,ü".encode()[:-1], "events.csv:2", "cut off inside a character"),
        (b"a,b\n1,\0\n", "events.csv:2", "NUL"),
        (b"a,b\n1,2\n3\n4,5,6\n", "events.csv:3", "line 3: 1 cells, 2 columns\n  line 4: 3 cells"),
        (b"a,b,a\n1,2,3\n", "events.csv:1", "`a` stands 2 times"),
        (b"a,,c\n1,2,3\n", "events.csv:1", "column 2 has no name"),
        (b'a,b\n1,mid "quote"\n', "events.csv:2", "quote"),
        (b'a,b\n1,"closed"late\n', "events.csv:2", "quote"),
        (b'a,b\n1,"never closed\n2,3\n', "events.csv:2", "never closed"),
        (b"a;b\n1;2\n", "events.csv:1", "separated by ';'"),
        (b"a\tb\n1\t2\n", "events.csv:1", "separated by '\\t'"),
        (b"", "events.csv", "empty"),
        (b"\n\r\n", "events.csv", "empty"),
        (b"a,b\n", "events.csv", "no rows"),
        (b'a,b\n1,"' + b"x" * 200_000 + b'"\n', "events.csv:2", "field limit"),
    ],
)
def test_refused(data: bytes, where: str, says: str) -> None:
    with pytest.raises(DataError) as refused:
        rows(data)
    assert refused.value.exit_code == 3
    assert refused.value.where == where
    assert says in str(refused.value)


def test_all_problems_are_said_at_once() -> None:
    with pytest.raises(DataError) as refused:
        rows(b"a,b\n" + b"1\n" * 25)
    assert refused.value.why.count("line ") == 20
    assert "and 5 more" in refused.value.why


def reference(folder: str) -> list[Path]:
    return sorted((REFERENCE / folder).glob("*.csv"))


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference files are not here (BRINKCAST_REFERENCE)")
@pytest.mark.parametrize("path", reference("csv-spectrum/csvs"), ids=lambda path: path.stem)
def test_spectrum_equals_its_json(path: Path) -> None:
    found = tables.read(path.read_bytes(), path.name)
    wanted = json.loads((path.parents[1] / "json" / f"{path.stem}.json").read_text(encoding="utf-8"))
    assert [dict(zip(found.columns, row, strict=True)) for row in found.rows] == wanted


# Valid CSV that holds no event: refused on purpose.
HOLLOW = ("all-empty", "empty-one-column", "header-no-rows")


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference files are not here (BRINKCAST_REFERENCE)")
@pytest.mark.parametrize("path", reference("csv-test-data/csv"), ids=lambda path: path.stem)
def test_rfc_4180(path: Path) -> None:
    if path.stem.startswith("bad-") or path.stem in HOLLOW:
        with pytest.raises(DataError):
            tables.read(path.read_bytes(), path.name)
        return
    found = tables.read(path.read_bytes(), path.name)
    wanted = json.loads((path.parents[1] / "json" / f"{path.stem}.json").read_text(encoding="utf-8"))
    named = [dict(zip(found.columns, row, strict=True)) for row in found.rows]
    assert wanted in ([list(found.columns), *found.rows], named)
