"""What an expert says of a quantity, as quantiles or as chips in bins, into the prior that fits it best.

The prior is normal on the scale of its support (`scales`), and its quantiles there are fitted to those said by least
squares, with PreliZ (Icazatti and others 2023, doi:10.21105/joss.05499). Chips are read at the edges between bins, as
the roulette method has them (Gore 1987; Morris, Oakley and Crowe 2014, doi:10.1016/j.envsoft.2013.10.010): an outer
edge may lie at the end of the support, and bins need not be alike.
"""

import math
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from forecast import scales
from forecast.errors import EnvironmentFault, UsageError, listed
from forecast.inference import Z95, location_scale
from forecast.spec import Prior

NOTED = 0.05  # a miss that is told
REFUSED = 0.15  # and one with which the prior would not be what the expert said
DIGITS = 4
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
CHIPS = re.compile(rf"({NUMBER})-({NUMBER}):(\d+)")


@dataclass(frozen=True)
class Quantile:
    """A point below which an expert puts so much probability, and how much the fitted prior puts there."""

    level: float
    value: float
    fitted: float = math.nan


@dataclass(frozen=True)
class Elicitation:
    """A prior fitted to what an expert said.

    Parameters
    ----------
    low, high : float
        Its 5 % and 95 % points in natural units, rounded to four digits; all else is of these.
    quantiles : tuple of Quantile
        What was said.
    miss : float
        The largest difference between a level that was said and the fitted one, in probability.
    """

    low: float
    high: float
    quantiles: tuple[Quantile, ...]
    miss: float


def quantiles(lines: Sequence[str], support: str) -> tuple[Quantile, ...]:
    """Read quantiles as people type them: `0.05=0.2`, a twentieth of the probability below 0.2.

    Parameters
    ----------
    lines : sequence of str
    support : str
        `positive`, `unit` or `real`.

    Raises
    ------
    UsageError
        With everything that cannot be meant: no numbers, levels that repeat, values outside the support, values that
        do not grow with their levels, fewer than two.
    """
    said, wrong = [], []
    for line in lines:
        found = re.fullmatch(rf"\s*({NUMBER})\s*=\s*({NUMBER})\s*", line)
        if found:
            said.append(Quantile(float(found[1]), float(found[2])))
        else:
            wrong.append(f"`{line}` is not a quantile")
    said.sort(key=lambda one: one.level)
    low, high = scales.ENDS[support]
    wrong += [f"the level {one.level:g} is not between 0 and 1" for one in said if not 0 < one.level < 1]
    wrong += [_outside(one.value, support) for one in said if not low < one.value < high]
    wrong += [_contradiction(*pair) for pair in pairwise(said) if not _agree(*pair)]
    wrong += ["fewer than two leave open how wide the prior is"] if len(lines) < 2 else []
    if wrong:
        raise UsageError("these quantiles cannot be meant", "--quantile", listed(wrong), "--quantile 0.05=0.2 …")
    return tuple(said)


def _outside(value: float, support: str) -> str:
    return f"{value:g} is not {'above 0' if support == 'positive' else 'between 0 and 1'}"


def _agree(one: Quantile, two: Quantile) -> bool:
    return one.level < two.level and one.value < two.value


def _contradiction(one: Quantile, two: Quantile) -> str:
    if one.level == two.level:
        return f"the level {one.level:g} is said twice"
    return f"{one.level:g} of the probability cannot lie below {one.value:g} and {two.level:g} below {two.value:g}"


def chips(text: str, support: str) -> tuple[Quantile, ...]:
    """Read chips in bins as people type them, `0-1:2 1-2:5 2-4:3`, as quantiles at the edges between them.

    Parameters
    ----------
    text : str
    support : str
        `positive`, `unit` or `real`.

    Raises
    ------
    UsageError
        With everything that cannot be meant: bins that do not join or leave the support, and chips in fewer than
        three bins, which leave open how wide the prior is.
    """
    bins, wrong = [], []
    for word in text.replace(",", " ").split():
        found = CHIPS.fullmatch(word)
        if found:
            bins.append((float(found[1]), float(found[2]), int(found[3])))
        else:
            wrong.append(f"`{word}` is not a bin with chips")
    low, high = scales.ENDS[support]
    wrong += [f"the bin {one:g}-{two:g} ends before it begins" for one, two, _ in bins if not one < two]
    wrong += [_outside(end, support) for one in bins for end in one[:2] if not low <= end <= high]
    wrong += [f"{one:g} and {two:g} do not join; a bin without chips is 1-2:0" for one, two in _gaps(bins)]
    filled = sum(count > 0 for *_, count in bins)
    if not wrong and filled < 3:
        wrong = [f"chips in {filled} bins leave open how wide the prior is" if filled else "there are no chips"]
    if wrong:
        hint = "put chips into three bins or more, as 0-1:2 1-2:5 2-4:3"
        raise UsageError("these chips cannot be meant", "--chips", listed(wrong), hint)
    share = np.cumsum([count for *_, count in bins]) / sum(count for *_, count in bins)
    edges = [Quantile(float(level), edge) for level, (_, edge, _) in zip(share, bins, strict=True)]
    return tuple(one for one in edges if 0 < one.level < 1)


def _gaps(bins: Sequence[tuple[float, float, int]]) -> list[tuple[float, float]]:
    return [(one[1], two[0]) for one, two in pairwise(bins) if one[1] != two[0]]


def fit(said: Sequence[Quantile], support: str) -> Elicitation:
    """Fit the prior of a support to quantiles.

    Parameters
    ----------
    said : sequence of Quantile
        Two or more.
    support : str
        `positive`: lognormal; `unit`: logit-normal; `real`: normal.

    Raises
    ------
    UsageError
        If no prior of this kind is near to what was said.
    EnvironmentFault
        If PreliZ is not installed.
    """
    levels = np.array([one.level for one in said])
    places = scales.free(np.array([one.value for one in said]), support)
    mean, sd = _normal(levels, places)
    low, high = (_rounded(float(scales.natural(mean + z * sd, support)), sd, support) for z in (-Z95, Z95))
    mean, sd = location_scale(Prior(low, high), support)
    fitted = stats.norm.cdf(places, mean, sd)
    miss = float(np.abs(fitted - levels).max())
    told = tuple(Quantile(one.level, one.value, float(level)) for one, level in zip(said, fitted, strict=True))
    if miss > REFUSED:
        raise UsageError(
            f"no {KINDS[support]} prior is near to what was said",
            why=listed([_apart(one) for one in told if abs(one.fitted - one.level) > NOTED]),
            hint="ask again: are all of these about the same quantity?",
        )
    return Elicitation(low, high, told, miss)


KINDS = {"positive": "lognormal", "unit": "logit-normal", "real": "normal"}


def _apart(one: Quantile) -> str:
    return f"{one.level:.3g} was said to lie below {one.value:g}, and {one.fitted:.3g} would"


def _normal(levels: NDArray[np.float64], places: NDArray[np.float64]) -> tuple[float, float]:
    """Find the normal whose quantiles are nearest, in units in which the places have mean 0 and spread 1."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what its own imports say
        try:
            from preliz import Normal
            from preliz.internal.optimization import optimize_quantiles
        except ImportError as problem:
            why = f"{problem.name or 'preliz'} is not installed"
            raise EnvironmentFault("priors are elicited with PreliZ", why=why, hint="uv sync --extra elicit") from None
    middle, spread = float(places.mean()), float(places.std())
    found = Normal(0.0, 1.0)
    optimize_quantiles(found, levels, (places - middle) / spread, [0, 1], [])
    return middle + spread * float(found.mu), spread * float(found.sigma)


def _rounded(value: float, sd: float, support: str) -> float:
    """Round to four digits of what tells: a number above 0, a share's nearer end, else the spread of the prior."""
    scale = {"positive": value, "unit": min(value, 1 - value), "real": sd}[support]
    return round(value, DIGITS - 1 - math.floor(math.log10(scale)))


def probability(prior: Prior, low: float, high: float, support: str) -> float:
    """Tell how probable an interval is under a prior."""
    mean, sd = location_scale(prior, support)
    one, two = stats.norm.cdf([float(scales.free(end, support)) for end in (low, high)], mean, sd)
    return float(two - one)
