"""What a diagnosis finds: laws of its parts, on posteriors and records that are sound, and on ones that are not."""

import json
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import arviz_stats
import numpy as np
import pytest
import xarray as xr

from forecast import diagnosis, model_tables, output, replicas, reweighing, world
from forecast.diagnosis import diagnose
from forecast.events import Snapshot
from forecast.findings import Diagnosis
from forecast.inference import Sizes, location_scale
from forecast.models import cells, counts, discounted
from forecast.models.operation import CountLikelihood
from forecast.models.record import inputs
from forecast.prospect import Prospect
from forecast.spec import Prior, Spec
from forecast.world import Fitted
from tests.worlds import AS_OF, attacks, counts_spec, events, snapshot

SPEC = counts_spec()
LOG = replace(SPEC, options={**SPEC.options, "form": "log"})
PLAN = cells.layout(cells.options(SPEC))
CELLS, ORIGINS, MEMORIES = len(PLAN.cells), len(PLAN.origins), 2
GATE = {"r_hat": 1.002, "r_hat_at": "a", "ess_bulk": 900.0, "ess_tail": 800.0, "divergences": 0.0, "bfmi": 0.9}
KNOWN = snapshot(attacks(seed=2))


def posterior(chains: int = 4, draws: int = 200, width: float = 1.0, shift: float = 0.0, seed: int = 1) -> xr.DataTree:
    """Draw all named parameters from their priors, made narrower or moved on their own scale; the rest is made up."""
    rng = np.random.default_rng(seed)

    def scaled(prior: Prior, support: str, *shape: int) -> np.ndarray:
        mean, sd = location_scale(prior, support)
        free = mean + sd * (shift + width * rng.standard_normal((chains, draws, *shape)))
        return 1 / (1 + np.exp(-free)) if support == "unit" else np.exp(free)

    dims = ("chain", "draw")
    named = {
        name: ((*dims, "half_life"), scaled(SPEC.priors[name], meaning.support, MEMORIES))
        if name in counts.SEVERAL
        else (dims, scaled(SPEC.priors[name], meaning.support))
        for name, meaning in counts.PRIORS.items()
    }
    size = (chains, draws)
    behind = {
        "nu": ((*dims, "cell"), rng.uniform(0.02, 0.3, (*size, CELLS))),
        "logit_of": ((*dims, "origin_of"), rng.normal(0, 1, (*size, ORIGINS))),
        "share": ((*dims, "origin_of", "source"), rng.dirichlet(np.ones(2 * MEMORIES + 2), (*size, ORIGINS))),
        "size": ((*dims, "origin_of"), rng.uniform(0.3, 3, (*size, ORIGINS))),
        "effect_of": ((*dims, "origin_of", "covariate"), rng.normal(0, 0.3, (*size, ORIGINS, 1))),
        "effect": ((*dims, "covariate"), scaled(SPEC.covariates[0].effect, "positive", 1)),
    }
    group = xr.Dataset({**named, **behind}, coords={"covariate": ["talks"], "half_life": [15, 60]})
    gate = {**GATE, "ess_bulk_at": "a", "ess_tail_at": "a", "chains": chains, "draws": draws}
    return xr.DataTree.from_dict({"posterior": group.assign_attrs(gate)})


def talked(known: Snapshot = KNOWN) -> Snapshot:
    """Let there be talks, so that the covariate is at work."""
    talk = events([{"kind": "talk", "event_at": date(2019, 6, 3)}], who="", what="").assign(record="talk")
    return replace(known, events=known.events.merge(talk, how="outer"))


@pytest.mark.parametrize("spec", [SPEC, LOG], ids=["additive", "log"])
def test_pointwise_log_likelihoods_add_up_to_the_model_s(spec: Spec) -> None:
    data, tree = counts.panel(talked(), spec), posterior(chains=2, draws=3)
    assert float(data["covariates"].max()) == 1
    found = counts.pointwise(tree, data, spec, 400)
    record = list(inputs(data, spec).values())
    form, drawn = np.asarray(int(spec is LOG)), tree["posterior"].to_dataset()
    op, totals = CountLikelihood(), counts.log_likelihoods(tree, data, spec)
    for number, (chain, draw) in enumerate(np.ndindex(2, 3)):
        one = drawn.isel(chain=chain, draw=draw)
        parameters = [one[name].to_numpy() for name in ("nu", "logit_of", "share", "effect_of", "size")]
        storage: list[list[np.ndarray]] = [[np.empty(0)] for _ in range(6)]
        op.perform(None, [form, *parameters, *record], storage)
        total = float(storage[0][0])
        assert float(found["log_likelihood"][number].sum()) == pytest.approx(total, rel=1e-9)
        assert float(totals[chain, draw]) == pytest.approx(total, rel=1e-9)


def test_only_some_draws_are_looked_at_bin_by_bin() -> None:
    found = counts.pointwise(posterior(), counts.panel(KNOWN, SPEC), SPEC, 50)
    assert found["log_likelihood"].sizes == {"sample": 50, "time": 110, "cell": CELLS}


def truth(draws: int) -> xr.DataTree:
    """A posterior that knows the truth: bursty counts that feed on themselves."""
    same = {
        "nu": np.linspace(0.05, 0.3, CELLS),
        "logit_of": np.zeros(ORIGINS),
        "share": np.full((ORIGINS, 2 * MEMORIES + 2), 1 / (2 * MEMORIES + 2)),
        "size": np.full(ORIGINS, 1.0),
        "effect_of": np.zeros((ORIGINS, 1)),
    }
    spread = {
        name: (
            ("chain", "draw", *(f"{name}_{axis}" for axis in range(value.ndim))),
            np.tile(value, (1, draws, *[1] * value.ndim)),
        )
        for name, value in same.items()
    }
    return xr.DataTree.from_dict({"posterior": xr.Dataset(spread)})


@cache
def record(seed: int, merged: bool = False) -> xr.Dataset:
    """Simulate a record by the family's own `simulate`, and lay it out as a panel.

    A record is `merged` if events of every other bin are dated into the bin before.
    """
    begins = AS_OF - timedelta(days=365 * 2)
    empty = Snapshot(begins, KNOWN.events.iloc[:0], KNOWN.through)
    young = replace(SPEC, since=begins, options={**SPEC.options, "ceiling": 1e6})
    past, rng = counts.panel(empty, young), np.random.default_rng(seed)
    frame = counts.simulate(truth(1), past, young, Prospect(empty, AS_OF, Sizes(1, 1)), rng).events["strike"]
    rows = frame[["event_at", "who", "what", "entity"]].astype(dict.fromkeys(("who", "what", "entity"), str))
    if merged:
        bins = (np.datetime64(AS_OF) - rows["event_at"].to_numpy()) // np.timedelta64(SPEC.step, "D")
        rows["event_at"] -= (bins % 2) * np.timedelta64(SPEC.step, "D")
    made = [{"kind": "strike", **row, "known_at": row["event_at"]} for row in rows.to_dict("records")]
    return counts.panel(snapshot(events(made)), replace(SPEC, since=begins))


def failures(data: xr.Dataset, seed: int) -> list[str]:
    found = counts.pointwise(truth(300), data, SPEC, 300)
    done = replicas.checks(found, counts.replicated(found, np.random.default_rng(seed)))
    assert [one.low <= one.high for one in done] == [True] * 4
    return [one.name for one in done if one.verdict == "fails"]


def test_replicas_of_a_record_that_the_model_made_look_like_it() -> None:
    """Sixteen checks that fail one time in fifty each, if independent: more than two in .4 % of seeds."""
    assert sum(len(failures(record(seed), seed)) for seed in range(4)) <= 2


def test_a_record_in_which_every_event_is_written_down_twice_is_flagged() -> None:
    for seed in range(4):
        data = record(seed)
        assert failures(data.assign(counts=2 * data["counts"], features=2 * data["features"]), seed)


def test_a_record_that_skips_every_other_bin_is_flagged() -> None:
    """The model expects much where much has just been; here nothing ever comes there."""
    for seed in range(2):
        found = failures(record(seed, merged=True), seed)
        assert "memory" in found


def iid(seed: int = 1, chains: int = 4, draws: int = 800) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((chains, draws))


def test_chains_that_sample_the_same_have_uniform_ranks() -> None:
    """Also if their draws are correlated: ten p values of which none is below .001, in 1 % of seeds."""
    for seed in range(10):
        noise, walk = iid(seed), np.empty((4, 800))
        walk[:, 0] = noise[:, 0]
        for draw in range(1, 800):
            walk[:, draw] = 0.7 * walk[:, draw - 1] + np.sqrt(1 - 0.49) * noise[:, draw]
        found = diagnosis.ranks("a", walk)
        assert found.p > 0.001
        assert {len(chain) for chain in found.counts} == {diagnosis.BINS}


@pytest.mark.parametrize("width", [0.0, 0.05, 1.0], ids=["one value", "one place", "moved"])
def test_a_stuck_chain_is_named(width: float) -> None:
    drawn = iid()
    drawn[2] = 1.5 + width * drawn[2]
    found = diagnosis.ranks("a", drawn)
    assert found.p < 1e-6
    assert found.chain == 2
    assert found.times > 1.5


def seen(tree: xr.DataTree, spec: Spec = SPEC) -> Diagnosis:
    return diagnose(spec, [Fitted(spec, counts, counts.panel(KNOWN, spec), tree, 1)], AS_OF)


@pytest.fixture(scope="module")
def unmoved() -> Diagnosis:
    """A diagnosis of a posterior that is the prior."""
    return seen(posterior())


def test_a_posterior_that_is_the_prior_is_set_by_it(unmoved: Diagnosis) -> None:
    """Widths are estimated from 800 draws: within .7 and 1.3 by seven standard errors."""
    quantities = unmoved.parts[0].quantities
    assert len(quantities) == len(counts.PRIORS) + len(counts.SEVERAL) + 1
    assert {one.rests_on for one in quantities} == {"prior"}
    for one in quantities:
        assert one.kept == pytest.approx(1, abs=0.2)
        assert one.low == pytest.approx(one.prior[0], rel=0.5)
        assert one.high == pytest.approx(one.prior[1], rel=0.5)


@pytest.mark.parametrize(("width", "shift", "rests_on"), [(0.4, 2.0, "data"), (1.0, 2.0, "moved"), (0.4, 0.0, "data")])
def test_what_the_data_narrowed_or_moved_is_told_apart(width: float, shift: float, rests_on: str) -> None:
    found = seen(posterior(draws=100, width=width, shift=shift)).parts[0]
    assert {one.rests_on for one in found.quantities} == {rests_on}


def test_sensitivity_sees_where_prior_and_likelihood_pull() -> None:
    """A parameter that is all prior answers to it, one that has none of it does not."""
    rng = np.random.default_rng(2)
    held, free = rng.standard_normal((2, 4, 1000))
    dims = ("chain", "draw")
    drawn = xr.Dataset({"held": (dims, held), "free": (dims, free)})
    quiet = xr.DataArray(0.01 * rng.standard_normal((4, 1000)), dims=dims)
    found = diagnosis.sensitivity(drawn, -(drawn["held"] ** 2) / 2, quiet)
    assert found["held"][0] > diagnosis.SENSITIVE > found["free"][0]
    assert found["held"][1] < diagnosis.SENSITIVE


@pytest.mark.filterwarnings("ignore:Estimated shape parameter")
def test_counts_that_say_little_need_no_smoothing() -> None:
    """Leaving out with and without the shortcut agrees, and the same counts are influential."""
    found = counts.pointwise(posterior(width=0.3), counts.panel(KNOWN, SPEC), SPEC, 300)
    quick = diagnosis.leave_one_out(found)
    every = found[["log_likelihood"]].rename(sample="draw").expand_dims("chain").drop_vars(["time", "cell"])
    tree = xr.DataTree.from_dict({"posterior": every.isel(time=0, cell=0), "log_likelihood": every})
    slow = arviz_stats.loo(tree, pointwise=True, reff=1.0)
    assert quick.counts == slow.n_data_points
    assert quick.elpd == pytest.approx(slow.elpd, abs=0.1)
    assert quick.se == pytest.approx(slow.se, rel=0.01)
    assert quick.p_loo == pytest.approx(slow.p, abs=0.1)
    assert len(quick.influential) == int((slow.pareto_k > reweighing.HIGH_K).sum())


def test_a_count_out_of_all_proportion_is_named() -> None:
    data = counts.panel(KNOWN, SPEC)
    data["counts"][60, 2] = 60.0
    found = counts.pointwise(posterior(), data, SPEC, 300)
    first = diagnosis.leave_one_out(found).influential[0]
    assert (first.cell, first.count) == (PLAN.names[2], 60)
    assert first.time == data["time"].to_numpy()[60].astype("datetime64[D]").item()


def test_what_does_not_apply_is_said_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    options = {**SPEC.options, "half_life": 90, "strength": 90}
    exact = replace(SPEC, family="discounted", priors={"background": Prior(0.03, 5.0)}, covariates=(), options=options)
    found = diagnose(exact, world.fit([exact], KNOWN), AS_OF)
    part = found.parts[0]
    assert len(part.skipped) == 1
    assert "posterior is exact" in part.skipped[0]
    assert [one.name for one in part.quantities] == [f"background [{name}]" for name in PLAN.names]
    assert (part.ranks, part.checks, part.left_out, dict(part.gate)) == ((), (), None, {})
    assert discounted.method(exact) == part.method
    model_tables.diagnosed(found).show()
    assert "Does not apply" in capsys.readouterr().out


def test_a_diagnosis_is_told_in_words_and_in_json(unmoved: Diagnosis, capsys: pytest.CaptureFixture[str]) -> None:
    model_tables.diagnosed(unmoved).show()
    said = capsys.readouterr().out
    for words in ("R-hat", "ranks are uniform", "set by the prior", "Sensitive to the priors", "plausible", "Left out"):
        assert words in said
    names = [one.name for one in unmoved.parts[0].quantities]
    assert f"{len(names)} of {len(names)} parameters are set by the prior" in said
    output.say(model_tables.diagnosed(unmoved), json=True)
    document = json.loads(capsys.readouterr().out)
    (part,) = document["parts"]
    assert [one["name"] for one in part["quantities"]] == names
    assert {len(chain) for one in part["ranks"] for chain in one["counts"]} == {diagnosis.BINS}
    assert document["as_of"] == AS_OF.isoformat()


def test_a_chain_apart_is_told_in_words(unmoved: Diagnosis, capsys: pytest.CaptureFixture[str]) -> None:
    drawn = iid()
    drawn[2] += 3
    part = replace(unmoved.parts[0], ranks=(diagnosis.ranks("background", drawn),))
    model_tables.diagnosed(replace(unmoved, parts=(part,))).show()
    assert "No: for background chain 3 has" in capsys.readouterr().out
