"""JODI Oil World Database: the primary table (crude oil and the like) by country and month, as CSV or its zip."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date

import pandas as pd

from forecast.delivery import Delivery
from forecast.errors import DataError, look_alike
from forecast.sources import countries, sheets

HEADER = (
    "REF_AREA",
    "TIME_PERIOD",
    "ENERGY_PRODUCT",
    "FLOW_BREAKDOWN",
    "UNIT_MEASURE",
    "OBS_VALUE",
    "ASSESSMENT_CODE",
)
KINDS = {
    "INDPROD": "production",
    "OSOURCES": "other_sources",
    "TOTIMPSB": "imports",
    "TOTEXPSB": "exports",
    "TRANSBAK": "transfers",
    "DIRECUSE": "direct_use",
    "STOCKCH": "stock_change",
    "STATDIFF": "statistical_difference",
    "REFINOBS": "refinery_intake",
    "CLOSTLV": "",  # a stock at the end of a month, not a flow of barrels a day
}
PRODUCTS = {"CRUDEOIL": "crude", "NGL": "ngl", "OTHERCRUDE": "other", "TOTCRUDE": "total"}
UNITS = {
    "KBD": "kb/d",
    "KBBL": "",
    "KTONS": "",
    "KL": "",
    "CONVBBL": "",
}  # the same figures in other units are left out
MISSING = ("-", "x", "..", "N/A")
MONTH = r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])"
ASSESSMENTS = ("1", "2", "3")
CODES = {"FLOW_BREAKDOWN": KINDS, "ENERGY_PRODUCT": PRODUCTS, "UNIT_MEASURE": UNITS}
Row = tuple[str, ...]


def parse(content: bytes, where: str) -> Delivery:
    """Read flows in thousand barrels a day; other units and missing figures are left out, and counted.

    The whole database has millions of lines, so they are read one by one and only figures are kept.

    Raises
    ------
    DataError
        If it is not the primary table, a code, month or figure is not known, or a figure stands twice.
    """
    content, name = sheets.unpacked(content, where)
    text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")
    left: Counter[str] = Counter()
    months: set[str] = set()
    rows, lines = [], []
    problems: sheets.Problems = []
    for line, row in _lines(text, name):
        if row[1] not in months and not re.fullmatch(MONTH, row[1]):
            problems.append((line, f"`TIME_PERIOD` is {row[1][:40]!r}, not a month written as 2019-05"))
            continue
        months.add(row[1])
        if reason := _left_out(row):
            left[reason] += 1
        elif problem := _problem(row):
            problems.append((line, problem))
        else:
            rows.append(row)
            lines.append(line)
    sheets.refuse(problems, name)
    if not rows:
        raise DataError("the file holds no figure in thousand barrels a day", where, _counted(left))
    found = _table(rows, lines, name)
    span = (date.fromisoformat(f"{min(months)}-01"), date.fromisoformat(f"{max(months)}-01"))
    return Delivery(found, where, "JODI Oil, primary table", span, notes=(_counted(left),) if left else ())


def _lines(text: io.TextIOWrapper, where: str) -> Iterator[tuple[int, Row]]:
    """Read rows as wide as the header, with their lines."""
    reader = csv.reader(text, strict=True)
    problems: sheets.Problems = []
    try:
        header = next(reader, [])
        if tuple(header) != HEADER:
            why = f"its columns are {', '.join(header)[:200]}" if header else "it is empty"
            raise DataError("this is not the primary table of JODI Oil", f"{where}:1", why, ", ".join(HEADER))
        for row in reader:
            if len(row) == len(HEADER):
                yield reader.line_num, tuple(row)
            elif row:
                problems.append((reader.line_num, f"{len(row)} cells, {len(HEADER)} columns; is the file cut off?"))
    except (csv.Error, UnicodeDecodeError) as problem:
        raise DataError("this is not valid CSV", f"{where}:{reader.line_num + 1}", str(problem)[:200]) from None
    sheets.refuse(problems, where)


def _left_out(row: Row) -> str:
    """Say why a row of known codes is not wanted; blank if it is."""
    _, _, product, flow, unit, value, _ = row
    if product not in PRODUCTS or flow not in KINDS or unit not in UNITS:
        return ""
    if not UNITS[unit]:
        return "in other units"
    if not KINDS[flow]:
        return "of closing stocks"
    return "missing" if value in MISSING else ""


def _problem(row: Row) -> str:
    area, _, product, flow, unit, value, assessment = row
    for column, cell in (("ENERGY_PRODUCT", product), ("FLOW_BREAKDOWN", flow), ("UNIT_MEASURE", unit)):
        if cell not in CODES[column]:
            return f"`{column}` is `{cell[:40]}`; {look_alike(cell, CODES[column])}"
    if problem := sheets.number_problem("OBS_VALUE", value):
        return problem
    if assessment not in ASSESSMENTS:
        return f"`ASSESSMENT_CODE` is {assessment[:40]!r}, not 1, 2 or 3"
    return "" if re.fullmatch("[A-Z]{2}", area) else f"`REF_AREA` is {area[:40]!r}, not two letters"


def _table(rows: list[Row], lines: list[int], where: str) -> pd.DataFrame:
    """Lay rows out in the columns of the one table; a figure that stands twice, or an unknown country, is refused."""
    columns = dict(zip(HEADER, zip(*rows, strict=True), strict=True))
    records = ["/".join((area, product, flow, month, unit)) for area, month, product, flow, unit, _, _ in rows]
    twice = pd.Series(records).duplicated()
    problems = [(lines[at], f"`{records[at]}` stands there twice") for at in twice[twice].index]
    entities: dict[tuple[str, str], str] = {}
    for line, (area, month, *_) in zip(lines, rows, strict=True):
        if (area, month[:4]) not in entities:
            try:
                entities[area, month[:4]] = countries.country(area, "iso2", int(month[:4]))
            except DataError as problem:
                entities[area, month[:4]] = ""
                problems.append((line, problem.what))
    sheets.refuse(problems, where)
    cells = {
        "record": records,
        "kind": [KINDS[flow] for flow in columns["FLOW_BREAKDOWN"]],
        "entity": [entities[area, month[:4]] for area, month, *_ in rows],
        "event_at": [f"{month}-01" for month in columns["TIME_PERIOD"]],
        "precision": "month",
        "known_at": "",
        "value": columns["OBS_VALUE"],
        "unit": [UNITS[unit] for unit in columns["UNIT_MEASURE"]],
        "product": [PRODUCTS[product] for product in columns["ENERGY_PRODUCT"]],
        "assessment": columns["ASSESSMENT_CODE"],
    }
    return pd.DataFrame(cells, index=lines, dtype="str")


def _counted(left: Counter[str]) -> str:
    return "left out: " + ", ".join(f"{count:,} rows {reason}" for reason, count in sorted(left.items()))
