"""What the events of a window come to, draw by draw, in a form that joins with what follows."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Statistic = Callable[[], Array]
DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Summary:
    """What the events of a window come to, one number a draw; joins with the summary of what follows.

    Each statistic is worked out when it is asked for: a measure needs one or two of them, and futures are many.
    Days are counted from an origin that both parts share; `inf` and `-inf` mean no event.
    """

    count: Statistic
    total: Statistic
    high: Statistic
    low: Statistic
    first_day: Statistic
    first_value: Statistic
    last_day: Statistic
    last_value: Statistic
    returns: Statistic
    squares: Statistic

    def join(self, later: "Summary") -> "Summary":
        """Join with the summary of events that come after these."""

        @cache
        def bridge() -> Array:
            with np.errstate(invalid="ignore", divide="ignore"):
                log = np.log(later.first_value() / self.last_value())
            return np.where(np.isfinite(log), log, np.nan)

        return Summary(
            lambda: self.count() + later.count(),
            lambda: self.total() + later.total(),
            lambda: np.fmax(self.high(), later.high()),
            lambda: np.fmin(self.low(), later.low()),
            lambda: np.minimum(self.first_day(), later.first_day()),
            lambda: np.where(np.isfinite(self.first_day()), self.first_value(), later.first_value()),
            lambda: np.maximum(self.last_day(), later.last_day()),
            lambda: np.where(np.isfinite(later.last_day()), later.last_value(), self.last_value()),
            lambda: self.returns() + later.returns() + ~np.isnan(bridge()),
            lambda: self.squares() + later.squares() + np.nan_to_num(bridge()) ** 2,
        )


def summarise(draw: NDArray[np.int64], since: NDArray[np.timedelta64], value: Array, n: Array, draws: int) -> Summary:
    """Summarise events, which may come in any order, for each of `draws` draws.

    Parameters
    ----------
    draw, since, value, n : arrays, shape (events,)
        Draw index, time from the origin, value, occurrences.
    draws : int
        Number of draws.
    """
    if np.any(draw[1:] < draw[:-1]) or np.any((draw[1:] == draw[:-1]) & (since[1:] < since[:-1])):
        order = np.lexsort((since, draw))
        draw, since, value, n = draw[order], since[order], value[order], n[order]
    same = draw[1:] == draw[:-1]
    ends = np.flatnonzero(~same)
    first, last = (at[: len(draw)] for at in (np.append(0, ends + 1), np.append(ends, len(draw) - 1)))

    def each(numbers: Array, empty: float) -> Array:
        out = np.full(draws, empty)
        out[draw[first]] = numbers
        return out

    @cache
    def steps() -> tuple[NDArray[np.int64], Array]:
        with np.errstate(invalid="ignore", divide="ignore"):
            step = np.log(value[1:] / value[:-1])
        known = same & np.isfinite(step)
        return draw[1:][known], step[known]

    return Summary(
        lambda: np.bincount(draw, n, draws),
        lambda: np.bincount(draw, np.nan_to_num(value) * n, draws),
        lambda: each(np.fmax(np.fmax.reduceat(value, first), -np.inf), -np.inf),
        lambda: each(np.fmin(np.fmin.reduceat(value, first), np.inf), np.inf),
        lambda: each(since[first] / DAY, np.inf),
        lambda: each(value[first], np.nan),
        lambda: each(since[last] / DAY, -np.inf),
        lambda: each(value[last], np.nan),
        lambda: np.bincount(steps()[0], minlength=draws).astype(float),
        lambda: np.bincount(steps()[0], steps()[1] ** 2, draws),
    )
