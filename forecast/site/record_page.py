"""The track record: live forecasts and backtests apart, what they were worth, and sums to be filtered."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from forecast.language import say
from forecast.report import figures, record_pages
from forecast.report.document import Figure, Link, Table, Text
from forecast.site import sums
from forecast.site.addresses import RECORD, of_question
from forecast.site.contents import BACKTEST, LIVE, Contents
from forecast.site.page import Block, Drawing, Page, Part


def page(found: Contents) -> Page:
    """Lay out the record, live first."""
    left = len(found.said) - len(found.scored)
    void = sum(one.end.outcome is None for one in found.scored)
    return Page(
        name=RECORD,
        title=say("record-title"),
        subtitle=say("site-record-subtitle"),
        status=(
            say("site-record-size", known=len(found.scored) - void, void=void, open=left),
            say("site-record-how"),
        ),
        parts=tuple(part for live in (True, False) for part in _parts(live, found)),
        scripts=("sums.js",),
    )


def _parts(live: bool, found: Contents) -> Iterator[Part]:
    name, title = record_pages.PART[live], record_pages.title(live)
    some = [one for one in found.scored if one.live == live]
    if not some:
        yield Part(name, title, (Text(record_pages.about(live)), Text(say("site-record-none"), "warning")))
        return
    to = {one.question.text: of_question(one.question.series) for one in some}
    yield Part(name, title, tuple(_shown(block, to) for block in record_pages.page(some, live)))
    how, by = Text(say("site-sums-how"), "note"), say("site-sums-title", made=LIVE if live else BACKTEST)
    yield Part(f"sums-{name}", by, (how, sums.table(some)), 2, sums.says())


def _shown(block: Text | Table | Figure, to: Mapping[str, str]) -> Block:
    """Draw a figure; let a question that heads a row lead to its page."""
    if isinstance(block, Figure):
        return Drawing(block.title, block.alt, figures.svg(block.chart), block.data)
    if isinstance(block, Table):
        return replace(block, rows=tuple((_led(first, to), *rest) for first, *rest in block.rows))
    return block


def _led[Cell](cell: Cell, to: Mapping[str, str]) -> Cell | Link:
    return Link(cell, to[cell]) if isinstance(cell, str) and cell in to else cell
