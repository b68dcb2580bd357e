"""The posterior with a prior that an expert gave, and with the one that stood before it; and each expert's record.

Where draws were sampled they are weighed by the ratio of the two prior densities, Pareto-smoothed (`reweighing`): the
likelihood is the same and cancels. Where the posterior is exact it is made anew, which costs nothing. Where weighing
cannot tell, a fit of its own can.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from forecast import reweighing, scales
from forecast.findings import Elicited
from forecast.inference import Meaning, location_scale
from forecast.model_text import Stated, restated, stated
from forecast.spec import Prior, Spec
from forecast.world import Fitted, parameters

LEVELS = (0.05, 0.5, 0.95)
Spread = tuple[float, float, float]
Drawn = Mapping[str, tuple[Meaning, NDArray[np.float64]]]


@dataclass(frozen=True)
class Expert:
    """What became of one expert's priors.

    Parameters
    ----------
    by : str
    priors : int
        In fitted models.
    told : int
        Parameters for which the posterior without their prior can be told; a prior may be of several.
    within : int
        Of these, whose posterior median without their prior lies in their 90 % interval.
    surprise : float or None
        How far these medians lie from the middle of their priors: mean, in standard deviations of the prior.
    untold : int
        Parameters for which only another fit could tell.
    """

    by: str
    priors: int
    told: int
    within: int
    surprise: float | None
    untold: int


@dataclass(frozen=True)
class Judgement:
    """A prior that an expert gave, and what became of the parameters that have it in common.

    Parameters
    ----------
    prior : str
        Its name in the model's file.
    former : Spec
        The model, or member of a pool, with the prior that stood before.
    rows : tuple of Elicited
        The parameters.
    """

    prior: str
    former: Spec
    rows: tuple[Elicited, ...]

    @property
    def untold(self) -> int:
        """The number of parameters whose posterior without the expert is not known."""
        return sum(row.without is None for row in self.rows)


def elicited(model: Fitted) -> tuple[Elicited, ...]:
    """Set beside each other, for each parameter whose prior an expert gave, the posteriors with it and without."""
    return tuple(row for one in judgements(model) for row in one.rows)


def judgements(model: Fitted) -> list[Judgement]:
    """Look at each prior of a model that an expert gave."""
    given = [(one, _drawn(model, one)) for one in stated(model.spec) if one.prior.before]
    return [_judgement(model, one, drawn) for one, drawn in given if drawn]


def _judgement(model: Fitted, one: Stated, drawn: Drawn) -> Judgement:
    before, rows = former(model.spec, one), tuple(_row(one, label, *each) for label, each in drawn.items())
    if hasattr(model.family, "sampled"):
        told, k = weighed(drawn, one.prior, model.tree)
        return Judgement(one.name, before, tuple(replace(row, without=told.get(row.name), k=k) for row in rows))
    tree = model.family.posterior(model.panel, before, model.seed)
    return refitted(Judgement(one.name, before, rows), replace(model, spec=before, tree=tree))


def _row(one: Stated, label: str, meaning: Meaning, values: NDArray[np.float64]) -> Elicited:
    prior = one.prior
    assert prior.on is not None
    assert prior.instead is not None
    return Elicited(
        prior=one.name,
        name=label,
        meaning=meaning.meaning,
        unit=meaning.unit,
        support=meaning.support,
        by=prior.by,
        on=prior.on,
        because=prior.because,
        given=(prior.low, prior.high),
        instead=prior.instead,
        posterior=spread(values),
        without=None,
        k=None,
    )


def _drawn(model: Fitted, one: Stated) -> Drawn:
    """Take the draws of all that this very prior is of: others may be equal to it."""
    # A family reads its options anew each time, so that what stands in them has to be put there first.
    named = parameters(replace(model, spec=restated(model.spec, one)))
    return {label: (meaning, _flat(values)) for label, (meaning, of, values) in named.items() if of is one.prior}


def _flat(values: xr.DataArray) -> NDArray[np.float64]:
    return values.transpose("chain", "draw").to_numpy().reshape(-1)


def former(spec: Spec, one: Stated) -> Spec:
    """Give a spec the prior that stood before an expert's."""
    return restated(spec, replace(one, prior=one.prior.before or one.prior))


def refitted(found: Judgement, other: Fitted) -> Judgement:
    """Take the posteriors without an expert from a fit under the prior that stood before."""
    named = parameters(other)
    rows = (replace(row, without=spread(_flat(named[row.name][2]))) for row in found.rows)
    return replace(found, rows=tuple(rows))


def completed(found: Sequence[Judgement], fits: int, fit: Callable[[Judgement], Fitted]) -> list[Judgement]:
    """Fit under the prior that stood before where weighing cannot tell: so often at most, most parameters first.

    Parameters
    ----------
    found : sequence of Judgement
    fits : int
    fit : callable
        Fits the spec with the prior that stood before.
    """
    untold = [at for at, one in enumerate(found) if one.untold]
    chosen = sorted(untold, key=lambda at: -found[at].untold)[:fits]
    told = {at: refitted(found[at], fit(found[at])) for at in chosen}
    return [told.get(at, one) for at, one in enumerate(found)]


def weighed(drawn: Drawn, prior: Prior, tree: xr.DataTree) -> tuple[dict[str, Spread], float | None]:
    """Weigh draws as if the prior that stood before had been that of all these parameters.

    Parameters
    ----------
    drawn : mapping of str to Meaning and array, shape (draws,)
    prior : Prior
        One that was elicited.
    tree : DataTree
        The posterior.

    Returns
    -------
    dict of str to tuple of float
        5, 50 and 95 % points; empty where they cannot be told.
    float or None
        Pareto k; None of too few draws.
    """
    if not reweighing.enough(tree):
        return {}, None
    log_ratio = sum(_log_ratio(values, meaning.support, prior) for meaning, values in drawn.values())
    weight, k = reweighing.smoothed(np.asarray(log_ratio))
    if not k <= reweighing.HIGH_K:
        return {}, k
    return {label: spread(values, weight) for label, (_, values) in drawn.items()}, k


def _log_ratio(values: NDArray[np.float64], support: str, prior: Prior) -> NDArray[np.float64]:
    """Take the log density under the prior before, less that under the expert's, but for a constant."""
    own, before = (surprise(values, support, one) ** 2 / 2 for one in (prior, prior.before or prior))
    difference: NDArray[np.float64] = own - before
    return difference


def surprise(values: NDArray[np.float64], support: str, prior: Prior) -> NDArray[np.float64]:
    """Say how far from the middle of a prior numbers lie, in its standard deviations, on its scale."""
    mean, sd = location_scale(prior, support)
    far: NDArray[np.float64] = (scales.free(values, support) - mean) / sd
    return far


def spread(values: NDArray[np.float64], weight: NDArray[np.float64] | None = None) -> Spread:
    """Find the 5, 50 and 95 % points of draws, whose weights sum to one; all alike if left out."""
    each = np.full(values.size, 1 / values.size) if weight is None else weight
    order = np.argsort(values)
    below = np.cumsum(each[order]) - each[order] / 2
    low, middle, high = np.interp(LEVELS, below, values[order])
    return float(low), float(middle), float(high)


def experts(found: Mapping[str, Sequence[Elicited]]) -> list[Expert]:
    """Count by expert, in the order of their names.

    Parameters
    ----------
    found : mapping of str to sequence of Elicited
        By model, or member of a pool.
    """
    names = sorted({one.by for rows in found.values() for one in rows})
    return [
        _expert(by, {model: [one for one in rows if one.by == by] for model, rows in found.items()}) for by in names
    ]


def _expert(by: str, found: Mapping[str, Sequence[Elicited]]) -> Expert:
    rows = [one for each in found.values() for one in each]
    medians = [(one, one.without[1]) for one in rows if one.without]
    far = [abs(float(surprise(np.array(median), one.support, Prior(*one.given)))) for one, median in medians]
    return Expert(
        by=by,
        priors=len({(model, one.prior) for model, each in found.items() for one in each}),
        told=len(medians),
        within=sum(one.given[0] <= median <= one.given[1] for one, median in medians),
        surprise=float(np.mean(far)) if far else None,
        untold=len(rows) - len(medians),
    )
