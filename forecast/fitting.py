"""Posteriors from the shelf: read if they were fitted to the same, else fitted and stored.

A run fits a model from nothing, so that the same inputs give the same bytes anywhere. A refit begins from what
the newest posterior of the same parameters left, and is kept apart: it is equal within Monte Carlo error, not bit
by bit, and which posterior it began from is part of it.
"""

import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType

import xarray as xr

from forecast import compiled, inference, posteriors, provenance, world
from forecast.compiled import Start
from forecast.compiling import Ahead
from forecast.errors import EnvironmentFault
from forecast.events import Snapshot
from forecast.inference import Watch
from forecast.spec import Spec

Say = Callable[[str], None]


def fitter(
    folder: Path,
    snapshot: Snapshot,
    say: Say,
    watch: Watch = inference.unwatched,
    again: bool = False,
    specs: Sequence[Spec] = (),
) -> world.Fitter:
    """Give what finds or makes the posterior of one model on a snapshot.

    Parameters
    ----------
    folder : Path
        The shelf.
    snapshot : Snapshot
    say : callable
    watch : callable
    again : bool
        Refit: begin from the newest posterior on the shelf.
    specs : sequence of Spec
        What will be asked for, in that order: while the first is fitted, the others are compiled.
    """
    digest, code = snapshot.digest, provenance.fitting()

    def shelf(item: Spec) -> Path:
        return _place(folder, item, digest, code, again)

    @cache
    def ahead() -> Ahead:
        """Compile what is still to be fitted, once there is something to compile at all."""
        return Ahead([part for part in _sampled(specs) if not shelf(part).exists()], snapshot)

    def fitted(page: ModuleType, panel: xr.Dataset, item: Spec, seed: int) -> xr.DataTree:
        if not hasattr(page, "sampled"):
            return world.sampled(page, panel, item, seed)
        where = shelf(item)
        stored = posteriors.load(where)
        if stored is not None:
            say(f"{item.name}: posterior found, nothing to fit")
            return stored
        began, model = time.perf_counter(), page.sampled(panel, item)
        if not compiled.known(model.key):
            say(f"{item.name}: compiling, some seconds; about a minute the first time on a machine")
            ahead().wait(item.name)
            compiled.program(model.build, model.key)
        source, start = newest(folder, item) if again else (None, None)
        say(f"{item.name}: sampling" + (f" from {source.name}" if source else ""))
        tree: xr.DataTree = page.posterior(panel, item, seed, start, watch)
        attrs = tree["posterior"].attrs
        attrs.update(as_of=snapshot.as_of.isoformat(), begun_from=source.stem if source and attrs["warm"] else "")
        posteriors.save(where, tree)
        posteriors.note(where, time.perf_counter() - began)
        if "r_hat" in attrs:
            say(f"{item.name}: converged, R-hat {attrs['r_hat']:.3f}, effective draws {attrs['ess_bulk']:.0f}")
        return tree

    return fitted


def shelved(folder: Path, snapshot: Snapshot, specs: Sequence[Spec], again: bool) -> dict[str, str]:
    """Name the posteriors that a run would take from the shelf, by their digests; blank where there is none.

    Parameters
    ----------
    folder : Path
        The shelf.
    snapshot : Snapshot
    specs : sequence of Spec
    again : bool
        As in a refit.
    """
    code = provenance.fitting()
    places = {part.name: _place(folder, part, snapshot.digest, code, again) for part in _sampled(specs)}
    return {name: posteriors.digest(place) for name, place in places.items()}


def _sampled(specs: Sequence[Spec]) -> list[Spec]:
    return [part for spec in specs for part in spec.parts if hasattr(world.family(part), "sampled")]


def _place(folder: Path, item: Spec, snapshot: str, code: str, again: bool) -> Path:
    """Find where a posterior lies or will lie; one that began from nothing serves a refit too."""
    cold = posteriors.path(folder, item, snapshot, code)
    return posteriors.path(folder, item, snapshot, code, again=True) if again and not cold.exists() else cold


def newest(folder: Path, item: Spec) -> tuple[Path | None, Start | None]:
    """Find the newest posterior of a model that can be read; a damaged one is passed over, for it is only a start."""
    for where in sorted(folder.glob(f"{item.name}-*.nc"), key=lambda path: path.stat().st_mtime, reverse=True):
        try:
            stored = posteriors.load(where)
        except EnvironmentFault:
            continue
        if stored is not None and "start" in stored.children:
            return where, Start.of(stored["start"].to_dataset())
    return None, None
