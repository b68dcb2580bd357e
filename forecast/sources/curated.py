"""The tables that were compiled by hand for this project, as rows of the one table."""

from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta

from forecast.errors import DataError, look_alike

Row = dict[str, str]
KNOWN_BY = {
    "source_date": "published",
    "source_text": "published",
    "portal_date": "published",
    "assumed_same_day": "assumed",
}
LEFT_OUT = "eusanct_"  # cases of another team's dataset, under a licence of their own
TREATIES = "rta_"
AIMED = "us_strike"  # the kind of context of which it is coded against whom
ULTIMATUMS = "iran_60day_demand_"  # demands that expire on their own deadline: not mechanisms


def first_day(text: str) -> str:
    """Turn 2019, 2019-05 or 2019-05-17 into its first day."""
    return (text + "-01-01")[:10]


def last_day(text: str) -> str:
    """Turn 2019, 2019-05 or 2019-05-17 into its last day."""
    if len(text) == 4:
        return f"{text}-12-31"
    if len(text) == 7:
        year, month = int(text[:4]), int(text[5:])
        return f"{text}-{monthrange(year, month)[1]:02d}"
    return text


def known(known_on: str, period: str) -> tuple[str, str]:
    """Find the day from which an event counts as known, and whether that day was published or is assumed.

    Parameters
    ----------
    known_on : str
        Day, month or year of the first report.
    period : str
        Day, month or year in which the event began. A report from within a month cannot tell on which side
        of it an event of that month lies, so the event counts as known from the month's last day.
    """
    last = last_day(known_on)
    if len(period) < len("2019-05-17"):
        last = max(last, last_day(period))
    return last, "published" if last == known_on else "assumed"


def precision(text: str) -> str:
    """Tell year, month and day by the length of a date."""
    return {4: "year", 7: "month", 10: "day"}[len(text)]


def attacks(rows: Iterable[Row]) -> Iterator[Row]:
    """Convert attacks; a range of days is dated to its first day, with month precision.

    Raises
    ------
    DataError
        If the way an attack became known is not one of `KNOWN_BY`.
    """
    kept = (
        *("actor", "attribution", "target", "target_nation", "method", "result", "confidence", "verified"),
        *("known_basis", "killed", "injured", "location", "lat", "lon", "date_end", "summary"),
    )
    for row in rows:
        if row["known_basis"] not in KNOWN_BY:
            hint = look_alike(row["known_basis"], KNOWN_BY)
            raise DataError(f"`{row['known_basis']}` is no known_basis", f"attacks.csv, {row['event_id']}", hint=hint)
        month = row["date_precision"] == "month"
        known_at, _ = known(row["known_on"], row["date_start"][:7] if month else row["date_start"])
        yield {
            "record": row["event_id"],
            "entity": row["country"],
            "event_at": row["date_start"],
            "precision": row["date_precision"],
            "known_at": known_at,
            "known_by": KNOWN_BY[row["known_basis"]] if known_at == row["known_on"] else "assumed",
            **{column: row[column] for column in kept},
            **_cited(row),
        }


def _cited(row: Row) -> Row:
    second = {"url2": row["source2_url"]} if "source2_url" in row else {}
    return {"cited": row["source"], "url": row["source_url"], **second}


def context(rows: Iterable[Row], directions: Iterable[Row]) -> Iterator[Row]:
    """Convert context events, each with the direction and the opponent that were coded for it by hand.

    Raises
    ------
    DataError
        If an event has no direction, or a US strike, and nothing else, does not say against whom.
    """
    coded = {(row["date"], row["kind"], row["actor"]): row for row in directions}
    for row in rows:
        key = (row["date"], row["kind"], row["actor"])
        if key not in coded:
            raise DataError(
                f"no direction is coded for {' '.join(key)}", "data/context_directions.csv", hint="add the row"
            )
        if (row["kind"] == AIMED) != bool(coded[key]["against"]):
            what = f"`against` of {' '.join(key)} is `{coded[key]['against']}`"
            raise DataError(what, "data/context_directions.csv", hint=f"it is said of {AIMED}, and of nothing else")
        yield {
            "record": "-".join(key).replace("/", "+"),
            "kind": row["kind"],
            "entity": row["actor"],
            "event_at": row["date"],
            "known_at": row["known_on"],
            "direction": coded[key]["direction"],
            "against": coded[key]["against"],
            "summary": row["summary"],
            "url": row["source_url"],
        }


def oil_disruptions(rows: Iterable[Row]) -> Iterator[Row]:
    """Convert outages; what is known as of a month is known on its last day.

    Precision is that of the start as written: where the table says month because of the end, the day of
    the start stands.
    """
    kept = ("region", "cause", "asset", "mean_loss_kbd", "duration_days", "status", "verified", "summary")
    for row in rows:
        known_at, known_by = known(row["known_on"], row["start"])
        yield {
            "record": row["event_id"],
            "entity": row["country"],
            "event_at": first_day(row["start"]),
            "precision": precision(row["start"]),
            "known_at": known_at,
            "known_by": known_by,
            "value": row["peak_loss_kbd"],
            **{column: row[column] for column in kept},
            "blamed": row["actor"],
            "ended": row["end"],
            "parent": row["parent_id"],
            **_cited(row),
        }


def brent(rows: Iterable[Row]) -> Iterator[Row]:
    """Convert closing prices, each taken to be known the day after."""
    for row in rows:
        known = date.fromisoformat(row["date"]) + timedelta(days=1)
        yield {
            "record": row["date"],
            "event_at": row["date"],
            "known_at": known.isoformat(),
            "value": row["usd_per_bbl"],
            "by_hand": row["by_hand"],
        }


def mechanisms(mechanisms: Iterable[Row], stages: Iterable[Row], followed: Iterable[Row]) -> Iterator[Row]:
    """Convert stages of mechanisms; deadlines and ends of follow-up become events of their own.

    A deadline stands on no stage, because before `deadline_known_on` nobody knew it; a mechanism's
    summary is left out, because it tells how the story ended.
    """
    said = {row["mechanism_id"]: row for row in mechanisms if not row["mechanism_id"].startswith(LEFT_OUT)}
    for row in stages:
        if row["mechanism_id"] in said:
            yield _stage(row, _described(said[row["mechanism_id"]]))
    sources = {row["mechanism_id"]: row for row in followed}
    for name, row in said.items():
        if row["deadline"]:
            yield _beside(name, "deadline_set", row["deadline_known_on"], _described(row)) | {
                "deadline": row["deadline"],
                "note": row["deadline_set_by"],
                "url": row["source_url"],
            }
        if row["censor_date"]:
            source = sources.get(name, {"note": "", "source_url": row["source_url"]})
            yield _beside(name, "last_seen_open", row["censor_date"], _described(row)) | {
                "basis": row["censor_basis"],
                "note": source["note"],
                "url": source["source_url"],
            }


def _described(row: Row) -> Row:
    """Take over what was so from the beginning."""
    name = row["mechanism_id"]
    return {
        "layer": "rta" if name.startswith(TREATIES) else "core",
        "mechanism": "ultimatum" if name.startswith(ULTIMATUMS) else row["kind"],
        **{column: row[column] for column in ("name", "sponsor", "counterpart", "contested_by")},
        **{column: row[column] for column in ("needs_unanimity", "needs_ratification")},
    }


def _stage(row: Row, described: Row) -> Row:
    scheduled = row["known_on"] < row["date"]
    known_at, known_by = known(row["known_on"], row["known_on"] if scheduled else row["date"])
    return {
        "record": f"{row['mechanism_id']}/{row['stage']}/{row['date']}",
        "kind": row["stage"],
        "entity": row["mechanism_id"],
        "event_at": first_day(row["date"]),
        "precision": precision(row["date"]),
        "known_at": known_at,
        "known_by": known_by,
        **described,
        "note": row["note"],
        "verified": row["verified"],
        "url": row["source_url"],
    }


def _beside(name: str, kind: str, when: str, described: Row) -> Row:
    return {
        "record": f"{name}/{kind}/{when}",
        "kind": kind,
        "entity": name,
        "event_at": when,
        "known_at": when,
        **described,
    }


def iran_eu_trade(rows: Iterable[Row]) -> Iterator[Row]:
    """Convert trade figures, taken to be known two months after their period."""
    for row in rows:
        year, month = int(row["period_end"][:4]), int(row["period_end"][5:7]) + 2
        known = last_day(f"{year + (month - 1) // 12}-{(month - 1) % 12 + 1:02d}")
        yield {
            "record": f"{row['flow']}/{row['period_start']}/{row['period_end']}",
            "event_at": first_day(row["period_start"]),
            "known_at": known,
            "value": row["value_million_eur"],
            **{column: row[column] for column in ("flow", "period_end", "eu_aggregate", "note")},
            **_cited(row),
        }


def bundle(tables: Mapping[str, list[Row]], directions: list[Row]) -> dict[str, list[Row]]:
    """Convert all tables.

    Parameters
    ----------
    tables : mapping of str to list of dict
        Name of the table -> its rows.
    directions : list of dict
        Coded directions and opponents of context events.

    Returns
    -------
    dict of str to list of dict
        Source -> rows, sorted by day and record.
    """
    of_mechanisms = (tables["mechanisms"], tables["mechanism_stages"], tables["mechanism_censor_sources"])
    made: dict[str, Callable[[], Iterable[Row]]] = {
        "attacks": lambda: attacks(tables["attacks"]),
        "context": lambda: context(tables["context"], directions),
        "oil_disruptions": lambda: oil_disruptions(tables["oil_disruptions"]),
        "brent": lambda: brent(tables["brent"]),
        "mechanisms": lambda: mechanisms(*of_mechanisms),
        "iran_eu_trade": lambda: iran_eu_trade(tables["iran_eu_trade"]),
    }
    return {name: sorted(make(), key=lambda row: (row["event_at"], row["record"])) for name, make in made.items()}
