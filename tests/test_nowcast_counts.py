"""Nowcasts of the family `counts`: in worlds drawn from its own priors, intervals of what is not known yet cover it."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from forecast import inference, spec, walking, world
from forecast.events import Snapshot
from forecast.inference import Sizes
from forecast.models import counts
from forecast.models.reporting import LONGEST
from forecast.prospect import Prospect
from tests.worlds import AS_OF, events, snapshot

FIRST = AS_OF - timedelta(weeks=156)
FED = spec.parse(
    f"""
name = "fed"
title = "Fed"
family = "counts"
since = {FIRST}
step = 7
written = 2020-01-01
summary = "Counts that feed on themselves."
target = {{ kind = "strike" }}
[priors]
background = [30, 300]
spread_origin = [0.08, 0.12]
spread_mark = [0.08, 0.12]
spread_place = [0.08, 0.12]
spread_front = [0.08, 0.12]
spread_cell = [0.08, 0.12]
feedback = [0.2, 0.7]
own = [0.1, 1.0]
front = [0.05, 0.4]
origin = [0.05, 0.4]
all = [0.05, 0.4]
dispersion = [1.0, 8.0]
[options]
memories = [30]
shared = 30
pooling = 0.2
ceiling = 1000.0
roles = {{ origin = "who", mark = "what", place = "entity" }}
cells = {{ red = {{ road = ["here"] }} }}
groups = {{ origin = {{ red = ["red"] }}, mark = {{ road = ["road"] }}, place = {{ here = ["here"] }} }}
[sampler]
chains = 2
tune = 400
""",
    "fed.toml",
)
SPANS = ((-14, 0), (0, 28))  # days from the as-of day: those that are not all known, and those to come
MEAN = 5  # days until an event is known, on average
SIZES = Sizes(1200, 600)


def drawn(worlds: int, seed: int = 0) -> list[pd.DataFrame]:
    """Draw parameters from the priors, and from them three years of events and the four weeks after: one frame each."""
    some = events([{"event_at": FIRST, "kind": "strike", "who": "red", "what": "road"}])
    empty = Snapshot(FIRST, some.iloc[:0], {"made": FIRST})
    data = counts.panel(empty, FED)
    tree = inference.from_prior(counts.sampled(data, FED), worlds, seed)
    prospect = Prospect(empty, AS_OF + timedelta(days=SPANS[-1][1]), Sizes(worlds, worlds))
    frame = counts.simulate(tree, data, FED, prospect, np.random.default_rng(seed)).events["strike"]
    frame = frame.astype({"who": str, "what": str, "entity": str}).assign(kind="strike")
    return [frame[(frame["draw"] == number).to_numpy()] for number in range(worlds)]


def seen(made: pd.DataFrame, rng: np.random.Generator) -> Snapshot:
    """Let each event become known after a geometric number of days, and keep what is known on the as-of day."""
    lag = np.minimum(rng.geometric(1 / (MEAN + 1), len(made)) - 1, LONGEST - 1)
    rows = made.assign(known_at=made["event_at"] + pd.to_timedelta(lag, "D"))
    past = rows[(rows["event_at"] < pd.Timestamp(AS_OF)).to_numpy()]
    columns = ["event_at", "known_at", "kind", "who", "what", "entity"]
    return snapshot(
        events([{str(name): cell for name, cell in row.items()} for row in past[columns].to_dict("records")])
    )


def counted(at: pd.Series) -> NDArray[np.int64]:
    days = (at.to_numpy() - np.datetime64(AS_OF)) / np.timedelta64(1, "D")
    return np.array([((days >= first) & (days < end)).sum() for first, end in SPANS])


def places(made: pd.DataFrame, seed: int, fitter: world.Fitter) -> list[float]:
    """Say where the final counts of both spans lie among all futures; then what was known of the first, and it."""
    rng = np.random.default_rng(seed)
    known = seen(made, rng)
    until = {"strike": AS_OF + timedelta(days=SPANS[-1][1])}
    fitted = world.fit([FED], known, fitter)
    futures = world.simulate([FED], fitted, known, until, SIZES).events["strike"]
    told = np.zeros((SIZES.draws, len(SPANS)))
    for number, one in futures.groupby("draw"):
        told[int(str(number))] = counted(one["event_at"])
    recorded, final = counted(known.events["event_at"]), counted(made["event_at"])
    below, equal = (told < final - recorded).mean(axis=0), (told == final - recorded).mean(axis=0)
    return [*(below + rng.random(len(SPANS)) * equal).tolist(), float(recorded[0]), float(final[0])]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_intervals_of_late_counts_and_of_counts_to_come_cover_90_per_cent() -> None:
    """Of 60 worlds, each with a fit of its own, as quick as those of a walk."""
    fitter = walking.Quick(follow=False, cores=1)
    found = np.array([places(made, seed, fitter) for seed, made in enumerate(drawn(60))])
    at, known, final = found[:, :2], found[:, 2].sum(), found[:, 3].sum()
    inside = ((at > 0.05) & (at < 0.95)).mean(axis=0)
    assert (np.abs(inside - 0.9) < 0.03 + 3 * np.sqrt(0.09 / len(at))).all()
    assert (np.abs(at.mean(axis=0) - 0.5) < 4.5 * np.sqrt(1 / 12 / len(at))).all()  # nor are they all too low
    assert abs(known / final - np.mean(1 - (5 / 6) ** np.arange(1, 15))) < 0.05  # uncorrected, a third is missing
