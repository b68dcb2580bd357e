"""Each expert's record: where the posterior without their priors lies, beside what they had said."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from forecast import fitting, world
from forecast.desk import Desk
from forecast.elicited import Expert, Judgement, completed, experts, judgements
from forecast.findings import Elicited
from forecast.model_text import stated


@dataclass(frozen=True)
class Record:
    """What became of the priors of a desk's experts.

    Parameters
    ----------
    experts : tuple of Expert
    unfitted : tuple of str
        Models that have priors of theirs and no posterior on the shelf.
    fitted, untold : tuple of str
        Priors, as `model: prior`, that weighing could not tell of: fitted anew, and left out.
    """

    experts: tuple[Expert, ...]
    unfitted: tuple[str, ...]
    fitted: tuple[str, ...]
    untold: tuple[str, ...]


def record(desk: Desk, asked: date | None = None, fits: int = 0) -> Record:
    """Look at every model of a desk that has priors of experts.

    Parameters
    ----------
    desk : Desk
    asked : date or None
        As-of date of the posteriors.
    fits : int
        How many models may be fitted under a prior that stood before, where weighing cannot tell.
    """
    weighed, unfitted = _weighed(desk, asked)
    found = completed(weighed, fits, partial(_fit, desk, asked))
    anew = [one for one, before in zip(found, weighed, strict=True) if before.untold and not one.untold]
    untold = [one for one in found if one.untold]
    return Record(tuple(experts(_by_model(found))), tuple(unfitted), _named(anew), _named(untold))


def _weighed(desk: Desk, asked: date | None) -> tuple[list[Judgement], list[str]]:
    """Tell of experts' priors what posteriors on the shelf can, and name the models that have none there."""
    found: list[Judgement] = []
    unfitted: list[str] = []
    for spec in map(desk.spec, desk.names("models")):
        parts = [part for part in spec.parts if any(one.prior.by for one in stated(part))]
        if parts:
            snapshot, _ = desk.seen(spec.name, asked)
            there = fitting.shelved(desk.shelf, snapshot, parts, again=True)
            unfitted += [name for name, digest in there.items() if not digest]
            fitted = [part for part in parts if there.get(part.name, "exact")]
            models = world.fit(fitted, snapshot, desk.fitter(snapshot, again=True))
            found += [one for model in models for one in judgements(model)]
    return found, unfitted


def _fit(desk: Desk, asked: date | None, one: Judgement) -> world.Fitted:
    """Fit from nothing: the posterior with the expert is no good beginning for one that lies far from it."""
    name = one.former.name
    snapshot, _ = desk.seen(name.partition(".")[0], asked)
    desk.say(f"{name}: without {one.rows[0].by}'s prior of `{one.prior}`, under the one that stood before")
    (found,) = world.fit([one.former], snapshot, desk.fitter(snapshot))
    return found


def _by_model(found: list[Judgement]) -> dict[str, list[Elicited]]:
    names = dict.fromkeys(one.former.name for one in found)
    return {name: [row for one in found if one.former.name == name for row in one.rows] for name in names}


def _named(found: list[Judgement]) -> tuple[str, ...]:
    return tuple(f"{one.former.name}: {one.prior}" for one in found)
