"""Sources too big for memory: their fetches as Parquet, and the questions about them that DuckDB answers.

Rows stand there as they were appended, each once: what `forecast add` appends are new records and further revisions of
old ones, never a row that stands already. A file is believed only if it is, byte for byte, what was appended.
"""

import hashlib
import io
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from forecast import collapse
from forecast.catalogue import Fetch, Source
from forecast.errors import DataError, EnvironmentFault, listed
from forecast.events import COLUMNS, dtype

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

THREADS, MEMORY = 2, "400MB"
GROUP = 500_000  # rows of a group within a file, each of which can be skipped
TYPES = {"text": pa.string(), "integer": pa.int64(), "number": pa.float64(), "date": pa.date32(), "flag": pa.bool_()}
# A row is superseded if a further revision of its record was known by then; few rows are further revisions.
KNOWN = """
    SELECT * FROM read_parquet($files) AS rows
    WHERE known_at < $day AND NOT retracted {where} AND NOT EXISTS (
        SELECT 1 FROM (
            SELECT record, max(revision) AS last FROM read_parquet($files)
            WHERE revision > 0 AND known_at < $day GROUP BY record
        ) AS further WHERE further.record = rows.record AND further.last > rows.revision
    )
"""
COUNTED = """
    SELECT * REPLACE ({dates}), {record} AS record
    FROM (SELECT {key}, sum(n)::BIGINT AS n FROM ({known}) GROUP BY {key})
"""
SUMMARY = """
    SELECT filename AS path, kind, min(known_at)::TIMESTAMP AS first, count(*) FILTER (revision = 0) AS added,
        count(*) FILTER (revision > 0 AND NOT retracted) AS revised,
        count(*) FILTER (revision > 0 AND retracted) AS back
    FROM read_parquet($files, filename = true) GROUP BY ALL ORDER BY ALL
"""
TOUCHED = """
    WHERE record IN (SELECT record FROM named)
    OR record IN (SELECT record FROM read_parquet($files) WHERE event_at BETWEEN $first AND $last)
"""


@dataclass(frozen=True)
class Store:
    """The fetches of a source, as files that are read by a query and never as a whole.

    Parameters
    ----------
    name : str
        Of the source.
    source : Source
    paths : tuple of str
        Of the Parquet files, at least one.
    """

    name: str
    source: Source
    paths: tuple[str, ...]

    def as_of(self, when: date, kinds: Sequence[str] | None = None) -> pd.DataFrame:
        """Count the last revisions of records that were known before a day and not retracted by then.

        Parameters
        ----------
        when : date
        kinds : sequence of str or None
            All by default.

        Returns
        -------
        DataFrame
            As `collapse.collapsed` gives it, in no order.
        """
        named = {f"kind{number}": kind for number, kind in enumerate(kinds or ())}
        where = "" if kinds is None else f"AND list_contains([{', '.join(f'${name}' for name in named)}], kind)"
        columns = collapse.key(self.source)
        dates = [name for name in columns if self.source.type_of(name) == "date"]
        query = COUNTED.format(
            dates=", ".join(f"{_name(name)}::TIMESTAMP AS {_name(name)}" for name in dates),
            record=" || '/' || ".join(_part(name, name in dates) for name in columns),
            key=", ".join(map(_name, columns)),
            known=KNOWN.format(where=where),
        )
        return collapse.whole(self._asked(query, day=when, **named), self.name, self.source)

    def summary(self) -> pd.DataFrame:
        """Say of every file and kind how many rows are new, revised or taken back, and when the first was known.

        Returns
        -------
        DataFrame
            path, kind, first, added, revised, back.
        """
        return self._asked(SUMMARY)

    def revisions(self, records: Sequence[str] | None = None, span: tuple[date, date] | None = None) -> pd.DataFrame:
        """Give every revision of some records: those named, and those that ever were of a day of a span.

        Parameters
        ----------
        records : sequence of str or None
            All there are, if None.
        span : tuple of date or None
            First and last day.
        """
        listed_columns = ", ".join(map(_name, _columns(self.source)))
        query = f"SELECT {listed_columns} FROM read_parquet($files)"  # noqa: S608 (columns of ours, quoted)
        if records is None:
            rows = self._asked(query)
        else:
            named = pa.table({"record": pa.array(sorted(set(records)), pa.string())})
            first, last = span or (None, None)
            rows = self._asked(query + TOUCHED, named, first=first, last=last)
        types: dict[str, Any] = {name: dtype(self.source.type_of(name)) for name in _columns(self.source)}
        found = pd.DataFrame({"source": pd.Series(self.name, index=rows.index, dtype="str"), **rows.astype(types)})
        return found.sort_values(["record", "revision"], kind="stable").reset_index(drop=True)

    def _asked(self, query: str, named: pa.Table | None = None, **values: object) -> pd.DataFrame:
        with _connected(self.paths) as connection:
            if named is not None:
                connection.register("named", named)
            table: pa.Table = connection.sql(query, params={"files": list(self.paths), **values}).to_arrow_table()
            rows: pd.DataFrame = table.to_pandas(split_blocks=True, self_destruct=True)
            return rows


def written(rows: pd.DataFrame, source: Source) -> bytes:
    """Write typed rows as Parquet, in the columns and types of the one table and of their source."""
    schema, out = _schema(source), io.BytesIO()
    cells = [pa.Array.from_pandas(rows[field.name], type=_wide(field.type)).cast(field.type) for field in schema]
    pq.write_table(pa.Table.from_arrays(cells, schema=schema), out, row_group_size=GROUP, compression="zstd")
    return out.getvalue()


def check(path: str, where: str, said: Fetch, source: Source) -> None:
    """Refuse a file that is not what was appended, or not laid out as its source is now.

    Raises
    ------
    DataError
    """
    with open(path, "rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    if said.sha256 != digest:
        why = "nothing says what was" if said.sha256 is None else "it was changed, cut off or replaced since"
        raise DataError("the file is not, byte for byte, what was appended", where, why, "restore it")
    try:
        found = pq.read_schema(path)
    except pa.ArrowException as problem:
        raise DataError("this is not a Parquet file", where, str(problem)) from None
    wanted = _schema(source)
    if not found.equals(wanted):
        differ = [f"`{name}`" for name in {*found.names, *wanted.names} if _type(found, name) != _type(wanted, name)]
        why = f"{listed(sorted(differ))} differ" if differ else "they stand in another order"
        hint = "leave the columns of a source with Parquet as they are, or add its files again"
        raise DataError("the columns of the file are not those of its source", where, why, hint)


@contextmanager
def _connected(paths: Sequence[str]) -> Iterator["DuckDBPyConnection"]:
    """Open DuckDB in memory, able to read these files and nothing else."""
    try:
        import duckdb
    except ImportError:
        hint = 'uv sync --extra big, or pip install "brinkcast[big]"'
        raise EnvironmentFault("sources kept as Parquet are read by DuckDB", why="it is missing", hint=hint) from None
    with tempfile.TemporaryDirectory(prefix="forecast-") as room:
        config: dict[str, Any] = {
            "threads": THREADS,
            "memory_limit": MEMORY,
            "temp_directory": room,
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "python_enable_replacements": False,
        }
        with duckdb.connect(":memory:", config=config) as connection:
            connection.execute("SET allowed_paths = $paths", {"paths": list(paths)})
            connection.execute("SET enable_external_access = false")
            connection.execute("SET lock_configuration = true")
            try:
                yield connection
            except duckdb.OutOfMemoryException as problem:
                hint = "free space for temporary files, or keep fewer columns in `collapse`"
                raise EnvironmentFault("a query needs more memory than it may have", "", str(problem), hint) from None


def _columns(source: Source) -> list[str]:
    return [name for name in (*COLUMNS, *source.columns) if name != "source"]


def _schema(source: Source) -> pa.Schema:
    return pa.schema([(name, TYPES[source.type_of(name)]) for name in _columns(source)])


def _type(schema: pa.Schema, name: str) -> pa.DataType | None:
    return schema.field(name).type if name in schema.names else None


def _wide(kind: pa.DataType) -> pa.DataType:
    """Days come as microseconds from pandas."""
    return pa.timestamp("us") if kind == pa.date32() else kind


def _name(column: str) -> str:
    """Quote the name of a column for SQL."""
    doubled = column.replace('"', '""')
    return f'"{doubled}"'


def _part(column: str, is_date: bool) -> str:
    """Write a column as a part of a joined key, in SQL."""
    if is_date:
        return f"strftime({_name(column)}, '%Y-%m-%d')"
    text = _name(column)
    for plain, escaped in collapse.ESCAPES:
        text = f"replace({text}, '{plain}', '{escaped}')"
    return text
