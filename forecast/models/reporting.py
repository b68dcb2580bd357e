"""How late events become known: the share of a day's events that has been reported, learned from past lags.

An event of `age` days ago is in a snapshot if it became known within `age - 1` days. With k of n recorded lags
that short, the share is taken to be (k + 1) / (n + 1): all, until lags have been seen. Rows whose day of
knowledge was assumed say nothing about lags.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

LONGEST = 30  # days after which all is taken to be known


def reported(rows: pd.DataFrame) -> NDArray[np.float64]:
    """Estimate which share of events is known by age.

    Parameters
    ----------
    rows : DataFrame
        Events of a snapshot.

    Returns
    -------
    array, shape (LONGEST,)
        For events of 1, 2, … days ago.
    """
    dated = rows[((rows["precision"] == "day") & (rows["known_by"] != "assumed")).to_numpy()]
    lag = (dated["known_at"].to_numpy() - dated["event_at"].to_numpy()) / np.timedelta64(1, "D")
    within = np.searchsorted(np.sort(lag), np.arange(LONGEST), "right")
    return np.asarray((within + 1) / (len(lag) + 1))


def unreported(shares: NDArray[np.float64], step: int, bins: int) -> NDArray[np.float64]:
    """Lay the share that is not yet known out by bin and day.

    Parameters
    ----------
    shares : array, shape (LONGEST,)
        From `reported`.
    step, bins : int
        Days a bin, and how many bins end on the as-of day.

    Returns
    -------
    array, shape (bins, step)
        Oldest bin and day first.
    """
    missing = np.zeros(bins * step)
    recent = (1 - shares)[: bins * step]
    missing[len(missing) - len(recent) :] = recent[::-1]
    return missing.reshape(bins, step)
