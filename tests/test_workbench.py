"""From Python: a method for every command, values back, and nothing printed."""

import inspect
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
import typer

import forecast
from forecast import new_desk
from forecast.cli import app
from forecast.errors import UsageError
from forecast.workbench import Workbench

PAGE = Path(__file__).parents[1] / "docs" / "python.md"
# What is no act at a desk: it has a function of its own, or nothing to give back.
OTHERWISE = {"init", "doctor", "schema", "explain-error", "config show"}
NAMED = {"verify": "ledger verify", "log": "data log", "diff": "data diff"}


def commands() -> set[str]:
    root = typer.main.get_command(app)
    names = {name: getattr(command, "commands", {}) for name, command in root.commands.items()}  # type: ignore[attr-defined]
    return {f"{name} {sub}" for name, subs in names.items() for sub in subs} | {
        n for n, subs in names.items() if not subs
    }


def test_every_command_has_its_method_and_every_method_its_command() -> None:
    methods = {name for name, _ in inspect.getmembers(Workbench, inspect.isfunction) if not name.startswith("_")}
    assert {NAMED.get(name, name) for name in methods} | {"plan", "traced"} == commands() - OTHERWISE | {
        "plan",
        "traced",
    }


def test_public_names_are_described() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in forecast.__all__ if f"`{name}`" not in page] == ["__version__"]


def test_what_is_public_is_imported_only_when_asked_for() -> None:
    code = "import sys, forecast; before = set(sys.modules); forecast.ForecastError; print('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
    with pytest.raises(AttributeError, match="no public name `Desks`"):
        _ = forecast.Desks


def test_a_desk_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no desk here"):
        Workbench(tmp_path)


def test_the_page_runs(tmp_path: Path) -> None:
    code = "\n".join(re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
    done = subprocess.run([sys.executable, "-P", "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    assert "12 forecasts written down" in done.stdout
    assert re.search(r"^2[0-9] prices became known in June$", done.stdout, re.MULTILINE)


def test_methods_give_values_back_and_print_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    new_desk.lay_out(tmp_path / "mine", "levels")
    desk = Workbench(tmp_path / "mine" / "models")
    assert not desk.plan().up_to_date
    (tmp_path / "new.csv").write_text("record,event_at,known_at,value\n2026-11-02,2026-11-02,2026-11-03,251.5\n")
    assert len(desk.add(tmp_path / "new.csv", "grain", dry_run=True).changes.added) == 1
    assert desk.log()[0].added == 3870
    desk.add(tmp_path / "new.csv", "grain")
    assert [line.added for line in desk.log("grain")] == [3870, 1]
    assert len(desk.diff(date(2026, 11, 1), date(2026, 11, 3)).rows["new"]) == 0
    assert desk.check()[0] == "grain: looked at through 2026-11-03"
    assert (capfd.readouterr().out, capfd.readouterr().err) == ("", "")
