"""NGA's Anti-Shipping Activity Messages: attacks on ships and threats to them, 1978 to 2023, by navigational area."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from forecast import tables
from forecast.delivery import Delivery
from forecast.errors import DataError, listed, look_alike
from forecast.sources import coding

COLUMNS = ("reference", "date", "position", "navArea", "subreg", "hostility", "victim", "description")
DEGREES = ("latitude", "longitude")  # the interface gives them beside the position, downloads do not
NAMELESS = "nothing"  # the column after the last comma of downloads
AREAS = (
    *("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV", "XVI"),
    *("XVII", "XVIII", "XIX", "XX", "XXI"),
)
ANGLE = r"([0-9]{1,3})°(?:([0-9]{1,2})'(?:([0-9]{1,3}(?:\.[0-9]*)?)\")?)?"
POSITION = re.compile(rf"{ANGLE}([NS])\s*{ANGLE}([EW])")
KEPT = {  # our column -> theirs
    "record": "reference",
    "event_at": "date",
    "position": "position",
    "nav_area": "navArea",
    "subregion": "subreg",
    "hostility": "hostility",
    "victim": "victim",
    "summary": "description",
}


def parse(content: bytes, where: str) -> Delivery:
    """Read messages; the entity is the navigational area (`NAVIX`), or the subregion (`SUB62`) where none is given.

    Raises
    ------
    DataError
        If a column, an area, a day or a position cannot be read.
    """
    rows, layout = _rows(content, where)
    problems: list[str] = []
    entity = _entities(rows, problems)
    lat, lon = _degrees(rows, problems)
    for line, cell in rows.loc[~rows["date"].str.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}"), "date"].items():
        problems.append(f"line {line}: `date` is {cell[:40]!r}, not a day written as 2019-05-17")
    coding.refuse(problems, where)
    found = {name: rows[column] for name, column in KEPT.items()}
    found["position"] = rows["position"].str.replace(r"\s+", " ", regex=True).str.strip()
    found |= {"entity": entity, "lat": lat, "lon": lon}
    events = pd.DataFrame(found, dtype="str")
    again = events.duplicated()
    notes = [f"line {line}: `{name!s}` stands there twice" for line, name in events.loc[again, "record"].items()]
    return Delivery(events[~again], where, f"ASAM, {layout}, {len(rows.columns)} columns", notes=tuple(notes))


def _rows(content: bytes, where: str) -> tuple[pd.DataFrame, str]:
    """Tell an answer of the interface from a download by how it begins."""
    layout = "JSON" if content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[") else "CSV"
    rows = _answer(content, where) if layout == "JSON" else _download(content, where)
    needed = (*COLUMNS, *DEGREES) if any(name in rows for name in DEGREES) else COLUMNS
    coding.check_columns(list(rows.columns), needed, DEGREES, where, "ASAM")
    return rows, layout


def _download(content: bytes, where: str) -> pd.DataFrame:
    head, mark, rest = content.partition(b"\n")
    if head.rstrip(b"\r").endswith(b","):
        content = head.rstrip(b"\r") + NAMELESS.encode() + mark + rest
    table = tables.read(content, where)
    rows = pd.DataFrame(table.rows, columns=list(table.columns), index=table.lines, dtype="str")
    if NAMELESS not in rows:
        return rows
    full = [f"line {line}: {cell[:40]!r}" for line, cell in rows.loc[rows[NAMELESS] != "", NAMELESS].items()]
    if full:
        raise DataError("the last column has no name and is not empty", f"{where}:1", listed(full))
    return rows.drop(columns=NAMELESS)


def _answer(content: bytes, where: str) -> pd.DataFrame:
    try:
        answer: Any = json.loads(content.decode("utf-8-sig"))
    except ValueError as problem:
        raise DataError("this is not valid JSON", where, str(problem), "was the answer cut off?") from None
    found = answer.get("asam") if isinstance(answer, Mapping) else None
    if not isinstance(found, list) or not found or not all(isinstance(row, Mapping) for row in found):
        raise DataError("the answer has no messages under `asam`", where)
    short = [
        f"message {at}: its fields are not those of the first"
        for at, row in enumerate(found, 1)
        if row.keys() != found[0].keys()
    ]
    if short:
        raise DataError("messages have not the same fields", where, listed(short))
    cells = [{name: "" if cell is None else str(cell) for name, cell in row.items()} for row in found]
    return pd.DataFrame(cells, index=range(1, len(cells) + 1), dtype="str")


def _entities(rows: pd.DataFrame, problems: list[str]) -> pd.Series:
    area, subregion = rows["navArea"], rows["subreg"]
    for line, cell in area[~area.isin(["", *AREAS])].items():
        problems.append(f"line {line}: `navArea` is {cell[:40]!r}; {look_alike(cell, AREAS)}")
    for line, cell in subregion[~subregion.str.fullmatch("[0-9]{0,2}")].items():
        problems.append(f"line {line}: `subreg` is {cell[:40]!r}, not a number of two digits")
    for line in rows.index[(area == "") & (subregion == "")]:
        problems.append(f"line {line}: neither `navArea` nor `subreg` says where it was")
    return ("NAV" + area).where(area != "", "SUB" + subregion)


def _degrees(rows: pd.DataFrame, problems: list[str]) -> tuple[pd.Series, pd.Series]:
    """Take latitude and longitude as they are given, else read them off the position."""
    if DEGREES[0] in rows:
        return rows[DEGREES[0]], rows[DEGREES[1]]
    found = {}
    for line, cell in rows["position"].items():
        try:
            found[line] = _position(cell) if cell else ("", "")
        except ValueError:
            found[line] = ("", "")
            problems.append(f"""line {line}: `position` is {cell[:40]!r}, not like 26°30'00"N 56°15'00"E""")
    both = pd.DataFrame(list(found.values()), columns=list(DEGREES), index=rows.index, dtype="str")
    return both[DEGREES[0]], both[DEGREES[1]]


def _position(cell: str) -> tuple[str, str]:
    """Turn degrees, minutes and seconds into degrees, to five decimals (about a metre)."""
    match = POSITION.fullmatch(cell.strip())
    if match is None:
        raise ValueError(cell)
    north, east = _angle(*match.group(1, 2, 3, 4)), _angle(*match.group(5, 6, 7, 8))
    if abs(north) > 90 or abs(east) > 180:
        raise ValueError(cell)
    return f"{north:.5f}", f"{east:.5f}"


def _angle(degrees: str, minutes: str | None, seconds: str | None, side: str) -> float:
    sixtieths, seconds_of_arc = float(minutes or 0), float(seconds or 0)
    if sixtieths > 60 or seconds_of_arc > 60:  # 60 itself is written, for the next degree or minute
        raise ValueError(f"{degrees} {minutes} {seconds}")
    angle = float(degrees) + sixtieths / 60 + seconds_of_arc / 3600
    return -angle if side in "SW" else angle
