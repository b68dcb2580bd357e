"""A page for each issue, which is a brief on a day, and one that lists them all."""

from collections.abc import Iterator
from datetime import date

from forecast.report import words
from forecast.report.document import Cell, Column, Link, Table, Text
from forecast.site import cells
from forecast.site.addresses import ISSUES, of_issue, of_question
from forecast.site.contents import Contents, Said, by_domain
from forecast.site.page import Page, Part

SUBTITLE = "What was said on a day, and what has come of it since."
LIST = "Every day on which something was forecast, newest first; nothing is left out."


def pages(found: Contents) -> Iterator[Page]:
    """Lay out the list of issues, then each of them."""
    yield _list(found)
    for brief, days in found.issues.items():
        every = list(days)
        for place, day in enumerate(every):
            ways = [("Issue before", every[place - 1])] if place else []
            ways += [("Issue after", after) for after in every[place + 1 : place + 2]]
            yield _issue(brief, day, found, tuple(Link(text, of_issue(brief, other)) for text, other in ways))


def _issue(brief: str, day: date, found: Contents, ways: tuple[Link, ...]) -> Page:
    some = found.issues[brief][day]
    told = [one.told for one in some]
    first, last = (words.prose_date(end(one.written for one in told)) for end in (min, max))
    rows = f"rows {min(one.sequence for one in told):,} to {max(one.sequence for one in told):,} of the book"
    return Page(
        name=of_issue(brief, day),
        title=f"{brief}, as of {words.prose_date(day)}",
        subtitle=SUBTITLE,
        status=(
            f"As of {words.prose_date(day)}: nothing that became known on that day or later was used.",
            f"{len(some):,} forecasts, written {f'on {last}' if first == last else f'from {first} to {last}'}, {rows}.",
            *cells.told(some),
        ),
        parts=(Part("forecasts", "Forecasts", (Text(cells.HOW_TO_READ, "note"), _forecasts(some, found))),),
        ways=ways,
    )


def _forecasts(some: list[Said], found: Contents) -> Table:
    domains = by_domain(some)
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (Link(one.question.text, of_question(one.question.series)), *cells.said(one, found), *cells.came(one))
        for each in domains.values()
        for one in each
    )
    groups = tuple((cells.group(domain), len(each)) for domain, each in domains.items())
    return Table("All forecasts of the issue", (Column("question"), *cells.SAID, *cells.CAME), rows, groups, (), True)


def _list(found: Contents) -> Page:
    columns = (
        Column("as of"),
        *(Column(name, True) for name in ("forecasts", "live", "yes", "no", "void", "open")),
    )
    parts = []
    for place, (brief, days) in enumerate(found.issues.items(), 1):
        rows = tuple(
            (
                Link(day.isoformat(), of_issue(brief, day)),
                f"{len(some):,}",
                f"{sum(one.live for one in some):,}",
                *cells.tally(some),
            )
            for day, some in reversed(days.items())
        )
        parts.append(Part(f"brief-{place}", brief, (Table(f"Issues of {brief}", columns, rows),)))
    return Page(ISSUES, "All issues", LIST, cells.told(found.said), tuple(parts))
