"""The track record: live forecasts and backtests apart, what they were worth, and sums to be filtered."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from forecast.report import figures, record_pages
from forecast.report.document import Figure, Link, Table, Text
from forecast.report.record_pages import TITLES
from forecast.site import sums
from forecast.site.addresses import RECORD, of_question
from forecast.site.contents import Contents
from forecast.site.page import Block, Drawing, Page, Part

SUBTITLE = "What forecasts in the book were worth once their questions had come out, of whatever brief."
HOW = (
    "Brier and logarithmic scores: 0 is best. Skill is over the base rate, with its 90 % interval: days of issue within"
    " a year are drawn together, for windows overlap and causes last. What is void is counted, and not scored."
)
NONE = "None has come out yet."


def page(found: Contents) -> Page:
    """Lay out the record, live first."""
    left = len(found.said) - len(found.scored)
    void = sum(one.end.outcome is None for one in found.scored)
    return Page(
        name=RECORD,
        title="Track record",
        subtitle=SUBTITLE,
        status=(f"Come out: {len(found.scored) - void:,} forecasts; void: {void:,}; open: {left:,}.", HOW),
        parts=tuple(part for live in (True, False) for part in _parts(live, found)),
        scripts=("sums.js",),
    )


def _parts(live: bool, found: Contents) -> Iterator[Part]:
    title, some = TITLES[live], [one for one in found.scored if one.live == live]
    name = title.lower()
    if not some:
        yield Part(name, title, (Text(record_pages.OF[live]), Text(NONE, "warning")))
        return
    to = {one.question.text: of_question(one.question.series) for one in some}
    yield Part(name, title, tuple(_shown(block, to) for block in record_pages.page(some, live)))
    table = sums.table(some)
    yield Part(f"sums-{name}", f"{title} by domain, models and year", (Text(sums.HOW, "note"), table), 2)


def _shown(block: Text | Table | Figure, to: Mapping[str, str]) -> Block:
    """Draw a figure; let a question that heads a row lead to its page."""
    if isinstance(block, Figure):
        return Drawing(block.title, block.alt, figures.svg(block.chart), block.data)
    if isinstance(block, Table):
        return replace(block, rows=tuple((_led(first, to), *rest) for first, *rest in block.rows))
    return block


def _led[Cell](cell: Cell, to: Mapping[str, str]) -> Cell | Link:
    return Link(cell, to[cell]) if isinstance(cell, str) and cell in to else cell
