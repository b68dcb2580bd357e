"""Progress is told where it can be read: bars on a terminal, lines now and then elsewhere."""

import io
from types import SimpleNamespace

import pytest

from forecast import progress


def chains(done: int, seconds: float, divergences: int = 0) -> list[SimpleNamespace]:
    one = SimpleNamespace(
        finished_draws=done, total_draws=1000, divergences=divergences, step_size=0.25, runtime_ms=1000 * seconds
    )
    return [one, one]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_lines_come_every_ten_seconds_with_the_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    with progress.watch(stream)("strikes") as tick:
        for second in range(26):
            tick(chains(done=20 * second, seconds=second, divergences=1))
    assert stream.getvalue().splitlines() == [
        "strikes: 400 of 2,000 draws, 2 divergences, about 40 s left",
        "strikes: 800 of 2,000 draws, 2 divergences, about 30 s left",
    ]
    assert capsys.readouterr().out == ""


def test_a_terminal_gets_a_bar_for_each_chain() -> None:
    stream = Terminal()
    with progress.watch(stream)("strikes") as tick:
        tick(chains(done=500, seconds=3, divergences=4))
    said = stream.getvalue()
    assert "strikes, chain 1" in said
    assert "strikes, chain 2" in said
    assert "4 divergences, step 0.25" in said


def test_a_dumb_terminal_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    stream = Terminal()
    with progress.watch(stream)("strikes") as tick:
        tick(chains(done=500, seconds=20))
    assert stream.getvalue() == "strikes: 1,000 of 2,000 draws, 0 divergences, about 20 s left\n"
