"""Why a probability moved between two issues, in shares that add up exactly.

Time passed, events became known, others were revised, the models' files were edited, and other things had been learned
from the record. Each is let happen in turn, and its share is what it adds, averaged over all orders (Shapley, "A Value
for n-Person Games", 1953) in which time passes before its news comes: nobody could have known it earlier. What is left
between the two issues is what other random numbers do, or what could not be restored, such as another program.
Where time has passed without its news, a model looks further ahead than its file may say; then it is given as many more
days, by `reaching` of its family.

    p_after - p_before = time + new events + revised events + models + record + noise

Which new events did most is told by leaving out one group of them at a time. Where a family can say how likely its
record is, posterior draws are weighed anew instead of drawn anew (Vehtari and others, "Pareto Smoothed Importance
Sampling", 2024), unless its k is above 0.7: then the model is fitted again, as others are.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import permutations
from math import fsum
from types import ModuleType

import numpy as np
import pandas as pd
import xarray as xr

from forecast import answers, predict, publishing, reweighing, scenarios, shares, world
from forecast.calibration import Maps
from forecast.events import Snapshot
from forecast.inference import Sizes
from forecast.predict import Models
from forecast.questions import Question
from forecast.revisions import changed
from forecast.rules import Readings
from forecast.spec import Spec
from forecast.world import Fitted, Fitter

CAUSES = ("time", "new", "revised", "models", "record")
SHARES = (*CAUSES, "noise")  # of a move, one each


@dataclass(frozen=True)
class Side:
    """What an issue was made from.

    Parameters
    ----------
    questions : tuple of Question
    snapshot : Snapshot
    models : Models
    learned : Maps
        From the record, by then.
    probabilities : tuple of float
        As published, one for each question.
    """

    questions: tuple[Question, ...]
    snapshot: Snapshot
    models: Models
    learned: Maps
    probabilities: tuple[float, ...]


@dataclass(frozen=True)
class Group:
    """New events that are left out together.

    Parameters
    ----------
    kind, entity : str
    events : int
    effect : float
        The published probability with them, minus that without.
    k : float or None
        The worst Pareto k of models that could be weighed anew; those above `HIGH_K` were fitted again. None where all
        that had seen the events were fitted again.
    """

    kind: str
    entity: str
    events: int
    effect: float
    k: float | None


@dataclass(frozen=True)
class Explanation:
    """Why a probability moved.

    Parameters
    ----------
    before, after : float
        As published.
    shares : mapping of str to float
        Cause -> share, `noise` among them; they add up to what it moved.
    error : float
        Standard error of the move by Monte Carlo alone: a share that is not larger says little.
    groups : tuple of Group
        Largest effect first.
    """

    before: float
    after: float
    shares: Mapping[str, float]
    error: float
    groups: tuple[Group, ...]


def shapley(worth: Callable[[frozenset[str]], float], causes: Sequence[str] = CAUSES) -> dict[str, float]:
    """Share out what all causes together do, as the mean of what each adds over all orders in which they may come."""
    orders = [order for order in permutations(causes) if _possible(order)]
    added: dict[str, list[float]] = {cause: [] for cause in causes}
    for order in orders:
        for place, cause in enumerate(order):
            before = frozenset(order[:place])
            added[cause].append(worth(before | {cause}) - worth(before))
    return {cause: fsum(each) / len(orders) for cause, each in added.items()}


def _possible(order: Sequence[str]) -> bool:
    return not {"time", "new"} <= set(order) or order.index("time") < order.index("new")


@dataclass(frozen=True)
class _World:
    """What questions have in one world: raw probabilities with their Monte Carlo errors, and the fits behind them."""

    raw: tuple[float, ...]
    error: tuple[float, ...]
    specs: Sequence[Spec]
    fitted: Sequence[Fitted]
    snapshot: Snapshot


@dataclass(frozen=True)
class _Out:
    """A group of new events, and what questions have in a world without it."""

    kind: str
    entity: str
    events: int
    raw: tuple[float, ...]
    k: float | None


class Between:
    """Everything that lies between two issues of the same questions, which share their worlds.

    Parameters
    ----------
    before, after : Side
        With questions in one order.
    fitter : callable
        Gives the posterior of one model.
    sizes : Sizes
    seed : int
        The same random numbers are used throughout.
    """

    def __init__(self, before: Side, after: Side, fitter: Fitter, sizes: Sizes, seed: int) -> None:
        self.sides, self.fitter, self.sizes, self.seed = (before, after), fitter, sizes, seed
        self.rows = changed(before.snapshot.events, after.snapshot.events)
        same = before.snapshot.as_of == after.snapshot.as_of and before.questions == after.questions
        self.varies = {
            "time": not same,
            "new": len(self.rows["new"]) > 0,
            "revised": len(self.rows["old"]) + len(self.rows["revised"]) > 0,
            "models": before.models.specs != after.models.specs,
            "record": before.learned != after.learned,
        }
        self._worlds: dict[frozenset[str], _World] = {}

    def explained(self, groups: int = 0) -> tuple[Explanation, ...]:
        """Share out the move of each question, and leave out so many of the largest groups of new events in turn."""
        out = self._left_out(groups)
        return tuple(self._explained(place, out) for place in range(len(self.sides[0].questions)))

    def _explained(self, place: int, out: Sequence[_Out]) -> Explanation:
        before, after = (side.probabilities[place] for side in self.sides)
        none, every = frozenset[str](), frozenset(CAUSES)
        noise = (after - self.worth(every, place)) - (before - self.worth(none, place))
        error = float(np.hypot(self.world(none).error[place], self.world(every).error[place]))
        found = {**shapley(lambda causes: self.worth(causes, place)), "noise": noise}
        whole = self.worth(every, place)
        groups = [
            Group(one.kind, one.entity, one.events, whole - self._bent(one.raw, every, place), one.k) for one in out
        ]
        return Explanation(before, after, found, error, tuple(sorted(groups, key=lambda one: -abs(one.effect))))

    def worth(self, causes: frozenset[str], place: int = 0) -> float:
        """Say what would be published of a question if these causes, and no others, had come about."""
        return self._bent(self.world(causes).raw, causes, place)

    def world(self, causes: frozenset[str]) -> _World:
        """Forecast the questions in the world of these causes; of equal worlds one is computed."""
        key = frozenset(one for one in causes if self.varies[one] and one != "record")
        if key not in self._worlds:
            side = self.sides["time" in key]
            rows = pd.concat([self.rows["kept"], *(self.rows[name] for name in _parts(key))])
            snapshot = Snapshot(side.snapshot.as_of, rows, side.snapshot.through)
            self._worlds[key] = self._world(self.sides["models" in key].models, side.questions, snapshot)
        return self._worlds[key]

    def _bent(self, raw: Sequence[float], causes: frozenset[str], place: int) -> float:
        question, models = self.sides["time" in causes].questions[place], self.sides["models" in causes].models
        makers = [spec.name for spec in predict.makers(question, models.specs)]
        return publishing.bent(raw[place], makers, question, self.sides["record" in causes].learned)

    def _world(self, models: Models, questions: Sequence[Question], snapshot: Snapshot) -> _World:
        until = scenarios.horizons(questions)
        specs = _reaching(world.needed(models.specs, until), until, snapshot)
        fitted = [replace(one, seed=self._seed(one.spec)) for one in world.fit(specs, snapshot, self._fitter)]
        return self._read(specs, fitted, questions, snapshot)

    def _read(
        self, specs: Sequence[Spec], fitted: Sequence[Fitted], questions: Sequence[Question], snapshot: Snapshot
    ) -> _World:
        futures = world.simulate(specs, fitted, snapshot, scenarios.horizons(questions), self.sizes)
        drawn = [one.tree["posterior"] for one in fitted if "posterior" in one.tree.children]
        draws = min([futures.parameters, *(each.attrs.get("ess_bulk", np.inf) for each in drawn)])
        readings, raw, errors = Readings(snapshot, futures), [], []
        for question in questions:
            _, holds = answers.held(question, readings)
            p, interval = answers.probability(question, futures, holds)
            replayed = answers.worth(question, futures) is not None  # then the interval is of the record, not of draws
            raw.append(p)
            errors.append(shares.monte_carlo_error(p, (p, p) if replayed else interval, futures.draws, draws))
        return _World(tuple(raw), tuple(errors), specs, fitted, snapshot)

    def _fitter(self, page: ModuleType, panel: xr.Dataset, spec: Spec, _: int) -> xr.DataTree:
        return self.fitter(page, panel, spec, self._seed(spec))

    def _seed(self, spec: Spec) -> int:
        return int.from_bytes(hashlib.sha256(f"{self.seed} {spec.name}".encode()).digest()[:4])

    def _left_out(self, groups: int) -> list[_Out]:
        """Leave out the largest groups of new events that the models read, one at a time."""
        whole, after = self.world(frozenset(CAUSES)), self.sides[1]
        read = {kind for one in whole.fitted for kind in (*one.spec.kinds, *one.spec.reads)}
        new = self.rows["new"]
        sizes = new[new["kind"].isin(read)].groupby(["kind", "entity"], observed=True)["n"].sum()
        largest = sizes.sort_values(ascending=False, kind="stable").head(groups).reset_index()
        found = []
        for kind, entity, number in largest.itertuples(index=False):
            out = ((new["kind"] == kind) & (new["entity"] == entity)).to_numpy()
            rest = whole.snapshot.events.drop(index=new.index[out])
            lacking = replace(whole.snapshot, events=rest)
            weighed = [self._lacking(one, lacking) for one in whole.fitted]
            raw = self._read(whole.specs, [one for one, _ in weighed], after.questions, lacking).raw
            k = [one for _, one in weighed if one is not None]
            found.append(_Out(kind, entity, int(number), raw, max(k, default=None)))
        return found

    def _lacking(self, model: Fitted, snapshot: Snapshot) -> tuple[Fitted, float | None]:
        """Let a model not have seen some events; with the k of its weights, if it was weighed anew."""
        panel = model.family.panel(snapshot, model.spec)
        if panel.identical(model.panel):
            return model, None
        k = None
        if hasattr(model.family, "log_likelihoods") and reweighing.enough(model.tree):
            likely = [model.family.log_likelihoods(model.tree, one, model.spec) for one in (panel, model.panel)]
            weight, k = reweighing.smoothed((likely[0] - likely[1]).to_numpy())
            if k <= reweighing.HIGH_K:
                return replace(model, panel=panel, tree=reweighing.redrawn(model.tree, weight)), k
        tree = self._fitter(model.family, panel, model.spec, 0)
        return replace(model, panel=panel, tree=tree), k


def _reaching(specs: Sequence[Spec], until: Mapping[str, date], snapshot: Snapshot) -> list[Spec]:
    """Let models that look a limited number of days ahead look as far as is asked."""
    ends = world.horizons([specs[at] for at in world.order(specs)], until)
    return [_as_far(spec, max(ends[kind] for kind in spec.kinds if kind in ends), snapshot) for spec in specs]


def _as_far(spec: Spec, until: date, snapshot: Snapshot) -> Spec:
    if spec.members:
        return replace(spec, members=tuple(_as_far(each, until, snapshot) for each in spec.members))
    page = world.family(spec)
    if not hasattr(page, "reaching"):
        return spec
    longer: Spec = page.reaching(page.panel(snapshot, spec), spec, until)
    return longer


def _parts(causes: frozenset[str]) -> list[str]:
    return ["revised" if "revised" in causes else "old", *(["new"] if "new" in causes else [])]
