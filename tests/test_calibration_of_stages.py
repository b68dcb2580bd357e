"""Stages in worlds drawn from their own prior: ranks of the truth are uniform, and intervals hold it as often as said.

In a made world every process is announced on a day of its own and is at risk from that noon on, so that its record
holds all its days at risk and no other. Where advances and exits lead is drawn from the record of the world in which
they are simulated: it has no prior that is the same for all, and is not ranked. Seeds are fixed. A right likelihood
would fail one such test in a thousand seeds (`ALARM`).
"""

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy.stats import binom, t

from forecast import inference, spec
from forecast.events import Snapshot
from forecast.inference import Sizes
from forecast.models import ladder, stage_rates, stages
from forecast.prospect import Prospect
from tests.simulated import ALARM, KEPT, Drawn, open_gate, rank, together, worst
from tests.test_stages import log_rates
from tests.worlds import events, snapshot

SPEC = spec.parse(
    """
name = "bridges"
title = "Bridges"
family = "stages"
since = 2000-01-01
written = 2020-01-01
step = 182
target = { kind = ["planned", "funded", "built", "opened", "halted", "dropped", "lapsed"] }
[priors]
advance = [0.3, 3.0]
exit = [0.05, 0.5]
suspend = [0.05, 0.5]
stage_spread = [0.2, 1.0]
kind_spread = [0.2, 1.0]
pair_spread = [0.1, 0.5]
age = [-0.6, 0.4]
age_spread = [0.05, 0.3]
deadline = [0.4, 2.5]
[options]
stages = ["planned", "funded", "built", "opened"]
exits = ["dropped", "lapsed"]
suspended = "halted"
deadline_set = "promised"
deadline = "by"
near = [60, 14]
cuts = [30, 90, 365]
kinds = [
  { name = "road", where = { sort = "road" } },
  { name = "rail", where = { sort = "rail" }, top = "built" },
  { name = "foot", where = { sort = "foot" }, never = ["funded", "opened", "halted", "lapsed"] },
]
[[options.traits]]
name = "long"
where = { length = "long" }
effect = [0.4, 2.5]
[[covariates]]
name = "rain"
window = 90
effect = [0.5, 2.0]
rule = { measure = "count", where = { kind = "rain" } }
[sampler]
draws = 400
tune = 300
chains = 1
""",
    "models/bridges.toml",
)
FOUND = ladder.parse(dict(SPEC.options), SPEC.where)
STEP = timedelta(days=SPEC.step)
START, WHEN, AHEAD = SPEC.since + 2 * STEP, SPEC.since + 14 * STEP, 2 * STEP
BRIDGES, ANNOUNCED = 90, 1500  # how many, and in how many days
SEED = 41
ENOUGH, MANY = 8, 200  # worlds: to find out a wrong likelihood, to be sure
SEEN = {  # log rates that are ranked too, for the record says more of them than of their parts
    "advance, planned road": (0, 0, 0),
    "advance, built road": (0, 2, 0),
    "advance, planned foot": (0, 0, 2),
    "exit, built rail": (1, 2, 1),
    "suspend, planned road": (2, 0, 0),
}
NATURES: dict[str, Callable[[xr.Dataset], xr.Dataset]] = {
    "faster": lambda drawn: drawn.assign(advance=drawn["advance"] * 2),
    "ending more often": lambda drawn: drawn.assign(exit=drawn["exit"] * 3),
    "halted more often": lambda drawn: drawn.assign(suspend=drawn["suspend"] * 3),
    "slower with time": lambda drawn: drawn.assign(age=drawn["age"] - 1),
    "pressed by deadlines": lambda drawn: drawn.assign(deadline=drawn["deadline"] * 4),
    "moved by traits": lambda drawn: drawn.assign(trait=drawn["trait"] * 4),
    "moved by rain": lambda drawn: drawn.assign(effect=drawn["effect"] * 2),
}
World = tuple[xr.Dataset, pd.DataFrame]
pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _every_fit_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    open_gate(monkeypatch)


def context() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Say which processes there are, the day on which each is announced, and what else is known from the beginning.

    Deadlines of every other one, and rain that is forecast: to come, and known.
    """
    rng = np.random.default_rng(SEED)
    number = np.arange(BRIDGES)
    each = pd.DataFrame(
        {
            "entity": [f"b{place:03d}" for place in number],
            "sort": np.array(["road", "rail", "foot"])[number % 3],
            "length": np.array(["long", "short"])[number // 3 % 2],
            "after": np.sort(rng.integers(1, ANNOUNCED, BRIDGES)),
        }
    )
    begin = pd.Timestamp(START) - pd.Timedelta(days=2)
    due = each["after"] + rng.integers(50, 500, BRIDGES)
    others = each[::2].assign(by=pd.Timestamp(START) + pd.to_timedelta(due[::2], "D"), kind="promised", event_at=begin)
    days = rng.integers(0, (WHEN + AHEAD - START).days, 40)
    rain = pd.DataFrame({"event_at": pd.Timestamp(START) + pd.to_timedelta(days, "D"), "kind": "rain"})
    known = pd.concat([others, rain], ignore_index=True).assign(known_at=begin)
    return each, known


def record(each: pd.DataFrame, known: pd.DataFrame, happened: pd.DataFrame) -> pd.DataFrame:
    """Lay out all that happens, known the day it does."""
    made = happened.assign(known_at=happened["event_at"]).merge(each, on="entity")
    rows = pd.concat([known, made], ignore_index=True)
    rows = rows.assign(**{name: rows[name].fillna("") for name in ("sort", "length")}).drop(columns="after")
    rows = rows.assign(entity=rows["entity"].fillna("sky"))
    return events(rows.to_dict("records")).astype({"by": "datetime64[us]"})


def beginning() -> tuple[Snapshot, xr.Dataset, pd.DataFrame, pd.DataFrame]:
    """Know of all processes, none of which has begun: each is to be announced, at noon of its day."""
    each, known = context()
    yesterday = pd.Timestamp(START) - pd.Timedelta(days=1)
    planned = each.assign(kind="planned", event_at=yesterday)[["entity", "kind", "event_at"]]
    nothing = snapshot(record(each, known, planned), START)
    data = stages.panel(nothing, SPEC)
    assert data["process"].to_numpy().tolist() == each["entity"].tolist()
    after = each["after"].to_numpy() + 0.5
    data = data.assign(days=("process", np.zeros(BRIDGES)), opens=("process", after))
    return nothing, data, each, known


def truths(number: int) -> xr.Dataset:
    return inference.from_prior(stages.sampled(beginning()[1], SPEC), number, SEED)["posterior"].to_dataset()


def worlds(truth: xr.Dataset, making: xr.Dataset | None = None) -> list[World]:
    """Let processes go their ways once for each draw of parameters."""
    nothing, data, each, known = beginning()
    number = truth.sizes["draw"]
    tree = xr.DataTree.from_dict({"posterior": truth if making is None else making})
    sizes, rng = Sizes(number, number), np.random.default_rng(SEED)
    futures = stages.simulate(tree, data, SPEC, Prospect(nothing, WHEN + AHEAD, sizes), rng).events
    made = pd.concat([frame.assign(kind=kind) for kind, frame in futures.items()]).astype({"entity": str})
    planned = each.assign(kind="planned", event_at=pd.Timestamp(START) + pd.to_timedelta(each["after"], "D"))
    rows = [pd.concat([planned, made[(made["draw"] == draw).to_numpy()]]) for draw in range(number)]
    return [
        (truth.isel(draw=[draw]), record(each, known, of[["entity", "kind", "event_at"]]))
        for draw, of in enumerate(rows)
    ]


def ranks(world: World, seed: int) -> dict[str, float]:
    """Rank parameters, the likelihood of the record, and what comes next, among draws."""
    truth, frame = world
    rng, known, until, sizes = np.random.default_rng(seed), snapshot(frame, WHEN), WHEN + AHEAD, Sizes(KEPT, KEPT)
    data = stages.panel(known, SPEC)
    tree = stages.posterior(data, SPEC, seed)
    at = frame["event_at"]
    later = (at >= pd.Timestamp(WHEN)) & (at < pd.Timestamp(until)) & frame["kind"].isin(SPEC.kinds)
    futures = pd.concat(stages.simulate(tree, data, SPEC, Prospect(known, until, sizes), rng).events.values())
    true = _quantities(xr.DataTree.from_dict({"posterior": truth}), data, 1) | _moving(frame[later].assign(draw=0), 1)
    guessed = _quantities(tree, data, KEPT) | _moving(futures, KEPT)
    return {name: rank(guessed[name], true[name], rng) for name in true}


def _quantities(tree: xr.DataTree, data: xr.Dataset, draws: int) -> Drawn:
    """Name every parameter of the rates, some log rates, and the log likelihood of the record, draw by draw."""
    drawn = inference.thinned(tree, stage_rates.DRAWN, Sizes(draws, draws))
    flat = {
        f"{name}{list(place) or ''}": drawn[name][:, *place]
        for name in (*stages.PRIORS, "trait", "effect")
        for place in np.ndindex(drawn[name].shape[1:])
    }
    whole = stage_rates.rates(drawn, FOUND)
    seen = {name: whole.table[:, *place] for name, place in SEEN.items()}
    happened, years = data["happened"].to_numpy(), data["exposure"].to_numpy()
    each = (stage_rates.rates({name: values[[draw]] for name, values in drawn.items()}, FOUND) for draw in range(draws))
    log = np.stack([log_rates(one, data) for one in each])
    return flat | seen | {"log likelihood": (happened * log - years * np.exp(log)).sum(axis=(1, 2))}


def _moving(frame: pd.DataFrame, draws: int) -> Drawn:
    """Count the processes that move within the time ahead, and of them those that do soon: wherever it leads."""
    soon = (frame["event_at"] < pd.Timestamp(WHEN + AHEAD / 4)).to_numpy()
    return {
        name: np.bincount(some.drop_duplicates(["draw", "entity"])["draw"], minlength=draws).astype(float)
        for name, some in (("processes that move", frame), ("processes that move soon", frame[soon]))
    }


def ranked(found: list[World]) -> Drawn:
    return together([ranks(world, seed) for seed, world in enumerate(found)])


@pytest.fixture(scope="module")
def many() -> Drawn:
    with pytest.MonkeyPatch.context() as patch:
        open_gate(patch)
        return ranked(worlds(truths(MANY)))


@pytest.mark.slow
def test_ranks_are_uniform(many: Drawn) -> None:
    p, name = worst(many)
    print(f"stages: adjusted p {p:.3g}, of {name}")
    assert p > ALARM, name


def test_intervals_hold_the_truth_nine_times_in_ten(many: Drawn) -> None:
    """Truths of the prior: no quantity less often than chance allows, all together neither less nor more.

    What a world says of one parameter is not independent of what it says of another, but worlds are independent.
    """
    held = {name: np.abs(of - 0.5) < 0.45 for name, of in many.items()}
    of_world = np.mean(list(held.values()), axis=0)
    print(f"held {of_world.mean():.3f}, least", *min((int(some.sum()), name) for name, some in held.items()))
    assert not [name for name, some in held.items() if some.sum() < binom.ppf(ALARM / len(held), MANY, 0.9)]
    error = of_world.std(ddof=1) / np.sqrt(MANY)
    assert abs(of_world.mean() - 0.9) < t.ppf(1 - ALARM / 2, MANY - 1) * error


@pytest.mark.slow
@pytest.mark.parametrize("nature", NATURES)
def test_more_of_it_than_the_truth_says_is_found_out(nature: str) -> None:
    truth = truths(ENOUGH)
    p, name = worst(ranked(worlds(truth, NATURES[nature](truth))))
    print(f"{nature}: adjusted p {p:.3g}, of {name}")
    assert p < ALARM


def test_a_likelihood_that_forgets_days_without_an_event_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    panel = stages.panel

    def forgetful(*known: object) -> xr.Dataset:
        data = panel(*known)  # type: ignore[arg-type]
        return data.assign(exposure=data["exposure"].where(data["happened"].sum("cause") > 0, 0))

    found = worlds(truths(ENOUGH))
    monkeypatch.setattr(stages, "panel", forgetful)
    p, name = worst(ranked(found))
    print(f"forgetful: adjusted p {p:.3g}, of {name}")
    assert p < ALARM


def test_a_likelihood_that_takes_a_structural_zero_for_a_failure_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Foot bridges never halt, for nobody records it: counted at risk, they would pull down what is common to all."""
    panel = stages.panel

    def gullible(*known: object) -> xr.Dataset:
        data = panel(*known)  # type: ignore[arg-type]
        years = data["exposure"].to_numpy().copy()
        foot = data["kind_of"].to_numpy() == 2
        years[foot, 2] = years[foot, 1]
        return data.assign(exposure=(("cell", "cause"), years))

    found = worlds(truths(3 * ENOUGH))  # it takes more of them: rates of one cause are wrong, and of one kind
    monkeypatch.setattr(stages, "panel", gullible)
    p, name = worst(ranked(found))
    print(f"zeros: adjusted p {p:.3g}, of {name}")
    assert p < ALARM
