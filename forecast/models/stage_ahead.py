"""How likely all that happened in a span of time is, draw by draw, for the family `stages`: later spans are foreseen.

The record up to three fifths of its time is one span, the rest is cut into spans of like length. Of span j

    log p(j) = sum over cells of (happened log rate - years at risk rate)  +  log p(where mechanisms were led)

where a cell holds what it holds more than at the end of the span before, so that spans add up to the whole record. The
second is exact given what came before: Dirichlet-multinomial, with the weights of the family's page.

A record ends on a day as if nobody had looked further. What is scheduled has not happened. What covariates read in
years before their own record counts as the mean since, here as in every fit.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from forecast.events import Snapshot
from forecast.foreseen import EARLIER, Spans
from forecast.models import exposure, ladder, spells
from forecast.models.ladder import Ladder
from forecast.models.spells import Process, numbered
from forecast.models.stage_mechanisms import SAME, happened, led, likely
from forecast.spec import Spec

Array = NDArray[np.float64]
Days = NDArray[np.datetime64]
Counted = tuple[list[Process], xr.Dataset]  # from `exposure.by_process`
LATER = 40  # spans that are foreseen
UNSEEN = "not looked at"  # kind of event, ours alone, after which nobody looked further
KEY = ("state", "kind_of", "age", "window")


def spans(snapshot: Snapshot, spec: Spec, draws: int) -> Spans:
    """Cut the record into spans of time.

    Parameters
    ----------
    snapshot : Snapshot
    spec : Spec
    draws : int
        Of a posterior, at most, for the log likelihoods.
    """
    found = ladder.parse(dict(spec.options), f"{spec.where}, [options]")
    known, rows = spells.read(snapshot, spec, found)
    edges = _edges(known, snapshot)
    ended = [_ended(snapshot, spec, found, rows, edge) for edge in edges[1:]]
    counted = [exposure.by_process(*one) for one in ended]
    came = np.diff([happened(each, found).sum(axis=0) for each, _ in counted], axis=0, prepend=0)
    return Spans(
        happened=xr.DataArray(
            came, {"time": ("unit", edges[:-1].astype("datetime64[us]"))}, ("unit", "what"), name="spans"
        ),
        same=SAME,
        first=1,
        until=lambda number: exposure.panel(*ended[number - 1]),
        likely=partial(likely, each=_added(counted), units=len(ended), found=found, draws=draws),
        exact=_led([each for each, _ in counted], found),
    )


def _edges(known: Sequence[Process], snapshot: Snapshot) -> Days:
    """List the days on which spans begin, and that on which the last ends."""
    begins, ends = min(process.spells[0].begins for process in known), numbered(snapshot.as_of)
    later = np.linspace(begins + EARLIER * (ends - begins), ends, LATER + 1)
    return np.array([begins, *later.round().astype(np.int64)]).astype("datetime64[D]")


def _ended(
    snapshot: Snapshot, spec: Spec, found: Ladder, rows: pd.DataFrame, day: np.datetime64
) -> tuple[Snapshot, Spec, Ladder]:
    """End the record of all mechanisms on a day, as `exposure` takes it; what covariates read stays that of today."""
    events = snapshot.events
    of_ladder = events["kind"].isin([*spec.kinds, *found.unfollowed, found.deadline_set]).to_numpy()
    kept = events[~(of_ladder & (events["event_at"] >= day).to_numpy())]
    begun = rows[(rows["event_at"] < day).to_numpy()].drop_duplicates("entity")
    ends = begun[events.columns].assign(kind=UNSEEN, event_at=day.astype("datetime64[us]"))
    cut = replace(snapshot, events=pd.concat([kept, ends], ignore_index=True))
    return cut, spec, replace(found, unfollowed=(*found.unfollowed, UNSEEN))


def _added(counted: Sequence[Counted]) -> xr.Dataset:
    """Lay out what each span adds to cells, as `likely` takes it: the span stands where the mechanism would."""
    columns = [
        np.column_stack([*(each[name] for name in KEY), each["traits"], each["covariates"]]) for _, each in counted
    ]
    key, cell = np.unique(np.concatenate(columns), axis=0, return_inverse=True)
    total = np.zeros((len(counted), len(key), 2, 3))
    firsts = np.cumsum([0, *map(len, columns)])
    for of, first, (_, each) in zip(total, firsts, counted, strict=False):
        place = cell[first + each["cell_of"].to_numpy()]
        np.add.at(of, place, np.stack([each["exposure_of"], each["happened_of"]], axis=1))
    change = np.diff(total, axis=0, prepend=0)
    span, place = np.nonzero(change.any(axis=(2, 3)))
    traits = counted[0][1].sizes["trait"]
    return xr.Dataset(
        {
            **{name: ("cell", key[:, at].astype(np.int64)) for at, name in enumerate(KEY)},
            "traits": (("cell", "trait"), key[:, len(KEY) : len(KEY) + traits]),
            "covariates": (("cell", "covariate"), key[:, len(KEY) + traits :]),
            "cell_of": ("stretch", place),
            "process_of": ("stretch", span),
            "exposure_of": (("stretch", "cause"), change[span, place, 0]),
            "happened_of": (("stretch", "cause"), change[span, place, 1]),
        }
    )


def _led(known: Sequence[list[Process]], found: Ladder) -> Array:
    """Compute the log probability of where mechanisms were led in each span, given where all were led before."""
    by_end = [exposure.destinations(each, found) for each in known]
    before = [xr.zeros_like(by_end[0]), *by_end[:-1]]
    return np.array([led(earlier, later - earlier, found) for earlier, later in zip(before, by_end, strict=True)])
