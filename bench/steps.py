"""Time the steps of a run on the reference desk: `make bench`. Figures are seconds, medians of three runs."""

import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from forecast import predict, rules, world
from forecast.archive import Archive
from forecast.desk import Desk
from forecast.inference import Sizes
from forecast.models import counts

ROOT = Path(__file__).parents[1]
RUNS = 3


def timed(name: str, step: Callable[[], Any], runs: int = RUNS) -> Any:
    """Run a step some times, print the median, and return what it made."""
    times, made = [], None
    for _ in range(runs):
        began = time.perf_counter()
        made = step()
        times.append(time.perf_counter() - began)
    print(f"{name:<58}{statistics.median(times):8.2f} s", flush=True)
    return made


def main() -> None:
    """Time loading, panel, fit, simulation, answers and report of the seed case."""
    began = time.perf_counter()
    import nutpie
    import pymc

    name = f"import pymc {pymc.__version__} and nutpie {nutpie.__version__}"
    print(f"{name:<58}{time.perf_counter() - began:8.2f} s")
    timed("load the whole bundle", lambda: Archive(ROOT / "data"))
    desk = Desk(ROOT)
    item = desk.brief("seed-2019")
    as_of = desk.as_of(item, None)
    snapshot = timed("take a snapshot", lambda: desk.archive.as_of(as_of, item.sources))
    spec = desk.spec("proxy_attacks")
    panel = timed("panel of the count model", lambda: counts.panel(snapshot, spec))
    seed = world.seed(spec, snapshot)
    tree = timed("compile and sample the count model (once)", lambda: counts.posterior(panel, spec, seed), 1)
    until = as_of + timedelta(days=90)
    sizes: Sizes = predict.SIZES
    futures = timed(
        f"simulate {sizes.draws:,} futures of 90 days",
        lambda: counts.simulate(tree, panel, spec, snapshot, until, sizes, np.random.default_rng(1)),
    )
    questions, _ = desk.unfolded(item, snapshot)
    mine = [one for one in questions if one.rule.kinds == spec.kinds]
    timed(
        f"answer {len(mine)} questions in them",
        lambda: [rules.in_futures(one.rule, snapshot, futures, one.window) for one in mine],
    )


if __name__ == "__main__":
    sys.exit(main())
