"""What moved since the issue before, and why: the change and the path in a table's cells, and the shares of causes."""

from collections.abc import Sequence
from typing import Any

from forecast.explain import SHARES, Explanation, Group
from forecast.history import History
from forecast.language import say
from forecast.outlook import Outlook
from forecast.questions import Forecast
from forecast.report import words
from forecast.report.document import Column, Spark, Table, Text
from forecast.report.dots_figure import label

LONGEST = 24  # issues in the small drawing of a cell


def columns() -> tuple[Column, ...]:
    """Head what `cells` writes."""
    return Column(say("moved-since"), True), Column(say("moved-path"))


def cells(one: Forecast, past: History) -> tuple[str | Spark, ...]:
    """Write how far a forecast moved, in points, and draw its path; no cells where the book holds nothing earlier."""
    if not past.earlier:
        return ()
    told = past.earlier.get(one.question.series, ())
    before = [each for each in told if each.as_of == past.before]
    change = words.points(one.probability - before[-1].probability) if before else "–"
    if not told:
        return change, "–"
    shown = told[-LONGEST:]
    path = (*(each.probability for each in shown), one.probability)
    day = shown[0].as_of.isoformat()
    text = say("moved-path-told", before=words.short(path[0]), day=day, now=words.short(path[-1]))
    return change, Spark(text, path)


def why(item: Outlook, past: History) -> tuple[Text | Table, ...]:
    """Lay out why the forecasts of a group moved since the brief's issue before; nothing where it was not explained."""
    moves = past.why.moves
    found = [(one, moves[one.question.series]) for one in item.forecasts if one.question.series in moves]
    if not found or past.why.since is None:
        return ()
    causes = [cause for cause in SHARES if any(each.shares[cause] for _, each in found)]
    headings = (
        Column(say("column-outcome")),
        Column(say("column-before"), True),
        Column(say("moved-now"), True),
        *(Column(say(f"cause-{cause}"), True) for cause in causes),
        Column(say("moved-chance"), True),
    )
    rows = tuple(
        (
            _name(one, item),
            words.short(each.before),
            words.short(each.after),
            *(words.points(each.shares[cause]) for cause in causes),
            f"{100 * each.error:.1f}",
        )
        for one, each in found
    )
    caption = say("moved-caption", day=words.prose_date(past.why.since))
    widths = (2.2, 0.9, 0.9, *[1.0] * len(causes), 1.0)
    most = _most(found)
    table = Table(caption, headings, rows, (), widths)
    return (table, *([Text(most)] if most else []), Text(say("moved-how"), "note"))


def _name(one: Forecast, item: Outlook) -> str:
    several = len({each.question.closes for each in item.forecasts}) > 1
    return say("name-by", name=label(one), day=words.last_day(one.question)) if several else label(one)


def _most(found: Sequence[tuple[Forecast, Explanation]]) -> str:
    """Name the groups of new events that did most, of the forecast that moved most."""
    one, moved = max(found, key=lambda pair: abs(pair[1].after - pair[1].before))
    told = [each for each in moved.groups if abs(100 * each.effect) >= 0.05]
    if not told:
        return ""
    groups = words.listed(_group(each) for each in told)
    return say("moved-events", name=label(one), day=words.last_day(one.question), groups=groups)


def _group(one: Group) -> str:
    points = words.points(one.effect)
    return say("moved-group", events=one.events, kind=words.plain(one.kind), entity=one.entity, points=points)


def exact(past: History) -> tuple[dict[str, Any], ...]:
    """State why forecasts moved at full precision."""
    since = past.why.since
    if since is None:
        return ()
    return tuple(
        {
            "question": series,
            "since": since.isoformat(),
            "before": one.before,
            "after": one.after,
            "shares": dict(one.shares),
            "error": one.error,
            "groups": [
                {"kind": each.kind, "entity": each.entity, "events": each.events, "effect": each.effect, "k": each.k}
                for each in one.groups
            ],
        }
        for series, one in past.why.moves.items()
    )
