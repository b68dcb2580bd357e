"""Each expert's record: where the posterior without their priors lies, beside what they had said."""

from dataclasses import dataclass
from datetime import date

from forecast import fitting, world
from forecast.desk import Desk
from forecast.elicited import Expert, elicited, experts
from forecast.findings import Elicited
from forecast.spec import Spec


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
