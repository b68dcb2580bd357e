"""Measure the outage model walk-forward, and write `docs/outages.md`: `make outages`."""

import argparse
import multiprocessing
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import ModuleType

import numpy as np
import outage_totals
import pandas as pd
import xarray as xr
from outage_page import page
from outage_record import ANYWHERE, BASELINES, MONTHS, REGIONS, SIZES, Past, after, asked, numbered, past
from walk import months

from forecast import conditions, inference, rules, world
from forecast.compiled import Start
from forecast.conditions import Limits, Where
from forecast.desk import Desk
from forecast.events import Futures, Snapshot
from forecast.inference import CORES
from forecast.rules import Rule, Window
from forecast.spec import Refit, Spec
from forecast.walking import enough

ROOT = Path(__file__).parents[1]
MODEL, SOURCE, KIND = "outages", "oil_disruptions", "outage"
FIRST = date(2005, 1, 1)  # five years after small outages began to be written down
FUTURES = inference.Sizes(draws=9600, parameters=1200)
# Less is asked of chains than of what is published, as in the walk of the attack model.
AFTER = Refit(draws=400, tune=100)
WHERE: Where = {"kind": (KIND,), "parent": ("",), "asset": Limits(without=("refinery",))}


def variants(spec: Spec) -> dict[str, Spec]:
    """Name other settings that were tried."""

    def other(**options: object) -> Spec:
        return replace(spec, options={**spec.options, **options})

    return {
        "model": spec,
        "half-life of 8 years": other(half_life=8.0),
        "nothing forgotten": other(half_life=1e6),
        "no season": other(seasons=[]),
    }


class Fitter:
    """Fits that begin where the one of the month before ended."""

    def __init__(self) -> None:
        self.start: Start | None = None

    def __call__(self, page: ModuleType, panel: xr.Dataset, item: Spec, seed: int) -> xr.DataTree:
        """Draw the posterior."""
        asked_of = replace(item.sampler, refit=AFTER)
        tree = inference.sample(page.sampled(panel, item), asked_of, seed, self.start, gate=enough)
        self.start = Start.of(tree["start"].to_dataset())
        return tree


def read_off(futures: Futures, snapshot: Snapshot) -> dict[tuple[str, int, int], float]:
    """Read all questions off futures: region, size and months -> probability."""
    frame = futures.events[KIND]
    frame = frame[conditions.matching(frame, WHERE)]
    draw, value, at = frame["draw"].to_numpy(), frame["value"].to_numpy(), frame["event_at"].to_numpy()
    found: dict[tuple[str, int, int], float] = {}
    for region in REGIONS:
        here = np.ones(len(frame), bool) if region == ANYWHERE else (frame["region"] == region).to_numpy()
        for length in MONTHS:
            inside = here & (at < np.datetime64(after(snapshot.as_of, length)))
            largest = np.zeros(futures.draws)
            np.maximum.at(largest, draw[inside], value[inside])
            found |= {(region, size, length): float((largest >= size).mean()) for size in SIZES}
    return found


def check(futures: Futures, snapshot: Snapshot) -> None:
    """Refuse to go on unless some questions have the answers that reports would give."""
    found, read = read_off(futures, snapshot), {}
    for region, size, length in (("gulf", 500, 3), ("north_america", 100, 1), (ANYWHERE, 1000, 6)):
        where = WHERE if region == ANYWHERE else {**WHERE, "region": (region,)}
        rule = Rule("max", where, ">=", size)
        window = Window(snapshot.as_of, after(snapshot.as_of, length))
        read[region, size, length] = float(rule.holds(rules.in_futures(rule, snapshot, futures, window)).mean())
    assert read.items() <= found.items()


def simulated(specs: Mapping[str, Spec], fitters: Mapping[str, Fitter], snapshot: Snapshot) -> dict[str, Futures]:
    """Fit every variant on what was known, and let its futures run."""
    until = {KIND: after(snapshot.as_of, max(MONTHS))}
    return {
        name: world.simulate([spec], world.fit([spec], snapshot, fitters[name]), snapshot, until, FUTURES)
        for name, spec in specs.items()
    }


def scored(futures: Mapping[str, Futures], snapshot: Snapshot, truth: Past) -> Iterator[dict[str, object]]:
    """Give one row for each question and model of one origin."""
    known = past(snapshot, WHERE)
    said = {name: read_off(found, snapshot) for name, found in futures.items()}
    for one in asked():
        closes = after(snapshot.as_of, one.months)
        if closes > truth.until:
            continue
        window = (np.array([numbered(snapshot.as_of)]), np.array([numbered(closes)]))
        outcome = bool(truth.happened(one.region, one.size, *window)[0])
        p = {name: found[one.region, one.size, one.months] for name, found in said.items()}
        p |= {name: baseline(known, one) for name, baseline in BASELINES.items()}
        key = {"origin": snapshot.as_of, "region": one.region, "size": one.size, "months": one.months}
        yield from ({**key, "model": name, "p": value, "outcome": outcome} for name, value in p.items())


def walk(origins: list[date]) -> dict[str, pd.DataFrame]:
    """Score outages that begin, and those under way, at some origins one after the other."""
    desk = Desk(ROOT)
    specs = variants(desk.spec(MODEL))
    fitters = {name: Fitter() for name in specs}
    newest = desk.archive.as_of(desk.archive.newest((SOURCE,)), (SOURCE,))
    truth = past(newest, WHERE)
    rows: dict[str, list[dict[str, object]]] = {"begun": [], "standing": []}
    for origin in origins:
        snapshot = desk.archive.as_of(origin, (SOURCE,))
        futures = simulated(specs, fitters, snapshot)
        if origin == origins[0]:
            check(futures["model"], snapshot)
        rows["begun"] += scored(futures, snapshot, truth)
        rows["standing"] += outage_totals.scored(WHERE, futures["model"], snapshot, newest)
        print(origin, file=sys.stderr, flush=True)
    return {name: pd.DataFrame(found) for name, found in rows.items()}


def main(arguments: list[str]) -> None:
    """Walk, and write the page."""
    parser = argparse.ArgumentParser(description="measure the outage model walk-forward")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "outages.md", help="page that is written")
    parser.add_argument("--rows", type=Path, help="folder in which to keep the scores, as CSV")
    given = parser.parse_args(arguments)
    desk = Desk(ROOT)
    newest = desk.archive.newest((SOURCE,))
    origins = [origin for origin in months(FIRST, newest) if after(origin, min(MONTHS)) <= newest]
    parts = [part.tolist() for part in np.array_split(np.array(origins, dtype=object), CORES)]
    with ProcessPoolExecutor(CORES, multiprocessing.get_context("spawn")) as pool:
        walked = list(pool.map(walk, parts))
    tables = {name: pd.concat([one[name] for one in walked], ignore_index=True) for name in walked[0]}
    if given.rows:
        for name, table in tables.items():
            table.to_csv(given.rows / f"{name}.csv", index=False)
    given.page.write_text(page(**tables), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
