"""A desk of one's own: laid out whole or not at all, in the wheel as in a checkout, and at work at once."""

import filecmp
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import invented
import pytest

from forecast import new_desk
from forecast.desk import Desk
from forecast.errors import UsageError
from tests.conftest import ROOT, Command

TEMPLATES = new_desk.templates()
SMALL = list(TEMPLATES)[1:]


@pytest.mark.parametrize("template", SMALL)
def test_a_new_desk_is_whole(template: str, tmp_path: Path) -> None:
    made = new_desk.lay_out(tmp_path / "mine", template)
    assert all(path.is_relative_to(tmp_path / "mine") for path in made)
    here = Desk(tmp_path / "mine")
    assert [line for line in here.check() if line.startswith("note")] == []
    assert here.named("") in here.names("reports/briefs")


def test_the_reference_desk_is_that_of_the_repository(tmp_path: Path) -> None:
    made = new_desk.lay_out(tmp_path / "mine", "gulf")
    own = [path.relative_to(tmp_path / "mine") for path in made if len(path.relative_to(tmp_path / "mine").parts) > 1]
    assert {path.parts[0] for path in own} == {"data", "models", "reports"}
    assert all(filecmp.cmp(ROOT / path, tmp_path / "mine" / path, shallow=False) for path in own)
    tracked = [*(ROOT / "models").glob("*.toml"), *(ROOT / "reports" / "briefs").glob("*.toml")]
    assert {path.relative_to(ROOT) for path in tracked} <= set(own)


def test_every_file_that_an_analyst_edits_begins_with_what_it_is(tmp_path: Path) -> None:
    for template in SMALL:
        edited = [path for path in new_desk.lay_out(tmp_path / template, template) if path.suffix == ".toml"]
        plain = [path for path in edited if "events" not in path.parts and not path.read_text().startswith("# ")]
        assert plain == []


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="something lies there already"):
        new_desk.lay_out(tmp_path, "counts")
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    with pytest.raises(UsageError, match="something lies there already"):
        new_desk.lay_out(tmp_path / "notes.txt", "counts")


def test_a_template_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        new_desk.lay_out(tmp_path / "mine", "count")
    assert refused.value.hint == "did you mean `counts`?"


def test_the_invented_records_are_those_that_the_seed_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invented, "DESKS", tmp_path)
    invented.main()
    made = [path.relative_to(tmp_path) for path in sorted(tmp_path.rglob("*.*"))]
    assert len(made) == 2 * len(SMALL)
    assert all(filecmp.cmp(tmp_path / path, ROOT / "forecast" / "desks" / path, shallow=False) for path in made)


def test_the_wheel_lays_out_every_template_outside_the_repository(tmp_path: Path) -> None:
    code = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    built = subprocess.run([sys.executable, "-c", code, tmp_path], cwd=ROOT, capture_output=True, text=True, check=True)
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(tmp_path / built.stdout.split()[-1]) as wheel:
        wheel.extractall(unpacked)
    assert not list(unpacked.rglob("fitted"))
    environment = {**os.environ, "PYTHONPATH": str(unpacked), "NO_COLOR": "1"}

    def command(*words: str, at: Path) -> str:
        line = [sys.executable, "-P", "-m", "forecast.cli", *words]
        return subprocess.run(line, cwd=at, env=environment, capture_output=True, text=True, check=True).stdout

    told = command("init", "mine", "--template", "gulf", at=tmp_path)
    assert TEMPLATES["gulf"] in told
    assert (tmp_path / "mine" / "reports" / "briefs" / "gulf.toml").exists()
    small = command("init", "small", "--template", "levels", at=tmp_path)
    assert TEMPLATES["levels"] in small
    assert "reports/briefs/grain.toml" in command("check", at=tmp_path / "small" / "data")
    where = [sys.executable, "-P", "-c", "import forecast; print(forecast.__file__)"]
    found = subprocess.run(where, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True).stdout
    assert str(unpacked) in found


@pytest.mark.slow
@pytest.mark.parametrize("template", SMALL)
def test_every_small_desk_makes_a_report_at_once(template: str, tmp_path: Path, command: Command) -> None:
    command("init", "mine", "--template", template, at=tmp_path)
    done = command("run", at=tmp_path / "mine" / "reports")
    assert done.returncode == 0, done.stderr
    assert "report.pdf" in done.stdout


def test_which_brief_is_meant_is_said_or_asked(tmp_path: Path) -> None:
    new_desk.lay_out(tmp_path / "mine", "counts")
    briefs = tmp_path / "mine" / "reports" / "briefs"
    here, text = Desk(tmp_path / "mine"), (briefs / "incidents.toml").read_text()
    assert (here.named(""), here.named("other")) == ("incidents", "other")
    (briefs / "weekly.toml").write_text(text.replace('name = "incidents"', 'name = "weekly"'))
    with pytest.raises(UsageError, match="which brief is meant") as refused:
        here.named("")
    assert refused.value.hint == "known: incidents, weekly"
    (briefs / "weekly.toml").write_text(text.replace('name = "incidents"', 'name = "weekly"\nusual = true'))
    assert here.named("") == "weekly"
