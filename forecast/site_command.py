"""The command that lays a book out as pages."""

from pathlib import Path
from typing import Annotated

import typer

from forecast.arguments import HERE, Book, Folder, at_desk
from forecast.output import Output, command, listed

app = typer.Typer()


@command(app, "file")
def site(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder, or one that holds a site to replace.")],
    book: Book = "",
    desk: Folder = HERE,
) -> Output:
    """Lay the book out as pages that need no server: newest forecasts, all issues, every question, the track record.

    Example: forecast site out --book sqlite:///book.db
    """
    from forecast import site_folder

    return listed("file", [site_folder.publish(at_desk(desk), book, folder)])
