"""A refit, begun from an earlier posterior, says what a fit from nothing says; draws depend on seeds alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import arviz_stats
import numpy as np
import pytest
import xarray as xr

from forecast import compiled, inference, world
from forecast.compiled import Start
from forecast.desk import Desk
from forecast.spec import Refit, Sampler, Spec
from tests.simulated import ALARM, FORMS, World, open_gate, together, truths, worlds, worst
from tests.worlds import snapshot

EARLIER = FORMS["additive"].since + timedelta(days=1000)
LATER = EARLIER + timedelta(days=30)
DAYS = 1090  # until the horizon of the later forecast
ERRORS = 4.0  # Monte Carlo standard errors; in one seed of some sixty, one of 273 comparisons lies outside
FEW = Sampler(draws=400, tune=600, target_accept=0.9, refit=Refit(draws=270))
PUBLISHED = Desk(Path(__file__).parents[1]).spec("proxy_attacks").sampler
AS_PUBLISHED = pytest.param((PUBLISHED, False), id="as published", marks=pytest.mark.slow)
SAMPLERS = [pytest.param((FEW, True), id="few draws"), AS_PUBLISHED]
SHORT = Sampler(draws=60, tune=60, chains=2, refit=Refit(draws=40, tune=30))
Fit = tuple[xr.DataTree, int]


def started(tree: xr.DataTree) -> Start:
    return Start.of(tree["start"].to_dataset())


def draws(tree: xr.DataTree) -> xr.Dataset:
    return tree["posterior"].to_dataset()


def one_world(form: str, sampler: Sampler, seed: int = 5) -> World:
    spec = replace(FORMS[form], sampler=sampler)
    return worlds(spec, truths(spec, 2, seed), DAYS, seed)[0]


def gradients(act: Callable[[], xr.DataTree]) -> Fit:
    """Fit, and count how often a density and its gradient are computed: all work, warm-up and retries included."""
    ticks, programs = count(), dict(compiled._programs)

    def counted(density: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *given: (next(ticks), density(*given))[1]

    with pytest.MonkeyPatch.context() as patch:
        for key, program in programs.items():
            patch.setitem(compiled._programs, key, replace(program, density=counted(program.density)))
        return act(), next(ticks)


@pytest.fixture(scope="module", params=SAMPLERS)
def fits(request: pytest.FixtureRequest) -> tuple[Fit, Fit]:
    """The same record fitted from nothing, and from a posterior of thirty days before."""
    sampler, without_gate = request.param
    some = one_world("additive", sampler)
    with pytest.MonkeyPatch.context() as patch:
        if without_gate:
            open_gate(patch)
        earlier = started(some.posterior(EARLIER, 1))
        return gradients(lambda: some.posterior(LATER, 2)), gradients(lambda: some.posterior(LATER, 3, earlier))


def errors_apart(fits: tuple[Fit, Fit], take: Callable[[xr.Dataset], xr.Dataset], **error_of: Any) -> dict[str, float]:
    """Say how many Monte Carlo errors a statistic of two fits is apart, at the worst element of each name."""
    cold, warm = (draws(tree) for tree, _ in fits)
    apart, errors = take(warm) - take(cold), [arviz_stats.mcse(found, **error_of) for found in (cold, warm)]
    worst_of = {name: float(np.max(np.abs(apart[name]) / np.hypot(errors[0][name], errors[1][name]))) for name in apart}
    name = max(worst_of, key=worst_of.__getitem__)
    print(f"{error_of}: {worst_of[name]:.2f} standard errors apart at most, at {name}")
    return worst_of


@pytest.mark.slow
def test_means_of_a_refit_are_those_of_a_cold_fit(fits: tuple[Fit, Fit]) -> None:
    found = errors_apart(fits, lambda drawn: drawn.mean(("chain", "draw")), method="mean")
    assert not {name: worst for name, worst in found.items() if worst > ERRORS}


@pytest.mark.parametrize("fits", [AS_PUBLISHED], indirect=True)
@pytest.mark.parametrize("prob", [0.05, 0.95])
def test_tails_of_a_refit_are_those_of_a_cold_fit(fits: tuple[Fit, Fit], prob: float) -> None:
    """With few draws the Monte Carlo error of a tail is itself too uncertain to be a yardstick."""
    found = errors_apart(fits, lambda drawn: drawn.quantile(prob, ("chain", "draw")), method="quantile", prob=prob)
    assert not {name: worst for name, worst in found.items() if worst > ERRORS}


@pytest.mark.slow
def test_a_refit_costs_at_most_half_of_a_cold_fit(fits: tuple[Fit, Fit]) -> None:
    (cold, of_cold), (warm, of_warm) = fits
    print(f"gradients: cold {of_cold}, warm {of_warm}")
    assert (draws(cold).attrs["warm"], draws(warm).attrs["warm"]) == (0, 1)
    assert of_warm <= of_cold / 2


@pytest.mark.slow
def test_after_updates_ranks_of_the_truth_are_uniform(monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulation-based calibration of what a user has: a posterior begun from that of a month before."""
    open_gate(monkeypatch)
    spec = FORMS["additive"]
    spec = replace(spec, sampler=replace(spec.sampler, draws=300, refit=Refit(draws=200)))
    rows = []
    for seed, some in enumerate(worlds(spec, truths(spec, 100, 31), DAYS, 31)):
        tree = some.posterior(LATER, seed, started(some.posterior(EARLIER, seed)))
        rows.append(some.ranks(tree, LATER, seed))
    p, name = worst(together(rows))
    print(f"adjusted p {p:.3g}, of {name}")
    assert p > ALARM, name


def test_draws_do_not_depend_on_the_number_of_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    open_gate(monkeypatch)
    some, found = one_world("additive", SHORT), []
    for cores in (1, 2):
        monkeypatch.setattr(inference, "CORES", cores)
        cold = some.posterior(EARLIER, 1)
        found.append((cold, some.posterior(LATER, 2, started(cold))))
    for one, two in zip(*found, strict=True):
        xr.testing.assert_identical(one, two)


def test_another_seed_gives_other_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    open_gate(monkeypatch)
    some = one_world("additive", SHORT)
    assert not draws(some.posterior(EARLIER, 1)).equals(draws(some.posterior(EARLIER, 2)))


def pool(members: list[str]) -> Spec:
    parts = tuple(replace(FORMS[form], name=f"strikes.{form}", sampler=SHORT) for form in members)
    return replace(FORMS["additive"], family="pool", priors={}, members=parts)


@pytest.mark.slow
def test_draws_do_not_depend_on_the_order_of_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Members of a pool share one compiled model; whichever is compiled first leaves nothing of itself in it."""
    open_gate(monkeypatch)
    known, found = snapshot(one_world("additive", SHORT).events, EARLIER), []
    for members in (["additive", "log"], ["log", "additive"]):
        monkeypatch.setattr(compiled, "_programs", {})
        found.append({model.spec.name: model for model in world.fit([pool(members)], known)})
        assert len(compiled._programs) == 1
    for name, one in found[0].items():
        assert one.seed == found[1][name].seed
        xr.testing.assert_identical(one.tree, found[1][name].tree)
    assert not draws(found[0]["strikes.additive"].tree).equals(draws(found[0]["strikes.log"].tree))
