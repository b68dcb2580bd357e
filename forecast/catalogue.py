"""What the desk says about its sources: licence, kinds, units and columns (data/sources.toml), and their fetches."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from forecast import toml
from forecast.downloading.pages import Pages
from forecast.errors import SpecError, look_alike
from forecast.events import COLUMNS


@dataclass(frozen=True)
class Column:
    """An attribute column that a source adds to the one table."""

    meaning: str
    type: Literal["text", "number", "date"] = "text"

    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class Key:
    """What a publisher asks for before it answers, and where it lies; never the secret itself.

    Parameters
    ----------
    variables : mapping of str to str
        Parameter -> variable of the environment that holds its value.
    get : str
        Where one is given a key.
    token : str
        Address that gives a token for these parameters (OAuth 2.0, grant type `password`), which then goes with each
        request; blank if the parameters themselves do, as part of the address.
    form : mapping of str to str
        What else that address asks for.
    """

    variables: Mapping[str, str]
    get: str
    token: str = ""
    form: Mapping[str, str] = field(default_factory=dict)

    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class Source:
    """A provider of events.

    Parameters
    ----------
    title, publisher, licence, url : str
    kinds : tuple of str
        Kinds of event that it may hold.
    units : mapping of str to str
        Kind -> unit of its value; kinds that are not named are plain occurrences, unit 1.
    columns : mapping of str to Column
        Attributes, beside the columns of the one table.
    constants : mapping of str to str
        Values of columns that its files leave out.
    scheduled : tuple of str
        Kinds that may be known before they happen.
    valueless : tuple of str
        Kinds whose value may be missing.
    series : bool
        Whether its rows are one regular series, in which a jump by a factor of 50 is a slip.
    alike : tuple of str
        Columns that, with kind, entity and day, tell two events apart; new events that are alike in them are noted.
    note : str
    format : str
        Which importer reads the files of its publisher; blank if they come as the one table or by a mapping. What the
        importer declares of a source stands for whatever this block leaves out.
    address : str
        Where its publisher puts the file, for `forecast fetch`; {yyyy}, {yy}, {mm}, {m}, {dd}, {d} are those of `--of`.
    hosts : tuple of str
        Further hosts to which that address may redirect.
    key : Key or None
        What the publisher asks for before it answers.
    pages : Pages or None
        How the rows of an answer come in pages.
    only : mapping of str to tuple of str
        Column -> values; other rows of the publisher's files are left out.
    codes : mapping of str to mapping of str to str
        Column -> the publisher's word -> ours; a word that is not there stops a file.
    lag : int or None
        Days after its event (the last of its month or year) from which a row is taken to be known where nothing says
        when it was; None if from the day of the fetch.
    collapse : tuple of str or None
        In snapshots its rows are counted, not listed, apart by these attributes; None if they are listed.
    store : str
        How its fetches are kept; `parquet` is for sources too big for memory, whose rows are counted.
    """

    title: str
    publisher: str
    licence: str
    url: str
    kinds: tuple[str, ...]
    columns: Mapping[str, Column] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    scheduled: tuple[str, ...] = ()
    valueless: tuple[str, ...] = ()
    series: bool = False
    alike: tuple[str, ...] = ()
    note: str = ""
    format: str = ""
    address: str = ""
    hosts: tuple[str, ...] = ()
    key: Key | None = None
    pages: Pages | None = None
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    lag: int | None = None
    collapse: tuple[str, ...] | None = None
    store: Literal["csv", "parquet"] = "csv"

    __pydantic_config__ = {"extra": "forbid"}

    def type_of(self, column: str) -> str:
        """Name the type of one of its columns."""
        return COLUMNS[column][0] if column in COLUMNS else self.columns[column].type


@dataclass(frozen=True)
class Fetch:
    """What is said beside a file of events about how it was fetched.

    Parameters
    ----------
    through : date
        The last day that was looked at: the absence of rows up to it means something.
    rows, sha256 : int, str
        Of the file as it was fetched.
    received : str
        SHA-256 of the publisher's file; blank if it was not kept.
    origin, note : str
    """

    through: date
    rows: int | None = None
    sha256: str | None = None
    received: str = ""
    origin: str = ""
    note: str = ""

    __pydantic_config__ = {"extra": "forbid"}


FORMATS = "forecast.sources"
VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")


def formats() -> list[str]:
    """Name the importers: each declares its source in a file beside it."""
    files = resources.files(FORMATS).iterdir()
    return sorted(path.name.removesuffix(".toml") for path in files if path.name.endswith(".toml"))


def declared(name: str, where: str) -> dict[str, Any]:
    """Read what an importer declares of the sources whose files it reads: the keys of a block in data/sources.toml.

    Raises
    ------
    SpecError
        If there is no such importer.
    """
    if name not in formats():
        raise SpecError(f"there is no format `{name}`", f"{where}, format", hint=look_alike(name, formats()))
    text = resources.files(FORMATS).joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return toml.loads(text, f"{name}.toml")


def _whole(table: dict[str, Any], where: str) -> dict[str, Any]:
    """Lay a block over what its importer declares."""
    return {**declared(table["format"], where), **table} if isinstance(table.get("format"), str) else table


def sources(text: str, where: str) -> dict[str, Source]:
    """Read the sources of a desk.

    Raises
    ------
    SpecError
        With the key of everything that cannot be accepted.
    """
    tables: dict[str, Any] = toml.loads(text, where)
    found = {}
    for name, table in tables.items():
        block = f"{where}, [{name}]"
        found[name] = toml.parse(Source, _whole(table, block) if isinstance(table, dict) else table, block)
    types: dict[str, str] = {}
    for name, source in found.items():
        for kind in (*source.units, *source.scheduled, *source.valueless):
            if kind not in source.kinds:
                raise SpecError(
                    f"`{kind}` is not one of the kinds", f"{where}, [{name}]", hint=look_alike(kind, source.kinds)
                )
        for column, attribute in source.columns.items():
            if types.setdefault(column, attribute.type) != attribute.type:
                why = f"another source has it as {types[column]}"
                raise SpecError(
                    f"`{column}` cannot be {attribute.type} here", f"{where}, [{name}.columns]", why, "rename it"
                )
            if column in COLUMNS:
                raise SpecError(
                    f"`{column}` is a column of every event", f"{where}, [{name}.columns]", hint="rename it"
                )
        for key in ("constants", "codes", "only", "alike"):
            for column in getattr(source, key):
                if column not in {*COLUMNS, *source.columns}:
                    hint = look_alike(column, {*COLUMNS, *source.columns})
                    raise SpecError(f"`{column}` is not a column", f"{where}, [{name}], {key}", hint=hint)
        _check_collapse(source, f"{where}, [{name}]")
        _check_address(source, f"{where}, [{name}]")
    return found


def _check_address(source: Source, where: str) -> None:
    """Refuse a secret in place of the name of its variable, and parameters that are added to an address twice."""
    variables = source.key.variables if source.key else {}
    for parameter, variable in variables.items():
        if not VARIABLE.fullmatch(variable):  # which is not told: it may be the secret
            why = "a secret never stands in this file: say which variable of the environment holds it"
            hint = f'variables = {{ {parameter} = "SOME_KEY" }}'
            raise SpecError(f"`{parameter}` does not name a variable", f"{where}, key.variables", why, hint)
    added = {*variables, *((source.pages.limit, source.pages.start) if source.pages else ())}
    for address in (source.address, source.pages.withdrawn if source.pages else ""):
        for parameter, _ in parse_qsl(urlsplit(address).query, keep_blank_values=True):
            if parameter in added:
                what = f"`{parameter}` stands in the address, and would be added to it"
                raise SpecError(what, where, hint="leave it out of the address")


def _check_collapse(source: Source, where: str) -> None:
    """Refuse to count what is more than an occurrence, and to keep as Parquet what is not counted."""
    if source.collapse is None:
        if source.store == "parquet":
            why = "the rows of a source kept as Parquet are counted, never loaded as a whole"
            raise SpecError("`collapse` is missing", where, why, "collapse = [] counts apart by no attribute")
        return
    text = [column for column, attribute in source.columns.items() if attribute.type == "text"]
    for column in source.collapse:
        if column not in text:
            hint = look_alike(column, text)
            raise SpecError(f"`{column}` is no text attribute of this source", f"{where}, collapse", hint=hint)
    if len(set(source.collapse)) < len(source.collapse):
        raise SpecError("a column stands there twice", f"{where}, collapse")
    measured = sorted({*(kind for kind, unit in source.units.items() if unit != "1"), *source.valueless})
    if measured or source.series:
        why = f"sums of values are not counts: {', '.join(measured) or 'series'}"
        raise SpecError("rows with values cannot be counted", f"{where}, collapse", why, "leave out `collapse`")


def fetch(text: str, where: str) -> Fetch:
    """Read what is said about one fetch."""
    return toml.parse(Fetch, toml.loads(text, where), where)
