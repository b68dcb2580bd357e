"""Write docs/commands.md from what commands say of themselves: `python bench/command_pages.py`."""

import re
from pathlib import Path
from typing import Any

import typer

from forecast.cli import app

PAGE = Path(__file__).parents[1] / "docs" / "commands.md"
HEAD = """# Commands

Results go to stdout, all else to stderr. Every command says the same in up to three forms: a table, one JSON document
(`--json`, numbers at full precision, with a `schema_version`), or rows (`--csv`; a text that a program for tables
would obey as a formula stands behind an apostrophe). `-o FILE` writes the result to a file, whole or not at all: what
is refused leaves an older file as it was. Every command works from any folder of a desk, or with `--desk`. `--debug`,
before the command, shows where an error arose. Exit codes stand in [every way the program refuses](errors.md).
`forecast --install-completion` lets the shell that it is typed in (bash, zsh, fish, PowerShell) complete commands and
options; `_FORECAST_COMPLETE=source_zsh forecast` prints the lines for another. Nothing is sent anywhere. This page is
written by `python bench/command_pages.py`.

What is left out may be stated once, in the nearest `forecast.toml` upward or under `[tool.forecast]` of a
`pyproject.toml`: the keys are `desk` (a folder, seen from that of the file), `brief`, `book` and `color` (`auto`,
`always`, `never`); other keys are refused. Variables go before the file (`FORECAST_DESK`, `FORECAST_BRIEF`,
`FORECAST_BOOK`, `FORECAST_COLOR`), and what is typed goes before both; `forecast config show` tells where each value
comes from. `--color` stands before the command: `forecast --color never show`. Where it is `auto`, terminals get
colours, unless `NO_COLOR` is set or `TERM` is `dumb`, and `FORCE_COLOR` brings them into files.
"""


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


def page() -> str:
    """Put the page together, a part a command."""
    root: Any = typer.main.get_command(app)
    return "\n".join([HEAD, *(part for name in sorted(root.commands) for part in _parts(root.commands[name], name))])


def _parts(command: Any, name: str) -> list[str]:
    if hasattr(command, "commands"):
        return [part for sub in sorted(command.commands) for part in _parts(command.commands[sub], f"{name} {sub}")]
    return [_part(command, name)]


def _part(command: Any, name: str) -> str:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option" and one.name != "help"]
    names = [_metavar(one) for one in arguments]
    prose = [re.sub(r"\s+", " ", part) for part in (command.help or "").strip().split("\n\n")]
    said = [part if not part.startswith("Example: ") else f"    {part.removeprefix('Example: ')}" for part in prose]
    rows = [f"| `{_metavar(one)}` | {one.help or ''} |" for one in arguments]
    rows += [f"| `{', '.join(one.opts)}`{_value(one)} | {one.help or ''} |" for one in options]
    table = ["", "| argument, option | what |", "|---|---|", *rows] if rows else []
    return "\n".join([f"## `forecast {' '.join([name, *names])}`\n", "\n\n".join(said), *table, ""])


def _metavar(one: Any) -> str:
    return f"{one.metavar or one.name.upper()}{' …' * (one.nargs == -1)}"


def _value(one: Any) -> str:
    """Say what an option takes, and what stands if it is left out."""
    if one.is_flag:
        return ""
    kind = one.metavar or {int: "NUMBER", float: "NUMBER"}.get(type(one.default), "TEXT")
    given = one.default not in (None, "", 0, [], Path(".")) and not callable(one.default)
    return f" {kind}" + (f", {one.default} if left out" if given else "")


if __name__ == "__main__":
    main()
