"""Codes of refusals: every one listed, none twice, each explained; and how the program ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import refusals as listing

from forecast import cli, errors, refusals
from forecast.errors import ForecastError
from tests.conftest import Command


def test_every_refusal_is_listed_with_its_code() -> None:
    entries = listing.numbered(list(listing.found()), listing.kept())
    assert listing.FILE.read_text(encoding="utf-8") == listing.catalogue(entries)
    assert listing.PAGE.read_text(encoding="utf-8") == listing.page(entries)
    codes = [entry["code"] for entry in entries]
    assert len(codes) == len(set(codes)) > 200


def test_a_code_stays_when_others_come_and_go() -> None:
    one, two, three = ({"code": "D", "room": "here", "what": what} for what in ("first", "second", "third"))
    before = listing.numbered([one, two], [])
    assert [entry["code"] for entry in before] == ["BC-D001", "BC-D002"]
    after = {str(entry["what"]): entry for entry in listing.numbered([three, two], before)}
    assert {what: entry["code"] for what, entry in after.items()} == {
        "first": "BC-D001",
        "second": "BC-D002",
        "third": "BC-D003",
    }
    assert after["first"]["retired"] is True


@pytest.mark.parametrize("name", refusals.entries())
def test_every_code_is_found_by_its_words_and_explained(name: str) -> None:
    entry = refusals.entries()[name]
    kind = dict(refusals.LETTERS)[name[3]]
    refusal = kind(entry["what"].replace(refusals.GAP, "x"), "here")
    found = refusals.entries()[refusals.code(refusal)]
    assert found["code"] == name or len(found["what"]) >= len(entry["what"])  # a more special one may fit too
    assert refusals.told(refusal).startswith(f"error[{found['code']}]: ")
    assert f"(exit code {kind.exit_code})" in refusals.explained(name)


def test_every_kind_of_refusal_has_a_letter() -> None:
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ForecastError)}
    assert {kind for _, kind in refusals.LETTERS} == kinds - {ForecastError}
    for letter, kind in refusals.LETTERS:
        assert refusals.code(kind("nobody ever said this")) == f"BC-{letter}000"
        assert refusals.FAMILIES[letter] in refusals.explained(f"BC-{letter}000")


def test_a_code_that_is_not_there_is_refused_with_its_look_alike(tmp_path: Path, command: Command) -> None:
    done = command("explain-error", "BC-D01", at=tmp_path)
    assert done.returncode == 2
    assert "did you mean `BC-" in done.stderr


BROKEN = "import forecast.cli as cli, forecast.doctor as d\ndef f(_): raise KeyError('x')\nd.findings = f\ncli.main()"


@pytest.mark.parametrize("debug", ["", "1"])
def test_a_bug_of_ours_ends_with_exit_code_70_and_shows_itself_if_asked(debug: str) -> None:
    environment = {**os.environ, "FORECAST_DEBUG": debug}
    line = [sys.executable, "-c", BROKEN, "doctor"]
    done = subprocess.run(line, capture_output=True, text=True, env=environment)
    assert done.returncode == 70
    assert "error[BC-I000]: something broke that should not have" in done.stderr
    assert "why: KeyError: 'x'" in done.stderr
    assert ("Traceback" in done.stderr) == bool(debug)


def test_a_termination_ends_with_exit_code_143(tmp_path: Path) -> None:
    waiting = "import forecast.cli as cli, forecast.doctor as d, time\n"
    waiting += "def f(_): print('waiting', flush=True); time.sleep(60)\nd.findings = f\ncli.main()"
    process = subprocess.Popen(
        [sys.executable, "-c", waiting, "doctor"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"
    began = time.perf_counter()
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=20)
    assert time.perf_counter() - began < 2
    assert (process.returncode, said) == (143, f"{cli.INTERRUPTED}\n")
