"""Commands about models: a question answered, the last days completed, fits and priors looked at."""

from typing import Annotated

import typer

from forecast.arguments import HERE, AsOf, Brief, Folder, Model, UsedBy, at_desk, day
from forecast.output import Output, command

app = typer.Typer()
ANSWER = ("question", "text", "as_of", "opens", "closes", "settles", "probability", "low", "high", "baseline")
QUALITY = ("ess_bulk", "ess_tail", "r_hat", "kept", "moved", "rests_on", "to_prior", "to_likelihood")
PARAMETER = ("part", "name", "unit", "prior_low", "prior_high", "mean", "sd", "low", "high", *QUALITY)


@command(app, *ANSWER)
def ask(
    question: Annotated[
        str, typer.Argument(metavar="QUESTION", help="The id of a question, or a line like those below.")
    ],
    given: Annotated[
        list[str], typer.Option("--given", help="Keep the futures in which this holds; `not` before it denies it.")
    ] = [],  # noqa: B006
    suppose: Annotated[list[str], typer.Option("--suppose", help="Put this event into every future.")] = [],  # noqa: B006
    draws: Annotated[int, typer.Option("--draws", min=0, help="Simulate at least so many futures.")] = 0,
    brief: Brief = "",
    as_of: AsOf = "",
    desk: Folder = HERE,
) -> Output:
    """Answer one question, without a file: under conditions (`--given`) and suppositions (`--suppose`), or plainly.

    A question: [measure] kind [column=value,value] [column!=value] [op number] and `in N days`, `by DATE` or
    `from DATE to DATE`. Without a measure events are counted; without a comparison one is enough. What is supposed:
    kind [column=value] on DATE.

    Example: forecast ask "attack target=shipping >= 3 in 60 days" --as-of 2019-05-17

    Example: forecast ask brent-up/0.1/60d --given "outage value>=1000 in 60 days" --draws 50000

    Example: forecast ask shipping-gulf/1/60d --suppose "us_deployment direction=escalation in 14 days"
    """
    from forecast import reply

    here = at_desk(desk)
    return reply.told(here.ask(question, here.named(brief), day(as_of), given, suppose, draws))


@command(app, "model", "days", "recorded", "share", "low", "median", "high")
def nowcast(brief: Brief = "", as_of: AsOf = "", desk: Folder = HERE) -> Output:
    """Say how many events of the last days there will have been once all is reported, learned from past lags.

    Example: forecast nowcast --as-of 2019-05-17
    """
    from forecast import nowcast_table

    here = at_desk(desk)
    snapshot, found = here.nowcast(here.named(brief), day(as_of))
    return nowcast_table.completed(snapshot, found)


@command(app, *PARAMETER)
def diagnose(model: Model, brief: UsedBy = "", as_of: AsOf = "", desk: Folder = HERE) -> Output:
    """Say how far a model's fit can be trusted: chains, priors beside posteriors, replicas, counts left out.

    Example: forecast diagnose proxy_attacks --brief gulf
    """
    from forecast import model_tables

    return model_tables.diagnosed(at_desk(desk).diagnose(model, day(as_of), brief))


@command(app, "id", "text", "closes", "probability", "low", "high")
def priors(model: Model, brief: UsedBy = "", as_of: AsOf = "", desk: Folder = HERE) -> Output:
    """Say what a model's priors imply before any data: events a month, and the probability of each question.

    Example: forecast priors proxy_attacks
    """
    from forecast import model_tables

    return model_tables.imagined(at_desk(desk).priors(model, day(as_of), brief))
