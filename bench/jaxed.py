"""The likelihood of `counts` for JAX, so that NumPyro can sample the PyMC model; checked against the product's own.

Importing this module teaches PyTensor the translation. Zeros and other counts are separated as in the product.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pymc.sampling.jax  # before JAX looks for its devices: it asks for one a chain
from jax.scipy.special import gammaln
from pytensor.link.jax.dispatch import jax_funcify

from forecast import compiled
from forecast.inference import Sampled
from forecast.models.operation import PARAMETERS, CountLikelihood

RTOL = 1e-6
POINTS, SPREAD = 5, 0.3  # how many points are compared, and their standard deviation on the unconstrained scale


def log_likelihood(
    logarithmic: Any,
    nu: Any,
    logit: Any,
    share: Any,
    effect: Any,
    size: Any,
    features: Any,
    covariates: Any,
    known: Any,
    origin_of: Any,
    first: Any,
    at: Any,
    count: Any,
) -> Any:
    """Compute the log likelihood of either form; arguments as in `forecast.models.likelihood`."""
    log_factor, feedback = effect @ covariates, logit[:, None]
    pull = jnp.einsum("ck,ckt->ct", share[origin_of], features)

    def additive() -> Any:
        gain = jax.nn.sigmoid(feedback + log_factor)[origin_of]
        return jnp.exp(log_factor)[origin_of] * nu[:, None] + gain * pull

    def log() -> Any:
        return nu[:, None] * jnp.exp(log_factor[origin_of] + jax.nn.sigmoid(feedback)[origin_of] * pull)

    mu, r = known * jax.lax.cond(logarithmic != 0, log, additive), size[origin_of]
    cell = jnp.searchsorted(first, jnp.arange(len(at)), side="right") - 1
    m, s = mu[cell, at], r[cell]
    of_count = count * jnp.log(m / (s + m)) + gammaln(count + s) - gammaln(s) - gammaln(count + 1)
    return of_count.sum() - (r * jnp.log1p(mu / r[:, None]).sum(axis=1)).sum()


def _jax(op: CountLikelihood, **_: Any) -> Callable[..., Any]:  # noqa: ARG001
    both = jax.value_and_grad(log_likelihood, argnums=tuple(range(6))[PARAMETERS])

    def value_and_slopes(*given: Any) -> tuple[Any, ...]:
        value, slopes = both(*given)
        return (value, *slopes)

    return value_and_slopes


jax_funcify.register(CountLikelihood, _jax)


def potential(model: Any) -> Callable[[Any], Any]:
    """Give minus the log density of a PyMC model, a function of its free variables in their order."""
    found: Callable[[Any], Any] = pymc.sampling.jax.get_jaxified_logp(model, negative_logp=False)
    return found


def check(model: Any, product: Sampled, seed: int) -> None:
    """Refuse to go on unless JAX and the product give the same density and gradient at random points."""
    program, slopes = compiled.program(product.build, product.key), jax.jit(jax.value_and_grad(potential(model)))
    starts = model.initial_point()
    shapes = {value.name: starts[value.name].shape for value in model.value_vars}
    # Compiled, the variables stand in another order.
    place = {label: row for row, label in enumerate(program.labels)}
    rows = [np.array([place[f"{name}{list(at) or ''}"] for at in np.ndindex(*shape)]) for name, shape in shapes.items()]
    size = len(program.labels)
    given = [np.zeros(size), np.eye(size)]
    given += [np.array(product.data[name], dtype, order="C") for name, dtype in program.data.items()]
    for x in np.random.default_rng(seed).normal(0, SPREAD, (POINTS, size)):
        value, slope = slopes([x[row].reshape(shape) for row, shape in zip(rows, shapes.values(), strict=True)])
        ours, our_slope = program.density(x, *given)
        np.testing.assert_allclose(-value, ours, RTOL)
        found = np.concatenate([np.ravel(part) for part in slope])
        np.testing.assert_allclose(-found, our_slope[np.concatenate(rows)], RTOL, 1e-9)
