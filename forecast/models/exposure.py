"""Days at risk: the spells of all processes as cells of like days, and where every open process stands."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from forecast import conditions
from forecast.events import Snapshot
from forecast.models import covariates, spells
from forecast.models.ladder import CAUSES, Ladder
from forecast.models.spells import Process, Spell, numbered
from forecast.spec import Spec

YEAR = 365.25


def panel(snapshot: Snapshot, spec: Spec, found: Ladder) -> xr.Dataset:
    """Count days at risk and what happened on them, and say where every open process stands.

    Returns
    -------
    Dataset
        By cell: `state`, `kind_of`, `age` (place among the stretches between cuts), `window` (of the deadline),
        `traits` (cell, trait), `covariates` (cell, covariate: log2(1 + reading) of its window), `exposure` (years)
        and `happened` by cause; a cause that cannot act on a cell has no exposure there.
        `leads` (kind, from, to) and `ends` (kind, exit): where advances and exits led.
        By process still open: `level`, `suspended`, `kind_at`, `days` on its stage, `has` (process, trait), and in
        days from the as-of day: `opens`, from when on it is at risk, and `due`, its deadline (NaN without one).
    """
    known, rows = spells.read(snapshot, spec, found)
    has = _having(rows, found)[[process.row for process in known]]
    return xr.merge(
        [
            _cells(known, has, snapshot, spec, found),
            destinations(known, found),
            _standing(known, has, snapshot),
        ],
        join="exact",
    ).assign_coords(cause=list(CAUSES), kind=[kind.name for kind in found.kinds])


def _having(rows: pd.DataFrame, found: Ladder) -> NDArray[np.float64]:
    """Mark the traits of each row's process, shape (row, trait)."""
    marked = [conditions.matching(rows, trait.where).astype(float) for trait in found.traits]
    return np.stack(marked, axis=1) if marked else np.zeros((len(rows), 0))


def _cells(
    known: Sequence[Process], has: NDArray[np.float64], snapshot: Snapshot, spec: Spec, found: Ladder
) -> xr.Dataset:
    """Add up like days. Everything that a rate depends on is the same within a cell."""
    each = _stretches(known, has, snapshot, spec, found)
    total = np.zeros((len(each.key), 2 * len(CAUSES)))
    np.add.at(total, each.cell, each.weights)
    return _laid_out(each, total)


@dataclass(frozen=True)
class _Stretches:
    """Days of one process within which no rate changes.

    Parameters
    ----------
    key : array, shape (cell, 6)
        State, kind, age, window, and places among `patterns` and `readings`, of each cell of like days.
    patterns, readings : array
        Of traits and of covariates.
    cell, process : array, shape (stretch,)
    weights : array, shape (stretch, 6)
        Years at risk, and what happened, by cause.
    """

    key: NDArray[np.int64]
    patterns: NDArray[np.float64]
    readings: NDArray[np.float64]
    cell: NDArray[np.int64]
    process: NDArray[np.int64]
    weights: NDArray[np.float64]


def _stretches(
    known: Sequence[Process], has: NDArray[np.float64], snapshot: Snapshot, spec: Spec, found: Ladder
) -> _Stretches:
    grid = _grid(snapshot, spec)
    read = covariates.on_record(snapshot, spec, grid.astype("datetime64[D]"))
    patterns, pattern_of = np.unique(has, axis=0, return_inverse=True)
    readings, reading_of = np.unique(read, axis=0, return_inverse=True)
    at_risk = found.at_risk()
    keys, weights, numbers = list[NDArray[np.int64]](), list[NDArray[np.float64]](), list[NDArray[np.int64]]()
    for number, process in enumerate(known):
        for spell in process.spells:
            state = len(found.stages) if spell.suspended else spell.level
            risk = at_risk[:, process.kind, spell.level].astype(float)
            risk[2] *= not spell.suspended
            edges = _edges(spell, process, grid, found)
            begins, lasts = edges[:-1], np.diff(edges)
            age = np.searchsorted(found.cuts, begins - spell.begins, "right")
            window = deadline_window(_due(process, begins) - begins, found)
            place = reading_of[np.searchsorted(grid, begins, "right") - 1]
            like = np.broadcast_arrays(state, process.kind, age, window, pattern_of[number], place)
            keys.append(np.column_stack(like))
            weights.append(np.hstack([risk * lasts[:, None] / YEAR, np.zeros((len(begins), len(CAUSES)))]))
            numbers.append(np.full(len(begins), number))
            if spell.cause:
                weights[-1][-1, len(CAUSES) + CAUSES.index(spell.cause)] = 1
    key, cell = np.unique(np.concatenate(keys), axis=0, return_inverse=True)
    return _Stretches(key, patterns, readings, cell, np.concatenate(numbers), np.concatenate(weights))


def _laid_out(each: _Stretches, total: NDArray[np.float64]) -> xr.Dataset:
    names = ("state", "kind_of", "age", "window")
    return xr.Dataset(
        {
            **{name: ("cell", each.key[:, place]) for place, name in enumerate(names)},
            "traits": (("cell", "trait"), each.patterns[each.key[:, 4]]),
            "covariates": (("cell", "covariate"), each.readings[each.key[:, 5]]),
            "exposure": (("cell", "cause"), total[:, :3]),
            "happened": (("cell", "cause"), total[:, 3:]),
        }
    )


def by_process(snapshot: Snapshot, spec: Spec, found: Ladder) -> tuple[list[Process], xr.Dataset]:
    """Count days at risk and what happened on them process by process.

    Returns
    -------
    list of Process
        As the second numbers them.
    Dataset
        Cells as in `panel`; `cell_of` and `process_of` (stretch), `exposure_of` and `happened_of` (stretch, cause).
    """
    known, rows = spells.read(snapshot, spec, found)
    has = _having(rows, found)[[process.row for process in known]]
    each = _stretches(known, has, snapshot, spec, found)
    return known, _laid_out(each, np.zeros((len(each.key), 2 * len(CAUSES)))).assign(
        cell_of=("stretch", each.cell),
        process_of=("stretch", each.process),
        exposure_of=(("stretch", "cause"), each.weights[:, :3]),
        happened_of=(("stretch", "cause"), each.weights[:, 3:]),
    )


def _grid(snapshot: Snapshot, spec: Spec) -> NDArray[np.int64]:
    """List the days on which covariates are read anew; one day if there are none."""
    first = numbered(spec.since)
    return np.arange(first, numbered(snapshot.as_of) if spec.covariates else first + 1, spec.step)


def _edges(spell: Spell, process: Process, grid: NDArray[np.int64], found: Ladder) -> NDArray[np.float64]:
    """Say on which days of a spell a rate may change, its ends included."""
    ends = spell.begins + spell.days
    inner = {float(spell.begins + cut) for cut in found.cuts} | {float(day) for day in grid[1:]}
    for since, due in process.deadlines:
        inner |= {float(day) for day in (since + 1, due - found.near[0], due + found.near[1] + 1)}
    return np.array([spell.begins, *sorted(edge for edge in inner if spell.begins < edge < ends), ends], float)


def _due(process: Process, on: ArrayLike) -> NDArray[np.float64]:
    """Find the deadline that was known last before each day, NaN without one."""
    since, due = np.array([(-np.inf, np.nan), *process.deadlines]).T
    return np.asarray(due[np.searchsorted(since, on, "left") - 1])


def deadline_window(ahead: float | NDArray[np.float64], found: Ladder) -> NDArray[np.int64]:
    """Place the days left until a deadline, NaN without one, among `ladder.WINDOWS`."""
    soon, gone = np.less_equal(ahead, found.near[0]), np.less(ahead, -found.near[1])
    return np.where(np.isnan(ahead), 0, 1 + soon.astype(np.int64) + gone)


def destinations(known: Sequence[Process], found: Ladder) -> xr.Dataset:
    """Count where advances and exits led."""
    kinds, stages = len(found.kinds), len(found.stages)
    leads, ends = np.zeros((kinds, stages, stages)), np.zeros((kinds, len(found.exits)))
    for process in known:
        for spell in process.spells:
            if spell.cause == "advance":
                leads[process.kind, spell.level, found.stages.index(spell.event)] += 1
            if spell.cause == "exit":
                ends[process.kind, found.exits.index(spell.event)] += 1
    return xr.Dataset({"leads": (("kind", "level_from", "to"), leads), "ends": (("kind", "exit"), ends)})


def _standing(known: Sequence[Process], has: NDArray[np.float64], snapshot: Snapshot) -> xr.Dataset:
    """Say where every process stands that has not ended, once what is scheduled has come."""
    today = numbered(snapshot.as_of)
    rows, kept = [], []
    for number, process in enumerate(known):
        last = process.standing
        if last is not None:
            days, opens = max(today - last.begins, 0), max(last.begins - today, 0)
            rows.append((last.level, last.suspended, process.kind, days, opens, _due(process, today) - today))
            kept.append(number)
    table = np.array(rows, dtype=float).reshape(len(rows), 6)
    names = {"level": int, "suspended": bool, "kind_at": int, "days": float, "opens": float, "due": float}
    return xr.Dataset(
        {
            **{name: ("process", table[:, place].astype(kind)) for place, (name, kind) in enumerate(names.items())},
            "has": (("process", "trait"), has[kept]),
        },
        coords={"process": [known[number].entity for number in kept]},
    )
