"""How well two models foresee the bins of one record: left out one at a time, and from what came before alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from forecast import comparing, foreseen
from forecast.comparing import Lead, Stack, Verdict
from forecast.errors import NotConverged
from forecast.foreseen import Foreseen
from forecast.world import Fitted

Array = NDArray[np.float64]
Again = Callable[[Fitted, xr.Dataset], xr.DataTree]
DRAWS = 1000  # of a posterior, for what is computed bin by bin
EARLIER = 0.6  # share of the record that is seen before the first bin is foreseen
YEAR = 365.25
SEED = 20180901


@dataclass(frozen=True)
class Accuracy:
    """How well two models foresee the bins of one record.

    Parameters
    ----------
    way : str
        `left out`, each bin foreseen from all others, or `ahead`, from those before it.
    member : str
        Of both pools; blank where the models are compared whole.
    since, through : date
        First days of the first and the last bin.
    lead : Lead
        Of expected log predictive densities, nats.
    trusted : Lead or None
        The same without bins whose Pareto k is above 0.7; None if too few are left.
    high : tuple of int
        How many such bins A and B have.
    stack : Stack
        Weights of A and B.
    fits : tuple of int
        How many fits it took.
    """

    way: str
    member: str
    since: date
    through: date
    lead: Lead
    trusted: Lead | None
    high: tuple[int, int]
    stack: Stack
    fits: tuple[int, int]

    @property
    def verdict(self) -> Verdict:
        """Say who foresees better, if that can be told with and without the bins that cannot be trusted."""
        return comparing.agreed([self.lead, self.trusted]) if self.trusted else "neither"


def judged(parts: Sequence[Sequence[Fitted]], fits: int, again: Again) -> tuple[list[Accuracy], list[str]]:
    """Foresee the record by both models, or by members of the same name where not all can, or say why not.

    Parameters
    ----------
    parts : sequence of sequence of Fitted
        Of A and of B.
    fits : int
        To earlier parts of the record, at most, for each; without any nothing is foreseen from what came before.
    again : callable
        Fits a model to the panel of an earlier part.
    """
    found, notes = list[Accuracy](), list[str]()
    lacking = _incomparable([part for each in parts for part in each])
    matched = {"": parts}
    if lacking:
        notes.append(lacking)
        named = [{_member(one): one for one in each} for each in parts]
        matched = {name: [[each[name]] for each in named] for name in named[0] if name and name in named[1]}
    for member, pair in matched.items():
        if not _incomparable([part for each in pair for part in each]):
            more, why = _judged(member, pair, fits, again)
            found, notes = found + more, notes + why
    return found, notes


def _member(part: Fitted) -> str:
    return part.spec.name.partition(".")[2]


def _judged(
    member: str, parts: Sequence[Sequence[Fitted]], fits: int, again: Again
) -> tuple[list[Accuracy], list[str]]:
    times = parts[0][0].panel["time"].to_numpy().astype("datetime64[D]")
    step = parts[0][0].spec.step
    sides = [foreseen.pooled([foreseen.left_out(_likely(part, part.tree)) for part in each]) for each in parts]
    found = [_accuracy("left out", member, sides, times, step)]
    if fits:
        try:
            sides = [foreseen.pooled([_ahead(part, fits, again) for part in each]) for each in parts]
        except NotConverged as problem:
            return found, [f"nothing was foreseen from what came before: {problem.what}"]
        found.append(_accuracy("ahead", member, sides, times, step))
    return found, []


def _incomparable(parts: Sequence[Fitted]) -> str:
    """Say why log predictive densities of these cannot be compared; blank if they can."""
    for one in parts:
        if not hasattr(one.family, "pointwise"):
            name, family = one.spec.name, one.spec.family
            return f"`{name}` bin by bin: the family `{family}` does not say how likely each bin is; use backtests"
    counts = [one.panel["counts"] for one in parts]
    if any(not each.equals(counts[0]) for each in counts):
        return "the two do not explain the same counts (other `since`, `step`, target or cells); use backtests"
    return ""


def _likely(model: Fitted, tree: xr.DataTree) -> Array:
    """Give the log likelihood of every bin of a model's record, all cells together, for draws of a fit."""
    found = model.family.pointwise(tree, model.panel, model.spec, DRAWS)["log_likelihood"]
    return np.asarray(found.sum("cell").transpose("sample", "time"))


def _ahead(model: Fitted, fits: int, again: Again) -> Foreseen:
    """Foresee the later bins of a record from those before."""

    def fit(bins: int) -> Array:
        return _likely(model, again(model, model.panel.isel(time=slice(0, bins))))

    return foreseen.ahead(fit, round(EARLIER * model.panel.sizes["time"]), fits)


def _accuracy(way: str, member: str, sides: Sequence[Foreseen], times: NDArray[np.datetime64], step: int) -> Accuracy:
    bins = min(len(each.density) for each in sides)
    one, other = (each.density[:bins] for each in sides)
    trusted = np.logical_and(*(each.trusted[:bins] for each in sides))
    length = max(1, min(round(YEAR / step), bins // 4))
    first = sides[0].first
    return Accuracy(
        way=way,
        member=member,
        since=times[first].item(),
        through=times[first + bins - 1].item(),
        lead=comparing.of_densities(one, other, length),
        trusted=comparing.of_densities(one[trusted], other[trusted], length) if trusted.sum() > 1 else None,
        high=(int((~sides[0].trusted[:bins]).sum()), int((~sides[1].trusted[:bins]).sum())),
        stack=comparing.stacking(np.column_stack([one, other]), np.arange(bins), length, np.random.default_rng(SEED)),
        fits=(sides[0].fits, sides[1].fits),
    )
