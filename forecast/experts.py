"""Each expert's record: where the posterior without their priors lies, beside what they had said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from forecast import fitting, world
from forecast.desk import Desk
from forecast.elicited import elicited, surprise
from forecast.findings import Elicited
from forecast.spec import Prior, Spec


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
class Record:
    """The experts of a desk, and the models that have priors of theirs and no posterior on the shelf."""

    experts: tuple[Expert, ...]
    unfitted: tuple[str, ...]


def record(desk: Desk, asked: date | None = None) -> Record:
    """Look at every model of a desk that has priors of experts; nothing is fitted.

    Parameters
    ----------
    desk : Desk
    asked : date or None
        As-of date of the posteriors.
    """
    found: dict[str, tuple[Elicited, ...]] = {}
    unfitted: list[str] = []
    for spec in map(desk.spec, desk.names("models")):
        parts = [part for part in spec.parts if _by_experts(part)]
        if parts:
            snapshot, _ = desk.seen(spec.name, asked)
            there = fitting.shelved(desk.shelf, snapshot, parts, again=True)
            unfitted += [name for name, digest in there.items() if not digest]
            fitted = [part for part in parts if there.get(part.name, "exact")]
            models = world.fit(fitted, snapshot, desk.fitter(snapshot, again=True))
            found |= {model.spec.name: elicited(model) for model in models}
    return Record(tuple(experts(found)), tuple(unfitted))


def _by_experts(part: Spec) -> bool:
    return any(prior.by for prior in (*part.priors.values(), *(item.effect for item in part.covariates)))


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
