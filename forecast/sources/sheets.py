"""Publishers' files as text cells: CSV, a sheet of a workbook, JSON, a zip; and the refusal of what is not readable."""

import io
import json
import re
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import Any

import xlrd
from python_calamine import CalamineWorkbook

from forecast import tables
from forecast.errors import DataError, listed, look_alike
from forecast.reading import PATTERNS, WANTED
from forecast.tables import Table

XLS, ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
WORKBOOK = "[Content_Types].xml"  # stands in every xlsx, which is a zip too
# Bytes that a zip may unpack to (GTD's 214,000 attacks come to almost a gigabyte), and how many times its own size.
LARGEST, RATIO = 2**31, 200
PLAIN = 1e15  # whole numbers up to here are exact as floats, and are written without a point
Problems = list[tuple[int, str]]


def is_workbook(content: bytes) -> bool:
    """Tell a workbook (xls, xlsx) from text by its first bytes."""
    return content.startswith((XLS, ZIP))


def table(content: bytes, where: str, name: str = "", header: int = 1) -> Table:
    """Read a CSV file, or a sheet of a workbook in the same way.

    Parameters
    ----------
    content : bytes
    where : str
    name : str
        The sheet; the first one if left out.
    header : int
        Row of the sheet that holds the names of columns; blank rows below it are left out.

    Raises
    ------
    DataError
        If the file cannot be opened, the sheet is not there, a column has no name or the name of another, or there
        are no rows.
    """
    if not is_workbook(content):
        return tables.read(content, where)
    rows = sheet(content, where, name)
    names = rows[header - 1] if len(rows) >= header else []
    width = max((at for row in rows[header - 1 :] for at, cell in enumerate(row, 1) if cell), default=0)
    names = names[:width]
    problems = [f"column {at} has no name" for at, cell in enumerate(names, 1) if not cell.strip()]
    problems += [f"`{cell}` stands {names.count(cell)} times" for cell in dict.fromkeys(names) if names.count(cell) > 1]
    if problems:
        raise DataError("the column names cannot be used", f"{where}:{header}", listed(problems))
    found = [(line, row[:width]) for line, row in enumerate(rows, 1) if line > header and any(row)]
    if not found:
        raise DataError("the sheet has no rows", where)
    return Table(where, tuple(names), [row for _, row in found], [line for line, _ in found])


def sheet(content: bytes, where: str, name: str = "") -> list[list[str]]:
    """Read a sheet of a workbook: all rows from the first, as wide as the widest, days as 2019-05-17.

    Raises
    ------
    DataError
        If the workbook is damaged, locked, or unpacks to too much, or has no such sheet.
    """
    if content.startswith(ZIP):
        opened(content, where).close()
        workbook = _guarded(lambda: CalamineWorkbook.from_filelike(io.BytesIO(content)), where)
        chosen = _chosen(name, workbook.sheet_names, where)
        rows = _guarded(lambda: workbook.get_sheet_by_name(chosen).to_python(skip_empty_area=False), where)
    else:
        book = _guarded(lambda: xlrd.open_workbook(file_contents=content, logfile=io.StringIO()), where)
        found = _guarded(lambda: book.sheet_by_name(_chosen(name, book.sheet_names(), where)), where)
        rows = [[_cell(cell, book.datemode, where) for cell in row] for row in found.get_rows()]
    return [[_text(cell) for cell in row] for row in rows]


def _chosen(name: str, names: Sequence[str], where: str) -> str:
    if name and name not in names:
        raise DataError(f"there is no sheet `{name}`", where, hint=look_alike(name, names))
    return name or names[0]


def _cell(cell: Any, datemode: int, where: str) -> object:
    """Read a cell of a workbook in the old format."""
    if cell.ctype == xlrd.XL_CELL_DATE:
        return _guarded(lambda: xlrd.xldate_as_datetime(cell.value, datemode), where)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(cell.value)
    return xlrd.error_text_from_code.get(cell.value, "#") if cell.ctype == xlrd.XL_CELL_ERROR else cell.value


def _guarded(read: Callable[[], Any], where: str) -> Any:
    """Turn whatever a damaged workbook does to its reader, which panics beside raising, into one refusal."""
    try:
        return read()
    except DataError:
        raise
    except BaseException as problem:
        if not isinstance(problem, Exception) and type(problem).__name__ != "PanicException":
            raise
        hint = "is it cut off, locked by a password, or no workbook? fetch it again"
        raise DataError("the workbook cannot be read", where, str(problem)[:200], hint) from None


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < PLAIN:
        return f"{cell:.0f}"
    if isinstance(cell, datetime) and (cell.hour, cell.minute, cell.second, cell.microsecond) == (0, 0, 0, 0):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def opened(content: bytes, where: str) -> zipfile.ZipFile:
    """Open a zip, unless it is damaged, locked, or would unpack to more than is reasonable.

    Raises
    ------
    DataError
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as problem:
        raise DataError("the zip file cannot be opened", where, str(problem), "is it cut off? fetch it again") from None
    size = sum(member.file_size for member in archive.infolist())
    if size > LARGEST or size > RATIO * len(content):
        why = f"{len(content):,} bytes would become {size:,}"
        raise DataError("the zip file unpacks to too much", where, why, "it is not what the publisher offers")
    if any(member.flag_bits & 1 for member in archive.infolist()):
        raise DataError("the zip file is locked by a password", where)
    return archive


def unpacked(content: bytes, where: str) -> tuple[bytes, str]:
    """Take the one file out of a zip; anything else, workbooks too, is given back as it is. Nothing is written.

    Raises
    ------
    DataError
        If the zip is damaged, locked or too large, or holds more than one file or another than CSV.
    """
    if not content.startswith(ZIP):
        return content, where
    archive = opened(content, where)
    names = [name for name in archive.namelist() if not name.endswith("/")]
    if WORKBOOK in names:
        return content, where
    outside = any(name.startswith(("/", "\\")) or ".." in name for name in names)
    if outside or len(names) != 1 or not names[0].lower().endswith(".csv"):
        why = "it holds " + listed([f"`{name[:80]}`" for name in names] or ["nothing"])
        raise DataError("the zip file does not hold one CSV file", where, why)
    where = f"{where}/{names[0].rpartition('/')[2]}"
    try:
        return archive.read(names[0]), where  # checks its length and checksum
    except Exception as problem:
        raise DataError("the zip file is damaged", where, str(problem)[:200], "fetch it again") from None


def json_object(content: bytes, where: str) -> dict[str, Any]:
    """Read a JSON object; numbers stay as they are written.

    Raises
    ------
    DataError
    """

    def refused(word: str) -> None:
        raise ValueError(f"{word} is not a number")

    try:
        found = json.loads(content.decode("utf-8-sig"), parse_float=str, parse_int=str, parse_constant=refused)
    except (ValueError, RecursionError) as problem:
        raise DataError("this is not valid JSON", where, str(problem)[:200], "is it cut off? fetch it again") from None
    if not isinstance(found, dict):
        raise DataError("this is not a JSON object", where)
    return found


def day(cell: str) -> date | None:
    """Read 2019-05-17; None if it is anything else."""
    if not re.fullmatch(PATTERNS["date"], cell):
        return None
    try:
        return date.fromisoformat(cell)
    except ValueError:
        return None


def number_problem(column: str, cell: str) -> str:
    """Say why a cell is no number; blank if it is one."""
    return "" if re.fullmatch(PATTERNS["number"], cell) else f"`{column}` is {cell[:40]!r}, not {WANTED['number']}"


def precision(days: Sequence[date], stands_for: int, where: str) -> str:
    """Tell whether the days of a series stand for themselves, or for their months or years.

    Parameters
    ----------
    days : sequence of date
        Of all rows, with values or without.
    stands_for : int
        The day of the month by which the publisher writes a month.
    where : str

    Raises
    ------
    DataError
        If it is a single row on that day, or rows are months apart in any other way.
    """
    ordered = sorted(days)
    gaps = {(later - earlier).days for earlier, later in pairwise(ordered)}
    if any(gap < 28 for gap in gaps) or not (gaps or ordered[0].day == stands_for):
        return "day"
    months = [one.year * 12 + one.month for one in ordered]
    steps = {later - earlier for earlier, later in pairwise(months)}
    if all(one.day == stands_for for one in ordered):
        if 1 in steps:
            return "month"
        if 12 in steps and all(one.month == 1 for one in ordered) and stands_for == 1:
            return "year"
    why = "its rows are a month or more apart" if gaps else f"its only row is on day {stands_for} of a month"
    hint = "daily, monthly or yearly series with two rows or more can be read"
    raise DataError("what the days of the file stand for cannot be told", where, why, hint)


def out_of_order(days: Sequence[date], lines: Sequence[int]) -> list[str]:
    """Note the first day that stands before an earlier one, in a file that is not simply turned round."""
    if list(days) in (sorted(days), sorted(days, reverse=True)):
        return []
    at = next(at for at in range(1, len(days)) if days[at] < days[at - 1])
    return [f"line {lines[at]}: {days[at]} comes after {days[at - 1]}; the rows are not in order"]


def refuse(problems: Problems, where: str) -> None:
    """Refuse a file with all its problems; go on if there are none.

    Raises
    ------
    DataError
    """
    if problems:
        problems.sort()
        what = "a row cannot be accepted" if len(problems) == 1 else f"{len(problems)} rows cannot be accepted"
        why = listed([f"line {line}: {problem}" for line, problem in problems])
        raise DataError(what, f"{where}:{problems[0][0]}", why, "fetch the file again; nothing is guessed")
