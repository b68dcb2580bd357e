"""Questions as analysts write them in TOML, unfolded into plain ones."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator

from forecast import toml
from forecast.conditions import Limits, Where
from forecast.errors import SpecError, look_alike
from forecast.questions import Question
from forecast.rules import Rule

PLACEHOLDER = re.compile(r"\{(\w*)\}")


def _several(where: Any) -> Any:
    """Let one condition stand for a list of one."""
    return [where] if isinstance(where, dict) else where


@dataclass(frozen=True)
class Over:
    """One question for each entity that a template finds in the snapshot.

    Parameters
    ----------
    where : Where
        Entities to which something like this has happened …
    lacking : tuple of Where
        … and nothing like any of these …
    seen_within : int
        … and some event within so many days before the opening.
    ladder : tuple of str
        Ordered kinds: the rule reads the kinds above the highest that the entity has reached.
    """

    where: Where
    lacking: Annotated[tuple[Where, ...], BeforeValidator(_several)] = ()
    seen_within: int = 36_500
    ladder: tuple[str, ...] = ()

    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class Until:
    """One more question for each entity, up to its own deadline: the one that became known last, if it is still ahead.

    Parameters
    ----------
    kind : str
        Of the events that set a deadline.
    column : str
        That says when it is; the question closes the day after.
    """

    kind: str
    column: str

    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class Each:
    """One question for each of some values of a column.

    Parameters
    ----------
    column : str
        Of the events that the rule reads.
    names : mapping of str to str
        Value -> what {name} stands for.
    """

    column: str
    names: Mapping[str, str]

    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class Template:
    """A family of questions: every threshold, horizon and entity, opened on the as-of day.

    Parameters
    ----------
    id, domain, title : str
    text : str
        May hold {threshold}, {percent}, {horizon}, {opens}, {closes}, {last_day}, {entity}, {name}, {next}.
    rule : Rule
        Its threshold is replaced by each of `thresholds`.
    thresholds : tuple of float
    horizons : tuple of int
        Days from opening to closing; may be empty where `until` is given.
    every : str
        How often a backtest opens it again.
    settle_days : int
    written, seen : date
    over : Over or None
    each : Each or None
    until : Until or None
        Only with `over`.
    caveat : str
        A sentence that the report shows beside the group.
    also : tuple of Rule
        Other rules that must hold in the same window, as they are: no threshold, entity or value is put into them.
    """

    id: str
    domain: str
    title: str
    text: str
    rule: Rule
    written: date
    horizons: tuple[int, ...] = ()
    thresholds: tuple[float, ...] = (1.0,)
    every: str = "month"
    settle_days: int = 10
    seen: date | None = None
    over: Over | None = None
    each: Each | None = None
    until: Until | None = None
    caveat: str = ""
    also: tuple[Rule, ...] = ()

    __pydantic_config__ = {"extra": "forbid"}

    def __post_init__(self) -> None:
        if self.over and self.each:
            raise ValueError("a template goes `over` entities or takes `each` value of a column, not both")
        if self.until and not self.over:
            raise ValueError("`until` asks by the deadline of each entity, so it needs `over`")
        if not self.horizons and not self.until:
            raise ValueError("a template needs `horizons`, or `until` for the deadline of each entity")


@dataclass(frozen=True)
class Fixed:
    """A question with its own dates; without `opens` it opens on the as-of day.

    Questions with the same `group` stand together, under the heading that the file gives the group; the report shows a
    `caveat`, a sentence, beside the group. Of `also`, other rules, each must hold in the same window.
    """

    id: str
    domain: str
    title: str
    text: str
    rule: Rule
    written: date
    closes: date
    opens: date | None = None
    settle_days: int = 10
    seen: date | None = None
    group: str = ""
    caveat: str = ""
    also: tuple[Rule, ...] = ()

    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class QuestionSet:
    """A file of questions; `groups` gives the headings of groups of fixed questions."""

    groups: Mapping[str, str] = field(default_factory=dict)
    template: tuple[Template, ...] = ()
    question: tuple[Fixed, ...] = ()

    __pydantic_config__ = {"extra": "forbid"}

    @property
    def titles(self) -> dict[str, str]:
        """Headings of the groups, in the order of the file."""
        grouped = {item.group for item in self.question if item.group}
        alone = {item.id: item.title for item in self.items if not getattr(item, "group", "")}
        return {**{name: title for name, title in self.groups.items() if name in grouped}, **alone}

    @property
    def items(self) -> tuple[Template | Fixed, ...]:
        """Everything in the file."""
        return (*self.template, *self.question)


def parse(text: str, where: str) -> QuestionSet:
    """Read a set of questions from TOML text.

    Raises
    ------
    SpecError
        With the key of everything that cannot be accepted, or a repeated id.
    """
    found = toml.parse(QuestionSet, toml.loads(text, where), where)
    ids = [item.id for item in found.items]
    for name in ids:
        if ids.count(name) > 1:
            raise SpecError(f"the id `{name}` stands twice", where, hint="ids are unique in a file")
    for fixed in found.question:
        if fixed.group and fixed.group not in found.groups:
            hint = look_alike(fixed.group, found.groups)
            raise SpecError(f"the group `{fixed.group}` has no heading in [groups]", f"{where}, {fixed.id}", hint=hint)
    for item in found.items:
        for word in PLACEHOLDER.findall(item.text):
            if word not in PLACEHOLDERS:
                raise SpecError(
                    f"`{{{word}}}` cannot be filled in", f"{where}, {item.id}", hint=look_alike(word, PLACEHOLDERS)
                )
    return found


PLACEHOLDERS = ("threshold", "percent", "horizon", "opens", "closes", "last_day", "entity", "name", "next")


def in_words(when: date) -> str:
    """Write a date as 17 May 2019."""
    return f"{when.day} {when:%B %Y}"


def fill(text: str, values: Mapping[str, str]) -> str:
    """Fill the placeholders of a text; nothing else in it is interpreted."""
    return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def plain(template: Template, opens: date, threshold: float, horizon: int, labels: Mapping[str, Any]) -> Question:
    """Make one question of a template.

    Parameters
    ----------
    template : Template
        Its rule already narrowed to the entity, if there is one.
    opens : date
    threshold : float
    horizon : int
    labels : mapping
        entity, name, over, next where the template goes over entities; until, where this is asked by a deadline.
    """
    closes = opens + timedelta(days=horizon)
    rule = replace(template.rule, threshold=threshold)
    parts = [template.id, *([str(labels["entity"])] if "entity" in labels else [])]
    parts += [f"{threshold:g}"] * (len(template.thresholds) > 1)
    parts += ["deadline" if "until" in labels else f"{horizon}d", opens.isoformat()]
    words = {
        "threshold": f"{threshold:,.10g}",
        "percent": f"{abs(threshold):.0%}".replace("%", " %"),
        "horizon": str(horizon),
        **_dates(opens, closes),
        **{key: str(value) for key, value in labels.items()},
    }
    return Question(
        id="/".join(parts),
        text=fill(template.text, words),
        rule=rule,
        opens=opens,
        closes=closes,
        settle_days=template.settle_days,
        written=template.written,
        seen=template.seen or template.written,
        group=template.id,
        domain=template.domain,
        labels={"threshold": threshold, "horizon": horizon, **labels},
        caveat=template.caveat,
        also=template.also,
    )


def dated(item: Fixed, as_of: date) -> Question:
    """Make the question of a fixed entry, opened on its own day or on the as-of day."""
    opens = item.opens or as_of
    return Question(
        id=item.id,
        text=fill(item.text, _dates(opens, item.closes)),
        rule=item.rule,
        opens=opens,
        closes=item.closes,
        settle_days=item.settle_days,
        written=item.written,
        seen=item.seen or item.written,
        group=item.group or item.id,
        domain=item.domain,
        labels={"threshold": item.rule.threshold, "horizon": (item.closes - opens).days, "name": item.title},
        caveat=item.caveat,
        also=item.also,
    )


def _dates(opens: date, closes: date) -> dict[str, str]:
    last_day = closes - timedelta(days=1)
    return {"opens": in_words(opens), "closes": in_words(closes), "last_day": in_words(last_day)}


def narrowed(rule: Rule, **cells: tuple[str, ...] | Limits) -> Rule:
    """Add conditions to a rule."""
    return replace(rule, where={**rule.where, **cells})
