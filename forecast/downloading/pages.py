"""How a host gives its rows in pages."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode, urlsplit


@dataclass(frozen=True)
class Pages:
    """How a host gives its rows in pages.

    Parameters
    ----------
    rows : str
        Where they stand in an answer, as `response.data`.
    size : int
        How many a page holds; the last may hold fewer.
    limit : str
        Parameter that asks for so many.
    start : str
        Parameter that says where a page begins.
    counts : str
        What that counts: the rows before it, or the pages from 1.
    total : str
        Where an answer says how many rows there are in all; blank if it does not: then an empty page is the end.
    withdrawn : str
        Address of a further list in such pages, of what the publisher took back; it is put beside the rows.
    """

    rows: str
    size: int
    limit: str
    start: str
    counts: Literal["rows", "pages"]
    total: str = ""
    withdrawn: str = ""

    __pydantic_config__ = {"extra": "forbid"}

    def address(self, address: str, number: int, held: int) -> str:
        """Write the address of a page, by its number from 1 and how many rows come before it."""
        begins = held if self.counts == "rows" else number
        asked = urlencode({self.limit: self.size, self.start: begins})
        return f"{address}{'&' if urlsplit(address).query else '?'}{asked}"
