"""What the book says two models were worth: the same questions, forecast by both on the same days."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast import comparing, record, scores
from forecast.comparing import Lead, Stack
from forecast.ledger import Row
from forecast.register import Register, Scored

ALL = "all"
SEED = 20201129
Pair = tuple[Scored, Scored]


@dataclass(frozen=True)
class Rivals:
    """Two models in the book, on one group of questions or on all.

    Parameters
    ----------
    group : str
        Of questions; `all` of all.
    n, days, live : int
        Pairs of forecasts, days on which they were made, and how many pairs are live.
    brier, log : tuple of float
        Mean scores of A and of B, of what the models said alone: 0 is best.
    brier_lead, log_lead : Lead
    stack : Stack
        Weights of A and B.
    """

    group: str
    n: int
    days: int
    live: int
    brier: tuple[float, float]
    log: tuple[float, float]
    brier_lead: Lead
    log_lead: Lead
    stack: Stack


def pairs(rows: Sequence[Row], one: str, other: str) -> list[Pair]:
    """Find the questions that came out and that both models forecast on the same day.

    Parameters
    ----------
    rows : sequence of Row
        In the order of the book.
    one, other : str
        Digests of the specs.
    """
    told: dict[str, dict[tuple[str, str], Scored]] = {one: {}, other: {}}
    for scored in Register(rows).scored():
        if scored.end.outcome is None:
            continue
        says = rows[scored.told.sequence - 1].says
        for digest in {says["specs"][name] for name in says["models"]} & {one, other}:
            told[digest].setdefault((scored.told.question, says["as_of"]), scored)
    both = told[one].keys() & told[other].keys()
    return [(told[one][key], told[other][key]) for key in sorted(both, key=lambda key: (key[1], key[0]))]


def compared(found: Sequence[Pair]) -> list[Rivals]:
    """Compare two models on all pairs, then on each group of questions; empty if there are none."""
    groups = sorted({a.question.group for a, _ in found})
    chosen = {ALL: list(found)} if found else {}
    if len(groups) > 1:
        chosen |= {name: [pair for pair in found if pair[0].question.group == name] for name in groups}
    return [_of(name, some) for name, some in chosen.items()]


def _of(group: str, found: Sequence[Pair]) -> Rivals:
    said = [np.array([pair[side].told.raw for pair in found]) for side in (0, 1)]
    happened = np.array([a.happened for a, _ in found])
    when = np.array([a.told.as_of for a, _ in found], "datetime64[D]")
    length, rng = record.drawn_together(when), np.random.default_rng(SEED)
    brier, log = ([score(p, happened) for p in said] for score in (scores.brier, scores.logarithmic))
    return Rivals(
        group=group,
        n=len(found),
        days=len(np.unique(when)),
        live=sum(a.live and b.live for a, b in found),
        brier=_means(brier),
        log=_means(log),
        brier_lead=comparing.of_scores(brier[0], brier[1], when, length, rng),
        log_lead=comparing.of_scores(log[0], log[1], when, length, rng),
        stack=comparing.stacking(-np.column_stack(log), when, length, rng),
    )


def _means(each: Sequence[NDArray[np.float64]]) -> tuple[float, float]:
    return float(each[0].mean()), float(each[1].mean())
