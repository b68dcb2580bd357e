"""ACLED: conflict events and protests, as its export (CSV) or its interface (JSON) gives them, and its deletions."""

import json
from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeGuard

import pandas as pd

from forecast import tables
from forecast.delivery import Delivery
from forecast.errors import DataError
from forecast.sources import coding
from forecast.sources.countries import country

KINDS = {
    "Battles": "battles",
    "Explosions/Remote violence": "explosions",
    "Violence against civilians": "violence_against_civilians",
    "Protests": "protests",
    "Riots": "riots",
    "Strategic developments": "strategic_developments",
}
# 1 the day; 2 and 3 one that the coder chose, within a week or a month.
PRECISIONS = {"1": "day", "2": "month", "3": "month"}
KEPT = {  # our column -> theirs
    "record": "event_id_cnty",
    "disorder_type": "disorder_type",
    "sub_event_type": "sub_event_type",
    "actor": "actor1",
    "actor_with": "assoc_actor_1",
    "actor_type": "inter1",
    "target_actor": "actor2",
    "target_with": "assoc_actor_2",
    "target_type": "inter2",
    "interaction": "interaction",
    "civilian_targeting": "civilian_targeting",
    "region": "region",
    "admin1": "admin1",
    "admin2": "admin2",
    "admin3": "admin3",
    "location": "location",
    "lat": "latitude",
    "lon": "longitude",
    "geo_prec": "geo_precision",
    "date_prec": "time_precision",
    "cited": "source",
    "source_scale": "source_scale",
    "summary": "notes",
    "killed": "fatalities",
    "tags": "tags",
}
USED = ("event_date", "year", "event_type", "iso", "country", "timestamp")
OPTIONAL = ("admin3", "timestamp", "population_1km", "population_2km", "population_5km", "population_best")
NEEDED = tuple(name for name in (*KEPT.values(), *USED) if name not in OPTIONAL)
DELETIONS = {"event_id_cnty", "deleted_timestamp"}
Answer = Mapping[str, Any]
FAR = 253_402_300_800  # the year 10000, in seconds: a timestamp in milliseconds lies beyond it


def parse(content: bytes, where: str) -> Delivery:
    """Read events, or the list of events that ACLED deleted, or both in one file, as `forecast fetch` joins them.

    An event counts as known from the day (UTC) on which its row was last uploaded, which is all that ACLED says. One
    whose day is not exact counts as known from the end of its month, if it was uploaded before that; it is left out
    of a file whose latest upload is earlier still, and comes with the next.

    Raises
    ------
    DataError
        If a column, a code, a country or a date is not known.
    """
    rows, layout, beside = _rows(content, where)
    if set(rows.columns) == DELETIONS:
        gone = _records(rows, where)
        return Delivery(rows.iloc[:0, :0], where, f"ACLED deletions, {layout}", withdrawn=gone)
    hint = "exports from before March 2023 had other columns: export it again"
    coding.check_columns(list(rows.columns), NEEDED, OPTIONAL, where, "ACLED", hint)
    problems: list[str] = []
    kind = coding.coded(rows["event_type"], KINDS, problems)
    precision = coding.coded(rows["time_precision"], PRECISIONS, problems)
    event_at = _days(rows, problems)
    entity = _entities(rows, problems)
    uploaded = _uploaded(rows, problems)
    coding.refuse(problems, where)
    known_at, known_by = _known(uploaded, event_at, precision)
    waiting = known_at > uploaded.max()
    found = {name: rows[column] for name, column in KEPT.items() if column in rows}
    found |= {"kind": kind, "entity": entity, "event_at": event_at, "precision": precision}
    found |= {"known_at": known_at, "known_by": known_by}
    stamped = "with" if "timestamp" in rows else "without"
    layout = f"ACLED, {layout}, {len(rows.columns)} columns, {stamped} timestamp"
    gone = _gone(beside, rows["event_id_cnty"], where)
    notes = _waiting(waiting) + _restricted(beside)
    return Delivery(pd.DataFrame(found, dtype="str")[~waiting], where, layout, withdrawn=gone, notes=notes)


def withdrawn(content: bytes, where: str) -> tuple[str, ...]:
    """Read which events ACLED deleted.

    Raises
    ------
    DataError
        If it is not a file of deletions.
    """
    rows, _, _ = _rows(content, where)
    return _records(rows, where)


def _records(rows: pd.DataFrame, where: str) -> tuple[str, ...]:
    if set(rows.columns) != DELETIONS:
        why = f"its columns are {', '.join(rows.columns)}"
        raise DataError("this is no list of deleted events", where, why, "it has event_id_cnty and deleted_timestamp")
    problems = [f"line {line}: `event_id_cnty` is blank" for line in rows.index[rows["event_id_cnty"] == ""]]
    coding.refuse(problems, where)
    return tuple(rows["event_id_cnty"].drop_duplicates())


def _gone(beside: Answer, records: pd.Series, where: str) -> tuple[str, ...]:
    """Read the deletions beside the events of an answer; an event that is there again is not gone."""
    if not beside.get("withdrawn"):
        return ()
    gone = _records(_listed(beside["withdrawn"], where), where)
    return tuple(sorted({*gone} - {*records}))


def _restricted(beside: Answer) -> tuple[str, ...]:
    """Note that an account may not read the latest events: their absence means nothing."""
    limits = beside.get("data_query_restrictions")
    recency = limits.get("date_recency") if isinstance(limits, Mapping) else None
    last = recency.get("date") if isinstance(recency, Mapping) else None
    return (f"ACLED says that this account may read events up to {str(last)[:20]} only",) if last else ()


def _rows(content: bytes, where: str) -> tuple[pd.DataFrame, str, Answer]:
    """Tell an answer of the interface from an export by how it begins; give what stands beside its events too."""
    if content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] not in (b"{", b"["):
        table = tables.read(content, where, rowless=True)
        return pd.DataFrame(table.rows, columns=list(table.columns), index=table.lines, dtype="str"), "CSV", {}
    try:
        answer: Any = json.loads(content.decode("utf-8-sig"))
    except ValueError as problem:
        raise DataError("this is not valid JSON", where, str(problem), "was the answer cut off?") from None
    beside = answer if isinstance(answer, Mapping) else {"data": answer}
    found = beside.get("data")
    if not _is_list(found) or not _is_list(beside.get("withdrawn", [])):
        said = beside.get("error") or beside.get("message") or ""
        raise DataError(
            "the answer has no list of events under `data`", where, f"it says: {said}"[:200] if said else ""
        )
    if str(beside.get("count", len(found))) != str(len(found)):
        raise DataError(f"the answer holds {len(found)} events and says `count` {beside['count']}", where)
    return _listed(found, where), "JSON", beside


def _is_list(found: object) -> TypeGuard[list[Mapping[str, object]]]:
    return isinstance(found, list) and all(isinstance(row, Mapping) for row in found)


def _listed(found: Sequence[Mapping[str, object]], where: str) -> pd.DataFrame:
    cells = [{name: _text(cell) for name, cell in row.items()} for row in found]
    lines = range(1, len(cells) + 1)
    short = [line for line, row in zip(lines, cells, strict=True) if row.keys() != cells[0].keys()]
    coding.refuse([f"event {line}: its fields are not those of the first" for line in short], where)
    columns = list(cells[0]) if cells else [*NEEDED, "timestamp"]
    return pd.DataFrame(cells, columns=columns, index=lines, dtype="str")


def _text(cell: object) -> str:
    return "" if cell is None else str(cell)


def _days(rows: pd.DataFrame, problems: list[str]) -> pd.Series:
    """Check days against their years: years like 0025 have been seen."""
    days = pd.to_datetime(rows["event_date"], format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")
    good = days.notna() & (rows["event_date"].str.len() == len("2019-05-17")) & (days.dt.year >= 1900)
    for line, cell in rows.loc[~good, "event_date"].items():
        problems.append(f"line {line}: `event_date` is {cell[:40]!r}, not a day written as 2019-05-17")
    for line, day, year in rows.loc[
        good & (rows["event_date"].str[:4] != rows["year"]), ["event_date", "year"]
    ].itertuples():
        problems.append(f"line {line}: `event_date` is {day} and `year` is {year[:10]!r}")
    return rows["event_date"].where(good, "")


def _entities(rows: pd.DataFrame, problems: list[str]) -> pd.Series:
    """Find countries by number, or by name where there is no number: Kosovo has none."""
    found: dict[tuple[str, str], str] = {}
    for line, number, name in rows[["iso", "country"]].drop_duplicates().itertuples():
        try:
            found[number, name] = country(number, "isonum") if number.strip("0") else country(name, "name")
        except DataError as problem:
            found[number, name] = ""
            problems.append(f"line {line}, `iso` and `country`: {problem.what}; {problem.hint}")
    pairs = zip(rows["iso"], rows["country"], strict=True)
    return pd.Series([found[pair] for pair in pairs], index=rows.index, dtype="str")


def _uploaded(rows: pd.DataFrame, problems: list[str]) -> pd.Series:
    """Find the day of each row's last upload; blank in a file that does not say."""
    if "timestamp" not in rows:
        return pd.Series("", index=rows.index, dtype="str")
    stamps = rows["timestamp"]
    days = stamps.map({cell: _day_of(cell) for cell in stamps.unique()})
    for line, cell in stamps[days == ""].items():
        problems.append(f"line {line}: `timestamp` is {cell[:40]!r}, not seconds since 1970")
    return days


def _known(uploaded: pd.Series, event_at: pd.Series, precision: pd.Series) -> tuple[pd.Series, pd.Series]:
    ends = event_at.map({day: _month_end(day) for day in event_at.unique()})
    early = (uploaded != "") & (precision != "day") & (uploaded < ends)
    by = pd.Series("published", index=uploaded.index, dtype="str").where(uploaded != "", "")
    return uploaded.where(~early, ends), by.where(~early, "assumed")


def _waiting(waiting: pd.Series) -> tuple[str, ...]:
    lines = waiting.index[waiting]
    if lines.empty:
        return ()
    why = "have no exact day and lie in a month that was not over at the latest upload: they are left out"
    return (f"{len(lines)} of {len(waiting)} events {why}, line {lines[0]} first",)


def _day_of(stamp: str) -> str:
    if not stamp.isascii() or not stamp.isdigit() or not 0 < int(stamp) < FAR:
        return ""
    return datetime.fromtimestamp(int(stamp), UTC).date().isoformat()


def _month_end(day: str) -> str:
    return f"{day[:7]}-{monthrange(int(day[:4]), int(day[5:7]))[1]:02d}"
