"""What a run hands to its report: forecasts by group, their series, processes and their ladders, how models fitted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from forecast.aftermath import Findings
from forecast.climb import Climb
from forecast.events import Snapshot
from forecast.findings import Part
from forecast.pairs import Pair
from forecast.questions import Forecast, Outcome
from forecast.scenarios import Comparison
from forecast.spec import Spec


@dataclass(frozen=True)
class Point:
    """A number on the record: what a group's rule read in one past window, or a value of one day."""

    at: date
    value: float


@dataclass(frozen=True)
class Band:
    """The same number ahead: the 5, 25, 50, 75 and 95 % quantiles over futures."""

    at: date
    quantiles: tuple[float, float, float, float, float]


@dataclass(frozen=True)
class Curve:
    """How probable each level is by a closing day: of the number that a group's rule reads.

    Parameters
    ----------
    closes : date
    levels, probabilities : tuple of float
        Levels rise; the comparison is that of the rule.
    """

    closes: date
    levels: tuple[float, ...]
    probabilities: tuple[float, ...]


@dataclass(frozen=True)
class Outlook:
    """A group of questions with the series behind it.

    Parameters
    ----------
    group, title, domain : str
    measure : str
        Measure of the group's rule.
    unit : str
        Unit of the series.
    every : int
        Length in days of each window of the series; 1 for daily values.
    forecasts : tuple of Forecast
    past : tuple of Point
        Oldest first; `at` is the first day of a window.
    ahead : tuple of Band
        Nearest first; `at` is the first day of a window.
    curves : tuple of Curve
        Nearest closing day first; empty where a group asks about no one number.
    """

    group: str
    title: str
    domain: str
    measure: str
    unit: str
    every: int
    forecasts: tuple[Forecast, ...]
    past: tuple[Point, ...]
    ahead: tuple[Band, ...]
    curves: tuple[Curve, ...] = ()

    @property
    def over(self) -> bool:
        """Whether it asks about processes, each by itself."""
        return bool(self.forecasts[0].question.labels.get("over"))

    @property
    def caveats(self) -> tuple[str, ...]:
        """What a reader of its forecasts must know."""
        return tuple(dict.fromkeys(one.question.caveat for one in self.forecasts if one.question.caveat))


@dataclass(frozen=True)
class Parameter:
    """One parameter, before and after the data: 90 % interval of the prior, 5, 50, 95 % of the posterior."""

    name: str
    meaning: str
    unit: str
    prior: tuple[float, float]
    posterior: tuple[float, float, float]


@dataclass(frozen=True)
class Standing:
    """What a covariate reads on the as-of day, and the factor that this is now: 5, 50, 95 % of the posterior."""

    name: str
    reads: float
    factor: tuple[float, float, float]


@dataclass(frozen=True)
class Fit:
    """How one model came to its numbers.

    Parameters
    ----------
    spec : Spec
    method : str
        One sentence: sampled by NUTS, replayed from the record …
    diagnostics : mapping of str to float
        R-hat, ESS, divergences, E-BFMI, draws; empty where nothing is sampled.
    parameters : tuple of Parameter
    notes : tuple of str
        Sentences that a reader must know about this model.
    standing : tuple of Standing
        Of covariates that are factors on rates.
    part : Part or None
        What was found when the fit was looked at.
    """

    spec: Spec
    method: str
    diagnostics: Mapping[str, float]
    parameters: tuple[Parameter, ...]
    notes: tuple[str, ...]
    standing: tuple[Standing, ...] = ()
    part: Part | None = None


@dataclass(frozen=True)
class Run:
    """Everything that one run found, as values: what a report is made from.

    Parameters
    ----------
    name, title, summary : str
        Of the brief.
    domains : mapping of str to str
        Domain -> heading, in the order of the report.
    snapshot : Snapshot
    outlooks : tuple of Outlook
    fits : tuple of Fit
    seed : int
    draws : int
        Number of futures.
    code : mapping of str to str
        Version of the program and of the libraries that the numbers depend on.
    inputs : str
        Digest of snapshot, specs, questions, brief and code: the same inputs give the same report.
    sources : mapping of str to mapping
        For each source: title, publisher, licence, url, through, rows.
    audience : str
        For whom it is.
    vocabulary : str
        Words for probability.
    without : tuple of str
        Parts of the report that are left out.
    lead : tuple of str
        Beginnings of the ids of questions that the report opens with.
    climbs : tuple of Climb
        Of every process on a ladder that a question asks about.
    comparisons : tuple of Comparison
        Scenarios beside the world as it is.
    pairs : tuple of Pair
        Questions whose answers are set beside each other.
    aftermath : tuple of Findings
        Rates of events after past events of another kind.
    outcomes : tuple of Outcome
        How questions came out, where the brief tells that; empty elsewhere.
    later : date or None
        As of when that was read.
    """

    name: str
    title: str
    summary: str
    domains: Mapping[str, str]
    snapshot: Snapshot
    outlooks: tuple[Outlook, ...]
    fits: tuple[Fit, ...]
    seed: int
    draws: int
    code: Mapping[str, str]
    inputs: str
    sources: Mapping[str, Mapping[str, str]]
    audience: str = ""
    vocabulary: Literal["term", "alternative"] = "term"
    without: tuple[str, ...] = ()
    lead: tuple[str, ...] = ()
    climbs: tuple[Climb, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    pairs: tuple[Pair, ...] = ()
    aftermath: tuple[Findings, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    later: date | None = None
