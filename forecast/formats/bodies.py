"""What the rows of the book say, as types: JSON Schemas are made of these."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Annotated

from pydantic import Field, Json, PlainSerializer

from forecast.spec import Spec

Probability = Annotated[float, Field(ge=0, le=1)]
Interval = tuple[Probability, Probability]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


@dataclass(frozen=True)
class SpecBody:
    """What a row says of a model: all that its file says, as JSON in a text, in the order of its parameters."""

    name: str
    digest: Digest
    says: Json[Spec]


@dataclass(frozen=True)
class FitBody:
    """How a model was fitted; of one that is not sampled there is only the seed.

    Parameters
    ----------
    seed : int
        Of its random numbers: a digest of the model's spec and of what was known.
    r_hat : float or None
        The worst of all parameters.
    ess_bulk, ess_tail : float or None
        The smallest effective sample sizes of all parameters.
    divergences : float or None
        How many transitions were divergent.
    bfmi : float or None
        The least of all chains: how freely their energies moved.
    chains, draws : float or None
        How many chains there were, and draws in each.
    """

    seed: int
    r_hat: float | None = None
    ess_bulk: float | None = None
    ess_tail: float | None = None
    divergences: float | None = None
    bfmi: float | None = None
    chains: float | None = None
    draws: float | None = None


def _said(fit: FitBody) -> dict[str, float]:
    """Write what a row says of a fit, so that a document that holds the row says no more."""
    return {name: value for name, value in asdict(fit).items() if value is not None}


@dataclass(frozen=True)
class ForecastBody:
    """What a row says of a forecast.

    Parameters
    ----------
    question : str
        The question's id in the book.
    as_of : date
        Nothing known on or after this day was used.
    brief : str
    probability, interval : float, (float, float)
        As published, with 90 % interval.
    raw, raw_interval : float, (float, float)
        What the models said alone.
    baseline, baseline_interval : float, (float, float)
        What climatology says.
    benchmark : float or None
        What the strongest yardstick says, where the brief names one.
    quantiles : mapping of str to float
        5, 25, 50, 75 and 95 % of the number that the rule reads.
    past : tuple of int
        In how many of how many past windows of the same length the rule held.
    events : int or None
        How many past events are like those that the rule reads; None where it reads a series.
    models : tuple of str
        Which it came from.
    specs : mapping of str to str
        Digests of all models that ran.
    fits : mapping of str to FitBody
        How each was fitted, the members of pools under their own names; empty in rows that were written before this
        was kept.
    data, program : str
        Digests of what was known, and of the program.
    machine : mapping of str to str
        Python, system and kind of processor, and the digest of uv.lock; blank where there is none.
    draws : int
        How many futures were simulated.
    effective : int
        How many independent posterior draws each fit was worth at least.
    """

    question: Digest
    as_of: date
    brief: str
    probability: Probability
    interval: Interval
    raw: Probability
    raw_interval: Interval
    baseline: Probability
    baseline_interval: Interval
    benchmark: Probability | None
    quantiles: Mapping[str, float]
    past: tuple[int, int]
    events: int | None
    models: tuple[str, ...]
    specs: Mapping[str, Digest]
    fits: Mapping[str, Annotated[FitBody, PlainSerializer(_said)]] = field(default_factory=dict, kw_only=True)
    data: Digest
    program: Digest
    machine: Mapping[str, str]
    draws: int
    effective: int


@dataclass(frozen=True)
class ResolutionBody:
    """What a row says of how a question came out.

    Parameters
    ----------
    question : str
        The question's id in the book.
    outcome : bool or None
        None is void.
    numbers : tuple of float or None
        What each of its rules read on the record.
    reason : str
    settled_at : date
        The day of the record by which it was settled.
    evidence : str
        Digest of the rows of data that it was read off.
    rows : int
        How many they were.
    """

    question: Digest
    outcome: bool | None
    numbers: tuple[float | None, ...]
    reason: str
    settled_at: date
    evidence: Digest
    rows: int


@dataclass(frozen=True)
class VoidBody:
    """What a row says of a question that was taken out of the count."""

    question: Digest
    because: str
    settled_at: date
