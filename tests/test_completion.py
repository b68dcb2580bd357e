"""Bash, zsh and fish complete commands."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = {"bash": "complete -o default", "zsh": "#compdef forecast", "fish": "complete --command forecast"}
ASKS = {
    "bash": {"COMP_WORDS": "forecast da", "COMP_CWORD": "1"},
    "zsh": {"_TYPER_COMPLETE_ARGS": "forecast da"},
    "fish": {"_TYPER_COMPLETE_ARGS": "forecast da", "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
}


def answered(at: Path, **variables: str) -> str:
    """Run `forecast` as a shell does that wants to complete a line."""
    line = [sys.executable, "-m", "forecast.cli"]
    done = subprocess.run(line, cwd=at, env={**os.environ, **variables}, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("shell", SCRIPTS)
def test_a_shell_gets_its_script(shell: str, tmp_path: Path) -> None:
    said = answered(tmp_path, _FORECAST_COMPLETE=f"source_{shell}")
    assert SCRIPTS[shell] in said
    assert f"_FORECAST_COMPLETE=complete_{shell}" in said


@pytest.mark.parametrize("shell", ASKS)
def test_the_beginning_of_a_command_is_completed(shell: str, tmp_path: Path) -> None:
    said = answered(tmp_path, _FORECAST_COMPLETE=f"complete_{shell}", **ASKS[shell])
    assert "data" in said
    assert "doctor" not in said


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash here")
def test_the_script_is_that_of_the_shell_that_asks(tmp_path: Path) -> None:
    line = f"{sys.executable} -m forecast.cli --show-completion; true"  # bash stays, to be seen
    done = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True)
    assert SCRIPTS["bash"] in done.stdout, done.stderr
