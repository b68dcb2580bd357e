"""A page for each question, whatever the day: its rule, its path over issues, all its forecasts; and a list of all."""

from collections.abc import Iterator, Sequence

from forecast.report import words
from forecast.report.document import Column, Link, Table, Text
from forecast.report.marks import HUES
from forecast.site import cells, path_drawing
from forecast.site.addresses import QUESTIONS, of_issue, of_question
from forecast.site.contents import VOID, Contents, Said
from forecast.site.page import Drawing, Page, Part
from forecast.site.rule_words import settled

LIST = "Everything that was ever forecast, whatever the day: each question with its rule, its path and its outcomes."
CAPTION = (
    "The line is what was said from day to day, the band holds the probability nine times in ten, the dashed line is"
    " the base rate. A filled mark came out yes, a hollow one no, a cross is void, a small dot is still open."
)


def pages(found: Contents) -> Iterator[Page]:
    """Lay out the list of questions, then each of them."""
    yield _list(found)
    hues = {domain: HUES[place % len(HUES)] for place, domain in enumerate(found.domains)}
    for series, said in found.series.items():
        yield _question(series, said, found, hues[said[-1].question.domain])


def _question(series: str, said: list[Said], found: Contents, hue: str) -> Page:
    last = said[-1].question
    days = sorted({one.told.as_of for one in said})
    first, end = words.prose_date(days[0]), words.prose_date(days[-1])
    asked = f"As of {first}" + (f" to {end}" if first != end else "")
    return Page(
        name=of_question(series),
        title=series,
        subtitle=last.text,
        status=(f"{asked}; above as it was asked last.", *cells.told(said)),
        parts=(
            Part("path", "What was said, day by day", (*_paths(said, hue), Text(CAPTION, "note"))),
            Part("rule", "How it is settled", (*settled([one.question for one in said]), *_caveats(said))),
            Part("forecasts", "All its forecasts", (_forecasts(said, found),)),
        ),
        ways=(Link("Newest issue with it", of_issue(said[-1].told.brief, said[-1].told.as_of)),),
    )


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
        yes, no, void, left = cells.tally(some)
        alt = (
            f"Line of {len(some):,} forecasts by {brief}, with 90 per cent intervals and base rates:"
            f" {words.percent(first.probability)} as of {words.prose_date(first.as_of)},"
            f" {words.percent(last.probability)} as of {words.prose_date(last.as_of)};"
            f" {yes} came out yes, {no} no, {void} are void, {left} open. The table below has the numbers."
        )
        yield Drawing(f"By {brief}" if len(briefs) > 1 else "", alt, path_drawing.path(some, hue))


def _caveats(said: Sequence[Said]) -> Iterator[Text]:
    return (Text(caveat, "warning") for caveat in dict.fromkeys(one.question.caveat for one in said) if caveat)


def _forecasts(said: Sequence[Said], found: Contents) -> Table:
    columns = (
        Column("as of"),
        *cells.SAID,
        *cells.CAME,
        Column("the record says"),
        Column("made"),
        Column("row", True),
    )
    briefs = _briefs(said)
    rows = tuple(
        (
            Link(one.told.as_of.isoformat(), of_issue(brief, one.told.as_of)),
            *cells.said(one, found),
            *cells.came(one),
            _why(one),
            "live" if one.live else "backtest",
            f"{one.told.sequence:,}",
        )
        for brief, some in briefs.items()
        for one in some
    )
    groups = tuple((f"By {brief}", len(some)) for brief, some in briefs.items()) if len(briefs) > 1 else ()
    return Table("Its forecasts and how they came out", columns, rows, groups)


def _why(one: Said) -> str:
    """Write what the record read, in which there may be nothing that could be read, or why the question is void."""
    return one.why if one.outcome == VOID else one.why.replace(" = nan", " = nothing") or cells.NONE


def _list(found: Contents) -> Page:
    columns = (
        Column("question"),
        Column("last as of"),
        *(Column(name, True) for name in ("said then", "forecasts", "yes", "no", "void", "open")),
    )
    domains = {
        domain: [series for series, said in found.series.items() if said[-1].question.domain == domain]
        for domain in found.domains
    }
    rows = tuple(_row(series, found.series[series]) for every in domains.values() for series in sorted(every))
    groups = tuple((cells.group(domain), len(every)) for domain, every in domains.items() if every)
    table = Table("All questions, whatever the day", columns, rows, groups, searchable=True)
    return Page(QUESTIONS, "All questions", LIST, (), (Part("questions", "Questions", (table,)),))


def _row(series: str, said: Sequence[Said]) -> tuple[str | Link, ...]:
    last = said[-1].told
    return (
        Link(series, of_question(series)),
        last.as_of.isoformat(),
        words.short(last.probability),
        f"{len(said):,}",
        *cells.tally(said),
    )
