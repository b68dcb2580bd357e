"""Cells of a count model: who (origin), what (mark), where (place), laid out by the spec, not by the data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast import conditions, toml
from forecast.errors import SpecError, look_alike
from forecast.events import Snapshot, day
from forecast.spec import Spec, check_carried

ROLES = ("origin", "mark", "place")
ANY = "*"
REST = "rest"


@dataclass(frozen=True)
class Options:
    """Settings of the family `counts`.

    Parameters
    ----------
    roles : mapping
        origin, mark, place -> the event column that says it.
    groups : mapping
        role -> group -> the column's values; `*` takes all that stand in no other group.
    cells : mapping
        origin -> mark -> places; events that fit none of an origin's cells fall into its last one.
    memories : tuple of int
        Half-lives in days of what past events still count.
    shared : int
        The half-life among `memories` with which events of other fronts count.
    share_window : int
        Days over which a cell's share of its front is counted.
    pooling : float
        Standard deviation, on the log scale, of feedback and dispersion between origins.
    effect_pooling : float
        The same of covariate effects. Fixed, because one campaign that starts after one deployment would
        otherwise teach its origin an effect of a thousand.
    form : str
        How past events add up: `additive`, or `log` for elasticities.
    ceiling : float or None
        Largest expected count of a cell and bin in futures; five times the largest on record if not given.
    carry : tuple of str
        Attribute columns beside the roles that simulated events have too; see `examples`.
    """

    roles: Mapping[str, str]
    groups: Mapping[str, Mapping[str, tuple[str, ...]]]
    cells: Mapping[str, Mapping[str, tuple[str, ...]]]
    memories: tuple[int, ...] = (15, 60, 240)
    shared: int = 60
    share_window: int = 365
    pooling: float = 0.5
    effect_pooling: float = 0.25
    form: Literal["additive", "log"] = "additive"
    ceiling: float | None = None
    carry: tuple[str, ...] = ()

    __pydantic_config__ = {"extra": "forbid"}


def options(spec: Spec) -> Options:
    """Read and check the settings of the family `counts`."""
    return checked(spec, Options)


def grouping(spec: Spec) -> tuple[str, Mapping[str, tuple[str, ...]]]:
    """Say by which column rates are told apart, and which of its values each group has; `*` is all others."""
    return spec.options["roles"]["origin"], spec.options["groups"]["origin"]


def checked[T: Options](spec: Spec, kind: type[T]) -> T:
    """Read and check the settings of a family that counts by cell.

    Raises
    ------
    SpecError
        Naming the key: a role without groups, a cell of a group that does not exist.
    """
    where = f"{spec.where}, [options]"
    found = toml.parse(kind, dict(spec.options), where)
    for role in ROLES:
        for table, name in ((found.roles, "roles"), (found.groups, "groups")):
            if role not in table:
                raise SpecError(f"`{name}.{role}` is missing", where)
    for name in found.carry:
        if name in found.roles.values():
            raise SpecError(f"`{name}` in carry is the column of a role, which simulated events have anyway", where)
    if found.shared not in found.memories:
        raise SpecError(f"`shared` = {found.shared} is not one of the memories {list(found.memories)}", where)
    for origin, marks in found.cells.items():
        _known(origin, found.groups["origin"], where)
        for mark, places in marks.items():
            _known(mark, found.groups["mark"], where)
            for place in places:
                _known(place, found.groups["place"], where)
    return found


def _known(name: str, groups: Mapping[str, tuple[str, ...]], where: str) -> None:
    if name not in groups:
        raise SpecError(f"`{name}` in cells is not a group", where, hint=look_alike(name, groups))


@dataclass(frozen=True)
class Layout:
    """The cells, and the index of each one's origin, mark, place and front (origin and place).

    Parameters
    ----------
    cells : tuple of (origin, mark, place)
    origins, marks, places, fronts : tuple of str
    origin_of, mark_of, place_of, front_of : array, shape (cells,)
    """

    cells: tuple[tuple[str, str, str], ...]
    origins: tuple[str, ...] = field(init=False)
    marks: tuple[str, ...] = field(init=False)
    places: tuple[str, ...] = field(init=False)
    fronts: tuple[str, ...] = field(init=False)
    origin_of: NDArray[np.int64] = field(init=False)
    mark_of: NDArray[np.int64] = field(init=False)
    place_of: NDArray[np.int64] = field(init=False)
    front_of: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        columns = {
            "origin": [cell[0] for cell in self.cells],
            "mark": [cell[1] for cell in self.cells],
            "place": [cell[2] for cell in self.cells],
            "front": [f"{cell[0]} in {cell[2]}" for cell in self.cells],
        }
        for name, values in columns.items():
            levels = tuple(dict.fromkeys(values))
            object.__setattr__(self, f"{name}s", levels)
            object.__setattr__(self, f"{name}_of", np.array([levels.index(value) for value in values]))

    @property
    def names(self) -> list[str]:
        """One readable name a cell."""
        return [" / ".join(cell) for cell in self.cells]


def layout(found: Options) -> Layout:
    """Lay the cells out, origin by origin, each ending with the cell for what fits nowhere else."""
    cells: list[tuple[str, str, str]] = []
    for origin, marks in found.cells.items():
        cells += [(origin, mark, place) for mark, places in marks.items() for place in places]
        cells.append((origin, REST, REST))
    return Layout(tuple(cells))


def rows_of(snapshot: Snapshot, spec: Spec) -> pd.DataFrame:
    """Take the past events that the model explains out of a snapshot, oldest first."""
    rows = snapshot.of_kind(spec.kinds)
    check_carried(spec, rows.columns)
    return rows[conditions.matching(rows, spec.target) & (rows["event_at"] < day(snapshot.as_of)).to_numpy()]


def placed(rows: pd.DataFrame, found: Options, plan: Layout) -> NDArray[np.int64]:
    """Find the cell of every event.

    Raises
    ------
    SpecError
        If an event's origin stands in no group.
    """
    groups = {role: _grouped(rows[found.roles[role]], found.groups[role]) for role in ROLES}
    index = {cell: number for number, cell in enumerate(plan.cells)}
    cells = np.empty(len(rows), dtype=np.int64)
    for number, (origin, mark, place) in enumerate(zip(*(groups[role] for role in ROLES), strict=True)):
        if (origin, REST, REST) not in index:
            value = rows[found.roles["origin"]].iloc[number]
            raise SpecError(
                f"`{value}` stands in no group of origins with cells",
                "[options.groups.origin]",
                hint="add it to a group, or a group with `*`",
            )
        cells[number] = index.get((origin, mark, place), index[origin, REST, REST])
    return cells


def _grouped(values: pd.Series, groups: Mapping[str, tuple[str, ...]]) -> list[str]:
    of = {value: name for name, members in groups.items() for value in members}
    rest = of.get(ANY, "")
    return [of.get(value, rest) for value in values]
