"""The door: every revision on disk in, a Snapshot as of a date out. Nothing else opens data/events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import pandas as pd

from forecast import catalogue, files, reading, tables
from forecast.catalogue import Fetch, Source
from forecast.errors import CoverageError, DataError, UsageError, listed, look_alike
from forecast.events import COLUMNS, Snapshot, day, dtype

KEY = ["source", "record", "revision"]


@dataclass(frozen=True)
class Kept:
    """A fetch on disk: its file, the day of it, the how manieth of that day it is, and what is said beside it."""

    path: Path
    where: str
    fetched_at: date
    number: int
    said: Fetch


class Archive:
    """All events of a desk, read once.

    Parameters
    ----------
    root : Path
        The desk's `data` folder.

    Raises
    ------
    DataError
        If a file cannot be read without guessing; all its problems are named.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        text = _text(root / "sources.toml", "data/sources.toml")
        self.sources: Mapping[str, Source] = catalogue.sources(text, "data/sources.toml")
        self._check_folders()
        self.notes: list[str] = []
        self.through: dict[str, date] = {}
        self.counts: dict[str, tuple[int, int, int]] = {}
        self.fetches: dict[str, list[Kept]] = {name: self._fetches(name) for name in self.sources}
        self._events = self._together([self._source(name) for name in self.sources if self.fetches[name]])

    def newest(self, sources: Sequence[str] | None = None) -> date:
        """Find the latest as-of date that every one of these sources covers."""
        return min(self.through[name] for name in self._asked(sources))

    def revisions(self, name: str) -> pd.DataFrame:
        """Give every revision of every record of a source, whenever it became known; none if it was never fetched."""
        self.source(name)
        return self._events.loc[self._events["source"] == name, self._columns([name])].reset_index(drop=True)

    @cached_property
    def holders(self) -> Mapping[str, tuple[str, ...]]:
        """The sources that hold each kind of event."""
        pairs = self._events[["kind", "source"]].drop_duplicates().sort_values(["kind", "source"])
        return {str(kind): tuple(rows["source"]) for kind, rows in pairs.groupby("kind")}

    def as_of(self, when: date, sources: Sequence[str] | None = None) -> Snapshot:
        """Take a snapshot of what was known before a day.

        Parameters
        ----------
        when : date
        sources : sequence of str or None
            All by default.

        Returns
        -------
        Snapshot
            The last revision known of every record that is not retracted by it; a copy.

        Raises
        ------
        CoverageError
            If some source has not looked that far: no news would be confused with not looked.
        """
        names = self._asked(sources)
        newest = self.newest(names)
        if when > newest:
            short = min(names, key=lambda name: self.through[name])
            raise CoverageError(
                f"{when} is later than what the sources cover",
                f"data/events/{short}",
                f"`{short}` was looked at through {newest}; later, no news would only mean not looked",
                f"--as-of {newest}",
            )
        rows = self._events[self._events["source"].isin(names) & (self._events["known_at"] < day(when)).to_numpy()]
        rows = rows.drop_duplicates(["source", "record"], keep="last")
        rows = rows[~rows["retracted"]].sort_values(["source", "record"], kind="stable").reset_index(drop=True)
        if rows.empty:
            first = self._events.loc[self._events["source"].isin(names), "known_at"].min()
            hint = f"the first event became known on {first:%Y-%m-%d}"
            raise CoverageError(f"nothing was known before {when}", "data/events", hint=hint)
        return Snapshot(when, rows[self._columns(names)].copy(), {name: self.through[name] for name in names})

    def source(self, name: str) -> Source:
        """Give what the desk says about a source.

        Raises
        ------
        UsageError
            If it says nothing.
        """
        if name not in self.sources:
            raise UsageError(f"there is no source `{name}`", "data/sources.toml", hint=look_alike(name, self.sources))
        return self.sources[name]

    def _asked(self, sources: Sequence[str] | None) -> list[str]:
        """Name the sources that are meant: those asked for, or all that were ever fetched."""
        names = sorted(self.through if sources is None else sources)
        for name in names:
            self.source(name)
            if name not in self.through:
                hint = f"forecast add FILE --source {name}"
                raise UsageError(f"the source `{name}` has no events yet", f"data/events/{name}", hint=hint)
        if not names:
            hint = "forecast add FILE --source NAME"
            raise UsageError("no source of this desk has any events yet", "data/events", hint=hint)
        return names

    def _check_folders(self) -> None:
        """Refuse events that no source lays claim to: they would be left out without a word."""
        for folder in sorted((self.root / "events").glob("*/")):
            if folder.name not in self.sources:
                raise DataError(
                    f"the events in `{folder.name}` belong to no source",
                    f"data/events/{folder.name}",
                    f"data/sources.toml has no block [{folder.name}]",
                    look_alike(folder.name, self.sources),
                )

    def _fetches(self, name: str) -> list[Kept]:
        """Find the fetches of a source, oldest first."""
        found = []
        for path in (self.root / "events" / name).glob("*.csv"):
            where = f"data/events/{name}/{path.name}"
            fetched_at, number = _when(path, where)
            found.append(Kept(path, where, fetched_at, number, self._said(path, where, fetched_at)))
        return sorted(found, key=lambda kept: (kept.fetched_at, kept.number))

    def _source(self, name: str) -> pd.DataFrame:
        frames = [self._file(kept, name) for kept in self.fetches[name]]
        self.through[name] = max(kept.said.through for kept in self.fetches[name])
        rows = _merged(frames, self.notes)
        alike = reading.near_duplicates(rows["record"])
        self.notes += [f"data/events/{name}: {records} differ only in case, spaces or accents" for records in alike]
        return rows

    def _file(self, kept: Kept, name: str) -> pd.DataFrame:
        source, content, said = self.sources[name], kept.path.read_bytes(), kept.said
        rows = reading.typed(tables.read(content, kept.where, rowless=said.rows == 0), name, source, kept.fetched_at)
        rows["file"] = kept.where
        again, back = (rows["revision"] > 0).to_numpy(), rows["retracted"].to_numpy()
        self.counts[kept.where] = (int((~again).sum()), int((again & ~back).sum()), int((again & back).sum()))
        if said.rows is not None and said.rows != len(rows):
            self.notes.append(f"{kept.where}: {len(rows)} rows, {said.rows} were fetched")
        elif said.sha256 is not None and said.sha256 != files.sha256(content):
            self.notes.append(f"{kept.where}: the file is not, byte for byte, what was fetched")
        if source.series:
            self.notes += [f"{kept.where}: {jump}; a slip of units?" for jump in reading.jumps(rows)]
        return rows

    @staticmethod
    def _said(path: Path, where: str, fetched_at: date) -> Fetch:
        beside = path.with_suffix(".toml")
        if not beside.exists():
            last = fetched_at - timedelta(days=1)
            raise DataError(
                "nothing says how far this fetch looked",
                where,
                "without it, no news cannot be told from not looked",
                f"write {beside.name} beside it with the line: through = {last}",
            )
        where = where.replace(".csv", ".toml")
        said = catalogue.fetch(_text(beside, where), where)
        if said.through > fetched_at:
            why = f"it was fetched on {fetched_at}"
            raise DataError(f"the fetch cannot have looked through {said.through}", f"{where}, through", why)
        return said

    def _together(self, frames: list[pd.DataFrame]) -> pd.DataFrame:
        if not frames:
            return pd.DataFrame({name: pd.Series(dtype=dtype(kind)) for name, (kind, _) in COLUMNS.items()})
        together = pd.concat([frame.drop(columns=["line", "file"]) for frame in frames], ignore_index=True)
        for name in self.through:
            for column, attribute in self.sources[name].columns.items():
                if attribute.type == "text":
                    together[column] = together[column].fillna("")
        return together.sort_values(KEY, kind="stable").reset_index(drop=True)

    def _columns(self, names: Sequence[str]) -> list[str]:
        """Name the columns that rows of these sources have: what other sources say beside is no part of them."""
        own = {column for name in names for column in self.sources[name].columns}
        return [str(column) for column in self._events.columns if column in COLUMNS or column in own]


def _text(path: Path, where: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DataError("the file is missing", where, hint="is this the data folder of a desk?") from None
    except UnicodeDecodeError as problem:
        raise DataError("the file is not UTF-8", where, str(problem)) from None


def _when(path: Path, where: str) -> tuple[date, int]:
    """Read off a file's name on which day it was fetched, and the how manieth of that day it is."""
    day_of, _, number = path.stem.partition(".")
    try:
        return date.fromisoformat(day_of), int(number or 1)
    except ValueError:
        hint = "2026-11-22.csv, and 2026-11-22.2.csv for a second one of that day"
        raise DataError("the file is not called after the day of its fetch", where, hint=hint) from None


def _merged(frames: list[pd.DataFrame], notes: list[str]) -> pd.DataFrame:
    """Put the fetches of a source together: the same row again is dropped, contradictions are refused."""
    rows = pd.concat(frames, ignore_index=True)
    said = rows.drop_duplicates([column for column in rows if column not in ("line", "file")])
    against = said[said.duplicated(KEY, keep=False)]
    if not against.empty:
        first = f"{against['file'].iloc[0]}:{against['line'].iloc[0]}"
        raise DataError(
            "the same revision of a record stands there with different content",
            first,
            listed([_told(group) for _, group in against.groupby(KEY, sort=False)]),
            "number corrections with `revision`, and give them their own known_at",
        )
    if len(said) < len(rows):
        notes.append(f"{rows['file'].iloc[-1]}: {len(rows) - len(said)} rows that were there already are dropped")
    return said


def _told(group: pd.DataFrame) -> str:
    """Say where the rows that contradict each other stand, and in which columns."""
    places = " and ".join(f"{file}:{line}" for file, line in zip(group["file"], group["line"], strict=True))
    differ = [
        str(column) for column in group if column not in ("line", "file") and group[column].nunique(dropna=False) > 1
    ]
    return f"`{group['record'].iloc[0]}`, revision {group['revision'].iloc[0]}: {places} ({', '.join(differ)})"
