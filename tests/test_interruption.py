"""Ctrl-C while chains are drawn ends at once, leaves nothing half-done and nobody behind, and keeps what was done."""

import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from forecast import cli, posteriors
from forecast.ledger import Ledger
from forecast.register import Register
from tests.conftest import copy_desk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
SOON = 2.0  # seconds
TWO_FITS = """
name = "two"
title = "Two fits"
summary = "The members of a pool are fitted one after the other."
models = ["proxy_attacks"]
baselines = ["attacks_climatology"]
questions = ["attacks"]
sources = ["attacks", "context"]
as_of = 2019-05-17

[domains]
attacks = "Attacks"
"""
WALK = ["backtest", "--brief", "oil", "--from", "2019-01-15", "--to", "2019-03-15", "--workers", "2"]
Child = subprocess.Popen[str]


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    return copy_desk(tmp_path / "desk")


def begun(desk: Path, *words: str) -> Child:
    """Begin a command, in a group of processes of its own as a terminal would."""
    line, pipe = [sys.executable, "-m", "forecast.cli", *words], subprocess.PIPE
    return subprocess.Popen(line, cwd=desk, stdout=pipe, stderr=pipe, text=True, start_new_session=True)


def told(child: Child, word: str) -> list[str]:
    """Read what it tells up to a line with a word."""
    lines: list[str] = []
    for line in child.stderr or ():
        lines.append(line)
        if word in line:
            return lines
    raise AssertionError("".join(lines))


def left(group: int) -> list[str]:
    """List the processes of a group that still run."""
    every = [path.read_text() for path in Path("/proc").glob("[0-9]*/stat")]
    fields = [line.rpartition(")")[2].split() for line in every]
    return [line for line, (state, _, its, *_) in zip(every, fields, strict=True) if its == str(group) and state != "Z"]


def broken_off(child: Child, by: signal.Signals = signal.SIGINT) -> None:
    """Send a signal to all of the group, as Ctrl-C does, and see it end."""
    os.killpg(child.pid, by)
    began = time.perf_counter()
    out, said = child.communicate(timeout=60)
    assert time.perf_counter() - began < SOON
    assert (child.returncode, out) == (128 + by, "")
    assert cli.INTERRUPTED in said
    assert "Traceback" not in said
    while left(child.pid) and time.perf_counter() - began < SOON:
        time.sleep(0.05)
    assert not left(child.pid)


def half_done(desk: Path) -> list[Path]:
    """List files that are written first, to be moved into place."""
    return [path for path in desk.rglob("*") if path.name.startswith(".") and path.name != ".lock"]


def test_a_run_that_is_broken_off_keeps_the_fits_that_are_done(desk: Path) -> None:
    (desk / "reports" / "briefs" / "two.toml").write_text(TWO_FITS, encoding="utf-8")
    child = begun(desk, "run", "--brief", "two")
    said = told(child, "proxy_attacks.additive: sampling")
    assert "about a minute the first time on a machine" in said[-2]
    told(child, "proxy_attacks.log: sampling")
    time.sleep(1)
    broken_off(child)
    (kept,) = (desk / "models" / "fitted").glob("*.nc")
    assert posteriors.load(kept) is not None
    assert half_done(desk) == list((desk / "reports").glob("two/2019-*")) == []

    child = begun(desk, "run", "--brief", "two")
    assert "proxy_attacks.additive: posterior found" in told(child, "proxy_attacks.log: compiling")[-2]
    broken_off(child, signal.SIGTERM)


def test_a_walk_that_is_broken_off_goes_on_where_it_was(desk: Path) -> None:
    child = begun(desk, *WALK)
    while len(left(child.pid)) < 3:  # it, what counts the resources of workers, and a worker
        assert child.poll() is None
        time.sleep(0.1)
    time.sleep(3)
    broken_off(child)
    assert days(desk) == set()

    child = begun(desk, *WALK)
    told(child, "oil as of 2019-01-15: ")
    broken_off(child)
    assert days(desk) == {date(2019, 1, 15)}
    assert half_done(desk) == list(desk.glob("book.db-journal")) == []

    child = begun(desk, *WALK)
    _, said = child.communicate()
    assert child.returncode == 0, said
    assert "as of 2019-01-15" not in said
    assert days(desk) == {date(2019, 1, 15), date(2019, 2, 15), date(2019, 3, 15)}


def days(desk: Path) -> set[date]:
    """List the days that stand in the desk's book, which is whole."""
    book = Ledger(f"sqlite:///{desk / 'book.db'}")
    assert book.verify() is None
    return set(Register(book.rows()).days("oil"))
