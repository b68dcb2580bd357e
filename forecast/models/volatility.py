"""What the family `levels` reads of a series: how restless it was at several time scales, and then came to be."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from forecast import rules, toml
from forecast.errors import DataError, SpecError, look_alike
from forecast.events import Snapshot
from forecast.models import daily, shocks
from forecast.spec import Spec


@dataclass(frozen=True)
class Options:
    """Settings of the family `levels`.

    Parameters
    ----------
    memories : tuple of int
        Trading days over which past volatility is read.
    segments : tuple of int
        Last trading day of each stretch ahead that has slopes of its own.
    half_life : int
        Trading days, of the mean return.
    noise : float
        Standard deviation of log volatility around what is expected.
    clip : float
        Largest daily return from which volatility is read; paths keep larger ones.
    floor, usual : float
        Daily volatility that is added, and that of an ordinary day.
    implied : str
        Attribute column with the volatility that options imply, per cent a year; empty for none.
    """

    memories: tuple[int, ...] = (10, 22, 66, 250, 750)
    segments: tuple[int, ...] = (21, 41, 62, 125, 260)
    half_life: int = 10
    noise: float = 0.29
    clip: float = 0.12
    floor: float = 0.0008
    usual: float = 0.015
    implied: str = ""

    __pydantic_config__ = {"extra": "forbid"}

    @property
    def widths(self) -> NDArray[np.int64]:
        """How many trading days each segment has."""
        return np.diff((0, *self.segments))


def options(spec: Spec) -> Options:
    """Read and check the settings of the family."""
    where = f"{spec.where}, [options]"
    found = toml.parse(Options, dict(spec.options), where)
    for name, days in (("memories", found.memories), ("segments", found.segments)):
        if not days or any(later <= earlier for earlier, later in pairwise((0, *days))):
            raise SpecError(f"`{name}` = {list(days)} do not rise from above 0", where)
    return found


def panel(snapshot: Snapshot, spec: Spec) -> xr.Dataset:
    """Lay the series out by trading day, with what was known and what came.

    Returns
    -------
    Dataset
        Dim `day`: `at`, `value`, `lag` (days until it was known), `returned` (its log return); `known` (day, regressor)
        and `came` (day, segment), NaN where a memory is not full or a segment has not ended. With a covariate: `shock`
        (day), what began since the trading day before, and `scaled` (day), its return in units of those before it.

    Raises
    ------
    DataError
        If the series is shorter than the longest memory, or lacks an implied volatility on its last day.
    """
    found = options(spec)
    rows = daily.series(snapshot, spec)
    returned = np.diff(np.log(rows["value"].to_numpy(float)), prepend=np.nan)
    known = _known(returned, _implied(rows, found, spec), found)
    if not np.isfinite(known[-1]).all():
        last = rows.iloc[-1]
        raise DataError(
            f"`{spec.name}` cannot tell how restless {last['entity']} was on {last['event_at']:%Y-%m-%d}",
            f"{last['source']}, record {last['record']}",
            hint=f"{found.memories[-1]} days of record are needed, and an implied volatility on the last, if any",
        )
    at = rows["event_at"].to_numpy()
    return xr.Dataset(
        {
            "at": ("day", at),
            "value": ("day", rows["value"].to_numpy(float)),
            "lag": ("day", (rows["known_at"] - rows["event_at"]).to_numpy() / np.timedelta64(1, "D")),
            "returned": ("day", returned),
            "known": (("day", "regressor"), known),
            "came": (("day", "segment"), _came(returned, found)),
            **_of_covariate(snapshot, spec, at, returned),
        },
        attrs={"entity": rows["entity"].iloc[-1]},
    )


def _of_covariate(
    snapshot: Snapshot, spec: Spec, at: NDArray[np.datetime64], returned: NDArray[np.float64]
) -> dict[str, tuple[str, NDArray[np.float64]]]:
    found = options(spec)
    if not spec.covariates:
        return {}
    shock = shocks.on_record(snapshot, spec.covariates[0], at)
    return {"shock": ("day", shock), "scaled": ("day", shocks.scaled(returned, found.clip, found.floor))}


def _implied(rows: pd.DataFrame, found: Options, spec: Spec) -> NDArray[np.float64] | None:
    if not found.implied:
        return None
    if found.implied not in rows:
        where = f"{spec.where}, options.implied"
        raise SpecError(
            f"the series has no column `{found.implied}`", where, hint=look_alike(found.implied, map(str, rows.columns))
        )
    return pd.to_numeric(rows[found.implied]).to_numpy(float)


def _log(volatility: Any, found: Options) -> Any:
    return np.log(volatility + found.floor) - np.log(found.usual)


def _known(returned: NDArray[np.float64], implied: NDArray[np.float64] | None, found: Options) -> NDArray[np.float64]:
    """Say what was known at the end of each day, shape (day, regressor)."""
    clipped = pd.Series(np.clip(returned, -found.clip, found.clip))
    past = [_log(np.sqrt((clipped**2).rolling(days).mean().to_numpy()), found) for days in found.memories]
    mean = 100 * clipped.ewm(halflife=found.half_life).mean().to_numpy()
    if implied is not None:
        past.append(_log(implied / 100 / np.sqrt(rules.TRADING_DAYS), found))
    return np.column_stack([np.ones(len(returned)), *past, np.minimum(mean, 0), np.maximum(mean, 0)])


def _came(returned: NDArray[np.float64], found: Options) -> NDArray[np.float64]:
    """Say what volatility each segment after each day had, shape (day, segment)."""
    total = np.cumsum(np.clip(np.nan_to_num(returned), -found.clip, found.clip) ** 2)
    columns = []
    for last, width in zip(found.segments, found.widths, strict=True):
        squares, ends = np.full(len(returned), np.nan), np.arange(last, len(returned))
        squares[: len(ends)] = total[ends] - total[ends - width]
        columns.append(_log(np.sqrt(squares / width), found))
    return np.column_stack(columns)
