"""What the machine offers: versions, places to write, fonts, the clock; each finding says what to do if it is bad."""

import importlib.metadata
import os
import platform
import re
import shutil
import sqlite3
import subprocess
import sys
import sysconfig
import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from forecast.desk import Desk
from forecast.errors import ForecastError
from forecast.folder import find
from forecast.report.marks import FONT

OLDEST = (3, 12)
OLDEST_SQLITE = (3, 35)  # no book was tried with an older one
DISK = 1_000_000_000
NAMED = 5  # of many libraries
DAY = timedelta(days=1)  # of a source is over elsewhere before it is here
EXTRAS = {"big": "duckdb", "elicit": "preliz", "postgres": "psycopg", "scale": "distributed"}  # extra -> its library
# PyTensor says where it keeps compiled models only once it is imported, and cannot be imported where it may not write.
CACHE = """
import tempfile
from pytensor.link.numba.cache import NUMBA_CACHE_PATH
with tempfile.TemporaryFile(dir=NUMBA_CACHE_PATH):
    print(NUMBA_CACHE_PATH)
"""


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
    """Look at Python, libraries, the desk, disk, cache, fonts and clock.

    Parameters
    ----------
    folder : Path
        Where the desk is looked for.
    """
    desk, through = _desk(folder)
    machine = [_python(), _libraries(folder), _extras(), _sqlite(), desk, _disk(folder), _cores()]
    return [*machine, _compiled(), _fonts(), _clock(folder, through)]


def _python() -> Finding:
    well = sys.version_info[:2] >= OLDEST
    return Finding("Python", platform.python_version(), well, "uv sync installs one that fits")


def _libraries(folder: Path) -> Finding:
    """Look whether all that is needed is here, in the versions of the lock where there is one."""
    needed = [line for line in importlib.metadata.requires("brinkcast") or [] if "extra ==" not in line]
    names = [re.split(r"[^\w.-]", line)[0] for line in needed]
    missing = [name for name in names if not _installed(name)]
    if missing:
        return Finding("libraries", f"missing: {', '.join(missing)}", False, "uv sync")
    try:
        locked = _locked(folder)
    except (OSError, ValueError) as problem:
        return Finding("libraries", f"uv.lock cannot be read: {problem}", False, "uv lock, then uv sync")
    here = _beside()
    others = [
        f"{name} {here[name]}, not {version}" for name, version in locked.items() if here.get(name, version) != version
    ]
    if others:
        named = "; ".join(others[:NAMED]) + (f"; and {len(others) - NAMED} more" if len(others) > NAMED else "")
        return Finding("libraries", f"other versions than in uv.lock: {named}", False, "uv sync")
    return Finding(
        "libraries", f"{len(names)} needed, all here, {'as in uv.lock' if locked else 'and no uv.lock'}", True
    )


def _locked(folder: Path) -> dict[str, str]:
    """Read the nearest lock that holds this program, upward from the desk, else from here: library -> version."""
    for place in (folder, *folder.parents, *Path(__file__).parents):
        if (place / "uv.lock").exists():
            packages = tomllib.loads((place / "uv.lock").read_text(encoding="utf-8")).get("package", [])
            found = {package["name"]: package["version"] for package in packages if "version" in package}
            if "brinkcast" in found:
                return found
    return {}


def _beside() -> dict[str, str]:
    """List the versions of what is installed where this Python installs; libraries bring copies of others along."""
    places = {sysconfig.get_path(name) for name in ("purelib", "platlib")}
    found = importlib.metadata.distributions(path=list(places))
    return {re.sub(r"[-_.]+", "-", one.name).lower(): one.version for one in found}


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
    well = sqlite3.sqlite_version_info[:2] >= OLDEST_SQLITE
    return Finding("SQLite", sqlite3.sqlite_version, well, "use a newer Python, which brings a newer SQLite: uv sync")


def _desk(folder: Path) -> tuple[Finding, date | None]:
    """Look at the desk, and say how far any of its sources was looked at."""
    try:
        root = find(folder)
        through = Desk(root).archive.through
    except ForecastError as refusal:
        return Finding("desk", refusal.what, False, refusal.hint), None
    newest = max(through.values(), default=None)
    seen = f"looked at through {newest}" if newest else "none of which has events yet"
    return Finding("desk", f"{root}, {len(through)} sources, {seen}", True), newest


def _disk(folder: Path) -> Finding:
    there = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(there).free
    return Finding("free disk", f"{free / 1e9:.1f} GB", free > DISK, "free at least 1 GB")


def _cores() -> Finding:
    return Finding("processors", str(os.cpu_count()), True)


def _compiled() -> Finding:
    """Look where compiled models are kept, and whether that can be written: without it no model is fitted."""
    done = subprocess.run([sys.executable, "-c", CACHE], capture_output=True, text=True)  # noqa: S603  # our own
    well = done.returncode == 0
    found = "".join((done.stdout if well else done.stderr).splitlines()[-1:])
    hint = "set PYTENSOR_FLAGS=base_compiledir=FOLDER, a folder that you may write, or HOME"
    return Finding("compiled models", found, well, hint)


def _fonts() -> Finding:
    import typst

    fonts: Any = typst.Fonts
    with as_file(files("forecast.report") / "templates" / "fonts") as folder:
        well = FONT in fonts(include_system_fonts=False, font_paths=[str(folder)]).families()
    return Finding("fonts", FONT if well else f"{FONT} is missing", well, "uv sync --reinstall-package brinkcast")


def _clock(folder: Path, through: date | None) -> Finding:
    """Look whether it is later than what sources have told: a forecast bears the time at which it was written."""
    now = Desk(folder).now()
    well = through is None or now.date() + DAY >= through
    found = f"{now:%Y-%m-%d %H:%M} UTC" + ("" if well else f", before {through}, through which a source was looked at")
    return Finding("clock", found, well, "set the clock of the machine, best from a time server")
