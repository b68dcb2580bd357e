"""Forecasts as a table and as a document: `forecasts.csv` and `forecasts.json`."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from pydantic import TypeAdapter

from forecast import cells
from forecast.formats.issued import Issued
from forecast.register import family

QUANTILES = {"q05": "5%", "q25": "25%", "q50": "50%", "q75": "75%", "q95": "95%"}


@dataclass(frozen=True)
class Document:
    """The forecasts of a brief as of a day.

    Parameters
    ----------
    schema_version : int
    brief : str
    as_of : date
    forecasts : tuple of Issued
    """

    schema_version: Literal[1]
    brief: str
    as_of: date
    forecasts: tuple[Issued, ...]


def document(issued: Sequence[Issued]) -> bytes:
    """Write forecasts as one JSON document: sorted keys, the same bytes for the same forecasts."""
    whole = Document(1, issued[0].brief, issued[0].as_of, tuple(issued))
    plain = TypeAdapter(Document).dump_python(whole, mode="json")
    return (json.dumps(plain, ensure_ascii=False, allow_nan=False, indent=1, sort_keys=True) + "\n").encode()


def table(issued: Sequence[Issued]) -> bytes:
    """Write forecasts as CSV, one a row: numbers at full precision, texts so that none is a formula."""
    rows = [_row(one) for one in issued]
    return cells.table(list(rows[0]), (row.values() for row in rows))


def _row(one: Issued) -> dict[str, Any]:
    asked = one.asked
    return {
        "question_id": asked.id,
        "text": asked.text,
        "group": asked.group,
        "domain": asked.domain,
        "opens": asked.opens,
        "closes": asked.closes,
        "settles": asked.settles,
        "brief": one.brief,
        "as_of": one.as_of,
        "probability": one.probability,
        **_ends("", one.interval),
        "raw": one.raw,
        **_ends("raw_", one.raw_interval),
        "baseline": one.baseline,
        **_ends("baseline_", one.baseline_interval),
        "benchmark": one.benchmark,
        **{column: one.quantiles.get(name) for column, name in QUANTILES.items()},
        "models": family(one.models),
        "forecast": one.id,
        "question": one.question,
        "written_at": one.written_at,
        "live": one.live,
        "caveat": asked.caveat,
    }


def _ends(prefix: str, interval: tuple[float, float]) -> dict[str, float]:
    return {f"{prefix}low": interval[0], f"{prefix}high": interval[1]}
