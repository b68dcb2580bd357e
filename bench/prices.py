"""Measure the price model walk-forward, and write `docs/prices.md`: `make prices`."""

import argparse
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from price_page import page
from price_paths import ASKED, BASELINES, Array, Past, readings
from walk import months

from forecast import rules, world
from forecast.desk import Desk
from forecast.events import Futures, Snapshot
from forecast.inference import Sizes
from forecast.rules import Rule, Window
from forecast.spec import Spec

ROOT = Path(__file__).parents[1]
MODEL, SOURCE, KIND = "brent", "brent", "close"
FIRST = date(2000, 1, 1)
HORIZONS = (30, 60, 90)
SIZES = Sizes(draws=9600, parameters=1200)
SEED = 20000101


def past(snapshot: Snapshot) -> Past:
    """Take the series out of what was known."""
    rows = snapshot.of_kind((KIND,))
    return Past(rows["event_at"].to_numpy(), rows["value"].to_numpy(float))


def paths(futures: Futures, known: Past, ahead: int) -> Array:
    """Lay simulated closes out as the baselines lay theirs."""
    frame = futures.events[KIND]
    column = ((frame["event_at"].to_numpy() - known.at[-1]) / np.timedelta64(1, "D")).astype(int) - 1
    found = np.full((futures.draws, ahead), np.nan)
    inside = column < ahead
    found[frame["draw"].to_numpy()[inside], column[inside]] = np.log(
        frame["value"].to_numpy()[inside] / known.close[-1]
    )
    return found


def came(truth: Past, known: Past, ahead: int) -> Array:
    """Lay what came out in the same way, as one path."""
    column = ((truth.at - known.at[-1]) / np.timedelta64(1, "D")).astype(int) - 1
    found = np.full((1, ahead), np.nan)
    inside = (column >= 0) & (column < ahead)
    found[0, column[inside]] = np.log(truth.close[inside] / known.close[-1])
    return found


def modelled(spec: Spec, snapshot: Snapshot) -> tuple[Futures, float]:
    """Fit and simulate the model for three horizons; say how many seconds that took."""
    until = snapshot.as_of + timedelta(days=max(HORIZONS))
    snapshot.digest, snapshot.of_kind((KIND,))  # what every model of a run shares
    began = time.perf_counter()
    futures = world.simulate([spec], world.fit([spec], snapshot), snapshot, {KIND: until}, SIZES)
    return futures, time.perf_counter() - began


def read_by_rules(futures: Futures, snapshot: Snapshot, measure: rules.Measure, days: int) -> Array:
    """Read a measure off futures as reports do."""
    rule = Rule(measure, {"kind": (KIND,)})
    return rules.in_futures(rule, snapshot, futures, Window(snapshot.as_of, snapshot.as_of + timedelta(days=days)))


def scored(spec: Spec, snapshot: Snapshot, truth: Snapshot, first: bool) -> Iterator[dict[str, object]]:
    """Give one row for each question, horizon and model of one origin."""
    known, actual = past(snapshot), past(truth)
    gap = int((np.datetime64(snapshot.as_of) - known.at[-1].astype("datetime64[D]")).astype(int))
    ahead = gap + max(HORIZONS)
    futures, seconds = modelled(spec, snapshot)
    rng = np.random.default_rng([SEED, snapshot.as_of.toordinal()])
    laid = {"model": paths(futures, known, ahead)}
    laid |= {name: baseline(known, ahead, rng) for name, baseline in BASELINES.items()}
    for days in HORIZONS:
        if snapshot.as_of + timedelta(days=days) > truth.as_of:
            continue
        read = {name: readings(found, gap, gap + days) for name, found in laid.items()}
        if first:
            for measure in ("rise", "fall", "change", "volatility"):
                np.testing.assert_allclose(read["model"][measure], read_by_rules(futures, snapshot, measure, days))
        happened = readings(came(actual, known, ahead), gap, gap + days)
        before = lately(known, days)
        for number, asked in enumerate(ASKED):
            p = {name: float(asked.holds(found[asked.measure]).mean()) for name, found in read.items()}
            p["persistence"] = (p["climatology"] + float(asked.holds(before[asked.measure])[0])) / 2
            key = {"origin": snapshot.as_of, "family": asked.family, "question": number, "horizon": days}
            outcome = bool(asked.holds(happened[asked.measure])[0])
            yield from (
                {**key, "model": name, "p": value, "outcome": outcome, "seconds": seconds} for name, value in p.items()
            )


def lately(known: Past, days: int) -> dict[str, Array]:
    """Read what happened in the last window of the same length."""
    opened = int(np.searchsorted(known.at, known.at[-1] - np.timedelta64(days, "D"), "right"))
    then = Past(known.at[:opened], known.close[:opened])
    ahead = int((known.at[-1] - then.at[-1]) / np.timedelta64(1, "D"))
    return readings(came(known, then, ahead), 1, ahead + 1)


def main(arguments: list[str]) -> None:
    """Walk, and write the page."""
    parser = argparse.ArgumentParser(description="measure the price model walk-forward")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "prices.md", help="page that is written")
    parser.add_argument("--rows", type=Path, help="where to keep the scores, as CSV")
    given = parser.parse_args(arguments)
    desk = Desk(ROOT)
    spec, truth = desk.spec(MODEL), desk.archive.as_of(desk.archive.newest((SOURCE,)), (SOURCE,))
    rows: list[dict[str, object]] = []
    last = truth.as_of - timedelta(days=min(HORIZONS))
    for origin in months(FIRST, last):
        rows += scored(spec, desk.archive.as_of(origin, (SOURCE,)), truth, not rows)
        print(origin, file=sys.stderr, flush=True)
    table = pd.DataFrame(rows)
    if given.rows:
        table.to_csv(given.rows, index=False)
    given.page.write_text(page(table), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
