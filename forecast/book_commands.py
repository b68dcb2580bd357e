"""Commands about the book: forecasts written down, settled, counted, compared and exported."""

import json
from pathlib import Path
from typing import Annotated

import typer

from forecast.arguments import HERE, AsOf, Book, Brief, Folder, at_desk, day
from forecast.output import Output, command, listed

app = typer.Typer()
ledger_app = typer.Typer(help="The book of forecasts: is it whole?", no_args_is_help=True)
app.add_typer(ledger_app, name="ledger")
ROW = ("id", "sequence", "written_at")
SCORES = ("said", "happened", "brier", "raw", "baseline", "skill", "skill_low", "skill_high")
RECORD = ("family", "live", "n", "void", *SCORES)


@command(app, *ROW, "question", "as_of", "probability", "low", "high", "raw", "baseline")
def issue(brief: Brief = "", as_of: AsOf = "", book: Book = "", desk: Folder = HERE) -> Output:
    """Forecast a brief's questions and write the forecasts into the book, where they stay.

    Example: forecast issue --brief gulf
    """
    from forecast import book_tables, bookkeeping

    here = at_desk(desk)
    into, name = here.book(book, begin=True), here.named(brief)
    return book_tables.written(bookkeeping.issue(here, into, name, here.now(), day(as_of)))


@command(app, *RECORD)
def backtest(
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="First as-of date.")] = "2016-01-15",
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="Last one; as far as sources go if left out.")] = "",
    every: Annotated[int, typer.Option("--every", help="Months between two.")] = 1,
    full: Annotated[bool, typer.Option("--full", help="Fit as for publication: slower, and nearly the same.")] = False,
    workers: Annotated[
        int, typer.Option("--workers", min=0, help="Processes side by side; as many as cores if left out.")
    ] = 0,
    cluster: Annotated[
        str, typer.Option("--cluster", metavar="ADDRESS", help="A dask scheduler, as tcp://host:8786.")
    ] = "",
    brief: Brief = "",
    book: Book = "",
    desk: Folder = HERE,
) -> Output:
    """Walk a brief through past days, forecast by forecast, into the book; settle what the record can settle.

    Each day is kept as it ends: a walk that is broken off goes on where it was.

    Example: forecast backtest --brief gulf --from 2019-01-15 --every 3
    """
    from forecast import book_tables, bookkeeping, executors

    here = at_desk(desk)
    brief = here.named(brief)
    end = day(last, "--to") or here.as_of(here.brief(brief), None)
    days = bookkeeping.origins(day(first, "--from") or end, end, every)
    into, crew = here.book(book, begin=True), executors.chosen(workers, cluster)
    found = bookkeeping.backtest(here, into, brief, days, here.now, crew.workers, crew.cores, full)
    book_tables.refused(found)
    return book_tables.record(into.rows(), code=1 if found.refused else 0)


@command(app, *ROW, "question", "outcome", "reason", "settled_at")
def resolve(book: Book = "", desk: Folder = HERE) -> Output:
    """Settle all questions in the book that the record can settle by now."""
    from forecast import book_tables, bookkeeping

    here = at_desk(desk)
    return book_tables.written(bookkeeping.resolve(here, here.book(book), here.now()))


@command(app, *ROW, "question", "because", "settled_at")
def void(
    question: Annotated[str, typer.Argument(metavar="ID", help="The question's id in the book, or its beginning.")],
    because: Annotated[str, typer.Option("--because", help="Why, in a sentence that stays in the book.")],
    book: Book = "",
    desk: Folder = HERE,
) -> Output:
    """Make a question void from today on; what was forecast of it stays in the book."""
    from forecast import book_tables, bookkeeping

    here = at_desk(desk)
    return book_tables.written(bookkeeping.void(here.book(book), question, because, here.now()))


@command(app, *RECORD)
def record(book: Book = "", desk: Folder = HERE) -> Output:
    """Print the track record: what forecasts in the book were worth, live ones and backtests apart."""
    from forecast import book_tables

    return book_tables.record(at_desk(desk).book(book, whole=False).rows())


@command(ledger_app)
def verify(
    head: Annotated[str, typer.Option("--head", metavar="N:SEAL", help="A head that was published.")] = "",
    book: Book = "",
    desk: Folder = HERE,
) -> Output:
    """Check every seal in the book, and that it still begins as it did when a head was published.

    Prints the head of today, to be published. Exit code 1 if the book is not whole.
    """
    from forecast import book_tables, bookkeeping

    found = at_desk(desk).book(book, whole=False)
    fault = found.verify(bookkeeping.head(head) if head else None)
    return book_tables.verified(fault, found.head() if fault is None else bookkeeping.NO_HEAD)


@command(app, "file")
def export(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new one, or one that holds the brief's hub.")],
    brief: Brief = "",
    as_of: AsOf = "",
    draws: Annotated[int, typer.Option("--draws", min=0, help="Samples of each question; 0 leaves them out.")] = 100,
    book: Book = "",
    desk: Folder = HERE,
) -> Output:
    """Write what was issued as CSV, as JSON and as a hubverse hub, if the hub's file passes its checks.

    Example: forecast export out --brief gulf
    """
    from forecast import export as exporting

    here = at_desk(desk)
    return listed("file", exporting.export(here, here.book(book), here.named(brief), folder, day(as_of), draws))


@command(app, "file", "name", "level", "problem")
def validate(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A model output file, or a hub's folder for all.")],
) -> Output:
    """Look at a model output file by the rules of hubverse, one line a check. Exit code 1 if one of them stops it."""
    from forecast import book_tables
    from forecast import export as exporting

    return book_tables.validated(exporting.validate(path))


@command(app)
def schema(
    name: Annotated[str, typer.Argument(metavar="NAME", help="forecasts, questions, or a kind of row.")] = "forecasts",
) -> Output:
    """Print the JSON Schema of forecasts.json or questions.json, or of what a kind of row of the book says."""
    from forecast.formats import schemas

    text = schemas.schema(name)
    return Output(lambda: print(text, end=""), lambda: {"schema": json.loads(text)})


@command(app, "question", "from", "to", "before", "after", "points", "chance", "flagged")
def watch(
    brief: Brief = "",
    since: Annotated[str, typer.Option("--from", metavar="DATE", help="The last issue by then; the one before.")] = "",
    rate: Annotated[
        float, typer.Option("--rate", min=0.0001, max=0.5, help="How often by chance alone anything may be flagged.")
    ] = 0.05,
    least: Annotated[float, typer.Option("--least", min=0.0, max=1.0, help="Show no move smaller than this.")] = 0.05,
    book: Book = "",
    desk: Folder = HERE,
) -> Output:
    """Say which questions moved more than chance would since the issue before.

    Example: forecast watch --brief gulf --from 2026-06-01
    """
    from forecast import move_tables, moves
    from forecast.register import Register

    here = at_desk(desk)
    told = Register(here.book(book, whole=False).rows()).told(here.named(brief))
    return move_tables.moved(moves.watch(told, rate, day(since, "--from")), rate, least)


@command(app, "cause", "points")
def explain(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="Its id, without the day if it is asked anew.")],
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="The last issue by then; the one before.")] = "",
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="The last issue by then; the newest.")] = "",
    groups: Annotated[int, typer.Option("--groups", min=0, help="Groups of new events to leave out in turn.")] = 6,
    brief: Brief = "",
    book: Book = "",
    desk: Folder = HERE,
) -> Output:
    """Say why the probability of a question moved between two issues, in shares that add up.

    Example: forecast explain shipping-gulf/1/30d --from 2019-05-15 --to 2019-06-15
    """
    from forecast import move_tables, moves

    here = at_desk(desk)
    ends = day(first, "--from"), day(last, "--to")
    of, name = here.book(book, whole=False), here.named(brief)
    return move_tables.explained(moves.why(here, of, name, question, *ends, groups))
