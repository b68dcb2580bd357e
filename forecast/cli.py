"""The command line: each command parses, calls the desk, says. Results go to stdout, all else to stderr."""

import json as json_module
import os
import signal
import sys
import traceback
from dataclasses import asdict
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
    elicit_command,
    model_commands,
    refusals,
    site_command,
)
from forecast.arguments import HERE, AsOf, Book, Brief, Folder, at_desk, day
from forecast.errors import EXIT_INTERRUPTED, EXIT_TERMINATED, ForecastError, InternalError, UsageError
from forecast.output import Output, command, listed

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
ENDS = ("probability", "low", "high", "raw", "raw_low", "raw_high", "baseline", "baseline_low", "baseline_high")
MOVED = ("id", "text", "was_as_of", "was", "was_low", "was_high", "as_of", "probability", "low", "high", "moved")
FORECAST = ("id", "text", "domain", "as_of", "opens", "closes", "settles", *ENDS, "benchmark", "live", "caveat")


@command(app, *FORECAST)
def run(
    brief: Brief = "",
    as_of: AsOf = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    book: Book = "",
    desk: Folder = HERE,
) -> Output:
    """Make a report: fit the models, answer the questions, write report.json, .html and .pdf.

    What the book says was forecast before, and what came of it, bends the forecasts and stands in the report.

    Example: forecast run --brief seed-2019 --as-of 2019-05-17
    """
    from forecast import reports, table

    here = at_desk(desk)
    if dry_run:
        return table.planned(here.named(brief), reports.plan(here, here.named(brief), day(as_of), book))
    return table.shown(reports.run(here, here.named(brief), day(as_of), book=book))


@command(app, *FORECAST)
def refit(brief: Brief = "", as_of: AsOf = "", book: Book = "", desk: Folder = HERE) -> Output:
    """Make a report as `run` does, beginning each fit from the newest posterior of its model: quicker, equal in law.

    Example: forecast refit --brief gulf
    """
    from forecast import reports, table

    here = at_desk(desk)
    return table.shown(reports.run(here, here.named(brief), day(as_of), again=True, book=book))


@command(app)
def replay(
    path: Annotated[Path, typer.Argument(metavar="MANIFEST", help="The manifest.json beside a report.")],
    kept: Annotated[bool, typer.Option("--kept", help="Believe the posteriors that are kept: quick.")] = False,
    book: Book = "",
    desk: Folder = HERE,
) -> Output:
    """Make a report again from its manifest and compare the bytes, or say which input is missing; nothing is written.

    Exit code 1 if an input is missing or other, or a byte is.

    Example: forecast replay reports/seed-2019/2019-05-17/manifest.json
    """
    from forecast import replay as replaying
    from forecast import table

    return table.replayed(replaying.replay(at_desk(desk), path, kept, book))


@command(app, *FORECAST)
def show(
    forecast: Annotated[
        str, typer.Argument(metavar="ID", help="A forecast in the book, by its id there or how that begins.")
    ] = "",
    brief: Brief = "",
    as_of: AsOf = "",
    book: Book = "",
    desk: Folder = HERE,
) -> Output:
    """Print the newest report of a brief, or that as of a date; or what a forecast in the book was made from.

    Nothing is computed.

    Example: forecast show --brief gulf

    Example: forecast show 7d2b385b7f15
    """
    from forecast import made_of, made_of_table, reports, table

    here = at_desk(desk)
    if forecast:
        return made_of_table.shown(made_of.traced(here.book(book, whole=False), forecast))
    return table.shown(reports.latest(here, here.named(brief), day(as_of)))


@command(app, *MOVED)
def report(
    compare: Annotated[
        tuple[str, str],
        typer.Option("--compare", metavar="OLD NEW", help="As-of days of two reports of the brief, or their paths."),
    ],
    brief: Brief = "",
    desk: Folder = HERE,
) -> Output:
    """Set two reports side by side, on a page of its own: what moved, why, and what they were made from.

    Example: forecast report --compare 2019-05-17 2019-06-17 --brief seed-2019
    """
    from forecast import compare_command

    here = at_desk(desk)
    return compare_command.shown(compare_command.compare(here, here.named(brief), *compare))


app.add_typer(book_commands.app)
app.add_typer(compare_models_command.app)
app.add_typer(config_command.app, name="config")
app.add_typer(data_commands.app)
app.add_typer(elicit_command.app)
app.add_typer(model_commands.app)
app.add_typer(site_command.app)


@command(app, "file")
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    template: Annotated[
        str, typer.Option("--template", help="gulf, the reference desk; or counts, stages, levels: small, invented.")
    ] = "counts",
) -> Output:
    """Lay out a desk of one's own: data, models, questions and a brief, all commented, from a template.

    Example: forecast init my-desk --template counts
    """
    from forecast import new_desk

    files = [str(path) for path in new_desk.lay_out(folder, template)]
    said = f"{len(files)} files: {new_desk.templates()[template]}"
    print(f"next: cd {folder}; forecast check; forecast run", file=sys.stderr)
    return Output(lambda: print(said), lambda: {"files": files}, lambda: [{"file": one} for one in files])


@command(app, "line")
def check(desk: Folder = HERE) -> Output:
    """Read all data, models, questions and briefs, and say what is wrong with them; nothing is sampled."""
    return listed("line", at_desk(desk).check())


@command(app, name="explain-error")
def explain_error(
    code: Annotated[str, typer.Argument(metavar="CODE", help="As an error bears it, like BC-D001.")],
) -> Output:
    """Say what the code of an error means, and what to do about it.

    Example: forecast explain-error BC-D001
    """
    text = refusals.explained(code)
    return Output(lambda: print(text), lambda: {"code": code, "said": text})


@command(app, "name", "found", "well", "hint")
def doctor(desk: Folder = HERE) -> Output:
    """Look at the machine: Python, libraries, the desk, free disk, where compiled models are kept, fonts, the clock."""
    from forecast import doctor as clinic

    findings = clinic.findings(desk.resolve())
    rows, code = [asdict(finding) for finding in findings], 0 if all(finding.well for finding in findings) else 4
    return Output(lambda: print(*findings, sep="\n"), lambda: {"findings": rows}, lambda: rows, code)


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
