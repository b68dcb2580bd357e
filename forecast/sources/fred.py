"""FRED: one series as the CSV file of its graph."""

import re
from datetime import date

from forecast.delivery import Delivery, delivery
from forecast.errors import DataError
from forecast.sources import sheets
from forecast.tables import Table

DATES = ("observation_date", "DATE")  # today's header, and the one before
MISSING = ("", ".")
LAYOUTS = {"observation_date": "FRED graph, CSV", "DATE": "FRED graph, CSV with its former header"}
FIRST = 1  # a month is written as its first day


def parse(content: bytes, where: str) -> Delivery:
    """Read the observations of one series; days without one have no row.

    Raises
    ------
    DataError
        If the header is not FRED's, it holds several series, or a cell cannot be read.
    """
    table = sheets.table(content, where)
    series = _series(table)
    days, rows, lines = _observations(table, series)
    if not rows:
        raise DataError("the file holds no observation", where)
    precision = sheets.precision(days, FIRST, where)
    notes = sheets.out_of_order(days, table.lines)
    found = [row | {"precision": precision} for row in rows]
    return delivery(found, lines, where, LAYOUTS[table.columns[0]], (min(days), max(days)), notes=notes)


def _series(table: Table) -> str:
    first, names = table.columns[0], table.columns[1:]
    if first not in DATES:
        why = f"its first column is `{first}`, not `{DATES[0]}` or `{DATES[1]}`"
        hint = "fetch it from fred.stlouisfed.org/graph/fredgraph.csv?id=SERIES"
        raise DataError("this is not a CSV file of FRED", f"{table.where}:1", why, hint)
    if len(names) != 1 or not re.fullmatch(r"[A-Z0-9_]+", names[0]):
        why = "its columns are " + ", ".join(f"`{name}`" for name in table.columns)
        raise DataError("the file does not hold one series", f"{table.where}:1", why, "ask for one id")
    return names[0]


def _observations(table: Table, series: str) -> tuple[list[date], list[dict[str, str]], list[int]]:
    problems: sheets.Problems = []
    days: list[date] = []
    seen: dict[date, int] = {}
    rows, lines = [], []
    for line, (cell, value) in zip(table.lines, table.rows, strict=True):
        when = sheets.day(cell)
        if when is None:
            problems.append((line, f"`{table.columns[0]}` is {cell[:40]!r}, not a date written as 2019-05-17"))
            continue
        if seen.setdefault(when, line) != line:
            problems.append((line, f"{when} stands on line {seen[when]} too"))
        days.append(when)
        if value in MISSING:
            continue
        if problem := sheets.number_problem(series, value):
            problems.append((line, problem))
        rows.append({"record": cell, "entity": series, "event_at": cell, "known_at": "", "value": value})
        lines.append(line)
    sheets.refuse(problems, table.where)
    return days, rows, lines
