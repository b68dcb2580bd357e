"""Marks in worlds drawn from their own prior: ranks of the truth are uniform, and known truths are found again.

Seeds are fixed. A right likelihood would fail one such test in a thousand seeds (`ALARM`).
"""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy.stats import binom, t

from forecast import inference, spec
from forecast.events import Snapshot
from forecast.inference import Sizes
from forecast.models import marks
from forecast.prospect import Prospect
from tests.simulated import ALARM, KEPT, Drawn, open_gate, rank, together, worst
from tests.worlds import events, snapshot

SPEC = spec.parse(
    """
name = "floods"
title = "Floods"
family = "marks"
since = 2000-01-01
written = 2020-01-01
target = { kind = "flood" }
[priors]
rate = [0.5, 3.0]
spread = [0.2, 0.8]
share = [0.2, 0.7]
size = [20, 60]
size_spread = [0.5, 1.2]
length = [10, 100]
length_spread = [0.4, 1.2]
cause_spread = [0.2, 0.8]
[options]
classes = [10, 30, 100]
largest = 1000
roles = { group = "river", cause = "why", lasts = "days" }
groups = ["east", "west", "north"]
causes = ["rain", "snow"]
[[options.seasons]]
name = "melt"
group = "west"
months = [4, 5]
effect = [1.0, 9.0]
[sampler]
draws = 300
tune = 250
chains = 1
""",
    "models/floods.toml",
)
WHEN, AHEAD = date(2020, 1, 1), timedelta(days=360)
RANKED = (*marks.PRIORS, "season", "log_rates", "length_of")
SEED = 31
ENOUGH, MANY = 6, 200  # worlds: to find out a wrong likelihood, to be sure of a right one
NATURES: dict[str, Callable[[xr.Dataset], xr.Dataset]] = {
    "more often": lambda drawn: drawn.assign(log_rates=drawn["log_rates"] + 0.7),
    "larger": lambda drawn: drawn.assign(size=drawn["size"] * 4),
    "longer": lambda drawn: drawn.assign(length_of=drawn["length_of"] * 2),
}
World = tuple[xr.Dataset, pd.DataFrame]


@pytest.fixture(autouse=True)
def _every_fit_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    open_gate(monkeypatch)


def truths(number: int) -> xr.Dataset:
    blank = marks.panel(Snapshot(SPEC.since, _none(), {}), SPEC)
    return inference.from_prior(marks.sampled(blank, SPEC), number, SEED)["posterior"].to_dataset()


def _none() -> pd.DataFrame:
    return events([{"event_at": SPEC.since, "kind": "flood", "river": "", "why": "", "days": ""}]).iloc[:0]


def worlds(truth: xr.Dataset, making: xr.Dataset | None = None) -> list[World]:
    """Let a world begin with nothing for each draw, twenty years long and some months more."""
    nothing, number = Snapshot(SPEC.since, _none(), {}), truth.sizes["draw"]
    tree = xr.DataTree.from_dict({"posterior": truth if making is None else making})
    blank, sizes, rng = marks.panel(nothing, SPEC), Sizes(number, number), np.random.default_rng(SEED)
    made = marks.simulate(tree, blank, SPEC, Prospect(nothing, WHEN + AHEAD, sizes), rng).events["flood"]
    made = made.astype({"river": str, "why": str, "entity": str}).assign(kind="flood", known_at=made["event_at"])
    rows = [made[(made["draw"] == draw).to_numpy()].drop(columns="draw") for draw in range(number)]
    return [(truth.isel(draw=[draw]), events(of.to_dict("records"))) for draw, of in enumerate(rows)]


def posterior(world: World, seed: int) -> xr.DataTree:
    return marks.posterior(marks.panel(snapshot(world[1], WHEN), SPEC), SPEC, seed)


def ranks(world: World, seed: int) -> dict[str, float]:
    """Rank parameters and what comes next, among draws."""
    truth, frame = world
    rng, known, until = np.random.default_rng(seed), snapshot(frame, WHEN), WHEN + AHEAD
    data, tree, sizes = marks.panel(known, SPEC), posterior(world, seed), Sizes(KEPT, KEPT)
    next_ = frame[((frame["event_at"] >= pd.Timestamp(WHEN)) & (frame["event_at"] < pd.Timestamp(until))).to_numpy()]
    futures = marks.simulate(tree, data, SPEC, Prospect(known, until, sizes), rng).events["flood"]
    true = _flat(xr.DataTree.from_dict({"posterior": truth}), Sizes(1, 1)) | _to_come(next_.assign(draw=0), 1)
    guessed = _flat(tree, sizes) | _to_come(futures, KEPT)
    return {name: rank(guessed[name], true[name], rng) for name in true}


def _flat(tree: xr.DataTree, sizes: Sizes) -> Drawn:
    """Name every parameter; of a group's rates, those of one month in season and one out of it."""
    drawn = inference.thinned(tree, RANKED, sizes)
    drawn["log_rates"] = drawn["log_rates"][:, :, [0, 3]]
    return {
        f"{name}{list(place) or ''}": values[:, *place]
        for name, values in drawn.items()
        for place in np.ndindex(values.shape[1:])
        if (name, place) not in {("log_rates", (0, 1)), ("log_rates", (2, 1))}
    }


def _to_come(frame: pd.DataFrame, draws: int) -> Drawn:
    number, large = frame["draw"].to_numpy(), (frame["value"] >= 100).to_numpy()
    days = np.bincount(number, frame["days"].to_numpy(float), draws)
    return {
        "floods to come": np.bincount(number, minlength=draws),
        "large floods to come": np.bincount(number[large], minlength=draws),
        "days of floods to come": days,
    }


def ranked(found: list[World]) -> Drawn:
    return together([ranks(world, seed) for seed, world in enumerate(found)])


@pytest.mark.slow
def test_ranks_are_uniform() -> None:
    p, name = worst(ranked(worlds(truths(ENOUGH))))
    assert p > ALARM, name


@pytest.mark.slow
@pytest.mark.parametrize("nature", ["longer", "more often", "larger"])
def test_more_of_it_than_the_truth_says_is_found_out(nature: str) -> None:
    truth = truths(ENOUGH)
    assert worst(ranked(worlds(truth, NATURES[nature](truth))))[0] < ALARM


@pytest.mark.slow
def test_ranks_are_uniform_in_many_worlds() -> None:
    p, name = worst(ranked(worlds(truths(MANY))))
    print(f"marks: adjusted p {p:.3g}, of {name}")
    assert p > ALARM, name


@pytest.mark.slow
def test_intervals_hold_the_truth_nine_times_in_ten() -> None:
    """Truths of the prior: no parameter less often than chance allows, all together neither less nor more.

    What a world says of one parameter is not independent of what it says of another, but worlds are independent.
    """
    found = ranked(worlds(truths(MANY)))
    held = {name: np.abs(of - 0.5) < 0.45 for name, of in found.items()}
    of_world = np.mean(list(held.values()), axis=0)
    print(f"held {of_world.mean():.3f}, least", *min((int(some.sum()), name) for name, some in held.items()))
    assert not [name for name, some in held.items() if some.sum() < binom.ppf(ALARM / len(held), MANY, 0.9)]
    error = of_world.std(ddof=1) / np.sqrt(MANY)
    assert abs(of_world.mean() - 0.9) < t.ppf(1 - ALARM / 2, MANY - 1) * error
