"""Days on which events of another kind begin: how much further a series then moves, for the family `levels`.

With a covariate the return r of trading day t is stretched, whichever way it goes:

    r[t] -> r[t] exp(beta s[t]),  s[t] = log2(1 + total[t] / per)

where total is the size of what began after the trading day before, up to t, if t comes within `window` days of it. So
exp(beta) is what events of the size `per` do, and those of three times that size do its square. On the record

    z[t] = r[t] / (RMS of r over the 22 trading days before + floor)
    z[t] ~ sigma exp(beta s[t]) T,  T ~ Student-t(4),  beta ~ Normal, from the prior `effect` of exp(beta)

with sigma such that half of the other days lie within the middle half of T. There is one unknown, so its posterior is
exact on a grid. A Student-t, as a few ordinary days move far too: under a normal they would count as shocks. Past paths
that a future follows have had shocks of their own, which stay in them; they are few.
"""

from datetime import date

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy import stats

from forecast import conditions, inference
from forecast.events import Snapshot, day
from forecast.models import gridded
from forecast.prospect import Prospect
from forecast.spec import Covariate

Array = NDArray[np.float64]
MEMORY = 22  # trading days
ORDINARY = stats.t(4)
DAY = np.timedelta64(1, "D")


def on_record(snapshot: Snapshot, item: Covariate, at: NDArray[np.datetime64]) -> Array:
    """Read what began since the trading day before, as s, shape (day,); what is dated to a month has no day.

    Parameters
    ----------
    snapshot : Snapshot
    item : Covariate
    at : array of datetime64, shape (day,)
        Trading days.
    """
    rows = _past(snapshot, item)
    began = rows["event_at"].to_numpy()
    place = np.searchsorted(at, began)
    inside = (place > 0) & (place < len(at))
    inside[inside] = at[place[inside]] - began[inside] < item.window * DAY
    total = np.bincount(place[inside], _size(rows)[inside], len(at))
    return np.asarray(np.log2(1 + total / item.per))


def _past(snapshot: Snapshot, item: Covariate) -> pd.DataFrame:
    rows = snapshot.of_kind(item.rule.kinds)
    if rows.empty:  # a record without such events need not have the columns that the rule names
        return rows
    happened = ((rows["event_at"] < day(snapshot.as_of)) & (rows["precision"] == "day")).to_numpy()
    return rows[happened & conditions.matching(rows, item.rule.where)]


def _size(rows: pd.DataFrame) -> Array:
    """Give the size of each row; one whose size nobody knows adds nothing."""
    return np.asarray(np.nan_to_num(rows["value"].to_numpy(float)) * rows["n"].to_numpy(float))


def scaled(returned: Array, clip: float, floor: float) -> Array:
    """Give each day's return in units of those of the days before it: z, shape (day,), NaN where they are too few."""
    squares = pd.Series(np.clip(returned, -clip, clip) ** 2)
    before = np.sqrt(squares.rolling(MEMORY).mean().shift().to_numpy())
    return np.asarray(returned / (before + floor))


def log_likelihood(beta: Array, z: Array, s: Array) -> Array:
    """Compute how well each beta explains the days on which something began, up to a constant, shape of beta.

    Parameters
    ----------
    beta : array, shape (points,)
    z, s : array, shape (days,)
        Of all days; those with s = 0 set the scale.
    """
    usual, shaken = z[s == 0], s > 0
    sigma = np.median(np.abs(usual)) / ORDINARY.ppf(0.75) if len(usual) else 1.0
    stretch = beta[:, None] * s[shaken]
    return np.asarray((ORDINARY.logpdf(z[shaken] / (sigma * np.exp(stretch))) - stretch).sum(axis=1))


def effect(data: xr.Dataset, item: Covariate, since: date, toss: Array) -> xr.DataArray:
    """Draw exp(beta) from its posterior.

    Parameters
    ----------
    data : Dataset
        From `volatility.panel`.
    item : Covariate
    since : date
        First day that is used.
    toss : array, shape (chain, draw, covariate)
        Uniform.
    """
    z, s = data["scaled"].to_numpy(), data["shock"].to_numpy()
    used = np.isfinite(z) & (data["at"].to_numpy() >= day(since))
    location, scale = inference.location_scale(item.effect, "positive")
    beta = gridded.around(location, scale)
    log_density = log_likelihood(beta, z[used], s[used]) - ((beta - location) / scale) ** 2 / 2
    dims = ("chain", "draw", "covariate")
    return xr.DataArray(np.exp(gridded.inverse(beta, log_density, toss)), {"covariate": [item.name]}, dims)


def ahead(
    tree: xr.DataTree, item: Covariate, prospect: Prospect, last: np.datetime64, after: NDArray[np.timedelta64]
) -> Array:
    """Say by what factor each return ahead is stretched, shape (future, step); 1 where nothing begins.

    Parameters
    ----------
    tree : DataTree
    item : Covariate
    prospect : Prospect
    last : datetime64
        The last trading day on record: what began later moves days to come, even if it is known already.
    after : array, shape (future, step)
        How long after it each trading day comes.
    """
    draws = prospect.sizes.draws
    known = _past(prospect.snapshot, item)
    known = known[(known["event_at"] > last).to_numpy()]
    every = pd.DataFrame({"draw": np.arange(draws)}).merge(known[["event_at", "value", "n"]], "cross")
    rows = pd.concat([every, prospect.coming(item.rule)[["draw", "event_at", "value", "n"]]], ignore_index=True)
    rows = rows[(rows["event_at"] > last).to_numpy()]
    draw, gone = rows["draw"].to_numpy(np.int64), rows["event_at"].to_numpy() - last
    step = (after[draw] < gone[:, None]).sum(axis=1)
    inside = step < after.shape[1]
    inside[inside] = after[draw[inside], step[inside]] - gone[inside] < item.window * DAY
    total = np.zeros(after.shape)
    np.add.at(total, (draw[inside], step[inside]), _size(rows)[inside])
    beta = np.log(inference.thinned(tree, ("effect",), prospect.sizes)["effect"])
    return np.asarray(np.exp(beta * np.log2(1 + total / item.per)))
