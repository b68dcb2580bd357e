"""The first page: the newest forecasts of each brief, how large the book is, and how to check it."""

from collections.abc import Sequence
from datetime import UTC, date

from forecast.language import say
from forecast.report import words
from forecast.report.document import Cell, Column, Link, Spark, Table, Text
from forecast.site import cells
from forecast.site.addresses import HOME, of_issue, of_question
from forecast.site.contents import LIVE, OPEN, Contents, Said, by_domain
from forecast.site.page import Page, Part

LONGEST = 24  # issues in the small drawing of a cell
KINDS = ("question", "forecast", "resolution", "void", "spec")


def page(found: Contents) -> Page:
    """Lay out the first page."""
    newest = {brief: list(days)[-1] for brief, days in found.issues.items()}
    issues = sum(map(len, found.issues.values()))
    when = found.written_at.astimezone(UTC)
    return Page(
        name=HOME,
        title=say("site-index-title"),
        subtitle=say("site-index-subtitle"),
        status=(
            say("site-index-size", forecasts=len(found.said), questions=len(found.series), issues=issues),
            *cells.told(found.said),
            say("site-index-written", day=words.prose_date(when.date()), time=f"{when:%H:%M}"),
        ),
        parts=(
            Part("issues", say("site-index-issues"), (_issues(found, newest),)),
            *(_newest(place, brief, day, found) for place, (brief, day) in enumerate(newest.items(), 1)),
            _book(found),
        ),
    )


def _issues(found: Contents, newest: dict[str, date]) -> Table:
    columns = (
        Column(say("site-brief")),
        Column(say("column-as-of")),
        Column(say("site-written")),
        Column(say("site-forecasts"), True),
        Column(say("site-made", made=LIVE), True),
        Column(cells.outcome(OPEN), True),
    )
    rows: list[tuple[Cell, ...]] = []
    for brief, day in newest.items():
        some = found.issues[brief][day]
        numbers = (len(some), sum(one.live for one in some), sum(one.end is None for one in some))
        written = max(one.told.written for one in some).isoformat()
        rows.append((Link(brief, of_issue(brief, day)), day.isoformat(), written, *(f"{each:,}" for each in numbers)))
    return Table(say("site-index-issues-caption"), columns, tuple(rows))


def _newest(place: int, brief: str, day: date, found: Contents) -> Part:
    domains = by_domain(found.issues[brief][day])
    columns = (
        Column(say("column-question")),
        *cells.said_columns(),
        Column(say("site-index-path")),
        Column(say("column-came-out")),
    )
    rows = tuple(_row(one, found) for some in domains.values() for one in some)
    groups = tuple((cells.group(domain), len(some)) for domain, some in domains.items())
    about = {"brief": brief, "day": words.prose_date(day)}
    table = Table(say("site-index-says", **about), columns, rows, groups, searchable=True)
    return Part(f"newest-{place}", say("site-issue-title", **about), (Text(say("site-how"), "note"), table))


def _row(one: Said, found: Contents) -> tuple[Cell, ...]:
    asked = Link(one.question.text, of_question(one.question.series))
    return asked, *cells.said(one, found), _path(one, found), cells.outcome(one.outcome)


def _path(one: Said, found: Contents) -> str | Spark:
    """Draw what the brief said of the question, issue by issue."""
    told = [each.told for each in found.series[one.question.series] if each.told.brief == one.told.brief]
    days = {each.as_of: each for each in told}
    path: Sequence[float] = [each.probability for each in days.values()][-LONGEST:]
    if len(path) < 2:
        return cells.NONE
    before, now = words.short(path[0]), words.short(path[-1])
    first = list(days)[-LONGEST:][0].isoformat()
    return Spark(say("site-index-path-told", before=before, day=first, now=now), tuple(path))


def _book(found: Contents) -> Part:
    columns = (Column(say("site-book-rows")), Column(say("site-book-number"), True))
    kinds = (kind for kind in KINDS if kind in found.kinds)
    rows = tuple((say("site-book-kind", kind=kind), f"{found.kinds[kind]:,}") for kind in kinds)
    every = (say("site-book-all"), f"{found.head.sequence:,}")
    table = Table(say("site-book-caption"), columns, (*rows, every))
    check = f"forecast ledger verify --head {found.head.sequence}:{found.head.seal}"
    return Part("book", say("site-book"), (table, Text(say("site-book-head")), Text(check, "code")))
