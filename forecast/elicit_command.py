"""Commands about experts: what one says made a prior, and the record of each."""

from typing import Annotated

import typer

from forecast.arguments import HERE, AsOf, Folder, Model, at_desk, day
from forecast.output import Output, command

app = typer.Typer()


@command(app, "level", "value", "fitted")
def elicit(
    model: Model,
    prior: Annotated[
        str, typer.Argument(metavar="PRIOR", help="Which of its priors; or a covariate, trait or season, by its name.")
    ],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Whose judgement it is.")],
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="Why; it stands in the report.")],
    quantile: Annotated[
        list[str],
        typer.Option("--quantile", metavar="LEVEL=VALUE", help="So much probability lies below; twice or more often."),
    ] = [],  # noqa: B006
    chips: Annotated[
        str, typer.Option("--chips", metavar="BINS", help='Chips in three bins or more: "0-1:2 1-2:5 2-4:3".')
    ] = "",
    on: Annotated[str, typer.Option("--on", metavar="DATE", help="When it was said; today if left out.")] = "",
    member: Annotated[str, typer.Option("--member", help="Which member, if the model is a pool.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be written, and write nothing.")] = False,
    desk: Folder = HERE,
) -> Output:
    """Turn an expert's quantiles or chips into a prior, and write it into the model with name, date and reason.

    Example: forecast elicit incidents background --by "A. Expert" --because "calm" --quantile 0.1=2 --quantile 0.9=9
    """
    from forecast import elicit_tables, eliciting

    here = at_desk(desk)
    said = eliciting.Said(by, because, day(on, "--on"), tuple(quantile), chips)
    found = eliciting.propose(here, model, prior, said, member)
    if not dry_run:
        eliciting.write(here, found)
    return elicit_tables.proposed(found, not dry_run)


@command(app, "by", "priors", "told", "within", "surprise", "untold")
def experts(
    fits: Annotated[
        int, typer.Option("--fits", min=0, help="Fit so many models anew, where weighing draws cannot tell.")
    ] = 0,
    as_of: AsOf = "",
    desk: Folder = HERE,
) -> Output:
    """Print each expert's record: how far the posteriors without their priors lie from what they said.

    Nothing else is fitted for it; which models have no posterior, and what cannot be told, is said.

    Example: forecast experts --fits 2
    """
    from forecast import elicit_tables
    from forecast import experts as records

    return elicit_tables.experts(records.record(at_desk(desk), day(as_of), fits))
