"""Groups of questions over processes: a table with a row a process and a column a closing day."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from forecast.climb import Climb
from forecast.language import say
from forecast.outlook import Outlook, Run
from forecast.questions import Forecast
from forecast.report import prose, resolution, words
from forecast.report.document import Column, Section, Table, Text
from forecast.report.dots_figure import dots
from forecast.report.ladder_prose import decided

MOST = 30  # processes that a figure has room for
LONGEST = 48  # characters of a name in a table


def section(item: Outlook, run: Run, hue: str) -> Section:
    """Write the section of a group: how it resolves, what its reader must know, the table, a figure if it has room."""
    farthest = headline(item)
    drawn = len(farthest.forecasts) <= MOST
    figure = (
        (replace(dots(farthest, hue), title=_titled(farthest)), Text(prose.caption(farthest), "note")) if drawn else ()
    )
    blocks = (
        *(Text(said) for said in resolution.resolves(item)),
        *(Text(caveat, "warning") for caveat in item.caveats),
        table(item, run),
        *figure,
        Text(resolution.settled(item), "note"),
    )
    return Section(item.group, item.title, 2, blocks)


def _titled(farthest: Outlook) -> str:
    days = {words.last_day(one.question) for one in farthest.forecasts}
    return say("matrix-figure", title=farthest.title, day=min(days)) if len(days) == 1 else farthest.title


def headline(item: Outlook) -> Outlook:
    """Keep a group's forecasts of the farthest horizon, the likeliest first."""
    horizons = _horizons(item)
    kept = [one for one in item.forecasts if not horizons or one.question.labels["horizon"] == horizons[-1]]
    return replace(item, forecasts=tuple(sorted(kept, key=lambda one: -one.probability)))


def _horizons(item: Outlook) -> list[int]:
    return sorted({one.question.labels["horizon"] for one in item.forecasts if "until" not in one.question.labels})


def table(item: Outlook, run: Run) -> Table:
    """Set out a group: where each process stands, and how probable the outcome is by each horizon and its deadline."""
    climbs = {climb.entity: climb for climb in run.climbs}
    labels = [one.question.labels for one in (*headline(item).forecasts, *item.forecasts)]
    entities = list(dict.fromkeys(label["entity"] for label in labels))
    names = {label["entity"]: label["name"] for label in labels}
    short = words.called(names.values(), LONGEST)
    following = {label["entity"]: label["next"] for label in labels if "next" in label}
    known = bool(climbs.keys() & set(entities))
    horizons = _horizons(item)
    by = [words.dated(run.snapshot.as_of + timedelta(days=days - 1), brief=True) for days in horizons]
    asked = {one.question.asks: one for each in run.outlooks for one in each.forecasts}
    due = any("until" in label for label in labels)
    columns = (
        Column(say("column-process")),
        *([Column(say("matrix-stands-at"))] * known),
        *([Column(say("matrix-next"))] * bool(following)),
        *(Column(say("matrix-by", day=day, days=days), True) for day, days in zip(by, horizons, strict=True)),
        *([Column(say("matrix-deadline"), True)] * due),
    )
    rows = []
    for entity in entities:
        mine = [one for one in item.forecasts if one.question.labels["entity"] == entity]
        rows.append(
            (
                short[names[entity]],
                *([_stands(climbs.get(entity))] * known),
                *([following.get(entity, "")] * bool(following)),
                *(_cell(_at(mine, days), climbs.get(entity)) for days in horizons),
                *([_by_deadline(mine, climbs.get(entity), asked)] * due),
            )
        )
    name, stands = (2.7, 2.4) if following else (3.4, 2.2)
    widths = (name, *([stands] * known), *([1.45] * bool(following)), *([1.45] * len(horizons)), *([1.7] * due))
    return Table(say("matrix-caption"), columns, tuple(rows), (), widths, searchable=len(rows) > MOST // 2)


def _at(mine: list[Forecast], days: int) -> Forecast | None:
    return next((one for one in mine if one.question.labels["horizon"] == days), None)


def _stands(climb: Climb | None) -> str:
    if climb is None:
        return "–"
    key = "matrix-suspended" if climb.suspended else "matrix-stands"
    return say(key, stage=words.plain(climb.stands), lasted=words.lasted(climb.days))


def _cell(one: Forecast | None, climb: Climb | None) -> str:
    if one is None:
        return "–"
    step = decided(one, climb)
    if step is None:
        return words.beside(one.probability, one.baseline)
    day = words.dated(step.at, step.precision, brief=True)
    return say("matrix-known", probability=words.short(one.probability), day=day)


def _by_deadline(mine: list[Forecast], climb: Climb | None, asked: Mapping[tuple[Any, ...], Forecast]) -> str:
    """Say how probable it is by the deadline, even if another group asks that; no question stands twice in a report."""
    one = next((one for one in mine if "until" in one.question.labels), None)
    if one is None and climb is not None and climb.deadline is not None:
        one = asked.get(replace(mine[0].question, closes=climb.deadline + timedelta(days=1)).asks)
    if one is None:
        return "–"
    day = words.dated(one.question.closes - timedelta(days=1), brief=True)
    return say("matrix-by-day", day=day, said=_cell(one, climb))


def overview(run: Run) -> Table:
    """List the groups over processes: of how many they ask, and the likeliest outcome that is not known already."""
    climbs = {climb.entity: climb for climb in run.climbs}
    columns = (
        Column(say("matrix-asked")),
        Column(say("matrix-processes"), True),
        Column(say("matrix-questions"), True),
        Column(say("matrix-likeliest")),
        Column(say("column-probability"), True),
        Column(say("column-base-rate"), True),
    )
    rows = []
    for item in run.outlooks:
        if item.over:
            every = headline(item).forecasts
            open_ = [one for one in every if decided(one, climbs.get(one.question.labels["entity"])) is None]
            best = max(open_, key=lambda one: one.probability, default=None)
            entities = {one.question.labels["entity"] for one in item.forecasts}
            rows.append((item.title, str(len(entities)), str(len(item.forecasts)), *_best(best)))
    return Table(say("matrix-overview"), columns, tuple(rows), (), (2.6, 1.0, 1.0, 3.2, 1.1, 0.9))


def _best(best: Forecast | None) -> tuple[str, str, str]:
    if best is None:
        return "–", "–", "–"
    labels = best.question.labels
    day = words.dated(best.question.closes - timedelta(days=1), brief=True)
    name = words.shortened(labels["name"])
    stage = {"stage": labels["next"]} if "next" in labels else {}
    said = say("matrix-best-stage" if stage else "matrix-best", name=name, day=day, **stage)
    return said, words.short(best.probability), words.short(best.baseline)
