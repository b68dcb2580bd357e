"""The book: what was asked, said and settled, in rows that are only ever added, each sealed with the one before.

A row is of a kind (`question`, `spec`, `forecast`, `resolution`, `void`), has an id, which is the digest of what makes
it the same row wherever it is written, and a body. Its seal is the digest of all that and of the seal before it: a row
that is changed, taken out or moved no longer fits. The last seal is the head of the book; who keeps a head can tell
later whether all that was in the book then is still there.

Appending what is there already changes nothing: the first stands. SQLite by default, in the settings that lost nothing
when it was tried (immediate transactions, rollback journal, full sync); PostgreSQL by its address.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import ArgumentError, DBAPIError

from forecast.errors import DataError, EnvironmentFault, UsageError

KINDS = ("question", "spec", "forecast", "resolution", "void")
NOTHING = "0" * 64  # the seal before the first row
WAIT = 60_000  # milliseconds for another writer
LOCK = 6_271_993  # of ours, in PostgreSQL
TABLE = sql.Table(
    "book",
    sql.MetaData(),
    sql.Column("sequence", sql.BigInteger, primary_key=True, autoincrement=False),
    sql.Column("kind", sql.Text, nullable=False),
    sql.Column("id", sql.Text, nullable=False),
    sql.Column("body", sql.Text, nullable=False),
    sql.Column("written_at", sql.Text, nullable=False),
    sql.Column("seal", sql.Text, nullable=False),
    sql.UniqueConstraint("kind", "id"),
)


@dataclass(frozen=True)
class Entry:
    """What is to be written: a kind, what makes it the same row, and all that it says, as JSON would have it."""

    kind: str
    key: Mapping[str, Any]
    body: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The digest of kind and key."""
        return digest(canonical({"kind": self.kind, **self.key}))


@dataclass(frozen=True)
class Row:
    """A row of the book.

    Parameters
    ----------
    sequence : int
        From 1, without gaps.
    kind, id, body : str
    written_at : str
        UTC.
    seal : str
    """

    sequence: int
    kind: str
    id: str
    body: str
    written_at: str
    seal: str

    @property
    def says(self) -> dict[str, Any]:
        """Its body, read."""
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass(frozen=True)
class Head:
    """The last row's number and seal: to be published, and checked against the book later."""

    sequence: int
    seal: str


@dataclass(frozen=True)
class Fault:
    """The first row at which the book is not what was written."""

    sequence: int
    why: str


def canonical(value: Any) -> str:
    """Write JSON the one way: keys sorted, nothing between, no number that is none.

    Raises
    ------
    DataError
        If something cannot be written so.
    """
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as problem:
        raise DataError("this cannot stand in the book", why=str(problem)) from None


def there(address: str) -> bool:
    """Tell whether the file of a book is there; of a database that is no file, whether it answers is seen later."""
    engine = _engine(address)
    return engine.dialect.name != "sqlite" or Path(engine.url.database or "").exists()


class Ledger:
    """A book at an address, `sqlite:///path` or `postgresql+psycopg://...`; made if there is none.

    Raises
    ------
    UsageError
        If that is no address.
    EnvironmentFault
        If it cannot be opened.
    """

    def __init__(self, address: str) -> None:
        self._engine = _engine(address)
        with self._told():
            TABLE.metadata.create_all(self._engine)

    def append(self, entries: Sequence[Entry], at: datetime) -> list[Row]:
        """Write rows, all or none, and give them back; of one that is there already, the one that is there.

        Parameters
        ----------
        entries : sequence of Entry
        at : datetime
            When: with a time zone. Rows are in the order in which they were written, whatever a clock says.
        """
        when = at.astimezone(UTC).isoformat(timespec="seconds")
        with self._told(), self._engine.begin() as here:
            if here.dialect.name == "postgresql":
                here.execute(sql.select(sql.func.pg_advisory_xact_lock(LOCK)))
            last, rows = _last(here), []
            for entry in entries:
                row = self._append(here, last, entry, when)
                last = max(last, Head(row.sequence, row.seal), key=lambda head: head.sequence)
                rows.append(row)
            return rows

    def _append(self, here: Connection, last: Head, entry: Entry, when: str) -> Row:
        if entry.kind not in KINDS:
            raise DataError(f"`{entry.kind}` is no kind of row", hint=f"one of {', '.join(KINDS)}")
        same = (TABLE.c.kind == entry.kind) & (TABLE.c.id == entry.id)
        old = here.execute(sql.select(TABLE).where(same)).first()
        if old is not None:
            return Row(**old._mapping)
        body = canonical(entry.body)
        said = (last.sequence + 1, entry.kind, entry.id, body, when)
        row = Row(*said, seal(last.seal, *said))
        here.execute(sql.insert(TABLE).values(**{field.name: getattr(row, field.name) for field in fields(Row)}))
        return row

    def rows(self, kind: str | None = None, after: int = 0) -> list[Row]:
        """List rows after one, of one kind or all, in the order in which they were written."""
        asked = sql.select(TABLE).where(TABLE.c.sequence > after).order_by(TABLE.c.sequence)
        if kind is not None:
            asked = asked.where(TABLE.c.kind == kind)
        with self._told(), self._reading() as here:
            return [Row(**found._mapping) for found in here.execute(asked)]

    def find(self, kind: str, beginning: str) -> list[Row]:
        """Find the rows of a kind whose ids begin so, in their order."""
        asked = sql.select(TABLE).where(TABLE.c.kind == kind, TABLE.c.id.startswith(beginning, autoescape=True))
        with self._told(), self._reading() as here:
            return [Row(**found._mapping) for found in here.execute(asked.order_by(TABLE.c.sequence))]

    def head(self) -> Head:
        """Give the last row's number and seal; of an empty book, 0 and zeros."""
        with self._told(), self._reading() as here:
            return _last(here)

    def verify(self, head: Head | None = None) -> Fault | None:
        """Check every seal, and that the book still begins as it did when a head was published.

        Returns
        -------
        Fault or None
            The first row that is not what was written, and why.
        """
        try:
            return self._verify(head)
        except DBAPIError as problem:
            return Fault(0, f"the file cannot be read through: {str(problem.orig).splitlines()[0]}")

    def _verify(self, head: Head | None) -> Fault | None:
        before, numbers = NOTHING, sql.select(TABLE.c.sequence).order_by(TABLE.c.sequence)
        with self._reading() as here:
            found = here.execute(numbers).scalars().all()
            for place, number in enumerate(found, 1):
                if number != place:
                    return Fault(place, f"the row is missing; {number} comes next")
                try:
                    row = Row(**here.execute(sql.select(TABLE).where(TABLE.c.sequence == number)).one()._mapping)
                except DBAPIError:
                    return Fault(number, "the row cannot be read")
                said = (row.sequence, row.kind, row.id, row.body, row.written_at)
                if row.seal != seal(before, *said):
                    return Fault(number, "the row, or the seal before it, is not what was written")
                if head is not None and number == head.sequence and row.seal != head.seal:
                    return Fault(number, "the row has another seal than the head that was published")
                before = row.seal
            if head is not None and len(found) < head.sequence:
                return Fault(len(found) + 1, f"the row is missing: a head of {head.sequence} rows was published")
            broken = _integrity(here)
        return Fault(0, f"the database says: {broken}") if broken else None

    def _reading(self) -> Any:
        return self._engine.connect().execution_options(reads=True)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say of a failing database where it is and what to do."""
        try:
            yield
        except DBAPIError as problem:
            where, why = self._engine.url.render_as_string(hide_password=True), str(problem.orig).splitlines()[0]
            what = "the book cannot be read or written"
            raise EnvironmentFault(what, where, why, "check the address, or go back to a copy of the book") from None


def seal(before: str, sequence: int, kind: str, id_: str, body: str, written_at: str) -> str:
    """Digest a row and the seal before it."""
    return digest(canonical([before, sequence, kind, id_, body, written_at]))


def digest(text: str) -> str:
    """Digest a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _last(here: Connection) -> Head:
    asked = sql.select(TABLE.c.sequence, TABLE.c.seal).order_by(TABLE.c.sequence.desc()).limit(1)
    last = here.execute(asked).first()
    return Head(last.sequence, last.seal) if last else Head(0, NOTHING)


def _integrity(here: Connection) -> str:
    """Ask SQLite whether its file is whole; blank if it is."""
    if here.dialect.name != "sqlite":
        return ""
    said = str(here.exec_driver_sql("PRAGMA integrity_check").scalar())
    return "" if said == "ok" else said


def _engine(address: str) -> Engine:
    try:
        engine = sql.create_engine(address, poolclass=sql.NullPool)  # nothing is held between two acts
    except (ArgumentError, ModuleNotFoundError) as problem:
        why = str(problem).splitlines()[0]
        hint = "as sqlite:////folder/book.db or postgresql+psycopg://user@host/name, with the extra `postgres`"
        raise UsageError("this is no address of a book", address, why, hint) from None
    if engine.dialect.name == "sqlite":
        sql.event.listen(engine, "connect", _settings)
        sql.event.listen(engine, "begin", _begin)
    return engine


def _settings(raw: Any, _: Any) -> None:
    raw.isolation_level = None  # or the driver begins transactions that are not immediate
    for setting in ("journal_mode = DELETE", "synchronous = FULL", f"busy_timeout = {WAIT}"):
        raw.execute(f"PRAGMA {setting}")


def _begin(here: Connection) -> None:
    here.exec_driver_sql("BEGIN" if here.get_execution_options().get("reads") else "BEGIN IMMEDIATE")
