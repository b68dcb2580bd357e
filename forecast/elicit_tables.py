"""What was elicited from an expert, and the record of each, in a terminal or as JSON."""

from dataclasses import asdict
from functools import partial

from forecast import terminal
from forecast.elicitation import KINDS, NOTED
from forecast.elicited import Expert
from forecast.eliciting import Proposal
from forecast.experts import Record
from forecast.output import Output
from forecast.report import words
from forecast.spec import Prior
from forecast.terminal import plain, ruled

READING = (
    "Within: the posterior median without their prior lies in their 90 % interval. Surprise: how far it lies from the"
    " middle of their prior, in its standard deviations; of a sound expert about 0.8 where the data say much. Where the"
    " data say little, that posterior is the prior that stood before, and the comparison is with that."
)


def proposed(found: Proposal, written: bool) -> Output:
    """Say what an expert's prior is beside what was said and what stood before.

    Parameters
    ----------
    found : Proposal
    written : bool
        Whether it stands in the model's file by now.
    """
    told = {key: value for key, value in asdict(found).items() if key != "text"}
    return Output(
        partial(_proposed, found, written),
        lambda: {"written": written, **told},
        lambda: [asdict(one) for one in found.found.quantiles],
    )


def _proposed(found: Proposal, written: bool) -> None:
    console, unit = terminal.console(), found.meaning.unit
    console.print(f"{plain(found.model)}: {plain(found.name)}", style="bold")
    console.print(f"{plain(found.meaning.meaning)} ({plain(unit)})\n")
    console.print(f"by {plain(found.prior.by)}, 90 %:  {_interval(found.prior, unit)}, {KINDS[found.meaning.support]}")
    console.print(
        f"before, 90 %:  {_interval(found.before, unit)}; under it the expert's interval had {words.short(found.held)}"
    )
    table = ruled("What was said, and what was fitted", "below", "said", "fitted")
    for one in found.found.quantiles:
        table.add_row(words.number(one.value), f"{one.level:.3g}", f"{one.fitted:.3f}")
    console.print(table)
    console.print(_miss(found))
    for other in found.shared:
        console.print(f"note: it stands in the pool, and holds for {plain(other)} too")
    console.print(f"{'written into' if written else 'not written:'} {plain(found.where)}")


def _interval(prior: Prior, unit: str) -> str:
    return words.span((prior.low, prior.high), plain(unit))


def _miss(found: Proposal) -> str:
    miss = found.found.miss
    text = f"largest miss {miss:.3f}"
    return f"note: {text}: the prior is only roughly what was said" if miss > NOTED else text


def experts(found: Record) -> Output:
    """Say what the record of each expert is, and which models have no posterior to judge by."""
    return Output(partial(_experts, found), lambda: asdict(found), lambda: [asdict(one) for one in found.experts])


def _experts(found: Record) -> None:
    console = terminal.console()
    if found.experts:
        columns = ("expert", "priors", "parameters", "within", "surprise", "cannot be told")
        table = ruled("Experts, and the posteriors without their priors", *columns)
        for one in found.experts:
            table.add_row(*_row(one))
        console.print(table)
        console.print(READING)
        for line in _untold(found):
            console.print(line)
    elif not found.unfitted:
        console.print("No prior of this desk was elicited.")
    for name in found.unfitted:
        console.print(
            f"{plain(name)}: no posterior on the shelf; forecast diagnose {plain(name.partition('.')[0])} fits it"
        )


def _untold(found: Record) -> list[str]:
    """Say what is left out, and how to get it told."""
    if not found.untold:
        return []
    return [
        "What cannot be told is left out, and is most often where an expert was furthest off: the record flatters."
        f" forecast experts --fits {len(found.fitted) + len(found.untold)} tells of all. Left out:",
        *(f"  {plain(name)}" for name in found.untold),
    ]


def _row(one: Expert) -> tuple[str, ...]:
    far = "" if one.surprise is None else f"{one.surprise:.2f}"
    return plain(one.by), str(one.priors), str(one.told), f"{one.within} of {one.told}", far, str(one.untold)
