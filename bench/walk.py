"""Walk forward through the record: at each origin, fit on what was known, forecast, and score against what came."""

import hashlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scoring import at_least, crps, pit
from yardsticks import BASELINES, TOP

from forecast import answers, conditions, files, posteriors, provenance, rules, walking, world
from forecast.desk import Desk
from forecast.events import Futures, Snapshot, day
from forecast.inference import Sizes
from forecast.prospect import Prospect
from forecast.questions import Question
from forecast.spec import Spec

SOURCES = ("attacks", "context")
HORIZONS = (30, 60, 90)
THRESHOLDS = (1, 3)
SIZES = Sizes(draws=1600, parameters=400)


def months(first: date, last: date) -> list[date]:
    """List the first days of months, both ends included."""
    return [stamp.date() for stamp in pd.date_range(first, last, freq="MS")]


def asked(desk: Desk, snapshot: Snapshot) -> list[Question]:
    """Take the attack questions of the reports, one for each group and horizon; thresholds are read off later."""
    found = answers.unfold(desk.questions("attacks"), snapshot)
    return [one for one in found if one.rule.threshold == THRESHOLDS[0] and one.window.days in HORIZONS]


def as_one(snapshot: Snapshot, actors: tuple[str, ...], actor: str) -> Snapshot:
    """Attribute the attacks of some actors to another: what the record would say under that choice."""
    rows = snapshot.events.assign(actor=snapshot.events["actor"].where(~snapshot.events["actor"].isin(actors), actor))
    return Snapshot(snapshot.as_of, rows, snapshot.through)


class Walk:
    """Forecasts of one pool of models at many origins, kept on disk as they come.

    Parameters
    ----------
    desk : Desk
    spec : Spec
    kept : Path
        Folder of one table an origin; what it holds is not computed again.
    merged : tuple of str
        Actors whose attacks count as those of `iran_state`.
    """

    def __init__(self, desk: Desk, spec: Spec, kept: Path, merged: tuple[str, ...] = ()) -> None:
        members = tuple(replace(member, sampler=walking.brief(spec.sampler)) for member in spec.members)
        self.desk, self.spec, self.merged = desk, replace(spec, members=members), merged
        digest = hashlib.sha256(f"{self.spec.digest}{provenance.fitting()}{merged}".encode()).hexdigest()[:12]
        self.kept = kept / digest
        self.fitter = walking.Quick()
        self.truth = self.known(desk.archive.newest(SOURCES))

    def known(self, when: date) -> Snapshot:
        """Say what was known on a day, under the walk's attribution."""
        snapshot = self.desk.archive.as_of(when, SOURCES)
        return as_one(snapshot, self.merged, "iran_state") if self.merged else snapshot

    def tables(self, origins: list[date]) -> Iterator[pd.DataFrame]:
        """Give the scores of every origin, oldest first: one row for each question, horizon and model."""
        self.kept.mkdir(parents=True, exist_ok=True)
        for origin in origins:
            path = self.kept / f"{origin}.csv"
            if not path.exists():
                keep(path, self._scores(self.known(origin)))
                print(f"{origin}", file=sys.stderr, flush=True)
            yield pd.read_csv(path, parse_dates=["origin"])

    def _scores(self, snapshot: Snapshot) -> pd.DataFrame:
        fitted = world.fit([self.spec], snapshot, self.fitter)
        until = snapshot.as_of + timedelta(days=max(HORIZONS))
        futures = {}
        for model in fitted:
            posteriors.save(self.posterior(model.spec, snapshot.as_of), model.tree)
            rng = np.random.default_rng(model.seed)
            futures[short(model.spec)] = model.family.simulate(
                model.tree, model.panel, model.spec, Prospect(snapshot, until, SIZES), rng
            )
        return self.scored(snapshot, futures | {"pool": Futures.pooled(list(futures.values()))})

    def posterior(self, member: Spec, origin: date) -> Path:
        """Say where the posterior of a member lies."""
        return self.kept / f"{member.name}-{origin}.nc"

    def scored(self, snapshot: Snapshot, futures: Mapping[str, Futures]) -> pd.DataFrame:
        """Score futures, and the baselines, against what came; windows that are still open are left out."""
        rows = []
        for question in asked(self.desk, snapshot):
            if question.closes > self.truth.as_of:
                continue
            outcome = int(rules.on_record(question.rule, self.truth, [question.opens], question.window.days)[0])
            past = daily(question, snapshot, self.spec.since)
            key = {"origin": snapshot.as_of, "question": question.group, "horizon": question.window.days}
            for name, future in futures.items():
                drawn = rules.in_futures(question.rule, snapshot, future, question.window)
                rows.append({**key, "model": name, **scored(distribution(drawn), outcome, len(drawn))})
            for name, baseline in BASELINES.items():
                rows.append({**key, "model": name, **scored(baseline(past, question.window.days), outcome, None)})
        return pd.DataFrame(rows)


def keep(path: Path, table: pd.DataFrame) -> None:
    """Write a table of scores, all of it or nothing."""
    files.write(path, table.to_csv(index=False).encode())


def short(member: Spec) -> str:
    """Name a member within its pool."""
    return member.name.partition(".")[2]


def daily(question: Question, snapshot: Snapshot, since: date) -> NDArray[np.float64]:
    """Count a question's events day by day, as far as they were known."""
    rows = snapshot.of_kind(question.rule.kinds)
    rows = rows[conditions.matching(rows, question.rule.where)]
    days = (snapshot.as_of - since).days
    ago = ((day(snapshot.as_of) - rows["event_at"].to_numpy("datetime64[us]")) / np.timedelta64(1, "D")).astype(int)
    inside = (ago >= 1) & (ago <= days)
    return np.bincount(days - ago[inside], rows["n"].to_numpy(float)[inside], days).astype(float)


def distribution(drawn: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn simulated counts into probabilities of 0 … TOP events."""
    return np.bincount(np.minimum(drawn, TOP).astype(int), minlength=TOP + 1) / len(drawn)


def scored(pmf: NDArray[np.float64], outcome: int, draws: int | None) -> dict[str, float]:
    """Keep what scores are made of; a probability read off futures stays half a future from certain."""
    outcome = min(outcome, TOP)
    p = {f"p{threshold}": at_least(pmf, threshold) for threshold in THRESHOLDS}
    if draws is not None:
        p = {name: (value * draws + 0.5) / (draws + 1) for name, value in p.items()}
    low, high = pit(pmf, outcome)
    q99 = float(np.searchsorted(np.cumsum(pmf), 0.99))
    return {"outcome": outcome, **p, "crps": crps(pmf, outcome), "pit_low": low, "pit_high": high, "q99": q99}
