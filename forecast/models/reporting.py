"""How late events become known: the share of a day's events that has been reported, learned from past lags.

An event of `age` days ago is in a snapshot if it became known within `age - 1` days, so lags are truncated: of recent
days only short ones have been seen. With k[d] lags of d days among the m[d] of at most d days whose day lies far enough
back for d to be seen, the share that is known within d days is (Lagakos, Barraj and De Gruttola 1988,
doi:10.1093/biomet/75.3.515; Kalbfleisch and Lawless 1991)

    F(d) = product over j > d of (1 - h[j]),   1 - h[j] ~ Beta(m[j] - k[j] + 1, k[j])

whose mean, where nothing is truncated, is (lags of at most d + 1) / (lags + 1): all, until lags have been seen. A row
whose day of knowledge was assumed, or that corrects an earlier one, says nothing about when its event was first known.
"""

from datetime import date

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from forecast.events import day
from forecast.language import say

LONGEST = 30  # days after which all is taken to be known


def lags(rows: pd.DataFrame, as_of: date) -> dict[str, tuple[str, NDArray[np.float64]]]:
    """Count past lags, as variables of a panel.

    Parameters
    ----------
    rows : DataFrame
        Events of a snapshot.
    as_of : date
        Of the snapshot.

    Returns
    -------
    dict
        `lagged` (lag,), events that became known so many days after they happened, and `lag_risk` (lag,), those that
        became known no later and might have been seen to take so long.
    """
    dated = rows[((rows["precision"] == "day") & (rows["known_by"] != "assumed") & (rows["revision"] == 0)).to_numpy()]
    happened, unit = dated["event_at"].to_numpy(), np.timedelta64(1, "D")
    lag = ((dated["known_at"].to_numpy() - happened) // unit).astype(np.int64)
    seen = ((day(as_of) - happened) // unit).astype(np.int64) - 1  # the longest lag that could be seen
    early = lag >= 0  # what is known before it happens is no report of it
    lag, n = lag[early], dated["n"].to_numpy(np.float64)[early]  # a row may stand for many events
    seen = np.maximum(seen[early], lag)  # in a world that somebody supposes, more may be known than could have been
    length = int(lag.max(initial=-1)) + 1
    late = np.bincount(lag, n, length)[:length]
    gone = np.cumsum(np.bincount(np.minimum(seen, length), n, length + 1))[:length]
    # Those of lag <= j, less those of them whose day is too near to see j: their lag is <= seen < j.
    risk = np.cumsum(late) - np.concatenate([[0], gone[:-1]]) if length else late
    return {"lagged": ("lag", late), "lag_risk": ("lag", risk)}


def reported(panel: xr.Dataset) -> NDArray[np.float64]:
    """Estimate which share of events is known by age.

    Parameters
    ----------
    panel : Dataset
        With `lagged` and `lag_risk`.

    Returns
    -------
    array, shape (LONGEST,)
        For events of 1, 2, … days ago.
    """
    late, risk = panel["lagged"].to_numpy(), panel["lag_risk"].to_numpy()
    return _products(1 - late / (risk + 1))


def drawn(panel: xr.Dataset, draws: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw which share of events is known by age, shape (draws, LONGEST), as uncertain as the lags leave it."""
    late, risk = panel["lagged"].to_numpy(), panel["lag_risk"].to_numpy()
    seen = late > 0
    factors = np.ones((draws, len(late)))
    factors[:, seen] = rng.beta(risk[seen] - late[seen] + 1, late[seen], (draws, int(seen.sum())))
    return _products(factors)


def _products(factors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Multiply the factors of all longer lags, for each age: an event of age 1 is known if its lag was 0."""
    longer = np.cumprod(factors[..., ::-1], axis=-1)[..., ::-1][..., 1:]
    shares = np.ones((*factors.shape[:-1], LONGEST))
    shares[..., : longer.shape[-1]] = longer[..., :LONGEST]
    return shares


def unreported(shares: NDArray[np.float64], step: int, bins: int) -> NDArray[np.float64]:
    """Lay the share that is not yet known out by bin and day.

    Parameters
    ----------
    shares : array, shape (..., LONGEST)
        From `reported` or `drawn`.
    step, bins : int
        Days a bin, and how many bins end on the as-of day.

    Returns
    -------
    array, shape (..., bins, step)
        Oldest bin and day first.
    """
    lead = shares.shape[:-1]
    missing = np.zeros((*lead, bins * step))
    recent = (1 - shares)[..., : bins * step]
    missing[..., bins * step - recent.shape[-1] :] = recent[..., ::-1]
    return missing.reshape(*lead, bins, step)


def notes(panel: xr.Dataset) -> tuple[str, ...]:
    """Say how many of the last days' events are known by now; nothing if no lag was ever seen."""
    if not panel["lagged"].sum():
        return ()
    shares = 100 * reported(panel)
    return (say("reporting-late", day=f"{shares[0]:.0f} %", week=f"{shares[:7].mean():.0f} %"),)
