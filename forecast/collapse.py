"""Rows that are counted, not listed: which columns tell two counts apart, and the counting in memory."""

from typing import Any

import numpy as np
import pandas as pd

from forecast.catalogue import Source
from forecast.errors import DataError, listed
from forecast.events import COLUMNS, dtype

ALWAYS = ("kind", "entity", "event_at", "precision", "known_at", "known_by")
ESCAPES = (("~", "~0"), ("/", "~1"))  # as JSON Pointer (RFC 6901) does, so that no two keys are written alike


def key(source: Source) -> tuple[str, ...]:
    """Name the columns that tell two counts of a source apart."""
    return (*ALWAYS, *(source.collapse or ()))


def collapsed(rows: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Count rows of a source: one row for each key, `n` summed, what is no part of the key blank.

    Parameters
    ----------
    rows : DataFrame
        Last revisions of records that are not retracted, with the columns of the one table and of the source.
    source : Source

    Returns
    -------
    DataFrame
        The same columns; `record` is the key, joined by `/`.
    """
    columns = list(key(source))
    counts = rows.groupby(columns, sort=False, observed=True)["n"].sum().reset_index()
    return whole(counts.assign(record=_joined(counts[columns])), rows["source"].iloc[0] if len(rows) else "", source)


def whole(counts: pd.DataFrame, name: str, source: Source) -> pd.DataFrame:
    """Give counts the columns of the one table and of their source, blank where they say nothing."""
    said = {"source": name, "revision": 0, "value": 1.0, "unit": "1", "retracted": False}
    columns: dict[str, object] = {}
    types: dict[str, Any] = {}
    for column in (*COLUMNS, *source.columns):
        kind = source.type_of(column)
        blank = said.get(column, {"text": "", "number": np.nan, "date": pd.NaT}.get(kind))
        cells = counts[column] if column in counts else pd.Series(blank, index=counts.index)
        columns[column], types[column] = cells, dtype(kind)
    return pd.DataFrame(columns).astype(types)


def check(rows: pd.DataFrame, where: str) -> None:
    """Refuse values other than 1: a count would lose them.

    Raises
    ------
    DataError
        With the line of every one.
    """
    other = rows[(rows["value"] != 1).to_numpy()]
    if not other.empty:
        told = [f"line {line}: {value:g}" for line, value in zip(other["line"], other["value"], strict=True)]
        hint = "give how many occurrences a row stands for as `n`, or leave out `collapse`"
        what = "rows that are counted have values other than 1"
        raise DataError(what, f"{where}:{other['line'].iloc[0]}", listed(told), hint)


def _joined(cells: pd.DataFrame) -> pd.Series:
    parts = []
    for column in cells:
        if pd.api.types.is_datetime64_any_dtype(cells[column]):
            text = cells[column].dt.strftime("%Y-%m-%d").astype("str")
        else:
            text = cells[column]
            for plain, escaped in ESCAPES:
                text = text.str.replace(plain, escaped, regex=False)
        parts.append(text)
    joined: pd.Series = parts[0]
    for part in parts[1:]:
        joined = joined + "/" + part
    return joined
