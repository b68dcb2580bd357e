"""From what models say to what is published: bent by what earlier forecasts were worth, kept off certainty."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from forecast import calibration
from forecast.calibration import Maps
from forecast.questions import Forecast, Question
from forecast.register import Scored, family

Array = NDArray[np.float64]
BLOCK = 365  # days in which causes last: one truce or campaign decides many questions
FLOOR = 0.01  # of questions that are asked again and again: the record shows no better yet


def maps(earlier: Sequence[Scored]) -> Maps:
    """Learn what bends forecasts from those that had come out; families are the models that they came from."""
    known = [one for one in earlier if one.end.outcome is not None]
    of = np.array([one.told.family for one in known])
    raw, happened = np.array([one.told.raw for one in known]), np.array([one.happened for one in known])
    weight = independent([one.question for one in known])
    block = np.array([one.told.as_of.toordinal() // BLOCK for one in known])
    for name in np.unique(of):
        own = of == name
        weight[own] *= worth(raw[own], happened[own], block[own], weight[own])
    return calibration.by_family(raw, happened, of, weight)


def worth(raw: Array, happened: Array, block: NDArray[np.int64], weight: Array) -> float:
    """Say which part of their votes forecasts are worth, whose outcomes hang together within blocks of days.

    A mean over clusters of m votes, correlated by rho, has the variance of one over 1 / (1 + (m - 1) rho) as many that
    are independent (Kish, "Survey Sampling", 1965); rho is what the outcomes show, see `calibration.together`.
    """
    each = np.bincount(np.unique(block, return_inverse=True)[1], weight)
    size = float((each**2).sum() / each.sum())
    return 1 / (1 + max(size - 1, 0.0) * calibration.together(raw, happened, block))


def independent(questions: Sequence[Question]) -> Array:
    """Say for how many independent questions each counts: those of one series whose windows overlap share one."""
    series: dict[tuple[str, str, str], list[int]] = {}
    for place, one in enumerate(questions):
        series.setdefault(_series(one), []).append(place)
    weight = np.ones(len(questions))
    for places in series.values():
        opens, closes = (
            np.array([getattr(questions[place], name).toordinal() for place in places]) for name in ("opens", "closes")
        )
        overlap = (opens[:, None] < closes) & (opens < closes[:, None])
        weight[places] = 1 / overlap.sum(axis=1)
    return weight


def _series(one: Question) -> tuple[str, str, str]:
    """Name what is asked again and again, whatever the window."""
    return one.group, str(one.labels.get("entity", "")), str(one.labels.get("threshold", one.rule.threshold))


def published(one: Forecast, learned: Maps) -> tuple[float, tuple[float, float]]:
    """Bend a forecast and its interval."""
    low, high = (float(learned(family(one.models), end)) for end in one.interval)
    p = bent(one.probability, one.models, one.question, learned)
    return p, (min(low, p), max(high, p))


def bent(raw: float, models: Sequence[str], question: Question, learned: Maps) -> float:
    """Bend the probability of some models; of a question that is asked again and again, keep off certainty."""
    p = float(learned(family(models), raw))
    return min(max(p, FLOOR), 1 - FLOOR) if question.recurs else p
