"""Pages joined into one file: no row is missing, and what all pages say beside their rows is kept."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from forecast.downloading.addresses import shown
from forecast.downloading.asking import Errand, Got, repeated, tried
from forecast.downloading.held import Held
from forecast.downloading.pages import Pages
from forecast.errors import DataError

NUMBER = re.compile(r"[0-9]{1,15}")
OF_ALL = ("content-type", "date")  # headers of a page that say something of the whole
Row = dict[str, Any]
Write = Callable[[str], object]
AGAIN = "run it again: were the data changed meanwhile? else look at `pages` in data/sources.toml"


@dataclass(frozen=True)
class Page:
    """A page: its rows as they are kept, their number, how many it says there are in all, and what else it says."""

    rows: str
    count: int
    total: int | None
    beside: Row

    @property
    def digest(self) -> bytes:
        """Tell it from other pages."""
        return sha256(self.rows.encode()).digest()


@dataclass
class Walk:
    """How far a walk through the pages of a list has come: pages, rows, and what all of them say beside these."""

    pages: Pages
    number: int = 0
    held: int = 0
    before: Page | None = None
    beside: Row = field(default_factory=dict)
    seen: set[bytes] = field(default_factory=set)

    def odd(self, page: Page) -> str:
        """Say why a page does not go on where the one before it ends; blank if it does."""
        count, total, before, size = page.count, page.total, self.before, self.pages.size
        if count and page.digest in self.seen:
            return "it holds the rows of an earlier one"
        if count > size:
            return f"it holds {count:,} rows, and {size:,} were asked for"
        if before and count and before.count < size:
            return f"the one before it held {before.count:,} rows of {size:,}, and was not the last"
        if before and total != before.total:
            return f"it says that there are {total:,} rows in all, and the one before it {before.total:,}"
        if total is not None and self.held + count > total:
            return f"with it {self.held + count:,} rows have come, and it says that there are {total:,} in all"
        if total is not None and not count and self.held < total:
            return f"it is empty, and {self.held:,} rows of {total:,} have come"
        return ""

    def take(self, page: Page) -> bool:
        """Note a page, and say whether it was the last."""
        kept = page.beside if self.before is None else self.beside
        self.beside = {name: said for name, said in kept.items() if page.beside.get(name) == said}
        self.number, self.held, self.before = self.number + 1, self.held + page.count, page
        self.seen.add(page.digest)
        return not page.count or self.held == page.total


def joined(errand: Errand, pages: Pages) -> Got:
    """Ask for page after page, within the bytes and seconds of one errand, and add their rows to its part.

    A page that breaks off is asked for again; a walk that ends early is begun anew by the next call.

    Raises
    ------
    DataError
        If an answer is no page of rows, pages do not fit together, or one tells the key that it was asked with.
    EnvironmentFault
        If no try brought a page, or time is up.
    """
    *above, last = pages.rows.split(".")
    with errand.part.grown(0, "") as add:

        def write(text: str) -> None:
            if errand.tells(text):
                raise repeated(errand)
            add(text.encode())

        write("".join(f"{{{json.dumps(name)}: " for name in (*above, last)))
        errand, walk, got = _copied(errand, pages, write)
        write("".join(f",\n{json.dumps(name)}: {json.dumps(said)}" for name, said in walk.beside.items()))
        count = walk.number
        if pages.withdrawn:
            write(',\n"withdrawn": ')
            _, walk, got = _copied(replace(errand, address=pages.withdrawn), pages, write)
            count += walk.number
        write("}" * (len(above) + 1) + "\n")
    return replace(got, pages=count, said={name: got.said[name] for name in OF_ALL if name in got.said})


def _copied(errand: Errand, pages: Pages, write: Write) -> tuple[Errand, Walk, Got]:
    """Write the rows of all pages of a list; the errand that is given back knows what they cost."""
    walk, where, over = Walk(pages), shown(errand.address), False
    write("[")
    while not over:
        held = Held()
        address = pages.address(errand.address, walk.number + 1, walk.held)
        got = tried(replace(errand, address=address, part=held))
        page = _page(bytes(held.content), pages, where, errand.veil)
        if problem := walk.odd(page):
            why = f"page {walk.number + 1}: {problem}"
            raise DataError("the pages of the answer do not fit together", where, why, AGAIN)
        if page.count:
            write((",\n" if walk.held else "\n") + page.rows)
        errand = replace(errand, spent=errand.spent + len(held.content))
        over = walk.take(page)
        errand.say(f"{walk.held:,} rows")
    write("]")
    return errand, walk, got


def _page(content: bytes, pages: Pages, where: str, veil: Callable[[str], str]) -> Page:
    """Read a page; a number with a fraction becomes the text of it, so that its digits stay."""
    try:
        answer = json.loads(content.decode("utf-8-sig"), parse_float=str)
    except (ValueError, RecursionError):
        raise DataError("this is not valid JSON", where, hint="run it again: was the answer cut off?") from None
    *above, last = pages.rows.split(".")
    around = _at(answer, above)
    rows = _at(around, [last])
    if _failed(answer) or _failed(around) or not isinstance(rows, list) or not all(isinstance(r, dict) for r in rows):
        raise DataError(f"the answer holds no rows under `{pages.rows}`", where, _complaint(answer, veil))
    said = str(_at(answer, pages.total.split(".")) if pages.total else 0)
    if not NUMBER.fullmatch(said):
        raise DataError("the answer does not say how many rows there are", where, f"`{pages.total}` is no number")
    beside = {name: one for name, one in around.items() if name not in (last, "withdrawn")}
    return Page(",\n".join(map(json.dumps, rows)), len(rows), int(said) if pages.total else None, beside)


def _at(answer: Any, path: Sequence[str]) -> Any:
    """Find what stands at the end of a path; None if there is nothing."""
    for name in path:
        answer = answer.get(name) if isinstance(answer, dict) else None
    return answer


def _failed(answer: Any) -> bool:
    return isinstance(answer, dict) and bool(answer.get("error") or answer.get("success") is False)


def _complaint(answer: Any, veil: Callable[[str], str]) -> str:
    """Say what an answer says in place of rows, without the key that it may repeat."""
    found = [_at(answer, [name]) for name in ("error", "message", "messages")]
    said = next((one for one in found if one), None)
    return f"it says: {veil(said if isinstance(said, str) else json.dumps(said))[:200]}" if said else ""
