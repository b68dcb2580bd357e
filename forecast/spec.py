"""What analysts edit about a model: TOML in, a frozen Spec out, every mistake named by its key."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator

from forecast import toml
from forecast.conditions import Where
from forecast.errors import SpecError, look_alike
from forecast.rules import Rule


@dataclass(frozen=True)
class Prior:
    """Nine times in ten the truth lies between `low` and `high`, in natural units.

    Parameters
    ----------
    low, high : float
    by, on, because : str, date or None, str
        Of one that was elicited: the expert, the day, and the reason.
    instead : tuple of float or None
        The interval that stood before, to see what the expert changed.
    """

    low: float
    high: float
    by: str = ""
    on: date | None = None
    because: str = ""
    instead: tuple[float, float] | None = None

    __pydantic_config__ = {"extra": "forbid"}

    def __post_init__(self) -> None:
        for low, high in ((self.low, self.high), self.instead or (0.0, 1.0)):
            if not low < high:
                raise ValueError(f"a prior is [low, high] with low < high, not [{low:g}, {high:g}]")
        told = {"by": self.by.strip(), "on": self.on, "because": self.because.strip(), "instead": self.instead}
        missing = [f"`{name}`" for name, value in told.items() if not value]
        if missing and len(missing) < len(told):
            raise ValueError(f"a prior that was elicited says by, on, because and instead; not {', '.join(missing)}")

    def __repr__(self) -> str:
        """Say of a plain prior what has always been said, because digests of specs are made of it."""
        told = [f"{one.name}={getattr(self, one.name)!r}" for one in fields(self)]
        return f"Prior({', '.join(told if self.before else told[:2])})"

    @property
    def before(self) -> "Prior | None":
        """The prior that stood before an expert's; None of one that was not elicited."""
        return Prior(*self.instead) if self.instead else None


def _pair(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        if len(value) != 2:
            raise ValueError("a prior is a 90 % interval: [low, high]")
        return {"low": value[0], "high": value[1]}
    keys = [one.name for one in fields(Prior)]
    for key in value if isinstance(value, Mapping) else ():
        if key not in keys:
            raise ValueError(f"`{key}` is not a key of a prior; {look_alike(key, keys)}")
    return value


Interval = Annotated[Prior, BeforeValidator(_pair)]


def _days_as_text(value: Any) -> Any:
    """Have days in options stand as they do in the book, so that a spec that is read back from there is the same."""
    if isinstance(value, Mapping):
        return {name: _days_as_text(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_days_as_text(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


Options = Annotated[Mapping[str, Any], BeforeValidator(_days_as_text)]


@dataclass(frozen=True)
class Covariate:
    """A rule over a trailing window, and how much a one in it may matter.

    Parameters
    ----------
    name : str
        Stands in tables and figures.
    rule : Rule
        A count or sum.
    window : int
        Days before the forecast that the rule reads.
    effect : Prior
        What one event, or a sum of `per`, in the window does: in most families the factor on the rate, its square for
        three; the family says.
    per : float
        How much counts as one.
    since : date or None
        First day on which what it reads was recorded, if later than the model's own record begins.
    """

    name: str
    rule: Rule
    window: int
    effect: Interval
    per: float = 1.0
    since: date | None = None

    __pydantic_config__ = {"extra": "forbid"}

    def __post_init__(self) -> None:
        if self.window < 1 or not self.per > 0:
            raise ValueError(f"`window` is at least 1 day and `per` above 0, not {self.window} and {self.per:g}")


@dataclass(frozen=True)
class Refit:
    """How a posterior is drawn that starts from an earlier one, whose scale is known; keys as in `Sampler`."""

    draws: int = 330
    tune: int = 60
    target_accept: float = 0.9

    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class Sampler:
    """How a posterior is drawn: per-chain draws and warm-up, chains, target acceptance.

    Parameters
    ----------
    draws, tune, chains : int
    target_accept : float
    refit : Refit
        What is other in a fit that starts from an earlier posterior.
    """

    draws: int = 500
    tune: int = 500
    chains: int = 4
    target_accept: float = 0.9
    refit: Refit = Refit()

    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class Spec:
    """A model as an analyst states it.

    Parameters
    ----------
    name, title, summary : str
        Key, heading, and what the model assumes in plain words.
    limits : str
        What it can forecast, what it cannot, and why, in plain words for those who decide; paragraphs as in Markdown.
    family : str
        Which page of `forecast.models` it is.
    target : Where
        The events that the model explains and simulates.
    since : date
        First day of record that is used.
    step : int
        Length of a time bin in days.
    priors : mapping of str to Prior
        One for every parameter of the family; in TOML `[low, high]`, or a table if an expert gave it.
    covariates : tuple of Covariate
    options : mapping
        The family's own settings, checked by the family.
    sampler : Sampler
    written : date
        When this spec was last changed; a forecast as of an earlier day is a backtest.
    members : tuple of Spec
        Of a pool: the models whose futures it mixes in equal parts. In TOML a member says what is its own and
        takes all else, options key by key, from the pool.
    """

    name: str
    title: str
    family: str
    target: Where
    since: date
    written: date
    summary: str = ""
    limits: str = ""
    step: int = 1
    priors: Mapping[str, Interval] = field(default_factory=dict)
    covariates: tuple[Covariate, ...] = ()
    options: Options = field(default_factory=dict)
    sampler: Sampler = field(default_factory=Sampler)
    members: tuple["Spec", ...] = ()

    __pydantic_config__ = {"extra": "forbid"}

    @property
    def parts(self) -> tuple["Spec", ...]:
        """The models that are fitted: the members of a pool, or the model itself."""
        return self.members or (self,)

    @property
    def where(self) -> str:
        """The file that says this, and which member of it, for messages."""
        pool, _, member = self.name.partition(".")
        return f"models/{pool}.toml" + (f", member `{member}`" if member else "")

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of event that the model makes."""
        return Rule("count", self.target).kinds

    @property
    def reads(self) -> tuple[str, ...]:
        """The kinds of event that the covariates of its parts read, each once."""
        rules = [item.rule for part in self.parts for item in part.covariates]
        return tuple(dict.fromkeys(kind for rule in rules for kind in rule.kinds))

    @property
    def digest(self) -> str:
        """SHA-256 of everything the spec says."""
        return hashlib.sha256(repr(self).encode()).hexdigest()


POOL = "pool"


def parse(text: str, where: str) -> Spec:
    """Read a spec from TOML text.

    Raises
    ------
    SpecError
        With the key of everything that cannot be accepted.
    """
    table = toml.loads(text, where)
    members = table.pop("members", [])
    whole = toml.parse(Spec, table, where)
    if (whole.family == POOL) != bool(members):
        raise SpecError(f'`[[members]]` stand in a model whose family is "{POOL}", and only there', where)
    if whole.priors and members:
        raise SpecError("a pool has no priors of its own", f"{where}, [priors]", hint="write them below each member")
    return replace(whole, members=tuple(_member(table, member, where) for member in members))


def _member(pool: dict[str, Any], own: dict[str, Any], where: str) -> Spec:
    """Lay what a member says over what its pool says."""
    options = {**pool.get("options", {}), **own.get("options", {})}
    name = f"{pool['name']}.{own.get('name', '')}"
    return toml.parse(Spec, {**pool, **own, "options": options, "name": name}, f"{where}, {name}")


def check_priors(spec: Spec, known: Mapping[str, Any]) -> None:
    """Refuse a spec that leaves out a prior of its family or names one that the family lacks.

    Parameters
    ----------
    spec : Spec
    known : mapping
        The family's `PRIORS`.
    """
    where = f"{spec.where}, [priors]"
    for name in spec.priors:
        if name not in known:
            what = f"`{name}` is not a prior of the family `{spec.family}`"
            raise SpecError(what, where, hint=look_alike(name, known))
    missing = [name for name in known if name not in spec.priors]
    if missing:
        raise SpecError(f"the prior `{missing[0]}` is missing", where, hint=f"{missing[0]} = [low, high]")


def check_no_covariates(spec: Spec) -> None:
    """Refuse covariates in a family that would pass over them."""
    if spec.covariates:
        what = f"the family `{spec.family}` takes no covariates"
        hint = "leave them out; a member of a pool says `covariates = []`"
        raise SpecError(what, f"{spec.where}, [[covariates]]", hint=hint)


def check_carried(spec: Spec, columns: Iterable[str]) -> None:
    """Refuse columns that simulated events shall carry (`options.carry`) and that no past event has."""
    known = tuple(columns)
    for name in spec.options.get("carry", ()):
        if name not in known:
            where = f"{spec.where}, options.carry"
            raise SpecError(f"no event has a column `{name}`", where, hint=look_alike(name, known))
