"""Two reports that lie on disk, compared: read, set side by side, written beside the reports of the brief."""

import json
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from forecast import files, report
from forecast.desk import Desk
from forecast.errors import UsageError, look_alike
from forecast.language import speaking
from forecast.output import Output
from forecast.reports import Issue
from forecast.terminal import plain

FACE = "report.json"


def compare(desk: Desk, name: str, old: str, new: str) -> Issue:
    """Compare two reports, and write what moved as JSON, HTML and PDF, in the language of the brief.

    Parameters
    ----------
    desk : Desk
    name : str
        Of the brief whose days are meant.
    old, new : str
        As-of days of reports of the brief; or paths of others, or of folders that hold them.

    Raises
    ------
    UsageError
        If one is not there, is no report of this version, or no question is in both.
    """
    brief = desk.brief(name)
    paths = [_path(desk, brief.name, text) for text in (old, new)]
    before, after = (_read(path) for path in paths)
    with speaking(brief.language):
        faces = report.compared(before, after, brief.vocabulary)
    folder = _home(desk, paths[1], brief.name) / f"compare-{before['as_of']}-{after['as_of']}"
    # JSON last: where it lies, all lies.
    for face, content in reversed(faces.items()):
        files.write(folder / face, content)
    return Issue(folder, json.loads(faces[FACE]), fresh=True)


def _path(desk: Desk, name: str, text: str) -> Path:
    """Find a report by its day, or by its path."""
    try:
        day = date.fromisoformat(text).isoformat()
    except ValueError:
        path = Path(text)
        return path / FACE if path.is_dir() else path
    home = desk.root / "reports" / name
    path = home / day / FACE
    if not path.exists():
        days = sorted(folder.parent.name for folder in home.glob(f"[0-9]*/{FACE}"))
        hint = look_alike(day, days) if days else f"forecast run --brief {name} --as-of {day}"
        raise UsageError(f"there is no report of `{name}` as of {day}", str(path), hint=hint)
    return path


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(
            "there is no report there", str(path), hint="give a day, or the path of a report.json"
        ) from None
    except ValueError as problem:
        raise UsageError("the file is no report", str(path), str(problem), "give a report.json") from None
    if not isinstance(found, dict):
        raise UsageError("the file is no report", str(path), hint="give a report.json")
    return found


def _home(desk: Desk, path: Path, name: str) -> Path:
    """Find where reports of the brief lie that a path belongs to; those of another place go to the brief named."""
    home = (desk.root / "reports").resolve()
    parts = path.resolve().relative_to(home).parts if path.resolve().is_relative_to(home) else ()
    return home / (parts[0] if len(parts) > 2 else name)


def shown(issue: Issue) -> Output:
    """Say what moved most, and where the files are; a row each question."""
    return Output(partial(_show, issue), lambda: issue.document, lambda: map(_row, issue.document["forecasts"]))


def _row(one: dict[str, Any]) -> dict[str, Any]:
    """State a forecast of the second report beside the first one's, where that has the question."""
    was = one["earlier"][0] if one["earlier"] else {"as_of": None, "probability": None, "interval": (None, None)}
    moved = one["probability"] - was["probability"] if one["earlier"] else None
    before = {"was_as_of": was["as_of"], "was": was["probability"], "was_interval": was["interval"]}
    return {**one, **before, "moved": moved}


def _show(issue: Issue) -> None:
    for block in issue.document["sections"][0]["blocks"]:
        print(plain(block["text"]))
    for face in ("report.html", "report.pdf", FACE):
        print(issue.folder / face)
