"""Events of the family `marks` that events of another kind bring: the link between two models of one world.

Of n past events that the covariate's rule reads, k were followed within its window by one that counts as brought (the
page `followed` says which). One that lies ahead brings an event with probability q, on its own day and of its entity:

    k ~ Binomial(n, q),  logit q ~ Normal, from the prior `effect`

The n past ones are few and k is smaller, so q is wide, and the prior speaks in it. Sizes are those of the family's
common law, shifted, without classes, and cut off at the smallest class and the largest size:

    log size ~ Normal(log `size` + f, `size_spread`^2),  f ~ Normal, from the prior `brought_size` of exp f

with f drawn, for every posterior draw of `size` and `size_spread`, from its exact posterior given the k sizes on
record. Causes are those of `brought`, by their shares of the past; the group is the one to which most past events of
the entity belong, or if there are none, most past events of these causes. All else is as of any new event.
"""

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy import special, stats

from forecast import inference
from forecast.events import day
from forecast.models import gridded, likeness
from forecast.models.onsets import Options
from forecast.prospect import Prospect
from forecast.spec import Covariate

Array = NDArray[np.float64]
Places = NDArray[np.int64]


def begun(
    drawn: dict[str, Array],
    data: xr.Dataset,
    found: Options,
    item: Covariate,
    prospect: Prospect,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Let every event ahead that the covariate reads bring one with its probability.

    Parameters
    ----------
    drawn : dict of str to array, shape (future, ...)
        `effect`, `size`, `size_spread`, `length_of` and `length_spread`, a posterior draw a future.
    data : Dataset
        From `onsets.panel`.
    found : Options
    item : Covariate
    prospect : Prospect
    rng : Generator
        Its numbers are drawn by day, so that a longer horizon changes nothing nearer.
    """
    of_size, rng = rng.spawn(2)
    ahead = _ahead(prospect, item)
    toss = rng.random((len(ahead), 5))
    brings = toss[:, 0] < drawn["effect"][ahead["draw"].to_numpy(), 0]
    ahead, toss = ahead[brings], toss[brings]
    future, entity = ahead["draw"].to_numpy(), ahead["entity"].to_numpy(object)
    cause = _causes(data, found, toss[:, 1])
    alike = likeness.one_of(cause, data["cause_of"], toss[:, 2])
    length = drawn["length_of"][future, cause] * np.exp(drawn["length_spread"][future] * stats.norm.ppf(toss[:, 3]))
    marks: dict[str, Any] = {
        "draw": future,
        "event_at": ahead["event_at"].to_numpy(),
        "value": _sizes(drawn, _shifts(drawn, data, found, prospect, of_size), future, found, toss[:, 4]),
        "n": 1,
        "entity": pd.Categorical(entity),
        found.roles["group"]: pd.Categorical.from_codes(_groups(entity, data, found), pd.Index(found.groups)),
        found.roles["cause"]: pd.Categorical.from_codes(cause, pd.Index(found.causes)),
        found.roles["lasts"]: np.maximum(1.0, np.round(length)),
    }
    return pd.DataFrame(marks | {name: likeness.taken(data[name].to_numpy(), alike) for name in found.carry})


def _ahead(prospect: Prospect, item: Covariate) -> pd.DataFrame:
    """List what lies ahead and may bring something, a row an occurrence, day by day."""
    rows = prospect.coming(item.rule)
    at = rows["event_at"]
    rows = rows[((at >= day(prospect.snapshot.as_of)) & (at < day(prospect.until))).to_numpy()]
    rows = rows.sort_values(["event_at", "draw"], kind="stable")
    return rows.iloc[np.repeat(np.arange(len(rows)), rows["n"].to_numpy(np.int64))]


def _causes(data: xr.Dataset, found: Options, toss: Array) -> Places:
    """Choose causes that can be brought, by their shares of the past, with one more of each."""
    number = np.bincount(data["cause_of"].to_numpy(), minlength=len(found.causes))
    can = np.array([found.causes.index(name) for name in found.brought])
    below = np.cumsum(number[can] + 1.0)
    return np.asarray(can[np.searchsorted(below, toss * below[-1], "right")])


def _groups(entity: NDArray[np.object_], data: xr.Dataset, found: Options) -> Places:
    """Find the group of each entity: that of most of its past events, or of most of those with such causes."""
    group, past = data["group_of"].to_numpy(), data["entity"].to_numpy()
    can = np.isin(data["cause_of"].to_numpy(), [found.causes.index(name) for name in found.brought])
    usual = _commonest(group[can], found)
    codes, names = pd.factorize(entity, sort=True)
    of = [_commonest(group[past == name], found) if (past == name).any() else usual for name in names]
    return np.asarray(np.array(of, np.int64)[codes])


def _commonest(group: Places, found: Options) -> int:
    return int(np.bincount(group, minlength=len(found.groups)).argmax())


def _ends(found: Options) -> Array:
    return np.log([found.classes[0], found.largest])


def _shifts(
    drawn: dict[str, Array], data: xr.Dataset, found: Options, prospect: Prospect, rng: np.random.Generator
) -> Array:
    """Draw f given the sizes on record of what was brought, one for every posterior draw, shape (future,)."""
    size = np.log(data["value"].to_numpy()[data["brought"].to_numpy() == 1])
    location, scale = inference.location_scale(found.brought_size, "positive")
    grid, (low, high) = gridded.around(location, scale), _ends(found)
    prior, sizes = -(((grid - location) / scale) ** 2) / 2, prospect.sizes
    toss, shifts = rng.random(sizes.parameters), np.empty(sizes.parameters)
    for number in range(sizes.parameters):
        middle, spread = np.log(drawn["size"][number]), drawn["size_spread"][number]
        z = (size[:, None] - middle - grid) / spread
        inside = _log_inside((low - middle - grid) / spread, (high - middle - grid) / spread)
        shifts[number] = gridded.inverse(grid, prior - (z**2 / 2).sum(axis=0) - len(size) * inside, toss[number])
    return np.tile(shifts, sizes.draws // sizes.parameters)


def _log_inside(low: Array, high: Array) -> Array:
    """Compute the log of the standard normal probability between two bounds, in the tail where it keeps its digits."""
    upper = low > 0
    first, last = np.where(upper, -high, low), np.where(upper, -low, high)
    most = special.log_ndtr(last)
    return np.asarray(most + np.log1p(-np.exp(special.log_ndtr(first) - most)))


def _sizes(drawn: dict[str, Array], shift: Array, future: Places, found: Options, toss: Array) -> Array:
    middle, spread = np.log(drawn["size"][future]) + shift[future], drawn["size_spread"][future]
    low, high = ((end - middle) / spread for end in _ends(found))
    return np.asarray(np.exp(middle + spread * stats.truncnorm.ppf(toss, low, high)))
