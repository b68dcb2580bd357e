"""New data at a desk: one append or none, the same from the command line, and what it does to snapshots."""

import json
import threading
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from forecast import collecting, files
from forecast.archive import Archive
from forecast.collecting import Looked, Said
from forecast.desk import Desk
from forecast.errors import DataError, SpecError, UsageError
from tests.border import BLOCK
from tests.conftest import Command

HEADER = "record,kind,entity,event_at,known_at,cause"
FIRST = f"{HEADER}\na,closed,north,2021-01-01,2021-01-02,snow\nb,opened,south,2021-01-05,2021-01-05,\n"
SECOND = f"{HEADER}\na,closed,north,2021-01-01,2021-01-02,ice\nc,closed,south,2021-02-05,2021-02-06,snow\n"


class Dated(Desk):
    """A desk whose clock stands still."""

    today = datetime(2021, 3, 1, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.today


def desk(root: Path) -> Dated:
    for part in ("data", "models", "reports"):
        (root / part).mkdir(exist_ok=True)
    if not (root / "data" / "sources.toml").exists():
        (root / "data" / "sources.toml").write_text(BLOCK, encoding="utf-8")
    return Dated(root)


def add(root: Path, content: str, said: Said = Said(), dry: bool = False, name: str = "posts") -> Looked:  # noqa: B008
    path = root / "new.csv"
    path.write_text(content, encoding="utf-8")
    return collecting.add(desk(root), path, name, said, dry)


def seen(root: Path) -> dict[str, bytes]:
    folder = root / "data" / "events"
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_two_files_become_two_fetches_and_nothing_that_stood_is_touched(tmp_path: Path) -> None:
    add(tmp_path, FIRST)
    before = seen(tmp_path)
    add(tmp_path, SECOND)
    after = seen(tmp_path)
    assert {name: after[name] for name in before} == before
    assert sorted(after) == [f"posts/2021-03-01{end}" for end in (".2.csv", ".2.toml", ".csv", ".toml")]
    rows = Archive(tmp_path / "data").revisions("posts")
    assert list(zip(rows["record"], rows["revision"], rows["cause"], strict=True)) == [
        ("a", 0, "snow"),
        ("a", 1, "ice"),
        ("b", 0, ""),
        ("c", 0, "snow"),
    ]


def test_a_snapshot_of_a_day_before_a_correction_stays_what_it_was(tmp_path: Path) -> None:
    add(tmp_path, FIRST, Said(through=date(2021, 2, 20)))
    before = Archive(tmp_path / "data").as_of(date(2021, 2, 1)).digest
    add(tmp_path, SECOND, Said(published=date(2021, 2, 20)))
    archive = Archive(tmp_path / "data")
    assert archive.as_of(date(2021, 2, 1)).digest == before
    assert list(archive.as_of(date(2021, 2, 20)).events["cause"]) == ["snow", "", "snow"]


def test_a_dry_run_writes_nothing_and_says_the_same(tmp_path: Path) -> None:
    add(tmp_path, FIRST)
    before = seen(tmp_path)
    dry = add(tmp_path, SECOND, dry=True)
    assert seen(tmp_path) == before
    real = add(tmp_path, SECOND)
    assert dry.path is None
    assert real.path is not None
    assert [len(dry.changes.rows), dry.through] == [len(real.changes.rows), real.through]
    assert [str(check) for check in dry.checks] == [str(check) for check in real.checks]


def test_looking_again_without_news_is_written_down_only_if_it_looked_further(tmp_path: Path) -> None:
    add(tmp_path, FIRST)
    before = seen(tmp_path)
    assert add(tmp_path, FIRST).path is None
    assert seen(tmp_path) == before
    assert add(tmp_path, FIRST, Said(through=date(2021, 2, 27))).path is not None
    archive = Archive(tmp_path / "data")
    assert (archive.through["posts"], len(archive.revisions("posts")), archive.notes) == (date(2021, 2, 27), 2, [])


def test_how_far_was_looked_is_the_last_day_of_news_unless_said(tmp_path: Path) -> None:
    assert add(tmp_path, FIRST, dry=True).through == date(2021, 1, 5)
    assert add(tmp_path, FIRST, Said(through=date(2021, 2, 1)), dry=True).through == date(2021, 2, 1)
    assert add(tmp_path, FIRST.replace("2021-01-02", ""), dry=True).through == date(2021, 1, 5)


def test_a_file_that_a_check_stops_writes_nothing(tmp_path: Path) -> None:
    add(tmp_path, FIRST)
    before = seen(tmp_path)
    found = add(tmp_path, SECOND.replace("closed,south", "shut,south"))
    assert found.stopped
    assert [check.rule.name for check in found.checks if check.stops] == ["cells"]
    assert seen(tmp_path) == before


@pytest.mark.parametrize("call", [0, 1])
def test_a_write_that_fails_leaves_the_record_as_it_was(
    call: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(tmp_path, FIRST)
    before, calls, write = Archive(tmp_path / "data").revisions("posts"), [0], files.write

    def failing(path: Path, content: bytes) -> None:
        calls[0] += 1
        if calls[0] == call + 1:
            raise OSError("no space left")
        write(path, content)

    monkeypatch.setattr(files, "write", failing)
    with pytest.raises(OSError, match="no space"):
        add(tmp_path, SECOND)
    monkeypatch.setattr(files, "write", write)
    assert Archive(tmp_path / "data").revisions("posts").equals(before)
    add(tmp_path, SECOND)
    assert len(Archive(tmp_path / "data").revisions("posts")) == 4


def test_many_at_once_are_appended_one_after_the_other(tmp_path: Path) -> None:
    """Each with a record of its own, and with its own word on one that all of them have."""
    desk(tmp_path)
    names = [f"{number}.csv" for number in range(6)]
    for number, name in enumerate(names):
        rows = f"r{number},closed,north,2021-01-01,2021-01-02,snow\nsame,closed,north,2021-01-01,2021-01-02,{number}\n"
        (tmp_path / name).write_text(f"{HEADER}\n{rows}", encoding="utf-8")
    desks = [Dated(tmp_path) for _ in names]
    assert all(one.archive.revisions("posts").empty for one in desks)  # read before any of them has the lock
    threads = [
        threading.Thread(target=collecting.add, args=(one, tmp_path / name, "posts", Said()))
        for one, name in zip(desks, names, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    archive = Archive(tmp_path / "data")
    assert len(archive.fetches["posts"]) == 6
    rows = archive.revisions("posts")
    assert {record for record in rows["record"] if record != "same"} == {f"r{number}" for number in range(6)}
    same = rows[rows["record"] == "same"]
    assert list(same["revision"]) == list(range(6))
    assert set(same["cause"]) == set("012345")


@pytest.mark.parametrize(
    ("said", "what"),
    [
        (Said(fetched_at=date(2021, 3, 2)), "2021-03-02 is yet to come"),
        (Said(fetched_at=date(2021, 2, 1)), "a fetch of 2021-02-01 comes too late"),
        (Said(through=date(2021, 3, 2)), "2021-03-02 is later than the day of the fetch, 2021-03-01"),
        (Said(published=date(2021, 3, 2)), "2021-03-02 is later than the day of the fetch, 2021-03-01"),
    ],
)
def test_days_that_cannot_be_meant_are_refused(said: Said, what: str, tmp_path: Path) -> None:
    add(tmp_path, FIRST)
    with pytest.raises(UsageError) as refused:
        add(tmp_path, SECOND, said)
    assert refused.value.what == what


def test_a_source_that_is_not_there_is_refused_with_its_look_alike(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        add(tmp_path, FIRST, name="post")
    assert refused.value.hint == "did you mean `posts`?"


MAPPING = """
separator = ";"
decimal = ","
thousands = "."
unused = ["remark"]

[columns]
record = ["nr", "when"]
kind = "what"
entity = "where"
event_at = "when"
staff = "people"
cause = "land"

[dates]
event_at = "%d.%m.%Y"

[codes.kind]
zu = "closed"
auf = "opened"

[countries]
cause = "name"

[scale]
staff = "0.5"

[constants]
known_at = "2021-02-01"
"""
OTHER = (
    'nr;when;what;where;people;land;remark\n7;05.01.2021;zu;north;"1.234,5";Yemen;"a; b"\n8;06.01.2021;auf;south;;;\n'
)


def mapped(root: Path, mapping: str = MAPPING, content: str = OTHER) -> Looked:
    desk(root)
    (root / "data" / "mappings").mkdir(exist_ok=True)
    (root / "data" / "mappings" / "posts.toml").write_text(mapping, encoding="utf-8")
    return add(root, content)


def test_a_file_of_another_shape_is_mapped(tmp_path: Path) -> None:
    mapped(tmp_path)
    rows = Archive(tmp_path / "data").revisions("posts")
    said = rows[["record", "kind", "entity", "cause"]].to_numpy().tolist()
    assert said == [["7/05.01.2021", "closed", "north", "YEM"], ["8/06.01.2021", "opened", "south", ""]]
    assert rows["staff"].fillna(-1).tolist() == [617.25, -1]
    assert [f"{day:%Y-%m-%d}" for day in rows["event_at"]] == ["2021-01-05", "2021-01-06"]


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("05.01.2021", "2021-01-05", "line 2: `event_at` is '2021-01-05', not a date as %d.%m.%Y"),
        (";auf;", ";Auf;", "line 3: `kind` is 'Auf', which has no code; did you mean `auf`?"),
        ("1.234,5", "1,234,5", "line 2: `staff` is '1,234,5', not a number"),
        ("Yemen", "Yeman", "line 2: `cause` is 'Yeman', "),
        ("remark", "remarks", "`remarks` is neither mapped nor unused"),
        ("people", "persons", "the mapping names `people`, which is not there"),
    ],
)
def test_what_the_mapping_does_not_foresee_is_refused_with_its_place(
    old: str, new: str, why: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError) as refused:
        mapped(tmp_path, content=OTHER.replace(old, new))
    assert why in refused.value.why


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('staff = "people"', 'stuff = "people"', "`stuff` is no column to map to"),
        ("[constants]", "[constants]\nrevision = '1'", "`revision` is no column to map to"),
        ('[scale]\nstaff = "0.5"', '[scale]\nvalue = "0.5"', "`value` is not mapped"),
        ("unused", "unusd", "this file cannot be accepted"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused(old: str, new: str, what: str, tmp_path: Path) -> None:
    with pytest.raises(SpecError) as refused:
        mapped(tmp_path, MAPPING.replace(old, new))
    assert refused.value.what == what


# From the command line.


def test_the_command_says_what_it_did_and_json_is_one_document(tmp_path: Path, command: Command) -> None:
    desk(tmp_path)
    (tmp_path / "new.csv").write_text(FIRST, encoding="utf-8")
    dry = command("add", "new.csv", "--source", "posts", "--dry-run", at=tmp_path)
    assert (dry.returncode, seen(tmp_path)) == (0, {})
    assert "posts: 2 added, 0 revised, 0 retracted, 0 known already; looked at through 2021-01-05" in dry.stdout
    assert "a dry run: nothing was written" in dry.stderr
    done = command("add", "new.csv", "--source", "posts", "--fetched", "2021-03-01", "--json", at=tmp_path)
    said = json.loads(done.stdout)
    assert said["written"] == "data/events/posts/2021-03-01.csv"
    assert [row["record"] for row in said["added"]] == ["a", "b"]
    (line,) = collecting.log(desk(tmp_path))
    assert (line.added, line.through, line.origin) == (2, date(2021, 1, 5), "new.csv")


def test_a_stopped_file_ends_with_exit_code_3(tmp_path: Path, command: Command) -> None:
    desk(tmp_path)
    (tmp_path / "new.csv").write_text(FIRST.replace("2021-01-05", "2021-13-05"), encoding="utf-8")
    done = command("add", "new.csv", "--source", "posts", at=tmp_path)
    assert done.returncode == 3
    assert "stop  cells:" in done.stdout
    assert "stopped: nothing was written" in done.stderr
    assert seen(tmp_path) == {}


def test_two_days_differ_by_what_became_known_between_them(tmp_path: Path) -> None:
    add(tmp_path, FIRST, Said(through=date(2021, 2, 28)))
    add(tmp_path, SECOND, Said(published=date(2021, 2, 20)))
    found = collecting.diff(desk(tmp_path), (date(2021, 1, 4), date(2021, 2, 28)))
    assert list(found.rows["new"]["record"]) == ["b", "c"]
    assert list(found.rows["revised"]["cause"]) == ["ice"]
    assert collecting.log(desk(tmp_path))[1].revised == 1
