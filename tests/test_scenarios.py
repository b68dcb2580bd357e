"""Seeing and doing, in worlds whose truth is known: what is kept teaches about causes, what is put in only acts.

Seeds are fixed. Shares and means are compared within 4.5 Monte Carlo errors (false alarm 7e-6 each).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from numpy.typing import NDArray

from forecast import phrases, scenarios, spec, world
from forecast.errors import UsageError
from forecast.events import Futures, Snapshot
from forecast.inference import Sizes
from forecast.models import cells
from forecast.phrases import Given
from forecast.scenarios import FLOOR, Comparison, Scenario, Worlds, compare
from forecast.spec import Prior, Spec
from forecast.suppose import Supposed
from tests.models.test_counts import made_posterior
from tests.test_constant_hazards import STAGED
from tests.test_spells import bridge
from tests.worlds import AS_OF, attacks, counts_spec, events, snapshot

ERRORS = 4.5
SIZES = Sizes(8000, 400)
STRIKES = counts_spec()
EXACT = replace(
    STRIKES,
    family="discounted",
    priors={"background": Prior(0.03, 5.0)},
    covariates=(),
    options={**STRIKES.options, "half_life": 90, "strength": 90},
)
CELLS = len(cells.layout(cells.options(STRIKES)).cells)
RATES = (0.2, 1.5)  # strikes expected in ten days, by the two members of a pool that does not know which is right
POOL = replace(EXACT, family="pool", members=(replace(EXACT, name="strikes.low"), replace(EXACT, name="strikes.high")))
REPLAY = spec.parse(
    'title = "X"\nname = "talks"\nfamily = "climatology"\nsince = 2018-01-01\nwritten = 2020-01-01\n'
    'target = { kind = "talk" }\n[options]\nof = "events"\n',
    "models/talks.toml",
)
BRIDGES = spec.parse(STAGED, "models/bridges.toml")
EARLY, LATE = "strike in 10 days", "strike from 2020-01-11 to 2020-01-20"
STRIKE = Supposed("strike", date(2020, 1, 4), "north", columns={"who": "red", "what": "road"})


def before(days: int) -> date:
    return AS_OF - timedelta(days=days)


def record(*talks: int, strikes: pd.DataFrame | None = None) -> Snapshot:
    """Strikes, and talks so many days ago."""
    rows = events([{"kind": "talk", "event_at": before(days), "known_at": before(days)} for days in talks])
    frames = [attacks(seed=2) if strikes is None else strikes, rows.assign(record=lambda of: "talk" + of["record"])]
    return snapshot(pd.concat(frames))


KNOWN = record(900, 800, 790, 400, 390, 380, 150, 20)


def constant(rate: float) -> xr.DataTree:
    """A posterior that is sure of so many strikes in ten days, in all cells together."""
    yearly = np.full((1, SIZES.parameters, CELLS), rate / CELLS * 365.25 / STRIKES.step)
    return xr.DataTree.from_dict({"posterior": xr.Dataset({"rate": (("chain", "draw", "cell"), yearly)})})


def counted(effect: float = 1.0, feedback: float = 0.6, nu: float | None = None) -> xr.DataTree:
    """A posterior of `counts` that is sure of the effect of one talk, of feedback and of background rates."""
    told = made_posterior(feedback=0.5)["posterior"].to_dataset()
    logit = float(np.log(feedback / (1 - feedback))) if feedback else -700.0
    values = {"effect_of": np.log(effect), "logit_of": logit} | ({} if nu is None else {"nu": nu})
    return xr.DataTree.from_dict(
        {"posterior": told.assign({name: xr.full_like(told[name], of) for name, of in values.items()})}
    )


def worlds(specs: Sequence[Spec], known: Snapshot, trees: dict[str, xr.DataTree], sizes: Sizes = SIZES) -> Worlds:
    """Fit models; those that are named have the posterior that is told."""

    def fitter(page: Any, panel: xr.Dataset, item: Spec, seed: int) -> xr.DataTree:
        return trees[item.name] if item.name in trees else page.posterior(panel, item, seed)

    return Worlds(specs, world.fit(specs, known, fitter), known, sizes)


def hidden(sizes: Sizes = SIZES, rates: tuple[float, float] = RATES) -> Worlds:
    """Nothing of the record tells which member is right."""
    trees = {part.name: constant(rate) for part, rate in zip(POOL.parts, rates, strict=True)}
    return worlds([POOL], KNOWN, trees, sizes)


def feeding(known: Snapshot, specs: Sequence[Spec] = (STRIKES,), **truth: float) -> Worlds:
    return worlds(specs, known, {"strikes": counted(**truth)}, Sizes(4000, 50))


def asks(*lines: str, given: Sequence[str] = (), put: Sequence[Supposed] = (), **options: Any) -> Scenario:
    questions = tuple(phrases.question(line, AS_OF) for line in lines)
    conditions = tuple(phrases.given(line, AS_OF, ()) for line in given)
    return Scenario("s", "S", questions, given=conditions, put=tuple(put), **options)


def frames(here: Worlds, days: int = 60, *kinds: str, lot: int = 0) -> Futures:
    return here.futures(dict.fromkeys(kinds or ("strike",), AS_OF + timedelta(days=days)), lot)


def same(one: Futures, other: Futures) -> bool:
    assert one.events.keys() == other.events.keys()
    return all(
        one.events[kind].reset_index(drop=True).equals(of.reset_index(drop=True)) for kind, of in other.events.items()
    )


def by_bin(found: Futures, bins: int) -> NDArray[np.float64]:
    """Count strikes by future and bin of ten days."""
    frame = found.events["strike"]
    at = (frame["event_at"] - pd.Timestamp(AS_OF)).dt.days.to_numpy() // STRIKES.step
    counts = np.zeros((found.draws, bins))
    np.add.at(counts, (frame["draw"].to_numpy()[at < bins], at[at < bins]), 1)
    return counts


def some(rate: float) -> float:
    return float(1 - np.exp(-rate))


@pytest.fixture(scope="module")
def pool() -> Worlds:
    return hidden()


@pytest.fixture(scope="module")
def mixed() -> Worlds:
    """Strikes that feed on themselves and on talks, which are replayed."""
    return feeding(KNOWN, (STRIKES, REPLAY), effect=1.5)


def seen(found: Comparison) -> scenarios.Contrast:
    (contrast,) = found.contrasts
    return contrast


def test_what_is_seen_tells_which_cause_is_at_work_and_what_is_done_does_not(pool: Worlds) -> None:
    """A strike early says that the busier member is right: P(late | early) = sum q^2 / sum q, of q = 1 - exp(-rate)."""
    q = np.array([some(rate) for rate in RATES])
    given = seen(compare(asks(LATE, given=[EARLY]), pool))
    n = SIZES.draws
    for found, truth, number in (
        (given.base, q.mean(), n),
        (given.probability, (q**2).sum() / q.sum(), n * q.mean()),
        (given.joint, (q**2).mean(), n),
    ):
        assert found is not None
        assert abs(found - truth) < ERRORS * np.sqrt(truth * (1 - truth) / number)
    low, high = given.difference_interval
    assert low < (q**2).sum() / q.sum() - q.mean() < high
    assert given.difference > 0.1

    done = seen(compare(asks(LATE, put=[STRIKE]), pool))
    assert (done.probability, done.interval) == (done.base, done.base_interval) == (given.base, given.base_interval)
    assert (done.difference, done.difference_interval, done.joint) == (0, (0, 0), None)


def test_what_is_denied_tells_as_much_the_other_way(pool: Worlds) -> None:
    q = np.array([some(rate) for rate in RATES])
    found = seen(compare(asks(LATE, given=[f"not {EARLY}"]), pool))
    truth = (q * (1 - q)).sum() / (1 - q).sum()
    assert abs(found.probability - truth) < ERRORS * np.sqrt(truth * (1 - truth) / (SIZES.draws * (1 - q).mean()))
    assert found.difference < -0.1


def test_what_is_supposed_has_happened_in_every_future(pool: Worlds) -> None:
    found = compare(asks(EARLY, "strike >= 2 in 10 days", put=[STRIKE]), pool)
    once, twice = found.contrasts
    assert once.probability == 1 - 0.5 / (SIZES.draws + 1)
    assert twice.probability == once.base  # one more than there would have been
    assert (found.condition, found.kept, found.draws) == (1.0, SIZES.draws, SIZES.draws)
    assert once.joint is None


def test_conditions_are_read_where_things_are_supposed(pool: Worlds) -> None:
    two = compare(asks(LATE, given=["strike >= 2 in 10 days"], put=[STRIKE]), pool)
    one = compare(asks(LATE, given=[EARLY]), pool)
    assert (two.kept, two.condition, seen(two).joint) == (one.kept, one.condition, seen(one).joint)


# Questions and conditions; under the last two the worth of a replayed record is that of the same windows.
LINES = [
    ("pool", LATE, EARLY),
    ("pool", "strike >= 3 in 20 days", "strike who=blue in 30 days"),
    ("pool", EARLY, EARLY),
    ("mixed", "strike >= 30 in 60 days", "strike >= 3 in 10 days"),
    ("mixed", "talk in 60 days", "talk >= 2 in 60 days"),
    ("mixed", "talk,strike >= 20 in 60 days", "talk in 60 days"),
]
BOTH = pytest.mark.parametrize(("of", "asked", "condition"), LINES)


@BOTH
def test_both_are_as_probable_as_one_given_the_other_times_the_other(
    of: str, asked: str, condition: str, request: pytest.FixtureRequest
) -> None:
    here: Worlds = request.getfixturevalue(of)
    for given in ([condition], [f"not {condition}"]):
        found = compare(asks(asked, given=given), here)
        assert seen(found).joint == pytest.approx(seen(found).probability * found.condition, abs=1e-12)


@pytest.mark.parametrize("condition", ["talk in 10 days", "strike >= 3 in 10 days"])
def test_both_are_never_more_probable_than_the_condition_whatever_windows_stand_behind_it(
    mixed: Worlds, condition: str
) -> None:
    """Few windows of sixty days stand behind the answer; many of ten days, or thousands of futures, behind this."""
    found = compare(asks("talk in 60 days", given=[condition]), mixed)
    assert seen(found).joint == pytest.approx(seen(found).probability * found.condition, abs=1e-12)
    assert found.condition == seen(compare(asks(condition), mixed)).probability


@BOTH
def test_branches_add_up_to_the_world_as_it_is(
    of: str, asked: str, condition: str, request: pytest.FixtureRequest
) -> None:
    here: Worlds = request.getfixturevalue(of)
    scenario = asks(asked, given=[condition])
    yes, no = compare(scenario, here), compare(asks(asked, given=[f"not {condition}"]), here)
    if condition == asked:  # nothing is said of a question that its condition settles against
        assert seen(yes).probability > 1 - 1 / SIZES.draws
    assert yes.kept + no.kept == yes.draws
    assert yes.condition + no.condition == pytest.approx(1, abs=1e-12)
    assert seen(yes).base == seen(no).base
    assert (seen(yes).joint or 0) + (seen(no).joint or 0) == pytest.approx(seen(yes).base, abs=1e-12)
    weighed = sum(seen(one).probability * one.condition for one in (yes, no))
    assert weighed == pytest.approx(seen(yes).base, abs=1e-12)


@BOTH
def test_a_condition_is_as_probable_as_the_same_question(
    of: str, asked: str, condition: str, request: pytest.FixtureRequest
) -> None:
    here: Worlds = request.getfixturevalue(of)
    assert compare(asks(asked, given=[condition]), here).condition == seen(compare(asks(condition), here)).probability


def test_several_conditions_hold_at_once_and_in_any_order(pool: Worlds) -> None:
    lines = [EARLY, "not strike who=blue in 30 days", "strike >= 2 in 30 days"]
    found = compare(asks(LATE, given=lines), pool)
    assert replace(found, scenario=None) == replace(compare(asks(LATE, given=lines[::-1]), pool), scenario=None)
    first, second = (phrases.question(line, AS_OF) for line in ("strike >= 2 in 30 days", "strike who=red in 30 days"))
    joint = Given(replace(first, also=second.rules), True, "")
    apart = compare(asks(LATE, given=["strike >= 2 in 30 days", "strike who=red in 30 days"]), pool)
    assert compare(Scenario("s", "S", apart.scenario.questions, given=(joint,)), pool).kept == apart.kept


def test_without_a_condition_or_supposition_a_scenario_is_the_world_as_it_is(mixed: Worlds) -> None:
    for one in compare(asks("strike >= 9 in 60 days", "talk in 60 days"), mixed).contrasts:
        assert (one.probability, one.interval) == (one.base, one.base_interval)
        assert (one.difference, one.difference_interval, one.joint) == (0, (0, 0), None)


def bridged(*scheduled: str) -> Snapshot:
    """Bridges of which one has been built, and one is known to be built in March, if that is said."""
    rows = [*bridge(("planned", 0)), *bridge(("planned", 0), name="beam")]
    rows += [*bridge(("planned", 9), ("built", 700), name="old"), *bridge(("planned", 9), ("dropped", 900), name="no")]
    soon = [{**bridge(("built", 0), name=name)[0], "event_at": date(2020, 3, 1)} for name in scheduled]
    return snapshot(events([*rows, *({**row, "known_at": date(2019, 11, 1)} for row in soon)]))


def stages(known: Snapshot) -> Worlds:
    return worlds([BRIDGES], known, {}, Sizes(4000, 500))


@pytest.mark.parametrize("of", ["pool", "mixed", "bridges"])
def test_supposing_nothing_changes_no_byte(of: str, request: pytest.FixtureRequest) -> None:
    here, kinds = (
        (stages(bridged("beam")), ("built",)) if of == "bridges" else (request.getfixturevalue(of), ("strike",))
    )
    nothing = here.supposing(asks())
    assert nothing.snapshot.digest == here.snapshot.digest
    assert same(frames(nothing, 100, *kinds), frames(here, 100, *kinds))


def test_what_a_covariate_reads_changes_rates_by_the_factor_of_the_posterior() -> None:
    """A talk on the first day lies in the windows of six bins from the second on, whose mean, nu, is doubled."""
    here = feeding(record(900), effect=2.0, feedback=0.0)
    there = here.supposing(asks(put=[Supposed("talk", AS_OF)]))
    base, found = (by_bin(frames(one, 90), 9) for one in (here, there))
    nu = np.linspace(0.05, 0.3, CELLS)
    for bin_ in range(9):
        mu = 2 * nu if 1 <= bin_ <= 6 else nu
        error = np.sqrt((mu + mu**2 / 2).sum() / len(found))
        assert abs(found[:, bin_].mean() - mu.sum()) < ERRORS * error
        assert np.array_equal(found[:, bin_], base[:, bin_]) == (not 1 <= bin_ <= 6)


def test_three_in_the_window_are_the_square_of_one() -> None:
    here = feeding(record(900), effect=2.0, feedback=0.0)
    found = by_bin(frames(here.supposing(asks(put=[Supposed("talk", AS_OF)] * 3)), 20), 2)[:, 1]
    mu = 4 * np.linspace(0.05, 0.3, CELLS)
    assert abs(found.mean() - mu.sum()) < ERRORS * np.sqrt((mu + mu**2 / 2).sum() / len(found))


def test_an_effect_of_one_is_none() -> None:
    here = feeding(record(900), effect=1.0)
    assert same(frames(here.supposing(asks(put=[Supposed("talk", AS_OF)]))), frames(here))


def test_what_is_supposed_feeds_what_feeds_on_itself() -> None:
    """No background and no past: nothing happens by itself. A strike brings a sixth of the feedback by each memory.

    Own and front ones bring it on their front, that of its origin elsewhere there, that of all to both origins.
    """
    once = attacks(seed=2).iloc[:1].assign(event_at=pd.Timestamp(2010, 1, 1), known_at=pd.Timestamp(2010, 1, 1))
    here = feeding(record(900, strikes=once), nu=0.0, feedback=0.6)
    assert frames(here).events["strike"].empty
    found = by_bin(frames(here.supposing(asks(put=[STRIKE]))), 6)
    left = 1 - 2.0 ** (-STRIKES.step / np.array([15, 60]))
    mu = 0.6 / 6 * (2 * left.sum() + 3 * left[1])
    assert found[:, 0].sum() == 0
    assert abs(found[:, 1].mean() - mu) < ERRORS * np.sqrt((mu + mu**2 / 2) / len(found))
    assert (found[:, 2:].sum(axis=0) > 0).all()


def test_what_comes_before_a_supposed_event_is_as_it_was(mixed: Worlds) -> None:
    later = Supposed("strike", AS_OF + timedelta(days=33), "north", columns=STRIKE.columns)
    there = mixed.supposing(asks(put=[later, Supposed("talk", AS_OF + timedelta(days=35))]))
    base, found = (by_bin(frames(one, 90), 9) for one in (mixed, there))
    np.testing.assert_array_equal(found[:, :4], base[:, :4])
    assert (found[:, 4:] != base[:, 4:]).any(axis=0).all()


def test_a_stage_can_be_supposed_and_then_nothing_is_at_risk_any_more() -> None:
    here = stages(bridged())
    put = Supposed("built", date(2020, 3, 1), "beam")
    found = compare(asks("built entity=beam in 90 days", "dropped entity=beam in 3000 days", put=[put]), here)
    built, dropped = found.contrasts
    assert built.probability == 1 - 0.5 / 4001
    assert 0.001 < built.base < 0.5
    assert dropped.probability == 0.5 / 4001
    assert dropped.base > 0.1
    made = frames(here.supposing(found.scenario), 3000, "built").events["built"]
    assert set(made["entity"]) == {"arch"}


def test_a_stage_that_is_scheduled_can_be_taken_out() -> None:
    """Then the process goes on as if that had never been known."""
    here, never = stages(bridged("beam")), bridged()
    without = ({"kind": ("built",), "entity": ("beam",)},)
    built = seen(compare(asks("built entity=beam in 90 days", taken=without), here))
    assert built.base == 1 - 0.5 / 4001
    assert 0.001 < built.probability < 0.5
    assert built.difference == built.probability - built.base < built.difference_interval[1] < 0
    out = here.supposing(asks(taken=without))
    assert out.snapshot.digest == never.digest
    assert same(
        frames(out, 900, "built"),
        frames(replace(here, fitted=world.supposing(here.fitted, never), snapshot=never), 900, "built"),
    )


def test_putting_and_taking_out_again_changes_no_byte() -> None:
    here = stages(bridged())
    put = here.supposing(asks(put=[Supposed("built", date(2020, 3, 1), "beam")]))
    back = put.supposing(asks(taken=({"kind": ("built",), "entity": ("beam",)},)))
    assert same(frames(back, 900, "built"), frames(here, 900, "built"))
    assert not same(frames(put, 900, "built"), frames(here, 900, "built"))


def test_what_cannot_be_supposed_is_refused(pool: Worlds) -> None:
    with pytest.raises(UsageError, match="past on 2020-01-01"):
        compare(asks(EARLY, put=[replace(STRIKE, at=before(1))]), pool)


def test_no_single_value_of_a_series_can_be_supposed() -> None:
    """It would stand beside the values of paths that know nothing of it, and be what changes are measured against."""
    closes = replace(REPLAY, name="closes", target={"kind": ("close",)}, options={"of": "levels"})
    days = pd.bdate_range("2019-01-01", "2019-12-30")
    prices = [{"kind": "close", "event_at": at, "known_at": at, "value": 50 + at.day} for at in days]
    here = worlds([closes], snapshot(events(prices)), {}, Sizes(40, 10))
    with pytest.raises(UsageError, match="`close` is a series"):
        compare(asks("rise close >= 0.1 in 30 days", put=[Supposed("close", AS_OF, value=100.0)]), here)


def test_too_few_futures_say_nothing_and_so_many_as_are_told_would_do() -> None:
    """About twenty of 400 are kept, and what is told is enough 19 times in 20 or more: two that are not, 1 in 100."""
    here, reached = hidden(Sizes(400, 200), (0.04, 0.07)), 0
    for seed in range(4):
        other = replace(here, fitted=[replace(model, seed=seed) for model in here.fitted])
        scenario = asks(LATE, given=[EARLY])
        found = compare(scenario, other)
        assert (found.draws, found.contrasts) == (400, ())
        assert 0 < found.kept < FLOOR
        assert found.enough % 400 == 0
        assert found.enough >= 400 * FLOOR / found.kept
        more = compare(replace(scenario, draws=found.enough), other)
        assert more.draws == found.enough
        assert bool(more.contrasts) == (more.kept >= FLOOR)
        reached += more.kept >= FLOOR
    assert reached >= 3


def test_futures_come_in_whole_lots_of_which_the_first_is_the_same(pool: Worlds) -> None:
    scenario = asks(LATE, given=[EARLY])
    alone = compare(scenario, pool)
    first = frames(pool, 90)
    for draws in (1, SIZES.draws):
        assert replace(compare(replace(scenario, draws=draws), pool), scenario=scenario) == alone
    assert compare(scenario, pool, first) == alone
    two = compare(replace(scenario, draws=SIZES.draws + 1), pool)
    assert two.draws == 2 * SIZES.draws
    lots = [frames(pool, 20, lot=lot) for lot in (0, 1)]
    assert not same(*lots)
    window = phrases.question(EARLY, AS_OF).window
    kept = [of.events["strike"]["draw"][window.covers(of.events["strike"])].nunique() for of in lots]
    assert (alone.kept, two.kept) == (kept[0], sum(kept))
    assert compare(replace(scenario, draws=SIZES.draws + 1), pool, first) == two


def test_more_lots_make_no_probability_less_certain(pool: Worlds) -> None:
    few, many = (seen(compare(asks(LATE, given=[EARLY], draws=lots * SIZES.draws), pool)) for lots in (1, 4))
    assert np.ptp(many.difference_interval) < np.ptp(few.difference_interval)
    q = np.array([some(rate) for rate in RATES])
    truth = (q**2).sum() / q.sum() - q.mean()
    for one in (few, many):
        assert one.difference_interval[0] < truth < one.difference_interval[1]


def test_a_kind_is_simulated_as_far_as_some_question_or_condition_reads_it() -> None:
    read = [
        one
        for each in [asks("strike in 10 days", given=["talk in 30 days"]), asks("strike,talk in 20 days")]
        for one in each.read
    ]
    assert [one.id for one in read] == ["strike in 10 days", "talk in 30 days", "strike,talk in 20 days"]
    assert scenarios.horizons(read) == {"strike": date(2020, 1, 21), "talk": date(2020, 1, 31)}
