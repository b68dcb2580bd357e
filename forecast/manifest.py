"""The manifest of a report: all that it was made from, by digest, so that it can be made again and compared.

Its `inputs` decide the numbers and the pages: while they are the same, a report is up to date. The machine is told
beside them, for the last digits of a number may depend on it. Nothing is said of the clock, of a user or of a place:
the same inputs give the same manifest.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

from forecast import files, predict, provenance, toml, world
from forecast.catalogue import Source
from forecast.errors import SpecError
from forecast.events import Snapshot
from forecast.folder import Case
from forecast.ledger import Head

NAME = "manifest.json"
FACES = ("report.json", "report.html", "report.pdf")  # the last two are made from the first


@dataclass(frozen=True)
class Named:
    """A brief's name, and the digest of what it says."""

    name: str
    digest: str

    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class Known:
    """A day, and the digest of what was known before it."""

    as_of: date
    digest: str

    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class Covered:
    """A source: how far it was looked at, its rows in the snapshot, and the digest of what the desk says about it."""

    through: date
    rows: int
    says: str

    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class Inputs:
    """All that a report depends on.

    Parameters
    ----------
    brief : Named
    questions, models : mapping of str to str
        File in data/questions or models -> digest of what it says.
    data : Known
    later : Known or None
        What tells how questions came out, where the brief asks for that.
    sources : mapping of str to Covered
    program : str
        Digest, as in the book.
    versions : mapping of str to str
        Of the program and of the libraries that numbers or pages depend on.
    futures, posterior_draws : int
        How many futures, and among how many posterior draws they are shared out.
    refit : bool
        Whether posteriors may have begun from earlier ones.
    book : Head
        How far the book was read that says what was forecast before, and the seal of that row; 0 and zeros if it says
        nothing.
    """

    brief: Named
    questions: Mapping[str, str]
    models: Mapping[str, str]
    data: Known
    later: Known | None
    sources: Mapping[str, Covered]
    program: str
    versions: Mapping[str, str]
    futures: int
    posterior_draws: int
    refit: bool
    book: Head

    __pydantic_config__ = {"extra": "forbid"}

    @property
    def digest(self) -> str:
        """SHA-256 of these, as the manifest writes them: it stands in the report."""
        return files.sha256(_json(self).encode())


@dataclass(frozen=True)
class Machine:
    """Python, system and kind of processor, and the digest of uv.lock; blank where there is none."""

    python: str
    platform: str
    lock: str

    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class Manifest:
    """What a report was made from, and what came of it.

    Parameters
    ----------
    schema_version : int
    inputs : Inputs
    seeds : mapping of str to int
        Of each model that is fitted, or member of a pool.
    posteriors : mapping of str to str
        Of a refit, whose posteriors began from earlier ones: their digests; blank for one that was refused.
    machine : Machine
    faces : mapping of str to str
        File -> SHA-256; of a refusal too.
    """

    schema_version: Literal[2]
    inputs: Inputs
    seeds: Mapping[str, int]
    posteriors: Mapping[str, str]
    machine: Machine
    faces: Mapping[str, str]

    __pydantic_config__ = {"extra": "forbid"}

    @property
    def text(self) -> str:
        """The file's text."""
        return _json(self)


def inputs(case: Case, book: Head, again: bool) -> Inputs:
    """List what a report depends on.

    Parameters
    ----------
    case : Case
    book : Head
        How far the book is read.
    again : bool
        Whether posteriors may begin from earlier ones.
    """
    known, later = case.snapshot, case.later
    return Inputs(
        brief=Named(case.brief.name, case.brief.digest),
        questions={name: says(asked) for name, asked in case.sets.items()},
        models={spec.name: spec.digest for spec in case.models.every},
        data=Known(known.as_of, known.digest),
        later=Known(later.as_of, later.digest) if later.as_of != known.as_of else None,
        sources=sources(case.sources, known),
        program=provenance.program(),
        versions=provenance.version(),
        futures=predict.SIZES.draws,
        posterior_draws=predict.SIZES.parameters,
        refit=again,
        book=book,
    )


def sources(about: Mapping[str, Source], snapshot: Snapshot) -> dict[str, Covered]:
    """Say how far sources go, and how much of them a snapshot holds."""
    rows = snapshot.events["source"].value_counts()
    return {name: Covered(snapshot.through[name], int(rows.get(name, 0)), says(one)) for name, one in about.items()}


def says(value: Any) -> str:
    """SHA-256 of everything that a frozen value says."""
    return files.sha256(repr(value).encode())


def seeds(case: Case) -> dict[str, int]:
    """List the seed of each model that is fitted."""
    parts = [part for spec in case.models.every for part in spec.parts]
    return {part.name: world.seed(part, case.snapshot) for part in parts}


def machine(lock: str) -> Machine:
    """Name what is here; `lock` is the digest of the desk's uv.lock."""
    return Machine(**provenance.machine(), lock=lock)


def read(text: str, where: str) -> Manifest:
    """Read a manifest.

    Raises
    ------
    SpecError
        If it is not whole, or with every key that is unknown or missing.
    """
    try:
        table = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise _none(where, str(problem)) from None
    if not isinstance(table, dict):
        raise _none(where, "there is no object in it")
    found = toml.parse(Manifest, table, where)
    if set(found.faces) != set(FACES):
        raise _none(f"{where}, faces", f"a report has {', '.join(FACES)}")
    return found


def _none(where: str, why: str) -> SpecError:
    return SpecError(
        "this is no manifest, or not all of it", where, why, f"`forecast run` writes {NAME} beside a report"
    )


def _json(value: Any) -> str:
    plain = asdict(value)
    return json.dumps(plain, ensure_ascii=False, allow_nan=False, indent=1, sort_keys=True, default=_date) + "\n"


def _date(value: date) -> str:
    return value.isoformat()
