"""Constant rates: the posterior is the formula's, what has no record leans on all kinds, and nothing is quite nought.

Seeds are fixed. Means are compared within 4.5 Monte Carlo errors (false alarm 7e-6 each).
"""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from numpy.typing import NDArray

from forecast import spec
from forecast.errors import SpecError
from forecast.inference import Sizes
from forecast.models import climatology, constant_hazards, exposure, ladder
from forecast.models.exposure import YEAR
from forecast.prospect import Prospect
from tests.test_exposure import MADE
from tests.test_spells import HALTED, LADDER, SPEC, STAGES, TODAY, Row, bridge, on
from tests.worlds import events, snapshot

ERRORS = 4.5
STATES, KINDS = len(LADDER.states), len(LADDER.kinds)
Array = NDArray[np.float64]


def panel(rows: list[Row]) -> xr.Dataset:
    return exposure.panel(snapshot(events(rows), on(TODAY)), SPEC, LADDER)


def rates(data: xr.Dataset, seed: int = 1) -> Array:
    """Draw rates a year, shape (draw, cause, state, kind)."""
    return np.asarray(constant_hazards.posterior(data, LADDER, seed)["posterior"]["rate"].to_numpy()[0])


def gamma(happened: Array, years: Array, strength: float) -> tuple[Array, Array]:
    """Give shape and rate of a posterior, by kind, whose prior is worth some events of what is so of all kinds."""
    overall = (happened.sum() + 0.5) / (years.sum() + 1)
    pooled = (happened.sum(axis=-1, keepdims=True) + 0.5) / (years.sum(axis=-1, keepdims=True) + 0.5 / overall)
    return strength + happened, strength / pooled + years


def test_means_and_spreads_are_those_of_the_gamma_distribution() -> None:
    """Of advancing by state and kind; of ending and halting by kind alone."""
    data = exposure.panel(MADE[0], SPEC, LADDER)
    drawn = rates(data)
    for cause in range(3):
        happened, years = np.zeros((2, STATES, KINDS))
        for total, name in ((happened, "happened"), (years, "exposure")):
            np.add.at(total, (data["state"], data["kind_of"]), data[name].to_numpy()[:, cause])
        if cause:
            happened, years = (np.tile(total.sum(axis=0), (STATES, 1)) for total in (happened, years))
        shape, rate = gamma(happened, years, LADDER.strength)
        error = np.sqrt(shape) / rate / np.sqrt(len(drawn))
        assert (np.abs(drawn[:, cause].mean(axis=0) - shape / rate) < ERRORS * error).all()
        spread = drawn[:, cause].std(axis=0) / (np.sqrt(shape) / rate)
        assert (np.abs(spread - 1) < ERRORS * np.sqrt((2 + 6 / shape) / 4 / len(drawn))).all()


def test_a_kind_without_a_record_has_the_rate_of_all_kinds() -> None:
    """Ten years of roads at risk, five of them funded; of rail there is no row."""
    rows = [row for number in range(10) for row in bridge(("planned", TODAY - 365), name=f"{number}")]
    for number in range(5):
        rows += bridge(("funded", TODAY - 1), name=f"{number}")
    drawn = rates(panel(rows))
    years = (5 * 364 + 5 * 365) / YEAR
    pooled = 5.5 / (years + 0.5 / (5.5 / (years + 5 / YEAR + 1)))
    shape = LADDER.strength
    assert abs(drawn[:, 0, 0, 1].mean() - pooled) < ERRORS * pooled / np.sqrt(shape * len(drawn))


def test_nothing_is_quite_nought() -> None:
    """One process and no event: every rate is positive, and everything that can happen does in some future."""
    rows = [*bridge(("planned", 300)), *bridge(("planned", 300), name="beam", sort="rail")]
    data, item = panel(rows), replace(SPEC, family="climatology")
    assert (rates(data) > 0).all()
    tree, sizes = constant_hazards.posterior(data, LADDER, 1), Sizes(4000, 1000)
    known, rng = snapshot(events(rows), on(TODAY)), np.random.default_rng(1)
    found = constant_hazards.simulate(tree, data, item, LADDER, Prospect(known, on(TODAY + 3650), sizes), rng)
    assert all(len(found.events[kind]) for kind in LADDER.codes if kind != "planned")
    assert set(found.events["opened"]["entity"]) == {"arch"}  # rail bridges record nothing above `built`


def test_the_first_passage_is_the_mixture_over_the_posterior() -> None:
    """P(nothing in h) is (b / (b + h))^a when a rate is Gamma(a, b); here for the one cause that can act."""
    kinds = [{"name": "road", "where": {"sort": ["road"]}, "never": ["halted", "dropped", "lapsed"]}]
    item = replace(SPEC, options={**SPEC.options, "kinds": kinds})
    found = ladder.parse(dict(item.options), item.where)
    rows = [*bridge(("planned", 0), ("opened", 200), name="done"), *bridge(("planned", 399), name="open")]
    known = snapshot(events(rows), on(TODAY))
    data = exposure.panel(known, item, found)
    tree = constant_hazards.posterior(data, found, 1)
    made = constant_hazards.simulate(
        tree, data, item, found, Prospect(known, on(TODAY + 200), Sizes(20_000, 1000)), np.random.default_rng(2)
    )
    first = pd.concat([made.events[kind] for kind in STAGES]).groupby("draw").size()
    rate = tree["posterior"]["rate"].to_numpy()[0, :, 0, 0, 0]
    exact = 1 - np.exp(-rate * 200 / YEAR).mean()
    assert abs(len(first) / 20_000 - exact) < ERRORS * np.sqrt(exact * (1 - exact) / 20_000)
    shape, scale = gamma(np.array([[1.0]]), np.array([[201 / YEAR]]), found.strength)
    mixture = 1 - float((scale / (scale + 200 / YEAR))[0, 0] ** shape[0, 0])
    chances = 1 - np.exp(-rate * 200 / YEAR)
    assert abs(exact - mixture) < ERRORS * chances.std() / np.sqrt(len(rate))


STAGED = """
name = "bridges"
title = "Bridges"
family = "climatology"
since = 2010-01-01
written = 2020-01-01
step = 400
target = { kind = ["planned", "built", "halted", "dropped"] }
[options]
of = "stages"
[options.stages]
stages = ["planned", "built"]
exits = ["dropped"]
suspended = "halted"
kinds = [{ name = "any", where = { region = ["near"] } }]
"""


def test_climatology_of_stages_is_this_and_knows_no_traits_and_no_covariates() -> None:
    item = spec.parse(STAGED, "models/bridges.toml")
    climatology.check(item)
    known = snapshot(
        events([*bridge(("planned", 0)), *bridge(("planned", 0), (HALTED, 9), name="x")]), date(2011, 1, 1)
    )
    data = climatology.panel(known, item)
    tree = climatology.posterior(data, item, 4)
    sizes, rng = Sizes(1000, 1000), np.random.default_rng(1)
    found = climatology.simulate(tree, data, item, Prospect(known, date(2031, 1, 1), sizes), rng)
    assert set(found.events) == {"planned", "built", "halted", "dropped"}
    assert set(found.events["built"]["entity"]) == {"arch", "x"}
    traits = "[[options.stages.traits]]\nname = 'long'\nwhere = { length = 'long' }\neffect = [0.5, 2.0]\n"
    with pytest.raises(SpecError, match="no traits"):
        climatology.check(spec.parse(STAGED + traits, "models/bridges.toml"))
