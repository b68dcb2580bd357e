"""Cells of a CSV that is written: numbers at full precision, and no text that a program for tables would obey."""

import csv
import io
import math
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # a cell that begins so is obeyed by programs for tables
GUARD = "'"


def table(columns: Sequence[str], rows: Iterable[Iterable[Any]]) -> bytes:
    """Write values below the names of their columns as CSV in UTF-8."""
    return written([columns, *([cell(value) for value in row] for row in rows)])


def written(rows: Iterable[Sequence[str]]) -> bytes:
    """Write cells as CSV in UTF-8."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


def cell(value: Any) -> str:
    """Write one cell: nothing for None or what is no number, a text that might be obeyed behind an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, str):
        return GUARD + value if value.startswith((*FORMULA, GUARD)) else value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return repr(float(value)) if math.isfinite(value) else ""
    return value.isoformat() if isinstance(value, (date, datetime)) else repr(value)


def text(cell: str) -> str:
    """Read a cell of text back."""
    return cell.removeprefix(GUARD)
