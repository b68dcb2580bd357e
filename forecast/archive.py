"""The door: every revision on disk in, a Snapshot as of a date out. Nothing else opens data/events."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import pandas as pd

from forecast import catalogue, files, reading, tables
from forecast.catalogue import Fetch, Source
from forecast.errors import CoverageError, DataError, UsageError, listed, look_alike
from forecast.events import Snapshot, day

KEY = ["source", "record", "revision"]


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
        self._events = self._together([self._source(name) for name in self.sources])

    def newest(self, sources: Sequence[str] | None = None) -> date:
        """Find the latest as-of date that every one of these sources covers."""
        return min(self.through[name] for name in self._asked(sources))

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
        return Snapshot(when, rows.copy(), {name: self.through[name] for name in names})

    def _asked(self, sources: Sequence[str] | None) -> list[str]:
        names = sorted(self.sources if sources is None else sources)
        for name in names:
            if name not in self.sources:
                raise UsageError(
                    f"there is no source `{name}`", "data/sources.toml", hint=look_alike(name, self.sources)
                )
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

    def _source(self, name: str) -> pd.DataFrame:
        folder = self.root / "events" / name
        paths = sorted(folder.glob("*.csv"))
        if not paths:
            raise DataError(
                f"the source `{name}` has no events", f"data/events/{name}", hint="add <day of the fetch>.csv"
            )
        frames = []
        for path in paths:
            where = f"data/events/{name}/{path.name}"
            said = self._fetch(path, where)
            self.through[name] = max(self.through.get(name, said.through), said.through)
            frames.append(self._file(path, where, name, said))
        rows = _merged(frames, self.notes)
        alike = reading.near_duplicates(rows["record"])
        self.notes += [f"data/events/{name}: {records} differ only in case, spaces or accents" for records in alike]
        return rows

    def _file(self, path: Path, where: str, name: str, said: Fetch) -> pd.DataFrame:
        source = self.sources[name]
        content = path.read_bytes()
        rows = reading.typed(tables.read(content, where), name, source, _fetched_at(path, where))
        rows["file"] = where
        if said.rows is not None and said.rows != len(rows):
            self.notes.append(f"{where}: {len(rows)} rows, {said.rows} were fetched")
        elif said.sha256 is not None and said.sha256 != files.sha256(content):
            self.notes.append(f"{where}: the file is not, byte for byte, what was fetched")
        if source.series:
            self.notes += [f"{where}: {jump}; a slip of units?" for jump in reading.jumps(rows)]
        return rows

    @staticmethod
    def _fetch(path: Path, where: str) -> Fetch:
        beside, fetched_at = path.with_suffix(".toml"), _fetched_at(path, where)
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
        types = {
            column: attribute.type for source in self.sources.values() for column, attribute in source.columns.items()
        }
        together = pd.concat([frame.drop(columns=["line", "file"]) for frame in frames], ignore_index=True)
        for column, kind in types.items():
            if kind == "text":
                together[column] = together[column].fillna("")
        return together.sort_values(KEY, kind="stable").reset_index(drop=True)


def _text(path: Path, where: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DataError("the file is missing", where, hint="is this the data folder of a desk?") from None
    except UnicodeDecodeError as problem:
        raise DataError("the file is not UTF-8", where, str(problem)) from None


def _fetched_at(path: Path, where: str) -> date:
    try:
        return date.fromisoformat(path.stem)
    except ValueError:
        raise DataError("the file is not called after the day of its fetch", where, hint="2026-11-22.csv") from None


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
