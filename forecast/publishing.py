"""From what models say to what is published: bent by what earlier forecasts were worth, kept off certainty."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from forecast import calibration
from forecast.calibration import Maps
from forecast.entries import Scored
from forecast.questions import Forecast, Question

FLOOR = 0.01  # of questions that are asked again and again: the record shows no better yet


def maps(earlier: Sequence[Scored]) -> Maps:
    """Learn what bends forecasts from those that had come out; families are the models that they came from."""
    known = [one for one in earlier if one.outcome is not None]
    return calibration.by_family(
        [one.says["raw"] for one in known],
        [float(bool(one.outcome)) for one in known],
        [one.family for one in known],
        independent([one.question for one in known]),
    )


def independent(questions: Sequence[Question]) -> NDArray[np.float64]:
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
    """Bend a forecast and its interval; of a question that is asked again and again, keep off certainty."""
    family = "+".join(one.models)
    low, p, high = learned(family, [one.interval[0], one.probability, one.interval[1]]).tolist()
    if one.question.recurs:
        p = min(max(p, FLOOR), 1 - FLOOR)
    return p, (min(low, p), max(high, p))
