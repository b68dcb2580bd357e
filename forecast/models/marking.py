"""Onsets to come, and what each is like: the futures of the family `marks`."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy import special, stats

from forecast import inference
from forecast.events import Futures, day
from forecast.inference import Sizes
from forecast.models import brought, likeness, onsets
from forecast.models.onsets import YEAR, Options
from forecast.prospect import Prospect
from forecast.spec import Spec
from forecast.standing import FORGOTTEN

DRAWN = ("log_rates", "share", "size", "size_spread", "length_of", "length_spread")
LONGEST = 1 - 1e-9  # of all lengths, a share; none is endless
Array = NDArray[np.float64]


def simulate(
    tree: xr.DataTree,
    data: xr.Dataset,
    spec: Spec,
    prospect: Prospect,
    rng: np.random.Generator,
) -> Futures:
    """Let events begin at random, month by month; a longer horizon does not change nearer answers.

    The arguments are those of `counts.simulate`.
    """
    found, sizes, as_of, until = onsets.options(spec), prospect.sizes, prospect.snapshot.as_of, prospect.until
    drawn = inference.thinned(tree, (*DRAWN, "effect") if spec.covariates else DRAWN, sizes)
    lasting = _lasting(drawn, data, found, as_of, rng.spawn(1)[0])
    drawn["share"] = _shares(drawn["share"][: sizes.parameters], data, found, sizes, rng)
    frames = [_begun(drawn, data, found, *stretch, rng) for stretch in _stretches(as_of, until)]
    for item in spec.covariates:
        frames = _alike([*frames, brought.begun(drawn, data, found, item, prospect, rng.spawn(1)[0])])
    frame = pd.concat(frames, ignore_index=True)
    frame = frame[(frame["event_at"] < day(until)).to_numpy()].sort_values(["draw", "event_at"], kind="stable")
    frame = frame.reset_index(drop=True)
    kinds = spec.kinds
    return Futures(dict.fromkeys(kinds, frame), sizes.draws, sizes.parameters, {}, dict.fromkeys(kinds, lasting))


def _alike(frames: list[pd.DataFrame]) -> list[pd.DataFrame]:
    """Give all frames one set of entities, so that they are joined as categories."""
    levels = sorted({level for frame in frames for level in frame["entity"].cat.categories})
    return [frame.assign(entity=frame["entity"].cat.set_categories(levels)) for frame in frames]


def _lasting(
    drawn: dict[str, Array], data: xr.Dataset, found: Options, as_of: date, rng: np.random.Generator
) -> pd.DataFrame:
    """Say in which futures past events are not over yet, and how long they last there.

    What is known to end later than the as-of day gets a length that is longer than its age. Where an end was not
    read, a length is drawn as for any event, and the event may be over; it is after `FORGOTTEN` days, as on record.
    """
    unread = np.isnan(data["days"].to_numpy())
    open_ = np.flatnonzero(unread | (data["ended"].to_numpy() == 0))
    age, unread = data["age"].to_numpy()[open_], unread[open_]
    middle = np.log(drawn["length_of"])[:, data["cause_of"].to_numpy()[open_]]
    spread = drawn["length_spread"][:, None]
    by_now = special.ndtr((np.log(age) - middle) / spread)
    toss = rng.random(by_now.shape)
    toss = np.where(unread, toss, by_now + (1 - by_now) * toss)
    length = np.ceil(np.exp(middle + spread * special.ndtri(np.minimum(toss, LONGEST))))
    length = np.where(unread, np.minimum(length, FORGOTTEN), np.maximum(length, age + 1))
    future, number = np.nonzero(length > age)
    event = open_[number]
    marks: dict[str, Any] = {
        "draw": future,
        "event_at": day(as_of) - age[number].astype("timedelta64[D]"),
        "value": data["value"].to_numpy()[event],
        "n": 1,
        found.roles["group"]: pd.Categorical.from_codes(data["group_of"].to_numpy()[event], pd.Index(found.groups)),
        found.roles["cause"]: pd.Categorical.from_codes(data["cause_of"].to_numpy()[event], pd.Index(found.causes)),
        found.roles["lasts"]: length[future, number],
    }
    taken = {name: likeness.taken(data[name].to_numpy(), event) for name in ("entity", *found.carry)}
    return pd.DataFrame(marks | taken)


def _stretches(as_of: date, until: date) -> Iterator[tuple[date, int]]:
    """Cut the time ahead where months end: first day and days of each stretch, the last one whole."""
    first = as_of
    while first < until:
        next_ = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield first, (next_ - first).days
        first = next_


def _shares(pooled: Array, data: xr.Dataset, found: Options, sizes: Sizes, rng: np.random.Generator) -> Array:
    """Draw each group's shares given the pooled ones and the record, one for every posterior draw.

    Returns
    -------
    array, shape (future, group, step)
    """
    reached = data["reached"].to_numpy()
    more, less = reached[:, 1:], reached[:, :-1] - reached[:, 1:]
    centre = found.strength * pooled[:, None]
    share = rng.beta(centre + more, found.strength - centre + less)
    return np.tile(share, (sizes.draws // sizes.parameters, 1, 1))


def _begun(
    drawn: dict[str, Array], data: xr.Dataset, found: Options, first: date, days: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Let events begin in one stretch of days within a month."""
    number = rng.poisson(np.exp(drawn["log_rates"][:, :, first.month - 1]) * days / YEAR)
    future, group = (np.repeat(index.ravel(), number.ravel()) for index in np.indices(number.shape))
    of = {name: values[future] for name, values in drawn.items() if name != "log_rates"}
    toss = rng.random((len(future), 6 + len(found.classes)))
    cause = likeness.causes(group, data, found, toss[:, 0])
    here = likeness.one_of(group, data["group_of"], toss[:, 1])
    alike = likeness.one_of(cause, data["cause_of"], toss[:, 2])
    size = _sizes(of, group, found, toss[:, 6:], toss[:, 3])
    length = of["length_of"][np.arange(len(future)), cause] * np.exp(of["length_spread"] * stats.norm.ppf(toss[:, 4]))
    marks: dict[str, Any] = {
        "draw": future,
        "event_at": day(first) + np.floor(toss[:, 5] * days).astype("timedelta64[D]"),
        "value": size,
        "n": 1,
        "entity": likeness.taken(data["entity"].to_numpy(), here),
        found.roles["group"]: pd.Categorical.from_codes(group, pd.Index(found.groups)),
        found.roles["cause"]: pd.Categorical.from_codes(cause, pd.Index(found.causes)),
        found.roles["lasts"]: np.maximum(1.0, np.round(length)),
    }
    return pd.DataFrame(marks | {name: likeness.taken(data[name].to_numpy(), alike) for name in found.carry})


def _sizes(of: dict[str, Array], group: NDArray[np.int64], found: Options, tosses: Array, toss: Array) -> Array:
    """Let sizes climb classes as far as they get, then fall somewhere within."""
    share = of["share"][np.arange(len(group)), group]
    climbed = np.logical_and.accumulate(tosses[:, 1:] < share, axis=1).sum(axis=1)
    edges = np.log([*found.classes, found.largest])
    low, high = ((edges[climbed + more] - np.log(of["size"])) / of["size_spread"] for more in (0, 1))
    within = stats.truncnorm.ppf(toss, low, high)
    return np.asarray(np.exp(np.log(of["size"]) + of["size_spread"] * within))
