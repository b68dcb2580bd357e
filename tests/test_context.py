"""The model of context, on the bundled list: rates that forget are closer to what came than the record replayed."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from forecast import answers, world
from forecast.desk import Desk
from forecast.events import Snapshot
from forecast.inference import Sizes
from forecast.questions import Question
from forecast.rules import Readings, Rule

ROOT = Path(__file__).parents[1]
SIZES = Sizes(4000, 500)
HORIZONS = (30, 60, 90)
STRIKE = {"kind": ("us_strike",), "direction": ("escalation",), "against": ("iran",)}
ASKED = [STRIKE, *({"kind": (kind,)} for kind in ("us_strike", "israel_strike", "ceasefire", "sanctions"))]
ORIGINS = [date(year, month, 1) for year in range(2016, 2027) for month in (1, 4, 7, 10)][:-2]


def question(where: dict[str, tuple[str, ...]], opens: date, days: int) -> Question:
    closes = opens + timedelta(days=days)
    return Question("q", "?", Rule("count", where), opens, closes, 10, opens, opens, "g", "d")  # type: ignore[arg-type]


def probabilities(desk: Desk, model: str, known: Snapshot) -> list[float]:
    spec = desk.spec(model)
    until = dict.fromkeys(spec.kinds, known.as_of + timedelta(days=max(HORIZONS)))
    futures = world.simulate([spec], world.fit([spec], known), known, until, SIZES)
    found = []
    for where in ASKED:
        for days in HORIZONS:
            one = question(where, known.as_of, days)
            found.append(answers.probability(one, futures, answers.held(one, Readings(known, futures))[1])[0])
    return found


@pytest.mark.slow
def test_what_came_lately_says_more_than_what_ever_came() -> None:
    """Brier score over 42 quarters: better by more than a twentieth, and better in the mean of most kinds."""
    desk = Desk(ROOT)
    truth = desk.archive.as_of(desk.archive.newest(["context"]), ["context"])
    errors: dict[str, list[list[float]]] = {"context": [], "context_climatology": []}
    for origin in ORIGINS:
        known = desk.archive.as_of(origin, ["context"])
        came = [
            float(answers.on_record(question(where, origin, days), truth, [origin], days)[0][0])
            for where in ASKED
            for days in HORIZONS
        ]
        for model, kept in errors.items():
            kept.append([(p - y) ** 2 for p, y in zip(probabilities(desk, model, known), came, strict=True)])
    late, usual = (np.array(kept).reshape(len(ORIGINS), len(ASKED), len(HORIZONS)) for kept in errors.values())
    assert late.mean() < 0.95 * usual.mean()
    assert (late.mean(axis=(0, 2)) < usual.mean(axis=(0, 2))).sum() >= 4
