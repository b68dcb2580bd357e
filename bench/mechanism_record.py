"""The record of mechanisms: when each reached which stage, what is asked of it, and how it came out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy import stats

from forecast import conditions
from forecast.events import Snapshot, day
from forecast.models import ladder
from forecast.models.ladder import Ladder
from forecast.models.spells import numbered
from forecast.spec import Spec

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
HORIZONS = (30, 60, 90, 180, 365, 730)
TREATIES = "rta"


@dataclass(frozen=True)
class Past:
    """What mechanisms did before a day, in days since 1970; infinite for what had not happened.

    Parameters
    ----------
    entities : tuple of str
        In order.
    kind : array, shape (process,)
        Place among the ladder's kinds.
    reached : array, shape (process, stage)
        First day on a stage or a higher one.
    ended : array, shape (process,)
    followed : array, shape (process,)
        Through which day an event would have been written down; without end, if nothing can follow.
    treaty, last_source : array, shape (process,)
        Whether it is of the WTO's list; whether nobody looked for anything after its last stage.
    until : int
    """

    entities: tuple[str, ...]
    kind: NDArray[np.int64]
    reached: Array
    ended: Array
    followed: Array
    treaty: Flags
    last_source: Flags
    until: int

    def places(self, entities: Sequence[str]) -> NDArray[np.int64]:
        """Find mechanisms by their names."""
        return np.searchsorted(np.array(self.entities), np.array(entities, dtype=str))

    def days(self) -> Array:
        """Give the day of what each question asks about, shape (process, question): stages, then the end."""
        return np.concatenate([self.reached, self.ended[:, None]], axis=1)

    def over(self) -> Array:
        """Give the day from which on nothing can follow."""
        return np.asarray(np.minimum(self.ended, self.reached[:, -1]))


def past(snapshot: Snapshot, spec: Spec, found: Ladder, late: bool = False) -> Past:
    """Lay out what was known.

    Parameters
    ----------
    late : bool
        Put what is dated to a month or a year on its last day, not on its first.
    """
    until = numbered(snapshot.as_of)
    rows = _rows(snapshot, spec, found)
    at = (_last_days(rows) if late else rows["event_at"].to_numpy("datetime64[D]")).astype(float)
    at[at >= until] = np.inf
    entities, first, of = np.unique(rows["entity"].to_numpy(str), return_index=True, return_inverse=True)
    kind, what = ladder.kind_of(rows, found, spec), rows["kind"].to_numpy(str)
    reached = np.full((len(entities), len(found.stages)), np.inf)
    for rung, stage in enumerate(found.stages):
        here = what == stage
        np.minimum.at(reached, (of[here], np.minimum(rung, found.tops()[kind[here]])), at[here])
    reached = np.minimum.accumulate(reached[:, ::-1], axis=1)[:, ::-1]
    ended, seen = np.full((2, len(entities)), np.inf)
    for days, kinds in ((ended, found.exits), (seen, found.unfollowed)):
        here = np.isin(what, kinds)
        np.minimum.at(days, of[here], at[here])
    ended[ended >= reached[:, -1]] = np.inf
    reached[reached > ended[:, None]] = np.inf
    over = np.isfinite(ended) | np.isfinite(reached[:, -1])
    followed = np.where(over, np.inf, np.minimum(seen, until))
    last = np.isin(entities, rows["entity"][(rows["basis"] == "last_source").to_numpy()].to_numpy(str))
    treaty = (rows["layer"] == TREATIES).to_numpy()[first]
    return Past(tuple(entities.tolist()), kind[first], reached, ended, followed, treaty, last, until)


def _rows(snapshot: Snapshot, spec: Spec, found: Ladder) -> pd.DataFrame:
    """Take the rows that the model reads, but for deadlines."""
    rows = snapshot.of_kind((*found.codes, *found.unfollowed))
    where = {column: cells for column, cells in spec.target.items() if column != "kind"}
    return rows[conditions.matching(rows, where) & (rows["event_at"] >= day(spec.since)).to_numpy()]


def _last_days(rows: pd.DataFrame) -> NDArray[np.datetime64]:
    at = rows["event_at"].to_numpy("datetime64[D]")
    found = at.copy()
    units: tuple[tuple[str, Literal["M", "Y"]], ...] = (("month", "M"), ("year", "Y"))
    for precision, unit in units:
        vague = (rows["precision"] == precision).to_numpy()
        after = at[vague].astype(f"datetime64[{unit}]") + np.timedelta64(1, unit)
        found[vague] = after.astype("datetime64[D]") - np.timedelta64(1, "D")
    return found


def surviving(days: Array, happened: Flags, at: Array) -> Array:
    """Estimate the share to which nothing has happened by some days: Kaplan and Meier's product limit."""
    sample = stats.CensoredData(uncensored=days[happened], right=days[~happened])
    return np.asarray(stats.ecdf(sample).sf.evaluate(at))


@dataclass(frozen=True)
class Standing:
    """Where the mechanisms stand that are asked about, once what is scheduled has come.

    Parameters
    ----------
    entities : tuple of str
    kind, level : array, shape (process,)
    opens : array, shape (process,)
        In how many days it is there.
    horizons : tuple of int
        Days within which something is to come.
    """

    entities: tuple[str, ...]
    kind: NDArray[np.int64]
    level: NDArray[np.int64]
    opens: NDArray[np.int64]
    horizons: tuple[int, ...] = HORIZONS

    @classmethod
    def of(cls, panel: xr.Dataset, horizons: tuple[int, ...] = HORIZONS) -> "Standing":
        """Read it off the panel of a model."""
        names = tuple(str(name) for name in panel["process"].to_numpy())
        kind, level, opens = (panel[name].to_numpy().astype(int) for name in ("kind_at", "level", "opens"))
        return cls(names, kind, level, opens, horizons)

    def asked(self, found: Ladder) -> Flags:
        """Mark what is asked, shape (process, question, horizon): what is possible and not scheduled."""
        possible = questions(found)[self.kind, self.level]
        return np.asarray(possible[:, :, None] & (self.opens[:, None] < np.array(self.horizons))[:, None, :])


def questions(found: Ladder) -> Flags:
    """Mark what can be asked, shape (kind, stage, question): reaching each higher stage, and the end."""
    return np.concatenate([found.higher(), found.at_risk()[1][:, :, None]], axis=2)


@dataclass(frozen=True)
class Truth:
    """What came of mechanisms, with vague dates put early and put late."""

    early: Past
    late: Past

    @classmethod
    def of(cls, snapshot: Snapshot, spec: Spec, found: Ladder) -> "Truth":
        """Read it off the newest snapshot."""
        return cls(past(snapshot, spec, found), past(snapshot, spec, found, late=True))

    def answers(self, standing: Standing, opens: date) -> Array:
        """Say what came, shape (process, question, horizon): 1, 0, or NaN where a vague date decides."""
        begins = numbered(opens)
        closes = begins + np.array(standing.horizons)
        said = []
        for found in (self.early, self.late):
            place = found.places(standing.entities)
            at, over = found.days()[place][:, :, None], found.over()[place]
            before = (at < begins) | (over < begins)[:, None, None]
            said.append(np.where(before, np.nan, (at < closes).astype(float)))
        return np.where(said[0] == said[1], said[0], np.nan)

    def followed(self, standing: Standing, opens: date) -> Flags:
        """Tell which mechanisms were followed through the closing day, or to their end, shape (process, horizon)."""
        followed = self.early.followed[self.early.places(standing.entities)]
        return np.asarray(followed[:, None] >= numbered(opens) + np.array(standing.horizons))

    def weights(self, standing: Standing, opens: date) -> Array:
        """Say for how many each followed one stands, shape (process, horizon).

        One that ended is counted however briefly it would have been followed; one that goes on only if it was followed
        through the closing day. So each counts as 1 / P(followed until its answer was certain | followed at opening),
        by the product limit of its list (Robins and Rotnitzky 1992, doi:10.1007/978-1-4757-1229-2_14).
        """
        place = self.early.places(standing.entities)
        over, treaty = self.early.over(), self.early.treaty
        begins = float(numbered(opens))
        certain = np.minimum(over[place][:, None], begins + np.array(standing.horizons))
        found = np.zeros(certain.shape)
        for mine in (treaty, ~treaty):
            days = np.minimum(self.early.followed, over)[mine]
            here = mine[place]
            if here.any():
                still = surviving(days, np.isfinite(self.early.followed[mine]), np.append(certain[here], begins) - 1)
                later = still[:-1].reshape(certain[here].shape)
                found[here] = np.divide(still[-1], later, out=np.zeros_like(later), where=later > 0)
        return found
