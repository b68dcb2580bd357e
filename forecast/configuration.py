"""What stands for options that are left out: the nearest forecast.toml, or [tool.forecast] of a pyproject.toml, upward.

What is typed goes before variables of the environment, these before the file, and the file before what the program
itself takes.
"""

import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from forecast.errors import SpecError

NAME, SHARED = "forecast.toml", "pyproject.toml"


@dataclass(frozen=True)
class Stated:
    """What a file of configuration may state; what it leaves out is None.

    Parameters
    ----------
    desk : str
        A folder, seen from that of the file.
    brief, book : str
        As the options of these names take them.
    color : str
        `auto`, `always` or `never`.
    """

    desk: str | None = None
    brief: str | None = None
    book: str | None = None
    color: Literal["auto", "always", "never"] | None = None

    __pydantic_config__ = {"extra": "forbid"}


KEYS = tuple(one.name for one in fields(Stated))


def variable(key: str) -> str:
    """Name the variable of the environment that states a key."""
    return f"FORECAST_{key.upper()}"


def nearest(start: Path) -> tuple[Path | None, dict[str, str]]:
    """Find the nearest file of configuration upward, if there is one, and what it states.

    Raises
    ------
    SpecError
        If it is not TOML, or has a key or value that is not known.
    """
    for folder in (start, *start.parents):
        for name in (NAME, SHARED):
            path = folder / name
            table = _table(path) if path.is_file() else None
            if table is not None:
                return path, _stated(table, path)
    return None, {}


def _table(path: Path) -> dict[str, Any] | None:
    """Read what a file configures; None if it is shared and does not."""
    from forecast import toml

    try:
        table = toml.loads(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as problem:
        raise SpecError("the file cannot be read", str(path), str(problem)) from None
    return table if path.name == NAME else table.get("tool", {}).get("forecast")


def _stated(table: dict[str, Any], path: Path) -> dict[str, str]:
    from forecast import toml

    stated = toml.parse(Stated, table, str(path))
    found = {key: str(value) for key in KEYS if (value := getattr(stated, key)) is not None}
    return found | ({"desk": str((path.parent / found["desk"]).resolve())} if "desk" in found else {})


def defaults(command: Any, stated: dict[str, str]) -> dict[str, Any]:
    """Lay what is stated out by commands, as click's `default_map` wants it.

    Parameters
    ----------
    command : click's Group or Command
    stated : dict
        Key -> value. It goes to options that may also be stated by the variable of that key.
    """
    found = {
        one.name: stated[key]
        for one in command.params
        for key in stated
        if one.param_type_name == "option" and one.envvar == variable(key)
    }
    return found | {name: defaults(one, stated) for name, one in getattr(command, "commands", {}).items()}


def coloured(color: str) -> None:
    """Let everything that is written from here on have colours or have none, by what all programs agree on."""
    if color != "auto":
        wanted, other = ("FORCE_COLOR", "NO_COLOR") if color == "always" else ("NO_COLOR", "FORCE_COLOR")
        os.environ.pop(other, None)
        os.environ[wanted] = "1"
