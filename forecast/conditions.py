"""Conditions on columns of events: accepted values, a range, or all but some values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BeforeValidator

from forecast.errors import UsageError, look_alike

Scalar = str | int | float | bool


@dataclass(frozen=True)
class Limits:
    """A condition on a column that is not a plain list: `not` these values, or within a range."""

    without: tuple[Scalar, ...] = ()
    low: float | None = None
    high: float | None = None

    __pydantic_config__ = {"extra": "forbid"}


def _listed(where: Any) -> Any:
    """Let `kind = "close"` stand for `kind = ["close"]`."""
    if not isinstance(where, dict):
        return where
    return {key: [cell] if isinstance(cell, Scalar) else cell for key, cell in where.items()}


Where = Annotated[Mapping[str, tuple[Scalar, ...] | Limits], BeforeValidator(_listed)]


def matching(rows: pd.DataFrame, where: Where) -> NDArray[np.bool_]:
    """Mark the rows that meet every condition.

    Raises
    ------
    UsageError
        If a condition names a column that the rows do not have, or takes text for numbers or numbers for text.
    """
    keep = np.ones(len(rows), dtype=bool)
    for column, accepted in where.items():
        if column == "kind" and column not in rows:
            continue
        if column not in rows:
            raise UsageError(f"these events have no column `{column}`", hint=look_alike(column, rows.columns))
        cells = rows[column]
        _check_meant(column, cells, accepted)
        if isinstance(accepted, Limits):
            if accepted.without:
                keep &= ~_among(cells, accepted.without)
            if accepted.low is not None:
                keep &= (cells >= accepted.low).to_numpy()
            if accepted.high is not None:
                keep &= (cells < accepted.high).to_numpy()
        else:
            keep &= _among(cells, accepted)
    return keep


def _check_meant(column: str, cells: pd.Series, accepted: tuple[Scalar, ...] | Limits) -> None:
    """Refuse a condition that no cell could meet, or be compared with."""
    numbers = pd.api.types.is_numeric_dtype(cells)
    values = accepted.without if isinstance(accepted, Limits) else accepted
    ranged = isinstance(accepted, Limits) and (accepted.low is not None or accepted.high is not None)
    if ranged and not numbers:
        raise UsageError(f"`{column}` holds no numbers, so it cannot be compared with one", hint="list its values")
    if numbers and any(isinstance(value, str) for value in values):
        raise UsageError(f"`{column}` holds numbers, so it cannot be text", hint="give a range, from and below")


def _among(cells: pd.Series, values: tuple[Scalar, ...]) -> NDArray[np.bool_]:
    if not isinstance(cells.dtype, pd.CategoricalDtype):
        return cells.isin(list(values)).to_numpy()
    levels, codes = cells.cat.categories, cells.cat.codes.to_numpy()
    found = np.zeros(len(cells), dtype=bool)
    for value in values:
        if value in levels:
            found |= codes == levels.get_loc(value)
    return found
