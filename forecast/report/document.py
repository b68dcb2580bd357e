"""The report as data: sections of text, tables and figures. JSON is the truth; HTML and PDF are made from it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal

SCHEMA_VERSION = 3


@dataclass(frozen=True)
class Link:
    """A cell or phrase that points to a page, or to a section (`#id`); any other address is shown as text."""

    text: str
    href: str


@dataclass(frozen=True)
class Spark:
    """A cell that draws a few probabilities, oldest first, with the words for who cannot see them."""

    text: str
    spark: tuple[float, ...]


Cell = str | Link | Spark


@dataclass(frozen=True)
class Text:
    """A paragraph. Its role sets its weight: lead, body, note, warning or code."""

    text: str
    role: Literal["lead", "body", "note", "warning", "code"] = "body"
    type: Literal["text"] = "text"


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, and whether its cells are numbers."""

    heading: str
    numeric: bool = False


@dataclass(frozen=True)
class Table:
    """A table, its caption, and on which columns it may be searched.

    Parameters
    ----------
    caption : str
    columns : tuple of Column
    rows : tuple of tuple of str, Link or Spark
    groups : tuple of (str, int)
        Headings inside the table, each with the number of rows that stand under it.
    widths : tuple of float
        Relative widths of the columns in print.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    groups: tuple[tuple[str, int], ...] = ()
    widths: tuple[float, ...] = ()
    searchable: bool = False
    type: Literal["table"] = "table"


@dataclass(frozen=True)
class Figure:
    """A Vega-Lite document with its data, in words, and as a table; without a title where its section says enough."""

    id: str
    title: str
    alt: str
    chart: Mapping[str, Any]
    data: Table
    type: Literal["figure"] = "figure"


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it."""

    id: str
    title: str
    level: Literal[1, 2]
    blocks: tuple[Text | Table | Figure, ...]


@dataclass(frozen=True)
class Report:
    """A whole report.

    Parameters
    ----------
    title, subtitle : str
    language : str
        In which it is written, as `en`.
    as_of : date
    status : tuple of str
        Lines of the title block.
    sections : tuple of Section
    forecasts : tuple of mapping
        Every forecast at full precision.
    inputs : str
        Digest of what the report was made from.
    code : mapping of str to str
        Versions.
    scenarios, aftermath, outcomes, pairs, moves : tuple of mapping
        What is seen or supposed, what came after past events, how questions came out, which go together, and why
        probabilities moved, at full precision.
    """

    title: str
    subtitle: str
    language: str
    as_of: date
    status: tuple[str, ...]
    sections: tuple[Section, ...]
    forecasts: tuple[Mapping[str, Any], ...] = ()
    inputs: str = ""
    code: Mapping[str, str] = field(default_factory=dict)
    scenarios: tuple[Mapping[str, Any], ...] = ()
    aftermath: tuple[Mapping[str, Any], ...] = ()
    outcomes: tuple[Mapping[str, Any], ...] = ()
    pairs: tuple[Mapping[str, Any], ...] = ()
    moves: tuple[Mapping[str, Any], ...] = ()


def to_json(report: Report) -> str:
    """Write a report as JSON: sorted keys, no NaN, the same bytes for the same report.

    Raises
    ------
    ValueError
        If a number is not finite.
    """
    document = {"schema_version": SCHEMA_VERSION, **asdict(report)}
    return json.dumps(document, ensure_ascii=False, allow_nan=False, sort_keys=True, indent=1, default=_plain) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot stand in a report")
