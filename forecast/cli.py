"""The command line: commands together, one line run, what went wrong. Results go to stdout, all else to stderr."""

import json as json_module
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Annotated, Literal

import typer

from forecast import (
    __version__,
    book_commands,
    compare_models_command,
    config_command,
    configuration,
    data_commands,
    desk_commands,
    elicit_command,
    model_commands,
    refusals,
    report_commands,
    site_command,
)
from forecast.errors import EXIT_INTERRUPTED, EXIT_TERMINATED, ForecastError, InternalError, UsageError

WIDE = 110  # columns of help, where the terminal has them
app = typer.Typer(
    help="Honest numbers on geopolitical risk: dated events in, calibrated probabilities and reports out.",
    epilog="Exit codes: 0 done · 1 a model did not converge · 2 wrong command or spec · 3 unusable data · "
    "4 disk, lock, cache or network · 70 a bug of ours · 130, 143 interrupted, terminated. "
    "`forecast explain-error CODE` explains an error.",
    no_args_is_help=True,
    context_settings={"max_content_width": WIDE},
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
INTERRUPTED = """interrupted; nothing half-done was written
hint: the same command goes on where it was: fits that are done are kept, and days of a walk are in the book"""
BROKE = "something broke that should not have"
DEBUG = "FORECAST_DEBUG"
REPORT = "put --debug before the command to see where, and please report it"

app.add_typer(report_commands.app)
app.add_typer(desk_commands.app)
app.add_typer(book_commands.app)
app.add_typer(compare_models_command.app)
app.add_typer(config_command.app, name="config")
app.add_typer(data_commands.app)
app.add_typer(elicit_command.app)
app.add_typer(model_commands.app)
app.add_typer(site_command.app)


@app.callback(invoke_without_command=True)
def _main(
    color: Annotated[
        Literal["auto", "always", "never"],
        typer.Option("--color", envvar="FORECAST_COLOR", help="Whether to write colours; on terminals if left out."),
    ] = "auto",
    debug: Annotated[
        bool, typer.Option("--debug", help=f"Show where an error arose, with a traceback; as {DEBUG}=1 does.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version; with --json, of every library too.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="With --version: print JSON.")] = False,
) -> None:
    if version and json:
        from forecast.provenance import version as versions

        print(json_module.dumps(versions(), indent=2, sort_keys=True))
    elif version:
        print(f"brinkcast {__version__}")
    if version:
        raise typer.Exit
    configuration.coloured(color)
    if debug:
        os.environ[DEBUG] = "1"


def _refused(refusal: ForecastError) -> int:
    """Say what was refused, with its traceback if asked for."""
    if os.environ.get(DEBUG):
        traceback.print_exception(refusal)
    print(refusals.told(refusal), file=sys.stderr)
    return refusal.exit_code


def _misread(problem: typer.TyperException) -> ForecastError:
    """Say as our own what the parser of the line could not make out."""
    context = getattr(problem, "ctx", None)
    path = context.command_path if context else "forecast"
    why = problem.format_message().replace("Value error, ", "")
    return UsageError("the line cannot be understood", path, why, f"{path} --help")


def _bug(bug: Exception) -> InternalError:
    """Say that something broke that should not have."""
    last = traceback.extract_tb(bug.__traceback__)[-1]
    where, why = f"{Path(last.filename).name}:{last.lineno}", f"{type(bug).__name__}: {bug}"
    return InternalError(BROKE, where, why, REPORT).with_traceback(bug.__traceback__)


def _terminated(*_: object) -> None:
    raise SystemExit(EXIT_TERMINATED)


def answer(*words: str) -> int:
    """Run one line, say what went wrong if anything did, and give the exit code.

    Parameters
    ----------
    words : str
        What follows `forecast` on the line.
    """
    try:
        path, stated = configuration.nearest(Path.cwd())
        root = typer.main.get_command(app)
        line = {"prog_name": "forecast", "standalone_mode": False}
        return _ended(root(words, **line, obj=path, default_map=configuration.defaults(root, stated)) or 0)
    except SystemExit as end:
        return _ended(end.code if isinstance(end.code, int) else 1)
    except KeyboardInterrupt:
        return _ended(EXIT_INTERRUPTED)
    except typer.TyperException as problem:
        if problem.message.startswith("Usage: "):  # no words, where some are needed
            print(problem.message, file=sys.stderr)
            return UsageError.exit_code
        return _refused(_misread(problem))
    except ForecastError as refusal:
        return _refused(refusal)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as bug:
        return _refused(_bug(bug))


def _ended(code: int) -> int:
    """Say so if it was broken off."""
    if code in (EXIT_INTERRUPTED, EXIT_TERMINATED):
        print(INTERRUPTED, file=sys.stderr)
    return code


def main() -> None:
    """Run the command line, ending with the exit code of what went wrong."""
    signal.signal(signal.SIGTERM, _terminated)
    code = answer(*sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    # A sampler that failed to start leaves threads that crash the interpreter while it shuts down.
    os._exit(code)


if __name__ == "__main__":
    main()
