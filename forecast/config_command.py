"""The command that tells where the value of each option comes from."""

from functools import partial
from typing import Any

import typer

from forecast import configuration
from forecast.arguments import HERE, Book, Brief, Folder
from forecast.output import Output, command

app = typer.Typer(help="What stands for options that are left out.", no_args_is_help=True)


@app.callback()
def _config() -> None:
    pass


@command(app, "option", "value", "origin")
def show(context: typer.Context, brief: Brief = "", book: Book = "", desk: Folder = HERE) -> Output:
    """Print what stands for the desk, the brief, the book and colours, and where each is stated.

    An option goes before a variable of the environment, that before the nearest forecast.toml (or [tool.forecast] of a
    pyproject.toml) upward, that before what the program takes.

    Example: forecast config show
    """
    root: Any = context.find_root()
    values = {"desk": str(desk), "brief": brief, "book": book, "color": root.params["color"]}
    origins = {key: _origin(root if key == "color" else context, key) for key in values}
    stated = [{"option": key, "value": value, "origin": origins[key]} for key, value in values.items()]
    return Output(
        partial(_show, stated),
        lambda: {"options": {one.pop("option"): one for one in map(dict, stated)}},
        lambda: stated,
    )


def _show(stated: list[dict[str, str]]) -> None:
    from forecast import terminal

    table = terminal.ruled("What stands for options that are left out", "option", "value", "stated by")
    for one in stated:
        table.add_row(one["option"], terminal.plain(one["value"]) or "(what is usual)", terminal.plain(one["origin"]))
    terminal.console().print(table)


def _origin(context: Any, key: str) -> str:
    source = context.get_parameter_source(key).name
    if source == "DEFAULT_MAP":
        return str(context.find_root().obj)
    return {"COMMANDLINE": f"--{key}", "ENVIRONMENT": configuration.variable(key)}.get(source, "the program")
