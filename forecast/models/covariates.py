"""What covariates read: trailing windows on the record, and in futures that models before have made."""

from datetime import timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast import rules
from forecast.errors import SpecError
from forecast.events import Snapshot
from forecast.prospect import Prospect
from forecast.spec import Covariate, Spec


def on_record(snapshot: Snapshot, spec: Spec, starts: NDArray[np.datetime64]) -> NDArray[np.float64]:
    """Read each covariate's window before each start.

    Returns
    -------
    array, shape (start, covariate)
        log2(1 + reading / per); where a window begins before `since`, the mean of all others, 0 if there are none.
    """
    read = _scaled(_known(snapshot, spec, starts), spec)
    for place, item in enumerate(spec.covariates):
        if item.since:
            # Silence before a record begins would tell early years from late ones, and pass for an effect.
            unread = starts < np.datetime64(item.since + timedelta(days=item.window))
            read[unread, place] = read[~unread, place].mean() if not unread.all() else 0.0
    return read


def ahead(prospect: Prospect, spec: Spec, starts: NDArray[np.datetime64]) -> NDArray[np.float64]:
    """Read the same before days to come, where windows hold what is simulated too.

    Returns
    -------
    array, shape (future, start, covariate)
        One future stands for all where no model before makes what is read.
    """
    known = _known(prospect.snapshot, spec, starts)
    made = [_made(prospect, item, starts) for item in spec.covariates]
    futures = max((len(one) for one in made), default=1)
    total = np.broadcast_to(known, (futures, *known.shape)).copy()
    for place, one in enumerate(made):
        total[:, :, place] += one
    return _scaled(total, spec)


def check_only(spec: Spec, measure: str) -> None:
    """Refuse more covariates than one, and one that reads something else, no days, or counts as usual for a time.

    Parameters
    ----------
    spec : Spec
    measure : str
        What its rule must measure.
    """
    where = f"{spec.where}, [[covariates]]"
    if len(spec.covariates) > 1:
        what = f"the family `{spec.family}` takes one covariate, not {len(spec.covariates)}"
        raise SpecError(what, where, hint="keep the one that matters most")
    for item in spec.covariates:
        if item.rule.measure != measure:
            what = f"a covariate of the family `{spec.family}` reads a {measure}, not `{item.rule.measure}`"
            raise SpecError(what, f"{where}, {item.name}: rule", hint=f'measure = "{measure}"')
        if item.since:
            raise SpecError(f"a covariate of the family `{spec.family}` has no `since`", f"{where}, {item.name}")


def _known(snapshot: Snapshot, spec: Spec, starts: NDArray[np.datetime64]) -> NDArray[np.float64]:
    ends = pd.DatetimeIndex(starts)
    read = [rules.trailing(item.rule, snapshot.events, ends, item.window) for item in spec.covariates]
    return np.array(read).reshape(len(read), len(starts)).T


def _made(prospect: Prospect, item: Covariate, starts: NDArray[np.datetime64]) -> NDArray[np.float64]:
    """Add up simulated events in each window, shape (future, start); (1, start) of zeros where nobody makes any."""
    frames, draws = prospect.made(item.rule), prospect.sizes.draws
    total = np.zeros((draws if frames else 1, len(starts)))
    for frame in frames:
        seen = frame["known_at" if "known_at" in frame else "event_at"].to_numpy("datetime64[us]")
        draw, weight = frame["draw"].to_numpy(), frame["n"].to_numpy(float)
        if item.rule.measure == "sum":
            weight = weight * frame["value"].to_numpy(float)
        for place, stop in enumerate(starts.astype("datetime64[us]")):
            inside = (seen >= stop - np.timedelta64(item.window, "D")) & (seen < stop)
            total[:, place] += np.bincount(draw[inside], weight[inside], draws)
    return total


def _scaled(read: NDArray[np.float64], spec: Spec) -> NDArray[np.float64]:
    per = np.array([item.per for item in spec.covariates])
    return np.log2(1 + read / per) if len(per) else read
