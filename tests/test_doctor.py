"""What is not well with a machine is found, and what to do about it is said."""

import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest

from forecast import doctor
from forecast.desk import Desk

LOOKED_AT = [
    "Python",
    "libraries",
    "extras",
    "SQLite",
    "desk",
    "free disk",
    "processors",
    "compiled models",
    "fonts",
    "clock",
]
LOCK = 'version = 1\n[[package]]\nname = "brinkcast"\nversion = "0"\n[[package]]\nname = "numpy"\nversion = "{}"\n'
Spoil = Callable[[pytest.MonkeyPatch, Path], None]


def old_library(_: pytest.MonkeyPatch, desk: Path) -> None:
    (desk / "uv.lock").write_text(LOCK.format("0.0.1"), encoding="utf-8")


def damaged_lock(_: pytest.MonkeyPatch, desk: Path) -> None:
    (desk / "uv.lock").write_text(LOCK.format('"'), encoding="utf-8")


def missing_library(patch: pytest.MonkeyPatch, _: Path) -> None:
    patch.setattr("importlib.metadata.requires", lambda _: ["no-such-library>=2; python_version > '3'"])


def old_python(patch: pytest.MonkeyPatch, _: Path) -> None:
    patch.setattr(doctor, "OLDEST", (99, 0))


def old_sqlite(patch: pytest.MonkeyPatch, _: Path) -> None:
    patch.setattr(sqlite3, "sqlite_version_info", (3, 8, 0))


def no_desk(_: pytest.MonkeyPatch, desk: Path) -> None:
    shutil.rmtree(desk / "models")


def full_disk(patch: pytest.MonkeyPatch, _: Path) -> None:
    patch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))


def no_cache(patch: pytest.MonkeyPatch, desk: Path) -> None:
    (desk / "file").touch()
    patch.setenv("PYTENSOR_FLAGS", f"base_compiledir={desk / 'file' / 'cache'}")


def no_font(patch: pytest.MonkeyPatch, _: Path) -> None:
    patch.setattr(doctor, "FONT", "A font of nobody")


def slow_clock(patch: pytest.MonkeyPatch, _: Path) -> None:
    patch.setattr(Desk, "now", lambda _: datetime(1970, 1, 1, tzinfo=UTC))


FAULTS: dict[Spoil, tuple[str, str]] = {
    old_library: ("libraries", "numpy"),
    damaged_lock: ("libraries", "uv.lock cannot be read"),
    missing_library: ("libraries", "missing: no-such-library"),
    old_python: ("Python", "3."),
    old_sqlite: ("SQLite", "3."),
    no_desk: ("desk", "there is no desk here"),
    full_disk: ("free disk", "0.0 GB"),
    no_cache: ("compiled models", "Not a directory"),
    no_font: ("fonts", "is missing"),
    slow_clock: ("clock", "1970-01-01"),
}


def test_a_machine_that_will_do_is_found_well(kept_desk: Path) -> None:
    found = doctor.findings(kept_desk)
    assert [one.name for one in found] == LOOKED_AT
    assert all(one.well for one in found), found
    assert "as in uv.lock" in found[1].found


def without_the_cache(patch: pytest.MonkeyPatch) -> None:
    """Spare the process that asks where compiled models are kept, which takes a second."""
    patch.setattr(doctor, "_compiled", lambda: doctor.Finding("compiled models", "a folder", True))


@pytest.mark.parametrize("spoil", FAULTS, ids=lambda spoil: spoil.__name__)
def test_a_fault_is_found_alone_and_says_what_to_do(spoil: Spoil, desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if spoil is not no_cache:
        without_the_cache(monkeypatch)
    spoil(monkeypatch, desk)
    (bad,) = [one for one in doctor.findings(desk) if not one.well]
    name, found = FAULTS[spoil]
    assert bad.name == name
    assert found in bad.found
    assert str(bad).startswith(f"FAIL  {name}: ")
    assert f"\n      hint: {bad.hint}" in str(bad)
    assert bad.hint


@pytest.mark.parametrize("lock", ["", LOCK.format("1").replace("brinkcast", "somebody-elses")])
def test_a_desk_without_a_lock_of_this_program_is_compared_with_none(
    lock: str, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_the_cache(monkeypatch)
    monkeypatch.setattr(doctor, "__file__", str(desk / "doctor.py"))
    (desk / "uv.lock").write_text(lock, encoding="utf-8")
    assert "no uv.lock" in doctor.findings(desk)[1].found


def test_a_copy_that_another_library_brings_along_is_not_compared(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_the_cache(monkeypatch)
    copy = desk / "vendored" / "ghost-1.dist-info"
    copy.mkdir(parents=True)
    (copy / "METADATA").write_text("Metadata-Version: 2.1\nName: ghost\nVersion: 1\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(copy.parent))
    lock = LOCK.replace("numpy", "ghost").format("2")
    (desk / "uv.lock").write_text(lock, encoding="utf-8")
    assert metadata.version("ghost") == "1"
    assert "ghost" not in doctor.findings(desk)[1].found


def test_a_folder_that_is_not_there_has_no_desk_and_breaks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_the_cache(monkeypatch)
    assert [one.name for one in doctor.findings(tmp_path / "no" / "folder") if not one.well] == ["desk"]
