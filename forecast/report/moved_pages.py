"""What moved since the issue before, and why: the change and the path in a table's cells, and the shares of causes."""

from collections.abc import Sequence
from typing import Any

from forecast.explain import WORDS, Explanation, Group
from forecast.history import History
from forecast.outlook import Outlook
from forecast.questions import Forecast
from forecast.report import words
from forecast.report.document import Column, Spark, Table, Text
from forecast.report.dots_figure import label

LONGEST = 24  # issues in the small drawing of a cell
SHARES = (
    "Shares add up to the move exactly: each cause is let happen in turn, over all orders in which they may come"
    " (Shapley). Noise is what other random numbers do."
)
COLUMNS = (Column("since the issue before", True), Column("issue by issue"))


def cells(one: Forecast, past: History) -> tuple[str | Spark, ...]:
    """Write how far a forecast moved, in points, and draw its path; no cells where the book holds nothing earlier."""
    if not past.earlier:
        return ()
    told = past.earlier.get(one.question.series, ())
    before = [each for each in told if each.as_of == past.before]
    change = words.points(one.probability - before[-1].probability) if before else "–"
    if not told:
        return change, "–"
    path = (*(each.probability for each in told[-LONGEST:]), one.probability)
    text = f"{words.short(path[0])} on {told[-LONGEST:][0].as_of.isoformat()}, {words.short(path[-1])} now"
    return change, Spark(text, path)


def why(item: Outlook, past: History) -> tuple[Text | Table, ...]:
    """Lay out why the forecasts of a group moved since the brief's issue before; nothing where it was not explained."""
    moves = past.why.moves
    found = [(one, moves[one.question.series]) for one in item.forecasts if one.question.series in moves]
    if not found or past.why.since is None:
        return ()
    causes = [cause for cause in WORDS if any(each.shares[cause] for _, each in found)]
    columns = (
        Column("outcome"),
        Column("before", True),
        Column("now", True),
        *(Column(WORDS[cause], True) for cause in causes),
        Column("chance alone, ±", True),
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
    title = f"Why it moved since {words.prose_date(past.why.since)}, in percentage points"
    widths = (2.2, 0.9, 0.9, *[1.0] * len(causes), 1.0)
    most = _most(found)
    return (Table(title, columns, rows, (), widths), *([Text(most)] if most else []), Text(SHARES, "note"))


def _name(one: Forecast, item: Outlook) -> str:
    several = len({each.question.closes for each in item.forecasts}) > 1
    return f"{label(one)}, by {words.last_day(one.question)}" if several else label(one)


def _most(found: Sequence[tuple[Forecast, Explanation]]) -> str:
    """Name the groups of new events that did most, of the forecast that moved most."""
    one, moved = max(found, key=lambda pair: abs(pair[1].after - pair[1].before))
    told = [each for each in moved.groups if abs(100 * each.effect) >= 0.05]
    if not told:
        return ""
    said = words.listed(f"{_group(each)} {words.points(each.effect)} points" for each in told)
    return f"New events that did most to “{label(one)}”, by {words.last_day(one.question)}: {said}."


def _group(one: Group) -> str:
    number = "one event" if one.events == 1 else f"{one.events:,} events"
    return f"{number} of {words.plain(one.kind)}, {one.entity},"


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
