"""The speed bench: time goes to the stage that a line began, tables are markdown, options are checked."""

import socket
from pathlib import Path

import measured
import pytest
import steps

ROOT = Path(__file__).parents[1]


def test_seconds_go_to_the_stage_that_a_line_began() -> None:
    said = [
        (2.0, "gulf as of 2026-07-24: 12,000 events known, 60 questions"),
        (2.5, "proxy_attacks.additive: compiling, some seconds; about a minute the first time on a machine"),
        (6.5, "proxy_attacks.additive: sampling from proxy_attacks.additive-0123"),
        (16.5, "proxy_attacks.additive: 1,200 of 6,400 draws, 0 divergences, about 40 s left"),
        (20.5, "proxy_attacks.additive: converged, R-hat 1.002, effective draws 900"),
        (21.5, "proxy_attacks.log: sampling"),
        (29.5, "proxy_attacks.log: converged, R-hat 1.002, effective draws 900"),
        (31.5, "writing the report"),
    ]
    assert steps.spent(said, 33.0) == {
        "start and read": 2.0,
        "panels, futures, answers": 0.5 + 1.0 + 2.0,
        "compile": 4.0,
        "sample additive": 14.0,
        "sample log": 8.0,
        "report": 1.5,
    }


def test_a_table_has_all_columns_in_every_row() -> None:
    rows = [steps.row("read", 1.0), steps.row("fit", 2.0, "well")]
    assert measured.table(steps.COLUMNS, rows).splitlines() == [
        "| step | seconds | what it was |",
        "| --- | ---: | --- |",
        "| read | 1.00 |  |",
        "| fit | 2.00 | well |",
    ]


def test_the_machine_is_described_and_not_named() -> None:
    found = f"{measured.machine()} {measured.versions()}"
    assert "cores" in found
    assert "numba" in found
    assert socket.gethostname() not in found.split()
    assert str(ROOT) not in found


def test_every_stage_that_the_bench_knows_is_said_by_the_program() -> None:
    text = (ROOT / "forecast/reports.py").read_text() + (ROOT / "forecast/fitting.py").read_text()
    assert all(word in text for word in steps.STAGES)


@pytest.mark.parametrize("wrong", [["--fast"], ["--repeats", "0"], ["--parts", "all"], ["--samplers", "stan"]])
def test_what_it_does_not_know_is_an_error(wrong: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["steps.py", *wrong])
    with pytest.raises(SystemExit, match="2"):
        steps.options()
