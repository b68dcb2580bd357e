"""Processes to come: first passages as in the formula, nothing that cannot be, and no answer moved by a later one.

Seeds are fixed. Shares of futures are compared with the exact probability; a right simulation would fail one such
comparison in some hundred thousand (4.5 Monte Carlo errors, 7e-6).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from numpy.typing import NDArray

from forecast import spec
from forecast.archive import Archive
from forecast.events import Futures, Snapshot
from forecast.inference import Sizes
from forecast.models import exposure, ladder
from forecast.models.climbing import Rates, simulated
from forecast.models.exposure import YEAR
from forecast.models.ladder import CAUSES, WINDOWS, Ladder
from forecast.prospect import Prospect
from forecast.rules import Rule
from forecast.spec import Covariate, Prior, Spec
from tests.test_spells import HALTED, LADDER, SPEC, STAGES, TODAY, Row, bridge, on, promised
from tests.worlds import events, snapshot

ROOT = Path(__file__).parents[1]
ERRORS = 4.5
DRAWS = 20_000
SIZES = Sizes(DRAWS, 1)
KINDS = {"ordinary": ["long"], "held up": ["short"]}
RAIN = Covariate("rain", Rule("count", {"kind": ("rain",)}), 60, Prior(0.5, 2.0))
Array = NDArray[np.float64]


def named(item: Spec) -> Ladder:
    return ladder.parse(dict(item.options), item.where)


def one_step(never: Sequence[str] = ("halted", "dropped", "lapsed")) -> Spec:
    """Know one kind, of which nothing is recorded but that it is planned and opened, and what is not in `never`."""
    return only(("funded", "built", *never))


def only(never: Sequence[str]) -> Spec:
    """Know one kind only."""
    kind = {"name": "road", "where": {"sort": ["road"]}, "never": list(never)}
    return replace(SPEC, options={**SPEC.options, "kinds": [kind]})


def rates(found: Ladder, of: Sequence[float], item: Spec = SPEC, **parts: Any) -> Rates:
    """Let rates a year be the same in every state and of every kind, but for what is said of their parts."""
    states, kinds, traits = len(found.states), len(found.kinds), len(found.traits)
    table = np.zeros((1, len(CAUSES), states, kinds)) + np.log(of)[:, None, None]
    whole = Rates(
        table=table,
        slope=np.ones((1, states, kinds)),
        log_age=np.zeros(len(found.cuts) + 1),
        by_window=np.zeros((1, len(CAUSES), len(WINDOWS))),
        by_trait=np.zeros((1, len(CAUSES), traits)),
        effect=np.zeros((1, len(item.covariates))),
    )
    return replace(whole, **parts)


def climb(
    rows: list[Row],
    days: int,
    item: Spec,
    of: Sequence[float],
    seed: int = 1,
    sizes: Sizes = SIZES,
    today: int = TODAY,
    **parts: Any,
) -> Futures:
    """Simulate what was known on a day, some days ahead."""
    found, known = named(item), snapshot(events(rows), on(today))
    data = exposure.panel(known, item, found)
    return simulated(
        rates(found, of, item, **parts),
        data,
        item,
        found,
        Prospect(known, on(today + days), sizes),
        np.random.default_rng(seed),
    )


def share(found: Futures, kind: str, days: int, today: int = TODAY) -> float:
    """Tell the share of futures in which something happens within some days."""
    frame = found.events[kind]
    soon = (frame["event_at"] < pd.Timestamp(on(today + days))).to_numpy()
    return frame["draw"][soon].nunique() / found.draws


def agrees(seen: float, exact: float, draws: int = DRAWS) -> bool:
    return bool(abs(seen - exact) < ERRORS * np.sqrt(exact * (1 - exact) / draws))


def passed(hazard: float) -> float:
    """Give the probability of something whose rate adds up to this."""
    return float(1 - np.exp(-hazard))


def told(found: Futures) -> pd.DataFrame:
    """Put all events together, path by path in the order in which they happen."""
    frame = pd.concat([frame.assign(kind=kind) for kind, frame in found.events.items()])
    order = {kind: place for place, kind in enumerate(LADDER.codes)}
    frame["code"] = frame["kind"].map(order)
    return frame.sort_values(["entity", "draw", "event_at"], kind="stable").reset_index(drop=True)


def test_at_a_constant_rate_the_first_passage_is_exponential() -> None:
    found = climb(bridge(("planned", 0)), 900, one_step(), (0.8, 1, 1))
    for days in (1, 30, 365, 900):
        assert agrees(share(found, "opened", days), passed(0.8 * days / YEAR))
    assert not sum(len(found.events[kind]) for kind in found.events if kind != "opened")


def test_causes_compete() -> None:
    """Which comes first is as the rates are to each other, and when, as their sum says."""
    item, of, days = one_step(never=("dropped",)), (0.8, 0.5, 0.3), 400
    paths = told(climb(bridge(("planned", 0)), days, item, of))
    first = paths.drop_duplicates("draw")["kind"].value_counts() / DRAWS
    for kind, rate in zip(("opened", "lapsed", HALTED), of, strict=True):
        assert agrees(float(first[kind]), rate / sum(of) * passed(sum(of) * days / YEAR))


def test_what_halts_goes_on_from_its_stage_or_ends_and_does_not_halt_again() -> None:
    """Halted for 10 days on the as-of day, it has rates of its own."""
    days = 400
    table = np.log(np.array([0.8, 0.5, 0.3]))[None, :, None, None] + np.zeros((1, 1, len(LADDER.states), 1))
    table[..., len(STAGES), :] = np.log([[[0.4], [1.5], [9.0]]])
    rows = bridge(("planned", 0), (HALTED, TODAY - 10))
    found = climb(rows, days, one_step(never=("dropped",)), (1, 1, 1), table=table)
    assert not len(found.events[HALTED])
    for kind, rate in (("opened", 0.4), ("lapsed", 1.5)):
        assert agrees(share(found, kind, days), rate / 1.9 * passed(1.9 * days / YEAR))


def test_what_reaches_a_stage_out_of_a_halt_has_the_rates_of_the_stage() -> None:
    """Halted it can but advance, and on the stage only halt again."""
    item, days = only(never=("funded", "opened", "dropped", "lapsed")), 500
    table = np.log(np.full((1, 3, len(LADDER.states), 1), 1e-9))
    table[0, 0, len(STAGES)], table[0, 2, STAGES.index("built")] = np.log(1.5), np.log(0.7)
    found = climb(bridge(("planned", 0), (HALTED, TODAY - 10)), days, item, (1, 1, 1), table=table)
    years = days / YEAR
    assert agrees(share(found, "built", days), passed(1.5 * years))
    both = 1 - (1.5 * np.exp(-0.7 * years) - 0.7 * np.exp(-1.5 * years)) / (1.5 - 0.7)  # one wait after the other
    assert agrees(share(found, HALTED, days), both)


def test_traits_and_covariates_are_factors_on_rates() -> None:
    """Rain of day 75, three times and known beforehand, is in the window of one step, days 100 to 150: it reads 2."""
    item = replace(one_step(never=("dropped",)), covariates=(RAIN,), step=50)
    by_trait = np.log([[[2.0], [0.5], [1.0]]])
    rain = [{"kind": "rain", "event_at": on(TODAY + 75), "known_at": on(TODAY - 9)} for _ in range(3)]
    rows = [*bridge(("planned", 0), length="long"), *rain]
    found = climb(rows, 300, item, (0.4, 0.6, 1e-9), by_trait=by_trait, effect=np.log([[1.5]]))
    left, opened, lapsed, lapse = 1.0, 0.0, 0.0, 0.6 * 0.5
    for days, advance in ((100, 0.4 * 2), (50, 0.4 * 2 * 1.5**2), (150, 0.4 * 2)):
        ends = left * passed((advance + lapse) * days / YEAR)
        opened, lapsed = opened + ends * advance / (advance + lapse), lapsed + ends * lapse / (advance + lapse)
        left -= ends
    assert agrees(share(found, "opened", 300), opened)
    assert agrees(share(found, "lapsed", 300), lapsed)


@pytest.mark.parametrize("stood", [1, 100, 390])
def test_a_rate_that_changes_with_time_on_a_stage_adds_up(stood: int) -> None:
    """Cut on days 30, 90 and 365, from wherever the process stands."""
    factors = np.array([4.0, 1.0, 0.25, 2.0])
    rows = bridge(("planned", TODAY - stood))
    found = climb(rows, 700, one_step(), (0.5, 1, 1), log_age=np.log(factors))
    edges = np.array([0, 30, 90, 365, 10_000])
    for days in (10, 60, 250, 700):
        spent = np.diff(np.clip(edges, stood, stood + days))
        assert agrees(share(found, "opened", days), passed(0.5 * factors @ spent / YEAR))


def test_a_rate_that_changes_with_a_deadline_adds_up() -> None:
    """Due in 100 days: far for 40 more, near until 14 days after it, then passed; without one, nothing changes."""
    by_window = np.log([[[1.0, 0.5, 6.0, 2.0], [1.0] * 4, [1.0] * 4]])
    rows = bridge(("planned", 0))
    found = climb([*rows, *promised(TODAY + 100, 50)], 300, one_step(), (0.5, 1, 1), by_window=by_window)
    edges = np.array([0, 40, 115, 10_000])
    for days in (30, 40, 80, 115, 300):
        spent = np.diff(np.clip(edges, 0, days))
        assert agrees(share(found, "opened", days), passed(0.5 * np.array([0.5, 6, 2]) @ spent / YEAR))
    without = climb(rows, 300, one_step(), (0.5, 1, 1), by_window=by_window)
    assert agrees(share(without, "opened", 300), passed(0.5 * 300 / YEAR))


def test_time_on_a_stage_begins_anew_with_it() -> None:
    """Nothing happens in the first 30 days on a stage: not on the first, and not on the second."""
    item, rate = only(never=("funded", "halted", "dropped", "lapsed")), 2.0
    found = climb(bridge(("planned", TODAY - 1)), 400, item, (rate, 1, 1), log_age=np.log([1e-9, 1, 1, 1]))
    at = told(found).pivot(index="draw", columns="kind", values="event_at")
    assert agrees(len(at) / DRAWS, passed(rate * (400 - 29) / YEAR))
    built = at["built"].notna()
    assert ((at["opened"] - at["built"])[built].dropna() >= pd.Timedelta(days=30)).all()
    left = (pd.Timestamp(on(TODAY + 400)) - at["built"][built]).dt.days.to_numpy() - 0.5  # built at some hour of a day
    exact = 1 - np.exp(-rate * np.clip(left - 30, 0, None) / YEAR)
    off = at["opened"][built].notna().sum() - exact.sum()
    assert abs(off) < ERRORS * np.sqrt((exact * (1 - exact)).sum())


def test_what_is_known_to_come_later_has_no_event_before() -> None:
    rows = bridge(("planned", 0), ("funded", TODAY + 90, TODAY - 20))
    item = replace(SPEC, options={**SPEC.options, "cuts": [30, 90, 365]})
    found = told(climb(rows, 365, item, (3, 1, 1)))
    later = (found["event_at"] - pd.Timestamp(on(TODAY))).dt.days
    assert later.min() == 90
    first = found.drop_duplicates("draw")
    assert agrees(len(first) / DRAWS, passed(5 * (365 - 90) / YEAR))
    assert not len(climb(rows, 90, item, (3, 1, 1)).events["built"])


def test_where_no_process_is_open_nothing_happens() -> None:
    found = climb(bridge(("planned", 0), ("dropped", 9)), 100, SPEC, (1, 1, 1))
    assert list(found.events) == list(SPEC.kinds)
    assert not any(map(len, found.events.values()))


def test_shares_of_where_it_leads_are_those_of_the_record_and_of_all_kinds() -> None:
    """Mean of the Dirichlet: what the kind had, and two events' worth of what is common to all."""
    led = {"road": {"funded": 6, "built": 2}, "rail": {"funded": 3, "built": 9}}
    rows = [
        row
        for sort, to in led.items()
        for kind, times in to.items()
        for number in range(times)
        for row in bridge(("planned", 0), (kind, 50), ("dropped", 60), name=f"{sort} {kind} {number}", sort=sort)
    ]
    rows += [row for sort in ("road", "rail", "foot") for row in bridge(("planned", 300), name=sort, sort=sort)]
    draws = 6000
    paths = told(climb(rows, 4000, SPEC, (9, 1e-9, 1e-9), sizes=Sizes(draws, draws), **of_draws(9, draws)))
    first = paths.drop_duplicates(["entity", "draw"]).groupby(["entity", "kind"], observed=True).size().to_dict()
    common = np.array([9, 11, 0]) + 1 / 3  # one event more, spread evenly
    for sort, mine, can in (
        ("road", [6, 2, 0], [1, 1, 1]),
        ("rail", [3, 9, 0], [1, 1, 0]),
        ("foot", [0, 0, 0], [0, 1, 0]),
    ):
        centre = common * can / (common @ np.array(can))
        exact = (mine + 2 * centre) / (np.sum(mine) + 2)
        for kind, probability in zip(STAGES[1:], exact, strict=True):
            seen = first.get((sort, kind), 0) / draws
            assert agrees(seen, probability, draws) if 0 < probability < 1 else seen == probability


def of_draws(advance: float, draws: int) -> dict[str, Any]:
    """Repeat rates for many posterior draws, each of which has shares of its own."""
    one = rates(LADDER, (advance, 1e-9, 1e-9))
    return {name: np.repeat(getattr(one, name), draws, axis=0) for name in vars(one) if name != "log_age"}


def many(item: Spec = SPEC, days: int = 1500, seed: int = 1, today: int = TODAY) -> Futures:
    """Let bridges of all kinds go on from wherever they stand."""
    rows = [
        row
        for sort in ("road", "rail", "foot")
        for kind in ("planned", "built")
        for row in bridge((kind, 100), name=f"{sort}, {kind}", sort=sort)
    ]
    rows += bridge(("planned", 0), ("funded", 50), (HALTED, 390), name="halted")
    rows += bridge(("planned", 0), ("built", 430, 300), name="to come")
    rows += promised(500, 60, name="halted")
    return climb(rows, days, item, (1.2, 0.3, 0.4), seed=seed, sizes=Sizes(400, 1))


def test_paths_climb_and_nothing_happens_to_them_after_an_end() -> None:
    paths = told(many())
    assert set(paths["kind"]) == set(LADDER.codes) - {"planned"}
    path = [paths["entity"].astype(str), paths["draw"]]
    climbed = paths[paths["kind"].isin(STAGES)]
    steps = climbed["code"].groupby([of[climbed.index] for of in path]).diff().dropna()
    assert (steps > 0).all()
    ends = paths["kind"].isin(["opened", *LADDER.exits])
    assert ends.groupby(path).sum().max() == 1
    assert (paths["event_at"] == paths["event_at"].groupby(path).transform("max"))[ends].all()


def test_what_a_kind_never_has_and_what_lies_above_its_top_does_not_happen() -> None:
    paths = told(many())
    sort = paths["entity"].astype(str).str.split(",").str[0]
    assert set(paths["kind"][sort == "foot"]) == {"built", "dropped"}
    assert set(paths["kind"][sort == "rail"]) == {"funded", "built", "halted", "dropped", "lapsed"}


def test_a_longer_horizon_changes_nothing_nearer() -> None:
    for days in (1, 182, 183, 700):
        near, far = many(days=days), many(days=1500)
        for kind, frame in near.events.items():
            kept = far.events[kind]
            kept = kept[(kept["event_at"] < pd.Timestamp(on(TODAY + days))).to_numpy()]
            pd.testing.assert_frame_equal(frame.reset_index(drop=True), kept.reset_index(drop=True))


def test_a_seed_repeats_and_another_differs() -> None:
    first, again, other = many(seed=1), many(seed=1), many(seed=2)
    for kind, frame in first.events.items():
        pd.testing.assert_frame_equal(frame, again.events[kind])
    assert not told(first).equals(told(other))


def test_every_future_reads_its_own_posterior_draw() -> None:
    """Two posterior draws, of which one never moves: nothing happens in futures of the other."""
    table = np.log(np.array([2.0, 1.0, 1.0]))[None, :, None, None] + np.zeros((2, 3, len(LADDER.states), 3))
    table[1] = -np.inf
    parts = {**of_draws(1, 2), "table": table}
    paths = told(climb(bridge(("planned", 0)), 3000, SPEC, (1, 1, 1), sizes=Sizes(100, 2), **parts))
    assert set(paths["draw"]) == set(range(0, 100, 2))


REAL = spec.parse((ROOT / "models" / "mechanisms.toml").read_text(encoding="utf-8"), "models/mechanisms.toml")


@pytest.fixture(scope="module")
def real() -> tuple[xr.Dataset, Snapshot, Futures]:
    """Let everything happen fast to all mechanisms on record, as of a day on which some are scheduled."""
    known = Archive(ROOT / "data").as_of(date(2023, 2, 20), ["attacks", "context", "mechanisms"])
    found = named(REAL)
    data = exposure.panel(known, REAL, found)
    until, rng = known.as_of + timedelta(days=3650), np.random.default_rng(1)
    of = rates(found, (2, 0.2, 0.3), REAL)
    return data, known, simulated(of, data, REAL, found, Prospect(known, until, Sizes(100, 1)), rng)


def test_a_simulated_treaty_never_exceeds_what_treaties_record(real: tuple[xr.Dataset, Snapshot, Futures]) -> None:
    """Nor a sanctions package its adoption: not one such event in all futures."""
    data, _, futures = real
    names = np.array([kind.name for kind in named(REAL).kinds])[data["kind_at"].to_numpy()]
    of = dict(zip(data["process"].to_numpy(), names, strict=True))
    happened = {
        kind: frame["entity"].astype(str).map(of).value_counts().to_dict() for kind, frame in futures.events.items()
    }
    assert {kind for kind, by in happened.items() if "treaty" in by} == {"operational", "expired"}
    packages = {kind for kind, by in happened.items() if "sanctions package" in by}
    up_to_adoption = {"agreed_politically", "signed", "legally_established"}
    assert "legally_established" in packages <= up_to_adoption | {"suspended", *named(REAL).exits}
    assert sum(happened["first_use"].values()) > 100
    assert sum(happened["goal_met"].values()) > 100


def test_a_mechanism_begins_where_it_stands(real: tuple[xr.Dataset, Snapshot, Futures]) -> None:
    """No event of a stage that it has reached already, none on the day before the as-of day, and all can move."""
    data, known, futures = real
    stages = named(REAL).stages
    level = dict(zip(data["process"].to_numpy(), data["level"].to_numpy(), strict=True))
    for place, stage in enumerate(stages):
        frame = futures.events[stage]
        assert (frame["entity"].astype(str).map(level) < place).all()
        assert (frame["event_at"] >= pd.Timestamp(known.as_of)).all()
    moved = set().union(*(frame["entity"].astype(str) for frame in futures.events.values()))
    assert moved == set(data["process"].to_numpy())
