"""The fused likelihood: its value is scipy's, its gradient is the finite difference, in both forms."""

import numpy as np
import pytest
from scipy import stats

from forecast.models.likelihood import log_likelihood
from forecast.models.record import sparse

CELLS, BINS, KINDS, ORIGINS, COVARIATES = 5, 43, 4, 2, 3
ORIGIN_OF = np.array([0, 0, 1, 1, 1])
PARAMETERS = ("nu", "logit", "share", "effect", "size")


def made(seed: int) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], np.ndarray]:
    """Parameters, what drives the counts, and counts of which most are zero."""
    rng = np.random.default_rng(seed)
    parameters = {
        "nu": rng.uniform(0.02, 0.6, CELLS),
        "logit": rng.normal(0, 1, ORIGINS),
        "share": rng.dirichlet(np.ones(KINDS), ORIGINS),
        "effect": rng.normal(0, 0.3, (ORIGINS, COVARIATES)),
        "size": rng.uniform(0.2, 3, ORIGINS),
    }
    data = {
        "features": rng.exponential(0.3, (CELLS, KINDS, BINS)),
        "covariates": rng.exponential(0.5, (COVARIATES, BINS)),
        "known": np.concatenate([np.ones(BINS - 1), [0.7]]),
    }
    return parameters, data, rng.poisson(0.3, (BINS, CELLS)).astype(float)


def value(form: str, parameters: dict, data: dict, counts: np.ndarray) -> tuple[np.ndarray, ...]:
    return log_likelihood(
        np.asarray(int(form == "log")), *parameters.values(), *data.values(), ORIGIN_OF, *sparse(counts)
    )


def reference(form: str, parameters: dict, data: dict, counts: np.ndarray) -> float:
    log_factor = parameters["effect"] @ data["covariates"]
    total = 0.0
    for cell, origin in enumerate(ORIGIN_OF):
        pull = parameters["share"][origin] @ data["features"][cell]
        if form == "log":
            elasticity = 1 / (1 + np.exp(-parameters["logit"][origin]))
            mu = parameters["nu"][cell] * np.exp(log_factor[origin] + elasticity * pull)
        else:
            gain = 1 / (1 + np.exp(-parameters["logit"][origin] - log_factor[origin]))
            mu = np.exp(log_factor[origin]) * parameters["nu"][cell] + gain * pull
        r = parameters["size"][origin]
        total += float(stats.nbinom.logpmf(counts[:, cell], r, r / (r + data["known"] * mu)).sum())
    return total


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("form", ["additive", "log"])
def test_the_value_is_the_negative_binomial_s(form: str, seed: int) -> None:
    world = made(seed)
    np.testing.assert_allclose(value(form, *world)[0], reference(form, *world), rtol=1e-10)


@pytest.mark.parametrize("form", ["additive", "log"])
def test_the_gradient_is_the_finite_difference(form: str) -> None:
    parameters, data, counts = made(7)
    slopes = dict(zip(PARAMETERS, value(form, parameters, data, counts)[1:], strict=True))
    for name, at in parameters.items():
        for place in np.ndindex(*at.shape):
            step = np.zeros(at.shape)
            step[place] = 1e-6 * max(1.0, abs(at[place]))
            up, down = ({**parameters, name: at + sign * step} for sign in (1, -1))
            difference = float(value(form, up, data, counts)[0] - value(form, down, data, counts)[0])
            found = difference / (2 * step[place])
            np.testing.assert_allclose(slopes[name][place], found, rtol=2e-5, atol=2e-5, err_msg=f"{name}{place}")


@pytest.mark.parametrize("form", ["additive", "log"])
def test_what_is_not_finite_is_not_hidden(form: str) -> None:
    parameters, data, counts = made(1)
    parameters["nu"][0] = np.nan
    assert not np.isfinite(value(form, parameters, data, counts)[0])
