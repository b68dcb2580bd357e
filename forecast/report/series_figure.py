"""Figures of a series: windows or daily values of the past, and the bands of futures ahead."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from forecast.language import say
from forecast.outlook import Outlook
from forecast.report import words
from forecast.report.document import Column, Figure, Table
from forecast.report.marks import INK, as_of_line, chart, threshold_lines, x_axis, y_axis

LINES = 12  # of text that fit one above the other into a figure


def _bands(item: Outlook) -> list[dict[str, Any]]:
    names = ("q5", "q25", "q50", "q75", "q95")
    return [
        {
            "at": band.at.isoformat(),
            "end": (band.at + timedelta(days=item.every)).isoformat(),
            **dict(zip(names, (float(f"{value:.6g}") for value in band.quantiles), strict=True)),
        }
        for band in item.ahead
    ]


def _scale(item: Outlook) -> tuple[float, str]:
    """Choose how values are shown: shares in per cent, all else as they are."""
    return (100.0, say("figures-per-cent-a-year")) if item.measure == "volatility" else (1.0, item.unit)


def windowed(item: Outlook, as_of: date, hue: str) -> Figure:
    """Draw what past windows held as bars, and the same windows ahead as boxes over futures."""
    factor, unit = _scale(item)
    axis = _read(item.measure, unit)
    title = say("series-windows", what=axis, days=item.every)
    past: list[dict[str, Any]] = [
        {
            "at": point.at.isoformat(),
            "end": (point.at + timedelta(days=item.every)).isoformat(),
            "value": factor * point.value,
        }
        for point in item.past
    ]
    ahead = [
        {key: factor * value if key.startswith("q") else value for key, value in band.items()} for band in _bands(item)
    ]
    levels = sorted({float(forecast.question.labels["threshold"]) for forecast in item.forecasts})
    top = max([row["value"] for row in past] + [row["q95"] for row in ahead] + [factor * level for level in levels])
    names = _named([factor * level for level in levels], top)
    x2 = {"x2": {"field": "end"}}
    bar = {"type": "bar", "binSpacing": 1}
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": past},
            "mark": {**bar, "color": hue, "opacity": 0.85},
            "encoding": {"x": x_axis("at"), **x2, "y": y_axis("value", axis), "y2": {"datum": 0}},
        },
        *_ahead_boxes(ahead, hue, x2, axis),
        *threshold_lines(names, y_axis("level", axis)),
        *as_of_line(as_of),
    ]
    alt = say(
        "series-windows-alt",
        title=title,
        day=words.prose_date(item.past[0].at),
        last=words.number(past[-1]["value"]),
        days=item.every,
        median=words.number(ahead[0]["q50"]),
        low=words.number(ahead[0]["q5"]),
        high=words.number(ahead[0]["q95"]),
    )
    kind = say("column-events" if item.measure == "count" else "series-value")
    return Figure(
        f"figure-{item.group}", title[:1].upper() + title[1:], alt, chart(layers, 150), _table(past, ahead, kind)
    )


def _read(measure: str, unit: str) -> str:
    """Say what is read of a window."""
    if measure in ("sum", "max"):
        return say(f"series-{measure}", unit=unit)
    return say(f"series-{measure}") if measure in ("count", "volatility") else unit


def _named(levels: Sequence[float], top: float) -> list[tuple[float, str]]:
    """Name thresholds; those that would be written over each other share the name of the highest."""
    crowded = len(levels) > 1 and min(b - a for a, b in pairwise(levels)) < top / 6
    if not crowded:
        return [(level, say("series-asked", levels=words.number(level))) for level in levels]
    together = say("series-asked", levels=words.listed(map(words.number, levels)))
    return [*((level, "") for level in levels[:-1]), (levels[-1], together)]


def _ahead_boxes(ahead: list[dict[str, Any]], hue: str, x2: Mapping[str, Any], title: str) -> list[dict[str, Any]]:
    def box(low: str, high: str, opacity: float) -> dict[str, Any]:
        return {
            "data": {"values": ahead},
            "mark": {"type": "rect", "color": hue, "opacity": opacity},
            "encoding": {"x": x_axis("at"), **x2, "y": y_axis(low, title), "y2": {"field": high}},
        }

    middle = {
        "data": {"values": ahead},
        "mark": {"type": "rule", "color": INK, "strokeWidth": 2},
        "encoding": {"x": x_axis("at"), **x2, "y": y_axis("q50", title)},
    }
    return [box("q5", "q95", 0.25), box("q25", "q75", 0.45), middle]


def daily(item: Outlook, as_of: date, hue: str) -> Figure:
    """Draw a daily series as a line, and the bands in which its futures lie."""
    past = [{"at": point.at.isoformat(), "value": point.value} for point in item.past]
    ahead = _bands(item)
    base = item.past[-1].value
    relative = item.measure in ("rise", "fall", "change")
    levels = sorted({float(forecast.question.labels["threshold"]) for forecast in item.forecasts})
    names = [
        (base * (1 + level), f"{words.change(level)} ({words.number(base * (1 + level))})")
        if relative
        else (level, words.number(level))
        for level in levels
    ]

    def area(low: str, high: str, opacity: float) -> dict[str, Any]:
        return {
            "data": {"values": ahead},
            "mark": {"type": "area", "color": hue, "opacity": opacity},
            "encoding": {"x": x_axis("at"), "y": y_axis(low, item.unit, zero=False), "y2": {"field": high}},
        }

    def line(values: list[dict[str, Any]], field: str, dash: list[int]) -> dict[str, Any]:
        return {
            "data": {"values": values},
            "mark": {"type": "line", "color": hue, "strokeWidth": 1.6, "strokeDash": dash},
            "encoding": {"x": x_axis("at"), "y": y_axis(field, item.unit, zero=False)},
        }

    layers = [
        area("q5", "q95", 0.2),
        area("q25", "q75", 0.35),
        line(past, "value", [1, 0]),
        line(ahead, "q50", [5, 3]),
        *threshold_lines(_apart(names, past, ahead), y_axis("level", item.unit, zero=False)),
        *as_of_line(as_of),
    ]
    last = ahead[-1]
    alt = say(
        "series-values-alt",
        last=words.number(base),
        unit=item.unit,
        day=words.prose_date(item.past[-1].at),
        end=words.prose_date(item.ahead[-1].at),
        median=words.number(last["q50"]),
        low=words.number(last["q5"]),
        high=words.number(last["q95"]),
    )
    return Figure(
        f"figure-{item.group}",
        say("series-values", unit=item.unit),
        alt,
        chart(layers, 170),
        _table(past[-30:], ahead, say("series-value")),
    )


def _apart(
    names: list[tuple[float, str]], past: list[dict[str, Any]], ahead: list[dict[str, Any]]
) -> list[tuple[float, str]]:
    """Let levels that would be written over each other share one name, at the highest of them."""
    drawn = [row["value"] for row in past] + [row[end] for row in ahead for end in ("q5", "q95")]
    drawn += [level for level, _ in names]
    near = (max(drawn) - min(drawn)) / LINES
    found: list[tuple[float, str]] = []
    for level, name in sorted(names):
        if found and level - found[-1][0] < near:
            below, above = found[-1]
            found[-1] = (below, "")
            name = f"{above}, {name}"
        found.append((level, name))
    return found


def _table(past: list[dict[str, Any]], ahead: list[dict[str, Any]], kind: str) -> Table:
    low, lower, upper, high = (say("series-share", share=share) for share in (5, 25, 75, 95))
    numbers = (kind, low, lower, say("series-median"), upper, high)
    columns = (Column(say("series-from")), *(Column(name, True) for name in numbers))
    rows: list[tuple[str, ...]] = [(row["at"], words.number(row["value"]), "", "", "", "", "") for row in past]
    quantiles = ("q5", "q25", "q50", "q75", "q95")
    rows += [(row["at"], "", *(words.number(row[name]) for name in quantiles)) for row in ahead]
    return Table(say("series-data"), columns, tuple(rows))
