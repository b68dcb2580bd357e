"""The command line: each command parses, calls the desk, prints. Results go to stdout, all else to stderr."""

import json as json_module
import os
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from forecast import __version__
from forecast.errors import EXIT_INTERRUPTED, ForecastError, UsageError

app = typer.Typer(
    help="Honest numbers on geopolitical risk: dated events in, calibrated probabilities and reports out.",
    epilog="Exit codes: 0 done · 1 a model did not converge · 2 wrong command or spec · 3 unusable data · "
    "4 disk, lock or cache · 70 a bug of ours · 130 interrupted.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
ledger_app = typer.Typer(help="The book of forecasts: is it whole?", no_args_is_help=True)
app.add_typer(ledger_app, name="ledger")
AsOf = Annotated[
    str, typer.Option("--as-of", metavar="DATE", help="Use only what was known before this day, as 2019-05-17.")
]
Brief = Annotated[str, typer.Option("--brief", help="Which file in reports/briefs.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of a table.")]
Model = Annotated[str, typer.Argument(metavar="MODEL", help="Which file in models/.")]
UsedBy = Annotated[str, typer.Option("--brief", help="A brief that uses the model; the first one if left out.")]
Folder = Annotated[Path, typer.Option("--desk", help="The desk's folder, or one below it.")]
Book = Annotated[
    str,
    typer.Option("--book", envvar="FORECAST_BOOK", help="Address of the book; book.db in the desk if left out."),
]
HERE = Path(".")
INTERRUPTED = "interrupted; nothing half-done was written"


def _desk(folder: Path) -> Any:
    from forecast import progress
    from forecast.desk import Desk
    from forecast.folder import find

    return Desk(find(folder.resolve()), lambda line: print(line, file=sys.stderr, flush=True), progress.watch())


def _day(text: str, option: str = "--as-of") -> date | None:
    """Read a date as people type it; None of nothing."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"`{text}` is not a date", option, hint="write it as 2019-05-17") from None


@app.command()
def run(brief: Brief = "gulf", as_of: AsOf = "", json: Json = False, desk: Folder = HERE) -> None:
    """Make a report: fit the models, answer the questions, write report.json, .html and .pdf.

    Example: forecast run --brief seed-2019 --as-of 2019-05-17
    """
    from forecast import table

    issue = _desk(desk).run(brief, _day(as_of))
    table.show(issue, json)


@app.command()
def refit(brief: Brief = "gulf", as_of: AsOf = "", json: Json = False, desk: Folder = HERE) -> None:
    """Make a report as `run` does, beginning each fit from the newest posterior of its model: quicker, equal in law.

    Example: forecast refit --brief gulf
    """
    from forecast import table

    table.show(_desk(desk).run(brief, _day(as_of), again=True), json)


@app.command()
def show(brief: Brief = "gulf", as_of: AsOf = "", json: Json = False, desk: Folder = HERE) -> None:
    """Print the table of the newest report of a brief, or of the one as of a date; nothing is computed."""
    from forecast import table

    table.show(_desk(desk).latest(brief, _day(as_of)), json)


@app.command()
def ask(
    question: Annotated[
        str, typer.Argument(metavar="QUESTION", help="The id of a question, or a line like those below.")
    ],
    given: Annotated[
        list[str], typer.Option("--given", help="Keep the futures in which this holds; `not` before it denies it.")
    ] = [],  # noqa: B006
    suppose: Annotated[list[str], typer.Option("--suppose", help="Put this event into every future.")] = [],  # noqa: B006
    draws: Annotated[int, typer.Option("--draws", min=0, help="Simulate at least so many futures.")] = 0,
    brief: Annotated[str, typer.Option("--brief", help="The brief whose models and sources answer.")] = "gulf",
    as_of: AsOf = "",
    json: Json = False,
    desk: Folder = HERE,
) -> None:
    """Answer one question, without a file: under conditions (`--given`) and suppositions (`--suppose`), or plainly.

    A question: [measure] kind [column=value,value] [column!=value] [op number] and `in N days`, `by DATE` or
    `from DATE to DATE`. Without a measure events are counted; without a comparison one is enough. What is supposed:
    kind [column=value] on DATE.

    Example: forecast ask "attack target=shipping >= 3 in 60 days" --as-of 2019-05-17

    Example: forecast ask brent-up/0.1/60d --given "outage value>=1000 in 60 days" --draws 50000

    Example: forecast ask shipping-gulf/1/60d --suppose "us_deployment direction=escalation in 14 days"
    """
    from forecast import reply

    reply.show(_desk(desk).ask(question, brief, _day(as_of), given, suppose, draws), json)


@app.command()
def issue(brief: Brief = "gulf", as_of: AsOf = "", book: Book = "", json: Json = False, desk: Folder = HERE) -> None:
    """Forecast a brief's questions and write the forecasts into the book, where they stay.

    Example: forecast issue --brief gulf
    """
    from forecast import book_tables, bookkeeping

    here = _desk(desk)
    book_tables.written(bookkeeping.issue(here, here.book(book), brief, here.now(), _day(as_of)), json)


@app.command()
def backtest(
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="First as-of date.")] = "2016-01-15",
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="Last one; as far as sources go if left out.")] = "",
    every: Annotated[int, typer.Option("--every", help="Months between two.")] = 1,
    full: Annotated[bool, typer.Option("--full", help="Fit as for publication: slower, and nearly the same.")] = False,
    brief: Brief = "gulf",
    book: Book = "",
    json: Json = False,
    desk: Folder = HERE,
) -> None:
    """Walk a brief through past days, forecast by forecast, into the book; settle what the record can settle.

    Each day is kept as it ends: a walk that is broken off goes on where it was.

    Example: forecast backtest --brief gulf --from 2019-01-15 --every 3
    """
    from forecast import book_tables, bookkeeping

    here = _desk(desk)
    end = _day(last, "--to") or here.as_of(here.brief(brief), None)
    days = bookkeeping.origins(_day(first, "--from") or end, end, every)
    into = here.book(book)
    found = bookkeeping.backtest(here, into, brief, days, here.now, full)
    if json:
        book_tables.written(found, json)
    else:
        book_tables.record(bookkeeping.track(into), bookkeeping.open_questions(into), json)


@app.command()
def resolve(book: Book = "", json: Json = False, desk: Folder = HERE) -> None:
    """Settle all questions in the book that the record can settle by now."""
    from forecast import book_tables, bookkeeping

    here = _desk(desk)
    book_tables.written(bookkeeping.resolve(here, here.book(book), here.now()), json)


@app.command()
def void(
    question: Annotated[str, typer.Argument(metavar="ID", help="The question's id in the book, or its beginning.")],
    because: Annotated[str, typer.Option("--because", help="Why, in a sentence that stays in the book.")],
    book: Book = "",
    json: Json = False,
    desk: Folder = HERE,
) -> None:
    """Make a question void from today on; what was forecast of it stays in the book."""
    from forecast import book_tables, bookkeeping

    here = _desk(desk)
    book_tables.written(bookkeeping.void(here.book(book), question, because, here.now()), json)


@app.command()
def record(book: Book = "", json: Json = False, desk: Folder = HERE) -> None:
    """Print the track record: what forecasts in the book were worth, live ones and backtests apart."""
    from forecast import book_tables, bookkeeping

    found = _desk(desk).book(book, whole=False)
    book_tables.record(bookkeeping.track(found), bookkeeping.open_questions(found), json)


@ledger_app.command()
def verify(
    head: Annotated[str, typer.Option("--head", metavar="N:SEAL", help="A head that was published.")] = "",
    book: Book = "",
    desk: Folder = HERE,
) -> None:
    """Check every seal in the book, and that it still begins as it did when a head was published.

    Prints the head of today, to be published. Exit code 1 if the book is not whole.
    """
    from forecast import book_tables, bookkeeping

    found = _desk(desk).book(book, whole=False)
    fault = found.verify(bookkeeping.head(head) if head else None)
    book_tables.verified(fault, found.head() if fault is None else bookkeeping.NO_HEAD)
    raise typer.Exit(0 if fault is None else 1)


@app.command()
def diagnose(model: Model, brief: UsedBy = "", as_of: AsOf = "", json: Json = False, desk: Folder = HERE) -> None:
    """Say how far a model's fit can be trusted: chains, priors beside posteriors, replicas, counts left out.

    Example: forecast diagnose proxy_attacks --brief gulf
    """
    from forecast import model_tables

    model_tables.diagnosed(_desk(desk).diagnose(model, _day(as_of), brief), json)


@app.command()
def priors(model: Model, brief: UsedBy = "", as_of: AsOf = "", json: Json = False, desk: Folder = HERE) -> None:
    """Say what a model's priors imply before any data: events a month, and the probability of each question.

    Example: forecast priors proxy_attacks
    """
    from forecast import model_tables

    model_tables.imagined(_desk(desk).priors(model, _day(as_of), brief), json)


@app.command()
def check(desk: Folder = HERE) -> None:
    """Read all data, models, questions and briefs, and say what is wrong with them; nothing is sampled."""
    for line in _desk(desk).check():
        print(line)


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


def main() -> None:
    """Run the command line, ending with the exit code of what went wrong."""
    code = 0
    try:
        app()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
        if code == EXIT_INTERRUPTED:
            print(INTERRUPTED, file=sys.stderr)
    except ForecastError as refusal:
        print(refusal, file=sys.stderr)
        code = refusal.exit_code
    except KeyboardInterrupt:
        print(INTERRUPTED, file=sys.stderr)
        code = EXIT_INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.stdout.flush()
    sys.stderr.flush()
    # A sampler that failed to start leaves threads that crash the interpreter while it shuts down.
    os._exit(code)


if __name__ == "__main__":
    main()
