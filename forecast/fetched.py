"""The fetches of a source as they lie on disk: which files, of which days, and what is said beside them."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from forecast import catalogue
from forecast.catalogue import Fetch, Source
from forecast.errors import DataError


@dataclass(frozen=True)
class Kept:
    """A fetch on disk: its file, the day of it, the how manieth of that day it is, and what is said beside it."""

    path: Path
    where: str
    fetched_at: date
    number: int
    said: Fetch


def fetches(root: Path, name: str, source: Source) -> list[Kept]:
    """Find the fetches of a source, oldest first.

    Parameters
    ----------
    root : Path
        The desk's `data` folder.
    name : str
        Of the source.
    source : Source

    Raises
    ------
    DataError
        If a file is kept or called otherwise than it should be, or nothing says how far it looked.
    """
    found, folder, kept = [], root / "events" / name, source.store
    for path in folder.glob("*.csv" if kept == "parquet" else "*.parquet"):
        why, hint = f"`{name}` is kept as {kept}, and this file would be left out", "add what it holds again"
        raise DataError("the file is not kept as its source is", f"data/events/{name}/{path.name}", why, hint)
    for path in folder.glob(f"*.{kept}"):
        where = f"data/events/{name}/{path.name}"
        fetched_at, number = _when(path, where)
        found.append(Kept(path, where, fetched_at, number, _said(path, where, fetched_at)))
    return sorted(found, key=lambda kept: (kept.fetched_at, kept.number))


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
    where = where.removesuffix(path.suffix) + ".toml"
    said = catalogue.fetch(text(beside, where), where)
    if said.through > fetched_at:
        why = f"it was fetched on {fetched_at}"
        raise DataError(f"the fetch cannot have looked through {said.through}", f"{where}, through", why)
    return said


def text(path: Path, where: str) -> str:
    """Read a file of text at a desk.

    Raises
    ------
    DataError
        If it is missing or not UTF-8.
    """
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
