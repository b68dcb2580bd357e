"""The figure of a ladder: the stages behind with their dates, the as-of line, and how probable each stage ahead is."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from forecast.climb import Ahead, Chance, Climb, Step
from forecast.language import say
from forecast.report import words
from forecast.report.document import Column, Figure, Table
from forecast.report.marks import CONFIG, FAINT, INK, QUIET, SCHEMA, WIDTH

ROW, TILE, NAMES, GAP = 15, 80, 100, 14  # pixels
DATES, DUE = 76, 102  # pixels that a day takes, and one that is to come
PASSED = "#9aa3af"
LEAST = 45  # days that the panel of the past shows, at the least


def ladder(climb: Climb, as_of: date, hue: str) -> Figure:
    """Draw where a process has been, and how probable it is to reach each stage ahead, by some days.

    Parameters
    ----------
    climb : Climb
        That has not ended.
    as_of : date
    hue : str
    """
    rows = _rows(climb)
    columns = [closing(chance, climb, as_of) for chance in climb.ahead[0].chances]
    named = NAMES + (DUE if climb.scheduled else DATES)
    wide = WIDTH - named - TILE * len(columns) - 2 * GAP
    y = {"field": "row", "type": "nominal", "axis": None, "scale": {"domain": rows}}
    panels = [
        _names(climb, rows, as_of, y, named),
        _past(climb, as_of, hue, y, wide),
        _tiles(climb, columns, hue, y),
    ]
    chart = {
        "$schema": SCHEMA,
        "config": CONFIG,
        "hconcat": [{**panel, "height": ROW * len(rows)} for panel in panels],
        "spacing": GAP,
        "bounds": "flush",
    }
    return Figure(
        f"figure-ladder-{words.anchor(climb.entity)}",
        "",
        _alt(climb),
        chart,
        _table(climb, as_of),
    )


def _rows(climb: Climb) -> list[str]:
    """List the rungs that are drawn, highest first: those on record, those that can be reached, and the end."""
    shown = {step.kind for step in climb.record} | {one.kinds[0] for one in climb.ahead}
    ends = [name(one) for one in climb.ahead if one.end]
    return [words.plain(stage) for stage in reversed(climb.stages) if stage in shown] + ends


def name(one: Ahead) -> str:
    """Name what is ahead: a stage, or the end."""
    return say("ladder-ends") if one.end else words.plain(one.kinds[0])


def closing(chance: Chance, climb: Climb, as_of: date) -> str:
    """Say until when a probability counts: the last day, and how far that is or that it is the deadline."""
    last = chance.closes - timedelta(days=1)
    day = words.dated(last, brief=True)
    if last == climb.deadline:
        return say("ladder-by-deadline", day=day)
    return say("ladder-by", day=day, days=(chance.closes - as_of).days)


def known(one: Ahead, chance: Chance, climb: Climb) -> Step | None:
    """Find what is already known to come, and would make a probability certain."""
    return next((step for step in climb.scheduled if step.kind in one.kinds and step.at < chance.closes), None)


def _names(climb: Climb, rows: list[str], as_of: date, y: dict[str, Any], wide: int) -> dict[str, Any]:
    """Name the stages, the one on which it stands in black, and write beside each when it was reached or is to come."""
    when: dict[str, str] = {}
    for step in (*climb.record, *climb.scheduled):
        said = words.dated(step.at, step.precision, brief=True)
        when.setdefault(words.plain(step.kind), said if step.at < as_of else say("ladder-due", day=said))
    stands = words.plain(climb.stands)
    values = [{"row": row, "when": when.get(row, ""), "ink": INK if row == stands else QUIET} for row in rows]
    ink = {"color": {"field": "ink", "type": "nominal", "scale": None}}

    def column(field: str, right: int) -> dict[str, Any]:
        mark = {"type": "text", "align": "right", "fontSize": 11.5}
        return {"mark": mark, "encoding": {"x": {"value": right}, "y": y, "text": {"field": field}, **ink}}

    layers = [column("row", NAMES), column("when", wide)]
    return {"width": wide, "data": {"values": values}, "layer": layers}


def stretches(climb: Climb, as_of: date) -> Iterator[tuple[str, Step, date, bool]]:
    """Cut the record into stretches: the stage, what began it, until when, and whether it was suspended."""
    level, halted, since = -1, False, climb.record[0]
    for step in climb.record:
        rung = climb.stages.index(step.kind) if step.kind in climb.stages else -1
        halts = rung < 0 and not halted
        if rung > level or (halted and rung >= 0) or halts:
            if level >= 0:
                yield climb.stages[level], since, step.at, halted
            level, halted, since = max(rung, level), halts, step
    if level >= 0 and not climb.ended:
        yield climb.stages[level], since, as_of, halted


def _past(climb: Climb, as_of: date, hue: str, y: dict[str, Any], wide: int) -> dict[str, Any]:
    """Draw the time spent on each stage as bars up to the as-of line, and the deadline if it has passed."""
    bars = [
        {
            "row": words.plain(stage),
            "from": since.at.isoformat(),
            "to": until.isoformat(),
            "hue": hue if until == as_of else PASSED,
            "faint": 0.3 if halted else 1,
            "inside": "white" if since.precision != "day" else hue if until == as_of else PASSED,
            "stage": not halted,
        }
        for stage, since, until, halted in stretches(climb, as_of)
    ]
    begins = min(climb.record[0].at, as_of - timedelta(days=LEAST))
    every = {"format": "%Y" if (as_of - begins).days > 3 * 365 else "%b %Y", "tickCount": 3}
    x = {
        "type": "temporal",
        "title": None,
        "axis": {"grid": False, "labelOverlap": True, **every},
        "scale": {"domain": [begins.isoformat(), as_of.isoformat()]},
    }
    own = {"color": {"field": "hue", "type": "nominal", "scale": None}}
    bar: dict[str, Any] = {
        "mark": {"type": "bar", "height": 7},
        "encoding": {
            "x": {**x, "field": "from"},
            "x2": {"field": "to"},
            **own,
            "opacity": {"field": "faint", "type": "quantitative", "scale": None},
        },
    }
    point: dict[str, Any] = {
        "transform": [{"filter": "datum.stage"}],
        "mark": {"type": "point", "filled": True, "size": 55, "opacity": 1, "strokeWidth": 1.6},
        "encoding": {
            "x": {**x, "field": "from"},
            "fill": {"field": "inside", "type": "nominal", "scale": None},
            "stroke": {"field": "hue", "type": "nominal", "scale": None},
        },
    }
    lines = [_line(as_of, say("ladder-as-of", day=words.dated(as_of, brief=True)), x, wide, wide, -4, [])]
    if climb.deadline is not None and begins <= climb.deadline < as_of:
        at = wide * (climb.deadline - begins) / (as_of - begins)
        label = say("ladder-deadline", day=words.dated(climb.deadline, brief=True))
        lines.append(_line(climb.deadline, label, x, at, wide, -18, [4, 3]))
    for layer in (bar, point):
        layer["encoding"]["y"] = y
    layers = [{"data": {"values": bars}, **layer} for layer in (bar, point)]
    return {"width": wide, "layer": [*layers, *(layer for line in lines for layer in line)]}


def _line(
    when: date, label: str, x: dict[str, Any], at: float, wide: int, above: int, dash: list[int]
) -> list[dict[str, Any]]:
    """Draw a vertical line with its name over the panel, which it does not leave."""
    side = "right" if at > wide / 2 else "left"
    data = {"values": [{"at": when.isoformat(), "label": label}]}
    text = {"type": "text", "align": side, "baseline": "bottom", "dy": above, "color": INK, "fontSize": 11.5}
    rule = {"type": "rule", "color": INK, "strokeDash": dash}
    return [
        {"data": data, "mark": rule, "encoding": {"x": {**x, "field": "at"}}},
        {
            "data": data,
            "mark": text,
            "encoding": {"x": {**x, "field": "at"}, "y": {"value": 0}, "text": {"field": "label"}},
        },
    ]


def _tiles(climb: Climb, columns: list[str], hue: str, y: dict[str, Any]) -> dict[str, Any]:
    """Write the probability of each stage by each day on a tile, darker where it is higher."""
    tiles = [
        {
            "row": name(one),
            "by": columns[place],
            "p": chance.probability,
            "hue": QUIET if one.end else hue,
            "text": say("ladder-known") if known(one, chance, climb) else _beside(chance),
        }
        for one in climb.ahead
        for place, chance in enumerate(one.chances)
    ]
    header = {
        "orient": "top",
        "labelAngle": 0,
        "labelExpr": "split(datum.label, '|')",
        "labelColor": INK,
        "labelFontSize": 11.5,
        "ticks": False,
        "domain": False,
        "labelPadding": 19,
    }
    x = {"field": "by", "type": "nominal", "title": None, "scale": {"domain": columns, "padding": 0}, "axis": header}
    shade = {"field": "p", "type": "quantitative", "legend": None, "scale": {"domain": [0, 1], "range": [0.05, 0.5]}}
    tile: dict[str, Any] = {
        "mark": {"type": "rect", "stroke": FAINT, "strokeWidth": 1},
        "encoding": {"fill": {"field": "hue", "type": "nominal", "scale": None}, "fillOpacity": shade},
    }
    text: dict[str, Any] = {
        "mark": {"type": "text", "fontSize": 11.5, "color": INK},
        "encoding": {"text": {"field": "text"}},
    }
    for layer in (tile, text):
        layer["encoding"] |= {"x": x, "y": y}
    return {"width": TILE * len(columns), "data": {"values": tiles}, "layer": [tile, text]}


def _alt(climb: Climb) -> str:
    """Tell the figure in words: how many stages are behind, and the likeliest of what is ahead."""
    behind = len({step.kind for step in climb.record if step.kind in climb.stages})
    nearest, last = climb.ahead[0], climb.ahead[0].chances[-1]
    return say(
        "ladder-alt",
        name=climb.name,
        behind=behind,
        stands=words.plain(climb.stands),
        ahead=name(nearest),
        day=words.prose_date(last.closes - timedelta(days=1)),
        said=words.percent(last.probability),
    )


def _table(climb: Climb, as_of: date) -> Table:
    """Set out everything that the figure draws, and the days by which quarters of the futures have each stage."""
    columns = (
        Column(say("ladder-stage")),
        Column(say("ladder-on-record")),
        *(Column(closing(chance, climb, as_of).replace("|", " "), True) for chance in climb.ahead[0].chances),
        *(Column(say(f"ladder-{share}")) for share in ("quarter", "half", "three-quarters")),
    )
    when: dict[str, list[str]] = {}
    for step in (*climb.record, *climb.scheduled):
        told = words.iso(step.at, step.precision)
        when.setdefault(words.plain(step.kind), []).append(told if step.at < as_of else say("ladder-to-come", day=told))
    ahead = {name(one): one for one in climb.ahead}
    order = [*_rows(climb), *(kind for kind in when if kind not in _rows(climb))]
    rows = []
    for row in order:
        one = ahead.get(row)
        cells = [""] * (len(columns) - 2)
        if one is not None:
            cells = [_cell(one, chance, climb) for chance in one.chances] + [_by(at, climb) for at in one.by]
        rows.append((row, ", ".join(when.get(row, [])), *cells))
    return Table(say("ladder-data"), columns, tuple(rows))


def _cell(one: Ahead, chance: Chance, climb: Climb) -> str:
    return say("ladder-known-beside", said=_beside(chance)) if known(one, chance, climb) else _beside(chance)


def _beside(chance: Chance) -> str:
    return words.beside(chance.probability, chance.baseline)


def _by(at: date | None, climb: Climb) -> str:
    last = climb.until - timedelta(days=1)
    return say("ladder-later", day=last.isoformat()) if at is None else at.isoformat()
