"""What commands have in common: options, the desk, dates as people type them."""

import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from forecast.errors import UsageError

AsOf = Annotated[
    str, typer.Option("--as-of", metavar="DATE", help="Use only what was known before this day, as 2019-05-17.")
]
Brief = Annotated[
    str,
    typer.Option("--brief", envvar="FORECAST_BRIEF", help="Which file in reports/briefs; the usual one if left out."),
]
Model = Annotated[str, typer.Argument(metavar="MODEL", help="Which file in models/.")]
UsedBy = Annotated[str, typer.Option("--brief", help="A brief that uses the model; the first one if left out.")]
Folder = Annotated[Path, typer.Option("--desk", envvar="FORECAST_DESK", help="The desk's folder, or one below it.")]
Book = Annotated[
    str,
    typer.Option("--book", envvar="FORECAST_BOOK", help="Address of the book; book.db in the desk if left out."),
]
HERE = Path(".")


def at_desk(folder: Path) -> Any:
    """Sit down at the desk in a folder or above it; what goes on is told on stderr."""
    from forecast import progress
    from forecast.desk import Desk
    from forecast.folder import find

    return Desk(find(folder.resolve()), lambda line: print(line, file=sys.stderr, flush=True), progress.watch())


def day(text: str, option: str = "--as-of") -> date | None:
    """Read a date as people type it; None of nothing."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"`{text}` is not a date", option, hint="write it as 2019-05-17") from None


def needed(text: str, option: str) -> date:
    """Read a date that cannot be left out."""
    found = day(text, option)
    if found is None:
        raise UsageError("a date is missing", option, hint="write it as 2019-05-17")
    return found
