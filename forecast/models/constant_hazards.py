"""Ordered stages climbed or left at constant hazards, by kind of process and level: the baseline of stages.

    advance from level l by kind k:  rate[k, l] ~ Gamma(strength + events, strength / pooled[l] + days at risk)
    exit by kind k:                  rate[k]    ~ Gamma(strength + exits, strength / pooled + days at risk)

so a kind without a record has the pooled rate, and nothing is exactly 0. Where an advance leads, and how
an exit is called, are drawn from pooled shares with one pseudo-count each. A process whose kind never
codes what lies above a level (`tops`) is not at risk there: a structural zero, not a failure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from forecast import rules
from forecast.errors import DataError
from forecast.events import Futures, Snapshot, day
from forecast.inference import Sizes, thinned
from forecast.spec import Spec

NOTES = (
    "Every process of a kind climbs at the same constant rate, whatever its age, its deadline and its opponents;"
    " a process is taken to be where its last known event left it.",
)
DRAWS = 1000


@dataclass(frozen=True)
class Options:
    """How the record of stages is read.

    Parameters
    ----------
    by : str
        Attribute column that holds the kind of process.
    ladder : tuple of str
        Kinds of event that are levels, lowest first.
    exits : tuple of str
        Kinds of event that end a process.
    unfollowed : tuple of str
        Kinds of event after which nobody looked further.
    tops : mapping of str to str
        Kind of process -> highest level that its record codes.
    strength : float
        Events that the pooled rate is worth.
    """

    by: str
    ladder: tuple[str, ...]
    exits: tuple[str, ...]
    unfollowed: tuple[str, ...] = ()
    tops: Mapping[str, str] = field(default_factory=dict)
    strength: float = 2.0

    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class Spell:
    """A process on one level: from when, for how many days, and what ended it ("" if nothing has)."""

    entity: str
    kind: str
    level: int
    days: float
    ended_by: str


def spells(snapshot: Snapshot, spec: Spec, options: Options) -> list[Spell]:
    """Cut the record of every process into spells on a level, by what had happened before the as-of day."""
    rows = snapshot.events
    rows = rows[rows["kind"].isin([*spec.kinds, *options.unfollowed]).to_numpy()]
    without_kind = {column: cells for column, cells in spec.target.items() if column != "kind"}
    rows = rows[rules.matching(rows, without_kind) & (rows["event_at"] < day(snapshot.as_of)).to_numpy()]
    found = []
    for entity, events in rows.sort_values(["event_at", "kind"], kind="stable").groupby("entity", sort=True):
        found += _of_entity(str(entity), events, snapshot.as_of, options)
    if not found:
        raise DataError(f"`{spec.name}` finds no process before {snapshot.as_of}")
    return found


def _of_entity(entity: str, events: pd.DataFrame, as_of: date, options: Options) -> list[Spell]:
    kinds = [str(kind) for kind in events[options.by] if kind]
    process = kinds[0] if kinds else ""
    found: list[Spell] = []
    level, since = -1, None
    for kind, at in zip(events["kind"], events["event_at"], strict=True):
        climbs = kind in options.ladder and options.ladder.index(kind) > level
        over = kind in options.exits or kind in options.unfollowed
        if since is not None and (climbs or over):
            found.append(
                Spell(entity, process, level, float((at - since).days), "" if kind in options.unfollowed else kind)
            )
        if over:
            return found
        if climbs:
            level, since = options.ladder.index(kind), at
    if since is not None:
        found.append(Spell(entity, process, level, float((pd.Timestamp(as_of) - since).days), ""))
    return found


def panel(snapshot: Snapshot, spec: Spec, options: Options) -> xr.Dataset:
    """Count events and days at risk by kind and level, and say where every open process stands.

    Returns
    -------
    Dataset
        `advances`, `risk` (kind, level), `exits`, `exit_risk` (kind), `leads` (level, to), `ends` (exit),
        `at_level` and `of_kind` (process).
    """
    record = spells(snapshot, spec, options)
    kinds = sorted({spell.kind for spell in record})
    levels = len(options.ladder)
    advances, risk = np.zeros((len(kinds), levels)), np.zeros((len(kinds), levels))
    exits, exit_risk = np.zeros(len(kinds)), np.zeros(len(kinds))
    leads, ends = np.zeros((levels, levels)), np.zeros(len(options.exits))
    top = np.array([_top(kind, options) for kind in kinds])
    for spell in record:
        k = kinds.index(spell.kind)
        exit_risk[k] += spell.days
        if spell.level < top[k]:
            risk[k, spell.level] += spell.days
        if spell.ended_by in options.exits:
            exits[k] += 1
            ends[options.exits.index(spell.ended_by)] += 1
        elif spell.ended_by and spell.level < top[k]:
            advances[k, spell.level] += 1
            leads[spell.level, options.ladder.index(spell.ended_by)] += 1
    last = {spell.entity: spell for spell in record}
    open_now = [spell for spell in last.values() if spell.ended_by not in options.exits]
    return xr.Dataset(
        {
            "advances": (("kind", "level"), advances),
            "risk": (("kind", "level"), risk),
            "exits": ("kind", exits),
            "exit_risk": ("kind", exit_risk),
            "leads": (("level", "to"), leads),
            "ends": ("exit", ends),
            "top": ("kind", top),
            "at_level": ("process", [spell.level for spell in open_now]),
            "of_kind": ("process", [kinds.index(spell.kind) for spell in open_now]),
        },
        coords={"kind": kinds, "process": [spell.entity for spell in open_now]},
    )


def _top(kind: str, options: Options) -> int:
    return options.ladder.index(options.tops.get(kind, options.ladder[-1]))


def posterior(data: xr.Dataset, options: Options, seed: int) -> xr.DataTree:
    """Draw hazards a day from their gamma posteriors.

    Returns
    -------
    DataTree
        Group `posterior`: `advance` (chain, draw, kind, level), `leave` (chain, draw, kind).
    """
    rng = np.random.default_rng(seed)
    pooled = (data["advances"].sum("kind") + 0.5) / (data["risk"].sum("kind") + 0.5 / _overall(data))
    leaving = float((data["exits"].sum() + 0.5) / (data["exit_risk"].sum() + 1))
    shape = options.strength + data["advances"].to_numpy()
    rate = options.strength / pooled.to_numpy() + data["risk"].to_numpy()
    advance = rng.gamma(shape, 1 / rate, (1, DRAWS, *shape.shape))
    leave_shape = options.strength + data["exits"].to_numpy()
    leave_rate = options.strength / leaving + data["exit_risk"].to_numpy()
    leave = rng.gamma(leave_shape, 1 / leave_rate, (1, DRAWS, len(leave_shape)))
    group = xr.Dataset(
        {"advance": (("chain", "draw", "kind", "level"), advance), "leave": (("chain", "draw", "kind"), leave)}
    )
    return xr.DataTree.from_dict({"posterior": group})


def _overall(data: xr.Dataset) -> float:
    return float((data["advances"].sum() + 0.5) / (data["risk"].sum() + 1))


def simulate(
    tree: xr.DataTree,
    data: xr.Dataset,
    options: Options,
    snapshot: Snapshot,
    until: date,
    sizes: Sizes,
    rng: np.random.Generator,
) -> Futures:
    """Let every open process climb or end, each with random numbers of its own.

    Parameters
    ----------
    tree : DataTree
        From `posterior`.
    """
    drawn = thinned(tree, ("advance", "leave"), sizes)
    horizon = (until - snapshot.as_of).days
    found = []
    for number in range(data.sizes["process"]):
        kind = int(data["of_kind"][number])
        rates = (drawn["advance"][:, kind], drawn["leave"][:, kind])
        for draw, at, event in _climb(
            int(data["at_level"][number]), int(data["top"][kind]), rates, data, rng.spawn(1)[0]
        ):
            soon = at < horizon
            found.append((draw[soon], at[soon], event[soon], np.full(int(soon.sum()), number)))
    draw, at, event, process = (np.concatenate(column) for column in zip(*found, strict=True))
    names = pd.Index(data["process"].to_numpy().astype(object))
    frame = pd.DataFrame(
        {
            "draw": draw,
            "entity": pd.Categorical.from_codes(process, names),
            "event_at": day(snapshot.as_of) + np.floor(at).astype(np.int64) * np.timedelta64(1, "D"),
            "value": 1.0,
            "n": 1,
        }
    )
    kinds = (*options.ladder, *options.exits)
    return Futures({kind: frame[event == code] for code, kind in enumerate(kinds)}, sizes.draws, sizes.parameters, {})


def _climb(
    level: int,
    top: int,
    rates: tuple[NDArray[np.float64], NDArray[np.float64]],
    data: xr.Dataset,
    rng: np.random.Generator,
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]]:
    """Yield step by step who moves, when (days from now) and to which event: ladder first, then exits."""
    advance, leave = rates
    draw = np.arange(len(leave))
    at, on = np.zeros(len(leave)), np.full(len(leave), level)
    leads = np.triu(data["leads"].to_numpy() + 1, 1)
    leads[:, top + 1 :] = 0
    ends = np.cumsum(data["ends"].to_numpy() + 1)
    while len(draw):
        up = np.where(on < top, advance[draw, on], 0.0)
        at = at + rng.exponential(size=len(draw)) / (up + leave[draw])
        climbs = rng.random(len(draw)) < up / (up + leave[draw])
        toss = rng.random(len(draw))
        chances = np.cumsum(leads[on], axis=1)
        to = (chances <= toss[:, None] * chances[:, -1:]).sum(axis=1)
        exit_as = len(leads) + np.searchsorted(ends, toss * ends[-1], "right")
        event = np.where(climbs, to, exit_as)
        yield draw, at, event
        draw, at, on = draw[climbs], at[climbs], to[climbs]
