"""Counts: features look back only, simulation follows the equations, and the density is the one written down."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats

from forecast import inference
from forecast.errors import SpecError
from forecast.inference import Sizes
from forecast.models import cells, counts, examples
from forecast.models.feedback import features, memories, trailing_sums
from forecast.prospect import Prospect
from tests.worlds import AS_OF, attacks, counts_spec, events, snapshot

SPEC = counts_spec()
OPTIONS = cells.options(SPEC)
PLAN = cells.layout(OPTIONS)


@pytest.fixture(scope="module")
def world():
    return snapshot(attacks(seed=2))


@pytest.fixture(scope="module")
def data(world) -> xr.Dataset:
    return counts.panel(world, SPEC)


def made_posterior(draws: int = 50, size: float = 2.0, feedback: float = 0.6) -> xr.DataTree:
    """A posterior whose every draw is the same known truth."""
    origins, places = len(PLAN.origins), 2 * len(OPTIONS.memories) + 2

    def same(name: str, value: np.ndarray) -> tuple[tuple[str, ...], np.ndarray]:
        return ("chain", "draw", *[f"{name}_{axis}" for axis in range(value.ndim)]), np.broadcast_to(
            value, (1, draws, *value.shape)
        )

    group = xr.Dataset(
        {
            "nu": same("nu", np.linspace(0.05, 0.3, len(PLAN.cells))),
            "logit_of": same("logit", np.full(origins, np.log(feedback / (1 - feedback)))),
            "share": same("share", np.full((origins, places), 1 / places)),
            "size": same("size", np.full(origins, size)),
            "effect_of": (("chain", "draw", "o", "k"), np.zeros((1, draws, origins, 1))),
        }
    )
    return xr.DataTree.from_dict({"posterior": group})


def test_every_event_since_the_first_bin_is_counted_once(world, data: xr.Dataset) -> None:
    first = data["time"].to_numpy()[0]
    assert float(data["counts"].sum()) == (world.events["event_at"] >= first).sum()
    assert data["time"].to_numpy()[-1] == np.datetime64(AS_OF - timedelta(days=SPEC.step), "us")


def test_what_fits_no_cell_falls_into_the_origin_s_last_one(data: xr.Dataset) -> None:
    rest = [number for number, cell in enumerate(PLAN.cells) if cell == ("blue", cells.REST, cells.REST)]
    assert float(data["counts"][:, rest].sum()) > 0


def test_an_origin_in_no_group_is_refused_with_the_way_out(world) -> None:
    stranger = world.events.assign(who="green")
    with pytest.raises(SpecError, match="green"):
        counts.panel(snapshot(stranger), SPEC)


def test_memories_are_exponential_sums() -> None:
    rng = np.random.default_rng(1)
    made = rng.poisson(1.0, (30, 2)).astype(float)
    found = memories(made, (15, 60), 10)
    for column, half_life in enumerate((15, 60)):
        keep = 2 ** (-10 / half_life)
        weights = (1 - keep) * keep ** np.arange(20)
        np.testing.assert_allclose(found[20, :, column], weights @ made[19::-1])
    np.testing.assert_array_equal(trailing_sums(made, 5)[20], made[15:20].sum(axis=0))


def test_features_of_a_bin_do_not_see_it_or_what_follows() -> None:
    rng = np.random.default_rng(4)
    made = rng.poisson(0.3, (40, len(PLAN.cells))).astype(float)

    def seen(record: np.ndarray) -> np.ndarray:
        memory, recent = memories(record, OPTIONS.memories, 10), trailing_sums(record, 12)
        return features(memory[:-1], recent[:-1], OPTIONS, PLAN)

    changed = made.copy()
    changed[25:] += 7
    np.testing.assert_array_equal(seen(made)[:26], seen(changed)[:26])
    assert not np.array_equal(seen(made)[26], seen(changed)[26])


def test_what_an_event_brings_adds_up_to_the_weights() -> None:
    """One event, followed for ever: own + front + origin memories sum to one each over the cells that they feed."""
    made = np.zeros((1, len(PLAN.cells)))
    made[0, 1] = 1.0
    memory = memories(made, OPTIONS.memories, 10)[1]
    recent = made[0]
    found = features(memory, recent, OPTIONS, PLAN)
    keep = 1 - 2 ** (-10 / np.array(OPTIONS.memories))
    half_lives = len(OPTIONS.memories)
    np.testing.assert_allclose(found[:, :half_lives].sum(axis=0), keep)
    np.testing.assert_allclose(found[:, half_lives : 2 * half_lives].sum(axis=0), keep)
    own_origin = PLAN.origin_of == PLAN.origin_of[1]
    shared = keep[OPTIONS.memories.index(OPTIONS.shared)]
    np.testing.assert_allclose(found[own_origin, 2 * half_lives].sum(), shared)
    np.testing.assert_allclose(found[~own_origin, 2 * half_lives], 0)
    np.testing.assert_allclose(found[own_origin, -1].sum(), shared)
    np.testing.assert_allclose(found[~own_origin, -1].sum(), shared)


def simulate(world, data: xr.Dataset, days: int, tree: xr.DataTree | None = None, draws: int = 4000):
    until = AS_OF + timedelta(days=days)
    sizes, rng = Sizes(draws, 50), np.random.default_rng(9)
    return counts.simulate(tree or made_posterior(), data, SPEC, Prospect(world, until, sizes), rng).events["strike"]


def test_the_first_bin_has_the_mean_of_the_equations(world, data: xr.Dataset) -> None:
    """Within 4.5 Monte Carlo errors, 7 cells: false alarm 5e-5."""
    memory, history = data["memory"].to_numpy(), data["history"].to_numpy()
    pull = features(memory, history.sum(axis=0), OPTIONS, PLAN).mean(axis=1)
    mu = np.linspace(0.05, 0.3, len(PLAN.cells)) + 0.6 * pull
    frame = simulate(world, data, 10)
    found = len(frame) / 4000
    error = np.sqrt((mu + mu**2 / 2.0).sum() / 4000)
    assert abs(found - mu.sum()) < 4.5 * error


def test_a_longer_horizon_changes_nothing_nearer(world, data: xr.Dataset) -> None:
    near, far = simulate(world, data, 25), simulate(world, data, 90)
    kept = far[far["event_at"] < np.datetime64(AS_OF + timedelta(days=25))].reset_index(drop=True)
    assert len(near) > 100
    assert near.reset_index(drop=True).equals(kept)


def test_simulated_events_carry_attributes_that_rules_read(world, data: xr.Dataset) -> None:
    frame = simulate(world, data, 30)
    assert {"draw", "entity", "event_at", "value", "n", "who", "what"} <= set(frame.columns)
    assert set(frame["who"]) <= {"red", "blue"}
    assert frame["event_at"].min() >= np.datetime64(AS_OF)
    assert frame["draw"].between(0, 3999).all()


def test_what_is_carried_goes_with_the_roles_as_it_did(world, data: xr.Dataset) -> None:
    """Only red ports in the north were hit openly, half of the time; else nothing changes, to the byte."""
    before = world.events
    north = ((before["who"] == "red") & (before["what"] == "port") & (before["entity"] == "north")).to_numpy()
    openly = np.where(north & (np.arange(len(before)) % 2 == 0), "open", "secret")
    item = replace(SPEC, options={**SPEC.options, "carry": ["manner"]})
    known = snapshot(before.assign(manner=openly))
    found = counts.panel(known, item)
    number = {manner: int(before["n"][openly == manner].sum()) for manner in ("secret", "open")}
    assert f"of those on record, {number['secret']} secret, {number['open']} open." in counts.notes(found, item)[-1]
    prospect = Prospect(known, AS_OF + timedelta(days=30), Sizes(4000, 50))
    rng = np.random.default_rng(9)
    frame = counts.simulate(made_posterior(), found, item, prospect, rng).events["strike"]
    pd.testing.assert_frame_equal(frame.drop(columns="manner"), simulate(world, data, 30))
    assert isinstance(frame["manner"].dtype, pd.CategoricalDtype)
    hit = (frame["who"] == "red") & (frame["what"] == "port") & (frame["entity"] == "north")
    assert set(frame.loc[~hit, "manner"]) == {"secret"}
    share, usual = (frame.loc[hit, "manner"] == "open").mean(), (openly[north] == "open").mean()
    assert abs(share - usual) < 4.5 * np.sqrt(usual * (1 - usual) / hit.sum())  # false alarm 7e-6


def test_a_cell_without_a_past_carries_what_is_most_common_of_its_origin_or_of_all() -> None:
    found = replace(OPTIONS, carry=("manner",))
    reds = [
        {"who": "red", "what": "port", "entity": "north", "manner": manner} for manner in ("open", "secret", "open")
    ]
    numbers = {cell: number for number, cell in enumerate(PLAN.cells)}
    where = np.full(3, numbers["red", "port", "north"])
    made = examples.examples(pd.DataFrame(reds), where, found, PLAN).set_index("cell")["manner"]
    assert made[numbers["red", "road", "south"]] == "open"
    assert made[numbers["blue", "road", "north"]] == "open"
    assert set(examples.examples(pd.DataFrame(reds)[:0], where[:0], found, PLAN)["manner"]) == {""}


def test_what_no_event_has_cannot_be_carried_and_roles_are_anyway(world) -> None:
    for name, message in (("manners", "did you mean `manner`"), ("who", "the column of a role")):
        item = replace(SPEC, options={**SPEC.options, "carry": [name]})
        with pytest.raises(SpecError, match=message):
            counts.panel(snapshot(world.events.assign(manner="open")), item)


def test_campaigns_end_even_when_feedback_is_near_one(world, data: xr.Dataset) -> None:
    frame = simulate(world, data, 360, made_posterior(feedback=0.97), draws=1000)
    totals = np.bincount(frame["draw"], minlength=1000)
    assert np.quantile(totals, 0.99) < 40 * np.median(totals) + 400


def test_the_density_is_the_negative_binomial_written_down(data: xr.Dataset) -> None:
    """The PyMC density, with its fused likelihood and its centring, equals scipy's, prior by prior and cell by cell."""
    model = counts.build(data, SPEC)
    density = model.compile_logp(sum=True, mode="FAST_COMPILE")
    rng = np.random.default_rng(0)
    start = model.initial_point()
    found, expected = [], []
    for _ in range(3):
        point = {name: value + 0.3 * rng.standard_normal(np.shape(value)) for name, value in start.items()}
        found.append(float(density(point)))
        expected.append(_reference(point, data))
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def _reference(point: dict[str, np.ndarray], data: xr.Dataset) -> float:
    """Add up the density as the page's equations have it, with scipy, from the two vectors that are sampled."""
    origins, memories = len(PLAN.origins), len(OPTIONS.memories)
    pairs = {
        name: inference.location_scale(SPEC.priors[name], meaning.support) for name, meaning in counts.PRIORS.items()
    }
    prior, total, at = {}, 0.0, 0
    for name, (mean, sd) in [
        *pairs.items(),
        ("effect", inference.location_scale(SPEC.covariates[0].effect, "positive")),
    ]:
        width = memories if name in ("own", "front") else 1
        prior[name] = point["prior"][at : at + width]
        total += float(stats.norm.logpdf(prior[name], mean, sd).sum())
        at += width
    total += float(stats.norm.logpdf(point["z"]).sum())
    z_feedback, z_share, z_size, z_effect = np.split(
        point["z"], np.cumsum([origins, origins * (2 * memories + 2), origins])
    )

    level = {}
    for name in ("origin", "mark", "place"):
        total += float(stats.norm.logpdf(point[f"z_{name}"]).sum())
        level[name] = np.exp(prior[f"spread_{name}"][0]) * point[f"z_{name}"]
    seen = 0.1 * (data["counts"].to_numpy() > 0).sum(axis=0)
    seen = seen / (seen + 1)
    together = np.array([seen[PLAN.front_of == front].sum() for front in range(len(PLAN.fronts))])
    mean = np.empty(len(PLAN.fronts))
    mean[PLAN.front_of] = level["origin"][PLAN.origin_of] + level["place"][PLAN.place_of]
    mean += prior["background"][0] - pairs["background"][0]
    own, density = _around(point["u_front"], mean, together / (together + 2), prior["spread_front"])
    total += density
    mean = own[PLAN.front_of] + level["mark"][PLAN.mark_of]
    own, density = _around(point["u_cell"], mean, seen, prior["spread_cell"])
    total += density
    nu = np.exp(pairs["background"][0] + own) * SPEC.step / 365.25

    weights = np.exp(np.concatenate([prior[name] for name in ("own", "front", "origin", "all")]))
    raw = weights * np.exp(OPTIONS.pooling * z_share.reshape(origins, -1))
    share = raw / raw.sum(axis=1, keepdims=True)
    logit_of = prior["feedback"][0] + OPTIONS.pooling * z_feedback
    size = np.exp(prior["dispersion"][0] + OPTIONS.pooling * z_size)
    factor = (prior["effect"] + OPTIONS.effect_pooling * z_effect.reshape(origins, -1)) @ data[
        "covariates"
    ].to_numpy().T
    for cell, origin in enumerate(PLAN.origin_of):
        pull = data["features"].to_numpy()[:, cell] @ share[origin]
        mu = np.exp(factor[origin]) * nu[cell] + pull / (1 + np.exp(-logit_of[origin] - factor[origin]))
        r = size[origin]
        total += float(stats.nbinom.logpmf(data["counts"].to_numpy()[:, cell], r, r / (r + mu)).sum())
    return total


def _around(u: np.ndarray, mean: np.ndarray, centred: np.ndarray, log_spread: np.ndarray) -> tuple[np.ndarray, float]:
    """Give the values behind partially centred ones, and the log density of these."""
    spread = np.exp(log_spread)
    density = float(stats.norm.logpdf(u, centred * mean, spread**centred).sum())
    return mean + spread ** (1 - centred) * (u - centred * mean), density


def test_covariates_read_what_was_known_before_each_bin(world) -> None:
    talk = events([{"kind": "talk", "event_at": date(2019, 6, 3), "known_at": date(2019, 6, 3)}], who="", what="")
    import pandas as pd

    both = pd.concat([world.events, talk.assign(record="talk")], ignore_index=True)
    read = counts.panel(snapshot(both), SPEC)["covariates"].to_series().droplevel("covariate")
    on = read[read > 0].index
    assert (read[read > 0] == 1).all()
    assert on.min() > pd.Timestamp("2019-06-03")
    assert on.max() <= pd.Timestamp("2019-06-03") + pd.Timedelta(days=60)
