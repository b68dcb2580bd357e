"""What stands for options that are left out: where it is looked for, what goes before what, and what is refused."""

import json
from io import StringIO
from pathlib import Path

import pytest

from forecast import configuration, terminal
from forecast.errors import SpecError
from tests.conftest import Command

VARIABLES = [configuration.variable(key) for key in configuration.KEYS]


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is stated by the environment, and what a test states there goes with it."""
    for name in (*VARIABLES, "NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def stated(at: Path, command: Command, *words: str) -> dict[str, tuple[str, str]]:
    done = command(*words, "config", "show", "--json", at=at)
    assert done.returncode == 0, done.stderr
    return {key: (one["value"], one["origin"]) for key, one in json.loads(done.stdout)["options"].items()}


def test_the_nearest_file_upward_is_read_and_forecast_toml_before_pyproject(tmp_path: Path) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    shared = tmp_path / "pyproject.toml"
    shared.write_text('[tool.forecast]\nbrief = "far"\n[tool.other]\nbrief = 1\n', encoding="utf-8")
    assert configuration.nearest(below) == (shared, {"brief": "far"})
    (tmp_path / "a" / "pyproject.toml").write_text('[project]\nname = "other"\n', encoding="utf-8")
    assert configuration.nearest(below)[0] == shared
    own = tmp_path / "forecast.toml"
    own.write_text('desk = "a/b"\n', encoding="utf-8")
    assert configuration.nearest(below) == (own, {"desk": str(below)})


def test_what_is_typed_goes_before_variables_and_these_before_the_file(
    tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "forecast.toml"
    path.write_text('brief = "file"\nbook = "sqlite:///file.db"\ncolor = "never"\n', encoding="utf-8")
    monkeypatch.setenv("FORECAST_BRIEF", "variable")
    assert stated(tmp_path, command, "--color", "always") == {
        "desk": (".", "the program"),
        "brief": ("variable", "FORECAST_BRIEF"),
        "book": ("sqlite:///file.db", str(path)),
        "color": ("always", "--color"),
    }
    assert stated(tmp_path, command)["color"] == ("never", str(path))
    done = command("config", "show", "--brief", "typed", "--json", at=tmp_path)
    assert json.loads(done.stdout)["options"]["brief"] == {"value": "typed", "origin": "--brief"}


def test_what_is_stated_is_what_commands_do(kept_desk: Path, tmp_path: Path, command: Command) -> None:
    (tmp_path / "forecast.toml").write_text(f'desk = "{kept_desk}"\nbrief = "golf"\n', encoding="utf-8")
    done = command("run", "--dry-run", at=tmp_path)
    assert done.returncode == 2
    assert "there is no `golf` in reports/briefs/" in done.stderr
    assert command("run", "--dry-run", "--brief", "quick", at=tmp_path).stdout.startswith("quick as of 2019-05-17")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('breef = "gulf"', "did you mean `brief`"),
        ("brief = 1", "`brief`"),
        ('color = "blue"', "'never'"),
        ("brief = ", "not valid TOML"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_file(text: str, said: str, tmp_path: Path, command: Command) -> None:
    path = tmp_path / "forecast.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SpecError) as refused:
        configuration.nearest(tmp_path)
    assert said in str(refused.value)
    assert refused.value.where == str(path)
    assert command("doctor", at=tmp_path).returncode == 2


@pytest.mark.parametrize(("color", "coloured"), [("always", True), ("never", False), ("auto", False)])
def test_colours_are_written_where_they_are_asked_for(
    color: str, coloured: bool, reported_desk: Path, command: Command
) -> None:
    said = command("--color", color, "show", "--brief", "quick", at=reported_desk).stdout
    assert ("\x1b[" in said) == coloured


class Terminal(StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("variable", "coloured"), [("NO_COLOR=1", False), ("TERM=dumb", False), ("TERM=xterm", True)])
def test_terminals_have_colours_unless_they_or_the_user_say_otherwise(
    variable: str, coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(*variable.split("="))
    screen = Terminal()
    monkeypatch.setattr("sys.stdout", screen)
    terminal.console().print("told", style="red")
    assert ("\x1b[" in screen.getvalue()) == coloured
