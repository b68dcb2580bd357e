"""Rules with names, looked at in their order: each stops what it is asked about, or only notes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

SHOWN = 3


@dataclass(frozen=True)
class Rule[T]:
    """A rule: what it is called, what it says, and what finds where it is broken.

    Parameters
    ----------
    name : str
    says : str
    find : callable
        Lists what is wrong.
    ends : bool
        Nothing after it is looked at if it is broken.
    level : str
        stop or note.
    """

    name: str
    says: str
    find: Callable[[T], Iterable[str]]
    ends: bool = False
    level: Literal["stop", "note"] = "stop"


@dataclass(frozen=True)
class Check:
    """A rule that was looked at, and what is wrong."""

    rule: Rule[Any]
    problems: tuple[str, ...]

    @property
    def stops(self) -> bool:
        """Whether what was looked at is invalid by it."""
        return bool(self.problems) and self.rule.level == "stop"

    def __str__(self) -> str:
        if not self.problems:
            return f"ok    {self.rule.name}: {self.rule.says}"
        more = len(self.problems) - SHOWN
        found = "; ".join(self.problems[:SHOWN]) + (f"; and {more:,} more" if more > 0 else "")
        said = f"{self.rule.says}, but {found}" if self.stops else found
        return f"{self.rule.level}  {self.rule.name}: {said}"


def checked[T](rules: Sequence[Rule[T]], subject: T) -> list[Check]:
    """Look at something by every rule, until one is broken that the next ones stand on."""
    found: list[Check] = []
    for rule in rules:
        found.append(Check(rule, tuple(rule.find(subject))))
        if rule.ends and found[-1].problems:
            break
    return found
