"""Stages: what a spec must say, and a density that is the formula's."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray
from scipy.special import gammaln
from scipy.stats import poisson

from forecast import inference, spec, world
from forecast.errors import SpecError
from forecast.inference import Sizes
from forecast.models import climbing, ladder, stage_rates, stages
from forecast.models.climbing import Rates
from forecast.models.ladder import CAUSES
from forecast.prospect import Prospect
from forecast.spec import Prior, Spec
from tests.test_exposure import FAR, MADE, RAIN
from tests.test_spells import LADDER, SPEC, on

ROOT = Path(__file__).parents[1]
WET = replace(SPEC, covariates=(RAIN,))
Array = NDArray[np.float64]


def changed(**options: Any) -> Spec:
    return replace(SPEC, options={**SPEC.options, **options})


def kinds(**of_first: Any) -> Spec:
    first, *others = SPEC.options["kinds"]
    return changed(kinds=[{**first, **of_first}, *others])


def without(name: str) -> Spec:
    return replace(SPEC, priors={key: prior for key, prior in SPEC.priors.items() if key != name})


def prior(name: str, low: float, high: float) -> Spec:
    return replace(SPEC, priors={**SPEC.priors, name: Prior(low, high)})


TRAIT = {"name": "long", "where": {"length": ["long"]}, "effect": [-1.0, 2.0]}
REFUSED: dict[str, tuple[Spec, tuple[str, ...]]] = {
    "a prior that is missing": (without("age_spread"), ("age_spread",)),
    "a prior that the family does not know": (prior("agee", 0.1, 1.0), ("agee", "age")),
    "a prior that reaches below nought": (prior("deadline", -1.0, 2.0), ("priors.deadline", "[-1, 2]")),
    "an effect of a trait that reaches below nought": (changed(traits=[TRAIT]), ("long: effect", "[-1, 2]")),
    "an effect of a covariate that does": (
        replace(WET, covariates=(replace(RAIN, effect=Prior(0, 2)),)),
        ("rain: effect", "[0, 2]"),
    ),
    "a key that is none": (changed(stagess=[]), ("`stagess` is not a key here", "stages")),
    "a key of a kind that is none": (kinds(tops="built"), ("`kinds.0.tops` is not a key here", "top")),
    "a key that is missing": (
        replace(SPEC, options={key: value for key, value in SPEC.options.items() if key != "exits"}),
        ("`exits` is missing",),
    ),
    "a stage that the target leaves out": (
        replace(SPEC, target={"kind": tuple(kind for kind in SPEC.kinds if kind != "built")}),
        ("`built` stands in the target or in the ladder, and not in both", "target.kind"),
    ),
    "a target that is no stage": (
        replace(SPEC, target={"kind": (*SPEC.kinds, "lost")}),
        ("`lost` stands in the target or in the ladder, and not in both", "target.kind"),
    ),
    "a stage twice": (changed(exits=["dropped", "built"]), ("`built` stands twice",)),
    "a top that is no stage": (kinds(top="build"), ("`build`, the top of `road`, is no stage", "built")),
    "a top that never is": (kinds(top="built", never=["built"]), ("`road` never has its own top",)),
    "a kind twice": (changed(kinds=[SPEC.options["kinds"][0]] * 2), ("stands twice among kinds",)),
    "a trait twice": (changed(traits=[{**TRAIT, "effect": [0.5, 2.0]}] * 2), ("`long` stands twice among traits",)),
    "a deadline that is a stage": (changed(deadline_set="built"), ("`built` stands twice",)),
    "no strength": (changed(strength=0.0), ("`strength`",)),
    "near before nought": (changed(near=[-1, 3]), ("`near`",)),
    "a zero that is no event": (kinds(never=["haltd"]), ("`road` never has `haltd`", "halted")),
    "cuts that do not rise": (changed(cuts=[30, 30, 90]), ("`cuts`",)),
    "cuts from nought on": (changed(cuts=[0, 30]), ("`cuts`",)),
    "no cuts": (changed(cuts=[]), ("`cuts`",)),
    "no exits": (changed(exits=[], kinds=SPEC.options["kinds"][:1]), ("`exits`",)),
}


@pytest.mark.parametrize("mistake", REFUSED)
def test_a_mistake_is_refused_by_its_key(mistake: str) -> None:
    item, words = REFUSED[mistake]
    with pytest.raises(SpecError) as refused:
        stages.check(item)
    said = " ".join([refused.value.what, refused.value.where, refused.value.why, refused.value.hint])
    assert [word for word in words if word not in said] == []
    assert "models/bridges.toml" in refused.value.where


@pytest.mark.parametrize("name", ["mechanisms", "mechanisms_climatology"])
def test_what_is_right_is_accepted(name: str) -> None:
    stages.check(SPEC)
    stages.check(WET)
    text = (ROOT / "models" / f"{name}.toml").read_text(encoding="utf-8")
    item = spec.parse(text, f"models/{name}.toml")
    world.family(item).check(item)


def test_both_models_of_mechanisms_read_the_record_alike() -> None:
    """Else their scores would not be about the same."""
    one, other = (
        spec.parse((ROOT / "models" / f"{name}.toml").read_text(encoding="utf-8"), f"models/{name}.toml")
        for name in ("mechanisms", "mechanisms_climatology")
    )
    assert (one.target, one.since) == (other.target, other.since)
    found = ladder.parse(dict(one.options), one.where)
    assert replace(found, traits=()) == ladder.parse(dict(other.options["stages"]), other.where)


def log_rates(of: Rates, data: xr.Dataset) -> Array:
    """Log rates a year of every cell as the docstring of the family has them, for one draw; shape (cell, cause)."""
    state, kind, age, window = (data[name].to_numpy() for name in ("state", "kind_of", "age", "window"))
    log = of.table[0][:, state, kind].T + of.by_window[0][:, window].T + data["traits"].to_numpy() @ of.by_trait[0].T
    log[:, 0] += of.slope[0, state, kind] * of.log_age[age] + data["covariates"].to_numpy() @ of.effect[0]
    return np.asarray(log)


@pytest.fixture(scope="module", params=["dry", "wet"])
def drawn(request: pytest.FixtureRequest) -> tuple[xr.Dataset, Spec, dict[str, Array], float]:
    """Evaluate the model in PyMC at one point: every named variable, and the log density of the record."""
    item = {"dry": SPEC, "wet": WET}[request.param]
    data = stages.panel(MADE[0], item)
    model = stages.build(data, item)
    variables = [*model.free_RVs, *model.deterministics]
    at = model.compile_fn(model.replace_rvs_by_values([*variables, *model.potentials]), mode="FAST_COMPILE")
    rng = np.random.default_rng(3)
    *values, density = at({name: rng.normal(size=value.shape) for name, value in model.initial_point().items()})
    return data, item, {of.name: value[None] for of, value in zip(variables, values, strict=True)}, float(density)


def test_the_density_is_poisson_at_the_rates(drawn: tuple[xr.Dataset, Spec, dict[str, Array], float]) -> None:
    """What does not depend on parameters is left out; where nothing can happen, nothing is counted."""
    data, _, values, density = drawn
    happened, years = data["happened"].to_numpy(), data["exposure"].to_numpy()
    log = log_rates(stage_rates.rates(values, LADDER), data)
    at_risk = years > 0
    expected = poisson.logpmf(happened, np.exp(log) * years)[at_risk].sum()
    constant = (happened * np.log(np.where(at_risk, years, 1)) - gammaln(happened + 1)).sum()
    assert density == pytest.approx(expected - constant, rel=1e-10, abs=1e-8)


def test_the_log_likelihood_of_a_draw_is_that_density(drawn: tuple[xr.Dataset, Spec, dict[str, Array], float]) -> None:
    data, item, values, density = drawn
    posterior = {
        name: (("chain", "draw", *(f"{name}_{n}" for n in range(v.ndim - 1))), v[None]) for name, v in values.items()
    }
    tree = xr.DataTree.from_dict({"posterior": xr.Dataset(posterior)})
    assert stages.log_likelihoods(tree, data, item).to_numpy() == pytest.approx(np.array([[density]]), rel=1e-10)


def replicated(seed: int, times: int = 1) -> list[float]:
    """Let a draw of the prior make the record, some times over; give how far out it is among replicas of that draw."""
    data = stages.panel(MADE[0], WET)
    tree = inference.from_prior(stages.sampled(data, WET), 1, seed)
    values = {name: tree["posterior"][name].to_numpy()[0] for name in stage_rates.DRAWN}
    rng = np.random.default_rng(seed)
    mean = np.exp(log_rates(stage_rates.rates(values, LADDER), data)) * data["exposure"].to_numpy()
    data["happened"] = ("cell", "cause"), times * rng.poisson(mean).astype(float)
    often = tree.isel(draw=np.zeros(400, int))
    found = stages.replicas(often, data, WET, 400, rng)
    assert all(recorded >= 0 for recorded, _ in found.values())
    return [float(min((made <= recorded).mean(), (made >= recorded).mean())) for recorded, made in found.values()]


def test_replicas_of_a_record_that_the_rates_made_look_like_it() -> None:
    """Each of forty is among the farthest hundredth at a side one time in fifty: more than five in .1 % of seeds."""
    assert sum(tail < 0.01 for seed in range(8) for tail in replicated(seed)) <= 5


def test_a_record_in_which_all_has_happened_thrice_is_far_out() -> None:
    assert sum(min(replicated(seed, times=3)) < 0.01 for seed in range(8)) >= 6


def test_parameters_are_what_priors_and_standard_normals_make(
    drawn: tuple[xr.Dataset, Spec, dict[str, Array], float],
) -> None:
    _, item, values, _ = drawn
    given = {**item.priors, "trait": LADDER.traits[0].effect, "effect": RAIN.effect}
    at = 0
    for name in (*stages.PRIORS, "trait", "effect"):
        if name not in values:
            continue
        support = stages.PRIORS[name].support if name in stages.PRIORS else "positive"
        location, scale = inference.location_scale(given[name], support)
        size = values[name][0].size
        z = values["z_prior"][0, at : at + size].reshape(values[name][0].shape)
        made = location + scale * z
        np.testing.assert_allclose(values[name][0], made if support == "real" else np.exp(made), rtol=1e-12)
        at += size
    assert at == values["z_prior"][0].size


def test_a_covariate_cuts_cells_and_is_in_the_rate_of_advancing_only() -> None:
    dry, wet = (stages.panel(MADE[0], item) for item in (SPEC, WET))
    assert wet.sizes["cell"] > dry.sizes["cell"]
    assert len(np.unique(wet["covariates"])) > 2
    assert dry["covariates"].shape == (dry.sizes["cell"], 0)
    tree = inference.from_prior(stages.sampled(wet, WET), 2, 1)
    values = {name: tree["posterior"][name].to_numpy()[0] for name in stage_rates.DRAWN}
    of, without_rain = (
        stage_rates.rates({**values, "effect": effect}, LADDER) for effect in (np.full((2, 1), 3.0), np.ones((2, 1)))
    )
    raised = log_rates(of, wet) - log_rates(without_rain, wet)
    np.testing.assert_allclose(raised[:, 0], wet["covariates"].to_numpy()[:, 0] * np.log(3), atol=1e-12)
    np.testing.assert_array_equal(raised[:, 1:], 0)


def test_no_deadline_has_no_effect_and_traits_have_none_on_being_halted() -> None:
    data = stages.panel(MADE[0], WET)
    tree = inference.from_prior(stages.sampled(data, WET), 1, 5)
    values = {name: tree["posterior"][name].to_numpy()[0] for name in stage_rates.DRAWN}
    found = stage_rates.rates(values, LADDER)
    assert not found.by_window[:, :, 0].any()
    assert found.by_window[:, :, 1:].all()
    assert not found.by_trait[:, 2].any()
    assert found.by_trait[:, :2].all()


def test_a_panel_that_nothing_was_learned_from_still_says_where_processes_stand() -> None:
    learned, blank = stages.panel(MADE[0], SPEC), stages.unlearned(MADE[0], SPEC)
    counted = ["exposure", "happened", "leads", "ends"]
    assert not any(blank[name].any() for name in counted)
    assert blank.drop_vars(counted).identical(learned.drop_vars(counted))


def test_simulation_takes_the_draws_of_a_posterior_and_makes_what_the_target_names() -> None:
    data = stages.panel(MADE[0], WET)
    tree = inference.from_prior(stages.sampled(data, WET), 20, 5)
    until, sizes = on(FAR) + timedelta(days=700), Sizes(60, 20)
    made = stages.simulate(tree, data, WET, Prospect(MADE[0], until, sizes), np.random.default_rng(1))
    names = [name for name in stage_rates.DRAWN if name in tree["posterior"]]
    parts = stage_rates.rates(inference.thinned(tree, names, Sizes(20, 20)), LADDER)
    again = climbing.simulated(parts, data, WET, LADDER, Prospect(MADE[0], until, sizes), np.random.default_rng(1))
    assert list(made.events) == list(WET.kinds)
    assert (made.draws, made.parameters) == (60, 20)
    for kind, frame in made.events.items():
        assert frame.equals(again.events[kind])
    assert sum(map(len, made.events.values())) > 100


def test_what_is_said_of_the_model() -> None:
    data = stages.panel(MADE[0], SPEC)
    happened = data["happened"].sum("cell").to_numpy()
    (note,) = stages.notes(data, SPEC)
    numbers = [float(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", note)]
    assert numbers[:3] == happened.tolist()
    further = stages.further(SPEC)["trait"]
    assert list(further) == ["advance: long", "exit: long"]


def test_specs_that_differ_in_numbers_share_a_compilation_and_others_do_not() -> None:
    data = stages.panel(MADE[0], SPEC)
    key = stages.sampled(data, SPEC).key
    numbers = replace(SPEC, priors={**SPEC.priors, "exit": Prior(0.01, 0.2)}, options={**SPEC.options, "strength": 3.0})
    assert stages.sampled(data, numbers).key == key
    assert stages.sampled(stages.panel(MADE[0], WET), WET).key != key
    model = stages.build(data, SPEC)
    assert {variable.name for variable in model.data_vars} == set(stages.sampled(data, SPEC).data)
    assert tuple(model.coords["cause"]) == CAUSES
