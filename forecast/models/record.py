"""What the family `counts` reads of a snapshot: counts by bin and cell, and what drives them."""

from datetime import date
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from forecast import conditions
from forecast.events import Snapshot, day
from forecast.models import cells, covariates, examples
from forecast.models.cells import Options
from forecast.models.feedback import features, memories, shaped, trailing_sums
from forecast.models.reporting import lags, reported, unreported
from forecast.prospect import Prospect
from forecast.spec import Spec

SAME = "`since`, `step`, target or cells"  # what has to be the same for counts to be


def panel(snapshot: Snapshot, spec: Spec) -> xr.Dataset:
    """Count the events of every cell and bin, and what drives them.

    Returns
    -------
    Dataset
        `counts` (time, cell), `features` (time, cell, feature), `covariates` (time, covariate), the share
        of events that is not known yet `unreported` (time, day) and the lags behind it (`reporting.lags`),
        the state at the as-of day `memory` (cell, half_life), and `history` (past, cell), the counts of the
        bins that `share_window` still covers. `time` holds the first day of each bin.
    """
    found = cells.options(spec)
    plan = cells.layout(found)
    rows = cells.rows_of(snapshot, spec)
    where = cells.placed(rows, found, plan)
    kept = int(np.ceil((snapshot.as_of - spec.since).days / spec.step))
    warm = int(np.ceil(3 * max(found.memories) / spec.step))
    begins = starts(snapshot.as_of, spec.step, kept + warm)
    counts = np.zeros((len(begins), len(plan.cells)))
    bins = np.searchsorted(begins, rows["event_at"].to_numpy("datetime64[us]"), "right") - 1
    np.add.at(counts, (bins[bins >= 0], where[bins >= 0]), rows["n"].to_numpy()[bins >= 0])
    memory = memories(counts, found.memories, spec.step)
    recent = trailing_sums(counts, _share_bins(found, spec))
    feature = shaped(features(memory[:-1], recent[:-1], found, plan), found, spec.step)
    lagged = xr.Dataset(lags(rows, snapshot.as_of))
    return xr.Dataset(
        {
            "counts": (("time", "cell"), counts[warm:]),
            "features": (("time", "cell", "feature"), feature[warm:]),
            "covariates": (("time", "covariate"), covariates.on_record(snapshot, spec, begins[warm:])),
            "unreported": (("time", "day"), unreported(reported(lagged), spec.step, kept)),
            **lagged.data_vars,
            "memory": (("cell", "half_life"), memory[-1]),
            "history": (("past", "cell"), counts[-_share_bins(found, spec) :]),
            **examples.columns(rows, where, found, plan),
        },
        coords={
            "time": begins[warm:],
            "cell": plan.names,
            "half_life": list(found.memories),
            "covariate": [covariate.name for covariate in spec.covariates],
        },
        attrs={"as_of": snapshot.as_of.isoformat(), **examples.on_record(rows, found)},
    )


def starts(as_of: date, step: int, bins: int) -> NDArray[np.datetime64]:
    """List the first days of bins that end on the as-of day."""
    return np.asarray(day(as_of) - np.timedelta64(step, "D") * np.arange(bins, 0, -1))


def _share_bins(found: Options, spec: Spec) -> int:
    return max(1, round(found.share_window / spec.step))


def scheduled(prospect: Prospect, spec: Spec, bins: int) -> NDArray[np.float64]:
    """Count what is known or supposed to come, by bin ahead and cell, shape (bin, cell): it feeds what follows."""
    found = cells.options(spec)
    plan, as_of = cells.layout(found), prospect.snapshot.as_of
    counts = np.zeros((bins, len(plan.cells)))
    rows = prospect.scheduled(spec.kinds)
    rows = rows[conditions.matching(rows, spec.target)]
    at = ((rows["event_at"].to_numpy("datetime64[us]") - day(as_of)) // np.timedelta64(spec.step, "D")).astype(np.int64)
    inside = at < bins
    np.add.at(counts, (at[inside], cells.placed(rows[inside], found, plan)), rows["n"].to_numpy()[inside])
    return counts


def inputs(data: xr.Dataset, spec: Spec) -> dict[str, NDArray[Any]]:
    """Lay a panel out as the arrays that the likelihood takes, in its order."""
    first, at, count = sparse(data["counts"].to_numpy())
    return {
        "features": np.ascontiguousarray(data["features"].transpose("cell", "feature", "time").to_numpy()),
        "covariates": np.ascontiguousarray(data["covariates"].transpose("covariate", "time").to_numpy()),
        "known": 1 - data["unreported"].mean("day").to_numpy(),
        "origin_number": cells.layout(cells.options(spec)).origin_of,
        "first": first,
        "at": at,
        "count": count,
    }


def sparse(counts: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Keep the counts that are not zero, cell by cell.

    Parameters
    ----------
    counts : array, shape (time, cell)

    Returns
    -------
    first : array, shape (cell + 1,)
        Where each cell's rows begin.
    at, count : array, shape (rows,)
        Time and count of each row.
    """
    cell, at = np.nonzero(counts.T)
    first = np.searchsorted(cell, np.arange(counts.shape[1] + 1))
    return first, at, counts.T[cell, at].astype(float)
