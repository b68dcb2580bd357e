"""The figure of moves: a hollow mark before and a dot after, a line a question, largest move first."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from forecast.language import say
from forecast.report import words
from forecast.report.comparison import Both
from forecast.report.document import Column, Figure, Table
from forecast.report.marks import HUES, INK, WIDTH, chart, name_axis, per_cent, up_to

MOST = 12
LABEL = 440  # width of names in the figure
PLOT = WIDTH - 360
LONG = 68
UP, DOWN = HUES[1], HUES[0]


def largest(both: Sequence[Both], ends: tuple[date, date]) -> Figure | None:
    """Draw the largest moves; None where nothing moved.

    Parameters
    ----------
    both : sequence of Both
        Largest move first.
    ends : tuple of date
        As-of days of the two reports.
    """
    some = [one for one in both if one.move][:MOST]
    if not some:
        return None
    names = [_cut(one.name) for one in some]
    rows = [
        {
            "name": cut if names.count(cut) == 1 else one.name,
            "before": 100 * one.before["probability"],
            "after": 100 * one.after["probability"],
            "moved": "rose" if one.move > 0 else "fell",
        }
        for one, cut in zip(some, names, strict=True)
    ]
    document = chart(_layers(rows), max(60, 24 * len(rows)), PLOT)
    document["data"] = {"values": rows}
    far, (first, second) = some[0], (words.prose_date(day) for day in ends)
    alt = say(
        "compare-largest-alt",
        first=first,
        second=second,
        count=len(rows),
        far=far.name,
        before=words.percent(far.before["probability"]),
        after=words.percent(far.after["probability"]),
    )
    title = say("compare-largest-title", first=first, second=second)
    return Figure("figure-largest-moves", title, alt, document, _table(some))


def _cut(name: str) -> str:
    """Cut a long name in its middle: its end tells it from others of its group."""
    if len(name) <= LONG:
        return name
    return f"{name[: LONG // 2].rsplit(' ', 1)[0]} … {name[-LONG // 2 :].split(' ', 1)[-1]}"


def _layers(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    top = up_to(end for row in rows for end in (row["before"], row["after"]))
    x = per_cent(top)
    y = name_axis(LABEL, 10.5)
    colour = {"field": "moved", "type": "nominal", "legend": None}
    shared = {"y": y, "color": {**colour, "scale": {"domain": ["rose", "fell"], "range": [UP, DOWN]}}}
    return [
        {
            "mark": {"type": "rule", "strokeWidth": 2},
            "encoding": {**shared, "x": {**x, "field": "before"}, "x2": {"field": "after"}},
        },
        {
            "mark": {"type": "point", "filled": False, "shape": "diamond", "size": 50, "strokeWidth": 1, "opacity": 1},
            "encoding": {"y": y, "color": {"value": INK}, "x": {**x, "field": "before"}},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1},
            "encoding": {**shared, "x": {**x, "field": "after"}},
        },
    ]


def _table(some: Sequence[Both]) -> Table:
    columns = (
        Column(say("column-question")),
        Column(say("column-before"), True),
        Column(say("column-after"), True),
        Column(say("compare-difference"), True),
    )
    rows = tuple(
        (
            one.name,
            words.short(one.before["probability"]),
            words.short(one.after["probability"]),
            words.points(one.move),
        )
        for one in some
    )
    return Table(say("figures-data"), columns, rows)
