"""The one table: its columns, and the two values that hold it, Snapshot and Futures."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from forecast.errors import UsageError, look_alike

# column -> (type, meaning). Attribute columns that a source declares come after these.
COLUMNS: dict[str, tuple[str, str]] = {
    "source": ("text", "which source the row comes from"),
    "record": ("text", "the source's own key; with source and revision it identifies a row"),
    "revision": ("integer", "0, 1, 2 … as a record is corrected"),
    "kind": ("text", "what happened"),
    "entity": ("text", "where, or to what"),
    "event_at": ("date", "the day it happened; the first day of the month or year if precision says so"),
    "precision": ("text", "day, month or year"),
    "known_at": ("date", "the day it became public"),
    "known_by": ("text", "published, fetched or assumed: how known_at was established"),
    "value": ("number", "how much, in `unit`"),
    "unit": ("text", "unit of value; 1 for a plain occurrence"),
    "n": ("integer", "how many occurrences the row stands for"),
    "retracted": ("flag", "true on the revision that takes a record back"),
}
PRECISIONS = ("day", "month", "year")
KNOWN_BY = ("published", "fetched", "assumed")


def dtype(kind: str) -> str:
    """Name the pandas dtype of a column type (text, integer, number, date, flag)."""
    return {"text": "str", "integer": "int64", "number": "float64", "date": "datetime64[us]", "flag": "bool"}[kind]


def day(when: date | str) -> np.datetime64:
    """Turn a date into the number that event columns are compared with."""
    return np.datetime64(when, "us")


@dataclass(frozen=True)
class Snapshot:
    """All that was known before a date: the last revision of every record, as a copy.

    Parameters
    ----------
    as_of : date
        Rows have `known_at` before this day.
    events : DataFrame
        The one table, sorted by source and record.
    through : mapping of str to date
        For every source, the last day that was looked at.
    """

    as_of: date
    events: pd.DataFrame
    through: Mapping[str, date]

    @cached_property
    def digest(self) -> str:
        """SHA-256 over as-of date and every cell, whatever the order of rows and files."""
        rows = self.events.sort_values(["source", "record"])
        rows = rows[sorted(rows.columns)]
        text = rows.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%dT%H:%M:%S")
        return hashlib.sha256(f"{self.as_of}\n{text}".encode()).hexdigest()

    def of_kind(self, kinds: tuple[str, ...]) -> pd.DataFrame:
        """Return the rows of these kinds, oldest first."""
        if kinds not in self._by_kinds:
            self._by_kinds[kinds] = self._ordered[self._ordered["kind"].isin(kinds)]
        return self._by_kinds[kinds]

    @cached_property
    def _by_kinds(self) -> dict[tuple[str, ...], pd.DataFrame]:
        return {}

    @cached_property
    def _ordered(self) -> pd.DataFrame:
        return self.events.sort_values(["event_at", "source", "record"], kind="stable")


@dataclass(frozen=True)
class Futures:
    """Simulated events, many futures side by side.

    Parameters
    ----------
    events : mapping of str to DataFrame
        One frame a kind: `draw` (0 … draws - 1), `entity`, `event_at`, `value`, `n` and whatever
        attributes the model makes. A kind that no model makes is not a key, which is not the same
        as a kind that did not happen. Times may lie before the as-of date: what has happened and
        is not yet reported is part of the future of our knowledge.
    draws : int
        Number of futures.
    parameters : int
        Number of posterior draws; future d was simulated from posterior draw `d % parameters`.
    record_days : mapping of str to float
        For kinds that replay the record instead of a fitted model: how many days of record stand
        behind them. Their probabilities are worth that record, not the number of draws.
    lasting : mapping of str to DataFrame
        For kinds whose events last: those on record that are not over, in the futures in which they are not. They have
        begun before, so they do not stand in `events`.
    """

    events: Mapping[str, pd.DataFrame]
    draws: int
    parameters: int
    record_days: Mapping[str, float]
    lasting: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def of_kind(self, kinds: tuple[str, ...]) -> list[pd.DataFrame]:
        """Return the frames of these kinds.

        Raises
        ------
        UsageError
            If no model made one of the kinds.
        """
        for kind in kinds:
            if kind not in self.events:
                raise UsageError(
                    f"no model makes events of kind `{kind}`",
                    why="a question about them would be answered 0 by silence",
                    hint=look_alike(kind, self.events),
                )
        return [self.events[kind] for kind in kinds]

    def still_under_way(self, kinds: tuple[str, ...]) -> list[pd.DataFrame]:
        """Return the past events of these kinds that may not be over yet.

        Raises
        ------
        UsageError
            If the model of one of the kinds does not say.
        """
        for kind in kinds:
            if kind not in self.lasting:
                raise UsageError(
                    f"no model says which events of kind `{kind}` are still under way",
                    hint="let the brief use a model of the family that knows how long events last",
                )
        return [self.lasting[kind] for kind in kinds]

    @classmethod
    def pooled(cls, members: Sequence["Futures"]) -> "Futures":
        """Mix futures of the same events in equal parts: future d comes from member `d % members`."""
        if len(members) == 1:
            return members[0]
        first, count = members[0], len(members)

        def mixed(of: Sequence[Mapping[str, pd.DataFrame]]) -> dict[str, pd.DataFrame]:
            return {
                kind: _stacked([_numbered(frames[kind], number, count) for number, frames in enumerate(of)])
                for kind in of[0]
            }

        return cls(
            mixed([member.events for member in members]),
            first.draws * count,
            first.parameters * count,
            first.record_days,
            mixed([member.lasting for member in members]),
        )

    def member(self, number: int, members: int) -> "Futures":
        """Take every `members`th future, those of one member of a pool; what `pooled` mixes."""
        own = {kind: _unmixed(frame, number, members) for kind, frame in self.events.items()}
        lasting = {kind: _unmixed(frame, number, members) for kind, frame in self.lasting.items()}
        return Futures(own, self.draws // members, self.parameters // members, self.record_days, lasting)

    def joined(self, later: "Futures") -> "Futures":
        """Add the events of a model that ran after these, future by future."""
        if (self.draws, self.parameters) != (later.draws, later.parameters):
            raise ValueError("futures of different sizes cannot be joined")
        both = self.events.keys() & later.events.keys()
        if both:
            raise UsageError(f"two models make events of kind `{min(both)}`", hint="keep one of them in the brief")
        return Futures(
            {**self.events, **later.events},
            self.draws,
            self.parameters,
            {**self.record_days, **later.record_days},
            {**self.lasting, **later.lasting},
        )


def _numbered(frame: pd.DataFrame, member: int, members: int) -> pd.DataFrame:
    return frame.assign(draw=frame["draw"].to_numpy() * members + member)


def _unmixed(frame: pd.DataFrame, number: int, members: int) -> pd.DataFrame:
    own = frame[(frame["draw"] % members == number).to_numpy()]
    return own.assign(draw=own["draw"].to_numpy() // members)


def _stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put frames below each other, with one set of levels for every column of categories."""
    names = [name for name, kind in frames[0].dtypes.items() if isinstance(kind, pd.CategoricalDtype)]
    for name in names:
        levels = sorted({level for frame in frames for level in frame[name].cat.categories})
        frames = [frame.assign(**{str(name): frame[name].cat.set_categories(levels)}) for frame in frames]
    return pd.concat(frames, ignore_index=True)
