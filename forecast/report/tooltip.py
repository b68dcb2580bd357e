"""What a mark of a live chart tells a reader who points at it: the values of its row, in words and digits of ours."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]

# What a reader is told at a mark, in this order, and in these words; "title" stands above the rest.
FIELDS = {
    "name": "title",
    "row": "title",
    "way": "title",
    "source": "title",
    "by": "when",
    "closes": "when",
    "horizon": "ahead",
    "month": "month",
    "at": "day",
    "end": "until",
    "from": "from",
    "to": "to",
    "when": "reached",
    "level": "level",
    "value": "value",
    "events": "events",
    "ratio": "ratio",
    "said": "said",
    "happened": "happened, per cent",
    "text": "probability (base rate)",
    "p": "probability, per cent",
    "low": "from, nine times in ten",
    "high": "to, nine times in ten",
    "base": "base rate, per cent",
    "before": "before, per cent",
    "after": "after, per cent",
    "middle": "middle",
    "q5": "5 % of futures below",
    "q25": "25 % below",
    "q50": "median",
    "q75": "75 % below",
    "q95": "95 % below",
    "out": "outcome",
}
# Where a row has the first, the others only place or shade its mark.
PLACES = {"text": ("p", "by"), "way": ("low", "high"), "middle": ("low", "high", "middle")}
DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")
LARGE = 1000


def tooltip(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """List what rows tell, as channels of Vega-Lite; its words are ours, and never the data's."""
    fields = {field for row in rows for field in row if row[field] != ""}
    fields -= {placed for field in fields for placed in PLACES.get(field, ())}
    titles = {**FIELDS, "at": "from"} if "end" in fields else FIELDS
    values = {field: [row[field] for row in rows if field in row] for field in FIELDS if field in fields}
    return [{"field": field, "title": titles[field], **_written(column)} for field, column in values.items()]


def _written(column: Sequence[Any]) -> dict[str, str]:
    if all(isinstance(value, (int, float)) for value in column):
        whole, large = all(value == int(value) for value in column), max(map(abs, column)) >= LARGE
        return {"type": "quantitative", "format": ",.0f" if whole else ",.2~f" if large else ",.4~r"}
    if all(DAY.match(str(value)) for value in column):
        return {"type": "temporal", "timeUnit": "utcyearmonthdate", "format": "%Y-%m-%d"}
    return {"type": "nominal"}
