"""A page as data: parts of text, tables and drawings, from which its HTML is made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from forecast.report.document import Link, Table, Text


@dataclass(frozen=True)
class Drawing:
    """A drawing as SVG, in words, and its numbers as a table, unless that stands on the page beside it."""

    title: str
    alt: str
    svg: str
    data: Table | None = None
    type: Literal["drawing"] = "drawing"


Block = Text | Table | Drawing


@dataclass(frozen=True)
class Part:
    """A heading and what stands under it; of level 2 it belongs to the one before; with texts for its script."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    level: Literal[1, 2] = 1
    says: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """A page of the site.

    Parameters
    ----------
    name : str
        Of its file.
    title, subtitle : str
    status : tuple of str
        Lines of the title block.
    parts : tuple of Part
    ways : tuple of Link
        To its neighbours, beside those that lead everywhere.
    scripts : tuple of str
        Beside those that every page has.
    """

    name: str
    title: str
    subtitle: str
    status: tuple[str, ...]
    parts: tuple[Part, ...]
    ways: tuple[Link, ...] = ()
    scripts: tuple[str, ...] = ()
