"""The site: the rows of a book in, pages out that need no server, as bytes."""

from collections.abc import Iterator, Sequence

from forecast.ledger import Row
from forecast.site import contents, index_page, issue_pages, question_pages, record_page, rendering


def pages(rows: Sequence[Row]) -> Iterator[tuple[str, bytes]]:
    """Make the pages of a book one by one, each under its name; the same rows give the same bytes.

    Parameters
    ----------
    rows : sequence of Row
        All of the book, in its order; a forecast must be among them.
    """
    found = contents.read(rows)
    rest = (record_page.page(found), *issue_pages.pages(found), *question_pages.pages(found))
    for page in (index_page.page(found), *rest):
        yield page.name, rendering.html(page, found)
