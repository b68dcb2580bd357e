"""Paths of a price ahead, from baselines that anybody could use, and what questions read off them.

A path is a row of log prices against the last one known; a column is a calendar day after that one, NaN without trade.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]
YEAR = 250  # trading days
DRAWS = 4000


@dataclass(frozen=True)
class Past:
    """A series as it was known on a day.

    Parameters
    ----------
    at : array of datetime64, shape (days,)
    close : array, shape (days,)
    """

    at: NDArray[np.datetime64]
    close: Array

    @property
    def returned(self) -> Array:
        """Log returns, shape (days - 1,)."""
        return np.diff(np.log(self.close))

    def weekdays(self, ahead: int) -> NDArray[np.bool_]:
        """Mark which of the calendar days after the last close are weekdays, shape (ahead,)."""
        days = self.at[-1].astype("datetime64[D]") + np.arange(1, ahead + 1)
        return np.asarray(np.is_busday(days))

    def restless(self, days: int) -> Array:
        """Root mean square of the last returns at the end of each day but the first; NaN until there are enough."""
        squares = pd.Series(self.returned**2).rolling(days).mean()
        return np.sqrt(squares.to_numpy())


Baseline = Callable[[Past, int, np.random.Generator], Array]


def spread(past: Past, ahead: int, steps: Array) -> Array:
    """Lay returns a trading day out over calendar days, and add them up."""
    paths = np.full((len(steps), ahead), np.nan)
    paths[:, past.weekdays(ahead)] = np.cumsum(steps, axis=1)
    return paths


def followed(past: Past, ahead: int, starts: NDArray[np.int64]) -> Array:
    """Take the returns that followed on past days, by the number of the last return known then."""
    rows = starts[:, None] + 1 + np.arange(int(past.weekdays(ahead).sum()))
    return np.asarray(past.returned[rows])


def complete(past: Past, ahead: int, since: int = 0) -> NDArray[np.int64]:
    """List the returns after which enough others followed."""
    return np.arange(since, len(past.returned) - int(past.weekdays(ahead).sum()))


def climatology(past: Past, ahead: int, _: np.random.Generator, years: int | None = None) -> Array:
    """Let what followed on any past day follow."""
    since = 0 if years is None else max(0, len(past.returned) - years * YEAR)
    return spread(past, ahead, followed(past, ahead, complete(past, ahead, since)))


def seasonal(past: Past, ahead: int, _: np.random.Generator) -> Array:
    """The same, of past days within a month of today's date."""
    starts = complete(past, ahead)
    day = pd.DatetimeIndex(past.at).day_of_year.to_numpy()
    apart = np.abs(day[starts + 1] - day[-1])
    return spread(past, ahead, followed(past, ahead, starts[np.minimum(apart, 366 - apart) <= 30]))


def bins(past: Past, ahead: int, _: np.random.Generator) -> Array:
    """The same, of past days in the same fifth by volatility over 22 days."""
    restless = past.restless(22)
    starts = complete(past, ahead, 22)
    edges = np.quantile(restless[starts], (0.2, 0.4, 0.6, 0.8))
    alike = np.searchsorted(edges, restless[starts]) == np.searchsorted(edges, restless[-1])
    return spread(past, ahead, followed(past, ahead, starts[alike]))


def scaled(past: Past, ahead: int, _: np.random.Generator) -> Array:
    """Let what followed on any past day follow, in proportion to volatility over 60 days."""
    restless = past.restless(60)
    starts = complete(past, ahead, 60)
    return spread(past, ahead, followed(past, ahead, starts) * (restless[-1] / restless[starts])[:, None])


def lognormal(past: Past, ahead: int, rng: np.random.Generator) -> Array:
    """A random walk with the volatility of the last 60 days."""
    steps = rng.standard_normal((DRAWS, int(past.weekdays(ahead).sum())))
    return spread(past, ahead, past.restless(60)[-1] * steps)


def garch(past: Past, ahead: int, rng: np.random.Generator) -> Array:
    """GARCH(1, 1) with Student-t shocks, fitted to ten years by maximum likelihood and simulated."""
    from arch import arch_model
    from arch.univariate import StudentsT

    model = arch_model(100 * past.returned[-10 * YEAR :], mean="Zero", vol="GARCH", p=1, q=1, rescale=False)
    model.distribution = StudentsT(seed=rng)
    fitted = model.fit(disp="off", show_warning=False)
    days = int(past.weekdays(ahead).sum())
    forecast = fitted.forecast(horizon=days, method="simulation", simulations=DRAWS, reindex=False)
    return spread(past, ahead, forecast.simulations.values[0] / 100)


BASELINES: Mapping[str, Baseline] = {
    "climatology": climatology,
    "climatology, 15 years": partial(climatology, years=15),
    "climatology, 10 years": partial(climatology, years=10),
    "seasonal climatology": seasonal,
    "volatility bins": bins,
    "volatility-scaled past": scaled,
    "lognormal, 60 days": lognormal,
    "GARCH(1,1)-t": garch,
}


@dataclass(frozen=True)
class Asked:
    """A question of the walk: what is read in the window, and which side of the threshold counts."""

    family: str
    measure: str
    threshold: float
    above: bool

    def holds(self, numbers: Array) -> NDArray[np.bool_]:
        """Compare what was read with the threshold."""
        return numbers >= self.threshold if self.above else numbers <= self.threshold


MOVES = (0.05, 0.1, 0.2, 0.3)
ASKED = (
    *(Asked("up", "rise", move, True) for move in MOVES),
    *(Asked("down", "fall", -move, False) for move in MOVES),
    Asked("end", "change", 0.1, True),
    Asked("end", "change", 0.0, True),
    Asked("end", "change", -0.1, False),
    Asked("volatility", "volatility", 0.4, True),
)


def readings(paths: Array, opens: int, closes: int) -> dict[str, Array]:
    """Read every measure off the calendar days `opens` … `closes - 1` after the last close, counted from 1."""
    inside = paths[:, opens - 1 : closes - 1]
    traded = np.isfinite(inside)
    last = inside.shape[1] - 1 - np.argmax(traded[:, ::-1], axis=1)
    flat = pd.DataFrame(inside.T).ffill().to_numpy().T
    squares = np.nansum(np.diff(flat, axis=1) ** 2, axis=1)
    return {
        "rise": np.expm1(np.nanmax(inside, axis=1)),
        "fall": np.expm1(np.nanmin(inside, axis=1)),
        "change": np.expm1(inside[np.arange(len(inside)), last]),
        "volatility": np.sqrt(252 * squares / (traded.sum(axis=1) - 1)),
    }
