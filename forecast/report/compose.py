"""A run to a report: which sections, in which order, made of which numbers."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from forecast.errors import NotConverged
from forecast.history import History
from forecast.language import say, spoken
from forecast.notation import as_written
from forecast.outlook import Outlook, Run
from forecast.questions import Forecast
from forecast.report import (
    aftermath_pages,
    afterwards,
    figures,
    link_pages,
    matrix,
    moved_pages,
    pair_pages,
    prose,
    record_pages,
    resolution,
    scenario_pages,
    words,
)
from forecast.report.document import Column, Figure, Link, Report, Section, Table, Text
from forecast.report.dots_figure import label
from forecast.report.glossary import glossary
from forecast.report.ladder_pages import ladders
from forecast.report.level_figure import levels
from forecast.report.marks import HUES
from forecast.report.methods import methods
from forecast.report.names import row_name
from forecast.report.path_figure import path
from forecast.report.timeline_pages import timeline

NOTHING_SAID = History()


def report(run: Run, past: History = NOTHING_SAID) -> Report:
    """Make the report of a run.

    Parameters
    ----------
    run : Run
        With at least one outlook.
    past : History
        What the book says; nothing by default.
    """
    hues = dict(zip(run.domains, HUES, strict=False))
    groups = [_group(item, run, past, hues[item.domain]) for item in run.outlooks]
    return Report(
        title=run.title,
        subtitle=" ".join(run.summary.split()),
        language=spoken(),
        as_of=run.snapshot.as_of,
        status=prose.status(run, past),
        sections=_kept(
            run.without,
            _bottom_line(run, past),
            Section("questions", say("questions-title"), 1, _all(run, past)),
            *_by_domain(run, groups),
            *ladders(run, hues),
            *pair_pages.pairs(run),
            *scenario_pages.scenarios(run),
            *aftermath_pages.sections(run.aftermath, hues),
            *link_pages.links(run),
            *record_pages.record(past),
            *limits(run),
            timeline(run),
            *methods(run, past.head),
            glossary(),
            *afterwards.afterwards(run),
        ),
        forecasts=tuple(_exact(forecast, item, run, past) for item in run.outlooks for forecast in item.forecasts),
        inputs=run.inputs,
        code=run.code,
        scenarios=tuple(scenario_pages.exact(one) for one in run.comparisons),
        aftermath=tuple(aftermath_pages.exact(one) for one in run.aftermath),
        outcomes=tuple(afterwards.exact(one) for one in run.outcomes),
        pairs=tuple(pair_pages.exact(one) for one in run.pairs),
        moves=moved_pages.exact(past),
    )


def _bottom_line(run: Run, past: History) -> Section:
    lines = tuple(Text(line, "lead") for line in prose.bottom_line(run, past))
    return Section("bottom-line", say("bottom-title"), 1, lines)


def _kept(without: Sequence[str], *sections: Section) -> tuple[Section, ...]:
    """Leave out parts of a report, each with all that stands under it."""
    found, part = [], ""
    for section in sections:
        part = section.id if section.level == 1 else part
        # What came after past events is a part whose sections bear the names of its cases.
        if part not in without and not ("aftermath" in without and part.startswith("aftermath-")):
            found.append(section)
    return tuple(found)


def refusal(title: str, as_of: date, problem: NotConverged) -> Report:
    """Make the report of a run whose model did not converge: what failed and what to do, and no probability."""
    lines = (problem.what.capitalize() + ".", *(line.strip() for line in problem.why.splitlines()))
    blocks = (
        Text(say("refused-why"), "warning"),
        *(Text(line) for line in lines),
        Text(say("refused-do", hint=problem.hint)),
    )
    status = (say("refused-as-of", day=words.prose_date(as_of)), say("refused-gate"))
    page = Section("refused", say("refused-title"), 1, blocks)
    return Report(title, say("refused-subtitle"), spoken(), as_of, status, (page,))


def _all(run: Run, past: History) -> tuple[Text | Table, ...]:
    """List all questions; those over processes, of which there are many, by their groups."""
    blocks: list[Text | Table] = []
    if any(not item.over for item in run.outlooks):
        blocks += [Text(say("questions-how"), "note"), questions(run, past)]
    if any(item.over for item in run.outlooks):
        blocks += [Text(say("questions-processes"), "note"), matrix.overview(run)]
    if past.why.lacking:
        blocks.append(Text(say("questions-why-lacking", why=past.why.lacking), "note"))
    return tuple(blocks)


def questions(run: Run, past: History) -> Table:
    """List every question not over processes with its probability, interval, word, yardsticks and past frequency."""
    items = [forecast for domain in run.domains for forecast in _of_domain(run, domain)]
    groups = tuple((heading, len(_of_domain(run, domain))) for domain, heading in run.domains.items())
    rows = tuple(
        (Link(row_name(one, run), f"#{one.question.group}"), *_said(one, run), *moved_pages.cells(one, past))
        for one in items
    )
    more = moved_pages.columns() if past.earlier else ()
    kept = tuple(group for group in groups if group[1])
    return Table(
        say("questions-caption"),
        (Column(say("column-question")), *_columns(), *more),
        rows,
        kept,
        (3.2, 1.2, 1.2, 1.3, 1.5, 0.8, 1.25, 1.35, *[1.2] * len(more)),
        searchable=True,
    )


def _columns() -> tuple[Column, ...]:
    """Head the cells that `_said` writes."""
    return (
        Column(say("column-closes")),
        Column(say("column-probability"), True),
        Column(say("column-interval"), True),
        Column(say("column-in-words")),
        Column(say("column-base-rate"), True),
        Column(say("questions-benchmark"), True),
        Column(say("questions-past"), True),
    )


def _said(one: Forecast, run: Run) -> tuple[str, ...]:
    """Write the cells of a forecast."""
    return (
        one.question.closes.isoformat(),
        words.short(one.probability),
        words.interval(one.interval),
        words.word(one.probability, run.vocabulary) or "–",
        words.short(one.baseline),
        "–" if one.benchmark is None else words.short(one.benchmark),
        prose.past(one),
    )


def _of_domain(run: Run, domain: str) -> list[Forecast]:
    """Collect the forecasts of a domain but those over processes, whose tables stand with their groups."""
    return [one for item in run.outlooks if item.domain == domain and not item.over for one in item.forecasts]


def _by_domain(run: Run, groups: list[Section]) -> list[Section]:
    """Put each group under the heading of its domain."""
    found: list[Section] = []
    for domain, heading in run.domains.items():
        members = [section for item, section in zip(run.outlooks, groups, strict=True) if item.domain == domain]
        if members:
            found += [Section(f"domain-{domain}", heading, 1, (Text(prose.of_domain(run, domain)),)), *members]
    return found


def _group(item: Outlook, run: Run, past: History, hue: str) -> Section:
    if item.over:
        return matrix.section(item, run, hue)
    figure = figures.of_outlook(item, run.snapshot.as_of, hue)
    blocks: tuple[Text | Table | Figure, ...] = (
        *(Text(said) for said in resolution.resolves(item)),
        *(Text(caveat, "warning") for caveat in item.caveats),
        figure,
        Text(prose.caption(item), "note"),
        _of_group(item, run, past),
        *_told(levels(item, hue), say("group-levels")),
        *_told(path(item, past.earlier, _came(past), run.snapshot.as_of, hue), say("group-path")),
        *moved_pages.why(item, past),
        *scenario_pages.of_group(item, run),
        Text(resolution.settled(item), "note"),
    )
    return Section(item.group, item.title, 2, blocks)


def _of_group(item: Outlook, run: Run, past: History) -> Table:
    rows = tuple((label(one), *_said(one, run), *moved_pages.cells(one, past)) for one in item.forecasts)
    more = moved_pages.columns() if past.earlier else ()
    widths = (2.0, 1.3, 1.25, 1.4, 1.8, 1.0, 1.3, 1.4, *[1.3] * len(more))
    columns = (Column(say("column-outcome")), *_columns(), *more)
    return Table(say("group-caption", title=item.title), columns, rows, (), widths)


def _told(figure: Figure | None, caption: str) -> tuple[Figure | Text, ...]:
    """Put the words below a figure, where there is one."""
    return () if figure is None else (figure, Text(caption, "note"))


def _came(past: History) -> dict[str, bool]:
    """Say how questions in the book had come out by the day; void ones are left out."""
    return {one.told.question: one.end.outcome for one in past.scored if one.end.outcome is not None}


def limits(run: Run) -> list[Section]:
    """Say what can be forecast and what cannot, in the words of the models' files."""
    said = [fit.spec for fit in run.fits if fit.spec.limits and fit.spec.name == fit.spec.name.partition(".")[0]]
    if not said:
        return []
    pages = [
        Section(f"limits-{spec.name}", spec.title, 2, tuple(Text(part) for part in prose.paragraphs(spec.limits)))
        for spec in said
    ]
    return [Section("limits", say("limits-title"), 1, (Text(say("limits-about"), "note"),)), *pages]


def _exact(forecast: Forecast, item: Outlook, run: Run, past: History) -> dict[str, Any]:
    """State a forecast at full precision."""
    question = forecast.question
    return {
        "id": question.id,
        "group": item.group,
        "title": item.title,
        "label": row_name(forecast, run),
        "domain": question.domain,
        "heading": run.domains[question.domain],
        "text": question.text,
        "rule": " and ".join(as_written(rule) for rule in question.rules),
        "opens": question.opens.isoformat(),
        "closes": question.closes.isoformat(),
        "settles": question.settles.isoformat(),
        "as_of": forecast.as_of.isoformat(),
        "probability": forecast.probability,
        "interval": list(forecast.interval),
        "raw": forecast.raw,
        "raw_interval": None if forecast.raw_interval is None else list(forecast.raw_interval),
        "earlier": [
            {"as_of": told.as_of.isoformat(), "probability": told.probability, "interval": list(told.interval)}
            for told in past.earlier.get(question.series, ())
        ],
        "baseline": forecast.baseline,
        "baseline_interval": list(forecast.baseline_interval),
        "quantiles": dict(forecast.quantiles),
        "benchmark": forecast.benchmark,
        "events": forecast.events,
        "past": {"held": forecast.past[0], "windows": forecast.past[1]},
        "caveat": question.caveat,
        "models": list(forecast.models),
        "live": forecast.live,
    }
