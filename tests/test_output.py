"""What commands say: as a table, as JSON, as rows of CSV; to stdout, or whole into a file."""

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from forecast import files, output
from forecast.cells import text
from forecast.cli import app
from forecast.errors import EnvironmentFault
from forecast.output import Output
from tests.conftest import Command

ENDS = ("low", "high")
LINES = [  # what needs no fit, at a desk with a report
    ("show", "--brief", "quick"),
    ("data", "log"),
    ("data", "diff", "2019-05-17", "2019-06-17"),
    ("ask", "brent-up/0.1/60d", "--brief", "quick"),
    ("diagnose", "brent", "--brief", "quick"),
    ("config", "show"),
    ("doctor",),
]


def commands(group: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Walk through all commands."""
    for name, one in group.commands.items():
        if hasattr(one, "commands"):
            yield from commands(one, f"{path}{name} ")
        else:
            yield f"{path}{name}", one


ALL = dict(commands(typer.main.get_command(app)))


def columns(name: str) -> list[str]:
    """Read off the help of a command which columns its CSV has."""
    (said,) = [one.help for one in ALL[name].params if one.name == "csv"]
    return re.sub(r"^.*?: |\.$", "", said).split(", ")


@pytest.mark.parametrize("name", ALL)
def test_every_command_answers_as_json_and_into_a_file(name: str) -> None:
    options = {option for one in ALL[name].params for option in one.opts}
    assert {"--json", "--output", "-o"} <= options


@pytest.mark.parametrize("words", LINES, ids=" ".join)
def test_rows_and_document_say_the_same(words: tuple[str, ...], reported_desk: Path, command: Command) -> None:
    name = next(name for name in ALL if " ".join(words).startswith(name))
    document = json.loads(command(*words, "--json", at=reported_desk).stdout)
    assert document["schema_version"] >= 1
    header, *rows = csv.reader(io.StringIO(command(*words, "--csv", at=reported_desk).stdout))
    assert header == columns(name)
    assert rows
    stated = set(_leaves(document))
    numbers = [float(cell) for row in rows for cell in row if re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", cell)]
    assert [one for one in numbers if one not in stated] == []


def _leaves(value: Any) -> Iterator[Any]:
    """List every value in a document, and texts that are numbers as these."""
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list):
        for one in value:
            yield from _leaves(one)
    else:
        yield float(value) if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value) else value


@pytest.mark.parametrize("form", [[], ["--json"], ["--csv"]], ids=["table", "json", "csv"])
def test_a_file_holds_what_would_have_been_printed(
    form: list[str], reported_desk: Path, tmp_path: Path, command: Command
) -> None:
    words, path = ("show", "--brief", "quick", *form), tmp_path / "said"
    printed = command(*words, at=reported_desk)
    kept = command(*words, "-o", str(path), at=reported_desk)
    assert (printed.returncode, kept.returncode, kept.stdout) == (0, 0, "")
    assert path.read_text(encoding="utf-8") == printed.stdout
    assert [one.name for one in tmp_path.iterdir()] == ["said"]


def test_a_file_stays_as_it_was_if_the_command_is_refused(
    reported_desk: Path, tmp_path: Path, command: Command
) -> None:
    path = tmp_path / "said"
    path.write_text("before", encoding="utf-8")
    for wrong in (("show", "--brief", "none"), ("run", "--brief", "quick", "--dry-run", "--csv")):
        done = command(*wrong, "-o", str(path), at=reported_desk)
        assert (done.returncode, path.read_text(encoding="utf-8")) == (2, "before")


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_done(tmp_path: Path, command: Command) -> None:
    for place in (tmp_path / "nowhere" / "said", tmp_path):
        done = command("init", str(tmp_path / "desk"), "-o", str(place), at=tmp_path)
        assert (done.returncode, "nothing can be written there" in done.stderr) == (2, True)
        assert not (tmp_path / "desk").exists()


def test_one_form_at_a_time(reported_desk: Path, command: Command) -> None:
    done = command("show", "--json", "--csv", at=reported_desk)
    assert (done.returncode, done.stdout) == (2, "")
    assert "one form at a time" in done.stderr


def test_what_a_command_found_wrong_is_its_exit_code_in_every_form(reported_desk: Path, command: Command) -> None:
    broken = reported_desk / "data" / "posts.csv"
    broken.write_text("event_at,kind\nnever,attack\n", encoding="utf-8")
    for form in ([], ["--json"], ["--csv"]):
        done = command("add", str(broken), "--source", "attacks", "--dry-run", *form, at=reported_desk)
        assert done.returncode == 3


def test_an_interval_has_two_columns_and_a_text_is_no_formula(capsys: pytest.CaptureFixture[str]) -> None:
    row = {"name": "=1+1", "interval": (0.1, 0.2), "was_interval": (None, float("nan")), "prior": (1, 2), "well": True}
    of = ("name", "low", "high", "was_low", "was_high", "prior_low", "prior_high", "well")
    output.say(Output(print, dict, lambda: [row]), of, csv=True)
    header, cells = csv.reader(io.StringIO(capsys.readouterr().out))
    assert header == list(of)
    assert cells == ["'=1+1", "0.1", "0.2", "", "", "1", "2", "true"]
    assert text(cells[0]) == "=1+1"


def test_a_disk_that_is_full_leaves_no_file(
    reported_desk: Path, tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes) -> None:
        raise EnvironmentFault("cannot write", str(path))

    monkeypatch.setattr(files, "write", full)
    done = command("show", "--brief", "quick", "-o", str(tmp_path / "said"), at=reported_desk)
    assert (done.returncode, done.stdout, list(tmp_path.iterdir())) == (4, "", [])


@pytest.mark.parametrize(
    ("words", "where", "why"),
    [
        ("backtest --every often", "forecast backtest", "--every"),
        ("shwo", "forecast", "Did you mean 'show'?"),
        ("show --breif quick", "forecast show", "--brief"),
        ("show --brief", "forecast", "--brief"),
        ("add", "forecast add", "FILE"),
        ("show quick more", "forecast show", "more"),
        ("--color red show", "forecast", "'red' is not one of 'auto', 'always', 'never'"),
        ("data lgo", "forecast data", "Did you mean 'log'?"),
    ],
)
def test_a_line_that_cannot_be_understood_is_refused_in_four_lines_with_a_code(
    words: str, where: str, why: str, reported_desk: Path, command: Command
) -> None:
    done = command(*words.split(), at=reported_desk)
    said = dict(line.split(": ", 1) for line in done.stderr.splitlines())
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"error\[BC-U\d\d[1-9]\]", next(iter(said)))
    assert said["where"] == where
    assert why in said["why"]
    assert "Value error" not in said["why"]
    assert said["hint"] == f"{where} --help"


def test_a_traceback_is_shown_only_if_asked_for(reported_desk: Path, command: Command) -> None:
    line = ("show", "--brief", "none")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FORECAST_DEBUG", "")  # put back at the end, for the option sets it
        assert "Traceback" not in command(*line, at=reported_desk).stderr
        assert "Traceback" in command("--debug", *line, at=reported_desk).stderr


def test_a_forecast_in_the_book_says_what_it_was_made_from(reported_desk: Path, command: Command) -> None:
    issued = json.loads(command("issue", "--brief", "quick", "--json", at=reported_desk).stdout)["rows"][0]
    name = issued["id"][:16]
    document = json.loads(command("show", name, "--json", at=reported_desk).stdout)
    assert {key: document[key] for key in ("probability", "data", "specs", "fits")} == {
        key: issued[key] for key in ("probability", "data", "specs", "fits")
    }
    shown = command("show", name, at=reported_desk).stdout
    for told in (issued["id"], issued["data"], *issued["specs"].values(), "not yet; it settles on"):
        assert told in shown
    assert all(str(fit["seed"]) in shown for fit in issued["fits"].values())
    (row,) = csv.DictReader(io.StringIO(command("show", name, "--csv", at=reported_desk).stdout))
    assert float(row["probability"]) == issued["probability"]
    refused = command("show", "no-such-id", at=reported_desk)
    assert (refused.returncode, refused.stdout) == (2, "")
