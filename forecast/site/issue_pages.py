"""A page for each issue, which is a brief on a day, and one that lists them all."""

from collections.abc import Iterator
from datetime import date

from forecast.language import say
from forecast.report import words
from forecast.report.document import Cell, Column, Link, Table, Text
from forecast.site import cells
from forecast.site.addresses import ISSUES, of_issue, of_question
from forecast.site.contents import LIVE, Contents, Said, by_domain
from forecast.site.page import Page, Part


def pages(found: Contents) -> Iterator[Page]:
    """Lay out the list of issues, then each of them."""
    yield _list(found)
    for brief, days in found.issues.items():
        every = list(days)
        for place, day in enumerate(every):
            ways = [(say("site-issue-before"), every[place - 1])] if place else []
            ways += [(say("site-issue-after"), after) for after in every[place + 1 : place + 2]]
            yield _issue(brief, day, found, tuple(Link(text, of_issue(brief, other)) for text, other in ways))


def _issue(brief: str, day: date, found: Contents, ways: tuple[Link, ...]) -> Page:
    some = found.issues[brief][day]
    return Page(
        name=of_issue(brief, day),
        title=say("site-issue-title", brief=brief, day=words.prose_date(day)),
        subtitle=say("site-issue-subtitle"),
        status=(say("title-as-of", day=words.prose_date(day)), _written(some), *cells.told(some)),
        parts=(
            Part("forecasts", say("site-issue-forecasts"), (Text(say("site-how"), "note"), _forecasts(some, found))),
        ),
        ways=ways,
    )


def _written(some: list[Said]) -> str:
    """Say how many forecasts were written, when, and where they stand in the book."""
    rows, days = [one.told.sequence for one in some], [one.told.written for one in some]
    begin, end = words.prose_date(min(days)), words.prose_date(max(days))
    if begin == end:
        return say("site-issue-written", count=len(some), day=end, first=min(rows), last=max(rows))
    return say("site-issue-written-over", count=len(some), begin=begin, end=end, first=min(rows), last=max(rows))


def _forecasts(some: list[Said], found: Contents) -> Table:
    domains = by_domain(some)
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (Link(one.question.text, of_question(one.question.series)), *cells.said(one, found), *cells.came(one))
        for each in domains.values()
        for one in each
    )
    groups = tuple((cells.group(domain), len(each)) for domain, each in domains.items())
    columns = (Column(say("column-question")), *cells.said_columns(), *cells.came_columns())
    return Table(say("site-issue-caption"), columns, rows, groups, searchable=True)


def _list(found: Contents) -> Page:
    columns = (
        Column(say("column-as-of")),
        Column(say("site-forecasts"), True),
        Column(say("site-made", made=LIVE), True),
        *cells.tally_columns(),
    )
    parts = []
    for place, (brief, days) in enumerate(found.issues.items(), 1):
        rows: tuple[tuple[Cell, ...], ...] = tuple(
            (
                Link(day.isoformat(), of_issue(brief, day)),
                f"{len(some):,}",
                f"{sum(one.live for one in some):,}",
                *cells.tally(some),
            )
            for day, some in reversed(days.items())
        )
        parts.append(Part(f"brief-{place}", brief, (Table(say("site-issues-of", brief=brief), columns, rows),)))
    return Page(ISSUES, say("site-issues"), say("site-issues-subtitle"), cells.told(found.said), tuple(parts))
