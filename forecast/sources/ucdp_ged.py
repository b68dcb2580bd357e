"""UCDP's Georeferenced Event Dataset and its monthly Candidate files: deaths in organised violence, event by event."""

import re
from calendar import monthrange
from datetime import date

import pandas as pd

from forecast import tables
from forecast.delivery import Delivery
from forecast.errors import DataError
from forecast.sources import coding
from forecast.sources.countries import country
from forecast.tables import Table

HEADER = (
    "id,relid,year,active_year,code_status,type_of_violence,conflict_dset_id,conflict_new_id,conflict_name,"
    "dyad_dset_id,dyad_new_id,dyad_name,side_a_dset_id,side_a_new_id,side_a,side_b_dset_id,side_b_new_id,side_b,"
    "number_of_sources,source_article,source_office,source_date,source_headline,source_original,where_prec,"
    "where_coordinates,where_description,adm_1,adm_2,latitude,longitude,geom_wkt,priogrid_gid,country,country_id,"
    "region,event_clarity,date_prec,date_start,date_end,deaths_a,deaths_b,deaths_civilians,deaths_unknown,best,high,"
    "low,gwnoa,gwnob"
)
KINDS = {"1": "state_based", "2": "non_state", "3": "one_sided"}
# 1 the day; 2 a range of two to six days; 3 a week; 4 a month, or a range of up to 30 days; 5 more, within a year.
PRECISIONS = {"1": "day", "2": "month", "3": "month", "4": "month", "5": "year"}
DAY = r"^([0-9]{4}-[0-9]{2}-[0-9]{2})(?: 00:00:00(?:\.0+)?)?$"
KEPT = {  # our column -> theirs
    "record": "id",
    "value": "best",
    "low": "low",
    "high": "high",
    "conflict": "conflict_name",
    "dyad": "dyad_name",
    "side_a": "side_a",
    "side_b": "side_b",
    "deaths_a": "deaths_a",
    "deaths_b": "deaths_b",
    "deaths_civilians": "deaths_civilians",
    "deaths_unknown": "deaths_unknown",
    "location": "where_description",
    "admin1": "adm_1",
    "admin2": "adm_2",
    "lat": "latitude",
    "lon": "longitude",
    "where_prec": "where_prec",
    "date_prec": "date_prec",
    "event_clarity": "event_clarity",
    "code_status": "code_status",
    "reports": "number_of_sources",
    "summary": "source_headline",
    "cited": "source_office",
}
ANNUAL = re.compile(r"GEDEvent_(v([0-9]{2})_1)(?![0-9_])")
MONTH = re.compile(r"GEDEvent_(v([0-9]{2})_0_(1[0-2]|0?[1-9]))(?![0-9_])")
MONTHS = re.compile(r"GEDEvent_(v([0-9]{2})_(0[1-9]|1[0-2])_([0-9]{2})_(0[1-9]|1[0-2]))(?![0-9_])")
FIRST = date(1989, 1, 1)


def parse(content: bytes, where: str) -> Delivery:
    """Read a file of events; which version it is, and which days it holds, is said by its name alone.

    What is missing from a file of known days was taken back, unless some of its events had to be left out.

    Raises
    ------
    DataError
        If the columns are not the 49 of the format, or a code, date or country is not known.
    """
    table, notes = _table(content, where)
    rows = pd.DataFrame(table.rows, columns=list(table.columns), index=table.lines, dtype="str")
    problems: list[str] = []
    kind = coding.coded(rows["type_of_violence"], KINDS, problems)
    precision = coding.coded(rows["date_prec"], PRECISIONS, problems)
    start, end = (_days(rows[column], problems) for column in ("date_start", "date_end"))
    entity = _entities(rows["country_id"], start.str[:4], problems)
    coding.refuse(problems, where)
    found = {name: rows[column] for name, column in KEPT.items()}
    found |= {"kind": kind, "entity": entity, "event_at": start, "precision": precision, "date_end": end}
    layout, span = _named(where)
    waiting = _waiting(start, end, precision, span)
    notes += [*_left_out(waiting), *_disordered(rows)]
    if span is not None and not start.between(f"{span[0]}", f"{span[1]}").all():
        notes.append("some events lie outside of the days that the file's name says")
        span = None
    span = None if waiting.any() else span  # what is left out here was not taken back
    return Delivery(
        pd.DataFrame(found, dtype="str")[~waiting], where, f"{layout}, 49 columns", span, notes=tuple(notes)
    )


def _waiting(start: pd.Series, end: pd.Series, precision: pd.Series, span: tuple[date, date] | None) -> pd.Series:
    """Find events of which no more than the year is known, in a file that does not hold the whole year."""
    last = f"{span[1]}" if span else end.max()[:7] + "-31"
    return (precision == "year") & (start.str[:4] + "-12-31" > last)


def _left_out(waiting: pd.Series) -> list[str]:
    lines = waiting.index[waiting]
    why = "are dated to a year that is not over in this file, and left out until one holds the whole year"
    return [] if lines.empty else [f"{len(lines)} events {why}: line {lines[0]} first"]


def _table(content: bytes, where: str) -> tuple[Table, list[str]]:
    """Read the file, also the variant that was shipped without its header line."""
    names = HEADER.split(",")
    bare = content.removeprefix(b"\xef\xbb\xbf")
    if bare.split(b",", 1)[0].strip(b'"').isdigit():
        table = tables.read(f"{HEADER}\n".encode() + bare, f"{where} (with a header line before it)")
        lines = [line - 1 for line in table.lines]
        note = "the file has no header line: its 49 columns are taken to be those of the format, in their order"
        return Table(where, table.columns, table.rows, lines), [note]
    table = tables.read(content, where)
    hint = "is it of another version, or another of UCDP's series?"
    coding.check_columns(table.columns, names, (), where, "UCDP GED", hint)
    return table, []


def _days(cells: pd.Series, problems: list[str]) -> pd.Series:
    """Cut midnight off."""
    days = cells.str.extract(DAY, expand=False)
    for line, cell in cells[days.isna()].items():
        problems.append(f"line {line}: `{cells.name}` is {cell[:40]!r}, not a day written as 2019-05-17")
    return days.fillna("")


def _entities(ids: pd.Series, years: pd.Series, problems: list[str]) -> pd.Series:
    pairs = pd.DataFrame({"id": ids, "year": years})
    found: dict[tuple[str, str], str] = {}
    for line, number, year in pairs.drop_duplicates().itertuples():
        try:
            found[number, year] = country(number, "gw", int(year)) if year else ""
        except DataError as problem:
            found[number, year] = ""
            problems.append(f"line {line}: `{ids.name}`: {problem.what}; {problem.hint}")
    return pd.Series([found[pair] for pair in zip(ids, years, strict=True)], index=ids.index, dtype="str")


def _named(where: str) -> tuple[str, tuple[date, date] | None]:
    """Tell version and days by the name under which UCDP publishes a file."""
    if found := MONTHS.search(where):
        return f"UCDP Candidate {found[1]}", (_month(found[2], found[3])[0], _month(found[4], found[5])[1])
    if found := MONTH.search(where):
        return f"UCDP Candidate {found[1]}", _month(found[2], found[3])
    if found := ANNUAL.search(where):
        return f"UCDP GED {found[1]}", (FIRST, date(1999 + int(found[2]), 12, 31))
    return "UCDP GED or Candidate", None


def _month(year: str, month: str) -> tuple[date, date]:
    first = date(2000 + int(year), int(month), 1)
    return first, first.replace(day=monthrange(first.year, first.month)[1])


def _disordered(rows: pd.DataFrame) -> list[str]:
    """Count events whose estimates of deaths are not in order: UCDP's own fault, in about one of a hundred."""
    low, best, high = (pd.to_numeric(rows[column], errors="coerce") for column in ("low", "best", "high"))
    wrong = rows.index[(low > best) | (best > high)]
    if wrong.empty:
        return []
    lines = ", ".join(map(str, wrong[:3])) + (" …" if len(wrong) > 3 else "")
    return [f"{len(wrong)} of {len(rows)} events have not low <= best <= high, kept as they are: line {lines}"]
