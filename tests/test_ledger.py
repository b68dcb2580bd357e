"""The book: what is in it stays, whoever writes at once, whoever is killed, and whatever is changed is found."""

import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from forecast import ledger
from forecast.errors import DataError, EnvironmentFault, UsageError
from forecast.ledger import Entry, Head, Ledger

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
FOUND = [*Path("/usr/lib/postgresql").glob("*/bin/initdb"), *map(Path, filter(None, [shutil.which("initdb")]))]
LINE = 65  # a digest and its end; a shorter one was not told
WRITER = """
import sys
from datetime import UTC, datetime
from forecast.ledger import Entry, Ledger
book, name, count = Ledger(sys.argv[1]), sys.argv[2], int(sys.argv[3])
for number in range(count):
    row, = book.append([Entry("forecast", {"by": name, "number": number}, {"p": number / 1000})], datetime.now(UTC))
    print(row.id, flush=True)
"""


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL of our own, on a socket in a folder; skipped where the system has none."""
    if not FOUND:
        pytest.skip("PostgreSQL is not installed")
    folder, programs = Path(tempfile.mkdtemp(prefix="book")), FOUND[0].parent  # a socket's path is short
    user = "nobody" if os.getuid() == 0 else None  # it does not run as root
    if user:
        shutil.chown(folder, user)

    def run(program: str, *options: str) -> None:
        command = [str(programs / program), "-D", str(folder / "data"), *options]
        subprocess.run(command, check=True, capture_output=True, cwd=folder, user=user)

    run("initdb", "-U", "us", "-A", "trust", "--no-sync")
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}'"
    run("pg_ctl", "-o", options, "-l", str(folder / "log"), "-w", "start")
    yield f"postgresql+psycopg://us@/postgres?host={folder}"
    run("pg_ctl", "-m", "immediate", "stop")
    shutil.rmtree(folder)


def emptied(address: str) -> str:
    ledger.TABLE.metadata.drop_all(ledger.sql.create_engine(address, poolclass=ledger.sql.NullPool))
    return address


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty book's address, in either database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'book.db'}"
    return emptied(request.getfixturevalue("server"))


def entry(number: int, kind: str = "question") -> Entry:
    return Entry(kind, {"number": number}, {"text": f"Frage {number} – ¿sí?", "p": 0.1 * number})


def written(address: str, number: int = 5) -> Ledger:
    book = Ledger(address)
    for one in range(number):
        book.append([entry(one)], NOW)
    return book


def test_what_is_written_is_read_again(address: str) -> None:
    book = written(address)
    rows = book.rows()
    assert [row.sequence for row in rows] == [1, 2, 3, 4, 5]
    assert rows[3].says == entry(3).body
    assert book.find(rows[2].kind, rows[2].id) == book.find(rows[2].kind, rows[2].id[:12]) == [rows[2]]
    assert book.find(rows[2].kind, "") == [row for row in rows if row.kind == rows[2].kind]
    assert book.find("another kind", rows[2].id) == book.find(rows[2].kind, "f" * 64) == []
    assert book.rows("spec") == []
    assert book.head() == Head(5, rows[-1].seal)
    assert book.verify() is None


def test_the_same_again_changes_nothing_and_the_first_stands(address: str) -> None:
    book = written(address, 2)
    (again,) = book.append([Entry("question", {"number": 1}, {"text": "otherwise"})], NOW)
    assert again.says == entry(1).body
    assert book.head().sequence == 2


def test_of_several_rows_all_are_written_or_none(address: str) -> None:
    book = written(address, 1)
    with pytest.raises(DataError, match="no kind"):
        book.append([entry(7), entry(8, "prophecy")], NOW)
    with pytest.raises(DataError, match="cannot stand"):
        book.append([entry(9), Entry("forecast", {"a": 1}, {"p": float("nan")})], NOW)
    assert book.head().sequence == 1


def test_the_same_rows_have_the_same_seals_in_either_database(server: str, tmp_path: Path) -> None:
    one, two = written(f"sqlite:///{tmp_path / 'one.db'}"), written(emptied(server))
    assert one.head() == two.head()


def test_three_writers_at_once_lose_nothing(address: str) -> None:
    """3 x 200 rows, each in a transaction of its own."""
    Ledger(address)
    command = [sys.executable, "-c", WRITER, address]
    writers = [subprocess.Popen([*command, name, "200"], stdout=subprocess.PIPE, text=True) for name in ("a", "b", "c")]
    told = [line for writer in writers for line in writer.communicate(timeout=240)[0].splitlines()]
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    book = Ledger(address)
    assert len(set(told)) == 600
    assert {row.id for row in book.rows()} == set(told)
    assert book.verify() is None


def killed(address: str, times: int, seed: int) -> set[str]:
    """Kill a writer at random moments; give the ids that it had told of."""
    told: set[str] = set()
    for number in range(times):
        command = [sys.executable, "-c", WRITER, address, f"{seed}/{number}", "1000000"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            told.add(writer.stdout.readline().strip())
            time.sleep(random.Random(seed + number).uniform(0, 0.1))
            writer.send_signal(signal.SIGKILL)
            told |= {line.strip() for line in writer.stdout if len(line) == LINE}
    return told


def test_a_writer_that_is_killed_leaves_a_whole_book(address: str) -> None:
    told, book = killed(address, 4, 1), Ledger(address)
    assert len(told) >= 4
    assert told <= {row.id for row in book.rows()}
    assert book.verify() is None


@pytest.mark.slow
def test_fifty_kills_lose_nothing(address: str) -> None:
    told, book = killed(address, 50, 2), Ledger(address)
    assert len(told) >= 50
    assert told <= {row.id for row in book.rows()}
    assert book.verify() is None


def changed(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute(statement)


@pytest.mark.parametrize(
    ("statement", "row", "why"),
    [
        ("update book set body = replace(body, '0.2', '0.3') where sequence = 3", 3, "not what was written"),
        ("update book set written_at = '2020-01-01T00:00:00+00:00' where sequence = 2", 2, "not what was written"),
        ("delete from book where sequence = 4", 4, "missing; 5 comes next"),
        ("delete from book where sequence = 1", 1, "missing; 2 comes next"),
        ("update book set sequence = -3 where sequence = 2", 1, "missing; -3 comes next"),
        ("update book set body = cast(x'ff' as text) where sequence = 2", 2, "cannot be read"),
    ],
)
def test_the_first_bad_row_is_named(tmp_path: Path, statement: str, row: int, why: str) -> None:
    path = tmp_path / "book.db"
    written(f"sqlite:///{path}")
    changed(path, statement)
    book = Ledger(f"sqlite:///{path}")
    fault = book.verify()
    assert fault is not None
    assert fault.sequence == row
    assert why in fault.why


def test_rows_that_change_places_are_found(tmp_path: Path) -> None:
    path = tmp_path / "book.db"
    written(f"sqlite:///{path}")
    changed(path, "update book set sequence = 99 where sequence = 2")
    changed(path, "update book set sequence = 2 where sequence = 3")
    changed(path, "update book set sequence = 3 where sequence = 99")
    fault = Ledger(f"sqlite:///{path}").verify()
    assert fault is not None
    assert fault.sequence == 2


def test_a_head_that_was_published_tells_of_a_shorter_and_of_a_rewritten_book(tmp_path: Path) -> None:
    path = tmp_path / "book.db"
    book = written(f"sqlite:///{path}")
    head = book.head()
    book.append([entry(9)], NOW)
    assert book.verify(head) is None
    changed(path, "delete from book where sequence > 3")
    shorter = Ledger(f"sqlite:///{path}")
    assert shorter.verify() is None  # by itself it is a whole book
    fault = shorter.verify(head)
    assert fault is not None
    assert fault.sequence == 4
    shorter.append([entry(70), entry(71)], NOW)
    fault = shorter.verify(head)
    assert fault is not None
    assert (fault.sequence, "another seal" in fault.why) == (5, True)


def test_a_flipped_byte_in_a_row_is_found(tmp_path: Path) -> None:
    path = tmp_path / "book.db"
    written(f"sqlite:///{path}", 40)
    whole, found = path.read_bytes(), 0
    places = [match.start() + 3 for match in re.finditer(b'"text"', whole)][:40]
    for place in places:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        book = Ledger(f"sqlite:///{path}")
        found += book.verify() is not None
    assert found == len(places) == 40


def test_a_file_that_was_cut_short_is_refused_or_named(tmp_path: Path) -> None:
    path = tmp_path / "book.db"
    head = written(f"sqlite:///{path}", 40).head()
    whole = path.read_bytes()
    for part in range(1, 20):
        path.write_bytes(whole[: len(whole) * part // 20])
        try:
            fault = Ledger(f"sqlite:///{path}").verify(head)
        except EnvironmentFault:
            continue
        assert fault is not None


def test_nothing_in_the_book_s_page_changes_or_takes_out_a_row() -> None:
    text = Path(ledger.__file__).read_text(encoding="utf-8")
    assert not re.search(r"\bsql\.(update|delete)\b|\bUPDATE\b|\bDELETE FROM\b|\.delete\(|\.update\(", text)


def test_a_place_where_nothing_can_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="cannot be read or written"):
        Ledger(f"sqlite:///{tmp_path / 'nowhere' / 'book.db'}")


@pytest.mark.parametrize("address", ["foo", "postgres://us@here/book", "sqlite+nothing:///book.db"])
def test_what_is_no_address_is_refused_by_what_one_looks_like(address: str) -> None:
    with pytest.raises(UsageError, match="no address") as refusal:
        Ledger(address)
    assert refusal.value.where == address
    assert "postgresql+psycopg://" in refusal.value.hint


def test_names_are_data_and_no_statements(address: str) -> None:
    book, nasty = written(address, 1), "'; drop table book; --"
    (row,) = book.append([Entry("question", {"id": nasty}, {"text": nasty})], NOW)
    assert book.find(row.kind, "%") == []
    assert book.find(row.kind, row.id) == [row]
    assert book.rows("question")[-1].says == {"text": nasty}
