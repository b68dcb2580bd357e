"""A trial of fronts that can fall silent at once, beside fronts whose memories fade.

The additive member says what each front's next bin brings. Here a front is besides in one of two states that
nobody sees: in a campaign its counts have KAPPA times the mean that the member gives, when quiet EPSILON times;
it changes from one to the other at constant rates. With the member's posterior mean as given, these four numbers
maximise the likelihood of the fronts' counts until the origin, under weak priors; a forward filter gives each
front's probability of being quiet; and futures draw a state for each front, bin by bin, while the member simulates.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy import optimize, stats
from walk import HORIZONS, SIZES, Walk, keep

from forecast import posteriors
from forecast.events import Futures, Snapshot
from forecast.models import cells, counts, unfolding
from forecast.models.cells import Layout
from forecast.models.expected import pointwise
from forecast.prospect import Prospect
from forecast.spec import Spec

DRAWS = 50  # of the posterior, for its mean of the fronts' rates
CENTRE = np.log([1 / 36, 1 / 36, 1.1, 0.1])  # a change a year each way; a campaign 10 % above, quiet a tenth
SPREAD = np.array([1.0, 1.0, 0.2, 1.0])

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Switch:
    """How fronts change between campaign and quiet, and where they stand.

    Parameters
    ----------
    falls, rises : float
        Probability of a change in one bin, to quiet and back.
    factors : array, shape (2,)
        By which the member's mean is multiplied: in a campaign, when quiet.
    quiet : array, shape (front,)
        Probability of being quiet on the origin.
    """

    falls: float
    rises: float
    factors: Array
    quiet: Array


def fitted(tree: xr.DataTree, data: xr.Dataset, spec: Spec) -> Switch:
    """Estimate the switch from a member's posterior and its record."""
    plan = cells.layout(cells.options(spec))
    found = pointwise(tree, data, spec, DRAWS)
    mean = _by_front(found["mean"].mean("sample").to_numpy(), plan)
    counts = _by_front(found["counts"].to_numpy(), plan)
    first = [int(np.flatnonzero(plan.front_of == front)[0]) for front in range(len(plan.fronts))]
    size = found["size"].mean("sample").to_numpy()[first]

    def loss(at: Array) -> float:
        return -_filtered(np.exp(at), mean, counts, size)[0] + float(((at - CENTRE) ** 2 / SPREAD**2).sum() / 2)

    at = np.exp(optimize.minimize(loss, CENTRE, method="Nelder-Mead", options={"maxfev": 400}).x)
    return Switch(at[0], at[1], at[2:], _filtered(at, mean, counts, size)[1])


def _by_front(values: Array, plan: Layout) -> Array:
    return values @ np.eye(len(plan.fronts))[plan.front_of]


def _filtered(at: Array, mean: Array, counts: Array, size: Array) -> tuple[float, Array]:
    """Run the forward filter along all fronts; give the log likelihood and each front's probability of quiet."""
    falls, rises = np.minimum(at[:2], 0.5)
    density = [stats.nbinom.pmf(counts, size, size / (size + factor * mean)) for factor in at[2:]]
    quiet, total = np.full(mean.shape[1], falls / (falls + rises)), 0.0
    for campaign_density, quiet_density in zip(*density, strict=True):
        quiet = quiet * (1 - rises) + (1 - quiet) * falls
        both = (1 - quiet) * campaign_density + quiet * quiet_density
        quiet = quiet * quiet_density / both
        total += float(np.log(both).sum())
    return total, quiet


class Fronts:
    """The states of all fronts in many futures, which move on whenever they are asked for.

    Parameters
    ----------
    switch : Switch
    front_of : array, shape (cell,)
    draws : int
    rng : Generator
    """

    def __init__(self, switch: Switch, front_of: NDArray[np.int64], draws: int, rng: np.random.Generator) -> None:
        self.switch, self.front_of, self.rng = switch, front_of, rng
        self.quiet = rng.random((draws, len(switch.quiet))) < switch.quiet

    def factor(self) -> Array:
        """Give the factor of each cell in the next bin, shape (draw, cell)."""
        changes = self.rng.random(self.quiet.shape) < np.where(self.quiet, self.switch.rises, self.switch.falls)
        self.quiet = self.quiet ^ changes
        return np.asarray(self.switch.factors[self.quiet.astype(int)][:, self.front_of])


def trial(walk: Walk, origins: list[date]) -> Iterator[pd.DataFrame]:
    """Score the first member of a walk's pool at some origins as it is, and with the switch.

    Raises
    ------
    FileNotFoundError
        If the walk has not kept the member's posterior of an origin.
    """
    member = walk.spec.members[0]
    for origin in origins:
        path = walk.kept / f"switch-{origin}.csv"
        if not path.exists():
            snapshot, tree = walk.known(origin), posteriors.load(walk.posterior(member, origin))
            if tree is None:
                raise FileNotFoundError(f"no posterior of {member.name} is kept for {origin}: walk first")
            keep(path, walk.scored(snapshot, _futures(tree, snapshot, member)))
        yield pd.read_csv(path, parse_dates=["origin"])


def _futures(tree: xr.DataTree, snapshot: Snapshot, member: Spec) -> dict[str, Futures]:
    data, plan = counts.panel(snapshot, member), cells.layout(cells.options(member))
    until = snapshot.as_of + timedelta(days=max(HORIZONS))

    def simulated() -> Futures:
        rng = np.random.default_rng(snapshot.as_of.toordinal())
        return counts.simulate(tree, data, member, Prospect(snapshot, until, SIZES), rng)

    fronts = Fronts(fitted(tree, data, member), plan.front_of, SIZES.draws, np.random.default_rng(0))
    plain = unfolding._mean

    def switched(drawn: Any, feature: Array, *rest: Any) -> Array:
        mean = plain(drawn, feature, *rest)
        return mean * fronts.factor() if len(feature) > 1 else mean  # one row: what is known already, and late

    as_it_is = simulated()
    with mock.patch.object(unfolding, "_mean", switched):
        return {"as it is": as_it_is, "with the switch": simulated()}
