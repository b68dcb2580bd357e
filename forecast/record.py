"""The track record: what forecasts in the book were worth, live ones and backtests apart, void ones counted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from forecast import scores
from forecast.entries import Scored
from forecast.skill import Skill, skill

ALL = "all"
SEED = 20190517
BLOCK = 3  # days of issue in a block: windows overlap


@dataclass(frozen=True)
class Line:
    """A line of the record: forecasts of one family, or all, that were live, or were not.

    Parameters
    ----------
    family : str
    live : bool
    n, void : int
        Forecasts that came out, and that are void.
    said, happened : float
        Mean probability, and the share that happened.
    brier, raw, baseline : float
        Mean Brier scores of what was published, of the models alone, and of the base rate: 0 is best, 1 worst.
    skill : Skill
        Of what was published over the base rate.
    benchmark : Skill or None
        Over the strongest yardstick, where all of them have one.
    """

    family: str
    live: bool
    n: int
    void: int
    said: float
    happened: float
    brier: float
    raw: float
    baseline: float
    skill: Skill
    benchmark: Skill | None


def lines(scored: Sequence[Scored]) -> list[Line]:
    """Lay out the record, live first; families in the alphabet, then all."""
    return [line for live in (True, False) for line in _of([one for one in scored if one.live == live], live)]


def _of(scored: Sequence[Scored], live: bool) -> Iterator[Line]:
    families = sorted({one.family for one in scored})
    for family in [*families, *([ALL] if len(families) > 1 else [])]:
        some = [one for one in scored if family in (ALL, one.family)]
        known = [one for one in some if one.outcome is not None]
        if known:
            yield _line(family, live, known, len(some) - len(known))


def _line(family: str, live: bool, known: Sequence[Scored], void: int) -> Line:
    happened = np.array([float(bool(one.outcome)) for one in known])
    when = np.array([one.says["as_of"] for one in known])
    said = {
        name: np.array([np.nan if one.says[name] is None else one.says[name] for one in known], float)
        for name in ("probability", "raw", "baseline", "benchmark")
    }
    mine, raw, usual = (scores.brier(said[name], happened) for name in ("probability", "raw", "baseline"))
    yardstick = said["benchmark"] if np.isfinite(said["benchmark"]).all() else None
    return Line(
        family=family,
        live=live,
        n=len(known),
        void=void,
        said=float(said["probability"].mean()),
        happened=float(happened.mean()),
        brier=float(mine.mean()),
        raw=float(raw.mean()),
        baseline=float(usual.mean()),
        skill=skill(mine, usual, when, BLOCK, np.random.default_rng(SEED)),
        benchmark=None
        if yardstick is None
        else skill(mine, scores.brier(yardstick, happened), when, BLOCK, np.random.default_rng(SEED)),
    )
