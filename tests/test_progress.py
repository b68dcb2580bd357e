"""Progress is told where it can be read: bars on a terminal, lines now and then elsewhere."""

import io
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from forecast import progress
from forecast.desk import Desk
from tests.conftest import Reported


def chain(done: int, divergences: int = 0) -> SimpleNamespace:
    return SimpleNamespace(finished_draws=done, total_draws=1000, divergences=divergences, step_size=0.25)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    """A clock that a test sets."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_lines_come_every_ten_seconds_with_the_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    """Though a second pair of chains begins only when the first has ended, and knows nothing of its time."""
    stream, clock = io.StringIO(), Clock()
    with progress.watch(stream, clock)("strikes") as tick:
        for second in range(46):
            clock.now = 100.0 + second
            first, then = min(50 * max(second - 10, 0), 1000), min(50 * max(second - 30, 0), 1000)
            tick([chain(first, 1), chain(first), chain(then), chain(then)])
    assert stream.getvalue().splitlines() == [
        "strikes: 0 of 4,000 draws, 1 divergences",
        "strikes: 1,000 of 4,000 draws, 1 divergences, about 60 s left",
        "strikes: 2,000 of 4,000 draws, 1 divergences, about 30 s left",
        "strikes: 3,000 of 4,000 draws, 1 divergences, about 13 s left",
    ]
    assert capsys.readouterr().out == ""


def test_a_terminal_gets_a_bar_for_each_chain_that_fits_into_its_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    stream = Terminal()
    with progress.watch(stream)("strikes") as tick:
        tick([chain(500, 12), chain(250)])
    said = stream.getvalue()
    for line in ("500/1,000, 12 divergences, step 0.25", "250/1,000, 0 divergences, step 0.25"):
        assert line in said
    assert re.search(r"chain 1 .*500/.*\n.*chain 2 .*250/", said)
    assert "━" * 20 in re.sub(r"\x1b\[[0-9;]*m", "", said).replace("╸", "━").replace("╺", "━")


def test_a_dumb_terminal_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    stream, clock = Terminal(), Clock()
    with progress.watch(stream, clock)("strikes") as tick:
        clock.now += 20
        tick([chain(500), chain(500)])
    assert stream.getvalue() == "strikes: 1,000 of 2,000 draws, 0 divergences, about 20 s left\n"


def test_a_stage_within_another_is_counted_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, said = Clock(), list[str]()
    monkeypatch.setattr("forecast.desk.time", SimpleNamespace(perf_counter=clock))
    desk = Desk(tmp_path, said.append)
    for _ in range(2):  # the second time is not added to the first
        with desk.timed():
            with desk.stage("forecast"):
                clock.now += 3
                for _ in range(2):
                    with desk.stage("sample"):
                        clock.now += 20
            with desk.stage("read"):
                clock.now += 0.01
    assert said == ["took 43.0 s: sample 40.0 s, forecast 3.0 s"] * 2


def test_a_run_ends_with_its_stages_and_their_times(reported: Reported) -> None:
    last = reported.done.stderr.splitlines()[-1]
    found = re.fullmatch(r"took ([\d.]+) s: (.+)", last)
    assert found, last
    stages = dict(each.removesuffix(" s").rsplit(" ", 1) for each in found[2].split(", "))
    assert {"read", "forecast", "write"} <= set(stages)
    assert sum(map(float, stages.values())) == pytest.approx(float(found[1]), abs=0.5)
