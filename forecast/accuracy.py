"""How well fitted models foresee the parts of one record: left out one at a time, and from what came before alone.

The parts are what a family says: bins of counts, mechanisms, spans and stretches of days. Models are set beside each
other where they explain the same of the same parts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from forecast import comparing, foreseen
from forecast.comparing import LETTERS, Lead, Stack, Verdict
from forecast.errors import NotConverged
from forecast.events import Snapshot
from forecast.foreseen import EARLIER, Foreseen, Spans
from forecast.models import record
from forecast.world import Fitted

Array = NDArray[np.float64]
Again = Callable[[Fitted, xr.Dataset, date], xr.DataTree]
Way = Literal["left out", "ahead"]
Sides = Mapping[str, Sequence[Fitted]]  # letter -> parts of a model
WAYS: Mapping[Way, str] = {"left out": "left out one at a time", "ahead": "from what came before"}
DRAWS = 1000  # of a posterior, for what is computed part by part of the record
FEWEST = 10  # parts of a record from which a standard error can be told
YEAR = np.timedelta64(8766, "h")
SEED = 20180901


@dataclass(frozen=True)
class Accuracy:
    """How well models foresee the parts of one record.

    Parameters
    ----------
    way : str
        `left out`, each part foreseen from all others, or `ahead`, from those before it.
    member : str
        Of all pools; blank where the models are compared whole.
    models : str
        Their letters, A first.
    units : str
        What the record is cut into: `bins`, `mechanisms`, `spans`, `stretches`.
    since, through : date
        First days of the first and the last part.
    leads : tuple of Lead
        Of A over every other, of expected log predictive densities, nats.
    trusted : tuple of (Lead or None)
        The same without parts whose Pareto k is above 0.7 in either; None if too few are left.
    high : tuple of int
        How many such parts each model has.
    stack : Stack
        Weights of all.
    fits : tuple of int
        How many fits it took.
    """

    way: Way
    member: str
    models: str
    units: str
    since: date
    through: date
    leads: tuple[Lead, ...]
    trusted: tuple[Lead | None, ...]
    high: tuple[int, ...]
    stack: Stack
    fits: tuple[int, ...]

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Say for every other who foresees better, if that can be told with and without what cannot be trusted."""
        each = zip(self.leads, self.trusted, strict=True)
        return tuple(comparing.agreed([lead, rest]) if rest else "neither" for lead, rest in each)


class Sight:
    """What fitted models foresee of their record, each looked at once, however many pools it is a member of.

    A family may say `pointwise` how likely each bin of its counts is, `left_out` how likely each part of its record is,
    `ahead` what it foresaw of each from what came before, or how its record is cut into `spans`, for fits to what came
    before.

    Parameters
    ----------
    snapshot : Snapshot
    fits : int
    again : callable
        See `judged`.
    """

    def __init__(self, snapshot: Snapshot, fits: int, again: Again) -> None:
        self.snapshot, self.fits, self.again = snapshot, fits, again
        self._said: dict[tuple[Way, str, int], xr.Dataset] = {}
        self._cut: dict[str, Spans] = {}
        self._foreseen: dict[tuple[Way, str, int], Foreseen] = {}

    def lacking(self, way: Way, parts: Sequence[Fitted]) -> str:
        """Say why log predictive densities of these cannot be compared; blank if they can."""
        for part in parts:
            name, family = part.spec.name, part.spec.family
            if not any(hasattr(part.family, one) for one in ("pointwise", "left_out", "ahead", "spans")):
                return f"`{name}`: the family `{family}` does not say how likely what it has seen is; use backtests"
            cut = _in_time(way, part)
            if not cut and not hasattr(part.family, way.replace(" ", "_")):
                return f"`{name}`, {WAYS[way]}: the family `{family}` has no such densities"
            if cut and way == "ahead" and not self.fits:
                return f"{WAYS[way]}: that takes fits to earlier parts of the record; ask for them with --ahead"
        first, *others = (self.explained(way, part) for part in parts)
        if all(first.name == each.name and first.equals(each) for each in others):
            return ""
        same = self._spans(parts[0]).same if _in_time(way, parts[0]) else self._what(way, parts[0]).attrs["same"]
        return f"it does not explain the same {first.name} as A (other {same}); use backtests"

    def explained(self, way: Way, part: Fitted) -> xr.DataArray:
        """Say what a model explains, part by part of its record: dims `unit` and others, coordinate `time`."""
        if _in_time(way, part):
            return self._spans(part).happened
        said = self._what(way, part)
        return said["happened"].rename(said.attrs["units"])

    def foreseen(self, way: Way, part: Fitted) -> Foreseen:
        """Foresee every part of a model's record that can be, NaN where it cannot."""
        key = (way, part.spec.digest, part.seed)
        if key not in self._foreseen:
            self._foreseen[key] = self._look(way, part)
        return self._foreseen[key]

    def _look(self, way: Way, part: Fitted) -> Foreseen:
        if _in_time(way, part):
            cut = self._spans(part)
            return foreseen.left_out(cut.likely(part.tree)) if way == "left out" else self._by_fits(part, cut)
        said = self._what(way, part)
        if way == "left out":
            found = foreseen.left_out(said["log_likelihood"].transpose("sample", "unit").to_numpy())
            return replace(found, density=found.density + said["exact"].to_numpy())
        density = said["density"].to_numpy()
        return Foreseen(density, np.zeros(len(density)))

    def _what(self, way: Way, part: Fitted) -> xr.Dataset:
        key = (way, part.spec.digest, part.seed)
        if key not in self._said:
            seen = (self.snapshot, part.panel, part.spec)
            page = part.family
            self._said[key] = page.ahead(*seen) if way == "ahead" else page.left_out(part.tree, *seen, DRAWS)
        return self._said[key]

    def _spans(self, part: Fitted) -> Spans:
        if hasattr(part.family, "pointwise"):
            return _bins(part)
        if part.spec.digest not in self._cut:
            self._cut[part.spec.digest] = part.family.spans(self.snapshot, part.spec, DRAWS)
        return self._cut[part.spec.digest]

    def _by_fits(self, part: Fitted, cut: Spans) -> Foreseen:
        """Foresee the later parts of a record from those before."""
        times = cut.happened["time"].to_numpy().astype("datetime64[D]")

        def fit(number: int) -> Array:
            return cut.likely(self.again(part, cut.until(number), times[number].item()))

        found = foreseen.among(foreseen.ahead(fit, cut.first, self.fits), len(times))
        return replace(found, density=found.density + cut.exact)


def judged(
    models: Sequence[Sequence[Fitted]], snapshot: Snapshot, fits: int, again: Again
) -> tuple[list[Accuracy], list[str]]:
    """Foresee the record by all models, or by members of the same name where not all can, and say who cannot and why.

    Parameters
    ----------
    models : sequence of sequence of Fitted
        The parts of A, B, C ...
    snapshot : Snapshot
        That they were fitted to.
    fits : int
        To earlier parts of the record, at most, for each; without any only what is exact is foreseen from what came
        before.
    again : callable
        Fits a model to the panel of what came before a day.
    """
    sides, sight = dict(zip(LETTERS, models, strict=False)), Sight(snapshot, fits, again)
    found, notes = list[Accuracy](), list[str]()
    for way in WAYS:
        whole, lacking = _of(way, "", sides, sight)
        found, notes = found + whole, notes + lacking
        for member, some in _members(sides).items() if lacking else ():
            found += _of(way, member, some, sight)[0]
    return found, list(dict.fromkeys(notes))


def _members(sides: Sides) -> dict[str, Sides]:
    """Match members of pools with those of A by their names, where they are not all the same."""
    named = {letter: {one.spec.name.partition(".")[2]: one for one in each} for letter, each in sides.items()}
    matched = {
        member: {letter: [each[member]] for letter, each in named.items() if member in each}
        for member in named["A"]
        if member
    }
    return {member: some for member, some in matched.items() if len({one.spec.digest for (one,) in some.values()}) > 1}


def _of(way: Way, member: str, sides: Sides, sight: Sight) -> tuple[list[Accuracy], list[str]]:
    """Compare those that can be set beside A, and say why others cannot."""
    lacking = {letter: sight.lacking(way, [*sides["A"], *parts]) for letter, parts in sides.items()}
    if lacking["A"]:
        return [], [lacking["A"]]
    notes, kept = [f"{letter}: {why}" for letter, why in lacking.items() if why], dict[str, list[Foreseen]]()
    able = [letter for letter, why in lacking.items() if not why]
    for letter in able if len(able) > 1 else ():
        try:
            kept[letter] = [sight.foreseen(way, part) for part in sides[letter]]
        except NotConverged as problem:
            notes.append(f"{letter}, from what came before: {problem.what}")
    if "A" not in kept or len(kept) < 2:
        return [], notes
    found = _accuracy(way, member, kept, sight.explained(way, sides["A"][0]))
    if found is None:
        notes.append(f"fewer than {FEWEST} parts of the record are foreseen by all of {', '.join(kept)}; use backtests")
    return ([found] if found else []), notes


def _accuracy(way: Way, member: str, each: Mapping[str, Sequence[Foreseen]], of: xr.DataArray) -> Accuracy | None:
    sides = [foreseen.pooled(parts) for parts in each.values()]
    seen = np.all([np.isfinite(one.density) for one in sides], axis=0)
    if seen.sum() < FEWEST:
        return None
    times = of["time"].to_numpy().astype("datetime64[D]")[seen]
    density, trusted = np.stack([one.density[seen] for one in sides]), np.stack([one.trusted[seen] for one in sides])
    length, others = _in_a_year(times), range(1, len(sides))

    def lead(other: int, some: NDArray[np.bool_]) -> Lead:
        return comparing.of_densities(density[0, some], density[other, some], length, len(others))

    both = [trusted[0] & trusted[other] for other in others]
    return Accuracy(
        way=way,
        member=member,
        models="".join(each),
        units=str(of.name),
        since=times[0].item(),
        through=times[-1].item(),
        leads=tuple(lead(other, np.ones(len(times), bool)) for other in others),
        trusted=tuple(lead(*pair) if pair[1].sum() > 1 else None for pair in zip(others, both, strict=True)),
        high=tuple(int((~one).sum()) for one in trusted),
        stack=comparing.stacking(density.T, np.arange(len(times)), length, np.random.default_rng(SEED)),
        fits=tuple(one.fits for one in sides),
    )


def _in_a_year(times: NDArray[np.datetime64]) -> int:
    """Say how many parts of the record are drawn together: those of a year, or a quarter of all."""
    span = (times[-1] - times[0]) / YEAR
    return max(1, min(round((len(times) - 1) / span) if span else 1, len(times) // 4))


def _in_time(way: Way, part: Fitted) -> bool:
    """Tell whether what a model foresees this way are parts that follow on each other, which draws are weighed for."""
    return hasattr(part.family, "pointwise") or (way == "ahead" and hasattr(part.family, "spans"))


def _bins(part: Fitted) -> Spans:
    """Cut a model's record into its bins of counts."""
    counts = part.panel["counts"].rename(time="unit")
    number = counts.sizes["unit"]
    return Spans(
        happened=counts.assign_coords(time=("unit", counts["unit"].to_numpy())).rename("bins"),
        same=record.SAME,
        first=round(EARLIER * number),
        until=lambda bins: part.panel.isel(time=slice(0, bins)),
        likely=partial(_likely, part),
        exact=np.zeros(number),
    )


def _likely(model: Fitted, tree: xr.DataTree) -> Array:
    """Give the log likelihood of every bin of a model's record, all cells together, for draws of a fit."""
    found = model.family.pointwise(tree, model.panel, model.spec, DRAWS)["log_likelihood"]
    return np.asarray(found.sum("cell").transpose("sample", "time"))
