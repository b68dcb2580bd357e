"""How questions hang together: two at a time, in the same futures."""

from typing import Any

from forecast.outlook import Run
from forecast.pairs import Pair
from forecast.report import words
from forecast.report.document import Column, Figure, Section, Table, Text
from forecast.report.marks import FAINT, HUES, INK, chart
from forecast.report.names import dated_name
from forecast.scenarios import FLOOR

SIDE = 190
HOW = (
    "All questions are answered by the same futures, so that of any two it can be said how often both are so. Where one"
    " is so, causes that both share are more likely at work: this is seeing, and not what doing one would do to the"
    " other."
)


def pairs(run: Run) -> list[Section]:
    """Write the page on pairs of questions; none where the brief names none."""
    if not run.pairs:
        return []
    figures = tuple(_tiles(one, place, run) for place, one in enumerate(run.pairs, 1))
    return [Section("together", "How the questions hang together", 1, (Text(HOW, "note"), _table(run), *figures))]


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
        Column("first question"),
        Column("second question"),
        Column("first", True),
        Column("second", True),
        Column("both", True),
        Column("second, where the first is so", True),
        Column("and where it is not", True),
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
    return Table("Pairs of questions, from the same futures", columns, rows, (), (3.0, 3.0, 0.8, 0.9, 0.8, 1.3, 1.2))


def _few(kept: int) -> str:
    return f"not said: {kept} futures"


def _tiles(one: Pair, place: int, run: Run) -> Figure:
    """Draw four tiles whose areas are the probabilities of the four ways in which two questions come out."""
    parts = (
        ("both", 0.0, one.one, 0.0, one.given),
        ("first only", 0.0, one.one, one.given, 1.0),
        ("second only", one.one, 1.0, 0.0, one.given_not),
        ("neither", one.one, 1.0, one.given_not, 1.0),
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
    x = {"field": "left", "type": "quantitative", "title": "first question: so, then not", "scale": scale}
    y = {"field": "low", "type": "quantitative", "title": "second question: so, then not", "scale": scale}
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
    told = words.listed(f"{row['way']} {row['said']}" for row in rows)
    alt = f"Tiles whose areas are probabilities. First: {first}. Second: {second}. {told[:1].upper()}{told[1:]}."
    data = Table(
        "The figure's data",
        (Column("way"), Column("probability", True)),
        tuple((row["way"], row["said"]) for row in rows),
    )
    return Figure(f"figure-pair-{place}", f"{first}, and {second}", alt, document, data)
