"""What the record says of events that begin, with a size and a length, in groups: the panel of the family `marks`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from forecast import conditions, toml
from forecast.errors import DataError, SpecError, look_alike
from forecast.events import Snapshot, day
from forecast.models import followed
from forecast.spec import Interval, Prior, Spec

YEAR = 365.25
MONTHS = 12
ROLES = ("group", "cause", "lasts")
LEFT_OUT = "left out by "
ALL = 1e6  # years; of a record that is never forgotten
ANY_SIZE = Prior(0.2, 5.0)  # times the common one


@dataclass(frozen=True)
class Season:
    """Months in which a group sees more, or fewer, events begin.

    Parameters
    ----------
    name, group : str
    months : tuple of int
        1 to 12.
    effect : Prior
        Factor on the group's rate in these months.
    """

    name: str
    group: str
    months: tuple[int, ...]
    effect: Interval

    __pydantic_config__ = {"extra": "forbid"}

    def __post_init__(self) -> None:
        if not self.months or any(month not in range(1, MONTHS + 1) for month in self.months):
            raise ValueError(f"months are numbers from 1 to 12, not {list(self.months)}")


@dataclass(frozen=True)
class Options:
    """Settings of the family `marks`.

    Parameters
    ----------
    roles : mapping
        group, cause, lasts -> the event column that says it; the last in days.
    groups, causes : tuple of str
        All values that the columns may have.
    classes : tuple of float
        Sizes at which a class begins; the first is the smallest that counts.
    largest : float
        No event is larger.
    half_life : float
        Years after which an onset counts half as much.
    strength : float
        How many events the pooled share of a class is worth in each group, and the causes of all groups in one.
    carry : tuple of str
        Columns of a past event that simulated ones keep, beside `entity`.
    seasons : tuple of Season
    brought : tuple of str
        Causes of an event that one of the covariate can bring; blank without a covariate.
    brought_size : Prior
        Factor between the median size of such events and the one common to all.
    """

    roles: Mapping[str, str]
    groups: tuple[str, ...]
    causes: tuple[str, ...]
    classes: tuple[float, ...]
    largest: float
    half_life: float = ALL
    strength: float = 6.0
    carry: tuple[str, ...] = ()
    seasons: tuple[Season, ...] = ()
    brought: tuple[str, ...] = ()
    brought_size: Interval = ANY_SIZE

    __pydantic_config__ = {"extra": "forbid"}


def options(spec: Spec) -> Options:
    """Read and check the settings of the family."""
    where = f"{spec.where}, [options]"
    found = toml.parse(Options, dict(spec.options), where)
    for role in ROLES:
        if role not in found.roles:
            raise SpecError(f"`roles.{role}` is missing", where)
    edges = (0.0, *found.classes, found.largest)
    if any(later <= earlier for earlier, later in pairwise(edges)):
        raise SpecError(f"`classes` = {list(found.classes)} and `largest` do not rise from above 0", where)
    for season in found.seasons:
        if season.group not in found.groups:
            what = f"the season `{season.name}` is of a group `{season.group}` that does not exist"
            raise SpecError(what, where, hint=look_alike(season.group, found.groups))
    _check_brought(found, spec)
    return found


def _check_brought(found: Options, spec: Spec) -> None:
    where = f"{spec.where}, [options]"
    if bool(found.brought) != bool(spec.covariates):
        what = "`brought` lists the causes of events that those of the covariate can bring"
        raise SpecError(what, where, hint="give both, `brought` and [[covariates]], or neither")
    for name in found.brought:
        if name not in found.causes:
            raise SpecError(f"`{name}` in `brought` is not a cause", where, hint=look_alike(name, found.causes))


def target(spec: Spec, found: Options) -> dict[str, Any]:
    """State which rows count: those of the spec's target that are not below the smallest class."""
    return {**spec.target, "value": conditions.Limits(low=found.classes[0])}


def grouping(spec: Spec) -> tuple[str, Mapping[str, tuple[str, ...]]]:
    """Say by which column rates are told apart, and which of its values each group has."""
    found = options(spec)
    return found.roles["group"], {group: (group,) for group in found.groups}


def seasonal(found: Options) -> NDArray[np.float64]:
    """Mark the months of each season, shape (group, month, season)."""
    marked = np.zeros((len(found.groups), MONTHS, len(found.seasons)))
    for number, season in enumerate(found.seasons):
        marked[found.groups.index(season.group), np.array(season.months) - 1, number] = 1
    return marked


def panel(snapshot: Snapshot, spec: Spec) -> xr.Dataset:
    """Lay out onsets by group and month of the year, and events with their sizes and lengths.

    Returns
    -------
    Dataset
        `onsets` (group, month) and `exposure` (month), years, both with old ones counting less; `reached`
        (group, class), events at least so large; by event: `group_of`, `cause_of`, `value`, `age` (days since it
        began), `days` (that it lasted, NaN where its end was not read), `ended` (0 if it went on after the as-of day,
        and `days` is its age), `entity` and what is carried.
        With a covariate: `trials` (covariate), events that could have brought one, and `brought` (event), 1 for those
        that they are taken to have brought, which `onsets` leaves out.
        Attributes say how many rows were left out, by the column that left them out, how many `years` the record
        has, and how many events are dated no better than to a month (`vague`).

    Raises
    ------
    DataError
        Naming the row: a group or a cause that the spec does not list, an event that lasts no day, or is too large.
    """
    found = options(spec)
    rows, without = _counted(snapshot, spec, found)
    group_of = _codes(rows, found.roles["group"], found.groups, "groups", spec)
    cause_of = _codes(rows, found.roles["cause"], found.causes, "causes", spec)
    value = _values(rows, found, spec)
    age = (day(snapshot.as_of) - rows["event_at"].to_numpy("datetime64[us]")) / np.timedelta64(1, "D")
    days, ended = _lengths(rows, found.roles["lasts"], age)
    link = _brought(snapshot, spec, rows, np.isin(cause_of, [found.causes.index(name) for name in found.brought]))
    onsets = np.zeros((len(found.groups), MONTHS))
    month = rows["event_at"].dt.month.to_numpy() - 1
    worth = _worth(rows["event_at"].to_numpy("datetime64[us]"), snapshot.as_of, found)
    # What is brought is simulated by itself, so that it must not raise the rate of what begins of itself.
    np.add.at(onsets, (group_of, month), np.where(link["brought"][1], 0.0, worth) if link else worth)
    large = value[:, None] >= np.array(found.classes)
    reached = np.stack([large[group_of == group].sum(axis=0) for group in range(len(found.groups))])
    carried = {name: ("event", rows[name].to_numpy(object)) for name in ("entity", *found.carry)}
    return xr.Dataset(
        {
            "onsets": (("group", "month"), onsets),
            "exposure": ("month", _exposure(spec.since, snapshot.as_of, found)),
            "reached": (("group", "class"), reached.astype(float)),
            "group_of": ("event", group_of),
            "cause_of": ("event", cause_of),
            "value": ("event", value),
            "age": ("event", age),
            "days": ("event", days),
            "ended": ("event", ended),
            **carried,
            **link,
        },
        attrs={f"{LEFT_OUT}{column}": number for column, number in without.items()}
        | {"years": (snapshot.as_of - spec.since).days / YEAR, "vague": int((rows["precision"] != "day").sum())},
    )


def _brought(snapshot: Snapshot, spec: Spec, rows: pd.DataFrame, may: NDArray[np.bool_]) -> dict[str, Any]:
    if not spec.covariates:
        return {}
    tried = followed.trials(snapshot, spec)
    found = followed.brought(tried, spec.covariates[0], rows, may)
    return {
        "trials": ("covariate", np.array([float(tried["n"].sum())])),
        "brought": ("event", found.astype(np.int64)),
    }


def _counted(snapshot: Snapshot, spec: Spec, found: Options) -> tuple[pd.DataFrame, dict[str, int]]:
    """Keep the rows that count; say how many each column of the target left out, one column after the other."""
    rows = snapshot.of_kind(spec.kinds)
    inside = (rows["event_at"] >= day(spec.since)) & (rows["event_at"] < day(snapshot.as_of))
    rows, without = rows[inside.to_numpy()], {}
    for column, accepted in target(spec, found).items():
        kept = rows[conditions.matching(rows, {column: accepted})]
        if column != "kind":
            without[column] = len(rows) - len(kept)
        rows = kept
    return rows.reset_index(drop=True), without


def _codes(rows: pd.DataFrame, column: str, known: tuple[str, ...], key: str, spec: Spec) -> NDArray[np.int64]:
    codes = pd.Index(known).get_indexer(pd.Index(rows[column]))
    if (codes < 0).any():
        row = rows.iloc[int(np.argmax(codes < 0))]
        raise DataError(
            f"the {column} `{row[column]}` is not one that `{spec.name}` knows",
            f"{row['source']}, record {row['record']}",
            hint=f"add it to {spec.where}, options.{key}",
        )
    return np.asarray(codes, np.int64)


def _values(rows: pd.DataFrame, found: Options, spec: Spec) -> NDArray[np.float64]:
    value = rows["value"].to_numpy(float)
    if (value >= found.largest).any():
        row = rows.iloc[int(np.argmax(value >= found.largest))]
        raise DataError(
            f"an event of {row['value']:,.10g} {row['unit']} is as large as none can be",
            f"{row['source']}, record {row['record']}",
            hint=f"correct its unit, or raise options.largest = {found.largest:,.10g} in {spec.where}",
        )
    return value


def _lengths(
    rows: pd.DataFrame, column: str, age: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Read how long events lasted; what ends later than the as-of day had lasted until then, and no more is known."""
    days = pd.to_numeric(rows[column]).to_numpy(float)
    if (days <= 0).any():
        row = rows.iloc[int(np.argmax(days <= 0))]
        what = f"an event lasts {row[column]} days"
        raise DataError(what, f"{row['source']}, record {row['record']}", hint="leave it blank where it is not known")
    return np.where(days > age, age, days), (~(days > age)).astype(np.int64)


def _worth(at: NDArray[np.datetime64], as_of: date, found: Options) -> NDArray[np.float64]:
    """Let what is older count less."""
    age = (day(as_of) - at) / np.timedelta64(1, "D") / YEAR
    return np.asarray(0.5 ** (age / found.half_life))


def _exposure(since: date, as_of: date, found: Options) -> NDArray[np.float64]:
    days = np.arange(np.datetime64(since), np.datetime64(as_of))
    month = days.astype("datetime64[M]").astype(int) % MONTHS
    return np.bincount(month, _worth(days.astype("datetime64[us]"), as_of, found), MONTHS) / YEAR
