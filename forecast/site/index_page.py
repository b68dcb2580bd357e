"""The first page: the newest forecasts of each brief, how large the book is, and how to check it."""

from collections.abc import Sequence
from datetime import UTC, date

from forecast.report import words
from forecast.report.document import Cell, Column, Link, Spark, Table, Text
from forecast.site import cells
from forecast.site.addresses import HOME, of_issue, of_question
from forecast.site.contents import Contents, Said, by_domain
from forecast.site.page import Page, Part

LONGEST = 24  # issues in the small drawing of a cell
SUBTITLE = "What is forecast, what was, and what came of it: read from a book to which rows are only ever added."
OF_KINDS = {
    "question": "questions, each with its window",
    "forecast": "forecasts",
    "resolution": "questions that came out",
    "void": "questions made void",
    "spec": "models as they were written",
}
HEAD = (
    "Each row is sealed with the one before. Whoever keeps the head, the number of the last row and its seal, can check"
    " later that the book still begins as it did:"
)


def page(found: Contents) -> Page:
    """Lay out the first page."""
    newest = {brief: list(days)[-1] for brief, days in found.issues.items()}
    issues = sum(map(len, found.issues.values()))
    when = found.written_at.astimezone(UTC)
    return Page(
        name=HOME,
        title="Forecasts",
        subtitle=SUBTITLE,
        status=(
            f"{len(found.said):,} forecasts of {len(found.series):,} questions, in {issues:,} issues.",
            *cells.told(found.said),
            f"Last written on {words.prose_date(when.date())} at {when:%H:%M} UTC.",
        ),
        parts=(
            Part("issues", "Newest issues", (_issues(found, newest),)),
            *(_newest(place, brief, day, found) for place, (brief, day) in enumerate(newest.items(), 1)),
            _book(found),
        ),
    )


def _issues(found: Contents, newest: dict[str, date]) -> Table:
    columns = (
        Column("brief"),
        Column("as of"),
        Column("written"),
        *(Column(name, True) for name in ("forecasts", "live", "open")),
    )
    rows: list[tuple[Cell, ...]] = []
    for brief, day in newest.items():
        some = found.issues[brief][day]
        numbers = (len(some), sum(one.live for one in some), sum(one.end is None for one in some))
        written = max(one.told.written for one in some).isoformat()
        rows.append((Link(brief, of_issue(brief, day)), day.isoformat(), written, *(f"{each:,}" for each in numbers)))
    return Table("The newest issue of each brief", columns, tuple(rows))


def _newest(place: int, brief: str, day: date, found: Contents) -> Part:
    domains = by_domain(found.issues[brief][day])
    columns = (Column("question"), *cells.SAID, Column("issue by issue"), cells.CAME[0])
    rows = tuple(_row(one, found) for some in domains.values() for one in some)
    groups = tuple((cells.group(domain), len(some)) for domain, some in domains.items())
    caption = f"What {brief} says as of {words.prose_date(day)}"
    table = Table(caption, columns, rows, groups, searchable=True)
    return Part(f"newest-{place}", f"{brief}, as of {words.prose_date(day)}", (Text(cells.HOW_TO_READ, "note"), table))


def _row(one: Said, found: Contents) -> tuple[Cell, ...]:
    asked = Link(one.question.text, of_question(one.question.series))
    return asked, *cells.said(one, found), _path(one, found), one.outcome


def _path(one: Said, found: Contents) -> str | Spark:
    """Draw what the brief said of the question, issue by issue."""
    told = [each.told for each in found.series[one.question.series] if each.told.brief == one.told.brief]
    days = {each.as_of: each for each in told}
    path: Sequence[float] = [each.probability for each in days.values()][-LONGEST:]
    if len(path) < 2:
        return cells.NONE
    first = list(days)[-LONGEST:][0]
    return Spark(f"{words.short(path[0])} on {first}, {words.short(path[-1])} now", tuple(path))


def _book(found: Contents) -> Part:
    columns = (Column("rows"), Column("number", True))
    rows = tuple((name, f"{found.kinds[kind]:,}") for kind, name in OF_KINDS.items() if kind in found.kinds)
    table = Table("What stands in the book", columns, (*rows, ("all rows", f"{found.head.sequence:,}")))
    check = f"forecast ledger verify --head {found.head.sequence}:{found.head.seal}"
    return Part("book", "The book", (table, Text(HEAD), Text(check, "code")))
