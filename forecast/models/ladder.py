"""What a model of ordered stages is told: the stages, how a process ends, and which kind never records what."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast import conditions, toml
from forecast.conditions import Where
from forecast.errors import DataError, SpecError, look_alike
from forecast.spec import Interval, Spec

CAUSES = ("advance", "exit", "suspend")
WINDOWS = ("none", "far", "near", "passed")


@dataclass(frozen=True)
class Kind:
    """A kind of process.

    Parameters
    ----------
    name : str
    where : mapping
        Column -> accepted values: which processes are of this kind.
    never : tuple of str
        Stages, exits or the suspension that its record never holds: structural zeros, not failures.
    top : str
        Stage that counts as the highest: what the record holds above it says no more. Blank for the ladder's last.
    """

    name: str
    where: Where
    never: tuple[str, ...] = ()
    top: str = ""

    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class Trait:
    """What is so of a process from its beginning, and may matter.

    Parameters
    ----------
    name : str
    where : mapping
        Column -> accepted values: which processes have it.
    effect : Prior
        Factor on the rates of advancing and of ending.
    """

    name: str
    where: Where
    effect: Interval

    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class Ladder:
    """How the record of a process is read.

    Parameters
    ----------
    stages : tuple of str
        Kinds of event that are stages, lowest first; reaching the last ends a process.
    exits : tuple of str
        Kinds of event that end a process.
    kinds : tuple of Kind
        Every process is of the first that it fits.
    suspended : str
        Kind of event that halts a process on its stage; it may advance or end from there.
    unfollowed : tuple of str
        Kinds of event after which nobody looked further.
    deadline_set : str
        Kind of event that sets a deadline, which does not exist before.
    deadline : str
        Column that says when it is.
    near : tuple of int
        From how many days before a deadline until how many after it is near.
    cuts : tuple of float
        Days on a stage at which the rate of advancing may change.
    strength : float
        Past events that what is common to all kinds is worth in one.
    traits : tuple of Trait
    """

    stages: tuple[str, ...]
    exits: tuple[str, ...]
    kinds: tuple[Kind, ...]
    suspended: str = ""
    unfollowed: tuple[str, ...] = ()
    deadline_set: str = ""
    deadline: str = "deadline"
    near: tuple[int, int] = (60, 14)
    cuts: tuple[float, ...] = (7, 14, 30, 60, 90, 180, 365, 730, 1460, 2920)
    strength: float = 2.0
    traits: tuple[Trait, ...] = ()

    __pydantic_config__ = {"extra": "forbid"}

    @property
    def states(self) -> tuple[str, ...]:
        """Where a process can stand: every stage, and suspended on any."""
        return (*self.stages, self.suspended or "suspended")

    @property
    def codes(self) -> dict[str, int]:
        """Number what can happen to a process: stages, then exits, then the suspension."""
        return {kind: code for code, kind in enumerate((*self.stages, *self.exits, self.suspended)) if kind}

    def ages(self) -> NDArray[np.float64]:
        """Give the day on a stage that stands for each stretch between cuts."""
        edges = np.array([0.0, *self.cuts, 2 * self.cuts[-1]])
        return np.asarray((edges[:-1] + edges[1:]) / 2)

    def tops(self) -> NDArray[np.int64]:
        """Give the place of the highest stage of each kind."""
        return np.array([self.stages.index(kind.top or self.stages[-1]) for kind in self.kinds])

    def coded(self) -> NDArray[np.bool_]:
        """Mark what can happen to each kind, shape (kind, code)."""
        said = np.array([[code not in kind.never for code in self.codes] for kind in self.kinds])
        above = np.arange(len(self.codes)) > self.tops()[:, None]
        above[:, len(self.stages) :] = False
        return np.asarray(said & ~above)

    def higher(self) -> NDArray[np.bool_]:
        """Mark the stages that a process of each kind can reach from each, shape (kind, from, to)."""
        above = np.triu(np.ones((len(self.stages), len(self.stages)), bool), 1)
        return np.asarray(above & self.coded()[:, None, : len(self.stages)])

    def at_risk(self) -> NDArray[np.bool_]:
        """Mark what may happen to a process on each stage, shape (cause, kind, stage)."""
        coded, stages = self.coded(), len(self.stages)
        ends = coded[:, stages : stages + len(self.exits)].any(axis=1)
        halts = coded[:, -1] if self.suspended else np.zeros(len(coded), bool)
        return np.stack([self.higher().any(axis=2), *(np.repeat(one[:, None], stages, 1) for one in (ends, halts))])


def check(found: Ladder, where: str) -> None:
    """Refuse a ladder that contradicts itself.

    Raises
    ------
    SpecError
        Naming the stage, exit, kind or number.
    """
    if not found.stages or not found.exits or not found.kinds:
        raise SpecError("a ladder needs `stages`, `exits` and `kinds`", where)
    said = [*found.stages, *found.exits, found.suspended, *found.unfollowed, found.deadline_set]
    what = "among stages, exits, suspended, unfollowed and deadline_set"
    _once([name for name in said if name], what, where)
    _once([kind.name for kind in found.kinds], "among kinds", where)
    _once([trait.name for trait in found.traits], "among traits", where)
    for kind in found.kinds:
        _check_kind(kind, found, where)
    if any(later <= earlier for earlier, later in pairwise((0.0, *found.cuts))) or not found.cuts:
        raise SpecError(f"`cuts` = {list(found.cuts)} do not rise from above 0", where)
    if found.strength <= 0 or min(found.near) < 0:
        what = f"`strength` = {found.strength:g} is above 0, and `near` = {list(found.near)} are days from 0 on"
        raise SpecError(f"it must be that {what}", where)


def _once(names: list[str], what: str, where: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise SpecError(f"`{name}` stands twice {what}", where)


def _check_kind(kind: Kind, found: Ladder, where: str) -> None:
    if kind.top and kind.top not in found.stages:
        hint = look_alike(kind.top, found.stages)
        raise SpecError(f"`{kind.top}`, the top of `{kind.name}`, is no stage", where, hint=hint)
    if kind.top in kind.never:
        raise SpecError(f"`{kind.name}` never has its own top, `{kind.top}`", where)
    for name in kind.never:
        if name not in found.codes:
            hint = look_alike(name, found.codes)
            raise SpecError(f"`{kind.name}` never has `{name}`, which is no stage and no exit", where, hint=hint)


def parse(table: Any, where: str) -> Ladder:
    """Read and check a ladder."""
    found = toml.parse(Ladder, table, where)
    check(found, where)
    return found


def kind_of(rows: pd.DataFrame, found: Ladder, spec: Spec) -> NDArray[np.int64]:
    """Find the kind of each row's process.

    Raises
    ------
    DataError
        Naming a process that is of none.
    """
    fits = np.stack([conditions.matching(rows, kind.where) for kind in found.kinds])
    if not fits.any(axis=0).all():
        row = rows.iloc[int(np.argmin(fits.any(axis=0)))]
        raise DataError(
            f"the process `{row['entity']}` is of none of the kinds that `{spec.name}` knows",
            f"{row['source']}, record {row['record']}",
            hint=f"add a kind in {spec.where}, or leave it out by its target",
        )
    return np.asarray(fits.argmax(axis=0))
