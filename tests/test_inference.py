"""The convergence gate: what passes, what is refused, and with which words."""

import subprocess
import sys

import numpy as np
import pytest
import xarray as xr

from forecast import convergence, inference, reweighing
from forecast.errors import SpecError
from forecast.inference import Sizes
from forecast.spec import Prior, Sampler

ASKED = Sampler(draws=1000, tune=500, chains=4)
HEALTHY = {
    "r_hat": 1.002,
    "r_hat_at": "a",
    "ess_bulk": 900.0,
    "ess_bulk_at": "a",
    "ess_tail": 800.0,
    "ess_tail_at": "b",
    "divergences": 0.0,
    "bfmi": 0.9,
    "chains": 4.0,
    "draws": 1000.0,
    "finite": 1.0,
}


def tree(draws: np.ndarray, energy: np.ndarray | None = None, diverging: int = 0) -> xr.DataTree:
    """Put draws, shape (chain, draw), into the tree that a sampler returns."""
    rng = np.random.default_rng(0)
    dims = ("chain", "draw")
    flags = np.zeros(draws.shape, dtype=bool)
    flags[0, :diverging] = True
    stats = {
        "energy": (dims, rng.standard_normal(draws.shape) if energy is None else energy),
        "diverging": (dims, flags),
    }
    posterior = {"a": (dims, draws), "b": ((*dims, "k"), rng.standard_normal((*draws.shape, 3)))}
    return xr.DataTree.from_dict({"posterior": xr.Dataset(posterior), "sample_stats": xr.Dataset(stats)})


def iid(draws: int = 1000) -> np.ndarray:
    return np.random.default_rng(1).standard_normal((4, draws))


def test_healthy_draws_pass() -> None:
    found = convergence.diagnose(tree(iid()))
    assert convergence.faults(found, ASKED) == []
    assert convergence.faults(HEALTHY, ASKED) == []


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("r_hat", 1.011, "R-hat of `a`"),
        ("r_hat", float("nan"), "R-hat"),
        ("ess_bulk", 399.0, "bulk effective sample size of `a`"),
        ("ess_tail", 399.0, "tail effective sample size of `b`"),
        ("divergences", 1.0, "divergent"),
        ("bfmi", 0.3, "E-BFMI"),
        ("bfmi", float("nan"), "E-BFMI"),
        ("draws", 999.0, "draws came"),
        ("chains", 3.0, "draws came"),
        ("finite", 0.0, "not finite"),
    ],
)
def test_each_criterion_refuses_on_its_own(key: str, value: float, said: str) -> None:
    wrong = convergence.faults({**HEALTHY, key: value}, ASKED)
    assert len(wrong) == 1
    assert said in wrong[0]


def test_a_stuck_chain_is_seen() -> None:
    draws = iid()
    draws[2] = 5.0 + 0.01 * draws[2]
    assert any("R-hat of `a`" in fault for fault in convergence.faults(convergence.diagnose(tree(draws)), ASKED))


def test_sticky_chains_are_seen() -> None:
    noise = iid()
    for step in range(1, noise.shape[1]):
        noise[:, step] = 0.98 * noise[:, step - 1] + 0.2 * noise[:, step]
    assert any(
        "effective sample size of `a`" in fault
        for fault in convergence.faults(convergence.diagnose(tree(noise)), ASKED)
    )


def test_divergences_low_energy_short_and_infinite_draws_are_seen() -> None:
    energy = np.cumsum(np.random.default_rng(2).standard_normal((4, 1000)), axis=1)
    assert any("E-BFMI" in one for one in convergence.faults(convergence.diagnose(tree(iid(), energy)), ASKED))
    assert any("divergent" in one for one in convergence.faults(convergence.diagnose(tree(iid(), diverging=3)), ASKED))
    assert any("draws came" in one for one in convergence.faults(convergence.diagnose(tree(iid(800))), ASKED))
    broken = iid()
    broken[1, 7] = np.inf
    assert convergence.faults(convergence.diagnose(tree(broken)), ASKED)


@pytest.mark.parametrize(
    ("support", "low", "high", "back"),
    [
        ("real", -1.0, 3.0, lambda x: x),
        ("positive", 0.5, 8.0, np.exp),
        ("unit", 0.3, 0.9, lambda x: 1 / (1 + np.exp(-x))),
    ],
)
def test_a_prior_interval_holds_nine_tenths(support: str, low: float, high: float, back: object) -> None:
    mean, sd = inference.location_scale(Prior(low, high), support)
    bounds = [back(mean + sign * inference.Z95 * sd) for sign in (-1, 1)]  # type: ignore[operator]
    np.testing.assert_allclose(bounds, [low, high])


@pytest.mark.parametrize(("support", "low", "high"), [("positive", 0.0, 1.0), ("unit", 0.5, 1.0), ("unit", 0.0, 0.5)])
def test_an_interval_outside_the_support_is_refused(support: str, low: float, high: float) -> None:
    with pytest.raises(SpecError):
        inference.location_scale(Prior(low, high), support, "models/x.toml")


def test_futures_share_out_evenly_spaced_posterior_draws() -> None:
    values = np.arange(40.0).reshape(2, 20)
    found = inference.thinned(
        xr.DataTree.from_dict({"posterior": xr.Dataset({"a": (("chain", "draw"), values)})}), ("a",), Sizes(30, 10)
    )["a"]
    assert found.shape == (30,)
    np.testing.assert_array_equal(found[:10], found[10:20])
    assert len(set(found[:10])) == 10
    with pytest.raises(ValueError, match="multiple"):
        Sizes(25, 10)


BAD = {
    "bimodal": """
x = pm.Normal("x", 0, 10)
pm.Potential("modes", pm.math.logaddexp(-50 * (x - 8) ** 2, -50 * (x + 8) ** 2))
""",
    "separated": """
slope = pm.Normal("slope", 0, 1e6)
pm.Bernoulli("y", logit_p=slope * np.array([-2.0, -1.0, 1.0, 2.0]), observed=[0, 0, 1, 1])
""",
    "funnel": """
scale = pm.Normal("scale", 0, 3)
pm.Normal("x", 0, pm.math.exp(scale / 2), shape=9)
""",
    "no_start": """
x = pm.Normal("x", 0, 1)
pm.Potential("nowhere", pm.math.log(-pm.math.exp(x)))
""",
    "healthy": """
pm.Normal("x", 0, 1, shape=3)
""",
}
SCRIPT = """
import numpy as np, pymc as pm, sys, os
from forecast import inference
from forecast.errors import NotConverged
from forecast.spec import Sampler
def build():
    with pm.Model() as model:
        {body}
    return model
try:
    made = inference.Sampled("made", "made", build, {{}})
    inference.sample(made, Sampler(draws=1000, tune=1000, chains=4), 1)
    print("passed")
except NotConverged as refusal:
    print("refused", refusal, flush=True)
    os._exit(1)
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", BAD)
def test_bad_models_are_refused_and_a_good_one_passes(name: str) -> None:
    body = BAD[name].strip().replace("\n", "\n        ")
    done = subprocess.run([sys.executable, "-c", SCRIPT.format(body=body)], capture_output=True, text=True, timeout=600)
    assert done.returncode == (0 if name == "healthy" else 1), done.stderr
    assert done.stdout.startswith("passed" if name == "healthy" else "refused"), done.stderr


def test_a_parameter_without_elements_is_carried_along() -> None:
    """A model without covariates has effects of none: it is diagnosed, thinned and redrawn like any other."""
    rng = np.random.default_rng(1)
    variables = {
        "level": (("chain", "draw"), rng.normal(size=(4, 250))),
        "effect": (("chain", "draw", "origin", "covariate"), np.empty((4, 250, 2, 0))),
    }
    stats = {
        "diverging": (("chain", "draw"), np.zeros((4, 250))),
        "energy": (("chain", "draw"), rng.normal(size=(4, 250))),
    }
    tree = xr.DataTree.from_dict({"posterior": xr.Dataset(variables), "sample_stats": xr.Dataset(stats)})
    assert convergence.diagnose(tree)["draws"] == 250
    drawn = inference.thinned(tree, ("level", "effect"), Sizes(100, 50))
    assert (drawn["level"].shape, drawn["effect"].shape) == ((100,), (100, 2, 0))
    assert drawn["level"][0] == variables["level"][1][0, 0]
    again = reweighing.redrawn(tree, np.full(1000, 1 / 1000))
    assert again["posterior"]["effect"].shape == (4, 250, 2, 0)
    np.testing.assert_array_equal(again["posterior"]["level"], variables["level"][1])
