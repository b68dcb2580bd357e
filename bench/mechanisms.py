"""Measure the mechanism model walk-forward, and write `docs/mechanisms.md`: `make mechanisms`."""

import argparse
import multiprocessing
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from measured import say
from mechanism_baselines import baselines
from mechanism_page import page
from mechanism_record import HORIZONS, Array, Standing, Truth, past
from mechanism_skill import Measured

from forecast import rules, world
from forecast.desk import Desk
from forecast.events import Futures, Snapshot, day
from forecast.inference import CORES, Sizes
from forecast.models import stage_mode, stages
from forecast.models.ladder import Ladder
from forecast.models.spells import numbered
from forecast.prospect import Prospect
from forecast.rules import Rule, Window

ROOT = Path(__file__).parents[1]
MODEL, USUAL, SOURCE = "mechanisms", "mechanisms_climatology", "mechanisms"
READ, MAKERS = ("attacks", "context"), ("attacks_climatology", "context")  # what its covariates read, and who makes it
# The last but one quarter in which treaties were followed, and the ten years and three quarters before it.
LAST, ORIGINS = date(2025, 12, 15), 44
SIZES = Sizes(draws=4000, parameters=1000)
SAMPLED = (date(2015, 6, 15), date(2019, 5, 15), date(2023, 6, 15))
CASE = date(2019, 5, 17)
NO_RECORD = timedelta(days=90)  # so long nothing is replayed: there may be no event yet
BY = (date(2019, 7, 8), date(2020, 4, 1), date(2021, 5, 17))  # the first day that no longer counts
ASKED = (
    ("INSTEX operational by 7 July 2019", "instex", "operational", 0),
    ("INSTEX used by 7 July 2019", "instex", "first_use", 0),
    ("INSTEX used by 31 March 2020", "instex", "first_use", 1),
    ("oil bought through it by 16 May 2021", "instex_oil_channel", "first_use", 2),
    ("INSTEX ended by 16 May 2021", "instex", "", 2),
)


def read_off(futures: Futures, standing: Standing, found: Ladder, opens: date) -> Array:
    """Read all questions off futures: probabilities, shape (process, question, horizon)."""
    when = np.full((len(found.stages) + 1, len(standing.entities), futures.draws), np.inf, np.float32)
    names = pd.Index(standing.entities)
    for kind in (*found.stages, *found.exits):
        frame = futures.events[kind]
        place = names.get_indexer(frame["entity"].cat.categories)[frame["entity"].cat.codes]
        rung = found.stages.index(kind) if kind in found.stages else len(found.stages)
        days = (frame["event_at"].to_numpy() - day(opens)) / np.timedelta64(1, "D")
        when[rung, place, frame["draw"].to_numpy()] = days
    when[:-1] = np.minimum.accumulate(when[-2::-1], axis=0)[::-1]
    number = np.stack([(when < horizon).sum(axis=2) for horizon in standing.horizons], axis=-1)
    return np.asarray((number.transpose(1, 0, 2) + 0.5) / (futures.draws + 1))


def check(p: Array, futures: Futures, standing: Standing, found: Ladder, snapshot: Snapshot) -> None:
    """Refuse to go on unless some questions have the answers that reports would give."""
    ends = snapshot.as_of + timedelta(days=standing.horizons[-1])
    window = Window(snapshot.as_of, ends)
    for process, question in np.argwhere(standing.asked(found)[:, :, -1])[::50]:
        kinds = found.stages[question:] if question < len(found.stages) else found.exits
        rule = Rule("count", {"kind": tuple(kinds), "entity": (standing.entities[process],)})
        held = rule.holds(rules.in_futures(rule, snapshot, futures, window)).sum()
        assert np.isclose(p[process, question, -1], (held + 0.5) / (futures.draws + 1))


class Walker:
    """Forecasts of all models at any origin."""

    def __init__(self) -> None:
        self.desk = Desk(ROOT)
        self.spec, self.usual = self.desk.spec(MODEL), self.desk.spec(USUAL)
        self.found = stages.options(self.spec)

    @cached_property
    def truth(self) -> Truth:
        """What came."""
        newest = self.desk.archive.newest((SOURCE,))
        return Truth.of(self.desk.archive.as_of(newest, (SOURCE,)), self.spec, self.found)

    def snapshot(self, when: date) -> Snapshot:
        """Say what was known."""
        return self.desk.archive.as_of(when, (SOURCE, *READ))

    def before(self, snapshot: Snapshot, until: date) -> Futures:
        """Let happen what its covariates read: the record replayed, as in reports about mechanisms alone."""
        specs = [self.desk.spec(name) for name in MAKERS]
        makers = [spec for spec in specs if snapshot.as_of - spec.since > NO_RECORD]
        kinds = dict.fromkeys(self.spec.reads, until)
        return world.simulate(makers, world.fit(makers, snapshot), snapshot, kinds, SIZES)

    def simulated(self, tree: xr.DataTree, panel: xr.Dataset, snapshot: Snapshot, days: int = max(HORIZONS)) -> Futures:
        """Let the model run."""
        until, rng = snapshot.as_of + timedelta(days=days), np.random.default_rng(world.seed(self.spec, snapshot))
        prospect = Prospect(snapshot, until, SIZES, self.before(snapshot, until))
        return stages.simulate(tree, panel, self.spec, prospect, rng)

    def climatology(self, snapshot: Snapshot, days: int = max(HORIZONS)) -> Futures:
        """Let the product's own baseline run."""
        until = dict.fromkeys(self.usual.kinds, snapshot.as_of + timedelta(days=days))
        return world.simulate([self.usual], world.fit([self.usual], snapshot), snapshot, until, SIZES)

    def said(self, snapshot: Snapshot, panel: xr.Dataset, standing: Standing) -> dict[str, Array]:
        """Answer all questions with every model."""
        days, opens = max(standing.horizons), snapshot.as_of
        futures = self.simulated(stage_mode.posterior(panel, self.spec), panel, snapshot, days)
        p = {"model": read_off(futures, standing, self.found, opens)}
        check(p["model"], futures, standing, self.found, snapshot)
        p["constant rates"] = read_off(self.climatology(snapshot, days), standing, self.found, opens)
        return p | baselines(past(snapshot, self.spec, self.found), standing, self.found)

    def sampled(self, snapshot: Snapshot, panel: xr.Dataset, standing: Standing) -> Array:
        """Answer them with the posterior that is published."""
        tree = stages.posterior(panel, self.spec, world.seed(self.spec, snapshot))
        futures = self.simulated(tree, panel, snapshot, max(standing.horizons))
        return read_off(futures, standing, self.found, snapshot.as_of)


def scores(origin: date) -> pd.DataFrame:
    """Give one row for each question of an origin whose answer is certain: what was said, and what came."""
    walker, began = Walker(), time.perf_counter()
    snapshot = walker.snapshot(origin)
    panel = stages.panel(snapshot, walker.spec)
    standing = Standing.of(panel)
    p = walker.said(snapshot, panel, standing)
    answers = walker.truth.answers(standing, origin)
    closed = numbered(origin) + np.array(HORIZONS) <= walker.truth.early.until
    process, question, horizon = np.nonzero(standing.asked(walker.found) & closed)
    early, place = walker.truth.early, walker.truth.early.places(standing.entities)[process]
    traits = panel["has"].to_numpy()[process] > 0
    rows = pd.DataFrame(
        {
            "origin": origin,
            "entity": np.array(standing.entities)[process],
            "treaty": early.treaty[place],
            "last_source": early.last_source[place],
            "ends": question == len(walker.found.stages),
            "days": np.array(HORIZONS)[horizon],
            "outcome": answers[process, question, horizon],
            "followed": walker.truth.followed(standing, origin)[process, horizon],
            "weight": walker.truth.weights(standing, origin)[process, horizon],
            **{trait.name: traits[:, number] for number, trait in enumerate(walker.found.traits)},
            **{name: found[process, question, horizon] for name, found in p.items()},
        }
    )
    say(f"{origin}: {len(standing.entities)} mechanisms, {time.perf_counter() - began:.0f} s")
    return rows


def against_sampled(origin: date) -> pd.DataFrame:
    """Set the fast engine beside the published posterior, for all questions about mechanisms written by hand."""
    walker, began = Walker(), time.perf_counter()
    snapshot = walker.snapshot(origin)
    panel = stages.panel(snapshot, walker.spec)
    standing = Standing.of(panel)
    tree = stage_mode.posterior(panel, walker.spec)
    fast = read_off(walker.simulated(tree, panel, snapshot), standing, walker.found, origin)
    slow = walker.sampled(snapshot, panel, standing)
    treaty = walker.truth.early.treaty[walker.truth.early.places(standing.entities)]
    process, question, horizon = np.nonzero(standing.asked(walker.found) & ~treaty[:, None, None])
    say(f"{origin}: sampled in {time.perf_counter() - began:.0f} s")
    where = (process, question, horizon)
    return pd.DataFrame(
        {
            "origin": origin,
            "entity": np.array(standing.entities)[process],
            "ends": question == len(walker.found.stages),
            "days": np.array(HORIZONS)[horizon],
            "fast": fast[where],
            "sampled": slow[where],
        }
    )


def the_case(sampled: bool) -> pd.DataFrame:
    """Answer the questions about INSTEX with every model: one row each."""
    walker = Walker()
    snapshot = walker.snapshot(CASE)
    panel = stages.panel(snapshot, walker.spec)
    standing = Standing.of(panel, tuple((by - CASE).days for by in BY))
    p = walker.said(snapshot, panel, standing)
    if sampled:
        p = {"model": p.pop("model"), "the same, sampled": walker.sampled(snapshot, panel, standing), **p}
    answers = walker.truth.answers(standing, CASE)
    rows = []
    for text, entity, stage, by in ASKED:
        question = walker.found.stages.index(stage) if stage else len(walker.found.stages)
        where = (standing.entities.index(entity), question, by)
        said = {name: float(found[where]) for name, found in p.items()}
        rows.append({"": text, **said, "came": "yes" if answers[where] else "no"})
    return pd.DataFrame(rows)


def seconds(act: Callable[[], object]) -> float:
    """Time an act: the median of three."""
    found = []
    for _ in range(3):
        began = time.perf_counter()
        act()
        found.append(time.perf_counter() - began)
    return statistics.median(found)


def timed() -> dict[str, float]:
    """Time a fit and a simulation where most mechanisms are open."""
    walker = Walker()
    snapshot = walker.snapshot(LAST)
    panel = stages.panel(snapshot, walker.spec)
    tree = stage_mode.posterior(panel, walker.spec)
    return {
        "mechanisms": float(panel.sizes["process"]),
        "fit": seconds(lambda: stage_mode.posterior(stages.panel(snapshot, walker.spec), walker.spec)),
        "simulation": seconds(lambda: walker.simulated(tree, panel, snapshot)),
    }


def main(arguments: list[str] | None = None) -> None:
    """Walk, and write the page."""
    parser = argparse.ArgumentParser(description="measure the mechanism model walk-forward")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "mechanisms.md", help="page that is written")
    parser.add_argument("--rows", type=Path, help="folder in which to keep the scores, as CSV")
    parser.add_argument("--unsampled", action="store_true", help="leave out the comparison with the sampled posterior")
    given = parser.parse_args(arguments)
    times = timed()
    origins = [stamp.date() for stamp in pd.date_range(end=LAST, periods=ORIGINS, freq=pd.DateOffset(months=3))]
    with ProcessPoolExecutor(CORES, multiprocessing.get_context("spawn")) as pool:
        rows = pd.concat(list(pool.map(scores, origins)), ignore_index=True)
    sampled = pd.DataFrame() if given.unsampled else pd.concat([against_sampled(origin) for origin in SAMPLED])
    found = Measured(rows, the_case(not given.unsampled), sampled, times)
    if given.rows:
        for name, part in (("rows", rows), ("case", found.case), ("sampled", sampled)):
            part.to_csv(given.rows / f"{name}.csv", index=False)
    given.page.write_text(page(found), encoding="utf-8")


if __name__ == "__main__":
    main()
