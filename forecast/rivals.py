"""What the book says models were worth: the same questions, forecast by all of them on the same days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast import comparing, record, scores
from forecast.comparing import LETTERS, Lead, Stack
from forecast.ledger import Row
from forecast.register import Register, Scored

Array = NDArray[np.float64]
ALL = "all"
SEED = 20201129
Asked = tuple[str, str]  # question and as-of day
Shared = tuple[Scored, ...]  # one question on one day, by every model


@dataclass(frozen=True)
class Rivals:
    """Models in the book, on one group of questions or on all.

    Parameters
    ----------
    models : str
        Their letters, A first.
    group : str
        Of questions; `all` of all.
    n, days, live : int
        Questions that all of them forecast on one day, on how many days, and how many of these are live.
    brier, log : tuple of float
        Mean score of each, of what the models said alone: 0 is best.
    brier_leads, log_leads : tuple of Lead
        Of A over every other.
    stack : Stack
        Weights of all.
    """

    models: str
    group: str
    n: int
    days: int
    live: int
    brier: tuple[float, ...]
    log: tuple[float, ...]
    brier_leads: tuple[Lead, ...]
    log_leads: tuple[Lead, ...]
    stack: Stack


def found(rows: Sequence[Row], digests: Sequence[str]) -> tuple[list[Rivals], list[str]]:
    """Compare models by what came of their forecasts, and say which of them cannot be.

    Parameters
    ----------
    rows : sequence of Row
        In the order of the book.
    digests : sequence of str
        Of the specs of A, B, C ...; of the same spec twice, the first counts.
    """
    scored = [one for one in Register(rows).scored() if one.end.outcome is not None]
    every = {LETTERS[digests.index(one)]: told(rows, scored, one) for one in dict.fromkeys(digests)}
    kept = [letter for letter in every if every["A"].keys() & every[letter].keys()]
    rest = " or ".join(letter for letter in every if letter not in kept and letter != "A")
    notes = [f"the book holds no question that A and {rest} forecast on one day and that has come out"] if rest else []
    if len(kept) < 2:
        return [], notes
    some = shared([every[letter] for letter in kept])
    if not some:
        notes.append(f"the book holds no question that all of {', '.join(kept)} forecast on one day")
    return compared(some, "".join(kept)), notes


def told(rows: Sequence[Row], scored: Sequence[Scored], digest: str) -> dict[Asked, Scored]:
    """Find what a model forecast; of the same twice, what was said first.

    Parameters
    ----------
    rows : sequence of Row
        In the order of the book.
    scored : sequence of Scored
        Forecasts whose questions came out.
    digest : str
        Of the spec.
    """
    said: dict[Asked, Scored] = {}
    for one in scored:
        says = rows[one.told.sequence - 1].says
        if digest in (says["specs"][name] for name in says["models"]):
            said.setdefault((one.told.question, says["as_of"]), one)
    return said


def shared(every: Sequence[Mapping[Asked, Scored]]) -> list[Shared]:
    """List what all models forecast on the same day, day by day."""
    common = set.intersection(*(set(one) for one in every))
    return [tuple(one[key] for one in every) for key in sorted(common, key=lambda key: (key[1], key[0]))]


def compared(every: Sequence[Shared], models: str) -> list[Rivals]:
    """Compare models on all that they share, then on each group of questions; empty if there is nothing."""
    groups = sorted({one[0].question.group for one in every})
    chosen = {ALL: list(every)} if every else {}
    if len(groups) > 1:
        chosen |= {name: [one for one in every if one[0].question.group == name] for name in groups}
    return [_of(name, some, models) for name, some in chosen.items()]


def _of(group: str, every: Sequence[Shared], models: str) -> Rivals:
    said = [np.array([one[place].told.raw for one in every]) for place in range(len(models))]
    happened = np.array([one[0].happened for one in every])
    when = np.array([one[0].told.as_of for one in every], "datetime64[D]")
    length = record.drawn_together(when)
    brier, log = ([score(p, happened) for p in said] for score in (scores.brier, scores.logarithmic))

    def leads(each: Sequence[Array]) -> tuple[Lead, ...]:
        # The same days are drawn for every other model, so that one more changes no draw.
        rest = each[1:]
        return tuple(comparing.of_scores(each[0], one, when, length, _rng(), len(rest)) for one in rest)

    return Rivals(
        models=models,
        group=group,
        n=len(every),
        days=len(np.unique(when)),
        live=sum(all(one.live for one in several) for several in every),
        brier=_means(brier),
        log=_means(log),
        brier_leads=leads(brier),
        log_leads=leads(log),
        stack=comparing.stacking(-np.column_stack(log), when, length, _rng()),
    )


def _rng() -> np.random.Generator:
    return np.random.default_rng(SEED)


def _means(each: Sequence[Array]) -> tuple[float, ...]:
    return tuple(float(one.mean()) for one in each)
