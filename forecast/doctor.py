"""What the machine offers: versions, places to write, fonts; each finding says what to do if it is bad."""

import importlib.metadata
import os
import platform
import shutil
import sqlite3
import sys
from dataclasses import dataclass
from pathlib import Path

from forecast.errors import ForecastError
from forecast.folder import Folder, find

OLDEST = (3, 12)
DISK = 1_000_000_000
EXTRAS = {"big": "duckdb", "elicit": "preliz", "postgres": "psycopg", "scale": "distributed"}  # extra -> its library


@dataclass(frozen=True)
class Finding:
    """One thing looked at: its name, what was found, whether it will do, and what to do if not."""

    name: str
    found: str
    well: bool
    hint: str = ""

    def __str__(self) -> str:
        mark = "ok  " if self.well else "FAIL"
        return f"{mark}  {self.name}: {self.found}" + (
            f"\n      hint: {self.hint}" if self.hint and not self.well else ""
        )


def findings(folder: Path) -> list[Finding]:
    """Look at Python, libraries, the desk, disk and caches.

    Parameters
    ----------
    folder : Path
        Where the desk is looked for.
    """
    return [_python(), _libraries(), _extras(), _sqlite(), _desk(folder), _disk(folder), _cores(), _writable()]


def _python() -> Finding:
    well = sys.version_info[:2] >= OLDEST
    return Finding("Python", platform.python_version(), well, "uv sync installs one that fits")


def _libraries() -> Finding:
    needed = [line for line in importlib.metadata.requires("brinkcast") or [] if "extra ==" not in line]
    names = [line.split(";")[0].split(">")[0].split("<")[0].split("=")[0].strip() for line in needed]
    missing = [name for name in names if not _installed(name)]
    found = f"{len(names)} needed, all here" if not missing else f"missing: {', '.join(missing)}"
    return Finding("libraries", found, not missing, "uv sync")


def _extras() -> Finding:
    """Say which optional parts are here; none is needed."""
    there = {extra: _installed(library) for extra, library in EXTRAS.items()}
    said = ", ".join(f"{extra} {version or 'not here'}" for extra, version in there.items())
    return Finding("extras", said, True)


def _installed(library: str) -> str:
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _sqlite() -> Finding:
    return Finding("SQLite", sqlite3.sqlite_version, True)


def _desk(folder: Path) -> Finding:
    try:
        root = find(folder)
        through = Folder(root).archive.through
    except ForecastError as refusal:
        return Finding("desk", refusal.what, False, refusal.hint)
    seen = f"looked at through {max(through.values())}" if through else "none of which has events yet"
    return Finding("desk", f"{root}, {len(through)} sources, {seen}", True)


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    return Finding("free disk", f"{free / 1e9:.1f} GB", free > DISK, "free at least 1 GB")


def _cores() -> Finding:
    return Finding("processors", str(os.cpu_count()), True)


def _writable() -> Finding:
    home = Path.home()
    return Finding(
        "home folder", str(home), os.access(home, os.W_OK), "caches go to a temporary folder instead; set HOME"
    )
