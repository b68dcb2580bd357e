"""Sources too big for memory: the same counts from Parquet as from CSV, whatever order, future and words."""

import builtins
import hashlib
import tempfile
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forecast import big, catalogue, collapse, collecting, reading, spec, tables
from forecast.archive import Archive
from forecast.collecting import Said
from forecast.delivery import Delivery
from forecast.errors import CoverageError, DataError, EnvironmentFault, SpecError
from forecast.intake import Proposal, written
from forecast.models import counts, reporting
from tests import worlds
from tests.test_collecting import Dated

BLOCK = """
[media]
title = "Media"
publisher = "invented"
licence = "CC0-1.0"
url = "https://example.org"
kinds = ["clash", "talk"]
collapse = ["code"]
{store}

[media.columns]
code = {{ meaning = "what" }}
actor = {{ meaning = "who" }}
tone = {{ meaning = "how", type = "number" }}
until = {{ meaning = "end", type = "date" }}

[posts]
title = "Posts"
publisher = "invented"
licence = "CC0-1.0"
url = "https://example.org"
kinds = ["closed"]

[posts.columns]
cause = {{ meaning = "why" }}
"""
PARQUET = 'store = "parquet"'
COLUMNS = ["record", "revision", "kind", "entity", "event_at", "known_at", "n", "retracted", "code", "actor", "tone"]
POSTS = "record,kind,entity,event_at,known_at\np,closed,north,2020-01-01,2020-01-01\n"
START, THROUGH = date(2020, 1, 1), date(2020, 12, 31)
HOSTILE = ["'; DROP TABLE x;--", '"', "a/b", "~1", "~", "/", "a\nb", "é\u0301", "$files", "%s", "\\", "x", "NULL", "*"]
Row = tuple[str, int, str, str, int, int, int, bool, str, str]
WORDS = st.sampled_from(HOSTILE) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=4
).filter(lambda text: text.strip() != "")
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", "it's", '"d"']),
        st.integers(0, 2),
        st.sampled_from(["clash", "talk"]),
        st.sampled_from(["north", "a/b", "a"]) | WORDS,
        st.integers(0, 3),
        st.integers(0, 4),
        st.integers(1, 3),
        st.booleans(),
        st.sampled_from(["", "x", "b/x"]) | WORDS,
        st.sampled_from(["", "one", "two"]),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda row: row[:2],
)
TALKS = spec.parse(
    worlds.COUNTS.replace('kind = "strike"', 'kind = "talk"')
    .replace("since = 2017-01-01", "since = 2019-12-20")
    .replace('"who"', '"kind"')
    .replace('"what"', '"code"')
    .replace('red = ["red"], blue = ["blue"]', 'red = ["*"], blue = ["blue"]')
    .replace('road = ["road"]', 'road = ["x", "*"]')
    .partition("[[covariates]]")[0],
    "models/strikes.toml",
)
FEW = settings(max_examples=6, deadline=None)


def typed(rows: list[Row], block: str = BLOCK) -> pd.DataFrame:
    source = catalogue.sources(block.format(store=""), "sources.toml")["media"]
    cells = []
    for record, revision, kind, entity, happened, lag, n, retracted, code, actor in rows:
        at = START + timedelta(days=happened)
        known = at + timedelta(days=lag)
        cells.append(
            [
                record,
                str(revision),
                kind,
                entity,
                str(at),
                str(known),
                str(n),
                str(retracted).lower(),
                code,
                actor,
                "1.5",
            ]
        )
    table = tables.Table("x.csv", tuple(COLUMNS), cells, list(range(2, len(cells) + 2)))
    return reading.typed(table, "media", source, date(2021, 1, 1))


def lay_out(root: Path, fetches: list[list[Row]], store: str, block: str = BLOCK) -> Path:
    root.mkdir(exist_ok=True)
    (root / "sources.toml").write_text(block.format(store=store), encoding="utf-8")
    source = catalogue.sources(block.format(store=store), "sources.toml")["media"]
    keep(root / "events" / "posts" / "2021-01-01.csv", POSTS.encode())
    for number, rows in enumerate(fetches):
        path = root / "events" / "media" / f"2021-01-{number + 1:02d}.{'parquet' if store else 'csv'}"
        frame = (
            typed(rows).drop(columns="line")
            if rows
            else typed([("a", 0, "talk", "x", 0, 0, 1, False, "", "")]).iloc[:0]
        )
        content = big.written(frame, source) if store else collecting._csv(written(frame, source))
        keep(path, content, f"rows = {len(frame)}\n")
    return root


def keep(path: Path, content: bytes, more: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    said = f'through = {THROUGH}\nsha256 = "{hashlib.sha256(content).hexdigest()}"\n{more}'
    path.with_suffix(".toml").write_text(said, encoding="utf-8")


def snapshot(fetches: list[list[Row]], day: int, store: str = PARQUET, block: str = BLOCK) -> pd.DataFrame | None:
    """Take the snapshot of a day; None if nothing was known before it."""
    with tempfile.TemporaryDirectory() as root:
        try:
            taken = Archive(lay_out(Path(root), fetches, store, block)).as_of(START + timedelta(days=day), ["media"])
        except CoverageError:
            return None
        assert taken.digest == type(taken)(taken.as_of, taken.events[::-1], taken.through).digest
        return taken.events


def same(one: pd.DataFrame | None, two: pd.DataFrame | None) -> bool:
    if one is None or two is None:
        return one is two
    pd.testing.assert_frame_equal(one, two)
    return True


# Laws.


@FEW
@given(ROWS, st.integers(0, 9))
@example([("a", 0, "talk", "a/b", 0, 0, 1, False, "x", ""), ("b", 0, "talk", "a", 0, 0, 1, False, "b/x", "")], 5)
def test_parquet_gives_what_csv_gives_row_for_row(rows: list[Row], day: int) -> None:
    assert same(snapshot([rows], day), snapshot([rows], day, store=""))


@FEW
@given(ROWS, st.data(), st.integers(0, 9))
def test_neither_order_nor_splitting_into_fetches_changes_a_count(
    rows: list[Row], data: st.DataObject, day: int
) -> None:
    shuffled, cut = data.draw(st.permutations(rows)), data.draw(st.integers(0, len(rows)))
    assert same(snapshot([rows], day), snapshot([shuffled[:cut], shuffled[cut:]], day))


@FEW
@given(ROWS, st.integers(1, 9))
def test_what_became_known_later_changes_no_count(rows: list[Row], day: int) -> None:
    before = [row for row in rows if row[4] + row[5] < day]
    if before:
        assert same(snapshot([rows], day), snapshot([before], day))
    else:
        assert snapshot([rows], day) is None


@FEW
@given(ROWS, st.integers(1, 9), st.integers(0, 3), st.integers(0, 4))
def test_counts_are_those_of_the_rows_in_any_window_and_filter(
    rows: list[Row], day: int, start: int, wide: int
) -> None:
    listed = snapshot([rows], day, store="", block=BLOCK.replace('collapse = ["code"]', ""))
    counted = snapshot([rows], day)
    if listed is None or counted is None:
        assert listed is counted
        return
    first = pd.Timestamp(START) + pd.Timedelta(days=start)
    last = first + pd.Timedelta(days=wide)

    def counts(events: pd.DataFrame, column: str) -> dict[object, int]:
        inside = events[(events["event_at"] >= first) & (events["event_at"] < last)]
        return inside.groupby(column)["n"].sum().to_dict()

    for column in collapse.key(catalogue.sources(BLOCK.format(store=""), "")["media"]):
        assert counts(listed, column) == counts(counted, column)
    assert counted["record"].is_unique
    assert list(counted.columns) == list(listed.columns)
    assert (counted.dtypes == listed.dtypes).all()


@FEW
@given(ROWS)
def test_every_cell_survives_and_what_a_delivery_touches_is_all_of_it(rows: list[Row]) -> None:
    with tempfile.TemporaryDirectory() as root:
        archive = Archive(lay_out(Path(root), [rows], PARQUET))
        stands = archive.revisions("media")
        wanted = typed(rows).drop(columns="line").sort_values(["record", "revision"], ignore_index=True)
        pd.testing.assert_frame_equal(stands, wanted)
        source, span = archive.source("media"), (START, START + timedelta(days=1))
        fresh = typed(
            [("a", 0, "talk", "south", 1, 2, 1, False, "y", ""), ("new", 0, "talk", "x", 0, 0, 1, False, "", "")]
        )
        delivery = Delivery(written(fresh, source), "new.csv", "csv", withdrawn=("c",), span=span)
        touched = archive.touched("media", [*delivery.rows["record"], "c"], span)
        one, two = (
            Proposal(delivery, "media", source, record, THROUGH, date(2021, 2, 1)).changes.rows
            for record in (stands, touched)
        )
        pd.testing.assert_frame_equal(one.reset_index(drop=True), two.reset_index(drop=True))


def test_kinds_that_are_asked_for_are_all_that_is_read(tmp_path: Path) -> None:
    rows: list[Row] = [
        ("a", 0, "clash", "north", 0, 0, 1, False, "x", ""),
        ("b", 0, "talk", "north", 0, 0, 2, False, "x", ""),
        ("c", 0, "clash", "north", 0, 0, 1, False, "x", ""),
        ("c", 1, "talk", "north", 0, 1, 4, False, "x", ""),
    ]
    for store in (PARQUET, ""):
        with tempfile.TemporaryDirectory() as root:
            archive = Archive(lay_out(Path(root), [rows], store))
            found = archive.as_of(START + timedelta(days=5), kinds=["clash", "closed"]).events
            assert list(zip(found["source"], found["kind"], found["n"], strict=True)) == [
                ("media", "clash", 1),
                ("posts", "closed", 1),
            ]
            assert archive.holders == {"clash": ("media",), "closed": ("posts",), "talk": ("media",)}
            with pytest.raises(CoverageError) as refused:
                archive.as_of(START, ["media"])
            assert refused.value.hint == "the first event became known on 2020-01-01"


@pytest.mark.parametrize("store", [PARQUET, ""])
def test_that_none_of_some_kinds_was_known_is_an_answer(store: str, tmp_path: Path) -> None:
    archive = Archive(lay_out(tmp_path, [[("a", 0, "talk", "north", 0, 0, 1, False, "x", "")]], store))
    found = archive.as_of(START + timedelta(days=5), ["media"], ["clash"])
    assert found.events.empty
    assert list(found.events.columns) == list(archive.as_of(START + timedelta(days=5), ["media"]).events.columns)
    with pytest.raises(CoverageError, match="nothing was known before"):
        archive.as_of(START, ["media"], ["clash"])


def scattered(revisions: int) -> list[Row]:
    """Scatter 200 rows of the same few keys over 90 days, so that counts add up."""
    rng = np.random.default_rng(1)
    drawn = rng.integers((0, 0, 1, 0, 0, 0), (90, 9, 4, 2, 2, 2), (200, 6)).tolist()
    return [
        (
            str(number // revisions),
            number % revisions,
            ("clash", "talk")[kind],
            ("north", "south")[place],
            *(happened, lag, n),
            number % 14 == 1,
            "xy"[code],
            "",
        )
        for number, (happened, lag, n, kind, place, code) in enumerate(drawn)
    ]


def test_a_model_s_panel_is_the_same_whatever_the_store_and_whether_its_kinds_alone_are_read(tmp_path: Path) -> None:
    rows, found = scattered(revisions=2), []
    for store, kinds in (("", None), (PARQUET, None), (PARQUET, TALKS.kinds)):
        archive = Archive(lay_out(tmp_path / str(len(found)), [rows[:150], rows[150:]], store))
        found.append(counts.panel(archive.as_of(START + timedelta(days=80), kinds=kinds), TALKS))
    assert found[0]["counts"].sum() > 50
    assert found[0]["unreported"].any()
    assert all(found[0].identical(other) for other in found[1:])


def test_counting_rows_changes_no_lag() -> None:
    listed = typed(scattered(revisions=1))  # a count does not tell a correction from a report
    counted = collapse.collapsed(listed, catalogue.sources(BLOCK.format(store=""), "")["media"])
    assert len(counted) < len(listed)
    one, other = (xr.Dataset(reporting.lags(rows, START + timedelta(days=100))) for rows in (listed, counted))
    assert one.identical(other)


def test_a_source_without_any_row_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(CoverageError) as refused:
        Archive(lay_out(tmp_path, [[]], "")).as_of(START, ["media"])
    assert refused.value.hint == "the first event became known on no day yet"


@pytest.mark.parametrize("store", [PARQUET, ""])
def test_a_source_of_which_nothing_was_known_yet_leaves_its_columns_blank(store: str, tmp_path: Path) -> None:
    late: Row = ("a", 0, "talk", "north", 3, 0, 1, False, "x", "")
    archive = Archive(lay_out(tmp_path, [[late]], store))
    early, all_ = (archive.as_of(START + timedelta(days=day)).events for day in (2, 5))
    assert list(early["source"]) == ["posts"]
    assert list(all_["source"]) == ["media", "posts"]
    assert list(early.columns) == list(all_.columns)
    assert (early.dtypes == all_.dtypes).all()
    only = Archive(lay_out(tmp_path / "only", [[(*ROW[:4], 0, 0, *ROW[6:])]], store)).as_of(START + timedelta(days=2))
    assert list(only.events["cause"]) == ["", ""]


# New data.


def desk(root: Path) -> Dated:
    for part in ("data", "models", "reports"):
        (root / part).mkdir(exist_ok=True)
    (root / "data" / "sources.toml").write_text(BLOCK.format(store=PARQUET), encoding="utf-8")
    return Dated(root)


def add(root: Path, rows: str) -> collecting.Looked:
    (root / "new.csv").write_text(f"record,kind,entity,event_at,known_at,code,value\n{rows}", encoding="utf-8")
    return collecting.add(desk(root), root / "new.csv", "media", Said())


def test_a_row_that_stands_is_not_appended_again_and_a_correction_is_a_revision(tmp_path: Path) -> None:
    first = "a,talk,north,2021-01-01,2021-01-02,x,1\nb,talk,north,2021-01-01,2021-01-02,x,1\n"
    path = add(tmp_path, first).path
    assert path is not None
    assert path.name == "2021-03-01.parquet"
    assert add(tmp_path, first).path is None
    second = add(tmp_path, first.replace("b,talk", "b,clash") + "c,talk,north,2021-01-05,2021-01-06,x,1\n")
    assert second.path is not None
    assert (second.path.name, second.changes.kept) == ("2021-03-01.2.parquet", 1)
    archive = Archive(tmp_path / "data")
    assert archive.counts["data/events/media/2021-03-01.2.parquet"] == (1, 1, 0)
    assert list(archive.revisions("media")["record"]) == ["a", "b", "b", "c"]
    assert list(archive.as_of(date(2021, 1, 6)).events["n"]) == [2]


def test_values_other_than_one_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(DataError) as refused:
        add(tmp_path, "a,talk,north,2021-01-01,2021-01-02,x,3\n")
    assert refused.value.why == "line 2: 3"
    assert not (tmp_path / "data" / "events").exists()


# Refusals.

ROW: Row = ("a", 0, "talk", "north", 0, 0, 1, False, "x", "")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('collapse = ["code"]', PARQUET, "`collapse` is missing"),
        ('["code"]', '["cod"]', "did you mean `code`?"),
        ('["code"]', '["tone"]', "`tone` is no text attribute"),
        ('["code"]', '["code", "code"]', "twice"),
        ('collapse = ["code"]', 'collapse = []\nunits = { talk = "EUR" }', "sums of values are not counts: talk"),
        ('collapse = ["code"]', 'collapse = []\nvalueless = ["talk"]', "sums of values are not counts: talk"),
        ('collapse = ["code"]', "collapse = []\nseries = true", "sums of values are not counts: series"),
    ],
)
def test_what_cannot_be_counted_is_refused(old: str, new: str, says: str) -> None:
    with pytest.raises(SpecError) as refused:
        catalogue.sources(BLOCK.format(store="").replace(old, new), "data/sources.toml")
    assert says in str(refused.value)


def test_a_file_that_was_changed_is_refused(tmp_path: Path) -> None:
    lay_out(tmp_path, [[ROW]], PARQUET)
    path = tmp_path / "events" / "media" / "2021-01-01.parquet"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DataError, match="not, byte for byte, what was appended"):
        Archive(tmp_path)


def test_a_fetch_that_stands_there_twice_is_refused_unless_it_has_no_rows(tmp_path: Path) -> None:
    assert len(Archive(lay_out(tmp_path / "none", [[ROW], [], []], PARQUET)).fetches["media"]) == 3
    with pytest.raises(DataError, match="the same fetch stands there twice") as refused:
        Archive(lay_out(tmp_path / "twice", [[ROW], [ROW]], PARQUET))
    assert refused.value.where == "data/events/media/2021-01-02.parquet"


def test_columns_that_are_no_longer_those_of_the_source_are_refused(tmp_path: Path) -> None:
    lay_out(tmp_path, [[ROW]], PARQUET)
    block = BLOCK.format(store=PARQUET).replace("actor =", "agent =")
    (tmp_path / "sources.toml").write_text(block, encoding="utf-8")
    with pytest.raises(DataError) as refused:
        Archive(tmp_path)
    assert refused.value.why == "`actor`\n  `agent` differ"


@pytest.mark.parametrize(("store", "other"), [(PARQUET, ""), ("", PARQUET)])
def test_a_file_kept_otherwise_than_its_source_is_refused(store: str, other: str, tmp_path: Path) -> None:
    lay_out(tmp_path, [[ROW]], store)
    (tmp_path / "sources.toml").write_text(BLOCK.format(store=other), encoding="utf-8")
    with pytest.raises(DataError, match="not kept as its source is"):
        Archive(tmp_path)


def test_without_duckdb_it_is_said_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(tmp_path, [[ROW]], PARQUET)
    real = builtins.__import__

    def without(name: str, *more: object) -> object:
        if name == "duckdb":
            raise ImportError(name)
        return real(name, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(EnvironmentFault) as refused:
        Archive(tmp_path)
    assert refused.value.hint == 'uv sync --extra big, or pip install "brinkcast[big]"'


def test_a_query_reads_its_own_files_and_no_others(tmp_path: Path) -> None:
    import duckdb

    own, other = (tmp_path / name for name in ("own.parquet", "other.parquet"))
    for path in (own, other):
        pd.DataFrame({"x": [1]}).to_parquet(path)
    with big._connected([str(own)]) as connection:
        assert connection.execute("SELECT x FROM read_parquet($files)", {"files": [str(own)]}).fetchall() == [(1,)]
        with pytest.raises(duckdb.PermissionException):
            connection.execute("SELECT x FROM read_parquet($files)", {"files": [str(other)]})
        with pytest.raises(duckdb.InvalidInputException):
            connection.execute("SET enable_external_access = true")


@pytest.mark.parametrize("name", ["a b", "it's", "[x]", "st*r", "w?", "é"])
def test_folders_may_be_called_anything(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    assert Archive(lay_out(tmp_path / name, [[ROW]], PARQUET)).as_of(START + timedelta(days=9)).events[
        "n"
    ].tolist() == [1, 1]
