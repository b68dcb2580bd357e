"""GDELT's event files: what machines read out of the news, every quarter of an hour or day, tab-separated and bare."""

import csv
import io

import pandas as pd

from forecast.delivery import Delivery
from forecast.errors import DataError, listed
from forecast.sources import coding
from forecast.sources.countries import country

ACTOR = (
    *("Code", "Name", "CountryCode", "KnownGroupCode", "EthnicCode", "Religion1Code", "Religion2Code"),
    *("Type1Code", "Type2Code", "Type3Code"),
)
PLACE = ("Type", "FullName", "CountryCode", "ADM1Code", "ADM2Code", "Lat", "Long", "FeatureID")
HEADER = (
    *("GLOBALEVENTID", "SQLDATE", "MonthYear", "Year", "FractionDate"),
    *(f"Actor{number}{part}" for number in (1, 2) for part in ACTOR),
    *("IsRootEvent", "EventCode", "EventBaseCode", "EventRootCode", "QuadClass", "GoldsteinScale"),
    *("NumMentions", "NumSources", "NumArticles", "AvgTone"),
    *(f"{of}Geo_{part}" for of in ("Actor1", "Actor2", "Action") for part in PLACE),
    *("DATEADDED", "SOURCEURL"),
)
DAILY = tuple(name for name in HEADER if not name.endswith("ADM2Code"))
# columns -> how the format is called, their names, and how long its DATEADDED is
LAYOUTS = {61: ("GDELT 2.0", HEADER, 14), 58: ("GDELT 1.0, daily", DAILY, 8), 57: ("GDELT 1.0", DAILY[:-1], 8)}
KINDS = {f"{number:02d}": f"cameo_{number:02d}" for number in range(1, 21)}
# Places of FIPS 10-4 and GDELT that no country of ISO 3166 holds for sure.
PLACELESS = {
    "OS": "oceans",
    "OC": "oceans",
    "PF": "Paracel Islands",
    "PG": "Spratly Islands",
    "PJ": "southern Kurils",
    "AX": "Akrotiri",
    "DX": "Dhekelia",
}
KEPT = {  # our column -> theirs
    "record": "GLOBALEVENTID",
    "event_code": "EventCode",
    "quad_class": "QuadClass",
    "goldstein": "GoldsteinScale",
    "tone": "AvgTone",
    "mentions": "NumMentions",
    "reports": "NumSources",
    "articles": "NumArticles",
    "root": "IsRootEvent",
    "actor": "Actor1Name",
    "actor_code": "Actor1Code",
    "actor_nation": "Actor1CountryCode",
    "target_actor": "Actor2Name",
    "target_code": "Actor2Code",
    "target_country": "Actor2CountryCode",
    "location": "ActionGeo_FullName",
    "geo_prec": "ActionGeo_Type",
    "lat": "ActionGeo_Lat",
    "lon": "ActionGeo_Long",
    "url": "SOURCEURL",
}
USED = ("SQLDATE", "DATEADDED", "EventRootCode", "ActionGeo_CountryCode")


def parse(content: bytes, where: str) -> Delivery:
    """Read events; those without a country, or dated after the day on which they were read, are left out and counted.

    Raises
    ------
    DataError
        If it is packed, not as wide as a known version, or a date, an event code or a country is not known.
    """
    layout, rows = _rows(content, where)
    title, _, width = LAYOUTS[layout]
    problems: list[str] = []
    known_at = _days(rows["DATEADDED"], width, problems)
    event_at = _days(rows["SQLDATE"], 8, problems)
    kind = coding.coded(rows["EventRootCode"], KINDS, problems)
    entity = _entities(rows["ActionGeo_CountryCode"], problems)
    coding.refuse(problems, where)
    found = {name: rows[column] for name, column in KEPT.items() if column in rows}
    found |= {"kind": kind, "entity": entity, "event_at": event_at, "known_at": known_at}
    late = event_at > known_at
    nowhere = (entity == "") & ~late
    notes = [
        _note(late, "are dated after the day on which they were read, a known fault"),
        _note(nowhere, "have no country of ISO 3166"),
    ]
    kept = pd.DataFrame(found, dtype="str")[~late & ~nowhere]
    return Delivery(kept, where, f"{title}, {layout} columns", notes=tuple(note for note in notes if note))


def _rows(content: bytes, where: str) -> tuple[int, pd.DataFrame]:
    """Tell the version by the width of the lines, and read the columns that are wanted."""
    if content.startswith(b"PK\x03\x04"):
        raise DataError("the file is packed (.zip)", where, hint="unpack it first")
    content = content.replace(b"\r\n", b"\n")
    lines = content.removesuffix(b"\n").split(b"\n")
    widths = [line.count(b"\t") + 1 for line in lines]
    if widths[0] not in LAYOUTS:
        known = ", ".join(f"{width} ({title})" for width, (title, *_) in LAYOUTS.items())
        why = f"its first line has {widths[0]} cells between tabs, that of an event file {known}"
        raise DataError("this is no event file of GDELT", f"{where}:1", why, "mentions and graphs are other files")
    wrong = [f"line {line}: {width} cells" for line, width in enumerate(widths, 1) if width != widths[0]]
    if wrong:
        raise DataError(f"lines have not {widths[0]} cells", where, listed(wrong), "was the file cut off?")
    names = LAYOUTS[widths[0]][1]
    if not lines[0].split(b"\t", 1)[0].isdigit():
        raise DataError("the first line does not begin with the number of an event", f"{where}:1")
    wanted = [name for name in (*KEPT.values(), *USED) if name in names]
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise DataError("the file is not UTF-8", f"{where}:{line}", str(problem)) from None
    rows = pd.read_csv(
        io.StringIO(text, newline="\n"),
        sep="\t",
        names=list(names),
        usecols=wanted,
        dtype="str",
        na_filter=False,
        quoting=csv.QUOTE_NONE,
        lineterminator="\n",
    )
    rows.index = pd.RangeIndex(1, len(rows) + 1)
    return widths[0], rows


def _days(cells: pd.Series, width: int, problems: list[str]) -> pd.Series:
    """Turn 20190517, or 20190517143000, into 2019-05-17."""
    words = pd.Series(cells.unique(), dtype="str")
    days = pd.to_datetime(words.str[:8], format="%Y%m%d", errors="coerce")
    days = days.where(words.str.fullmatch(f"[0-9]{{{width}}}"))
    for word in words[days.isna()]:
        problems.append(
            f"line {cells.index[cells == word][0]}: `{cells.name}` is {word[:40]!r}, not {width} digits of a date"
        )
    return cells.map(dict(zip(words, days.dt.strftime("%Y-%m-%d"), strict=True)))


def _entities(cells: pd.Series, problems: list[str]) -> pd.Series:
    found = dict.fromkeys(("", *PLACELESS), "")
    for code in cells.unique():
        try:
            found[code] = found[code] if code in found else country(code, "fips")
        except DataError as problem:
            problems.append(f"line {cells.index[cells == code][0]}: `{cells.name}`: {problem.what}; {problem.hint}")
    return cells.map(found)


def _note(left_out: pd.Series, why: str) -> str:
    lines = left_out.index[left_out]
    shown = ", ".join(map(str, lines[:3])) + (" …" if len(lines) > 3 else "")
    return f"{len(lines)} of {len(left_out)} events {why}, and are left out: line {shown}" if len(lines) else ""
