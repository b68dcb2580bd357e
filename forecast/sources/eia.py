"""US EIA: one series as the workbook of its history page, or as an answer of the API, version 2."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from forecast.delivery import Delivery, delivery
from forecast.errors import DataError, look_alike
from forecast.sources import sheets

SHEET, HEADER = "Data 1", 3
# The API answers with the short form, workbooks write the long one at the end of the header.
UNITS = {
    "$/BBL": "USD/bbl",
    "Dollars per Barrel": "USD/bbl",
    "MBBL/D": "kb/d",
    "Thousand Barrels per Day": "kb/d",
}
FIFTEENTH = 15  # a workbook writes a month as its 15th
# what the API calls the spacing of a series -> how its periods look, precision, what is missing to a day
PERIODS = {
    "daily": (r"\d{4}-\d{2}-\d{2}", "day", ""),
    "weekly": (r"\d{4}-\d{2}-\d{2}", "day", ""),
    "monthly": (r"\d{4}-\d{2}", "month", "-01"),
    "annual": (r"\d{4}", "year", "-01-01"),
}
KEYS = ("period", "series", "value", "units")
WEEK = "the rows are weeks apart: averages, each written by the last day of its week"
Row = dict[str, str]


def parse(content: bytes, where: str) -> Delivery:
    """Read one series; periods without a value have no row.

    Raises
    ------
    DataError
        If the layout is neither, it holds several series, only a part of the answer, another unit than those of
        `UNITS`, or a cell that cannot be read.
    """
    return _workbook(content, where) if sheets.is_workbook(content) else _answer(content, where)


def _workbook(content: bytes, where: str) -> Delivery:
    series, title = _head(sheets.sheet(content, where, SHEET), where)
    table = sheets.table(content, where, SHEET, HEADER)
    unit = _unit(title.rpartition("(")[2].rpartition(")")[0], f"{where}:{HEADER}")
    cells = [(line, row[0], row[1]) for line, row in zip(table.lines, table.rows, strict=True)]
    days, rows, lines = _values(cells, sheets.day, where)
    precision = sheets.precision(days, FIFTEENTH, where)
    found = [_row(series, unit, precision, _begun(when, precision), value) for when, value in rows]
    span = (_begun(min(days), precision), _begun(max(days), precision))
    weekly = [WEEK] if _weekly(days) else []
    return delivery(
        found, lines, where, "EIA workbook of one series", span, notes=weekly + sheets.out_of_order(days, lines)
    )


def _head(rows: list[list[str]], where: str) -> tuple[str, str]:
    """Find the id and the title of the one series of a workbook."""
    head = [[cell for cell in row if cell] for row in rows[:HEADER]]
    if len(head) < HEADER or head[1][:1] != ["Sourcekey"] or head[2][:1] != ["Date"]:
        why = "row 2 does not begin with `Sourcekey`, or row 3 not with `Date`"
        raise DataError("this is not a workbook of one EIA series", where, why)
    if len(head[1]) != 2 or len(head[2]) != 2:
        hint = "fetch the workbook of one series, as hist_xls/RBRTEd.xls"
        raise DataError("the workbook does not hold one series", f"{where}:2", f"{len(head[1]) - 1} ids", hint)
    return head[1][1], head[2][1]


def _weekly(days: Sequence[date]) -> bool:
    ordered = sorted(days)
    return len(days) > 1 and all((b - a).days % 7 == 0 for a, b in pairwise(ordered))


def _begun(when: date, precision: str) -> date:
    return when.replace(day=1) if precision == "month" else when


def _row(series: str, unit: str, precision: str, when: date, value: str) -> Row:
    record = when.isoformat()[: {"day": 10, "month": 7, "year": 4}[precision]]
    return {
        "record": record,
        "entity": series,
        "event_at": when.isoformat(),
        "precision": precision,
        "known_at": "",
        "value": value,
        "unit": unit,
    }


def _unit(word: str, where: str) -> str:
    if word not in UNITS:
        raise DataError(f"the unit `{word}` is not known", where, hint=look_alike(word, UNITS))
    return UNITS[word]


def _values(
    cells: Sequence[tuple[int, str, str]], read: Callable[[str], date | None], where: str
) -> tuple[list[date], list[tuple[date, str]], list[int]]:
    """Read periods and values: the days of all, those with a value, and their lines."""
    problems: sheets.Problems = []
    seen: dict[date, int] = {}
    rows, lines = [], []
    for line, period, value in cells:
        when = read(period)
        if when is None:
            problems.append((line, f"{period[:40]!r} is not a period of the series"))
            continue
        if seen.setdefault(when, line) != line:
            problems.append((line, f"{period} stands on line {seen[when]} too"))
        if value and (problem := sheets.number_problem("value", value)):
            problems.append((line, problem))
        elif value:
            rows.append((when, value))
            lines.append(line)
    sheets.refuse(problems, where)
    if not rows:
        raise DataError("the file holds no value", where)
    return list(seen), rows, lines


def _answer(content: bytes, where: str) -> Delivery:
    response = _response(sheets.json_object(content, where), where)
    data = response["data"]
    looks, precision, rest = PERIODS[response["frequency"]]
    cells = [(at, row["period"], row["value"] or "") for at, row in enumerate(data, 1)]

    def read(period: str) -> date | None:
        return sheets.day(period + rest) if re.fullmatch(looks, period) else None

    days, rows, lines = _values(cells, read, where)
    unit = _unit(_only("units", data, where), where)
    series = _only("series", data, where)
    found = [_row(series, unit, precision, when, value) for when, value in rows]
    notes = [WEEK] if response["frequency"] == "weekly" else []
    notes += [f"EIA warns: {warning}" for warning in response.get("warnings", []) if not _of_a_part(warning)]
    return delivery(found, lines, where, "EIA API v2", (min(days), max(days)), notes=notes)


def _of_a_part(warning: object) -> bool:
    """Whether it only says that an answer is a page: by here all rows are there."""
    return isinstance(warning, dict) and warning.get("warning") == "incomplete return"


def _response(answer: dict[str, Any], where: str) -> dict[str, Any]:
    """Check that the answer is one, whole, and that each row says what is needed."""
    if "error" in answer:
        raise DataError("EIA answered with an error", where, str(answer["error"])[:300])
    response = answer.get("response")
    data = response.get("data") if isinstance(response, dict) else None
    if not isinstance(response, dict) or not isinstance(data, list) or not data:
        raise DataError("this is not an answer of the EIA API with data", where, "it has no rows in response.data")
    if str(response.get("total", "")) != str(len(data)):
        why = f"{len(data)} rows of {response.get('total', 'an unknown number')}; an answer holds 5000 at most"
        hint = "fetch it with `pages`; or ask from a later `start`, without an offset, and keep earlier files"
        raise DataError("the answer is only a part", where, why, hint)
    if response.get("frequency") not in PERIODS:
        word = str(response.get("frequency"))
        raise DataError(f"the frequency `{word}` is not known", where, hint=look_alike(word, PERIODS))
    problems = [
        (at, f"`{key}` is missing or no text") for at, row in enumerate(data, 1) for key in KEYS if not _says(row, key)
    ]
    sheets.refuse(problems, where)
    return response


def _says(row: object, key: str) -> bool:
    """Whether a row has a text under a key, or says by null that it has no value."""
    if not isinstance(row, dict) or key not in row:
        return False
    return isinstance(row[key], str) or (key == "value" and row[key] is None)


def _only(key: str, data: Sequence[Row], where: str) -> str:
    found = sorted({row[key] for row in data})
    if len(found) > 1:
        why = ", ".join(f"`{word}`" for word in found[:5])
        raise DataError(f"the answer holds {len(found)} {key}, not one", where, why, "ask for one: facets[series][]")
    return found[0]
