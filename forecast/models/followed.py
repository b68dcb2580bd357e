"""Which events on record another kind of event is taken to have brought: those that followed it within days.

An event of another kind that is dated to a day brings at most as many as it stands for (`n`), and one of the family is
brought at most once: oldest first, by the oldest event of the same entity whose window is open and which has brought
fewer. What is dated to a month or year only can neither bring nor be brought, for nobody knows what followed what.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast import conditions
from forecast.events import Snapshot, day
from forecast.spec import Covariate, Spec


def trials(snapshot: Snapshot, spec: Spec) -> pd.DataFrame:
    """List the past events of a spec's covariate that could have brought one, oldest first."""
    rows = snapshot.of_kind(spec.covariates[0].rule.kinds)
    if rows.empty:  # a record without such events need not have the columns that the rule names
        return rows
    past = (rows["event_at"] >= day(spec.since)) & (rows["event_at"] < day(snapshot.as_of))
    dated = rows["precision"] == "day"
    return rows[(past & dated).to_numpy() & conditions.matching(rows, spec.covariates[0].rule.where)]


def brought(tried: pd.DataFrame, item: Covariate, rows: pd.DataFrame, may: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark the rows that were brought.

    Parameters
    ----------
    tried : DataFrame
        From `trials`.
    item : Covariate
        Its `window` is half-open: the day itself is the first of so many.
    rows : DataFrame
        Events of the family, oldest first.
    may : array, shape (rows,)
        Which of them can be brought at all.
    """
    left, where = tried["n"].to_numpy().copy(), tried["entity"].to_numpy()
    since, at = (frame["event_at"].to_numpy("datetime64[D]").astype(np.int64) for frame in (tried, rows))
    dated, entity = (rows["precision"] == "day").to_numpy(), rows["entity"].to_numpy()
    found = np.zeros(len(rows), bool)
    for row in np.flatnonzero(may & dated):
        gap = at[row] - since
        open_ = np.flatnonzero((left > 0) & (where == entity[row]) & (gap >= 0) & (gap < item.window))
        if len(open_):
            left[open_[0]] -= 1
            found[row] = True
    return found
