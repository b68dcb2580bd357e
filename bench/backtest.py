"""How long a walk through the record takes, and how near it is to what would have been published.

Sixty monthly origins of the brief `record` are walked by as many processes as there are cores. A few of them are then
forecast as somebody would without the walk: in a new process, each fit from nothing and as for publication. `make
backtest` writes docs/backtest.md, half an hour.
"""

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
from measured import machine, table

from forecast import bookkeeping
from forecast.files import write
from forecast.ledger import Ledger
from forecast.register import Register, Told

ROOT = Path(__file__).parents[1]
BRIEF = "record"
FIRST, LAST = date(2018, 1, 15), date(2022, 12, 15)
SPOTS = (date(2019, 5, 15), date(2022, 6, 15))
PARTS = ("data", "models", "reports")
PAGE = """# How fast a walk is, and how near

{machine}

`forecast backtest --brief record` walked {days} monthly origins, {forecasts:,} forecasts of all models and questions,
in **{walk:.1f} min** (asked: at most 10). The largest process took {memory:.2f} GB.

Somebody who forecasts each origin in a new process, from nothing and as for publication, takes {naive:.1f} min for each
(mean of {spots}): {all:.0f} min for all, **{times:.0f} times** as long (asked: at least 10 times).

## Is it the same?

A walk asks less of its chains, begins from an earlier fit, simulates half as many futures, and reads mechanisms off
their posterior mode. So its raw probabilities differ from those that would have been published, beside what Monte Carlo
alone does to both. In {spots} origins:

{near}
`expected` is the mean absolute difference that the Monte Carlo errors of both, at most, would make by themselves;
`beyond` the share of forecasts that differ by more than 1.96 of these standard errors (5 % by chance alone). `make
backtest` writes this page.
"""


def main() -> None:
    """Walk, forecast anew, compare, write the page."""
    on = machine()
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "walk.db"
        began = time.perf_counter()
        run("backtest", "--from", FIRST.isoformat(), "--to", LAST.isoformat(), book=book, desk=ROOT)
        walk = (time.perf_counter() - began) / 60
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
        walked = Register(Ledger(f"sqlite:///{book}").rows())
        spots = {spot: naively(spot, Path(folder)) for spot in SPOTS}
    days = bookkeeping.origins(FIRST, LAST, 1)
    naive = float(np.mean([minutes for minutes, _ in spots.values()]))
    near = [nearness(family, walked, [found for _, found in spots.values()]) for family in families(walked)]
    page = PAGE.format(
        machine=on,
        days=len(days),
        forecasts=len(walked.told(BRIEF)),
        walk=walk,
        memory=memory,
        naive=naive,
        spots=len(SPOTS),
        all=naive * len(days),
        times=naive * len(days) / walk,
        near=table(list(near[0]), near),
    )
    write(ROOT / "docs" / "backtest.md", page.encode())
    print(page)


def run(verb: str, *asked: str, book: Path, desk: Path) -> None:
    """Call the program in a process of its own."""
    command = [sys.executable, "-m", "forecast.cli", verb, "--brief", BRIEF, *asked, "--book", f"sqlite:///{book}"]
    subprocess.run([*command, "--desk", str(desk), "--json"], check=True, stdout=subprocess.DEVNULL)  # noqa: S603


def naively(spot: date, folder: Path) -> tuple[float, Register]:
    """Forecast an origin on a desk where nothing is kept; with the minutes that it took."""
    desk, book = folder / f"desk-{spot}", folder / f"{spot}.db"
    desk.mkdir()
    for part in PARTS:
        shutil.copytree(ROOT / part, desk / part, ignore=shutil.ignore_patterns("fitted"))
    began = time.perf_counter()
    run("issue", "--as-of", spot.isoformat(), book=book, desk=desk)
    return (time.perf_counter() - began) / 60, Register(Ledger(f"sqlite:///{book}").rows())


def families(found: Register) -> list[str]:
    """List the families of models in a book."""
    return sorted({told.family for _, told in found.told(BRIEF)})


def nearness(family: str, walked: Register, full: list[Register]) -> dict[str, str]:
    """Compare the raw probabilities of one family, forecast by forecast."""
    own = {(told.question, told.as_of): told for _, told in walked.told(BRIEF)}
    pairs: list[tuple[Told, Told]] = [
        (own[told.question, told.as_of], told)
        for found in full
        for _, told in found.told(BRIEF)
        if told.family == family
    ]
    apart = np.array([abs(one.raw - two.raw) for one, two in pairs])
    error = np.array([np.hypot(one.error, two.error) for one, two in pairs])
    return {
        "models": family,
        "n": str(len(pairs)),
        "mean": f"{100 * apart.mean():.2f} points",
        "expected": f"{100 * error.mean() * np.sqrt(2 / np.pi):.2f}",
        "most": f"{100 * apart.max():.1f}",
        "beyond": f"{100 * (apart > 1.96 * error).mean():.0f} %",
    }


if __name__ == "__main__":
    main()
