"""What a diagnosis finds about a fitted model, as types."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Quantity:
    """A parameter: what was believed, what is believed now, and what that rests on.

    Parameters
    ----------
    name, meaning, unit : str
    prior : tuple of float
        5 % and 95 % points, as in the model's file.
    mean, sd, low, high : float
        Of the posterior, in natural units; `low` and `high` are its 5 % and 95 % points.
    ess_bulk, ess_tail, r_hat : float or None
        None of an exact posterior.
    kept : float
        Posterior over prior standard deviation, on the scale on which the prior is normal.
    moved : float
        Of the mean, in prior standard deviations, on that scale.
    rests_on : str
        `prior`: it neither narrowed nor moved; `moved`: it moved, and is no surer; `data`: it narrowed.
    to_prior, to_likelihood : float or None
        How much it answers when all priors, or the likelihood, weigh a little more or less.
    """

    name: str
    meaning: str
    unit: str
    prior: tuple[float, float]
    mean: float
    sd: float
    low: float
    high: float
    ess_bulk: float | None
    ess_tail: float | None
    r_hat: float | None
    kept: float
    moved: float
    rests_on: str
    to_prior: float | None
    to_likelihood: float | None


@dataclass(frozen=True)
class Ranks:
    """How often each chain holds each twentieth of all draws of a parameter, thinned until they are independent.

    Parameters
    ----------
    name : str
    counts : tuple, shape (chain, bin)
    chain, bin : int
        Where a count is furthest from its share.
    times : float
        That count, as a multiple of its share.
    p : float
        Chi-square probability of counts at least as uneven, if all chains sample the same.
    """

    name: str
    counts: tuple[tuple[int, ...], ...]
    chain: int
    bin: int
    times: float
    p: float


@dataclass(frozen=True)
class Check:
    """A statistic of the record beside the same of its replicas.

    Parameters
    ----------
    name : str
        Key of the sentence that says what it is.
    recorded : float
    low, high : float
        5 % and 95 % points of the replicas.
    tail : float
        Two-sided probability of a replica as far out as the record.
    verdict : str
        `fits`, `doubtful` or `fails`.
    """

    name: str
    recorded: float
    low: float
    high: float
    tail: float
    verdict: str


@dataclass(frozen=True)
class Influential:
    """A count that the posterior leans on so hard that leaving it out cannot be judged from the same draws."""

    time: date
    cell: str
    count: float
    k: float


@dataclass(frozen=True)
class LeftOut:
    """How well each count is foreseen by the others: expected log density, its standard error, parameters' worth."""

    elpd: float
    se: float
    p_loo: float
    counts: int
    influential: tuple[Influential, ...]


@dataclass(frozen=True)
class Elicited:
    """A parameter whose prior an expert gave: the posterior with it, and with the prior that stood before.

    Parameters
    ----------
    prior, name : str
        Key in the model's file; the parameter, or the element of what has several.
    meaning, unit, support : str
    by : str
    on : date
    because : str
    given, instead : tuple of float
        5 % and 95 % points of the expert's prior, and of the one before.
    posterior, without : tuple of float; or None
        5, 50 and 95 % points with and without the expert; None if it cannot be told without a fit of its own.
    k : float or None
        Pareto k of the weights; None of an exact posterior, or of one with too few draws to weigh.
    """

    prior: str
    name: str
    meaning: str
    unit: str
    support: str
    by: str
    on: date
    because: str
    given: tuple[float, float]
    instead: tuple[float, float]
    posterior: tuple[float, float, float]
    without: tuple[float, float, float] | None
    k: float | None


@dataclass(frozen=True)
class Part:
    """What was found about one model, or one member of a pool; what does not apply stands in `skipped`."""

    name: str
    title: str
    method: str
    gate: Mapping[str, Any]
    quantities: tuple[Quantity, ...]
    ranks: tuple[Ranks, ...]
    checks: tuple[Check, ...]
    left_out: LeftOut | None
    skipped: tuple[str, ...]
    elicited: tuple[Elicited, ...] = ()


@dataclass(frozen=True)
class Diagnosis:
    """What was found about a model as of a date."""

    model: str
    title: str
    as_of: date
    parts: tuple[Part, ...]
