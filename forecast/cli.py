"""The command line: each command parses, calls the desk, prints. Results go to stdout, all else to stderr."""

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
    elicit_command,
    model_commands,
    refusals,
    site_command,
)
from forecast.arguments import HERE, AsOf, Book, Brief, Folder, Json, at_desk, day
from forecast.errors import EXIT_INTERRUPTED, EXIT_TERMINATED, ForecastError, InternalError

app = typer.Typer(
    help="Honest numbers on geopolitical risk: dated events in, calibrated probabilities and reports out.",
    epilog="Exit codes: 0 done · 1 a model did not converge · 2 wrong command or spec · 3 unusable data · "
    "4 disk, lock, cache or network · 70 a bug of ours · 130, 143 interrupted, terminated. "
    "`forecast explain-error CODE` explains an error.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
INTERRUPTED = "interrupted; nothing half-done was written"
BROKE = "something broke that should not have"
DEBUG = "FORECAST_DEBUG"
REPORT = f"set {DEBUG}=1 to see where, and please report it"


@app.command()
def run(
    brief: Brief = "",
    as_of: AsOf = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    json: Json = False,
    book: Book = "",
    desk: Folder = HERE,
) -> None:
    """Make a report: fit the models, answer the questions, write report.json, .html and .pdf.

    What the book says was forecast before, and what came of it, bends the forecasts and stands in the report.

    Example: forecast run --brief seed-2019 --as-of 2019-05-17
    """
    from forecast import reports, table

    here = at_desk(desk)
    if dry_run:
        table.planned(here.named(brief), reports.plan(here, here.named(brief), day(as_of), book), json)
        return
    table.show(reports.run(here, here.named(brief), day(as_of), book=book), json)


@app.command()
def refit(brief: Brief = "", as_of: AsOf = "", json: Json = False, book: Book = "", desk: Folder = HERE) -> None:
    """Make a report as `run` does, beginning each fit from the newest posterior of its model: quicker, equal in law.

    Example: forecast refit --brief gulf
    """
    from forecast import reports, table

    here = at_desk(desk)
    table.show(reports.run(here, here.named(brief), day(as_of), again=True, book=book), json)


@app.command()
def replay(
    path: Annotated[Path, typer.Argument(metavar="MANIFEST", help="The manifest.json beside a report.")],
    kept: Annotated[bool, typer.Option("--kept", help="Believe the posteriors that are kept: quick.")] = False,
    book: Book = "",
    desk: Folder = HERE,
) -> None:
    """Make a report again from its manifest and compare the bytes, or say which input is missing; nothing is written.

    Exit code 1 if an input is missing or other, or a byte is.

    Example: forecast replay reports/seed-2019/2019-05-17/manifest.json
    """
    from forecast import replay as replaying

    found = replaying.replay(at_desk(desk), path, kept, book)
    for line in (*found.notes, *found.wrong):
        print(line, file=sys.stderr)
    for name in found.same:
        print(f"{name}: same bytes")
    raise typer.Exit(1 if found.wrong else 0)


@app.command()
def show(brief: Brief = "", as_of: AsOf = "", json: Json = False, desk: Folder = HERE) -> None:
    """Print the table of the newest report of a brief, or of the one as of a date; nothing is computed."""
    from forecast import reports, table

    here = at_desk(desk)
    table.show(reports.latest(here, here.named(brief), day(as_of)), json)


@app.command()
def report(
    compare: Annotated[
        tuple[str, str],
        typer.Option("--compare", metavar="OLD NEW", help="As-of days of two reports of the brief, or their paths."),
    ],
    brief: Brief = "",
    json: Json = False,
    desk: Folder = HERE,
) -> None:
    """Set two reports side by side, on a page of its own: what moved, why, and what they were made from.

    Example: forecast report --compare 2019-05-17 2019-06-17 --brief seed-2019
    """
    from forecast import compare_command

    here = at_desk(desk)
    compare_command.show(compare_command.compare(here, here.named(brief), *compare), json)


app.add_typer(book_commands.app)
app.add_typer(compare_models_command.app)
app.add_typer(config_command.app, name="config")
app.add_typer(data_commands.app)
app.add_typer(elicit_command.app)
app.add_typer(model_commands.app)
app.command()(site_command.site)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    template: Annotated[
        str, typer.Option("--template", help="gulf, the reference desk; or counts, stages, levels: small, invented.")
    ] = "counts",
) -> None:
    """Lay out a desk of one's own: data, models, questions and a brief, all commented, from a template.

    Example: forecast init my-desk --template counts
    """
    from forecast import new_desk

    print(f"{len(new_desk.lay_out(folder, template))} files: {new_desk.templates()[template]}")
    print(f"next: cd {folder}; forecast check; forecast run", file=sys.stderr)


@app.command()
def check(desk: Folder = HERE) -> None:
    """Read all data, models, questions and briefs, and say what is wrong with them; nothing is sampled."""
    for line in at_desk(desk).check():
        print(line)


@app.command("explain-error")
def explain_error(
    code: Annotated[str, typer.Argument(metavar="CODE", help="As an error bears it, like BC-D001.")],
) -> None:
    """Say what the code of an error means, and what to do about it.

    Example: forecast explain-error BC-D001
    """
    print(refusals.explained(code))


@app.command()
def doctor(desk: Folder = HERE) -> None:
    """Look at the machine: Python, libraries, desk, free disk, caches."""
    from forecast import doctor as clinic

    findings = clinic.findings(desk.resolve())
    for finding in findings:
        print(finding)
    raise typer.Exit(0 if all(finding.well for finding in findings) else 4)


@app.callback(invoke_without_command=True)
def _main(
    color: Annotated[
        Literal["auto", "always", "never"],
        typer.Option("--color", envvar="FORECAST_COLOR", help="Whether to write colours; on terminals if left out."),
    ] = "auto",
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


def _bug(bug: Exception) -> int:
    """Say that something broke that should not have, with its traceback if asked for."""
    if os.environ.get(DEBUG):
        traceback.print_exception(bug)
    last = traceback.extract_tb(bug.__traceback__)[-1]
    where, why = f"{Path(last.filename).name}:{last.lineno}", f"{type(bug).__name__}: {bug}"
    print(refusals.told(InternalError(BROKE, where, why, REPORT)), file=sys.stderr)
    return InternalError.exit_code


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
        root(words, prog_name="forecast", obj=path, default_map=configuration.defaults(root, stated))
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
        if code in (EXIT_INTERRUPTED, EXIT_TERMINATED):
            print(INTERRUPTED, file=sys.stderr)
        return code
    except ForecastError as refusal:
        print(refusals.told(refusal), file=sys.stderr)
        return refusal.exit_code
    except KeyboardInterrupt:
        print(INTERRUPTED, file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as bug:
        return _bug(bug)
    return 0


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
