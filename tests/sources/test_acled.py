"""ACLED: exports and answers alike, when a row counts as known, deletions, and what is refused."""

import csv
import io
import json

import pandas as pd
import pytest

from forecast.errors import DataError
from forecast.sources import acled
from tests.sources.test_ucdp_ged import accepted

HEADER = (
    "event_id_cnty,event_date,year,time_precision,disorder_type,event_type,sub_event_type,actor1,assoc_actor_1,inter1,"
    "actor2,assoc_actor_2,inter2,interaction,civilian_targeting,iso,region,country,admin1,admin2,admin3,location,"
    "latitude,longitude,geo_precision,source,source_scale,notes,fatalities,tags,timestamp"
)
NAMES = HEADER.split(",")
EVENT = dict.fromkeys(NAMES, "") | {
    "event_id_cnty": "ALD17",
    "event_date": "2023-02-16",
    "year": "2023",
    "time_precision": "1",
    "disorder_type": "Political violence",
    "event_type": "Explosions/Remote violence",
    "sub_event_type": "Shelling/artillery/missile attack",
    "actor1": "Bees",
    "inter1": "Rebel group",
    "iso": "887",
    "country": "Yemen",
    "location": "The mill",
    "latitude": "15.5",
    "longitude": "44.25",
    "notes": "On 16 February, Bees shelled the mill,\nby the river.",
    "fatalities": "2",
    "timestamp": "1677110399",  # 2023-02-22, one second before midnight UTC
}


def export(*changes: dict[str, str], names: list[str] = NAMES) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, names, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows([EVENT | change for change in changes])
    return text.getvalue().encode()


def answer(*changes: dict[str, object], **said: object) -> bytes:
    rows = [EVENT | {"year": 2023, "iso": 887, "fatalities": 2, "tags": None} | change for change in changes]
    return json.dumps({"status": 200, "success": True, "count": len(rows), "data": rows} | said).encode()


def refused(content: bytes) -> str:
    with pytest.raises(DataError) as refusal:
        acled.parse(content, "acled.csv")
    return str(refusal.value)


def test_an_event_becomes_a_row_of_the_one_table() -> None:
    delivery = acled.parse(export({}, {"event_id_cnty": "ALD18"}), "acled.csv")
    assert delivery.layout == "ACLED, CSV, 31 columns, with timestamp"
    assert list(delivery.rows["known_at"]) == ["2023-02-22"] * 2
    assert list(delivery.rows["known_by"]) == ["published"] * 2
    row = accepted(delivery, "acled").iloc[1]
    assert (row["record"], row["kind"], row["entity"], row["precision"]) == ("ALD18", "explosions", "YEM", "day")
    assert (row["event_at"], row["killed"], row["value"], row["unit"]) == (pd.Timestamp("2023-02-16"), 2, 1, "1")
    assert (row["actor"], row["actor_type"], row["line"]) == ("Bees", "Rebel group", 4)


def test_an_answer_says_what_an_export_says() -> None:
    from_export = acled.parse(export({}, {"event_id_cnty": "ALD18"}), "a").rows.reset_index(drop=True)
    from_answer = acled.parse(answer({}, {"event_id_cnty": "ALD18"}), "a").rows.reset_index(drop=True)
    assert from_answer.equals(from_export)
    assert (
        acled.parse(b"\xef\xbb\xbf" + export({}, {"event_id_cnty": "ALD18"}), "a")
        .rows.reset_index(drop=True)
        .equals(from_export)
    )


@pytest.mark.parametrize("kind", acled.KINDS)
def test_every_type_of_event_is_a_kind(kind: str) -> None:
    rows = accepted(acled.parse(export({"event_type": kind}), "a"), "acled")
    assert rows["kind"].item() == acled.KINDS[kind]


@pytest.mark.parametrize("without", [["admin3"], ["timestamp"], ["admin3", "timestamp"]])
def test_exports_without_admin3_or_timestamp_are_told_by_their_header(without: list[str]) -> None:
    names = [name for name in NAMES if name not in without]
    delivery = acled.parse(export({}, names=names), "a")
    assert f"{len(names)} columns" in delivery.layout
    assert ("admin3" in delivery.rows) == ("admin3" not in without)
    assert delivery.rows["known_at"].item() == ("" if "timestamp" in without else "2023-02-22")
    assert len(accepted(delivery, "acled")) == 1


def test_numbers_of_actor_types_are_kept_as_they_are() -> None:
    assert acled.parse(export({"inter1": "2"}), "a").rows["actor_type"].item() == "2"


@pytest.mark.parametrize("vague", ["2", "3"])
def test_an_event_without_an_exact_day_is_not_known_before_its_month_is_over(vague: str) -> None:
    later = {"event_id_cnty": "ALD18", "time_precision": vague, "timestamp": "1680000000"}
    rows = acled.parse(export({"time_precision": vague}, later), "a").rows
    assert list(rows["precision"]) == ["month"] * 2
    assert list(rows["known_at"]) == ["2023-02-28", "2023-03-28"]
    assert list(rows["known_by"]) == ["assumed", "published"]
    assert len(accepted(acled.parse(export({"time_precision": vague}, later), "a"), "acled")) == 2


def test_an_event_without_an_exact_day_waits_where_its_month_is_not_over() -> None:
    delivery = acled.parse(export({}, {"event_id_cnty": "ALD18", "time_precision": "2"}), "a")
    assert list(delivery.rows["record"]) == ["ALD17"]
    assert delivery.notes[0].startswith("1 of 2 events have no exact day")
    unstamped = [name for name in NAMES if name != "timestamp"]
    assert len(acled.parse(export({"time_precision": "2"}, names=unstamped), "a").rows) == 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"event_date": "0025-03-01", "year": "25"}, "`event_date` is '0025-03-01'"),
        ({"event_date": "16 February 2023"}, "not a day written as 2019-05-17"),
        ({"event_date": "2023-02-30"}, "not a day written as 2019-05-17"),
        ({"event_date": "2022-02-16"}, "`event_date` is 2022-02-16 and `year` is '2023'"),
        ({"event_type": "Riot"}, "did you mean `Riots`?"),
        ({"time_precision": "4"}, "`time_precision` is '4'"),
        ({"iso": "1"}, "`1` is no country (isonum)"),
        ({"iso": "0", "country": "Atlantis"}, "`Atlantis` is no country (name)"),
        ({"timestamp": "1677110399000"}, "not seconds since 1970"),
        ({"timestamp": "2023-02-22"}, "not seconds since 1970"),
        ({"timestamp": ""}, "not seconds since 1970"),
    ],
)
def test_what_is_not_known_is_refused_with_its_line(changes: dict[str, str], says: str) -> None:
    text = refused(export({}, changes))
    assert says in text
    assert "line 4" in text


def test_a_country_without_a_number_is_told_by_its_name() -> None:
    assert acled.parse(export({"iso": "0", "country": "Kosovo"}), "a").rows["entity"].item() == "XKX"


def test_columns_that_are_missing_or_not_known_are_refused() -> None:
    names = ["iso3" if name == "iso" else name for name in NAMES]
    text = refused(export({}, names=names))
    assert "`iso` is not there" in text
    assert "`iso3` is not known; did you mean `iso`?" in text


def test_a_file_that_was_cut_is_refused() -> None:
    assert "where:" in refused(export({}, {})[:-60])
    assert "not valid JSON" in refused(answer({}, {})[:-60])
    assert "says `count` 3" in refused(answer({}, {}, count=3))


def test_an_answer_without_events_under_data_is_refused_with_what_it_says() -> None:
    assert "expired" in refused(json.dumps({"success": False, "error": "the key has expired"}).encode())
    assert "no list of events" in refused(b"[1, 2]")
    assert "event 2: its fields" in refused(json.dumps({"data": [EVENT, {"iso": 4}]}).encode())


def test_an_empty_answer_is_a_file_without_rows() -> None:
    assert acled.parse(answer(), "a").rows.empty


@pytest.mark.parametrize(
    "content",
    [
        b"event_id_cnty,deleted_timestamp\nALD3,1677110399\nALD4,1677110400\nALD3,1677110399\n",
        b'{"data": [{"event_id_cnty": "ALD3", "deleted_timestamp": 1}, {"event_id_cnty": "ALD4", '
        b'"deleted_timestamp": "2"}]}',
    ],
)
def test_deletions_take_events_back_and_bring_none(content: bytes) -> None:
    delivery = acled.parse(content, "deleted")
    assert delivery.withdrawn == ("ALD3", "ALD4") == acled.withdrawn(content, "deleted")
    assert delivery.rows.empty
    assert "deletions" in delivery.layout


def test_deletions_are_not_taken_from_events_and_never_blank() -> None:
    with pytest.raises(DataError, match="no list of deleted events"):
        acled.withdrawn(export({}), "a")
    with pytest.raises(DataError, match="without guessing"):
        acled.withdrawn(b"event_id_cnty,deleted_timestamp\n,1677110399\n", "a")


def test_deletions_beside_events_take_back_what_is_not_there_again() -> None:
    gone = [{"event_id_cnty": name, "deleted_timestamp": "1"} for name in ("ALD9", "ALD17", "ALD3", "ALD9")]
    delivery = acled.parse(answer({}, withdrawn=gone), "a")
    assert delivery.withdrawn == ("ALD3", "ALD9")
    assert delivery.rows.equals(acled.parse(answer({}), "a").rows)
    assert acled.parse(answer({}, withdrawn=[]), "a").withdrawn == ()
    assert acled.parse(answer(withdrawn=gone), "a").withdrawn == ("ALD17", "ALD3", "ALD9")


@pytest.mark.parametrize(
    "gone", [[{"event_id_cnty": "", "deleted_timestamp": "1"}], [EVENT], ["ALD3"], "ALD3", {"a": 1}]
)
def test_deletions_beside_events_are_never_blank_nor_events(gone: object) -> None:
    assert "where:" in refused(answer({}, withdrawn=gone))


def test_an_account_that_may_not_read_the_latest_events_is_noted() -> None:
    limits = {"date_recency": {"quantity": 12, "unit": "Months", "date": "2025-08-29"}}
    notes = acled.parse(answer({}, data_query_restrictions=limits), "a").notes
    assert notes == ("ACLED says that this account may read events up to 2025-08-29 only",)
    for none in (None, [], {}, {"date_recency": None}, {"date_recency": {}}):
        assert acled.parse(answer({}, data_query_restrictions=none), "a").notes == ()
