"""The report as data: sections of text, tables and figures. JSON is the truth; HTML and PDF are made from it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Link:
    """A cell or phrase that points to a page; anything but http and https is shown as text."""

    text: str
    href: str


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
    rows : tuple of tuple of str or Link
    groups : tuple of (str, int)
        Headings inside the table, each with the number of rows that stand under it.
    widths : tuple of float
        Relative widths of the columns in print.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str | Link, ...], ...]
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
    scenarios, aftermath, outcomes : tuple of mapping
        What is seen or supposed, what came after past events, and how questions came out, at full precision.
    """

    title: str
    subtitle: str
    as_of: date
    status: tuple[str, ...]
    sections: tuple[Section, ...]
    forecasts: tuple[Mapping[str, Any], ...] = ()
    inputs: str = ""
    code: Mapping[str, str] = field(default_factory=dict)
    scenarios: tuple[Mapping[str, Any], ...] = ()
    aftermath: tuple[Mapping[str, Any], ...] = ()
    outcomes: tuple[Mapping[str, Any], ...] = ()


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
