"""The body of an answer: unpacked in small pieces, never more than allowed, and no error page in place of data."""

import re
import zlib
from collections.abc import Iterable, Iterator

from forecast.errors import DataError

PIECE = 2**20  # bytes that are unpacked at once
PAGES = ("text/html", "application/xhtml+xml")
PROLOG = rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,500}?-->\s*){0,3}"
PAGE = re.compile(PROLOG + rb"<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
WHY = "it holds {}, and at most {:,} bytes are accepted"


def capped(pieces: Iterable[bytes], most: int, where: str, held: int = 0) -> Iterator[bytes]:
    """Pass pieces on, and refuse when they are more than `most` bytes.

    Raises
    ------
    DataError
        If they are.
    """
    for piece in pieces:
        held += len(piece)
        if held > most:
            raise too_large(None, most, where)
        yield piece


def too_large(said: int | None, most: int, where: str) -> DataError:
    """Refuse a file for its length, which the answer may have said."""
    why = WHY.format("more" if said is None else f"{said:,} bytes", most)
    return DataError("the file is too large", where, why, "look at the address: is it the file you mean?")


def unpacked(pieces: Iterable[bytes], encoding: str, where: str) -> Iterator[bytes]:
    """Unpack a body that came as gzip although it was asked for plain; a bomb comes out a piece at a time.

    Raises
    ------
    DataError
        If it is packed in another way, or broken.
    """
    if not encoding:
        yield from pieces
        return
    if encoding not in ("gzip", "x-gzip"):
        raise DataError(f"the answer is packed as `{encoding}`", where, "it was asked for as it is")
    odd = DataError("the answer cannot be unpacked", where, "its gzip stream does not end where the answer does")
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        for packed in pieces:
            piece = inflate.decompress(packed, PIECE)
            while piece:
                yield piece
                piece = inflate.decompress(inflate.unconsumed_tail, PIECE)
            if inflate.unused_data:
                raise odd
    except zlib.error as problem:
        raise DataError("the answer cannot be unpacked", where, str(problem)) from None
    if not inflate.eof:
        raise odd


def check_type(content_type: str, where: str) -> None:
    """Refuse a page where data were asked for.

    Raises
    ------
    DataError
        If the type is that of a page.
    """
    if content_type.split(";")[0].strip().lower() in PAGES:
        raise _page(where)


def check_beginning(beginning: bytes, where: str) -> None:
    """Refuse a page that is called something else, and nothing at all.

    Raises
    ------
    DataError
        If the file begins like a page, or is empty.
    """
    if not beginning:
        raise DataError("the file is empty", where)
    if PAGE.match(beginning):
        raise _page(where)


def _page(where: str) -> DataError:
    hint = "open the address in a browser: an error, a log-in, or a page that links to the file?"
    return DataError("the answer is a web page, not data", where, hint=hint)
