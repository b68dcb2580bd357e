"""The folder of a site: written whole or not at all, and never over files that are not a site's."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from forecast import files, site
from forecast.desk import Desk
from forecast.errors import EnvironmentFault, UsageError
from forecast.ledger import Row
from forecast.site.addresses import HOME

LIST = "site.json"  # names the files of a site, so that they can be told from others


def publish(desk: Desk, address: str, folder: Path) -> Path:
    """Write the pages of a book into a folder.

    Parameters
    ----------
    desk : Desk
    address : str
        Of the book; the desk's own if blank.
    folder : Path
        A new or empty one, or one that holds a site, which is replaced.

    Returns
    -------
    Path
        The first page.

    Raises
    ------
    UsageError
        If the book holds no forecast, or the folder other files than those of a site.
    DataError
        If the book is not whole.
    EnvironmentFault
        If the disk refuses; what lay there stays as it was.
    """
    to = folder.resolve()
    _check(to)
    rows = desk.rows(address)
    if not any(row.kind == "forecast" for row in rows):
        raise UsageError("the book holds no forecast, so there is nothing to show", hint="forecast issue --brief NAME")
    desk.say(f"{len(rows):,} rows read; writing pages")
    with _told(folder):
        to.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{to.name}.", dir=to.parent, ignore_cleanup_errors=True) as aside:
            new = Path(aside) / "new"
            desk.say(f"{_write(new, rows):,} pages written")
            _swap(new, to, Path(aside) / "old")
    return folder / HOME


def _check(folder: Path) -> None:
    """Refuse a folder that holds what no site has put there."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UsageError("this is a file, and no folder", str(folder), hint="name another")
    there = {path.name for path in folder.iterdir()}
    others = sorted(there - _listed(folder))
    if others:
        why = f"it holds `{others[0]}`, which is no page of a site"
        raise UsageError("this folder holds other files than a site", str(folder), why, "name a new or empty folder")


def _listed(folder: Path) -> set[str]:
    """Read which files a site put there; none if there is none."""
    try:
        return {LIST, *json.loads((folder / LIST).read_text(encoding="utf-8"))["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _write(folder: Path, rows: list[Row]) -> int:
    """Write all pages into a new folder, and say how many."""
    folder.mkdir()
    written = {}
    for name, content in site.pages(rows):
        _put(folder / name, content)
        written[name] = files.sha256(content)
    about = {"head": f"{rows[-1].sequence}:{rows[-1].seal}", "files": written}
    _put(folder / LIST, json.dumps(about, indent=1, sort_keys=True).encode())
    return len(written)


def _put(path: Path, content: bytes) -> None:
    """Write a file that nobody looks at yet, so that it outlives a loss of power."""
    with path.open("xb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def _swap(new: Path, folder: Path, old: Path) -> None:
    """Let a folder take the place of another, which comes back if that fails."""
    if folder.exists():
        os.rename(folder, old)
    try:
        os.rename(new, folder)
    except BaseException:
        if old.exists():
            os.rename(old, folder)
        raise


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Say of a disk that refuses where it did, and what to do."""
    try:
        yield
    except OSError as problem:
        why = f"{problem.strerror or problem}: {problem.filename or folder}"
        raise EnvironmentFault("cannot write the site", str(folder), why, "free space or allow writing there") from None
