"""How many events of the last days there will have been once all is reported: those recorded, and those yet to come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from forecast import conditions, world
from forecast.events import Snapshot, day
from forecast.inference import Sizes
from forecast.models import reporting
from forecast.spec import Spec
from forecast.world import Fitted

WINDOWS = (1, 3, 7, 14, reporting.LONGEST)
ENDS = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class Nowcast:
    """The count of a model's events in the days before the as-of day.

    Parameters
    ----------
    model : str
    days : int
        Length of the window that ends with the day before the as-of day.
    recorded : int
        Events that are known by now.
    share : float
        Of the events of these days, what is usually known by now.
    low, median, high : float
        Of the count once all is known: 90 % interval and median.
    """

    model: str
    days: int
    recorded: int
    share: float
    low: float
    median: float
    high: float


def nowcast(specs: Sequence[Spec], fitted: Sequence[Fitted], snapshot: Snapshot, sizes: Sizes) -> list[Nowcast]:
    """Complete the counts of the last days, for models of families that learn how late events become known.

    Parameters
    ----------
    specs : sequence of Spec
    fitted : sequence of Fitted
        Of their parts, in the same order.
    snapshot : Snapshot
    sizes : Sizes
    """
    parts = iter(fitted)
    members = [[next(parts) for _ in spec.parts] for spec in specs]
    until = {kind: snapshot.as_of + timedelta(days=1) for spec in specs for kind in spec.kinds}
    futures = world.simulate(specs, fitted, snapshot, until, sizes)
    told = []
    for spec, own in zip(specs, members, strict=True):
        panels = [one.panel for one in own if "lagged" in one.panel]
        if panels:
            shares = np.mean([reporting.reported(panel) for panel in panels], axis=0)
            late = np.zeros((futures.draws, reporting.LONGEST))
            for frame in {id(one): one for one in futures.of_kind(spec.kinds)}.values():
                ago = _ago(frame["event_at"].to_numpy(), snapshot)
                past = (ago >= 0) & (ago < reporting.LONGEST)
                np.add.at(late, (frame["draw"].to_numpy()[past], ago[past]), frame["n"].to_numpy()[past])
            told += [_window(spec, snapshot, days, late, shares) for days in WINDOWS]
    return told


def _ago(at: NDArray[np.datetime64], snapshot: Snapshot) -> NDArray[np.int64]:
    """Count how many days before the as-of day events lie: 0 is the day before it."""
    return ((day(snapshot.as_of) - at) // np.timedelta64(1, "D")).astype(np.int64) - 1


def _window(
    spec: Spec, snapshot: Snapshot, days: int, late: NDArray[np.float64], shares: NDArray[np.float64]
) -> Nowcast:
    rows = snapshot.of_kind(spec.kinds)
    rows = rows[conditions.matching(rows, spec.target)]
    ago = _ago(rows["event_at"].to_numpy(), snapshot)
    recorded = int(rows["n"].to_numpy()[(ago >= 0) & (ago < days)].sum())
    final = recorded + late[:, :days].sum(axis=1)
    low, median, high = (float(value) for value in np.quantile(final, ENDS, method="inverted_cdf"))
    return Nowcast(spec.name, days, recorded, float(shares[:days].mean()), low, median, high)
