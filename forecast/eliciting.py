"""What is done with an expert's judgement at a desk: it is fitted, set beside the prior before, and written down."""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import ModuleType

from forecast import elicitation, files, model_text, spec, world
from forecast.desk import Desk
from forecast.elicitation import Elicitation, Quantile
from forecast.errors import InternalError, UsageError, listed, look_alike
from forecast.inference import Meaning
from forecast.model_text import COVARIATES, PRIORS, Stated
from forecast.spec import Prior, Spec


@dataclass(frozen=True)
class Said:
    """What an expert said, as it was typed.

    Parameters
    ----------
    by, because : str
        Who, and why.
    on : date or None
        When; today if None.
    quantiles : tuple of str
        As `elicitation.quantiles` reads them; empty if there are chips.
    chips : str
        As `elicitation.chips` reads them.
    """

    by: str
    because: str
    on: date | None = None
    quantiles: tuple[str, ...] = ()
    chips: str = ""


@dataclass(frozen=True)
class Proposal:
    """An expert's prior beside the one that stood before, and the file as it would be.

    Parameters
    ----------
    model, name : str
        The model, or member of a pool, and its prior.
    meaning : Meaning
    prior, before : Prior
    found : Elicitation
    held : float
        How probable the expert's interval is under the prior before.
    shared : tuple of str
        Other members of the pool for which it holds too.
    where, text : str
        The file, from the desk's folder, and what would stand in it.
    """

    model: str
    name: str
    meaning: Meaning
    prior: Prior
    before: Prior
    found: Elicitation
    held: float
    shared: tuple[str, ...]
    where: str
    text: str


def propose(desk: Desk, model: str, name: str, said: Said, member: str = "") -> Proposal:
    """Fit a prior to what an expert said, and write nothing.

    Parameters
    ----------
    desk : Desk
    model, name : str
        Of the prior, or of the covariate, trait or season whose effect it is.
    said : Said
    member : str
        Of a pool.

    Raises
    ------
    UsageError
        If there is no such model, member or prior, or what was said cannot be meant.
    EnvironmentFault
        If PreliZ is not installed.
    """
    today = desk.now().date()
    whole = desk.spec(model)
    part = _part(whole, member)
    meaning, stated = _standing(part, name)
    _check(said, today)
    found, stands = elicitation.fit(_read(said, meaning.support), meaning.support), stated.prior
    kept = stands.instead if stands.by == said.by and stands.instead else (stands.low, stands.high)
    prior = Prior(found.low, found.high, said.by.strip(), said.on or today, said.because.strip(), kept)
    before, where, given = Prior(*kept), f"models/{model}.toml", replace(stated, prior=prior)
    text = model_text.elicited((desk.root / where).read_text(encoding="utf-8"), given, today, member)
    return Proposal(
        model=part.name,
        name=name,
        meaning=meaning,
        prior=prior,
        before=before,
        found=found,
        held=elicitation.probability(before, prior.low, prior.high, meaning.support),
        shared=_shared(spec.parse(text, where), part, given),
        where=where,
        text=text,
    )


def write(desk: Desk, proposal: Proposal) -> Path:
    """Write the model's file."""
    path = desk.root / proposal.where
    files.write(path, proposal.text.encode())
    return path


def _part(whole: Spec, member: str) -> Spec:
    known = {part.name.partition(".")[2]: part for part in whole.members}
    if member in known:
        return known[member]
    if member and not known:
        raise UsageError(f"the model `{whole.name}` is no pool, so it has no members", "--member")
    if member:
        raise UsageError(f"there is no member `{member}` in {whole.where}", "--member", hint=look_alike(member, known))
    if known:
        raise UsageError(f"`{whole.name}` is a pool: which member is meant?", "--member", hint=look_alike("", known))
    return whole


def _standing(part: Spec, name: str) -> tuple[Meaning, Stated]:
    """Find what a prior means, and the one that stands now."""
    page = world.family(part)
    known = [(meaning, one) for one in model_text.stated(part) if (meaning := _meaning(page, part, one))]
    if not known:
        raise UsageError(f"the model `{part.name}` has no priors", part.where)
    found = [(meaning, one) for meaning, one in known if one.name == name]
    if not found:
        what = f"`{part.name}` has no prior, and nothing with an effect, that is called `{name}`"
        raise UsageError(what, part.where, hint=look_alike(name, [one.name for _, one in known]))
    if len(found) > 1:
        why = f"it stands below {' and '.join(one.table for _, one in found)}"
        raise UsageError(f"`{name}` may be more than one prior", part.where, why, "give one of them another name")
    return found[0]


def _meaning(page: ModuleType, part: Spec, one: Stated) -> Meaning | None:
    """Say what a prior means; None of an effect that the family reads and does not use."""
    if one.where == PRIORS:
        meaning: Meaning | None = page.PRIORS.get(one.name)
        return meaning
    if one.where == COVARIATES:
        return getattr(page, "COVARIATE", world.ON_RATES)
    further = page.further(model_text.restated(part, one)) if hasattr(page, "further") else {}
    return next((meaning for each in further.values() for meaning, prior in each.values() if prior is one.prior), None)


def _check(said: Said, today: date) -> None:
    wrong = [
        f"{option} is blank" for option, text in (("--by", said.by), ("--because", said.because)) if not text.strip()
    ]
    wrong += [f"--on {said.on} is later than today"] if said.on and said.on > today else []
    wrong += ["quantiles or chips are needed, and not both"] if bool(said.quantiles) == bool(said.chips.strip()) else []
    if wrong:
        raise UsageError("this judgement cannot be written down", why=listed(wrong), hint="forecast elicit --help")


def _read(said: Said, support: str) -> tuple[Quantile, ...]:
    return elicitation.chips(said.chips, support) if said.chips else elicitation.quantiles(said.quantiles, support)


def _shared(whole: Spec, part: Spec, given: Stated) -> tuple[str, ...]:
    """Read the text again: the prior stands where it was to stand, and the families accept it.

    Returns
    -------
    tuple of str
        The other members in which it stands.
    """
    for one in whole.parts:
        world.family(one).check(one)
    holding = [one.name for one in whole.parts if given in model_text.stated(one)]
    if part.name not in holding:
        raise InternalError(f"the prior `{given.name}` was not written", part.where)
    return tuple(other for other in holding if other != part.name)
