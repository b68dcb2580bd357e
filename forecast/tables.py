"""Strict CSV: text cells exactly as written, or a refusal that names file, line and reason."""

import csv
import io
import re
from dataclasses import dataclass

from forecast.errors import DataError, listed

BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
LINE_END = re.compile(r"\r\n|\r|\n")
SEPARATORS = (",", ";", "\t", "|")
# A quote that opens inside an unquoted cell, or text after a closing quote: readers disagree on both.
CELLS = {
    mark: re.compile(rf'(?:"(?:[^"]|"")*"|[^"{re.escape(mark)}\r\n]*)(?:{re.escape(mark)}|\r\n|\n|\r|$)')
    for mark in SEPARATORS
}


@dataclass(frozen=True)
class Table:
    """A CSV file as text.

    Parameters
    ----------
    where : str
        File name for messages.
    columns : tuple of str
    rows : list of list of str
        As wide as `columns`.
    lines : list of int
        Line on which each row begins.
    """

    where: str
    columns: tuple[str, ...]
    rows: list[list[str]]
    lines: list[int]


def read(data: bytes, where: str, separator: str = ",", rowless: bool = False) -> Table:
    """Read CSV bytes; `NA`, `007` and `NO` stay what they are, and a blank line is no row.

    Parameters
    ----------
    data : bytes
        UTF-8, with or without a byte order mark; lines may end in LF, CRLF or CR.
    where : str
    separator : str
        One of `SEPARATORS`.
    rowless : bool
        Whether a table without rows is one.

    Raises
    ------
    DataError
        With every problem of the file: encoding, NUL, quotes, empty or repeated headers, rows that are
        too short or too long, no rows at all.
    """
    text = _decode(data, where)
    if not text.strip("\r\n"):
        raise DataError("the file is empty", where, hint="a CSV file begins with a row of column names")
    _check_quotes(text, where, separator)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=separator)
    records, lines, before = [], [], 0
    try:
        for record in reader:
            if record:
                records.append(record)
                lines.append(before + 1)
            before = reader.line_num
    except csv.Error as problem:
        raise DataError("this is not valid CSV", f"{where}:{reader.line_num}", str(problem)) from None
    _check_header(records[0], where, separator)
    _check_widths(records, lines, where)
    if len(records) == 1 and not rowless:
        raise DataError("the file has column names and no rows", where)
    return Table(where, tuple(records[0]), records[1:], lines[1:])


def _decode(data: bytes, where: str) -> str:
    for mark, encoding in BOMS.items():
        if data.startswith(mark):
            raise DataError(f"the file is {encoding}, not UTF-8", where, hint=f"iconv -f {encoding} -t UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = _line(data[: problem.start].decode("latin-1"))
        why = f"byte {data[problem.start]:#04x} at offset {problem.start}, "
        if problem.reason == "unexpected end of data":
            raise DataError("the file is cut off inside a character", f"{where}:{line}", f"{why}the last") from None
        raise DataError(
            "the file is not UTF-8",
            f"{where}:{line}",
            f"{why}probably Windows-1252 or Latin-1",
            "save it as UTF-8, or iconv -f WINDOWS-1252 -t UTF-8",
        ) from None
    if "\0" in text:
        at = text.index("\0")
        hint = "is it UTF-16 without a byte order mark? save it as UTF-8" if text.count("\0") > len(text) / 4 else ""
        raise DataError("the file holds a NUL character", f"{where}:{_line(text[:at])}", f"at character {at}", hint)
    return text


def _line(before: str) -> int:
    """Count the line on which what follows `before` stands, whatever ends the lines."""
    return len(LINE_END.findall(before)) + 1


def _check_quotes(text: str, where: str, separator: str) -> None:
    if '"' not in text:
        return
    at = 0
    while at < len(text):
        cell = CELLS[separator].match(text, at)
        if cell is None:
            line = _line(text[:at])
            why = "a quote stands inside an unquoted cell, is followed by text, or is never closed"
            raise DataError("a quote is out of place", f"{where}:{line}", why, 'write a quote inside a cell as ""')
        at = max(cell.end(), at + 1)


def _check_header(header: list[str], where: str, separator: str) -> None:
    problems = [f"column {number} has no name" for number, name in enumerate(header, 1) if not name.strip()]
    problems += [
        f"`{name}` stands {header.count(name)} times" for name in dict.fromkeys(header) if header.count(name) > 1
    ]
    if problems:
        hint = "is it separated by semicolons or tabs?" if len(header) == 1 else ""
        raise DataError("the column names cannot be used", f"{where}:1", listed(problems), hint)
    other = next((mark for mark in SEPARATORS if mark in header[0]), None) if len(header) == 1 else None
    if other is not None:
        hint = "save it with commas, or let a mapping say so: separator"
        raise DataError(f"cells are separated by {other!r}, not by {separator!r}", f"{where}:1", hint=hint)


def _check_widths(records: list[list[str]], lines: list[int], where: str) -> None:
    width = len(records[0])
    wrong = [
        f"line {line}: {len(record)} cells, {width} columns"
        for record, line in zip(records, lines, strict=True)
        if len(record) != width
    ]
    if wrong:
        first = lines[next(number for number, record in enumerate(records) if len(record) != width)]
        raise DataError(
            "rows are not as wide as the header", f"{where}:{first}", listed(wrong), "was a comma left unquoted?"
        )
