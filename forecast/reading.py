"""A table of text to typed events: every cell that cannot be read without guessing is named, all at once."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.catalogue import Source
from forecast.errors import DataError, listed, look_alike
from forecast.events import COLUMNS, KNOWN_BY, PRECISIONS, day
from forecast.tables import Table

REQUIRED = ("record", "kind", "entity", "event_at", "known_at")
DEFAULTS = {"revision": "0", "precision": "day", "known_by": "published", "value": "1", "unit": "1", "n": "1"}
DEFAULTS["retracted"] = "false"
EARLIEST, LATEST = "1900-01-01", "2100-01-01"
PATTERNS = {
    "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "integer": r"[0-9]{1,9}",
    "number": r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?",
    "flag": r"true|false",
}
WANTED = {
    "date": "a date written as 2019-05-17",
    "integer": "a whole number",
    "number": "a number written as 1234.5",
    "flag": "true or false",
}
PERIODS = {"month": "M", "year": "Y"}
Problems = list[tuple[int, str]]


def typed(table: Table, name: str, source: Source, fetched_at: date) -> pd.DataFrame:
    """Type the cells of a source's file and check what they say.

    Parameters
    ----------
    table : Table
    name : str
        The source's key.
    source : Source
    fetched_at : date
        Nothing can have been known later.

    Returns
    -------
    DataFrame
        Every column of the one table, the source's attributes, and `line`.

    Raises
    ------
    DataError
        With every problem of the file.
    """
    _check_columns(table, source)
    rows = pd.DataFrame(table.rows, columns=list(table.columns), dtype="str")
    lines = np.array(table.lines)
    problems: Problems = []
    columns: dict[str, object] = {"source": name}
    for column in (*COLUMNS, *source.columns):
        if column != "source":
            cells = rows[column] if column in rows else _left_out(column, source, len(rows))
            columns[column] = _cells(cells, column, source, lines, problems)
    found = pd.DataFrame(columns)
    found["line"] = lines
    if not problems:
        problems = list(_said(found, source, fetched_at))
    if problems:
        problems.sort()
        what = "a cell cannot be accepted" if len(problems) == 1 else f"{len(problems)} cells cannot be accepted"
        why = listed([f"line {line}: {problem}" for line, problem in problems])
        raise DataError(what, f"{table.where}:{problems[0][0]}", why, "mend the lines named, nothing is guessed")
    return found


def _check_columns(table: Table, source: Source) -> None:
    known = {*COLUMNS, *source.columns} - {"source"}
    for column in table.columns:
        if column not in known:
            hint = look_alike(column, known)
            raise DataError(f"`{column}` is not a column of this source", f"{table.where}:1", hint=hint)
    for column in REQUIRED:
        if column not in table.columns and column not in source.constants:
            hint = "add it, or give it in [constants] of data/sources.toml"
            raise DataError(f"the column `{column}` is missing", f"{table.where}:1", hint=hint)


def _left_out(column: str, source: Source, rows: int) -> pd.Series:
    cell = source.constants.get(column, DEFAULTS.get(column, ""))
    return pd.Series([cell] * rows, dtype="str")


def _cells(cells: pd.Series, column: str, source: Source, lines: NDArray[np.int64], problems: Problems) -> pd.Series:
    """Type one column; blanks stand for a default, or for what is not known."""
    kind = source.type_of(column)
    if column in DEFAULTS and column != "value":
        cells = cells.where(cells != "", DEFAULTS[column])
    if kind == "text":
        return cells
    blank = (cells == "").to_numpy()
    good = np.array(cells.str.fullmatch(PATTERNS[kind]), dtype=bool)
    if kind == "date":
        dates = pd.to_datetime(cells.where(good, None), format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")
        good &= (dates >= day(EARLIEST)).to_numpy() & (dates < day(LATEST)).to_numpy()
    elif kind != "flag":
        numbers = pd.to_numeric(cells.where(good, None), errors="coerce")
        good &= np.isfinite(numbers.to_numpy(float, na_value=np.nan))  # 1e999 is written like a number
    for row in np.flatnonzero(~good & ~(blank & (column not in REQUIRED))):
        problems.append(
            (int(lines[row]), f"`{column}` is {cells.iloc[row][:40]!r}, not {WANTED[kind]}{_hint(cells.iloc[row])}")
        )
    if kind == "date":
        return dates
    if kind == "flag":
        return cells == "true"
    return numbers.fillna(0).astype("int64") if kind == "integer" else numbers.astype("float64")


def _hint(cell: str) -> str:
    if re.fullmatch(r"[0-9]{1,2}[/.][0-9]{1,2}[/.][0-9]{2,4}", cell):
        return " (day or month first? write the year first)"
    if re.fullmatch(r"[+-]?[0-9]{1,3},[0-9]{3}", cell):
        return " (a decimal comma or a thousands separator? write a point, or neither)"
    if re.fullmatch(r"[+-]?[0-9]{1,3}([.][0-9]{3})*,[0-9]+", cell):
        return " (a decimal comma? write a point)"
    if re.fullmatch(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", cell):
        return " (leave out the thousands separators)"
    if cell != cell.strip() or not cell.isascii():
        return " (it holds a space or a character that is not a plain digit)"
    if re.fullmatch(PATTERNS["date"], cell):
        return " (no such day, or outside 1900 to 2100)"
    return ""


def _said(found: pd.DataFrame, source: Source, fetched_at: date) -> Iterator[tuple[int, str]]:
    """Check what typed rows say against each other and against their source."""
    lines = found["line"].to_numpy()

    def wrong(mask: object) -> Iterator[tuple[int, pd.Series]]:
        for row in np.flatnonzero(np.asarray(mask)):
            yield int(lines[row]), found.iloc[row]

    for column in ("record", "kind", "entity"):
        yield from ((line, f"`{column}` is blank") for line, _ in wrong(found[column].str.strip() == ""))
    for column, allowed in (("kind", source.kinds), ("precision", PRECISIONS), ("known_by", KNOWN_BY)):
        for line, row in wrong(~found[column].isin(allowed)):
            yield line, f"`{column}` is `{row[column]}`; {look_alike(row[column], allowed)}"
    units = found["kind"].map(lambda kind: source.units.get(kind, "1"))
    for line, row in wrong(found["unit"] != units):
        unit = source.units.get(row["kind"], "1")
        yield line, f"`unit` is `{row['unit']}`, but values of kind `{row['kind']}` are in `{unit}`"
    yield from ((line, "`n` is 0") for line, _ in wrong(found["n"] < 1))
    missing = found["value"].isna() & ~found["kind"].isin(source.valueless)
    yield from ((line, "`value` is blank") for line, _ in wrong(missing))
    early = found["event_at"] > found["known_at"]
    for line, row in wrong(early & ~found["kind"].isin(source.scheduled)):
        yield line, f"`event_at` {row['event_at']:%Y-%m-%d} is later than `known_at` {row['known_at']:%Y-%m-%d}"
    for precision, period in PERIODS.items():
        ends = found["event_at"].dt.to_period(period).dt.end_time
        vague = (found["precision"] == precision) & ~early & (found["known_at"] < ends.dt.normalize())
        for line, row in wrong(vague):
            yield (
                line,
                f"`known_at` {row['known_at']:%Y-%m-%d} lies within the {precision} of the event, which hides its day",
            )
    for line, row in wrong(found["known_at"] > day(fetched_at)):
        yield line, f"`known_at` {row['known_at']:%Y-%m-%d} is later than the day of the fetch, {fetched_at}"


def near_duplicates(records: pd.Series) -> list[str]:
    """Find keys that differ in case, spaces or the way that accents are written, and nothing else."""
    alike: dict[str, set[str]] = {}
    for record in records.unique():
        alike.setdefault(unicodedata.normalize("NFC", record).casefold().strip(), set()).add(record)
    return [" and ".join(f"`{record}`" for record in sorted(group)) for group in alike.values() if len(group) > 1]


def jumps(rows: pd.DataFrame, factor: float = 50.0, around: int = 21) -> list[str]:
    """Find values of a regular series that are 50 times their neighbours' median, or a 50th of it."""
    rows = rows.sort_values("event_at")
    ratio = rows["value"] / rows["value"].rolling(around, center=True, min_periods=5).median()
    far = rows[(ratio > factor) | (ratio < 1 / factor)]
    return [
        f"`{record}` is {value:g}, {factor:g} times away from its neighbours"
        for record, value in zip(far["record"], far["value"], strict=True)
    ]
