"""Geopolitical Risk index of Caldara and Iacoviello: the daily file, and the monthly one with countries."""

import re
from datetime import date

from forecast.delivery import Delivery, delivery
from forecast.errors import DataError, look_alike
from forecast.sources import countries, sheets
from forecast.tables import Table

WORLD = "world"
DAILY = {"GPRD": "gpr_daily", "GPRD_ACT": "gpr_acts_daily", "GPRD_THREAT": "gpr_threats_daily"}
MONTHLY = {
    "GPR": "gpr",
    "GPRT": "gpr_threats",
    "GPRA": "gpr_acts",
    "GPRH": "gpr_historical",
    "GPRHT": "gpr_threats_historical",
    "GPRHA": "gpr_acts_historical",
}
COUNTRY = {"GPRC": "gpr_country", "GPRHC": "gpr_country_historical"}
UNITS = {"gpr_country": "percent of articles", "gpr_country_historical": "percent of articles"}
# Moving averages, counts and shares of articles, other definitions, and the labels that stand beside the data.
LEFT_OUT = (
    *("N10D", "GPRD_MA30", "GPRD_MA7", "event", "date", "var_name", "var_label"),
    *("SHARE_GPR", "N10", "SHARE_GPRH", "N3H", "GPRH_NOEW", "GPR_NOEW", "GPRH_AND", "GPR_AND", "GPRH_BASIC"),
    *("GPR_BASIC", *(f"SHAREH_CAT_{number}" for number in range(1, 9))),
)
Series = tuple[str, str, str, int]  # its column, kind, entity, and where it stands in a row


def parse(content: bytes, where: str) -> Delivery:
    """Read one row a series and period; periods before a series begins have none.

    Raises
    ------
    DataError
        If the header is neither file's, a column or country is not known, or a cell cannot be read.
    """
    table = sheets.table(content, where)
    daily = "DAY" in table.columns
    if daily == ("month" in table.columns):
        why = "it needs a column `DAY` (daily) or `month` (monthly), and not both"
        raise DataError("this is not a file of the GPR index", f"{where}:1", why)
    series = _series(table, DAILY if daily else MONTHLY, daily)
    days = _days(table, daily)
    rows, lines = [], []
    problems: sheets.Problems = []
    for line, row, when in zip(table.lines, table.rows, days, strict=True):
        for column, kind, entity, at in series:
            if row[at] and (problem := sheets.number_problem(column, row[at])):
                problems.append((line, problem))
            elif row[at]:
                rows.append(_row(column, kind, entity, when, daily, row[at]))
                lines.append(line)
    sheets.refuse(problems, where)
    if not rows:
        raise DataError("the file holds no value", where)
    layout = "GPR, daily" if daily else "GPR, monthly with countries"
    notes = sheets.out_of_order(days, table.lines)
    return delivery(rows, lines, where, layout, (min(days), max(days)), notes=notes)


def _series(table: Table, kinds: dict[str, str], daily: bool) -> list[Series]:
    """Tell columns that are read from those that are known and left out."""
    found: list[Series] = []
    problems = []
    for at, name in enumerate(table.columns):
        family, _, code = name.rpartition("_")
        if name in kinds:
            found.append((name, kinds[name], WORLD, at))
        elif family in COUNTRY and not daily:
            try:
                found.append((name, COUNTRY[family], countries.country(code, "iso3"), at))
            except DataError as problem:
                problems.append((1, f"`{name}`: {problem.what}"))
        elif name not in (*LEFT_OUT, "DAY", "month"):
            problems.append((1, f"the column `{name}` is not known; {look_alike(name, (*kinds, *LEFT_OUT))}"))
    sheets.refuse(problems, table.where)
    if not found:
        raise DataError("the file holds no index that is known", f"{table.where}:1", hint=", ".join(kinds))
    return found


def _days(table: Table, daily: bool) -> list[date]:
    name = "DAY" if daily else "month"
    at = table.columns.index(name)
    beside = table.columns.index("date") if daily and "date" in table.columns else None
    problems: sheets.Problems = []
    seen: dict[date, int] = {}
    for line, row in zip(table.lines, table.rows, strict=True):
        when = _day(row[at]) if daily else _month(row[at])
        if when is None:
            problems.append((line, f"`{name}` is {row[at][:40]!r}, not a {'day as 20190517' if daily else 'month'}"))
            continue
        if beside is not None and row[beside] and sheets.day(row[beside]) != when:
            problems.append((line, f"`date` is {row[beside][:40]!r}, but `DAY` is {row[at]}"))
        if seen.setdefault(when, line) != line:
            problems.append((line, f"{row[at]} stands on line {seen[when]} too"))
    sheets.refuse(problems, table.where)
    return list(seen)


def _day(cell: str) -> date | None:
    return sheets.day(f"{cell[:4]}-{cell[4:6]}-{cell[6:]}") if re.fullmatch("[0-9]{8}", cell) else None


def _month(cell: str) -> date | None:
    """Read 2019-05, or the day by which a workbook writes a month: its first.

    Workbooks count a 29 February 1900 that never was, so a day of January or February 1900 may be one too late.
    """
    when = sheets.day(cell if len(cell) > len("2019-05") else f"{cell}-01")
    if when is None or when.day > (2 if when < date(1900, 3, 1) else 1):
        return None
    return when.replace(day=1)


def _row(column: str, kind: str, entity: str, when: date, daily: bool, value: str) -> dict[str, str]:
    period = when.isoformat() if daily else f"{when:%Y-%m}"
    return {
        "record": f"{column}/{period}",
        "kind": kind,
        "entity": entity,
        "event_at": when.isoformat(),
        "precision": "day" if daily else "month",
        "known_at": "",
        "value": value,
        "unit": UNITS.get(kind, "index"),
    }
