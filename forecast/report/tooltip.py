"""What a mark of a live chart tells a reader who points at it: the values of its row, in words and digits of ours."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from forecast.language import say

Row = Mapping[str, Any]

# What a reader is told at a mark, in this order; what names it stands above the rest, under the renderer's own "title".
HEADS = ("name", "row", "way", "source")
FIELDS = (
    *HEADS,
    *("by", "closes", "horizon", "month", "at", "end", "from", "to", "when"),
    *("level", "value", "events", "ratio", "said", "happened", "text"),
    *("p", "low", "high", "base", "before", "after", "middle"),
    *("q5", "q25", "q50", "q75", "q95", "out"),
)
# Where a row has the first, the others only place or shade its mark.
PLACES = {"text": ("p", "by"), "way": ("low", "high"), "middle": ("low", "high", "middle")}
DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")
LARGE = 1000


def tooltip(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """List what rows tell, as channels of Vega-Lite; its words are ours, and never the data's."""
    fields = {field for row in rows for field in row if row[field] != ""}
    fields -= {placed for field in fields for placed in PLACES.get(field, ())}
    said = {field: "title" if field in HEADS else say(f"mark-{field}") for field in FIELDS if field in fields}
    said |= {"at": say("mark-at-first")} if {"at", "end"} <= fields else {}
    values = {field: [row[field] for row in rows if field in row] for field in said}
    return [{"field": field, "title": said[field], **_written(column)} for field, column in values.items()]


def _written(column: Sequence[Any]) -> dict[str, str]:
    if all(isinstance(value, (int, float)) for value in column):
        whole, large = all(value == int(value) for value in column), max(map(abs, column)) >= LARGE
        return {"type": "quantitative", "format": ",.0f" if whole else ",.2~f" if large else ",.4~r"}
    if all(DAY.match(str(value)) for value in column):
        return {"type": "temporal", "timeUnit": "utcyearmonthdate", "format": "%Y-%m-%d"}
    return {"type": "nominal"}
