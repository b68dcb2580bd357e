"""The tutorials are true: files are written and commands run, in their order, and what is promised comes."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BLOCK = r"(?:^`(?P<name>[\w./-]+)`:\n\n)?```(?P<kind>sh|csv|toml|python)\n(?P<text>.*?)```"
STEP = re.compile(BLOCK, re.DOTALL | re.MULTILINE)


def followed(page: str, root: Path, program: Path) -> subprocess.CompletedProcess[str]:
    """Go through a page in one shell; files stand where it has gone to, and `forecast` is the package in a folder."""
    shim = root / "bin" / "forecast"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec {sys.executable} -P -m forecast.cli "$@"\n', encoding="utf-8")
    shim.chmod(0o755)
    script = ["set -eu"]
    for step in STEP.finditer((ROOT / "docs" / page).read_text(encoding="utf-8")):
        if step["kind"] == "sh":
            script.append(step["text"])
        else:
            script.append(f"mkdir -p $(dirname {step['name']})\ncat > {step['name']} <<'END'\n{step['text']}END")
    environment = {**os.environ, "PATH": f"{shim.parent}:{os.environ['PATH']}", "PYTHONPATH": str(program)}
    line = ["sh", "-c", "\n".join(script)]
    done = subprocess.run(
        line, cwd=root, env={**environment, "NO_COLOR": "1"}, capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, done.stderr
    return done


def checkout(root: Path) -> Path:
    """Copy the package, so that a tutorial may add to it."""
    shutil.copytree(ROOT / "forecast", root / "forecast", ignore=shutil.ignore_patterns("__pycache__"))
    return root


@pytest.mark.slow
def test_from_a_csv_to_a_pdf(tmp_path: Path) -> None:
    said = followed("tutorial.md", tmp_path, ROOT).stdout
    assert said.count("grain: 4 added, 1 revised, 0 retracted, 0 known already; looked at through 2026-11-06") == 2
    assert "→ 247.9 (known" in said
    report = tmp_path / "desk" / "reports" / "grain" / "2026-11-06"
    assert (report / "report.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "desk" / "book.db").exists()


@pytest.mark.slow
def test_a_report_is_read(tmp_path: Path) -> None:
    said = followed("reading-a-report.md", tmp_path, ROOT).stdout
    first = re.search(r"^Grain rises: \+5 % by 2026-12-01: (\d+)% \[", said, re.MULTILINE)
    assert first is not None
    assert f"{first[1]} % means" in (ROOT / "docs" / "reading-a-report.md").read_text(encoding="utf-8")
    assert "report.pdf: same bytes" in said


@pytest.mark.slow
def test_a_source_is_added(tmp_path: Path) -> None:
    said = followed("adding-a-source.md", tmp_path, checkout(tmp_path)).stdout
    assert "closures.csv: list of closures, six columns" in said
    assert "1 rows are left out by `entity`" in said
    assert "harbours: 2 added" in said
    assert "harbours: looked at through 2026-10-06" in said


@pytest.mark.slow
def test_a_family_is_added(tmp_path: Path) -> None:
    done = followed("adding-a-family.md", tmp_path, checkout(tmp_path))
    assert "models/steady.toml: Incidents at a steady rate" in done.stdout
    assert (tmp_path / "desk" / "reports" / "steady" / "2026-11-01" / "report.pdf").exists()
    assert "a steady rate, exact posterior" in done.stdout
