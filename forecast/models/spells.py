"""Processes cut into spells: each a stretch of days on one stage, and what ended it.

A process that waits for something scheduled is followed until that became known. Once it has come, the days of waiting
count like any: a rate says how soon things happen, not how soon they are decided.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast import conditions
from forecast.errors import DataError, UsageError, look_alike
from forecast.events import Snapshot, day
from forecast.models import ladder
from forecast.models.ladder import Ladder
from forecast.spec import Spec

SHORTEST = 0.5  # days; what came and went on one day


@dataclass(frozen=True)
class Spell:
    """A process on one stage.

    Parameters
    ----------
    level : int
        Its stage, which a suspension remembers.
    suspended : bool
    begins, ends : int
        Days since 1970; so far, if nothing ended it.
    cause : str
        advance, exit or suspend; blank if it goes on, nobody looked further, or a suspension was lifted.
    event : str
        Kind of event that ended it.
    """

    level: int
    suspended: bool
    begins: int
    ends: int
    cause: str = ""
    event: str = ""

    @property
    def days(self) -> float:
        """How long it lasted."""
        return max(float(self.ends - self.begins), SHORTEST)


def numbered(when: date) -> int:
    """Count days since 1970."""
    return int(np.datetime64(when, "D").astype(int))


@dataclass(frozen=True)
class Process:
    """A process as far as the snapshot knows it.

    Parameters
    ----------
    entity : str
    kind : int
        Place among the ladder's kinds.
    row : int
        Its place among the rows from `read`, for what is so of it from its beginning.
    spells : tuple of Spell
        Oldest first, at least one.
    standing : Spell or None
        Where it stands once what is scheduled has come; None if it has ended, or will.
    deadlines : tuple of (int, int)
        Days since 1970 on which each deadline became known, and on which it is; in the order of the former.
    """

    entity: str
    kind: int
    row: int
    spells: tuple[Spell, ...]
    standing: Spell | None
    deadlines: tuple[tuple[int, int], ...]


def read(snapshot: Snapshot, spec: Spec, found: Ladder) -> tuple[list[Process], pd.DataFrame]:
    """Read the record of every process up to the as-of day.

    Returns
    -------
    list of Process
    DataFrame
        The rows that were read, in the order of processes and of what happened.

    Raises
    ------
    DataError
        If there is none, one is of no known kind, or has an event that its kind is said never to have.
    """
    rows = _rows(snapshot, spec, found)
    entities = rows["entity"].tolist()
    starts = [row for row in range(len(rows)) if row == 0 or entities[row] != entities[row - 1]]
    kind = ladder.kind_of(rows.iloc[starts], found, spec).tolist()
    _check_coded(rows, np.repeat(kind, np.diff([*starts, len(rows)])), found, spec)
    at, known = (rows[name].to_numpy("datetime64[D]").astype(int) for name in ("event_at", "known_at"))
    events = list(zip(at.tolist(), known.tolist(), rows["kind"].tolist(), _due(rows, found), strict=True))
    today, tops = numbered(snapshot.as_of), found.tops().tolist()
    made = (
        _process(entities[first], of, first, events[first:stop], found, tops[of], today)
        for of, (first, stop) in zip(kind, pairwise([*starts, len(rows)]), strict=True)
    )
    kept = [process for process in made if process is not None]
    if not kept:
        raise DataError(f"`{spec.name}` finds no process before {snapshot.as_of}")
    return kept, rows


def _due(rows: pd.DataFrame, found: Ladder) -> list[int]:
    """Read the day of every deadline, 0 on rows that set none."""
    set_ = (rows["kind"] == found.deadline_set).to_numpy()
    if not set_.any():
        return [0] * len(rows)
    if found.deadline not in rows:
        what = f"nothing says when a deadline is: the events have no column `{found.deadline}`"
        raise UsageError(what, hint=look_alike(found.deadline, rows.columns))
    blank = set_ & rows[found.deadline].isna().to_numpy()
    if blank.any():
        row = rows.iloc[int(np.argmax(blank))]
        what = f"a deadline is set and `{found.deadline}` does not say when it is"
        raise DataError(what, f"{row['source']}, record {row['record']}", hint="fill it in, or take the row out")
    due = rows[found.deadline].to_numpy("datetime64[D]").astype(int)
    return [int(day) for day in np.where(set_, due, 0)]


def _rows(snapshot: Snapshot, spec: Spec, found: Ladder) -> pd.DataFrame:
    """Take the rows of processes, in order; on one day the highest stage first, then a suspension, then an end."""
    ranks = [*reversed(found.stages), found.suspended, *found.exits, *found.unfollowed, found.deadline_set]
    rank = {kind: place for place, kind in enumerate(ranks) if kind}
    rows = snapshot.events
    rows = rows[rows["kind"].isin(list(rank)).to_numpy()]
    without_kind = {column: cells for column, cells in spec.target.items() if column != "kind"}
    rows = rows[conditions.matching(rows, without_kind) & (rows["event_at"] >= day(spec.since)).to_numpy()]
    if rows.empty:
        raise DataError(f"`{spec.name}` finds no process before {snapshot.as_of}", f"since {spec.since}")
    rows = rows.assign(rank=rows["kind"].map(rank)).sort_values(["entity", "event_at", "rank"], kind="stable")
    return rows.reset_index(drop=True)


def _check_coded(rows: pd.DataFrame, kind: NDArray[np.int64], found: Ladder, spec: Spec) -> None:
    """Refuse an event that a kind is said never to have: the structural zero would be wrong."""
    for row, (event, of) in enumerate(zip(rows["kind"], kind, strict=True)):
        if event in found.kinds[of].never:
            name, said = found.kinds[of].name, rows.iloc[row]
            raise DataError(
                f"`{said['entity']}` has the event `{event}`, which its kind `{name}` is said never to have",
                f"{said['source']}, record {said['record']}",
                hint=f"take `{event}` out of what `{name}` never has, in {spec.where}",
            )


Event = tuple[int, int, str, int]


def _process(
    entity: str, kind: int, row: int, events: list[Event], found: Ladder, top: int, today: int
) -> Process | None:
    """Read one process; None if it has not begun, or ended as it began."""
    deadlines = sorted((known, due) for _, known, event, due in events if event == found.deadline_set)
    events = [one for one in events if one[2] != found.deadline_set]
    spells = list(_spells([(at, event) for at, _, event, _ in events if at < today], found, top, today))
    if not spells:
        return None
    every = list(_spells([(at, event) for at, _, event, _ in events], found, top, today))
    now = every[len(spells) - 1]
    if now.ends >= today and now.cause:
        # What will end the spell is known: since then it has waited, and nothing was at risk.
        known = min(known for at, known, event, _ in events if at == now.ends and event in found.codes)
        spells[-1] = replace(spells[-1], ends=max(now.begins, min(today, known)))
    standing = None if every[-1].cause in ("advance", "exit") else every[-1]
    return Process(entity, kind, row, tuple(spells), standing, tuple(deadlines))


def _spells(events: list[tuple[int, str]], found: Ladder, top: int, until: int) -> Iterator[Spell]:
    """Cut what happened to one process, in order, into spells."""
    level, suspended, begins = -1, False, 0
    for at, event in events:
        rung = min(found.stages.index(event), top) if event in found.stages else -1
        cause = _cause(event, rung, level, suspended, found)
        lifted = suspended and 0 <= rung == level
        followed = event not in found.unfollowed
        if level >= 0 and (cause or lifted or not followed):
            yield Spell(
                level, suspended, begins, at, cause, found.stages[rung] if rung > level else event if cause else ""
            )
        if cause == "exit" or not followed or rung == len(found.stages) - 1:
            return
        if cause == "suspend" and level >= 0:
            suspended, begins = True, at
        elif cause == "advance" or lifted:
            level, suspended, begins = rung, False, at
    if level >= 0:
        yield Spell(level, suspended, begins, max(begins, until))


def _cause(event: str, rung: int, level: int, suspended: bool, found: Ladder) -> str:
    """Name what an event does to a process; nothing where it repeats what is so."""
    if rung > level:
        return "advance"
    if event in found.exits:
        return "exit"
    return "suspend" if found.suspended and event == found.suspended and not suspended else ""
