"""What a command says: to a reader, as one JSON document or as rows of a CSV; to stdout, or whole into a file."""

import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext, redirect_stdout
from dataclasses import dataclass
from functools import wraps
from io import StringIO
from pathlib import Path
from typing import Annotated, Any

import typer

from forecast import cells
from forecast.errors import UsageError

VERSION = 1
ENDS = ("low", "high")
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead.")]
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Output:
    """What a command found, in the forms in which it can be had.

    Parameters
    ----------
    show : callable
        Prints it for a reader.
    document : callable
        Gives it as JSON has it, at full precision.
    rows : callable or None
        Gives the rows of its table, each with the columns that the command declares; of an interval a column `low`
        and one `high`. None if there is no table this time.
    code : int
        The exit code of the command.
    """

    show: Callable[[], None]
    document: Callable[[], Row]
    rows: Callable[[], Iterable[Row]] | None = None
    code: int = 0


def listed(what: str, said: Iterable[object]) -> Output:
    """Say one thing a line, each a row with one column."""
    lines = [str(one) for one in said]
    rows = [{what: line} for line in lines]
    return Output(lambda: print(*lines, sep="\n"), lambda: {f"{what}s": lines}, lambda: rows)


def command(
    app: typer.Typer, *columns: str, name: str | None = None
) -> Callable[[Callable[..., Output]], Callable[..., Output]]:
    """Add a command that says what it found in the form that is asked for: `--json`, `--csv` and `-o FILE`.

    Parameters
    ----------
    app : Typer
    columns : str
        Of the CSV; there is none if there are no columns.
    name : str or None
        Of the command, if not that of the function.
    """

    def add(function: Callable[..., Output]) -> Callable[..., Output]:
        @wraps(function)
        def answered(*, json: bool = False, csv: bool = False, output: str = "", **given: Any) -> None:
            path = _free(output, json and csv)
            found = function(**given)
            with redirect_stdout(StringIO()) if path else nullcontext(sys.stdout) as said:
                say(found, columns, json, csv)
            if path and isinstance(said, StringIO):
                from forecast import files

                files.write(path, said.getvalue().encode())
            raise typer.Exit(found.code)

        forms = _forms(columns)
        own = inspect.signature(function)
        answered.__annotations__ = {**function.__annotations__, **{one.name: one.annotation for one in forms}}
        setattr(answered, "__signature__", own.replace(parameters=[*own.parameters.values(), *forms]))  # noqa: B010
        app.command(name)(answered)
        return function

    return add


def _forms(columns: tuple[str, ...]) -> list[inspect.Parameter]:
    """List the options that say in which form, as parameters of a function."""
    rows = Annotated[bool, typer.Option("--csv", help=f"Print rows of CSV instead: {', '.join(columns)}.")]
    path = Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Write it to a file, whole or not at all.")
    ]
    wanted: dict[str, tuple[Any, Any]] = {"json": (Json, False), "csv": (rows, False), "output": (path, "")}
    return [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, (kind, default) in wanted.items()
        if columns or name != "csv"
    ]


def _free(output: str, both: bool) -> Path | None:
    """Refuse what could not be written in the end, before anything is computed."""
    if both:
        raise UsageError("one form at a time", "--json, --csv", hint="leave one of them out")
    if not output:
        return None
    path = Path(output)
    if path.is_dir() or not path.parent.is_dir():
        why = "that is a folder" if path.is_dir() else f"there is no folder {path.parent}"
        raise UsageError("nothing can be written there", f"-o {path}", why, "name a file in a folder that is there")
    return path


def say(found: Output, columns: tuple[str, ...] = (), json: bool = False, csv: bool = False) -> None:
    """Print what a command found in the form that is asked for.

    Raises
    ------
    UsageError
        If rows are asked for and there are none.
    """
    if json:
        from forecast import terminal  # which loads what draws tables

        terminal.document({"schema_version": VERSION, **found.document()})
    elif not csv:
        found.show()
    elif found.rows is None:
        raise UsageError("there are no rows in this", "--csv", hint="--json has all of it")
    else:
        rows = ([_cell(row, column) for column in columns] for row in found.rows())
        print(cells.table(columns, rows).decode(), end="")


def _cell(row: Row, column: str) -> Any:
    """Find what stands in a column: of `low` or `high`, an end of the interval; of `x_low`, of that of x or of x."""
    if column in row:
        return row[column]
    stem, _, end = column.rpartition("_")
    pair = next(row[name] for name in (f"{stem}_interval".lstrip("_"), stem) if name in row)
    return pair[ENDS.index(end)]
