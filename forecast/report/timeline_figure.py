"""The figure of the timeline: how many events each month, one strip a source."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from forecast.language import say
from forecast.report import words
from forecast.report.document import Column, Figure, Table
from forecast.report.marks import CONFIG, INK, SCHEMA, WIDTH


def timeline(rows: list[dict[str, Any]], hues: Mapping[str, str], as_of: date) -> Figure:
    """Draw how many events became known each month, one strip a source.

    Parameters
    ----------
    rows : list of dict
        `month` (ISO date), `source`, `events`.
    hues : mapping of str to str
        Source -> colour.
    as_of : date
    """
    strip = {
        "mark": {"type": "bar", "binSpacing": 1},
        "width": WIDTH - 40,
        "height": 70,
        "encoding": {
            "x": {
                "field": "month",
                "timeUnit": "yearmonth",
                "type": "temporal",
                "title": None,
                "axis": {"grid": False, "format": "%b %Y", "tickCount": 6},
            },
            "y": {"field": "events", "type": "quantitative", "title": None, "axis": {"tickCount": 3, "tickMinStep": 1}},
            "color": {
                "field": "source",
                "type": "nominal",
                "legend": None,
                "scale": {"domain": list(hues), "range": list(hues.values())},
            },
        },
    }
    chart = {
        "$schema": SCHEMA,
        "config": CONFIG,
        "data": {"values": rows},
        "facet": {
            "row": {
                "field": "source",
                "type": "nominal",
                "title": None,
                "header": {
                    "labelAngle": 0,
                    "labelOrient": "top",
                    "labelAnchor": "start",
                    "labelColor": INK,
                    "labelFontSize": 12,
                },
            }
        },
        "spec": strip,
        "resolve": {"scale": {"y": "independent"}},
        "spacing": 14,
    }
    totals: dict[str, int] = {}
    for row in rows:
        totals[row["source"]] = totals.get(row["source"], 0) + row["events"]
    counts = words.listed(say("timeline-count", events=count, source=source) for source, count in totals.items())
    alt = say("timeline-alt", day=words.prose_date(as_of), counts=counts)
    columns = (Column(say("timeline-month")), Column(say("column-source")), Column(say("column-events"), True))
    cells = tuple((row["month"][:7], row["source"], str(row["events"])) for row in rows)
    return Figure("figure-timeline", say("timeline-figure"), alt, chart, Table(say("figures-data"), columns, cells))
