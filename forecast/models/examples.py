"""What simulated events take over from past ones of their cell: attributes, all from the same one."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from forecast.events import day
from forecast.language import say
from forecast.models.cells import ANY, REST, ROLES, Layout, Options

CARRIED = "carried "  # begins the attributes of a panel that say what the record holds


def examples(rows: pd.DataFrame, cells: NDArray[np.int64], found: Options, plan: Layout) -> pd.DataFrame:
    """List, for every cell, the attribute values that a simulated event may take.

    Past events of the cell, all equally likely, roles and carried columns from the same one: how often they go
    together is how often they did. For a cell without any, the first named value of each of its groups, and of each
    carried column the most common value of its origin; of all, where the origin has no events either.

    Returns
    -------
    DataFrame
        Columns cell, then the three role columns, then those that are carried; sorted by cell.
    """
    roles = [found.roles[role] for role in ROLES]
    columns = [*roles, *found.carry]
    seen = rows[columns].fillna(dict.fromkeys(found.carry, "")).assign(cell=cells)
    invented = []
    for number in sorted(set(range(len(plan.cells))) - set(cells.tolist())):
        names = [_first(found.groups[role], group) for role, group in zip(ROLES, plan.cells[number], strict=True)]
        same = seen[plan.origin_of[cells] == plan.origin_of[number]]
        usual = {name: _most_common(same[name] if len(same) else seen[name]) for name in found.carry}
        invented.append({"cell": number, **dict(zip(roles, names, strict=True)), **usual})
    both = pd.concat([seen, pd.DataFrame(invented, columns=["cell", *columns])]) if invented else seen
    return both.sort_values(["cell", *columns], kind="stable").reset_index(drop=True)[["cell", *columns]]


def _most_common(values: pd.Series) -> str:
    """Find the value that stands most often, the first in the alphabet of several; blank if there is none."""
    return str(values.mode().iloc[0]) if len(values) else ""


def _first(groups: Mapping[str, tuple[str, ...]], group: str) -> str:
    members = [value for value in groups.get(group, ()) if value != ANY]
    return members[0] if members else REST


def columns(rows: pd.DataFrame, cells: NDArray[np.int64], found: Options, plan: Layout) -> dict[str, Any]:
    """Lay the examples out as columns of a panel; the arguments are those of `examples`."""
    listed = examples(rows, cells, found, plan)
    columns = {name: listed[column].to_numpy(object).astype(str) for name, column in _taken_over(found).items()}
    return {
        "example_cell": (("example",), listed["cell"].to_numpy()),
        **{name: (("example",), values) for name, values in columns.items()},
    }


def by_kind(frame: pd.DataFrame, kinds: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Sort simulated events by their kind, where a role is the kind; else all are of every kind."""
    if "kind" not in frame:
        return dict.fromkeys(kinds, frame)
    return {kind: frame[(frame["kind"] == kind).to_numpy()] for kind in kinds}


def on_record(rows: pd.DataFrame, found: Options) -> dict[str, dict[str, int]]:
    """Count the values of each carried column on record, most often first, as attributes of a panel."""
    counts = {name: rows.groupby(name)["n"].sum().sort_values(ascending=False, kind="stable") for name in found.carry}
    return {CARRIED + name: {str(value): int(n) for value, n in each.items()} for name, each in counts.items()}


def notes(data: xr.Dataset) -> tuple[str, ...]:
    """Say what simulated events carry over, and how often each value is on record."""
    found = {name.removeprefix(CARRIED): each for name, each in data.attrs.items() if name.startswith(CARRIED)}
    return tuple(
        say("examples-carried", column=name, values=", ".join(_often(n, value) for value, n in each.items()))
        for name, each in found.items()
    )


def _often(n: int, value: str) -> str:
    return say("examples-value", events=n, value=value) if value else say("examples-not-said", events=n)


def _taken_over(found: Options) -> dict[str, str]:
    """Say which column each variable of a panel holds that simulated events take over from past ones."""
    roles = {f"example_{role}": found.roles[role] for role in ROLES}
    return roles | {f"carried_{name}": name for name in found.carry}


def dated_events(
    counts: NDArray[np.float64],
    data: xr.Dataset,
    found: Options,
    opens: date,
    days: NDArray[np.float64],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Turn counts, shape (draw, cell), into dated events with the attributes of past ones.

    Parameters
    ----------
    counts : array, shape (draw, cell)
    data : Dataset
        A panel with examples.
    found : Options
    opens : date
        First day of the bin.
    days : array, shape (step,)
        How likely an event falls on each day of the bin; need not sum to one.
    rng : Generator
    """
    draw, cell = np.nonzero(counts)
    times = counts[draw, cell].astype(np.int64)
    draw, cell = np.repeat(draw, times), np.repeat(cell, times)
    of_cell = data["example_cell"].to_numpy()
    first = np.searchsorted(of_cell, np.arange(counts.shape[1]))
    number = np.bincount(of_cell, minlength=counts.shape[1])
    chosen = first[cell] + np.floor(rng.random(len(cell)) * number[cell]).astype(np.int64)
    ends = np.cumsum(days) / np.sum(days)
    at = day(opens) + np.searchsorted(ends, rng.random(len(cell)), "right") * np.timedelta64(1, "D")
    frame = pd.DataFrame({"draw": draw, "event_at": at, "value": 1.0, "n": 1})
    for name, column in _taken_over(found).items():
        codes, levels = pd.factorize(data[name].to_numpy().astype(object), sort=True)
        frame[column] = pd.Categorical.from_codes(codes[chosen], pd.Index(levels))
    return frame
