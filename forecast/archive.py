"""The door: every revision on disk in, a Snapshot as of a date out. Nothing else opens data/events."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path

import pandas as pd

from forecast import big, catalogue, collapse, fetched, files, reading, tables
from forecast.big import Store
from forecast.catalogue import Source
from forecast.errors import CoverageError, DataError, UsageError, listed, look_alike
from forecast.events import COLUMNS, Snapshot, day, dtype
from forecast.fetched import Kept

KEY = ["source", "record", "revision"]


class Archive:
    """All events of a desk: those kept as CSV read once, those kept as Parquet asked for whenever they are needed.

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
        text = fetched.text(root / "sources.toml", "data/sources.toml")
        self.sources: Mapping[str, Source] = catalogue.sources(text, "data/sources.toml")
        self._check_folders()
        self.notes: list[str] = []
        self.through: dict[str, date] = {}
        self.counts: dict[str, tuple[int, int, int]] = {}
        self._summaries: dict[str, pd.DataFrame] = {}
        self.fetches: dict[str, list[Kept]] = {
            name: fetched.fetches(root, name, source) for name, source in self.sources.items()
        }
        held = [name for name in self.sources if self.fetches[name]]
        self._stores = {name: self._store(name) for name in held if self.sources[name].store == "parquet"}
        self._events = self._together([self._source(name) for name in held if name not in self._stores])

    def newest(self, sources: Sequence[str] | None = None) -> date:
        """Find the latest as-of date that every one of these sources covers."""
        return min(self.through[name] for name in self._asked(sources))

    def revisions(self, name: str) -> pd.DataFrame:
        """Give every revision of every record of a source, whenever it became known; none if it was never fetched."""
        self.source(name)
        if name in self._stores:
            return self._stores[name].revisions()
        return self._events.loc[self._events["source"] == name, self._columns([name])].reset_index(drop=True)

    def touched(self, name: str, records: Sequence[str], span: tuple[date, date] | None) -> pd.DataFrame:
        """Give every revision of what a delivery can change: of all records if they are in memory anyway.

        Parameters
        ----------
        name : str
            Of the source.
        records : sequence of str
            Records that the delivery names.
        span : tuple of date or None
            First and last day of which it holds every event.
        """
        return self._stores[name].revisions(records, span) if name in self._stores else self.revisions(name)

    @cached_property
    def holders(self) -> Mapping[str, tuple[str, ...]]:
        """The sources that hold each kind of event."""
        stored = [self._summaries[name][["kind"]].assign(source=name) for name in self._stores]
        pairs = pd.concat([self._events[["kind", "source"]], *stored])
        pairs = pairs.drop_duplicates().sort_values(["kind", "source"])
        return {str(kind): tuple(rows["source"]) for kind, rows in pairs.groupby("kind")}

    def as_of(self, when: date, sources: Sequence[str] | None = None, kinds: Sequence[str] | None = None) -> Snapshot:
        """Take a snapshot of what was known before a day.

        Parameters
        ----------
        when : date
        sources, kinds : sequence of str or None
            All by default.

        Returns
        -------
        Snapshot
            The last revision known of every record that is not retracted by it, or the counts of them; a copy.

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
        stored = [self._stores[name].as_of(when, kinds) for name in names if name in self._stores]
        rows = self._filled([self._read(when, names, kinds), *stored]) if stored else self._read(when, names, kinds)
        rows = rows.sort_values(["source", "record"], kind="stable", ignore_index=True)
        if rows.empty:
            self._check_known(when, names, kinds)
        return Snapshot(when, rows[self._columns(names)].copy(), {name: self.through[name] for name in names})

    def _read(self, when: date, names: Sequence[str], kinds: Sequence[str] | None) -> pd.DataFrame:
        """Take from the rows in memory those that stood before a day, counted where their source says so."""
        rows = self._events[self._events["source"].isin(names) & (self._events["known_at"] < day(when)).to_numpy()]
        rows = rows.drop_duplicates(["source", "record"], keep="last")
        rows = rows[~rows["retracted"] & (rows["kind"].isin(kinds) if kinds is not None else True)]
        counted = [name for name in names if self.sources[name].collapse is not None and name not in self._stores]
        if not counted:
            return rows
        counts = [collapse.collapsed(rows[rows["source"] == name], self.sources[name]) for name in counted]
        return self._filled([rows[~rows["source"].isin(counted)], *counts])

    def _check_known(self, when: date, names: Sequence[str], kinds: Sequence[str] | None) -> None:
        """Refuse a day before which nothing was known; that none of some kinds was known is an answer."""
        first = self._first(names)
        if kinds is None or not first < pd.Timestamp(when):
            hint = f"the first event became known on {'no day yet' if pd.isna(first) else first.date()}"
            raise CoverageError(f"nothing was known before {when}", "data/events", hint=hint)

    def _first(self, names: Sequence[str]) -> pd.Timestamp:
        """Find the day on which the first row of some sources became known."""
        read = self._events.loc[self._events["source"].isin(names), "known_at"]
        stored = [self._summaries[name]["first"] for name in names if name in self._stores]
        first: pd.Timestamp = pd.concat([read, *stored]).min()
        return first

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

    def _store(self, name: str) -> Store:
        """Check that files of a source kept as Parquet are what was appended, and say what they hold."""
        source, fetches = self.sources[name], self.fetches[name]
        before: dict[str | None, str] = {}
        for kept in fetches:
            big.check(str(kept.path), kept.where, kept.said, source)
            if kept.said.rows != 0 and before.setdefault(kept.said.sha256, kept.where) != kept.where:
                why = f"it is {before[kept.said.sha256]} again, and its rows would count twice"
                raise DataError("the same fetch stands there twice", kept.where, why, "remove one of them")
        self.through[name] = max(kept.said.through for kept in fetches)
        store = Store(name, source, tuple(str(kept.path) for kept in fetches))
        self._summaries[name] = store.summary()
        for kept in fetches:
            own = self._summaries[name][self._summaries[name]["path"] == str(kept.path)]
            self.counts[kept.where] = (int(own["added"].sum()), int(own["revised"].sum()), int(own["back"].sum()))
        return store

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
        if source.collapse is not None:
            collapse.check(rows, kept.where)
        if source.series:
            self.notes += [f"{kept.where}: {jump}; a slip of units?" for jump in reading.jumps(rows)]
        return rows

    def _together(self, frames: list[pd.DataFrame]) -> pd.DataFrame:
        if not frames:
            return pd.DataFrame({name: pd.Series(dtype=dtype(kind)) for name, (kind, _) in COLUMNS.items()})
        together = self._filled([frame.drop(columns=["line", "file"]) for frame in frames])
        return together.sort_values(KEY, kind="stable").reset_index(drop=True)

    def _filled(self, frames: list[pd.DataFrame]) -> pd.DataFrame:
        """Put the rows of several sources together; what only some of them say is blank in the others."""
        together = pd.concat(frames, ignore_index=True)
        for name in self.through:
            for column, attribute in self.sources[name].columns.items():
                if attribute.type == "text" and column in together:
                    together[column] = together[column].fillna("")
        return together

    def _columns(self, names: Sequence[str]) -> list[str]:
        """Name the columns that rows of these sources have: what other sources say beside is no part of them."""
        own = {column for name in names for column in self.sources[name].columns}
        said = [column for name in self.sources if name in self.through for column in self.sources[name].columns]
        return [*COLUMNS, *(column for column in dict.fromkeys(said) if column in own)]


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
