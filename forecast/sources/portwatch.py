"""IMF PortWatch: ships that pass each chokepoint in a day, as the CSV download or an answer of its ArcGIS service."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from forecast.delivery import Delivery, delivery
from forecast.errors import DataError, listed, look_alike
from forecast.sources import sheets

NEEDED = ("date", "portid", "portname", "n_total")
COUNTS = ("n_container", "n_dry_bulk", "n_general_cargo", "n_roro", "n_tanker", "n_cargo")
CAPACITIES = (
    "capacity_container",
    "capacity_dry_bulk",
    "capacity_general_cargo",
    "capacity_roro",
    "capacity_tanker",
    "capacity_cargo",
    "capacity",
)
PARTS = ("year", "month", "day")
KNOWN = (*NEEDED, *COUNTS, *CAPACITIES, *PARTS, "ObjectId")
MIDNIGHT = 86_400_000  # milliseconds of a day
SLASHED = r"([0-9]{4})/([0-9]{2})/([0-9]{2})( 00:00:00(\+00)?)?"
Row = Mapping[str, str]


def parse(content: bytes, where: str) -> Delivery:
    """Read one row a day and chokepoint; days whose total is blank have no row, and are counted.

    Raises
    ------
    DataError
        If a column is missing or not known, only a part of the answer is there, or a cell cannot be read.
    """
    if content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        layout, cells = "PortWatch, ArcGIS answer", list(_features(content, where))
    else:
        table = sheets.table(content, where)
        layout = "PortWatch, CSV download"
        cells = [
            (line, dict(zip(table.columns, row, strict=True)))
            for line, row in zip(table.lines, table.rows, strict=True)
        ]
    _check_columns(list(cells[0][1]), where)
    days, rows, lines = _rows(cells, where)
    if not rows:
        raise DataError("the file holds no count of ships", where)
    notes = _notes(rows, lines)
    if len(rows) < len(cells):
        notes.append(f"{len(cells) - len(rows)} days without a total are left out")
    return delivery(rows, lines, where, layout, (min(days), max(days)), notes=notes)


def _features(content: bytes, where: str) -> Iterator[tuple[int, Row]]:
    answer = sheets.json_object(content, where)
    if "error" in answer:
        raise DataError("PortWatch answered with an error", where, str(answer["error"])[:300])
    inner = answer.get("properties")
    if answer.get("exceededTransferLimit") or (isinstance(inner, dict) and inner.get("exceededTransferLimit")):
        why = "the service sends about a thousand rows at once, and says that there are more"
        raise DataError("the answer is only a part", where, why, "ask for fewer days, or take the CSV download")
    features = answer.get("features")
    if not isinstance(features, list) or not features:
        raise DataError("this is not an answer of PortWatch with rows", where, "it has no `features`")
    for at, feature in enumerate(features, 1):
        attributes = feature.get("attributes") if isinstance(feature, dict) else None
        if not isinstance(attributes, dict):
            raise DataError("a feature has no attributes", f"{where}:{at}")
        yield at, {name: _text(cell) for name, cell in attributes.items()}


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)


def _check_columns(columns: list[str], where: str) -> None:
    problems = [f"`{name}` is missing" for name in NEEDED if name not in columns]
    problems += [f"`{name}` is not known; {look_alike(name, KNOWN)}" for name in columns if name not in KNOWN]
    if problems:
        what = "the columns are not those of PortWatch's daily chokepoints"
        raise DataError(what, f"{where}:1", listed(problems))


def _rows(cells: list[tuple[int, Row]], where: str) -> tuple[list[date], list[dict[str, str]], list[int]]:
    problems: sheets.Problems = []
    seen: dict[tuple[str, date], int] = {}
    rows, lines = [], []
    for line, row in cells:
        found = _problems(row, list(cells[0][1]))
        problems += [(line, problem) for problem in found]
        when = None if found else _day(row["date"])
        if when is None:
            continue
        if seen.setdefault((row["portid"], when), line) != line:
            problems.append((line, f"{row['portid']} on {when} stands on line {seen[row['portid'], when]} too"))
        elif row["n_total"]:
            rows.append(_event(row, when))
            lines.append(line)
    sheets.refuse(problems, where)
    return [when for _, when in seen], rows, lines


def _problems(row: Row, columns: list[str]) -> list[str]:
    if list(row) != columns:
        return ["it has other attributes than the first row"]
    when = _day(row["date"])
    if when is None:
        return [f"`date` is {row['date'][:40]!r}, not a day"]
    found = [] if re.fullmatch(r"chokepoint[0-9]+", row["portid"]) else [f"`portid` is {row['portid'][:40]!r}"]
    told = {"year": when.year, "month": when.month, "day": when.day}
    found += [
        f"`{part}` is {row[part][:40]!r}, but `date` is {when}"
        for part in PARTS
        if part in row and row[part] != str(told[part])
    ]
    for column in ("n_total", *COUNTS, *CAPACITIES):
        cell = row.get(column, "")
        if cell and (problem := sheets.number_problem(column, cell)):
            found.append(problem)
        elif cell.startswith("-"):
            found.append(f"`{column}` is {cell}, below zero")
    return found


def _day(cell: str) -> date | None:
    """Read 2019-05-17, 2019/05/17 with or without midnight, or milliseconds since 1970 at midnight UTC."""
    if re.fullmatch("[0-9]{12,13}", cell):
        return datetime.fromtimestamp(int(cell) / 1000, UTC).date() if int(cell) % MIDNIGHT == 0 else None
    slashed = re.fullmatch(SLASHED, cell)
    return sheets.day("-".join(slashed.groups()[:3]) if slashed else cell)


def _event(row: Row, when: date) -> dict[str, str]:
    return {
        "record": f"{row['portid']}/{when}",
        "entity": row["portid"],
        "event_at": when.isoformat(),
        "known_at": "",
        "value": row["n_total"],
        "name": row["portname"],
        **{column: row.get(column, "") for column in (*COUNTS, *CAPACITIES)},
    }


def _notes(rows: list[dict[str, str]], lines: list[int]) -> list[str]:
    """Count the days on which tankers and cargo ships do not make up the total."""
    odd = [
        line
        for line, row in zip(lines, rows, strict=True)
        if row["n_tanker"] and row["n_cargo"] and float(row["n_tanker"]) + float(row["n_cargo"]) != float(row["value"])
    ]
    return [f"line {odd[0]}: tankers and cargo ships do not make up the total ({len(odd)} such rows)"] if odd else []
