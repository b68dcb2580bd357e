"""Any CSV, mapped to the one table by a short TOML: which column is which, how dates are written, what words mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Literal

import pandas as pd

from forecast import tables, toml
from forecast.catalogue import Source
from forecast.delivery import Delivery
from forecast.errors import DataError, SpecError, listed, look_alike
from forecast.events import COLUMNS
from forecast.reading import EARLIEST, LATEST
from forecast.sources import countries
from forecast.tables import Table

ALL = (date.fromisoformat(EARLIEST), date.fromisoformat(LATEST))


@dataclass(frozen=True)
class Layout:
    """How a file is laid out.

    Parameters
    ----------
    columns : mapping of str to str or tuple of str
        Column of the one table or of the source -> column of the file, or several whose cells are joined by `/`.
    unused : tuple of str
        Columns of the file that are not wanted; any other column must be mapped.
    dates : mapping of str to str
        Column -> how its dates are written, as in `%d/%m/%Y`; 2019-05-17 if left out.
    scale : mapping of str to str
        Column -> what its numbers are multiplied by, as in "0.001".
    codes : mapping of str to mapping of str to str
        Column -> the file's word -> ours; a word that is not there stops the file.
    countries : mapping of str to str
        Column -> by which codes it names countries (`name`, `iso2`, `iso3`, `isonum`, `gw`, `ucdp`, `fips`, `cameo`).
    constants : mapping of str to str
        Columns that the file leaves out, and what they always are.
    separator, decimal, thousands : str
        Marks between cells and inside numbers.
    whole : bool
        Whether the file holds all that there is: records that are missing from it were taken back.
    """

    columns: Mapping[str, str | tuple[str, ...]]
    unused: tuple[str, ...] = ()
    dates: Mapping[str, str] = field(default_factory=dict)
    scale: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    countries: Mapping[str, Literal["name", "iso2", "iso3", "isonum", "gw", "ucdp", "fips", "cameo"]] = field(
        default_factory=dict
    )
    constants: Mapping[str, str] = field(default_factory=dict)
    separator: Literal[",", ";", "\t", "|"] = ","
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ",", ".", " "] = ""
    whole: bool = False

    __pydantic_config__ = {"extra": "forbid"}


PLAIN = Layout({})
OURS = {"source", "revision", "retracted"}


def layout(text: str, where: str, source: Source) -> Layout:
    """Read a mapping to the columns of a source.

    Raises
    ------
    SpecError
        With every key that cannot be accepted.
    """
    found = toml.parse(Layout, toml.loads(text, where), where)
    known = {*COLUMNS, *source.columns} - OURS
    for column in (*found.columns, *found.constants):
        if column not in known:
            why = "the program says it of every row" if column in OURS else ""
            what = f"`{column}` is no column to map to"
            raise SpecError(what, f"{where}, columns", why, "take the line out" if why else look_alike(column, known))
    for key in ("dates", "scale", "codes", "countries"):
        for column in getattr(found, key):
            if column not in found.columns:
                raise SpecError(f"`{column}` is not mapped", f"{where}, {key}", hint=look_alike(column, found.columns))
    return found


def parse(content: bytes, where: str, source: Source, said: Layout = PLAIN) -> Delivery:
    """Read a file by a mapping; without one its columns are those of the one table and of the source.

    Raises
    ------
    DataError
        With every column that is missing or not mapped, or every cell that cannot be read as the mapping says.
    """
    table = tables.read(content, where, said.separator)
    rows = pd.DataFrame(table.rows, columns=list(table.columns), index=table.lines, dtype="str")
    if said is PLAIN:
        return Delivery(rows, where, f"{len(rows):,} rows in the columns of the one table")
    _check_columns(table, said)
    problems: list[str] = []
    numbers = {name for name in said.columns if source.type_of(name) in ("number", "integer")}
    cells = {name: _cells(_joined(rows, one), name, said, numbers, problems) for name, one in said.columns.items()}
    if problems:
        raise DataError("cells cannot be read as the mapping says", where, listed(problems), "nothing is guessed")
    found = pd.DataFrame(cells, index=rows.index, dtype="str").assign(**said.constants)
    return Delivery(found, where, f"{len(rows):,} rows by a mapping", ALL if said.whole else None)


def _check_columns(table: Table, said: Layout) -> None:
    wanted = [one for names in said.columns.values() for one in ([names] if isinstance(names, str) else names)]
    problems = [
        f"the mapping names `{name}`, which is not there; {look_alike(name, table.columns)}"
        for name in (*wanted, *said.unused)
        if name not in table.columns
    ]
    problems += [
        f"`{name}` is neither mapped nor unused" for name in table.columns if name not in {*wanted, *said.unused}
    ]
    if problems:
        hint = "map each column, or name it in `unused`"
        raise DataError("the file's columns are not those of the mapping", f"{table.where}:1", listed(problems), hint)


def _joined(rows: pd.DataFrame, names: str | tuple[str, ...]) -> pd.Series:
    if isinstance(names, str):
        return rows[names]
    joined = rows[names[0]]
    for name in names[1:]:
        joined = joined + "/" + rows[name]
    return joined


def _cells(cells: pd.Series, name: str, said: Layout, numbers: set[str], problems: list[str]) -> pd.Series:
    """Turn the cells of a column into ours; blanks stay blank."""

    def turned(cell: str) -> str:
        if name in said.dates:
            return datetime.strptime(cell, said.dates[name]).date().isoformat()
        if name in said.countries:
            return countries.country(cell, said.countries[name])
        if name in said.codes:
            return said.codes[name][cell]
        if name in numbers:
            return _number(cell, said, said.scale.get(name, "1"))
        return cell

    found: dict[str, str] = {"": ""}
    for line, cell in cells.items():
        if cell not in found:
            try:
                found[cell] = turned(cell)
            except (ValueError, KeyError, InvalidOperation, DataError) as problem:
                found[cell] = ""
                problems.append(f"line {line}: `{name}` is {cell[:40]!r}, {_why(problem, name, said)}")
    return cells.map(found)


def _number(cell: str, said: Layout, factor: str) -> str:
    plain = cell.replace(said.thousands, "") if said.thousands else cell
    if said.decimal != "." and "." in plain:
        raise ValueError(cell)
    number = Decimal(plain.replace(said.decimal, ".")) * Decimal(factor)
    if not number.is_finite():
        raise ValueError(cell)
    return format(number.normalize(), "f")


def _why(problem: Exception, name: str, said: Layout) -> str:
    if isinstance(problem, DataError):
        return f"{problem.what}; {problem.hint}"
    if isinstance(problem, KeyError):
        return f"which has no code; {look_alike(str(problem.args[0]), said.codes[name])}"
    return f"not a date as {said.dates[name]}" if name in said.dates else "not a number"
