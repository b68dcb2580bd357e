"""How well the family `discounted` foresaw each bin of its record from what had happened before it.

With N, T, n and t of the family's page as they stood when a bin began, and e years of it known by now, a count of it is

    count ~ NegBinomial(shape k long + n, odds (k + t) / e),  long = (a + N) / (b + T)

exactly, in the record as it reads today. A bin's density is that of all its cells together, which are independent.
"""

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import stats

from forecast.events import Snapshot, day
from forecast.models import cells, record, reporting
from forecast.models.cells import Options
from forecast.spec import Spec

Array = NDArray[np.float64]
EARLIER = 1 / 3  # share of the record that is seen before anything is foreseen
YEAR = 365.25


@dataclass(frozen=True)
class Sums:
    """What had been seen when each bin began, and once the last had ended.

    Parameters
    ----------
    events, recent : array, shape (bin + 1, cell)
        In all, and discounted by their age.
    years, recent_years : array, shape (bin + 1,)
    """

    events: Array
    recent: Array
    years: Array
    recent_years: Array


def ahead(
    snapshot: Snapshot,
    data: xr.Dataset,
    spec: Spec,
    found: Options,
    half_life: float,
    strength: float,
    background: tuple[float, float],
) -> xr.Dataset:
    """Foresee each bin of the last two thirds of the record.

    Parameters
    ----------
    snapshot : Snapshot
    data : Dataset
        From `discounted.panel`.
    spec : Spec
    found : Options
    half_life, strength : float
        Days.
    background : tuple of float
        Shape and rate of the prior of the rate in the long run, a and b.

    Returns
    -------
    Dataset
        `density` (unit), nats, NaN in the first third; `happened` (unit, cell), counts, as those of `counts` are laid
        out; coordinate `time`, the first day of each bin.
    """
    starts, counts, sums, known = _read(snapshot, data, spec, found, half_life)
    k, (shape, rate) = strength / YEAR, background
    long = (shape + sums.events) / (rate + sums.years[:, None])
    size, of = (k * long + sums.recent)[:-1], (k + sums.recent_years)[:-1, None]
    density = stats.nbinom.logpmf(counts, size, of / (of + known[:, None])).sum(axis=1)
    density[: int(np.ceil(EARLIER * len(starts)))] = np.nan
    return xr.Dataset(
        {"density": ("unit", density), "happened": (("unit", "cell"), counts)},
        coords={"unit": starts, "time": ("unit", starts), "cell": data["cell"].to_numpy()},
        attrs={"units": "bins", "same": record.SAME},
    )


def _read(
    snapshot: Snapshot, data: xr.Dataset, spec: Spec, found: Options, half_life: float
) -> tuple[NDArray[np.datetime64], Array, Sums, Array]:
    """Read bins, their counts, what had been seen before them, and how many years of each are known."""
    rows, plan = cells.rows_of(snapshot, spec), cells.layout(found)
    days = (snapshot.as_of - spec.since).days
    starts = record.starts(snapshot.as_of, spec.step, int(np.ceil(days / spec.step)))
    where, n, at = cells.placed(rows, found, plan), rows["n"].to_numpy(float), rows["event_at"].to_numpy()
    shape = (len(starts), len(plan.cells))
    kept = at >= day(spec.since)
    place = (_bins(at, starts), where)
    ends = starts[np.maximum(place[0], 0)] + np.timedelta64(spec.step, "D")
    faded = 2.0 ** (-((ends - at) / np.timedelta64(1, "D")) / half_life)
    reported = np.ones(days)
    reported[: reporting.LONGEST] = reporting.reported(data)[:days]
    of_day = (len(starts) - 1 - np.arange(days) // spec.step, np.zeros(days, np.int64))
    to_end = 2.0 ** (-(np.arange(days) % spec.step + 1) / half_life)
    fade = 2.0 ** (-spec.step / half_life)
    known = _total(of_day, reported / YEAR, (len(starts), 1))
    sums = Sums(
        _before(_total(place, n * kept, shape), 1.0),
        _before(_total(place, n * kept * faded, shape), fade),
        _before(known, 1.0)[:, 0],
        _before(_total(of_day, reported * to_end / YEAR, (len(starts), 1)), fade)[:, 0],
    )
    return starts, _total(place, n, shape), sums, known[:, 0]


def _bins(at: NDArray[np.datetime64], starts: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Find the bin of each event; -1 before the first."""
    return np.asarray(np.searchsorted(starts, at, "right") - 1)


def _total(place: tuple[NDArray[np.int64], NDArray[np.int64]], weight: Array, shape: tuple[int, int]) -> Array:
    """Add weights up by bin and cell."""
    total, inside = np.zeros(shape), place[0] >= 0
    np.add.at(total, (place[0][inside], place[1][inside]), weight[inside])
    return total


def _before(each: Array, fade: float) -> Array:
    """Add up what came in earlier bins, which fades from bin to bin; also after the last, shape (bin + 1, ...)."""
    found = np.zeros((len(each) + 1, *each.shape[1:]))
    for place, value in enumerate(each):
        found[place + 1] = fade * found[place] + value
    return found
