"""Specs to one set of futures: every model simulated in turn, future by future, into the same world."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib import import_module
from itertools import islice, pairwise
from types import ModuleType
from typing import Any

import numpy as np
import xarray as xr

from forecast.errors import SpecError, look_alike
from forecast.events import Futures, Snapshot
from forecast.inference import Meaning, Sizes
from forecast.prospect import Prospect
from forecast.spec import Prior, Spec

FAMILIES = ("climatology", "counts", "discounted", "levels", "marks", "stages")
Named = Mapping[str, tuple[Meaning, Prior, xr.DataArray]]
Fitter = Callable[[ModuleType, xr.Dataset, Spec, int], xr.DataTree]

ON_RATES = Meaning("positive", "factor", "on-rates")


@dataclass(frozen=True)
class Fitted:
    """A model that has seen its panel: what `simulate` needs."""

    spec: Spec
    family: ModuleType
    panel: xr.Dataset
    tree: xr.DataTree
    seed: int

    @property
    def told(self) -> Mapping[Any, Any]:
        """What the sampler told of itself: how well draws agree; nothing of a model without a posterior."""
        return self.tree["posterior"].attrs if "posterior" in self.tree.children else {}


def family(spec: Spec) -> ModuleType:
    """Find the page of a spec's family.

    Raises
    ------
    SpecError
        If there is none.
    """
    if spec.family not in FAMILIES:
        where = f"{spec.where}, family"
        raise SpecError(f"`{spec.family}` is not a family of models", where, hint=look_alike(spec.family, FAMILIES))
    return import_module(f"forecast.models.{spec.family}")


def seed(spec: Spec, snapshot: Snapshot) -> int:
    """Derive the random seed of a model from what it says and what it has seen."""
    return int.from_bytes(hashlib.sha256(f"{spec.digest}{snapshot.digest}".encode()).digest()[:4])


def sampled(page: ModuleType, panel: xr.Dataset, spec: Spec, number: int) -> xr.DataTree:
    """Draw the posterior afresh: the fitter that is used where none is stored."""
    tree: xr.DataTree = page.posterior(panel, spec, number)
    return tree


def fit(specs: Sequence[Spec], snapshot: Snapshot, fitter: Fitter = sampled) -> list[Fitted]:
    """Fit every model, and every member of a pool, on the snapshot.

    Parameters
    ----------
    specs : sequence of Spec
    snapshot : Snapshot
    fitter : callable
        Gives the posterior of one model; the desk passes one that looks for a stored posterior first.
    """
    found = []
    for spec in [part for whole in specs for part in whole.parts]:
        page, number = family(spec), seed(spec, snapshot)
        panel = page.panel(snapshot, spec)
        found.append(Fitted(spec, page, panel, fitter(page, panel, spec, number), number))
    return found


def parameters(model: Fitted) -> Named:
    """List what has a prior in a model's file, or the elements of what has several, with prior and draws (chain, draw).

    Beside its `PRIORS`, a family may name `further` ones, which its options set: variable -> element -> meaning, prior.
    Its `COVARIATE` says what the effect of a covariate means, if not a factor on rates.
    """
    drawn = model.tree["posterior"].to_dataset() if "posterior" in model.tree.children else xr.Dataset()
    found: dict[str, tuple[Meaning, Prior, xr.DataArray]] = {}
    for name, meaning in model.family.PRIORS.items():
        for element, values in _elements(name, drawn[name]).items():
            found[element] = (meaning, model.spec.priors[name], values)
    further = model.family.further(model.spec) if hasattr(model.family, "further") else {}
    for name, each in further.items():
        elements = _elements(name, drawn[name]) if each else {}
        found |= {label: (*each[label], one) for label, one in zip(each, elements.values(), strict=True)}
    meaning = getattr(model.family, "COVARIATE", ON_RATES)
    for item in model.spec.covariates:
        found[item.name] = (meaning, item.effect, drawn["effect"].sel(covariate=item.name, drop=True))
    return found


def _elements(name: str, drawn: xr.DataArray) -> dict[str, xr.DataArray]:
    dims = [dim for dim in drawn.dims if dim not in ("chain", "draw")]
    if not dims:
        return {name: drawn}
    labels = drawn[dims[0]].to_numpy()
    return {
        f"{name} [{label}]": drawn.isel({dims[0]: at}).drop_vars(dims, errors="ignore")
        for at, label in enumerate(labels)
    }


def order(specs: Sequence[Spec]) -> list[int]:
    """Put models in the order in which they run: what makes a kind of event comes before what reads it.

    Parameters
    ----------
    specs : sequence of Spec
        Those that neither reads keep their order.

    Returns
    -------
    list of int
        Numbers of the models.

    Raises
    ------
    SpecError
        If models read each other in a circle, or one reads what it makes.
    """
    makers = {kind: number for number, spec in enumerate(specs) for kind in spec.kinds}
    needs = [{makers[kind] for kind in spec.reads if kind in makers} for spec in specs]
    found: list[int] = []
    while len(found) < len(specs):
        ready = [at for at in range(len(specs)) if at not in found and needs[at] <= set(found)]
        if not ready:
            raise _circle(specs, needs, found)
        found.append(ready[0])
    return found


def _circle(specs: Sequence[Spec], needs: Sequence[set[int]], found: Sequence[int]) -> SpecError:
    """Name the models that read each other, by following one that waits until it comes back."""
    path = [next(at for at in range(len(specs)) if at not in found)]
    while path[-1] not in path[:-1]:
        path.append(min(needs[path[-1]] - set(found)))
    circle = path[path.index(path[-1]) :]
    steps = [f"`{specs[one].name}` reads what `{specs[two].name}` makes" for one, two in pairwise(circle)]
    return SpecError(
        "no model can run first: " + ", ".join(steps),
        f"{specs[circle[0]].where}, [[covariates]]",
        hint="leave out one of these covariates",
    )


def horizons(specs: Sequence[Spec], until: Mapping[str, date]) -> dict[str, date]:
    """Say up to which day each kind is needed: by a question, or by a model that reads it and is needed itself.

    Parameters
    ----------
    specs : sequence of Spec
        In the order in which they run.
    until : mapping of str to date
        Kind of event -> first day that no question reads.
    """
    found = dict(until)
    for spec in reversed(specs):
        ends = [found[kind] for kind in spec.kinds if kind in found]
        for kind in spec.reads if ends else ():
            found[kind] = max(found.get(kind, max(ends)), max(ends))
    return found


def needed(specs: Sequence[Spec], until: Mapping[str, date]) -> list[Spec]:
    """Leave out the models that make nothing which a question, or a model that is needed, reads."""
    wanted = horizons([specs[at] for at in order(specs)], until)
    return [spec for spec in specs if set(spec.kinds) & set(wanted)]


def simulate(
    specs: Sequence[Spec],
    fitted: Sequence[Fitted],
    snapshot: Snapshot,
    until: Mapping[str, date],
    sizes: Sizes,
    batch: int = 0,
) -> Futures:
    """Run every model forward into one set of futures; the members of a pool take turns at them.

    Parameters
    ----------
    specs : sequence of Spec
        They run in the order of what they read, whatever their order here.
    fitted : sequence of Fitted
        Of their parts, in the same order.
    snapshot : Snapshot
    until : mapping of str to date
        Kind of event -> first day that no question reads; a model whose kinds nobody reads is not run.
    sizes : Sizes
    batch : int
        Which lot of futures this is: other lots have other random numbers, and the same posterior draws.
    """
    parts = iter(fitted)
    members = [list(islice(parts, len(spec.parts))) for spec in specs]
    places = order(specs)
    until = horizons([specs[at] for at in places], until)
    world = Futures({}, sizes.draws, sizes.parameters, {})
    for spec, own in ((specs[at], members[at]) for at in places):
        ends = [until[kind] for kind in spec.kinds if kind in until]
        if ends:
            prospect = Prospect(snapshot, max(ends), sizes, world)
            shares = [_run(each, prospect.member(number, len(own)), batch) for number, each in enumerate(own)]
            world = world.joined(Futures.pooled(shares))
    return world


def _run(model: Fitted, prospect: Prospect, batch: int) -> Futures:
    rng = np.random.default_rng([model.seed, batch] if batch else model.seed)
    found: Futures = model.family.simulate(model.tree, model.panel, model.spec, prospect, rng)
    return found


def supposing(fitted: Sequence[Fitted], snapshot: Snapshot) -> list[Fitted]:
    """Let fitted models start from another snapshot, as one in which something is supposed; nothing is refitted."""
    return [replace(model, panel=model.family.panel(snapshot, model.spec)) for model in fitted]
