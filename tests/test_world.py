"""One world: models run in the order of what they read, as far as that is read, and future by future alike."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from forecast import spec, world
from forecast.conditions import Limits
from forecast.errors import SpecError
from forecast.events import Futures, Snapshot
from forecast.inference import Sizes
from forecast.models import cells, covariates
from forecast.prospect import Prospect
from forecast.rules import Rule
from forecast.spec import Covariate, Prior, Spec
from forecast.world import Fitted
from tests.models.test_counts import made_posterior
from tests.test_pool import POOL
from tests.worlds import AS_OF, attacks, counts_spec, events, snapshot

SIZES = Sizes(40, 10)
UNTIL = AS_OF + timedelta(days=45)
HEAD = 'title = "X"\nfamily = "climatology"\nsince = 2018-01-01\nwritten = 2020-01-01\n'
STRIKES = counts_spec()  # its covariate reads talks
TALKS = spec.parse(
    HEAD + 'name = "talks"\ntarget = { kind = ["talk", "walk"] }\n[options]\nof = "events"\n', "models/t"
)
RAIN = spec.parse(HEAD + 'name = "rain"\ntarget = { kind = "rain" }\n[options]\nof = "events"\n', "models/r.toml")


def model(name: str, makes: str | Sequence[str], *reads: str) -> Spec:
    """Make a spec of which only matters what it makes and reads."""
    rules = [Rule("count", {"kind": (kind,)}) for kind in reads]
    items = tuple(Covariate(f"of {rule.kinds[0]}", rule, 30, Prior(0.5, 2.0)) for rule in rules)
    return replace(
        RAIN, name=name, target={"kind": (makes,) if isinstance(makes, str) else tuple(makes)}, covariates=items
    )


CHAIN = [model("a", "x"), model("b", ["y", "yy"], "x"), model("c", "z", "x", "yy"), model("d", "w")]


def record(*kinds: str) -> Snapshot:
    """Strikes, and other events of some kinds, fifty each."""
    rng, rows = np.random.default_rng(4), []
    for kind in kinds:
        at = [AS_OF - timedelta(days=int(day)) for day in rng.integers(1, 700, 50)]
        rows += [{"kind": kind, "event_at": when, "known_at": when} for when in at]
    return snapshot(pd.concat([attacks(seed=2), events(rows).assign(record=lambda of: "o" + of["record"])]))


KNOWN = record("talk", "rain")


def fitted(specs: Sequence[Spec], known: Snapshot, effect: float = 2.0) -> list[Fitted]:
    """Fit models that replay; give those that count a posterior whose every draw is the same known truth."""
    tree = made_posterior()["posterior"].to_dataset()
    told = tree.assign(effect_of=xr.full_like(tree["effect_of"], np.log(effect)))

    def fitter(page: Any, panel: xr.Dataset, item: Spec, seed: int) -> xr.DataTree:
        return xr.DataTree.from_dict({"posterior": told}) if item.family == "counts" else xr.DataTree()

    return world.fit(specs, known, fitter)


def run(specs: Sequence[Spec], until: dict[str, date], known: Snapshot = KNOWN, **options: Any) -> Futures:
    return world.simulate(specs, fitted(specs, known, **options), known, until, SIZES)


def same(one: Futures, other: Futures, kind: str) -> bool:
    return one.events[kind].reset_index(drop=True).equals(other.events[kind].reset_index(drop=True))


def test_what_makes_a_kind_runs_before_what_reads_it_whatever_the_order_of_the_list() -> None:
    for specs in permutations(CHAIN):
        places = world.order(specs)
        names = [specs[at].name for at in places]
        assert sorted(places) == list(range(len(specs)))
        assert names.index("a") < names.index("b") < names.index("c")


def test_models_that_do_not_read_each_other_keep_their_order() -> None:
    free = [replace(item, covariates=()) for item in CHAIN]
    for specs in permutations(free):
        assert world.order(specs) == [0, 1, 2, 3]


def test_what_the_members_of_a_pool_read_the_pool_reads() -> None:
    pool = spec.parse(POOL, "models/strikes.toml")
    assert pool.reads == ("talk",)
    assert world.order([pool, TALKS]) == [1, 0]


def test_models_that_read_each_other_in_a_circle_are_refused_by_name() -> None:
    circle = [model("a", "x", "z"), CHAIN[1], model("c", "z", "y"), model("d", "w", "x")]
    for specs in permutations(circle):
        with pytest.raises(SpecError) as refused:
            world.order(specs)
        for reader, maker in (("a", "c"), ("b", "a"), ("c", "b")):
            assert f"`{reader}` reads what `{maker}` makes" in refused.value.what
        assert "`d`" not in refused.value.what
        assert "models/" in refused.value.where


def test_a_model_that_reads_what_it_makes_is_refused() -> None:
    with pytest.raises(SpecError, match="`b` reads what `b` makes"):
        world.order([CHAIN[0], model("b", ["y", "yy"], "x", "yy")])


def test_a_kind_is_simulated_as_far_as_its_last_reader_needs() -> None:
    near, far = date(2020, 2, 1), date(2020, 5, 1)
    chain = CHAIN[:3]
    assert world.horizons(CHAIN, {"z": far}) == {"x": far, "yy": far, "z": far}
    assert world.horizons(CHAIN, {"z": near, "x": far}) == {"x": far, "yy": near, "z": near}
    assert world.horizons(CHAIN, {"z": far, "x": near, "y": near}) == {"x": far, "y": near, "yy": far, "z": far}
    assert world.horizons(CHAIN, {"y": near}) == {"x": near, "y": near}
    assert world.horizons(chain, {"w": far}) == {"w": far}
    assert world.horizons(CHAIN, {}) == {}


def test_models_of_which_nothing_is_read_are_not_needed() -> None:
    far = date(2020, 5, 1)
    turned = CHAIN[::-1]
    for kinds, names in (({"z"}, "cba"), ({"y"}, "ba"), ({"x"}, "a"), ({"w", "x"}, "da"), (set(), "")):
        assert "".join(item.name for item in world.needed(turned, dict.fromkeys(kinds, far))) == names


def test_the_order_of_the_list_changes_no_byte() -> None:
    until = {"strike": UNTIL, "rain": UNTIL}
    first = run([TALKS, RAIN, STRIKES], until)
    for specs in permutations([TALKS, RAIN, STRIKES]):
        other = run(specs, until)
        assert list(other.events) == [kind for at in world.order(specs) for kind in specs[at].kinds]
        assert all(same(first, other, kind) for kind in first.events)


def test_what_only_a_covariate_reads_is_simulated_and_moves_its_reader() -> None:
    found = run([STRIKES, TALKS], {"strike": UNTIL})
    assert found.events["talk"]["event_at"].max() < pd.Timestamp(UNTIL)
    assert len(found.events["talk"]) > 20
    assert not same(found, run([STRIKES], {"strike": UNTIL}), "strike")
    assert same(
        run([STRIKES, TALKS], {"strike": UNTIL}, effect=1.0), run([STRIKES], {"strike": UNTIL}, effect=1.0), "strike"
    )


def test_a_model_before_that_makes_nothing_which_is_read_changes_no_byte() -> None:
    """Of another kind; or of the kind that is read, which its record does not hold."""
    alone = run([STRIKES], {"strike": UNTIL})
    assert same(alone, run([RAIN, STRIKES], {"strike": UNTIL, "rain": UNTIL}), "strike")
    silent = record("walk")
    made = run([TALKS, STRIKES], {"strike": UNTIL}, silent)
    assert len(made.events["walk"]) > 20
    assert made.events["talk"].empty
    assert same(run([STRIKES], {"strike": UNTIL}, silent), made, "strike")


def test_a_longer_horizon_of_what_is_read_changes_nothing_nearer() -> None:
    near, far = (
        run([TALKS, STRIKES], {"strike": UNTIL}),
        run([TALKS, STRIKES], {"strike": UNTIL, "talk": date(2021, 1, 1)}),
    )
    assert same(near, far, "strike")


def test_another_lot_has_other_futures_of_the_same_posterior() -> None:
    models = fitted([TALKS, STRIKES], KNOWN)
    lots = [world.simulate([TALKS, STRIKES], models, KNOWN, {"strike": UNTIL}, SIZES, lot) for lot in (0, 1, 2)]
    again = world.simulate([TALKS, STRIKES], models, KNOWN, {"strike": UNTIL}, SIZES)
    assert same(lots[0], again, "strike")
    for kind in ("strike", "talk"):
        assert not any(same(lots[one], lots[two], kind) for one, two in ((0, 1), (0, 2), (1, 2)))


EXACT = replace(
    STRIKES,
    family="discounted",
    priors={"background": Prior(0.03, 5.0)},
    covariates=(),
    options={**STRIKES.options, "half_life": 90, "strength": 90},
)


def marked(draw: int, draws: int) -> xr.DataTree:
    """A posterior in which events come under one draw alone."""
    rate = np.zeros((1, draws, len(cells.layout(cells.options(STRIKES)).cells)))
    rate[:, draw] = 400.0
    return xr.DataTree.from_dict({"posterior": xr.Dataset({"rate": (("chain", "draw", "cell"), rate)})})


def numbers(frame: pd.DataFrame, parameters: int) -> set[int]:
    return set((frame["draw"] % parameters).tolist())


def test_a_future_has_the_same_posterior_draw_in_every_model_and_pool() -> None:
    """Future d has draw d % parameters, and of a pool with m members draw (d % parameters) // m of member d % m."""
    pool = replace(EXACT, name="p", family="pool", members=tuple(replace(EXACT, name=f"p.{who}") for who in "uvw"))
    lone = replace(EXACT, name="lone", target={"kind": ("raid",)})
    raids = attacks(seed=3).assign(kind="raid", record=lambda of: "raid" + of["record"])
    known = snapshot(pd.concat([attacks(seed=2), raids]))
    sizes = Sizes(36, 12)
    for member, own in ((0, 0), (1, 3), (2, 2)):
        number = own * 3 + member
        at = {f"p.{who}": marked(own if place == member else 4, 5)["posterior"] for place, who in enumerate("uvw")}
        trees = {name: of.isel(draw=slice(4)) for name, of in at.items()}  # the last draw, of the others, is cut off

        def fitter(page: Any, panel: xr.Dataset, item: Spec, seed: int) -> xr.DataTree:
            if item.name == "lone":
                return marked(number, 12)  # noqa: B023
            return xr.DataTree.from_dict({"posterior": trees[item.name].to_dataset()})  # noqa: B023

        models = world.fit([pool, lone], known, fitter)
        found = world.simulate([pool, lone], models, known, {"strike": UNTIL, "raid": UNTIL}, sizes)
        for kind in ("strike", "raid"):
            assert numbers(found.events[kind], 12) == {number}
            assert set(found.events[kind]["draw"]) == {number, number + 12, number + 24}


@pytest.mark.parametrize("members", [1, 2, 3])
def test_what_is_pooled_can_be_taken_apart_again(members: int) -> None:
    rng = np.random.default_rng(members)

    def made(who: int) -> Futures:
        draw = np.sort(rng.integers(0, 8, 30))
        frame = pd.DataFrame({"draw": draw, "value": rng.random(30), "who": pd.Categorical([f"w{who}"] * 30)})
        return Futures({"x": frame, "y": frame.iloc[:0]}, 8, 4, {"y": 9.0}, {"x": frame.iloc[::2]})

    parts = [made(who) for who in range(members)]
    pooled = Futures.pooled(parts)
    for number, part in enumerate(parts):
        found = pooled.member(number, members)
        assert (found.draws, found.parameters, found.record_days) == (8, 4, {"y": 9.0})
        for mine, other in ((found.events, part.events), (found.lasting, part.lasting)):
            for kind, frame in other.items():
                plain = mine[kind].astype({"who": str}).reset_index(drop=True)
                assert plain.equals(frame.astype({"who": str}).reset_index(drop=True))


def test_a_member_reads_what_its_own_futures_hold() -> None:
    frame = pd.DataFrame({"draw": [0, 1, 2, 5], "event_at": pd.Timestamp(AS_OF), "entity": "x", "value": 1.0, "n": 1})
    whole = Prospect(KNOWN, UNTIL, Sizes(6, 6), Futures({"talk": frame}, 6, 6, {}))
    rule = Rule("count", {"kind": ("talk",)})
    draws = [whole.member(number, 3).made(rule)[0]["draw"].tolist() for number in range(3)]
    assert draws == [[0], [0], [0, 1]]
    assert whole.member(2, 3).sizes == Sizes(2, 2)


READ = {
    "all": Rule("count", {"kind": ("flood", "rain")}),
    "here": Rule("count", {"kind": ("flood",), "entity": ("east",)}),
    "high": Rule("sum", {"kind": ("flood",), "value": Limits(low=3.0)}),
    "elsewhere": Rule("count", {"kind": ("snow",)}),
}
DRAWS = 6


def floods(rng: np.random.Generator, first: date, days: int, number: int) -> pd.DataFrame:
    """Scatter floods and rain over some days; each becomes known up to a week later."""
    at = [first + timedelta(days=int(day)) for day in rng.integers(0, days, number)]
    late = [when + timedelta(days=int(day)) for when, day in zip(at, rng.integers(0, 8, number), strict=True)]
    return pd.DataFrame(
        {
            "kind": rng.choice(["flood", "rain"], number),
            "event_at": pd.to_datetime(at),
            "known_at": pd.to_datetime(late),
            "entity": rng.choice(["east", "west"], number),
            "value": rng.integers(1, 7, number).astype(float),
            "n": rng.integers(1, 4, number),
        }
    )


def test_covariates_read_in_a_future_what_they_would_read_on_a_record_that_holds_it() -> None:
    """For each future, put its events into the record: every reading is the same, before every day to come."""
    rng = np.random.default_rng(11)
    snow = {"kind": "snow", "event_at": AS_OF + timedelta(days=20), "known_at": date(2019, 9, 1)}
    past = floods(rng, AS_OF - timedelta(days=200), 190, 60).to_dict("records")
    known = snapshot(events([*past, snow, {**snow, "kind": "flood", "entity": "east", "value": 5.0}]))
    ahead = floods(rng, AS_OF, 90, 200).assign(draw=np.sort(rng.integers(0, DRAWS, 200)))
    # Of what a model makes it may say when that is known; otherwise at once.
    frames = {
        "flood": ahead[ahead["kind"] == "flood"],
        "rain": ahead[ahead["kind"] == "rain"].drop(columns="known_at"),
    }
    items = tuple(
        Covariate(name, rule, window, Prior(0.5, 2.0), per)
        for (name, rule), window, per in zip(READ.items(), (45, 10, 91, 30), (1.0, 2.0, 7.0, 1.0), strict=True)
    )
    item = replace(STRIKES, covariates=items)
    starts = np.array([AS_OF + timedelta(days=days) for days in range(0, 90, 3)], "datetime64[us]")
    prospect = Prospect(known, UNTIL, Sizes(DRAWS, 3), Futures(frames, DRAWS, 3, {}))
    found = covariates.ahead(prospect, item, starts)
    assert found.shape == (DRAWS, len(starts), len(items))
    for draw in range(DRAWS):
        mine = ahead[ahead["draw"] == draw].drop(columns="draw")
        mine["known_at"] = mine["known_at"].where(mine["kind"] == "flood", mine["event_at"])
        rows = [*known.events.drop(columns="record").to_dict("records"), *mine.to_dict("records")]
        longer = snapshot(events(rows), AS_OF + timedelta(days=400))
        np.testing.assert_allclose(found[draw], covariates.on_record(longer, item, starts), rtol=0, atol=1e-12)
    assert (found.std(axis=0)[5:, :3] > 0).all()
    assert (found[:, 7:17, 3] == 1).all()  # one that is scheduled, in the thirty days after it


def test_where_nobody_makes_what_is_read_one_future_stands_for_all() -> None:
    starts = np.array([AS_OF, AS_OF + timedelta(days=30)], "datetime64[us]")
    for so_far in (None, Futures({"rain": pd.DataFrame()}, 6, 6, {})):
        found = covariates.ahead(Prospect(KNOWN, UNTIL, Sizes(6, 6), so_far), STRIKES, starts)
        assert found.shape == (1, 2, 1)
        np.testing.assert_array_equal(found[0], covariates.on_record(KNOWN, STRIKES, starts))
