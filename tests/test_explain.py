"""Why a probability moved: shares add up exactly, what did not change has none, and what is left out is left out."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from forecast import explain, phrases, reweighing
from forecast.calibration import Bent, Maps
from forecast.desk import Desk
from forecast.events import Snapshot
from forecast.explain import CAUSES, Between, Side, shapley
from forecast.inference import Sizes
from forecast.predict import Models
from forecast.questions import Question
from forecast.world import sampled
from tests.conftest import ROOT
from tests.models import test_levels
from tests.worlds import AS_OF, snapshot

EARLY, LATE = date(2019, 5, 17), date(2019, 6, 17)
SETS = [frozenset(some) for number in range(len(CAUSES) + 1) for some in combinations(CAUSES, number)]
WORTHS = st.lists(st.floats(-1, 1), min_size=len(SETS), max_size=len(SETS)).map(
    lambda v: dict(zip(SETS, v, strict=True))
)


@given(WORTHS)
def test_shares_add_up_to_what_all_causes_do(worth: dict[frozenset[str], float]) -> None:
    found = shapley(worth.__getitem__)
    assert sum(found.values()) == pytest.approx(worth[frozenset(CAUSES)] - worth[frozenset()], abs=1e-12)


@given(WORTHS, st.sampled_from(CAUSES))
def test_a_cause_that_never_does_anything_has_no_share(worth: dict[frozenset[str], float], null: str) -> None:
    assert shapley(lambda some: worth[some - {null}])[null] == 0


@given(WORTHS)
def test_two_causes_that_do_the_same_have_the_same_share(worth: dict[frozenset[str], float]) -> None:
    def alike(some: frozenset[str]) -> float:
        return worth[(some - {"models", "record"}) | set(CAUSES[3 : 3 + len(some & {"models", "record"})])]

    found = shapley(alike)
    assert found["models"] == pytest.approx(found["record"], abs=1e-12)


def test_news_comes_after_time_has_passed() -> None:
    """What events do that nobody could have known earlier is theirs alone, and not half that of time."""
    found = shapley(lambda some: float({"time", "new"} <= some))
    assert found == {**dict.fromkeys(CAUSES, 0.0), "new": 1.0}


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk(ROOT)


@pytest.fixture(scope="module")
def side(desk: Desk) -> Side:
    """Ask of ceasefires within 60 days, as of the earlier day: rates that forget, whose posterior is exact."""
    snapshot = desk.archive.as_of(EARLY, ("context",))
    question = phrases.question("ceasefire from 2019-06-20 to 2019-12-20", EARLY, ())
    return _published(Side((question,), snapshot, Models([desk.spec("context")], ()), Maps(Bent(), {}), (0.0,)))


def between(before: Side, after: Side) -> Between:
    return Between(before, after, sampled, Sizes(960, 120), 1)


def _published(one: Side) -> Side:
    """Publish what the models say with the random numbers of the explanation: then there is no noise."""
    return replace(one, probabilities=(between(one, one).worth(frozenset()),))


def later(side: Side, events: object = None) -> Side:
    rows = side.snapshot.events if events is None else events
    return replace(side, snapshot=Snapshot(LATE, rows, side.snapshot.through))  # type: ignore[arg-type]


def revised(side: Side) -> Side:
    rows = side.snapshot.events.copy()
    kind = rows["kind"] == "ceasefire"
    rows.loc[kind, "n"] = rows.loc[kind, "n"] * 3
    return replace(side, snapshot=Snapshot(side.snapshot.as_of, rows, side.snapshot.through))


def known_later(desk: Desk, side: Side) -> Side:
    rows = desk.archive.as_of(date(2026, 7, 1), ("context",)).events
    new = rows[(rows["kind"] == "ceasefire") & ~rows["record"].isin(side.snapshot.events["record"])].copy()
    new["event_at"] = np.datetime64("2019-05-01")
    return replace(side, snapshot=Snapshot(side.snapshot.as_of, pd.concat([side.snapshot.events, new]), {}))


def edited(side: Side) -> Side:
    spec = side.models.specs[0]
    options = {**spec.options, "half_life": 30}
    return replace(side, models=Models([replace(spec, options=options)], ()))


@pytest.mark.parametrize("cause", CAUSES)
def test_what_did_not_change_has_no_share_and_what_did_has_it_all(desk: Desk, side: Side, cause: str) -> None:
    after = {
        "time": lambda: later(side),
        "new": lambda: known_later(desk, side),
        "revised": lambda: revised(side),
        "models": lambda: edited(side),
        "record": lambda: replace(side, learned=Maps(Bent(0.5, 0.7), {})),
    }[cause]()
    after = _published(after)
    (found,) = between(side, after).explained()
    assert {one for one, share in found.shares.items() if share} == {cause}
    assert found.shares[cause] == pytest.approx(after.probabilities[0] - side.probabilities[0], abs=1e-15)


def test_a_move_of_many_causes_is_shared_out_whole(desk: Desk, side: Side) -> None:
    rows = desk.archive.as_of(LATE, ("context",)).events
    after = edited(revised(later(side, rows)))
    after = _published(replace(after, learned=Maps(Bent(0.3, 0.8), {})))
    (found,) = between(side, after).explained()
    assert sum(found.shares.values()) == pytest.approx(after.probabilities[0] - side.probabilities[0], abs=1e-12)
    assert found.shares["noise"] == pytest.approx(0, abs=1e-12)
    assert all(found.shares[one] for one in CAUSES)
    noisy = replace(after, probabilities=(after.probabilities[0] + 0.01,))
    assert between(side, noisy).explained()[0].shares["noise"] == pytest.approx(0.01)
    assert found.error > 0


def test_rows_are_new_revised_or_kept(desk: Desk, side: Side) -> None:
    before = side.snapshot.events
    after = revised(later(side, desk.archive.as_of(LATE, ("context",)).events)).snapshot.events
    gone = before.drop(index=before.index[:3])
    parts = explain.changed(before, after)
    assert len(parts["kept"]) + len(parts["old"]) == len(before)
    assert len(parts["kept"]) + len(parts["revised"]) + len(parts["new"]) == len(after)
    assert set(parts["revised"]["kind"]) == {"ceasefire"}
    assert set(parts["new"]["record"]).isdisjoint(before["record"])
    assert len(explain.changed(before, gone)["old"]) == 3
    same = explain.changed(before, before.sample(frac=1, random_state=1))
    assert [len(same[name]) for name in ("kept", "new", "revised", "old")] == [len(before), 0, 0, 0]


def test_events_that_are_left_out_move_it_back(desk: Desk, side: Side) -> None:
    """Without the only new events of its kind, a question is as it would be had they not come."""
    after = _published(known_later(desk, side))
    found = between(side, after).explained(groups=30)[0].groups
    assert {one.kind for one in found} == {"ceasefire"}
    assert sum(one.events for one in found) == len(after.snapshot.events) - len(side.snapshot.events)
    assert found[0].effect > 0
    assert sum(one.effect for one in found) > 0
    assert all(one.k is None for one in found)
    assert [abs(one.effect) for one in found] == sorted((abs(one.effect) for one in found), reverse=True)


def test_draws_are_weighed_as_if_they_had_not_seen_some_counts() -> None:
    """Against the exact posterior of a Poisson rate; and k says when there is too much to take away."""
    rng, counts = np.random.default_rng(1), np.array([3, 5, 4, 2, 6, 3, 4, 5, 4, 12])
    for out, trusted in ((slice(9, 10), True), (slice(2, 10), False)):
        rate = rng.gamma(1 + counts.sum(), 1 / (1 + len(counts)), size=(4, 1000))
        left = counts[out]
        weight, k = reweighing.smoothed(left.size * rate - left.sum() * np.log(rate))
        assert (k <= reweighing.HIGH_K) == trusted
        tree = xr.DataTree.from_dict({"posterior": xr.Dataset({"rate": (("chain", "draw"), rate)}, attrs={"a": 1})})
        drawn = reweighing.redrawn(tree, weight)["posterior"]["rate"]
        assert drawn.dims == ("chain", "draw")
        if trusted:
            shape, scale = 1 + counts.sum() - left.sum(), 1 / (1 + len(counts) - left.size)
            effective = 1 / (weight**2).sum()
            assert float(drawn.mean()) == pytest.approx(shape * scale, abs=4 * shape**0.5 * scale / effective**0.5)
            assert float(drawn.std()) == pytest.approx(shape**0.5 * scale, rel=4 / (2 * effective) ** 0.5)


def test_even_weights_change_nothing() -> None:
    values = np.arange(12.0).reshape(2, 6)
    tree = xr.DataTree.from_dict({"posterior": xr.Dataset({"x": (("chain", "draw"), values)})})
    np.testing.assert_array_equal(reweighing.redrawn(tree, np.full(12, 1 / 12))["posterior"]["x"], values)


def test_questions_that_share_their_worlds_are_explained_as_each_alone(desk: Desk, side: Side) -> None:
    """But for the futures, which go as far as the farthest of them asks, and whose nearer part is the same."""
    longer = phrases.question("ceasefire from 2019-06-20 to 2020-12-20", EARLY, ())

    def sides(*questions: Question) -> list[Side]:
        one = replace(side, questions=questions, probabilities=(0.2,) * len(questions))
        return [one, replace(known_later(desk, one), probabilities=(0.3,) * len(questions))]

    together = between(*sides(side.questions[0], longer)).explained(groups=2)
    alone = [between(*sides(question)).explained(groups=2)[0] for question in (side.questions[0], longer)]
    assert list(together) == alone


def test_a_model_that_looks_not_far_enough_is_given_more_days_where_time_passes_without_news() -> None:
    """Sixty trading days ahead of the earlier record end before a question that the later one can answer."""
    spec, rows = test_levels.SPEC, test_levels.closes(test_levels.restless(5))
    early = AS_OF - timedelta(days=28)

    def side(as_of: date) -> Side:
        known = snapshot(rows, as_of)
        question = phrases.question("max close > 450 in 80 days", as_of, ())
        return _published(Side((question,), known, Models([spec], ()), Maps(Bent(), {}), (0.0,)))

    before, after = side(early), side(AS_OF)
    move = between(before, after)
    (found,) = move.explained()
    assert sum(found.shares.values()) == pytest.approx(after.probabilities[0] - before.probabilities[0], abs=1e-12)
    assert found.shares["time"]
    assert found.shares["noise"] == pytest.approx(0, abs=1e-12)
    longer, whole = move.world(frozenset({"time"})), move.world(frozenset(CAUSES))
    assert longer.specs[0].options["segments"][:-1] == spec.options["segments"]
    assert whole.specs == [spec]
