"""The track record: what forecasts in the book were worth, live ones and backtests apart, void ones counted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast import calibration, scores
from forecast.calibration import Coverage
from forecast.register import Scored
from forecast.skill import Skill, skill

ALL = "all"
SEED = 20190517
BLOCK = np.timedelta64(365, "D")  # of issue that is drawn together: windows overlap, and causes last
BLOCKS = 4  # at least, which are shorter while the record is
FEW = 5  # questions of numbers, below which no coverage is counted


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
    learned : Skill
        Of what was published over the models alone: what recalibration did.
    benchmark : Skill or None
        Over the strongest yardstick, where all of them have one.
    log, log_baseline : float
        Mean logarithmic scores of what was published and of the base rate, in nats: 0 is best.
    coverage : Coverage or None
        How often the 5 to 95 % range of the number that is asked about held what came: counts and ranges with ends that
        many futures share hold more than nine in ten.
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
    learned: Skill
    benchmark: Skill | None
    log: float
    log_baseline: float
    coverage: Coverage | None


def lines(scored: Sequence[Scored]) -> list[Line]:
    """Lay out the record, live first; families in the alphabet, then all."""
    return [line for live in (True, False) for line in _of([one for one in scored if one.live == live], live)]


def _of(scored: Sequence[Scored], live: bool) -> Iterator[Line]:
    families = sorted({one.told.family for one in scored})
    for family in [*families, *([ALL] if len(families) > 1 else [])]:
        some = [one for one in scored if family in (ALL, one.told.family)]
        if any(one.end.outcome is not None for one in some):
            yield line(family, live, some)


def line(name: str, live: bool, scored: Sequence[Scored]) -> Line:
    """Lay out one line, of forecasts some of which are not void."""
    known = [one for one in scored if one.end.outcome is not None]
    happened = np.array([one.happened for one in known])
    said, raw, usual, strong = (
        np.array([getattr(one.told, name) for one in known], float)
        for name in ("probability", "raw", "baseline", "benchmark")
    )
    when = np.array([one.told.as_of for one in known], "datetime64[D]")
    length = drawn_together(when)

    def over(other: NDArray[np.float64]) -> Skill:
        rng = np.random.default_rng(SEED)
        return skill(scores.brier(said, happened), scores.brier(other, happened), when, length, rng)

    return Line(
        family=name,
        live=live,
        n=len(known),
        void=len(scored) - len(known),
        said=float(said.mean()),
        happened=float(happened.mean()),
        brier=float(scores.brier(said, happened).mean()),
        raw=float(scores.brier(raw, happened).mean()),
        baseline=float(scores.brier(usual, happened).mean()),
        skill=over(usual),
        learned=over(raw),
        benchmark=over(strong) if np.isfinite(strong).all() else None,
        log=float(scores.logarithmic(said, happened).mean()),
        log_baseline=float(scores.logarithmic(usual, happened).mean()),
        coverage=_coverage(known),
    )


def drawn_together(when: NDArray[np.datetime64]) -> int:
    """Say how many days of issue are drawn together: those of a year, or of a quarter of what there is."""
    days = np.unique(when)
    span = min(BLOCK, (days[-1] - days[0]) // BLOCKS)
    return max(1, int((np.searchsorted(days, days + span, "left") - np.arange(len(days))).max()))


def _coverage(known: Sequence[Scored]) -> Coverage | None:
    asked = [(one.told.quantiles, one.end.number) for one in known if one.told.quantiles]
    came = [(quantiles[0], quantiles[-1], number) for quantiles, number in asked if number is not None]
    return calibration.coverage(*zip(*came, strict=True)) if len(came) >= FEW else None
