"""Scenarios: the same questions where something is seen or supposed, side by side with the world as it is."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from forecast.language import say
from forecast.outlook import Outlook, Run
from forecast.questions import Question
from forecast.report import words
from forecast.report.document import Column, Figure, Section, Table, Text
from forecast.report.marks import INK, QUIET, WIDTH, chart, name_axis, per_cent
from forecast.report.names import by_question, dated_name, row_name
from forecast.scenarios import FLOOR, Comparison, Contrast, Scenario
from forecast.suppose import Supposed

LABEL = 440  # width of names in the figure


def scenarios(run: Run) -> list[Section]:
    """Write the pages of a run's scenarios; none if it has none."""
    if not run.comparisons:
        return []
    opening: tuple[Text | Table, ...] = (Text(say("scenarios-introduction"), "note"), *_side_by_side(run))
    return [
        Section("scenarios", say("scenarios-title"), 1, opening),
        *(
            Section(f"scenario-{words.anchor(one.scenario.id)}", one.scenario.title, 2, _page(one, run))
            for one in run.comparisons
        ),
    ]


def of_group(item: Outlook, run: Run) -> tuple[Table, ...]:
    """List what scenarios say of the questions of a group; nothing where none does."""
    asked = {one.question.id for one in item.forecasts}
    rows = tuple(
        (
            one.scenario.title,
            dated_name(each.question, run),
            words.short(each.base),
            words.short(each.probability),
            words.points(each.difference),
            f"{one.kept:,}",
        )
        for one in run.comparisons
        for each in one.contrasts
        if each.question.id in asked
    )
    columns = (
        Column(say("scenarios-scenario")),
        Column(say("column-question")),
        Column(say("scenarios-as-things-are"), True),
        Column(say("scenarios-there"), True),
        Column(say("scenarios-difference"), True),
        Column(say("scenarios-kept"), True),
    )
    title = say("scenarios-of-group", title=item.title)
    return (Table(title, columns, rows, (), (2.6, 3.0, 0.9, 0.8, 1.1, 1.1)),) if rows else ()


def exact(one: Comparison) -> dict[str, Any]:
    """State a scenario at full precision."""
    scenario = one.scenario
    return {
        "id": scenario.id,
        "title": scenario.title,
        "note": scenario.note,
        "given": [condition.text for condition in scenario.given],
        "suppose": [event(put) for put in scenario.put],
        "without": [{column: _listed(cells) for column, cells in where.items()} for where in scenario.taken],
        "futures": one.draws,
        "kept": one.kept,
        "condition": one.condition if scenario.given else None,
        "contrasts": [_contrast(each) for each in one.contrasts],
    }


def _listed(cells: Any) -> list[str]:
    return [str(cell) for cell in cells] if isinstance(cells, tuple) else [str(cells)]


def _contrast(each: Contrast) -> Mapping[str, Any]:
    return {
        "question": each.question.id,
        "probability": each.probability,
        "interval": list(each.interval),
        "base": each.base,
        "base_interval": list(each.base_interval),
        "difference": each.difference,
        "difference_interval": list(each.difference_interval),
        "joint": each.joint,
    }


def event(one: Supposed) -> str:
    """Write a supposed event in a line, as it is typed."""
    return f"{_undated(one)} on {one.at}"


def _undated(one: Supposed) -> str:
    """Write a supposed event as it is typed, but for its day."""
    value = "" if one.value == 1 else f"{one.value:g}"
    cells = {"entity": one.entity, "value": value, **one.columns}
    said = "".join(f" {column}={cell}" for column, cell in cells.items() if cell)
    return f"{one.kind}{said}"


def _put(one: Supposed) -> str:
    """Write a supposed event in a sentence."""
    return say("scenarios-put-event", event=_undated(one), day=words.prose_date(one.at))


def _side_by_side(run: Run) -> tuple[Table, ...]:
    """Set all scenarios beside each other, question by question, where there are several."""
    told = [one for one in run.comparisons if one.contrasts]
    if len(told) < 2:
        return ()
    found = [{each.question.id: each for each in one.contrasts} for one in told]
    asked = {each.question.id: each for one in told for each in one.contrasts}
    columns = (
        Column(say("column-question")),
        Column(say("scenarios-as-things-are"), True),
        *(Column(one.scenario.title, True) for one in told),
    )
    rows = tuple(
        (
            dated_name(each.question, run),
            words.short(each.base),
            *(words.short(one[name].probability) if name in one else "–" for one in found),
        )
        for name, each in asked.items()
    )
    return (Table(say("scenarios-side-by-side"), columns, rows, (), (3.2, 1.0, *[1.2] * len(told))),)


def _page(one: Comparison, run: Run) -> tuple[Text | Table | Figure, ...]:
    scenario = one.scenario
    said = [Text(_told(one))]
    said += [Text(scenario.note, "warning")] if scenario.note else []
    said += [Text(say("scenarios-supposed"), "note")] if scenario.put else []
    if not one.contrasts:
        refused = say("scenarios-refused", kept=one.kept, futures=one.draws, fewest=FLOOR, enough=one.enough)
        return (*said, Text(refused, "warning"))
    return (*said, _figure(one, run), _table(one, run))


def _told(one: Comparison) -> str:
    """Say what is seen or supposed, and in how many futures."""
    scenario = one.scenario
    parts = [_seen(scenario, one)] if scenario.given else []
    parts += [say("scenarios-put", events=words.listed(map(_put, scenario.put)))] if scenario.put else []
    parts += [say("scenarios-taken")] if scenario.taken else []
    return " ".join(parts)


def _seen(scenario: Scenario, found: Comparison) -> str:
    conditions = [
        say("scenarios-condition", question=one.question.text, answer=say("yes") if one.holds else say("no"))
        for one in scenario.given
    ]
    share = words.percent(found.condition)
    return say(
        "scenarios-given", conditions=words.listed(conditions), kept=found.kept, futures=found.draws, share=share
    )


def _table(one: Comparison, run: Run) -> Table:
    joint = bool(one.scenario.given)
    columns = (
        Column(say("column-question")),
        Column(say("scenarios-as-things-are"), True),
        Column(say("scenarios-here"), True),
        Column(say("column-interval"), True),
        Column(say("scenarios-difference"), True),
        Column(say("scenarios-difference-interval"), True),
        *([Column(say("scenarios-both"), True)] * joint),
    )
    rows = tuple(
        (
            dated_name(each.question, run),
            words.short(each.base),
            words.short(each.probability),
            words.interval(each.interval),
            words.points(each.difference),
            _between(*each.difference_interval),
            *([words.short(each.joint)] if each.joint is not None else []),
        )
        for each in one.contrasts
    )
    widths = (3.4, 0.9, 0.9, 1.3, 1.2, 1.6, *([0.8] * joint))
    return Table(say("scenarios-table", title=one.scenario.title), columns, rows, (), widths)


def _between(low: float, high: float) -> str:
    return say("scenarios-from-to", low=words.points(low), high=words.points(high))


def _label(question: Question, run: Run) -> str:
    """Name a question in a figure, with its last day, and the year if it is another."""
    last = question.closes - timedelta(days=1)
    day = words.dated(last, brief=True)
    year = f" {last.year}" if last.year == run.snapshot.as_of.year else ""
    return f"{row_name(by_question(run)[question.id], run)}, {day.removesuffix(year)}"


def _figure(one: Comparison, run: Run) -> Figure:
    """Draw each question's probability here with its interval, and the world as it is as a hollow mark."""
    rows: list[dict[str, Any]] = [
        {
            "name": _label(each.question, run),
            "p": 100 * each.probability,
            "low": 100 * each.interval[0],
            "high": 100 * each.interval[1],
            "base": 100 * each.base,
        }
        for each in one.contrasts
    ]
    y = name_axis(LABEL, 10.5)
    x = per_cent()
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "rule", "color": QUIET, "strokeWidth": 2},
            "encoding": {"y": y, "x": {**x, "field": "low"}, "x2": {"field": "high"}},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1, "color": INK},
            "encoding": {"y": y, "x": {**x, "field": "p"}},
        },
        {
            "mark": {"type": "point", "filled": False, "shape": "diamond", "size": 50, "color": INK, "strokeWidth": 1},
            "encoding": {"y": y, "x": {**x, "field": "base"}},
        },
    ]
    document = chart(layers, max(60, 24 * len(rows)), WIDTH - LABEL)
    document["data"] = {"values": rows}
    far = max(one.contrasts, key=lambda each: abs(each.difference))
    alt = say(
        "scenarios-alt",
        questions=len(rows),
        farthest=dated_name(far.question, run),
        base=words.short(far.base),
        here=words.short(far.probability),
    )
    headings = (say("scenarios-here"), say("column-interval"), say("scenarios-as-things-are"))
    columns = (Column(say("column-question")), *(Column(heading, True) for heading in headings))
    data = tuple(
        (
            dated_name(each.question, run),
            words.short(each.probability),
            words.interval(each.interval),
            words.short(each.base),
        )
        for each in one.contrasts
    )
    table = Table(say("figures-data"), columns, data)
    return Figure(f"figure-scenario-{words.anchor(one.scenario.id)}", say("scenarios-caption"), alt, document, table)
