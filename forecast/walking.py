"""Fits for a walk through the record: quicker than what is published, and close to it.

Less is asked of chains than of what is published, for hundreds of fits are made and each forecast is one of thousands:
with a hundred independent draws the error of a probability is a tenth of its spread over the posterior. Fits begin from
one of an earlier origin. Mechanisms are read off their posterior mode.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any

import xarray as xr

from forecast import inference, world
from forecast.compiled import Start
from forecast.models import stage_mode
from forecast.spec import Refit, Sampler, Spec

DRAWS = 450  # a chain of a fit from nothing
ACCEPT = 0.9
# What a walk lacks is draws, mostly; shorter steps, as for publication, take five times as long.
RETRIES = (ACCEPT, inference.RETRY_ACCEPT)
AFTER = Refit(draws=300, tune=60, target_accept=ACCEPT)  # of one that begins from the origin before
ESS, R_HAT = 100.0, 1.05
Mode = Callable[[xr.Dataset, Spec], xr.DataTree]
MODES: Mapping[str, Mode] = {"stages": stage_mode.posterior}


def enough(found: Mapping[str, Any], asked: Sampler) -> list[str]:
    """List what is wrong with the draws of a walk."""
    bounds = {"r_hat": R_HAT, "ess_bulk": ESS, "ess_tail": ESS}
    wrong = [name for name, bound in bounds.items() if (float(found[name]) > bound) == (name == "r_hat")]
    few = float(found["divergences"]) > 0.01 * asked.chains * asked.draws
    return [f"{name} of {found[f'{name}_at']} is {found[name]:.3g}" for name in wrong] + ["divergences"] * few


def brief(sampler: Sampler, after: Refit = AFTER) -> Sampler:
    """Ask of a sampler what a walk asks."""
    return replace(sampler, draws=DRAWS, target_accept=ACCEPT, refit=after)


class Quick:
    """The fitter of a walk: its first fit of a model begins from nothing, later ones from where an earlier one ended.

    Parameters
    ----------
    follow : bool
        Begin from the last fit; else from the first one, so that no fit depends on those between.
    cores : int
        For the chains of one fit.
    starts : mapping of str to Start
        Model -> where its first fit begins, if not from nothing.
    after : Refit
        What is asked of fits that do not begin from nothing.
    modes : mapping of str to callable
        Family -> what reads its models off their mode instead.
    """

    def __init__(
        self,
        follow: bool = True,
        cores: int = inference.CORES,
        starts: Mapping[str, Start] = {},
        after: Refit = AFTER,
        modes: Mapping[str, Mode] = MODES,
    ) -> None:
        self.follow, self.cores, self.after, self.modes = follow, cores, after, modes
        self.starts = dict(starts)

    def __call__(self, page: ModuleType, panel: xr.Dataset, spec: Spec, seed: int) -> xr.DataTree:
        """Fit a model; refused if even a walk asks more of its draws."""
        if spec.family in self.modes:
            return self.modes[spec.family](panel, spec)
        if not hasattr(page, "sampled"):
            return world.sampled(page, panel, spec, seed)
        start = self.starts.get(spec.name)
        model = page.sampled(panel, spec)
        tree = inference.sample(
            model, brief(spec.sampler, self.after), seed, start, gate=enough, cores=self.cores, retries=RETRIES
        )
        if self.follow or start is None:
            self.starts[spec.name] = Start.of(tree["start"].to_dataset())
        return tree
