"""Commands about reports: made, made again, shown, compared; and what a forecast in the book was made from."""

from pathlib import Path
from typing import Annotated

import typer

from forecast.arguments import HERE, AsOf, Book, Brief, Folder, at_desk, day
from forecast.output import Output, command

app = typer.Typer()
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
