"""The Global Terrorism Database: attacks from 1970 to June 2021, as the workbook that START ships, or as CSV."""

from calendar import monthrange

import pandas as pd

from forecast.delivery import Delivery
from forecast.errors import DataError
from forecast.sources import coding, sheets
from forecast.sources.countries import country

HEADER = (
    "eventid,iyear,imonth,iday,approxdate,extended,resolution,country,country_txt,region,region_txt,provstate,city,"
    "latitude,longitude,specificity,vicinity,location,summary,crit1,crit2,crit3,doubtterr,alternative,alternative_txt,"
    "multiple,success,suicide,attacktype1,attacktype1_txt,attacktype2,attacktype2_txt,attacktype3,attacktype3_txt,"
    "targtype1,targtype1_txt,targsubtype1,targsubtype1_txt,corp1,target1,natlty1,natlty1_txt,targtype2,targtype2_txt,"
    "targsubtype2,targsubtype2_txt,corp2,target2,natlty2,natlty2_txt,targtype3,targtype3_txt,targsubtype3,"
    "targsubtype3_txt,corp3,target3,natlty3,natlty3_txt,gname,gsubname,gname2,gsubname2,gname3,gsubname3,motive,"
    "guncertain1,guncertain2,guncertain3,individual,nperps,nperpcap,claimed,claimmode,claimmode_txt,claim2,claimmode2,"
    "claimmode2_txt,claim3,claimmode3,claimmode3_txt,compclaim,weaptype1,weaptype1_txt,weapsubtype1,weapsubtype1_txt,"
    "weaptype2,weaptype2_txt,weapsubtype2,weapsubtype2_txt,weaptype3,weaptype3_txt,weapsubtype3,weapsubtype3_txt,"
    "weaptype4,weaptype4_txt,weapsubtype4,weapsubtype4_txt,weapdetail,nkill,nkillus,nkillter,nwound,nwoundus,nwoundte,"
    "property,propextent,propextent_txt,propvalue,propcomment,ishostkid,nhostkid,nhostkidus,nhours,ndays,divert,"
    "kidhijcountry,ransom,ransomamt,ransomamtus,ransompaid,ransompaidus,ransomnote,hostkidoutcome,hostkidoutcome_txt,"
    "nreleased,addnotes,scite1,scite2,scite3,dbsource,INT_LOG,INT_IDEO,INT_MISC,INT_ANY,related"
)
OPTIONAL = "individual"  # older files lack it
MISSING = ("-9", "-99")
NOWHERE = "International"  # attacks that GTD puts into no country
KEPT = {  # our column -> theirs
    "record": "eventid",
    "actor": "gname",
    "actor_part": "gsubname",
    "target": "targtype1_txt",
    "target_part": "targsubtype1_txt",
    "target_name": "target1",
    "target_nation": "natlty1_txt",
    "method": "attacktype1_txt",
    "weapon": "weaptype1_txt",
    "success": "success",
    "suicide": "suicide",
    "claimed": "claimed",
    "doubted": "doubtterr",
    "extended": "extended",
    "killed": "nkill",
    "injured": "nwound",
    "attackers": "nperps",
    "hostages": "nhostkid",
    "region": "region_txt",
    "admin1": "provstate",
    "location": "city",
    "lat": "latitude",
    "lon": "longitude",
    "motive": "motive",
    "summary": "summary",
    "cited": "scite1",
    "gathered_by": "dbsource",
    "related": "related",
}
CODED = ("success", "suicide", "claimed", "doubted", "extended", "killed", "injured", "attackers", "hostages")


def parse(content: bytes, where: str) -> Delivery:
    """Read attacks; one whose day or month is not known is dated to the first day of its month or year.

    Raises
    ------
    DataError
        If a column is not one of the format's, or a country or date is not known.
    """
    rows, notes = _rows(content, where)
    problems: list[str] = []
    event_at, precision = _days(rows, problems)
    entity = _entities(rows["country_txt"], problems)
    for line, cell in rows.loc[~rows["eventid"].str.fullmatch("[0-9]{12}"), "eventid"].items():
        problems.append(f"line {line}: `eventid` is {cell[:40]!r}, not 12 digits: did a spreadsheet round it?")
    coding.refuse(problems, where)
    found = {name: rows[column] for name, column in KEPT.items()}
    found |= {name: _coded(found[name]) for name in CODED}
    found |= {"entity": entity, "event_at": event_at, "precision": precision}
    placed = entity != ""
    if not placed.all():
        lines = ", ".join(map(str, rows.index[~placed][:3]))
        notes.append(f"{(~placed).sum()} attacks are put into no country ({NOWHERE}) and left out: line {lines} …")
    layout = f"GTD, {'workbook, ' if sheets.is_workbook(content) else ''}{len(rows.columns)} columns"
    return Delivery(pd.DataFrame(found, dtype="str")[placed], where, layout, notes=tuple(notes))


def _coded(cells: pd.Series) -> pd.Series:
    """Write whole numbers one way, and what is not known as blank."""
    whole = cells.str.removesuffix(".0")
    return whole.where(~whole.isin(MISSING), "")


def _rows(content: bytes, where: str) -> tuple[pd.DataFrame, list[str]]:
    """Read the first sheet of a workbook, or a CSV file: as UTF-8 if it is that, else as ISO-8859-1."""
    notes = []
    if not sheets.is_workbook(content):
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            content = content.decode("iso-8859-1").encode()
            notes = ["the file is not UTF-8 and is read as ISO-8859-1, in which GTD is published"]
    table = sheets.table(content, where)
    needed = [name for name in HEADER.split(",") if name != OPTIONAL]
    coding.check_columns(table.columns, needed, (OPTIONAL,), where, "GTD")
    return pd.DataFrame(table.rows, columns=list(table.columns), index=table.lines, dtype="str"), notes


def _days(rows: pd.DataFrame, problems: list[str]) -> tuple[pd.Series, pd.Series]:
    dates = rows[["iyear", "imonth", "iday"]]
    found = {cells: _day(*cells) for cells in set(dates.itertuples(index=False, name=None))}
    days = [found[cells] for cells in dates.itertuples(index=False, name=None)]
    for line, (day, _) in zip(rows.index, days, strict=True):
        if not day:
            cells = ", ".join(f"`{name}` {dates.at[line, name]!r}" for name in dates)
            problems.append(f"line {line}: {cells} is no date")
    both = pd.DataFrame(days, columns=["day", "precision"], index=rows.index, dtype="str")
    return both["day"], both["precision"]


def _day(year: str, month: str, day: str) -> tuple[str, str]:
    """Put a date together; a day without a month says nothing."""
    if not all(cell.isascii() and cell.isdigit() for cell in (year, month, day)):
        return "", ""
    y, m, d = int(year), int(month), int(day)
    if not 1900 <= y < 2100 or m > 12:
        return "", ""
    if m == 0:
        return f"{y}-01-01", "year"
    if d == 0:
        return f"{y}-{m:02d}-01", "month"
    return (f"{y}-{m:02d}-{d:02d}", "day") if d <= monthrange(y, m)[1] else ("", "")


def _entities(names: pd.Series, problems: list[str]) -> pd.Series:
    found = {NOWHERE: ""}
    for name in names.unique():
        try:
            found[name] = found[name] if name in found else country(name, "name")
        except DataError as problem:
            found[name] = ""
            line = names.index[names == name][0]
            problems.append(f"line {line}: `{names.name}`: {problem.what}; {problem.hint}")
    return names.map(found)
