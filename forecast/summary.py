"""What the events of a window come to, draw by draw, in a form that joins with what follows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Summary:
    """What the events of a window come to, one number a draw; joins with the summary of what follows.

    Days are counted from an origin that both parts share; `inf` and `-inf` mean no event.
    """

    count: NDArray[np.float64]
    total: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    first_day: NDArray[np.float64]
    first_value: NDArray[np.float64]
    last_day: NDArray[np.float64]
    last_value: NDArray[np.float64]
    returns: NDArray[np.float64]
    squares: NDArray[np.float64]

    def join(self, later: "Summary") -> "Summary":
        """Join with the summary of events that come after these."""
        with np.errstate(invalid="ignore", divide="ignore"):
            bridge = np.log(later.first_value / self.last_value)
        bridged = np.isfinite(bridge)
        starts, ends = np.isfinite(self.first_day), np.isfinite(later.last_day)
        return Summary(
            self.count + later.count,
            self.total + later.total,
            np.fmax(self.high, later.high),
            np.fmin(self.low, later.low),
            np.minimum(self.first_day, later.first_day),
            np.where(starts, self.first_value, later.first_value),
            np.maximum(self.last_day, later.last_day),
            np.where(ends, later.last_value, self.last_value),
            self.returns + later.returns + bridged,
            self.squares + later.squares + np.where(bridged, bridge, 0.0) ** 2,
        )


def summarise(
    draw: NDArray[np.int64],
    days: NDArray[np.float64],
    value: NDArray[np.float64],
    n: NDArray[np.float64],
    draws: int,
) -> Summary:
    """Summarise events, which may come in any order, for each of `draws` draws.

    Parameters
    ----------
    draw, days, value, n : arrays, shape (events,)
        Draw index, day from the origin, value, occurrences.
    draws : int
        Number of draws.
    """
    order = np.lexsort((days, draw))
    draw, days, value, n = draw[order], days[order], value[order], n[order]
    high, low = np.full(draws, -np.inf), np.full(draws, np.inf)
    np.fmax.at(high, draw, value)
    np.fmin.at(low, draw, value)
    first, last = np.full(draws, -1), np.full(draws, -1)
    first[draw[::-1]] = np.arange(len(draw))[::-1]
    last[draw] = np.arange(len(draw))
    seen = last >= 0

    def at(values: NDArray[np.float64], where: NDArray[np.int64], empty: float) -> NDArray[np.float64]:
        out = np.full(draws, empty)
        out[seen] = values[where[seen]]
        return out

    with np.errstate(invalid="ignore", divide="ignore"):
        step = np.log(value[1:] / value[:-1])
    same = (draw[1:] == draw[:-1]) & np.isfinite(step)
    return Summary(
        np.bincount(draw, n, draws),
        np.bincount(draw, np.nan_to_num(value) * n, draws),
        high,
        low,
        at(days, first, np.inf),
        at(value, first, np.nan),
        at(days, last, -np.inf),
        at(value, last, np.nan),
        np.bincount(draw[1:][same], minlength=draws).astype(float),
        np.bincount(draw[1:][same], step[same] ** 2, draws),
    )
