"""The door: what a snapshot holds, what no order or later row can change, and what is refused."""

import hashlib
import tempfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.archive import Archive
from forecast.errors import CoverageError, DataError, SpecError, UsageError
from forecast.events import COLUMNS, dtype

SOURCES = """
[posts]
title = "Posts at the border"
publisher = "invented"
licence = "CC0-1.0"
url = "https://example.org"
kinds = ["closed", "opened", "planned", "fee"]
units = { fee = "EUR/t" }
scheduled = ["planned"]
valueless = ["fee"]

[posts.columns]
cause = { meaning = "why" }
staff = { meaning = "people on duty", type = "number" }
until = { meaning = "announced end", type = "date" }
"""
TOLL = """
[toll]
title = "Toll"
publisher = "invented"
licence = "CC0-1.0"
url = "https://example.org"
kinds = ["rate"]
units = { rate = "EUR" }
constants = { kind = "rate", entity = "bridge", unit = "EUR", precision = "day" }
series = true
"""
HEADER = "record,kind,entity,event_at,known_at"
GOOD = f"{HEADER}\na,closed,north,2020-01-01,2020-01-02\nb,closed,south,2020-02-01,2020-02-03\n"
THROUGH = "through = 2020-12-31\n"


def desk(root: Path, events: str | bytes = GOOD, beside: str | None = THROUGH, name: str = "2021-01-01") -> Path:
    """Lay out a data folder of one source with one fetch; called again, it adds another fetch."""
    folder = root / "events" / "posts"
    folder.mkdir(parents=True, exist_ok=True)
    (root / "sources.toml").write_text(SOURCES, encoding="utf-8")
    (folder / f"{name}.csv").write_bytes(events.encode() if isinstance(events, str) else events)
    if beside is not None:
        (folder / f"{name}.toml").write_text(beside, encoding="utf-8")
    return root


def refusal(root: Path) -> DataError:
    with pytest.raises(DataError) as refused:
        Archive(root)
    return refused.value


def with_cell(column: str, cell: str) -> str:
    """Write one good row with one cell changed or added."""
    row = {"record": "a", "kind": "closed", "entity": "north", "event_at": "2020-01-01", "known_at": "2020-01-02"}
    row |= {column: cell}
    return ",".join(row) + "\n" + ",".join(f'"{value}"' for value in row.values()) + "\n"


# What a snapshot holds.


def test_a_row_is_there_from_the_day_after_it_became_known(tmp_path: Path) -> None:
    archive = Archive(desk(tmp_path))
    with pytest.raises(CoverageError):
        archive.as_of(date(2021, 1, 1))
    assert len(archive.as_of(date(2020, 12, 31)).events) == 2
    assert list(archive.as_of(date(2020, 2, 3)).events["record"]) == ["a"]
    assert list(archive.as_of(date(2020, 2, 4)).events["record"]) == ["a", "b"]


def test_the_last_revision_known_by_then_stands_and_a_retracted_record_is_gone(tmp_path: Path) -> None:
    header = "record,revision,kind,entity,event_at,known_at,staff,retracted"
    first = "a,0,closed,north,2020-01-01,2020-01-02,3,false"
    second = "a,1,closed,north,2020-01-01,2020-01-05,4,"
    third = "a,2,closed,north,2020-01-01,2020-01-09,4,true"
    other = "b,0,closed,south,2020-01-01,2020-01-01,,"
    archive = Archive(desk(tmp_path, "\n".join([header, third, first, other, second])))

    def staff(day: int) -> list[float]:
        rows = archive.as_of(date(2020, 1, day)).events
        return list(rows.loc[rows["record"] == "a", "staff"])

    assert [staff(day) for day in (2, 3, 5, 6, 9, 10)] == [[], [3], [3], [4], [4], []]


def test_types_defaults_and_blanks(tmp_path: Path) -> None:
    desk(tmp_path)
    (tmp_path / "sources.toml").write_text(SOURCES + TOLL, encoding="utf-8")
    folder = tmp_path / "events" / "toll"
    folder.mkdir()
    (folder / "2021-01-01.csv").write_text("record,event_at,known_at,value\n7,2020-01-01,2020-01-01,1.5\n")
    (folder / "2021-01-01.toml").write_text(THROUGH)
    rows = Archive(tmp_path).as_of(date(2020, 12, 31)).events
    assert list(rows.columns) == [*COLUMNS, "cause", "staff", "until"]
    assert {column: str(rows[column].dtype) for column in COLUMNS} == {
        column: dtype(kind) for column, (kind, _) in COLUMNS.items()
    }
    said = rows[["source", "revision", "kind", "entity", "known_by", "value", "unit", "n", "retracted", "cause"]]
    assert said.to_numpy().tolist() == [
        ["posts", 0, "closed", "north", "published", 1.0, "1", 1, False, ""],
        ["posts", 0, "closed", "south", "published", 1.0, "1", 1, False, ""],
        ["toll", 0, "rate", "bridge", "published", 1.5, "EUR", 1, False, ""],
    ]
    assert rows[["staff", "until"]].isna().all(axis=None)


def test_a_snapshot_is_a_copy(tmp_path: Path) -> None:
    archive = Archive(desk(tmp_path))
    snapshot = archive.as_of(date(2020, 12, 31))
    before = snapshot.digest
    snapshot.events["entity"] = "elsewhere"
    assert archive.as_of(date(2020, 12, 31)).digest == before


def test_only_the_sources_asked_for_are_in_it(tmp_path: Path) -> None:
    desk(tmp_path)
    (tmp_path / "sources.toml").write_text(SOURCES + TOLL, encoding="utf-8")
    folder = tmp_path / "events" / "toll"
    folder.mkdir()
    (folder / "2021-01-01.csv").write_text("record,event_at,known_at,value\n7,2020-01-01,2020-01-01,1.5\n")
    (folder / "2021-01-01.toml").write_text("through = 2020-06-30\n")
    archive = Archive(tmp_path)
    assert archive.newest(["posts"]) == date(2020, 12, 31)
    assert archive.newest() == date(2020, 6, 30)
    snapshot = archive.as_of(date(2020, 12, 31), ["posts"])
    assert set(snapshot.events["source"]) == {"posts"}
    assert snapshot.through == {"posts": date(2020, 12, 31)}
    with pytest.raises(CoverageError, match="2020-12-31 is later") as refused:
        archive.as_of(date(2020, 12, 31))
    assert "`toll` was looked at through 2020-06-30" in refused.value.why
    assert refused.value.hint == "--as-of 2020-06-30"
    with pytest.raises(UsageError) as unknown:
        archive.as_of(date(2020, 6, 30), ["tolls"])
    assert unknown.value.hint == "did you mean `toll`?"


def test_a_day_before_anything_was_known_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CoverageError) as refused:
        Archive(desk(tmp_path)).as_of(date(2020, 1, 2))
    assert "2020-01-02" in refused.value.hint


# Laws.

START = date(2020, 1, 1)
Row = tuple[str, int, int, int, int, bool]
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c"]),
        st.integers(0, 2),
        st.integers(0, 9),
        st.integers(0, 9),
        st.integers(0, 99),
        st.booleans(),
    ),
    min_size=1,
    max_size=9,
    unique_by=lambda row: row[:2],
)


def written(rows: list[Row]) -> str:
    lines = ["record,revision,kind,entity,event_at,known_at,staff,retracted"]
    for record, revision, happened, lag, staff, retracted in rows:
        at = START + timedelta(days=happened)
        flag = str(retracted).lower()
        lines.append(f"{record},{revision},closed,north,{at},{at + timedelta(days=lag)},{staff},{flag}")
    return "\n".join(lines) + "\n"


def digest(fetches: list[list[Row]], as_of: date) -> str | None:
    with tempfile.TemporaryDirectory() as root:
        for number, rows in enumerate(fetches):
            if rows:
                desk(Path(root), written(rows), name=f"2021-01-{number + 1:02d}")
        try:
            return Archive(Path(root)).as_of(as_of).digest
        except CoverageError:
            return None


@settings(max_examples=20, deadline=None)
@given(ROWS, st.data(), st.integers(1, 20))
def test_neither_order_nor_splitting_into_fetches_changes_a_snapshot(
    rows: list[Row], data: st.DataObject, after: int
) -> None:
    as_of = START + timedelta(days=after)
    shuffled = data.draw(st.permutations(rows))
    cut = data.draw(st.integers(0, len(rows)))
    again = data.draw(st.integers(0, len(rows)))
    assert digest([rows], as_of) == digest([shuffled[:cut], shuffled[again:], shuffled[cut:]], as_of)


@settings(max_examples=20, deadline=None)
@given(ROWS, st.data(), st.integers(1, 20))
def test_what_became_known_later_changes_nothing(rows: list[Row], data: st.DataObject, after: int) -> None:
    as_of = START + timedelta(days=after)
    before = [row for row in rows if row[2] + row[3] < after]
    noise = st.tuples(st.integers(0, 9), st.integers(after, after + 20), st.integers(0, 99), st.booleans())
    later = [(row[0], row[1], *data.draw(noise)) for row in rows if row not in before]
    assert digest([rows], as_of) == (digest([before], as_of) if before else None)
    assert digest([before + later], as_of) == digest([rows], as_of)


@pytest.mark.parametrize("end", range(len(GOOD)))
def test_a_file_cut_anywhere_is_refused_or_said_to_be_shorter(end: int, tmp_path: Path) -> None:
    whole = hashlib.sha256(GOOD.encode()).hexdigest()
    root = desk(tmp_path, GOOD[:end], THROUGH + f'rows = 2\nsha256 = "{whole}"\n')
    try:
        said = Archive(root).notes
    except DataError as refused:
        said = [refused.where]
    assert said[0].startswith("data/events/posts/2021-01-01.csv")


# Refusals, each with its place.


@pytest.mark.parametrize(
    ("column", "cell", "says"),
    [
        ("event_at", "02/01/2020", "day or month first"),
        ("event_at", "2020-02-30", "no such day"),
        ("event_at", "1850-01-01", "1900 to 2100"),
        ("known_at", "20200-01-02", "not a date"),
        ("known_at", "2020-01-02T00:00:00", "not a date"),
        ("known_at", "", "not a date"),
        ("staff", "nan", "not a number"),
        ("staff", "inf", "not a number"),
        ("staff", "1e999", "not a number"),
        ("staff", "12,345", "thousands separator"),
        ("staff", "1,5", "decimal comma"),
        ("staff", "1,234,567", "thousands"),
        ("staff", "٣", "not a plain digit"),
        ("staff", "1\u00a0000", "not a plain digit"),
        ("staff", " 5", "space"),
        ("until", "soon", "not a date"),
        ("n", "0", "`n` is 0"),
        ("n", "-1", "not a whole number"),
        ("n", "1.5", "not a whole number"),
        ("revision", "x", "not a whole number"),
        ("retracted", "yes", "not true or false"),
        ("known_by", "hearsay", "known: assumed, fetched, published"),
        ("precision", "daily", "`day`"),
        ("kind", "close", "did you mean `closed`?"),
        ("kind", "", "`kind` is blank"),
        ("entity", "  ", "`entity` is blank"),
        ("record", "", "`record` is blank"),
        ("unit", "kg", "are in `1`"),
        ("value", "", "`value` is blank"),
        ("value", "1%", "not a number"),
        ("event_at", "2020-01-03", "later than `known_at`"),
        ("known_at", "2021-01-02", "later than the day of the fetch"),
    ],
)
def test_a_cell_that_cannot_be_meant_is_refused(column: str, cell: str, says: str, tmp_path: Path) -> None:
    refused = refusal(desk(tmp_path, with_cell(column, cell)))
    assert refused.exit_code == 3
    assert refused.where == "data/events/posts/2021-01-01.csv:2"
    assert says in f"{refused.why} {refused.hint}"


def test_all_cells_are_named_at_once(tmp_path: Path) -> None:
    bad = "".join(f"r{number},closed,north,2020-01-01,soon\n" for number in range(25))
    refused = refusal(desk(tmp_path, f"{HEADER}\n{bad}"))
    assert refused.what == "25 cells cannot be accepted"
    assert refused.why.count("line ") == 20
    assert "and 5 more" in refused.why


@pytest.mark.parametrize(
    ("events", "says"),
    [
        (GOOD.replace("known_at", "known_ta", 1), "did you mean `known_at`?"),
        (f"{HEADER},sorce\na,closed,north,2020-01-01,2020-01-02,x\n", "`sorce` is not a column"),
        ("record,kind,event_at,known_at\na,closed,2020-01-01,2020-01-02\n", "`entity` is missing"),
    ],
)
def test_columns_are_those_of_the_source(events: str, says: str, tmp_path: Path) -> None:
    refused = refusal(desk(tmp_path, events))
    assert refused.where.endswith("2021-01-01.csv:1")
    assert says in str(refused)


@pytest.mark.parametrize(("precision", "end"), [("month", 31), ("year", 366)])
def test_a_vague_date_cannot_be_known_within_its_period(precision: str, end: int, tmp_path: Path) -> None:
    def row(known_at: date) -> str:
        return f"{HEADER},precision\na,closed,north,2020-01-01,{known_at},{precision}\n"

    last = date(2019, 12, 31) + timedelta(days=end)
    assert f"within the {precision}" in refusal(desk(tmp_path, row(last - timedelta(days=1)))).why
    assert Archive(desk(tmp_path, row(last))).notes == []


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('scheduled = ["planned"]', 'scheduled = ["plannd"]', "did you mean `planned`?"),
        ('kinds = ["rate"]', 'kinds = ["rate"]\ncolumns = { staff = { meaning = "names" } }', "cannot be text here"),
    ],
)
def test_sources_must_agree_with_themselves_and_each_other(before: str, after: str, says: str, tmp_path: Path) -> None:
    desk(tmp_path)
    (tmp_path / "sources.toml").write_text((SOURCES + TOLL).replace(before, after), encoding="utf-8")
    with pytest.raises(SpecError) as refused:
        Archive(tmp_path)
    assert says in str(refused.value)


def test_a_scheduled_kind_may_be_known_before_it_happens(tmp_path: Path) -> None:
    row = f"{HEADER}\na,planned,north,2021-06-01,2020-01-02\n"
    assert len(Archive(desk(tmp_path, row)).as_of(date(2020, 12, 31)).events) == 1


def test_a_value_may_be_blank_where_the_source_says_so(tmp_path: Path) -> None:
    row = f"{HEADER},value,unit\na,fee,north,2020-01-01,2020-01-02,,EUR/t\n"
    assert Archive(desk(tmp_path, row)).as_of(date(2020, 12, 31)).events["value"].isna().all()


# Several fetches.


def test_the_same_row_again_is_dropped_and_counted(tmp_path: Path) -> None:
    archive = Archive(desk(desk(tmp_path), GOOD, "through = 2021-01-31\n", name="2021-02-01"))
    assert archive.through == {"posts": date(2021, 1, 31)}
    assert len(archive.as_of(date(2021, 1, 31)).events) == 2
    assert archive.notes == ["data/events/posts/2021-02-01.csv: 2 rows that were there already are dropped"]


def test_contradictions_are_refused_with_both_places_all_at_once(tmp_path: Path) -> None:
    desk(desk(tmp_path), GOOD.replace("north", "east").replace("2020-02-03", "2020-02-04"), name="2021-02-01")
    refused = refusal(tmp_path)
    assert "`a`, revision 0: data/events/posts/2021-01-01.csv:2 and data/events/posts/2021-02-01.csv:2" in refused.why
    assert "(entity)" in refused.why
    assert "`b`" in refused.why
    assert "(known_at)" in refused.why


def test_keys_that_look_alike_are_noted(tmp_path: Path) -> None:
    rows = "".join(f"{key},closed,north,2020-01-01,2020-01-02\n" for key in ("a", "A", "a ", "caf\u00e9"))
    later = f"{HEADER}\ncafe\u0301,closed,north,2020-01-01,2020-01-02\n"
    notes = Archive(desk(desk(tmp_path, f"{HEADER}\n{rows}"), later, name="2021-02-01")).notes
    assert len(notes) == 2
    assert all("differ only in case, spaces or accents" in note for note in notes)


def test_a_slip_of_units_is_noted(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text(TOLL, encoding="utf-8")
    folder = tmp_path / "events" / "toll"
    folder.mkdir(parents=True)
    rows = "".join(
        f"r{day:02d},2020-01-{day:02d},2020-01-{day:02d},{1.5 if day != 9 else 150}\n" for day in range(1, 31)
    )
    (folder / "2021-01-01.csv").write_text("record,event_at,known_at,value\n" + rows)
    (folder / "2021-01-01.toml").write_text(THROUGH)
    (note,) = Archive(tmp_path).notes
    assert "`r09` is 150" in note


# What is said beside a fetch.


def test_without_a_last_day_looked_at_the_lines_to_write_are_shown(tmp_path: Path) -> None:
    refused = refusal(desk(tmp_path, beside=None))
    assert refused.hint == "write 2021-01-01.toml beside it with the line: through = 2020-12-31"
    with pytest.raises(SpecError) as missing:
        Archive(desk(tmp_path, beside="rows = 2\n"))
    assert "`through` is missing" in missing.value.why


def test_nobody_looks_beyond_the_day_of_the_fetch(tmp_path: Path) -> None:
    refused = refusal(desk(tmp_path, beside="through = 2021-01-02\n"))
    assert refused.where == "data/events/posts/2021-01-01.toml, through"


@pytest.mark.parametrize(
    ("beside", "says"),
    [("rows = 3\n", "2 rows, 3 were fetched"), (f'rows = 2\nsha256 = "{"0" * 64}"\n', "byte for byte")],
)
def test_a_file_that_is_not_what_was_fetched_is_noted(beside: str, says: str, tmp_path: Path) -> None:
    (note,) = Archive(desk(tmp_path, beside=THROUGH + beside)).notes
    assert says in note


def test_a_file_is_called_after_the_day_of_its_fetch(tmp_path: Path) -> None:
    assert "2026-11-22.csv" in refusal(desk(tmp_path, name="latest")).hint


def test_events_of_no_source_are_not_passed_over(tmp_path: Path) -> None:
    (desk(tmp_path) / "events" / "postz").mkdir()
    refused = refusal(tmp_path)
    assert (refused.where, refused.hint) == ("data/events/postz", "did you mean `posts`?")


def test_a_folder_that_is_no_desk_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path).where == "data/sources.toml"


def test_sources_that_are_not_text_are_refused(tmp_path: Path) -> None:
    desk(tmp_path)
    (tmp_path / "sources.toml").write_bytes('title = "ü"'.encode("latin-1"))
    assert refusal(tmp_path).what == "the file is not UTF-8"


# Several fetches a day, and sources that were never fetched.


def test_a_second_fetch_of_a_day_comes_after_the_first(tmp_path: Path) -> None:
    desk(tmp_path)
    later = "record,revision,kind,entity,event_at,known_at\na,1,closed,south,2020-01-01,2020-01-05\n"
    for number in (2, 10):
        desk(tmp_path, later, name=f"2021-01-01.{number}")
    archive = Archive(tmp_path)
    assert [(kept.number, kept.path.name) for kept in archive.fetches["posts"]] == [
        (1, "2021-01-01.csv"),
        (2, "2021-01-01.2.csv"),
        (10, "2021-01-01.10.csv"),
    ]
    assert list(archive.as_of(date(2020, 12, 31)).events["entity"]) == ["south", "south"]
    assert archive.notes == ["data/events/posts/2021-01-01.10.csv: 1 rows that were there already are dropped"]


def test_a_source_that_was_never_fetched_is_in_no_snapshot_and_is_refused_by_name(tmp_path: Path) -> None:
    desk(tmp_path)
    alone = Archive(tmp_path).as_of(date(2020, 12, 31)).digest
    (tmp_path / "sources.toml").write_text(SOURCES + TOLL, encoding="utf-8")
    archive = Archive(tmp_path)
    assert archive.as_of(date(2020, 12, 31)).digest == alone
    assert archive.revisions("toll").empty
    with pytest.raises(UsageError) as refused:
        archive.as_of(date(2020, 12, 31), ["toll"])
    assert refused.value.what == "the source `toll` has no events yet"


def test_a_source_beside_changes_nothing_in_the_snapshot_of_others(tmp_path: Path) -> None:
    desk(tmp_path)
    alone = Archive(tmp_path).as_of(date(2020, 12, 31)).digest
    more = TOLL + '\n[toll.columns]\npayer = { meaning = "who pays" }\n'
    (tmp_path / "sources.toml").write_text(SOURCES + more, encoding="utf-8")
    folder = tmp_path / "events" / "toll"
    folder.mkdir()
    (folder / "2021-01-01.csv").write_text("record,event_at,known_at,value\n7,2020-01-01,2020-01-01,1.5\n")
    (folder / "2021-01-01.toml").write_text(THROUGH)
    assert Archive(tmp_path).as_of(date(2020, 12, 31), ["posts"]).digest == alone


def test_a_desk_that_fetched_nothing_opens(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text(SOURCES, encoding="utf-8")
    archive = Archive(tmp_path)
    assert archive.revisions("posts").empty
    with pytest.raises(UsageError, match="no source of this desk has any events"):
        archive.newest()
