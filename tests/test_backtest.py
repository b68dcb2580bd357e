"""A walk is the same wherever it is computed, whoever dies on the way, and wherever it is broken off."""

import json
import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import xarray as xr

from forecast import backtest, bookkeeping, provenance, spec, walking, world
from forecast.backtest import Fold, Plan
from forecast.desk import Desk
from forecast.errors import EnvironmentFault, NotConverged, UsageError
from forecast.executors import chosen, cluster, processes
from forecast.inference import Sizes
from forecast.ledger import Ledger
from forecast.predict import Prediction
from forecast.register import Register
from tests.test_pool import POOL
from tests.walks import LATER, desk_at, here, said, walked
from tests.worlds import attacks, futures, snapshot

DAYS = bookkeeping.origins(date(2019, 2, 15), date(2019, 6, 15), 1)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return desk_at(tmp_path_factory.mktemp("walk") / "desk")


@pytest.fixture(scope="module", autouse=True)
def _few_futures() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bookkeeping, "SIZES", Sizes(960, 120))
        yield


@pytest.fixture(scope="module")
def whole(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return walked(desk, tmp_path_factory.mktemp("whole") / "book.db", "tiny", DAYS)


def broken_off(stop: int) -> Iterator[datetime]:
    """Read the clock until somebody presses Ctrl-C."""
    yield from [LATER] * (stop - 1)
    raise KeyboardInterrupt


@pytest.mark.parametrize("stop", [2, 7])
def test_each_day_is_kept_and_a_walk_goes_on_where_it_was(desk: Desk, whole: Ledger, tmp_path: Path, stop: int) -> None:
    place, clock = tmp_path / "book.db", broken_off(stop)
    with pytest.raises(KeyboardInterrupt):
        walked(desk, place, "tiny", DAYS, clock=clock.__next__)
    kept = len(Ledger(f"sqlite:///{place}").rows("forecast"))
    assert kept % 5 == 0
    assert kept < 25
    assert said(walked(desk, place, "tiny", DAYS)) == said(whole)


def test_a_walk_that_is_done_adds_nothing(desk: Desk, whole: Ledger) -> None:
    assert len(whole.rows("forecast")) == 5 * len(DAYS)
    assert whole.verify() is None
    before = whole.head()
    found = bookkeeping.backtest(desk, whole, "tiny", DAYS, lambda: LATER, here)
    assert (found.days, found.refused, whole.head()) == (0, (), before)


def test_rows_of_a_walk_say_how_models_were_fitted_on_their_day(desk: Desk, whole: Ledger) -> None:
    (model,) = plan_of(desk).models.specs
    seeds = {day.isoformat(): world.seed(model, fold_of(desk, day).snapshot) for day in DAYS}
    assert len(set(seeds.values())) == len(DAYS)
    for says in (row.says for row in whole.rows("forecast")):
        assert says["fits"] == {model.name: {"seed": seeds[says["as_of"]]}}


def test_members_of_a_pool_are_told_under_their_own_names() -> None:
    pool, known = spec.parse(POOL, "models/strikes.toml"), snapshot(attacks(seed=1))
    fitted = world.fit([pool], known, lambda *_: xr.DataTree())
    nothing = futures({}, 1)
    told = backtest.Predicted.of(Prediction((), nothing, tuple(fitted), nothing), known)
    assert told.fits == {part.name: {"seed": world.seed(part, known)} for part in pool.parts}
    assert set(told.fits) == {"strikes.first", "strikes.second"}


@pytest.mark.slow
def test_other_processes_say_the_same_though_one_is_killed(desk: Desk, whole: Ledger, tmp_path: Path) -> None:
    reads = iter(range(1000))

    def killing() -> datetime:
        if next(reads) == 2:  # after the first day was kept
            multiprocessing.active_children()[0].kill()
        return LATER

    book = walked(desk, tmp_path / "book.db", "tiny", DAYS, partial(processes, 2), killing)
    assert next(reads) > 5
    assert said(book) == said(whole)
    assert multiprocessing.active_children() == []


def fold_of(desk: Desk, day: date) -> Fold:
    item = desk.brief("tiny")
    snapshot = desk.archive.as_of(day, item.sources)
    return Fold(snapshot, tuple(desk.agenda(item, snapshot).questions))


def plan_of(desk: Desk, **changed: object) -> Plan:
    plan = Plan(desk.models(desk.brief("tiny")), provenance.program(), Sizes(960, 120))
    return replace(plan, **changed)  # type: ignore[arg-type]


def test_a_day_whose_models_do_not_converge_is_named_and_the_others_are_kept(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = world.sampled

    def moody(page: object, panel: object, spec: object, seed: int) -> object:
        if seed == refused:
            raise NotConverged("no")
        return real(page, panel, spec, seed)  # type: ignore[arg-type]

    refused = world.seed(plan_of(desk).models.specs[0], fold_of(desk, DAYS[1]).snapshot)
    monkeypatch.setattr(world, "sampled", moody)
    found = bookkeeping.backtest(desk, Ledger(f"sqlite:///{tmp_path / 'b.db'}"), "tiny", DAYS, lambda: LATER, here)
    assert found.days == len(DAYS) - 1
    assert [(one.as_of, one.refused.what) for one in found.refused if one.refused] == [(DAYS[1], "no")]


def test_a_day_that_ends_its_worker_twice_is_given_up(desk: Desk) -> None:
    opened = []

    class Fatal(ThreadPoolExecutor):
        def submit(self, call: Any, fold: Fold) -> Any:  # type: ignore[override]
            if fold.snapshot.as_of == DAYS[2]:
                raise BrokenExecutor
            return super().submit(call, fold)

    @contextmanager
    def workers() -> Iterator[backtest.Crew]:
        opened.append(1)
        with Fatal(1) as pool:
            yield backtest.Crew(pool, 1)

    found = list(backtest.walk(plan_of(desk, full=True), DAYS, DAYS, partial(fold_of, desk), workers))
    assert [one.as_of for one in found] == DAYS
    assert [one.as_of for one in found if one.refused] == [DAYS[2]]
    assert "ended twice" in str(found[2].refused)
    assert len(opened) >= 3


@pytest.mark.slow
@pytest.mark.enable_socket
def test_a_cluster_says_the_same_though_one_of_its_workers_is_killed(
    desk: Desk, whole: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed import LocalCluster

    with pytest.raises(EnvironmentFault, match="no cluster answers"), cluster("tcp://127.0.0.1:9"):
        pass

    with LocalCluster(n_workers=2, processes=True, threads_per_worker=1, dashboard_address=None) as those:
        reads = iter(range(1000))

        def killing() -> datetime:
            if next(reads) == 2:
                os.kill(those.workers[0].pid, signal.SIGKILL)
            return LATER

        address = those.scheduler_address
        book = walked(desk, tmp_path / "book.db", "tiny", DAYS, chosen(0, address).workers, killing)
    assert said(book) == said(whole)


@pytest.mark.slow
def test_models_that_are_sampled_say_the_same_when_a_walk_is_broken_off(desk: Desk, tmp_path: Path) -> None:
    days, both = DAYS[:3], []
    for stop in (0, 7):
        place, clock = tmp_path / f"{stop}.db", broken_off(stop)
        if stop:
            with pytest.raises(KeyboardInterrupt):
                walked(desk, place, "oil", days, partial(processes, 2), clock.__next__)
            assert 0 < len(Register(Ledger(f"sqlite:///{place}").rows()).days("oil")) < len(days)
        both.append(said(walked(desk, place, "oil", days, partial(processes, 1 + bool(stop)))))
    assert both[0] == both[1]
    fits = [json.loads(body)["fits"] for kind, _, body in both[0] if kind == "forecast"]
    assert all(set(one) == {"attacks_climatology", "outages", "brent"} for one in fits)
    assert all(1 <= one["outages"]["r_hat"] <= walking.R_HAT for one in fits)
    assert all(list(one["attacks_climatology"]) == ["seed"] for one in fits)


def test_a_worker_of_another_program_refuses(desk: Desk) -> None:
    with pytest.raises(EnvironmentFault, match="another program"):
        backtest.predicted(plan_of(desk, program="other"), {}, fold_of(desk, DAYS[0]))


def test_few_folds_are_held_at_a_time(desk: Desk) -> None:
    """However many days are walked, no fold is made long before it is computed."""
    made: list[date] = []

    def fold(day: date) -> Fold:
        made.append(day)
        return fold_of(desk, day)

    for done, told in enumerate(backtest.walk(plan_of(desk, full=True), DAYS, DAYS, fold, here), 1):
        assert told.as_of == DAYS[done - 1]
        assert len(made) <= done + 1


def test_workers_are_chosen_by_number_or_address() -> None:
    assert chosen(1).cores >= chosen(2).cores >= 1
    assert chosen(0, "tcp://nowhere:1").cores == 1
    with pytest.raises(UsageError, match="no day from"):
        bookkeeping.origins(date(2019, 1, 1), date(2018, 1, 1), 1)
