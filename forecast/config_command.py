"""The command that tells where the value of each option comes from."""

from typing import Any

import typer

from forecast import configuration
from forecast.arguments import HERE, Book, Brief, Folder, Json

app = typer.Typer(help="What stands for options that are left out.", no_args_is_help=True)


@app.callback()
def _config() -> None:
    pass


@app.command()
def show(context: typer.Context, brief: Brief = "", book: Book = "", desk: Folder = HERE, json: Json = False) -> None:
    """Print what stands for the desk, the brief, the book and colours, and where each is stated.

    An option goes before a variable of the environment, that before the nearest forecast.toml (or [tool.forecast] of a
    pyproject.toml) upward, that before what the program takes.

    Example: forecast config show
    """
    from forecast import terminal

    root: Any = context.find_root()
    values = {"desk": str(desk), "brief": brief, "book": book, "color": root.params["color"]}
    stated = [(key, value, _origin(root if key == "color" else context, key)) for key, value in values.items()]
    if json:
        terminal.document({key: {"value": value, "origin": origin} for key, value, origin in stated})
        return
    table = terminal.ruled("What stands for options that are left out", "option", "value", "stated by")
    for key, value, origin in stated:
        table.add_row(key, terminal.plain(value) or "(what is usual)", terminal.plain(origin))
    terminal.console().print(table)


def _origin(context: Any, key: str) -> str:
    source = context.get_parameter_source(key).name
    if source == "DEFAULT_MAP":
        return str(context.find_root().obj)
    return {"COMMANDLINE": f"--{key}", "ENVIRONMENT": configuration.variable(key)}.get(source, "the program")
