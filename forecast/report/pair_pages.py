"""How questions hang together: two at a time, in the same futures."""

from typing import Any

from forecast.language import say
from forecast.outlook import Run
from forecast.pairs import Pair
from forecast.report import words
from forecast.report.document import Column, Figure, Section, Table, Text
from forecast.report.marks import FAINT, HUES, INK, chart
from forecast.report.names import dated_name
from forecast.scenarios import FLOOR

SIDE = 190


def pairs(run: Run) -> list[Section]:
    """Write the page on pairs of questions; none where the brief names none."""
    if not run.pairs:
        return []
    figures = tuple(_tiles(one, place, run) for place, one in enumerate(run.pairs, 1))
    how = Text(say("pairs-how"), "note")
    return [Section("together", say("pairs-title"), 1, (how, _table(run), *figures))]


def exact(one: Pair) -> dict[str, Any]:
    """State a pair at full precision."""
    return {
        "first": one.first.id,
        "second": one.second.id,
        "both": one.both,
        "given": one.given,
        "given_not": one.given_not,
        "kept": one.kept,
        "kept_not": one.kept_not,
    }


def _table(run: Run) -> Table:
    columns = (
        Column(say("pairs-first-question")),
        Column(say("pairs-second-question")),
        Column(say("pairs-first"), True),
        Column(say("pairs-second"), True),
        Column(say("pairs-both"), True),
        Column(say("pairs-second-where-first"), True),
        Column(say("pairs-second-where-not"), True),
    )
    rows = tuple(
        (
            dated_name(one.first, run),
            dated_name(one.second, run),
            words.short(one.one),
            words.short(one.other),
            words.short(one.both),
            words.short(one.given) if one.kept >= FLOOR else _few(one.kept),
            words.short(one.given_not) if one.kept_not >= FLOOR else _few(one.kept_not),
        )
        for one in run.pairs
    )
    return Table(say("pairs-table"), columns, rows, (), (3.0, 3.0, 0.8, 0.9, 0.8, 1.3, 1.2))


def _few(kept: int) -> str:
    return say("pairs-few", futures=kept)


def _tiles(one: Pair, place: int, run: Run) -> Figure:
    """Draw four tiles whose areas are the probabilities of the four ways in which two questions come out."""
    parts = (
        (say("pairs-both"), 0.0, one.one, 0.0, one.given),
        (say("pairs-first-only"), 0.0, one.one, one.given, 1.0),
        (say("pairs-second-only"), one.one, 1.0, 0.0, one.given_not),
        (say("pairs-neither"), one.one, 1.0, one.given_not, 1.0),
    )
    rows: list[dict[str, Any]] = [
        {
            "way": way,
            "left": 100 * left,
            "right": 100 * right,
            "low": 100 * low,
            "high": 100 * high,
            "said": words.short((right - left) * (high - low)),
        }
        for way, left, right, low, high in parts
    ]
    scale = {"domain": [0, 100], "nice": False}
    x = {"field": "left", "type": "quantitative", "title": say("pairs-first-axis"), "scale": scale}
    y = {"field": "low", "type": "quantitative", "title": say("pairs-second-axis"), "scale": scale}
    for axis in (x, y):
        axis["axis"] = {"grid": False, "tickCount": 3}
    fill = {
        "field": "way",
        "type": "nominal",
        "title": None,
        "scale": {"domain": [row["way"] for row in rows], "range": [HUES[1], HUES[5], HUES[4], FAINT]},
        "legend": {"orient": "right", "labelColor": INK},
    }
    layer = {
        "mark": {"type": "rect", "stroke": "#ffffff", "strokeWidth": 1.5},
        "encoding": {"x": x, "x2": {"field": "right"}, "y": y, "y2": {"field": "high"}, "fill": fill},
    }
    document = chart([layer], SIDE, SIDE)
    document["data"] = {"values": rows}
    first, second = dated_name(one.first, run), dated_name(one.second, run)
    both, first_only, second_only, neither = (row["said"] for row in rows)
    alt = say(
        "pairs-alt",
        first=first,
        second=second,
        both=both,
        first_only=first_only,
        second_only=second_only,
        neither=neither,
    )
    data = Table(
        say("figures-data"),
        (Column(say("pairs-way")), Column(say("column-probability"), True)),
        tuple((row["way"], row["said"]) for row in rows),
    )
    return Figure(f"figure-pair-{place}", say("pairs-caption", first=first, second=second), alt, document, data)
