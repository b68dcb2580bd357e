"""What a report covers: the models, the questions, and the headings it stands under."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from forecast import toml
from forecast.aftermath import Aftermath
from forecast.conditions import Where
from forecast.errors import look_alike
from forecast.language import USUAL, languages

# What a report can do without: not its numbers, nor how they came about.
PARTS = ("ladders", "together", "scenarios", "aftermath", "links", "record", "limits", "timeline", "glossary")


@dataclass(frozen=True)
class Script:
    """A scenario as an analyst writes it: see `phrases` for how its lines read.

    Parameters
    ----------
    id, title : str
    note : str
        A sentence that a reader of its numbers must know.
    given : tuple of str
        Conditions that hold in the futures that are kept.
    suppose : tuple of str
        Events that are put into every future.
    without : tuple of Where
        What is scheduled and meets one of these does not come.
    questions : tuple of str
        Which questions of the brief are answered, by the beginnings of their ids; or others, as lines.
    draws : int
        How many futures; more where a condition is rare.
    """

    id: str
    title: str
    questions: tuple[str, ...]
    note: str = ""
    given: tuple[str, ...] = ()
    suppose: tuple[str, ...] = ()
    without: tuple[Where, ...] = ()
    draws: int = 0

    __pydantic_config__ = {"extra": "forbid"}

    def __post_init__(self) -> None:
        if not (self.given or self.suppose or self.without):
            raise ValueError("a scenario needs `given`, `suppose` or `without`")
        if not self.questions:
            raise ValueError("a scenario needs `questions`")


@dataclass(frozen=True)
class Brief:
    """A report as an analyst states it.

    Parameters
    ----------
    name, title, summary : str
    models : tuple of str
        Files in models/ whose futures answer the questions, in the order in which they run.
    baselines : tuple of str
        Files in models/ that answer the same questions with what is usual.
    benchmarks : tuple of str
        Files in models/ of the strongest yardsticks that fit nothing, for the domains that have one.
    lead : tuple of str
        Questions that the report opens with, by the beginning of their ids, as `price-up/0.1` for all its horizons.
    questions : tuple of str
        Files in data/questions/.
    sources : tuple of str
        Sources that the as-of date must not outrun.
    domains : mapping of str to str
        Domain of questions -> heading, in the order of the report.
    scenarios : tuple of Script
        What the report sets beside the world as it is.
    audience : str
        For whom it is, in a line of the title block; blank for nobody in particular.
    language : str
        In which the report is written: a folder of `languages/`.
    vocabulary : str
        Words for probability: `term` or `alternative` of the table.
    without : tuple of str
        Parts of the report that are left out; see `PARTS`.
    pairs : tuple of (str, str)
        Questions whose answers the report sets beside each other, by the beginning of their ids.
    aftermath : tuple of Aftermath
        What the report says about the rate of events after past events of another kind.
    afterwards : bool
        Whether the report tells, in a part of its own, how questions came out that have closed since.
    why : bool
        Whether the report says, in exact shares, what moved since the brief's issue before.
    usual : bool
        Whether this brief is meant where a command names none.
    as_of : date or None
        The date of a case that is told again and again; without it, the newest that sources cover.
    """

    name: str
    title: str
    summary: str
    models: tuple[str, ...]
    baselines: tuple[str, ...]
    questions: tuple[str, ...]
    sources: tuple[str, ...]
    domains: Mapping[str, str]
    benchmarks: tuple[str, ...] = ()
    lead: tuple[str, ...] = ()
    scenarios: tuple[Script, ...] = ()
    audience: str = ""
    language: str = USUAL
    vocabulary: Literal["term", "alternative"] = "term"
    without: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    aftermath: tuple[Aftermath, ...] = ()
    afterwards: bool = False
    why: bool = False
    usual: bool = False
    as_of: date | None = None

    __pydantic_config__ = {"extra": "forbid"}

    def __post_init__(self) -> None:
        if self.language not in languages():
            raise ValueError(f"there are no texts in `{self.language}`; {look_alike(self.language, languages())}")
        for part in self.without:
            if part not in PARTS:
                raise ValueError(f"`{part}` is no part that can be left out; {look_alike(part, PARTS)}")

    @property
    def uses(self) -> tuple[str, ...]:
        """All models, baselines and benchmarks."""
        return (*self.models, *self.baselines, *self.benchmarks)

    @property
    def digest(self) -> str:
        """SHA-256 of everything the brief says."""
        return hashlib.sha256(repr(self).encode()).hexdigest()


def parse(text: str, where: str) -> Brief:
    """Read a brief from TOML text; refused like any spec."""
    return toml.parse(Brief, toml.loads(text, where), where)
