"""Rates that forget: the prior's interval, the exact posterior, and counts that come at its rate."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from scipy import stats

from forecast.errors import SpecError
from forecast.inference import Sizes
from forecast.models import discounted
from forecast.prospect import Prospect
from forecast.spec import Prior
from tests.worlds import AS_OF, attacks, counts_spec, snapshot

SPEC = replace(
    counts_spec(),
    family="discounted",
    priors={"background": Prior(0.03, 5.0)},
    covariates=(),
    options={**counts_spec().options, "half_life": 90, "strength": 90},
)


def test_the_prior_s_interval_holds_nine_tenths() -> None:
    shape, rate = discounted.gamma(Prior(0.03, 5.0))
    np.testing.assert_allclose(stats.gamma.ppf([0.05, 0.95], shape, scale=1 / rate), [0.03, 5.0], rtol=1e-6)


def test_an_event_loses_half_its_weight_in_a_half_life() -> None:
    record = attacks(seed=4)
    one = record.iloc[[0]].assign(event_at=np.datetime64(AS_OF - timedelta(days=90)))
    data = discounted.panel(snapshot(one.assign(known_at=one["event_at"])), SPEC)
    assert data["recent"].sum() == pytest.approx(0.5)
    assert data["events"].sum() == 1


def test_rates_lie_between_the_long_run_and_what_is_recent() -> None:
    data = discounted.panel(snapshot(attacks(seed=4)), SPEC)
    tree = discounted.posterior(data, SPEC, 1)["posterior"].to_dataset()
    now = tree["rate"].mean(("chain", "draw")).to_numpy()
    long = tree["background"].mean(("chain", "draw")).to_numpy()
    recent = data["recent"].to_numpy() / data.attrs["recent_years"]
    error = 0.02 + 4 * tree["rate"].std(("chain", "draw")).to_numpy() / np.sqrt(discounted.DRAWS)
    assert (now >= np.minimum(long, recent) - error).all()
    assert (now <= np.maximum(long, recent) + error).all()


def test_counts_come_at_the_rate_of_now() -> None:
    """Total over 30 days, within 4.5 Monte Carlo errors: false alarm 7e-6."""
    world = snapshot(attacks(seed=4))
    data = discounted.panel(world, SPEC)
    tree = discounted.posterior(data, SPEC, 1)
    sizes = Sizes(4000, 2000)
    until = AS_OF + timedelta(days=30)
    prospect = Prospect(world, until, sizes)
    frame = discounted.simulate(tree, data, SPEC, prospect, np.random.default_rng(3)).events["strike"]
    rates = tree["posterior"]["rate"].to_numpy()[0].sum(axis=1) * 30 / discounted.YEAR
    totals = np.bincount(frame["draw"], minlength=sizes.draws)
    assert abs(totals.mean() - rates.mean()) < 4.5 * np.sqrt(totals.var() / sizes.draws)


def test_events_of_several_kinds_come_each_as_its_kind() -> None:
    """Two kinds as origins: every future event stands among those of its own kind, as often as its cells say."""
    record = attacks(seed=4).assign(kind=lambda rows: np.where(rows["who"] == "red", "raid", "siege"))
    roles, cells = SPEC.options["roles"], SPEC.options["cells"]
    options = {
        **SPEC.options,
        "roles": {**roles, "origin": "kind"},
        "groups": {**SPEC.options["groups"], "origin": {"raid": ["raid"], "siege": ["siege"]}},
        "cells": {"raid": cells["red"], "siege": cells["blue"]},
    }
    item = replace(SPEC, target={"kind": ("raid", "siege")}, options=options)
    known = snapshot(record)
    data = discounted.panel(known, item)
    prospect = Prospect(known, AS_OF + timedelta(days=30), Sizes(2000, 50))
    tree = discounted.posterior(data, item, 1)
    made = discounted.simulate(tree, data, item, prospect, np.random.default_rng(3)).events
    assert {kind: set(frame["kind"]) for kind, frame in made.items()} == {"raid": {"raid"}, "siege": {"siege"}}
    rates = tree["posterior"]["rate"].to_numpy()[0][:, [name.startswith("raid") for name in data["cell"].to_numpy()]]
    error = np.sqrt(len(made["raid"])) * (1 + rates.sum(axis=1).std() / rates.sum(axis=1).mean())
    expected = 2000 * rates.sum(axis=1).mean() * 30 / discounted.YEAR
    assert abs(len(made["raid"]) - expected) < 0.15 * expected + 4.5 * error


def test_counts_carry_what_past_events_had() -> None:
    record = attacks(seed=4)
    known = snapshot(record.assign(manner=np.where(record["who"] == "red", "open", "secret")))
    item = replace(SPEC, options={**SPEC.options, "carry": ["manner"]})
    data = discounted.panel(known, item)
    prospect = Prospect(known, AS_OF + timedelta(days=30), Sizes(100, 50))
    tree = discounted.posterior(data, item, 1)
    frame = discounted.simulate(tree, data, item, prospect, np.random.default_rng(3)).events["strike"]
    assert ((frame["who"] == "red") == (frame["manner"] == "open")).all()
    assert len(frame) > 100


def test_covariates_are_refused() -> None:
    covariates = counts_spec().covariates
    assert covariates
    with pytest.raises(SpecError, match="takes no covariates"):
        discounted.check(replace(SPEC, covariates=covariates))
