"""The figure of a path: what was said of a group's questions from issue to issue, and what had come of it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from forecast.language import say
from forecast.outlook import Outlook
from forecast.questions import Forecast
from forecast.register import Told
from forecast.report import words
from forecast.report.document import Column, Figure, Table
from forecast.report.dots_figure import label
from forecast.report.marks import HUES, INK, as_of_line, chart, line_colours, per_cent, up_to, x_axis


def path(
    item: Outlook, earlier: Mapping[str, Sequence[Told]], came: Mapping[str, bool], as_of: date, hue: str
) -> Figure | None:
    """Draw what was said of each question of a group, a line each; of one horizon at a time, the nearest at first.

    Parameters
    ----------
    item : Outlook
    earlier : mapping of str to sequence of Told
        By what is asked, whatever the day, oldest first.
    came : mapping of str to bool
        Question's id in the book -> how it had come out by the day.
    as_of : date
    hue : str

    Returns
    -------
    Figure or None
        None if nothing was said before.
    """
    rows = [row for one in item.forecasts for row in _rows(one, earlier.get(one.question.series, ()), came)]
    if all(row["said"] == say("path-now") for row in rows):
        return None
    horizons = list(dict.fromkeys(row["horizon"] for row in rows))
    document = chart([*_layers(rows, hue, several=len(horizons) > 1), *as_of_line(as_of)], 150)
    document["data"] = {"values": rows}
    if len(horizons) > 1:
        bind = {"input": "select", "options": horizons, "name": f"{say('path-horizon')} "}
        document["params"] = [{"name": "horizon", "value": horizons[0], "bind": bind}]
    title = say("path-title-ahead", horizon=horizons[0]) if len(horizons) > 1 else say("path-title")
    alt = _told([row for row in rows if row["horizon"] == horizons[0]])
    return Figure(f"figure-path-{item.group}", title, alt, document, _table(rows))


def _layers(rows: Sequence[Mapping[str, Any]], hue: str, several: bool) -> list[dict[str, Any]]:
    """Draw bands, lines and points; of several horizons the one that is chosen."""
    names = list(dict.fromkeys(row["name"] for row in rows))
    colour = line_colours("name", names, (hue, INK, *(one for one in HUES if one != hue)))
    y = per_cent(up_to(row["high"] for row in rows))
    along = {"x": x_axis("at"), "color": colour}
    filled = {"condition": {"test": {"field": "out", "equal": _came(True)}, "value": 1}, "value": 0}
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "area", "opacity": 0.12},
            "encoding": {**along, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
        },
        {"mark": {"type": "line", "strokeWidth": 1.6}, "encoding": {**along, "y": {**y, "field": "p"}}},
        {
            "mark": {"type": "point", "opacity": 1, "size": 38},
            "encoding": {
                **along,
                "y": {**y, "field": "p"},
                "fill": {**colour, "legend": None},
                "fillOpacity": filled,
            },
        },
    ]
    chosen = {"transform": [{"filter": "datum.horizon == horizon"}]} if several else {}
    return [{**layer, **chosen} for layer in layers]


def _told(rows: Sequence[Mapping[str, Any]]) -> str:
    """Tell the figure in words: its first horizon."""
    days = sorted({row["at"] for row in rows})
    now = [row for row in rows if row["said"] == say("path-now")]
    each = [say("path-each", name=row["name"], probability=words.percent(row["p"] / 100)) for row in now]
    since = words.prose_date(date.fromisoformat(days[0]))
    return say("path-alt", horizon=rows[0]["horizon"], issues=len(days), day=since, now=words.listed(each))


def _came(out: bool | None) -> str:
    """Say how a question had come out, if it had."""
    return say("path-came", came="open" if out is None else "yes" if out else "no")


def _rows(one: Forecast, earlier: Sequence[Told], came: Mapping[str, bool]) -> list[dict[str, Any]]:
    if one.question.recurs:
        horizon = say("path-days", days=one.question.window.days)
    else:
        horizon = say("figures-by", day=words.last_day(one.question))
    same = {"name": label(one), "horizon": horizon}
    before, now = say("path-before"), say("path-now")
    past = [
        _row(told.as_of, told.probability, told.interval, before, _came(came.get(told.question))) for told in earlier
    ]
    return [{**same, **row} for row in [*past, _row(one.as_of, one.probability, one.interval, now, _came(None))]]


def _row(at: date, p: float, interval: tuple[float, float], said: str, out: str) -> dict[str, Any]:
    low, high = interval
    return {
        "at": at.isoformat(),
        "p": round(100 * p, 2),
        "low": round(100 * low, 2),
        "high": round(100 * high, 2),
        "said": said,
        "out": out,
    }


def _table(rows: Sequence[Mapping[str, Any]]) -> Table:
    columns = (
        Column(say("column-as-of")),
        Column(say("column-question")),
        Column(say("path-horizon")),
        Column(say("column-probability"), True),
        Column(say("column-interval"), True),
        Column(say("column-outcome")),
    )
    cells = tuple(
        (
            row["at"],
            row["name"],
            row["horizon"],
            words.short(row["p"] / 100),
            words.interval((row["low"] / 100, row["high"] / 100)),
            row["out"],
        )
        for row in rows
    )
    return Table(say("figures-data"), columns, cells)
