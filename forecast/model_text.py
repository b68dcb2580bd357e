"""Where a model's file states its priors: all of them, and one put in the place of another.

That is done in the spec, or in the text, where comments, layout and all else stay as they were.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from typing import Any

import tomlkit

from forecast import toml
from forecast.spec import Interval, Prior, Spec

PRIORS, COVARIATES, OPTIONS = "priors", "covariates", "options"


@dataclass(frozen=True)
class Stated:
    """A prior, and where a model's file states it.

    Parameters
    ----------
    where : str
        `priors`, `covariates`, or the list among the options of what has an effect, as `options.traits`.
    name : str
        Key below `[priors]`, or name of what has the effect.
    prior : Prior
    """

    where: str
    name: str
    prior: Interval

    @property
    def table(self) -> str:
        """The heading below which it stands."""
        return f"[{self.where}]" if self.where == PRIORS else f"[[{self.where}]]"


def stated(spec: Spec) -> tuple[Stated, ...]:
    """List all priors of a model, or of one member of a pool; those among its options are read anew each time."""
    effects = (Stated(COVARIATES, item.name, item.effect) for item in spec.covariates)
    return (*(Stated(PRIORS, name, prior) for name, prior in spec.priors.items()), *_optional(spec), *effects)


def _optional(spec: Spec) -> Iterator[Stated]:
    """Find what has a name and an effect in the lists that options hold, whatever the family calls them."""
    for key, items in spec.options.items():
        for item in items if isinstance(items, (list, tuple)) else ():
            if isinstance(item, Mapping) and {"name", "effect"} <= item.keys():
                table = {"where": f"{OPTIONS}.{key}", "name": item["name"], "prior": item["effect"]}
                yield toml.parse(Stated, table, spec.where)


def restated(spec: Spec, one: Stated) -> Spec:
    """Put a prior, this very object, in the place of the one that stands there."""
    if one.where == PRIORS:
        return replace(spec, priors={**spec.priors, one.name: one.prior})
    if one.where == COVARIATES:
        items = [replace(item, effect=one.prior) if item.name == one.name else item for item in spec.covariates]
        return replace(spec, covariates=tuple(items))
    key = one.where.removeprefix(f"{OPTIONS}.")
    tables = [{**item, "effect": one.prior} if item["name"] == one.name else item for item in spec.options[key]]
    return replace(spec, options={**spec.options, key: tables})


def elicited(text: str, one: Stated, today: date, member: str = "") -> str:
    """Write an expert's prior where the interval stood, and that the file was changed.

    Parameters
    ----------
    text : str
        TOML that has been read as a spec.
    one : Stated
        A prior that was elicited.
    today : date
        For `written`, if that is earlier: what is forecast as of an earlier day is a backtest.
    member : str
        Of a pool; an effect that it takes from the pool is changed there, for all members.
    """
    document = tomlkit.parse(text)
    own = [each for each in document.get("members", ()) if each.get("name") == member]
    for table in (*own, document):
        if "written" in table:
            table["written"] = max(table["written"], today)
    _put([*own, document], one)
    return tomlkit.dumps(document)


def _put(tables: list[Any], one: Stated) -> None:
    """Replace it in the first table that states it."""
    places = (reduce(lambda here, key: here.get(key, {}), one.where.split("."), table) for table in tables)
    found = next(place for place in places if place)
    if one.where == PRIORS:
        found[one.name] = _inline(one.prior)
        return
    for item in found:
        if item["name"] == one.name:
            item["effect"] = _inline(one.prior)


def _inline(prior: Prior) -> Any:
    said = {
        "low": prior.low,
        "high": prior.high,
        "by": prior.by,
        "on": prior.on,
        "because": prior.because,
        "instead": list(prior.instead or ()),
    }
    return tomlkit.value(
        f"{{ {', '.join(f'{key} = {tomlkit.item(value).as_string()}' for key, value in said.items())} }}"
    )
