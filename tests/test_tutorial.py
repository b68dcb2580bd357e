"""The tutorial is true: its files are written and its commands run, in their order, and what it promises comes."""

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "tutorial.md"
STEP = re.compile(
    r"(?:^`(?P<name>[\w./-]+)`:\n\n)?```(?P<kind>sh|csv|toml)\n(?P<text>.*?)```", re.DOTALL | re.MULTILINE
)


def test_every_step_of_the_tutorial_does_what_it_says(tmp_path: Path) -> None:
    """One shell goes through the page; files stand where it has gone to."""
    program = tmp_path / "bin" / "forecast"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -P -m forecast.cli "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    script = ["set -eu"]
    for step in STEP.finditer(PAGE.read_text(encoding="utf-8")):
        if step["kind"] == "sh":
            script.append(step["text"])
        else:
            script.append(f"mkdir -p $(dirname {step['name']})\ncat > {step['name']} <<'END'\n{step['text']}END")
    environment = {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}", "NO_COLOR": "1"}
    environment["PYTHONPATH"] = str(PAGE.parents[1])
    line = ["sh", "-c", "\n".join(script)]
    done = subprocess.run(line, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    said = done.stdout
    assert said.count("grain: 4 added, 1 revised, 0 retracted, 0 known already; looked at through 2026-11-06") == 2
    assert "→ 247.9 (known" in said
    report = tmp_path / "desk" / "reports" / "grain" / "2026-11-06"
    assert (report / "report.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "desk" / "book.db").exists()
