"""Commands about data: a file added or downloaded as a fetch, fetches listed, two days compared."""

from pathlib import Path
from typing import Annotated

import typer

from forecast.arguments import HERE, Folder, at_desk, day, needed
from forecast.output import Output, command

app = typer.Typer()
data_app = typer.Typer(help="The data of the desk: what was fetched, and what changed.", no_args_is_help=True)
app.add_typer(data_app, name="data")
EVENT = ("source", "record", "revision", "kind", "entity", "event_at", "known_at", "known_by", "value", "unit", "n")
CHANGE = ("change", *EVENT)
Source = Annotated[str, typer.Option("--source", help="Which source in data/sources.toml.")]

Through = Annotated[
    str, typer.Option("--through", metavar="DATE", help="The last day that was looked at; that of its rows.")
]
Published = Annotated[
    str, typer.Option("--published", metavar="DATE", help="When the file became public, if it does not say.")
]


@command(app, *CHANGE)
def add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What the publisher of the source ships, or a CSV.")],
    source: Source,
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", help="How the CSV is laid out; data/mappings/SOURCE.toml if there is one."),
    ] = None,
    through: Through = "",
    published: Published = "",
    fetched: Annotated[
        str, typer.Option("--fetched", metavar="DATE", help="When the file was fetched; today if left out.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and write nothing.")] = False,
    desk: Folder = HERE,
) -> Output:
    """Look at a file by named checks and append what is new, revised or taken back as one fetch.

    Nothing on record is edited. Exit code 3 if a check stops the file; then nothing is written.

    Example: forecast add incidents.csv --source posts --dry-run
    """
    from forecast import collecting, data_tables

    days = (day(fetched, "--fetched"), day(published, "--published"), day(through, "--through"))
    said = collecting.Said(*days, mapping=mapping)
    found = collecting.add(at_desk(desk), file, source, said, dry_run)
    return data_tables.looked(found, dry_run)


@command(app, *CHANGE)
def fetch(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="Which source in data/sources.toml.")],
    of: Annotated[
        str, typer.Option("--of", metavar="DATE", help="Which file, where the address has a place for a day.")
    ] = "",
    through: Through = "",
    published: Published = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Download and look, and append nothing.")] = False,
    desk: Folder = HERE,
) -> Output:
    """Download what a source's publisher offers, keep it as it came, and append what is new as one fetch.

    Only the source's own hosts are asked. Exit code 4 if they cannot be reached; nothing has changed then.

    Example: forecast fetch brent
    """
    from forecast import collecting, data_tables, fetching

    said = collecting.Said(published=day(published, "--published"), through=day(through, "--through"))
    found = fetching.fetch(at_desk(desk), source, day(of, "--of"), said, dry_run)
    return data_tables.looked(found, dry_run)


@command(data_app, "source", "file", "fetched_at", "added", "revised", "retracted", "through", "origin")
def log(
    source: Annotated[str, typer.Option("--source", help="Of this source only.")] = "",
    desk: Folder = HERE,
) -> Output:
    """List every fetch: when, how many rows, how far was looked, and from what.

    Example: forecast data log
    """
    from forecast import collecting, data_tables

    return data_tables.log(collecting.log(at_desk(desk), source))


@command(data_app, *CHANGE)
def diff(
    before: Annotated[str, typer.Argument(metavar="AS_OF1")],
    after: Annotated[str, typer.Argument(metavar="AS_OF2")],
    source: Annotated[str, typer.Option("--source", help="Of this source only.")] = "",
    desk: Folder = HERE,
) -> Output:
    """Say what was known before one day and not before another: new events, revised ones, and those taken back.

    Example: forecast data diff 2019-05-17 2019-06-17
    """
    from forecast import collecting, data_tables

    days = (needed(before, "AS_OF1"), needed(after, "AS_OF2"))
    return data_tables.diff(collecting.diff(at_desk(desk), days, source))
