"""The series behind a group of questions: the same number read off the past and off the futures."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice, zip_longest
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from forecast import answers, conditions, convergence, rules
from forecast.events import Futures, Snapshot, day
from forecast.findings import Part
from forecast.language import say
from forecast.models import covariates
from forecast.outlook import Band, Curve, Fit, Outlook, Parameter, Point, Standing
from forecast.predict import Prediction
from forecast.questions import Forecast, Question
from forecast.rules import Readings, Rule, Window
from forecast.spec import Spec
from forecast.world import ON_RATES, Fitted, parameters

WINDOWS = 36
LEVELS, FEW = 20, 4  # of other thresholds: about so many, and below so many there is nothing to show
ENDS = (0.01, 0.985)
DAYS = 250
DAILY = ("change", "rise", "fall", "max", "min", "last")
Z = (0.05, 0.5, 0.95)


def outlooks(prediction: Prediction, titles: Mapping[str, str], snapshot: Snapshot) -> tuple[Outlook, ...]:
    """Gather forecasts into their groups, each with its series.

    Parameters
    ----------
    prediction : Prediction
    titles : dict of str to str
        Group -> heading.
    snapshot : Snapshot
    """
    groups: dict[str, list[Forecast]] = {}
    for forecast in prediction.forecasts:
        groups.setdefault(forecast.question.group, []).append(forecast)
    return tuple(_outlook(name, titles[name], members, prediction, snapshot) for name, members in groups.items())


def _outlook(
    group: str, title: str, members: Sequence[Forecast], prediction: Prediction, snapshot: Snapshot
) -> Outlook:
    first = members[0].question
    one_rule = len({str(member.question.rule.where) for member in members}) == 1
    replays = any(member.past[1] for member in members)
    every = 0
    past: tuple[Point, ...] = ()
    ahead: tuple[Band, ...] = ()
    if one_rule and not first.also and replays and first.rule.measure != "standing":
        longest = max((member.question for member in members), key=lambda question: question.closes)
        daily = first.rule.measure in DAILY and _is_series(first.rule, snapshot)
        every = 1 if daily else min(member.question.window.days for member in members)
        if daily:
            past, ahead = _values(longest, snapshot, prediction.futures)
        else:
            past, ahead = _windows(longest, every, snapshot, prediction.futures)
    rows = snapshot.of_kind(first.rule.kinds)
    unit = "" if rows.empty else str(rows["unit"].iloc[-1])
    curves = _curves(members, prediction.futures, snapshot) if one_rule and not first.also else ()
    return Outlook(group, title, first.domain, first.rule.measure, unit, every, tuple(members), past, ahead, curves)


def _curves(members: Sequence[Forecast], futures: Futures, snapshot: Snapshot) -> tuple[Curve, ...]:
    """Say how probable other levels are than those that are asked about, by each closing day."""
    asked = sorted({member.question.rule.threshold for member in members})
    windows = sorted({member.question.window for member in members}, key=lambda window: window.closes)
    rule, found = members[0].question.rule, []
    if rule.measure in ("first", "standing") or len({member.question.rule.op for member in members}) > 1:
        return ()
    readings = Readings(snapshot, futures)
    read = [np.nan_to_num(readings(rule, window)) for window in windows]
    levels = _levels(np.concatenate(read), asked, whole=rule.measure == "count")
    if len(levels) < FEW:
        return ()
    for window, numbers in zip(windows, read, strict=True):
        like = next(one.question for one in members if one.question.window == window)
        shares = [
            answers.probability(like, futures, replace(rule, threshold=level).holds(numbers))[0] for level in levels
        ]
        found.append(Curve(window.closes, tuple(levels), tuple(shares)))
    return tuple(found)


def _levels(numbers: NDArray[np.float64], asked: Sequence[float], whole: bool) -> list[float]:
    """Choose levels between the ends of what futures read, those that are asked about among them."""
    low, high = np.quantile(numbers, ENDS)
    low, high = min(low, asked[0]), max(high, asked[-1])
    if whole:
        step = max(1, round((high - 1) / LEVELS))
        return sorted({*map(float, range(1, int(high) + 1, step)), *asked})
    step = float(f"{(high - low) / LEVELS:.1g}") or 1.0
    every = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
    return sorted({*(float(f"{level:.6g}") for level in every), *asked})


def _is_series(rule: Rule, snapshot: Snapshot) -> bool:
    """Tell a daily series from scattered events: one entity, most weekdays."""
    rows = snapshot.of_kind(rule.kinds)
    rows = rows[conditions.matching(rows, rule.where)].tail(DAYS)
    return len(rows) > 1 and bool((rows["event_at"].iloc[-1] - rows["event_at"].iloc[0]).days < 3 * len(rows))


def _windows(
    question: Question, every: int, snapshot: Snapshot, futures: Futures
) -> tuple[tuple[Point, ...], tuple[Band, ...]]:
    since = snapshot.as_of - timedelta(days=WINDOWS * every)
    opens, numbers = answers.past_windows(question.rule, snapshot, since, every)
    past = tuple(Point(at, _number(value)) for at, value in zip(opens, numbers, strict=True))
    ahead = []
    for start in range(0, question.window.days - every + 1, every):
        at = question.opens + timedelta(days=start)
        read = rules.in_futures(question.rule, snapshot, futures, Window(at, at + timedelta(days=every)))
        ahead.append(_band(at, [_number(value) for value in np.quantile(np.nan_to_num(read), answers.QUANTILES)]))
    return past, tuple(ahead)


def _values(question: Question, snapshot: Snapshot, futures: Futures) -> tuple[tuple[Point, ...], tuple[Band, ...]]:
    rule = question.rule
    rows = snapshot.of_kind(rule.kinds)
    rows = rows[conditions.matching(rows, rule.where)].tail(DAYS)
    past = tuple(Point(at.date(), float(value)) for at, value in zip(rows["event_at"], rows["value"], strict=True))
    frames = [frame[conditions.matching(frame, rule.where)] for frame in futures.of_kind(rule.kinds)]
    frame = pd.concat(frames)
    frame = frame[question.window.covers(frame)]
    found = frame.groupby("event_at")["value"].quantile(np.array(answers.QUANTILES)).unstack()
    ahead = tuple(
        _band(at.date(), [float(value) for value in row]) for at, row in zip(found.index, found.to_numpy(), strict=True)
    )
    return past, ahead


def _band(at: date, values: Sequence[float]) -> Band:
    low, lower, middle, upper, high = values
    return Band(at, (low, lower, middle, upper, high))


def _number(value: float) -> float:
    return float(value) if np.isfinite(value) else 0.0


def fits(
    specs: Sequence[Spec], fitted: Sequence[Fitted], snapshot: Snapshot, looked: Sequence[Part] = ()
) -> tuple[Fit, ...]:
    """Describe how each model came to its numbers, a pool before its members.

    Parameters
    ----------
    specs : sequence of Spec
    fitted : sequence of Fitted
    snapshot : Snapshot
    looked : sequence of Part
        What was found when each fit was looked at; empty if none was.
    """
    parts = zip_longest(fitted, looked)
    found: list[Fit] = []
    for spec in specs:
        if spec.members:
            found.append(Fit(spec, say("fit-pool", models=len(spec.members)), {}, (), ()))
        found += [_fit(model, snapshot, part) for model, part in islice(parts, len(spec.parts))]
    return tuple(found)


def _fit(model: Fitted, snapshot: Snapshot, part: Part | None) -> Fit:
    page = model.family
    return Fit(
        spec=model.spec,
        method=_method(page.method(model.spec), model.told),
        diagnostics=convergence.measured(model.told),
        parameters=_parameters(model),
        notes=page.notes(model.panel, model.spec),
        standing=_standing(model, snapshot),
        part=part,
    )


def _standing(model: Fitted, snapshot: Snapshot) -> tuple[Standing, ...]:
    """Read covariates that are factors on rates as they stand: the factor of one event, to the power that is read."""
    named = parameters(model)
    spec = model.spec
    if not spec.covariates:
        return ()
    (reads,) = covariates.on_record(snapshot, spec, np.array([day(snapshot.as_of)]))
    return tuple(
        Standing(item.name, float(item.per * (2**read - 1)), _quantiles(named[item.name][2] ** read))
        for item, read in zip(spec.covariates, reads, strict=True)
        if item.name in named and named[item.name][0].meaning == ON_RATES.meaning
    )


def _method(method: str, attrs: Mapping[Any, Any]) -> str:
    """Say how the numbers came about, and of a refit from which posterior it began."""
    begun = attrs.get("begun_from")
    return say("fit-begun", method=method, posterior=str(begun)) if begun else method


def _parameters(model: Fitted) -> tuple[Parameter, ...]:
    """Set prior beside posterior, one row for a parameter or for each of its named elements."""
    return tuple(
        Parameter(name, meaning.meaning, meaning.unit, (prior.low, prior.high), _quantiles(drawn))
        for name, (meaning, prior, drawn) in parameters(model).items()
    )


def _quantiles(values: xr.DataArray) -> tuple[float, float, float]:
    low, middle, high = (float(value) for value in np.quantile(values.to_numpy(), Z))
    return low, middle, high
