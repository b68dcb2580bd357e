"""A page for each question, whatever the day: its rule, its path over issues, all its forecasts; and a list of all."""

from collections.abc import Iterator, Sequence

from forecast.language import say
from forecast.report import words
from forecast.report.document import Cell, Column, Link, Table, Text
from forecast.report.marks import HUES
from forecast.site import cells, path_drawing
from forecast.site.addresses import QUESTIONS, of_issue, of_question
from forecast.site.contents import VOID, Contents, Said
from forecast.site.page import Drawing, Page, Part
from forecast.site.rule_words import settled


def pages(found: Contents) -> Iterator[Page]:
    """Lay out the list of questions, then each of them."""
    yield _list(found)
    hues = {domain: HUES[place % len(HUES)] for place, domain in enumerate(found.domains)}
    for series, said in found.series.items():
        yield _question(series, said, found, hues[said[-1].question.domain])


def _question(series: str, said: list[Said], found: Contents, hue: str) -> Page:
    last = said[-1].question
    newest = said[-1].told
    return Page(
        name=of_question(series),
        title=series,
        subtitle=last.text,
        status=(_asked(said), *cells.told(said)),
        parts=(
            Part(
                "path",
                say("site-question-path"),
                (*_paths(said, hue), Text(say("site-question-path-how"), "note")),
            ),
            Part("rule", say("site-question-rule"), (*settled([one.question for one in said]), *_caveats(said))),
            Part("forecasts", say("site-question-forecasts"), (_forecasts(said, found),)),
        ),
        ways=(Link(say("site-question-newest"), of_issue(newest.brief, newest.as_of)),),
    )


def _asked(said: Sequence[Said]) -> str:
    """Say as of which days it was asked."""
    first, last = words.prose_date(said[0].told.as_of), words.prose_date(said[-1].told.as_of)
    if first == last:
        return say("site-question-day", day=first)
    return say("site-question-days", first=first, last=last)


def _briefs(said: Sequence[Said]) -> dict[str, list[Said]]:
    found: dict[str, list[Said]] = {}
    for one in said:
        found.setdefault(one.told.brief, []).append(one)
    return found


def _paths(said: Sequence[Said], hue: str) -> Iterator[Drawing]:
    """Draw the path in each brief."""
    briefs = _briefs(said)
    for brief, some in briefs.items():
        first, last = some[0].told, some[-1].told
        alt = say(
            "site-question-path-alt",
            count=len(some),
            brief=brief,
            first=words.percent(first.probability),
            begin=words.prose_date(first.as_of),
            last=words.percent(last.probability),
            end=words.prose_date(last.as_of),
            **cells.counted(some),
        )
        yield Drawing(_by(brief) if len(briefs) > 1 else "", alt, path_drawing.path(some, hue))


def _by(brief: str) -> str:
    return say("site-question-by", brief=brief)


def _caveats(said: Sequence[Said]) -> Iterator[Text]:
    return (Text(caveat, "warning") for caveat in dict.fromkeys(one.question.caveat for one in said) if caveat)


def _forecasts(said: Sequence[Said], found: Contents) -> Table:
    columns = (
        Column(say("column-as-of")),
        *cells.said_columns(),
        *cells.came_columns(),
        Column(say("site-question-record")),
        Column(say("site-question-made")),
        Column(say("site-question-row"), True),
    )
    briefs = _briefs(said)
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            Link(one.told.as_of.isoformat(), of_issue(brief, one.told.as_of)),
            *cells.said(one, found),
            *cells.came(one),
            _why(one),
            say("site-made", made=one.made),
            f"{one.told.sequence:,}",
        )
        for brief, some in briefs.items()
        for one in some
    )
    groups = tuple((_by(brief), len(some)) for brief, some in briefs.items()) if len(briefs) > 1 else ()
    return Table(say("site-question-caption"), columns, rows, groups)


def _why(one: Said) -> str:
    """Write what the record read, in which there may be nothing that could be read, or why the question is void."""
    if one.outcome == VOID:
        return one.why
    return one.why.replace(" = nan", f" = {say('site-question-nothing')}") or cells.NONE


def _list(found: Contents) -> Page:
    columns = (
        Column(say("column-question")),
        Column(say("site-questions-last")),
        Column(say("site-questions-said"), True),
        Column(say("site-forecasts"), True),
        *cells.tally_columns(),
    )
    domains = {
        domain: [series for series, said in found.series.items() if said[-1].question.domain == domain]
        for domain in found.domains
    }
    rows = tuple(_row(series, found.series[series]) for every in domains.values() for series in sorted(every))
    groups = tuple((cells.group(domain), len(every)) for domain, every in domains.items() if every)
    table = Table(say("site-questions-caption"), columns, rows, groups, searchable=True)
    part = Part("questions", say("site-questions-part"), (table,))
    return Page(QUESTIONS, say("site-questions"), say("site-questions-subtitle"), (), (part,))


def _row(series: str, said: Sequence[Said]) -> tuple[str | Link, ...]:
    last = said[-1].told
    return (
        Link(series, of_question(series)),
        last.as_of.isoformat(),
        words.short(last.probability),
        f"{len(said):,}",
        *cells.tally(said),
    )
