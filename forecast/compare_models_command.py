"""The command that sets models, or two days, side by side."""

from typing import Annotated

import typer

from forecast.arguments import HERE, AsOf, Book, Brief, Folder, at_desk, day
from forecast.output import Output, command

app = typer.Typer()
BESIDE = ("difference", "difference_low", "difference_high", "chance", "flagged")
COLUMNS = ("question", "model", "probability", "low", "high", *BESIDE)
WHAT = "A model in models/, a model's TOML elsewhere, a day, or six letters of a digest in the book."


@command(app, *COLUMNS)
def compare(
    one: Annotated[str, typer.Argument(metavar="A", help=WHAT)],
    others: Annotated[list[str], typer.Argument(metavar="B", help="Another; of models as many as you like.")],
    brief: Brief = "",
    as_of: AsOf = "",
    ahead: Annotated[
        int,
        typer.Option("--ahead", min=0, help="Foresee the record from what came before, by so many fits a model."),
    ] = 0,
    question: Annotated[
        str, typer.Option("--question", metavar="ID", help="Only questions whose ids begin so; all if left out.")
    ] = "",
    why: Annotated[int, typer.Option("--why", min=0, help="Of two days: how many questions to explain.")] = 3,
    book: Book = "",
    desk: Folder = HERE,
) -> Output:
    """Set models, or two days, side by side: what differs, how forecasts do, and whether one is better.

    Example: forecast compare 2019-05-15 2019-06-15 --why 1
    """
    from forecast import compare_tables, side_by_side

    here = at_desk(desk)
    asked, name = day(as_of), here.named(brief)
    rows, sides = here.rows(book), (one, *others)
    return compare_tables.compared(side_by_side.compare(here, rows, name, sides, asked, ahead, why, question))
