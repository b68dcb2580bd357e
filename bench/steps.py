"""Time a run on the bundled data: the attack model step by step, all models end to end: `make bench`.

Three tables in Markdown on stdout: the steps of the attack model, the real command line at a copy of the desk, and
samplers on the same model. Every table begins with no compiled code. What goes on is told on stderr.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import samplers
import xarray as xr
from measured import BRIEF, MODEL, ROOT, Case, Stopwatch, case, fresh, keeping, machine, say, table, versions

from forecast import answers, compiled, diagnosis, predict, scenarios, world
from forecast import fitting as fitting_of
from forecast.archive import Archive
from forecast.compiled import Start
from forecast.desk import Desk
from forecast.events import Futures
from forecast.inference import Sizes
from forecast.prospect import Prospect
from forecast.rules import Readings
from forecast.spec import Spec

RUNS = 3
KIB = 1024
AGO = 30  # days between a refit and the posterior that it begins from
FUTURES, DAYS = Sizes(draws=4000, parameters=1000), 84
JOINT, JOINTLY = 90, Sizes(draws=4800, parameters=1200)  # which the members of a pool can share
COLUMNS = ("step", "seconds", "what it was")
# What a line on stderr begins, in the words of the table; a line that says none of it goes on with the same.
STAGES = {
    "events known": "panels, futures, answers",
    "compiling": "compile",
    "sampling": "sample {}",
    "converged": "panels, futures, answers",
    "writing": "report",
}
Row = dict[str, str]


def row(step: str, seconds: float, note: str = "") -> Row:
    """Lay out a row, and tell it."""
    say(f"{step}: {seconds:.2f} s {note}")
    return dict(zip(COLUMNS, (step, f"{seconds:.2f}", note), strict=True))


def often[T](act: Callable[[], T], runs: int = RUNS) -> tuple[float, T]:
    """Do something several times; give the median of its seconds, and what it made last."""
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        made = act()
        times.append(time.perf_counter() - began)
    return statistics.median(times), made


def imports() -> float:
    """Time the import of what a fit needs, in a process of its own; seconds."""
    return often(lambda: subprocess.run([sys.executable, "-c", "import pymc, nutpie"], check=True))[0]


def compiling() -> float:
    """Time the compilation of the attack model in this process, imports apart; seconds."""
    import nutpie  # noqa: F401
    import pymc  # noqa: F401

    found = case()
    part = sampled(found.spec)[0]
    page = world.family(part)
    model = page.sampled(page.panel(found.snapshot, part), part)
    return often(lambda: compiled.program(model.build, model.key), 1)[0]


def sampled(spec: Spec) -> list[Spec]:
    """List the members of a pool that are sampled."""
    return [part for part in spec.parts if hasattr(world.family(part), "sampled")]


def reading() -> Iterator[Row]:
    """Time what comes before a fit."""
    seconds, archive = often(lambda: Archive(ROOT / "data"))
    yield row("read the archive", seconds, "all sources")
    item, desk = Desk(ROOT).brief(BRIEF), Desk(ROOT)
    as_of = desk.as_of(item, None)
    seconds, snapshot = often(lambda: archive.as_of(as_of, item.sources))
    yield row("take a snapshot", seconds, f"{len(snapshot.events):,} events known on {as_of}")
    part = sampled(desk.spec(MODEL))[0]
    seconds, panel = often(lambda: world.family(part).panel(snapshot, part))
    yield row("panel", seconds, f"{panel.sizes['time']} bins x {panel.sizes['cell']} cells")


def fitting(now: Case, before: Case, part: Spec) -> tuple[list[Row], xr.DataTree]:
    """Time a fit from nothing and a refit of one member; give the rows, and the draws of the first."""
    page, name, rows = world.family(part), part.name.partition(".")[2], []
    earlier = page.posterior(page.panel(before.snapshot, part), part, world.seed(part, before.snapshot))
    panel, begun = page.panel(now.snapshot, part), Start.of(earlier["start"].to_dataset())
    trees = []
    for title, start in ((f"sample `{name}`", None), (f"refit `{name}`, {AGO} days later", begun)):
        watch = Stopwatch()
        seconds, tree = often(_fit(page, panel, now, part, start, watch), 1)
        attrs = tree["posterior"].attrs
        asked = f"{attrs['chains']:.0f} x ({attrs['tune']} + {attrs['draws']:.0f})"
        again = ", after a first attempt that was refused" if watch.times > 1 else ""
        note = f"{asked}, bulk ESS {attrs['ess_bulk']:.0f}, R-hat {attrs['r_hat']:.3f}{again}"
        rows += [row(title, watch.seconds, note), row("… its gate", seconds - watch.seconds, "R-hat, ESS, start kept")]
        trees.append(tree)
    return rows, trees[0]


def _fit(
    page: ModuleType, panel: xr.Dataset, now: Case, part: Spec, start: Start | None, watch: Stopwatch
) -> Callable[[], xr.DataTree]:
    return lambda: page.posterior(panel, part, world.seed(part, now.snapshot), start, watch)


def using(now: Case, trees: dict[str, xr.DataTree]) -> Iterator[Row]:
    """Time what comes after the fits: diagnosis, futures, answers."""

    def fitter(page: ModuleType, panel: xr.Dataset, item: Spec, seed: int) -> xr.DataTree:
        return trees[item.name] if item.name in trees else world.sampled(page, panel, item, seed)

    fitted, as_of = world.fit([now.spec], now.snapshot, fitter), now.snapshot.as_of
    seconds, _ = often(lambda: diagnosis.diagnose(now.spec, fitted, as_of), 1)
    yield row("diagnosis of the pool", seconds, "replicas, leave-one-out, sensitivity")
    until, what = as_of + timedelta(days=DAYS), f"{FUTURES.draws:,} futures of {DAYS} days, all cells; bar 2 s"
    for one in fitted:
        if one.spec.name in trees:
            seconds, _ = often(_futures(one, now, until))
            yield row(f"simulate `{one.spec.name.partition('.')[2]}`", seconds, what)
    seconds, futures = often(
        lambda: world.simulate([now.spec], fitted, now.snapshot, scenarios.horizons(now.questions), predict.SIZES)
    )
    yield row("simulate the pool as a run does", seconds, f"{futures.draws:,} futures")
    seconds, _ = often(
        lambda: [
            answers.probability(one, futures, answers.held(one, Readings(now.snapshot, futures))[1])
            for one in now.questions
        ]
    )
    yield row("answers", seconds, f"{len(now.questions)} questions in those futures")


def _futures(one: world.Fitted, now: Case, until: Any) -> Callable[[], Any]:
    given = (one.tree, one.panel, one.spec, Prospect(now.snapshot, until, FUTURES))
    return lambda: one.family.simulate(*given, np.random.default_rng(1))


def _answered(now: Case, futures: Futures) -> list[Any]:
    readings = Readings(now.snapshot, futures)
    return [answers.probability(one, futures, answers.held(one, readings)[1]) for one in now.questions]


def inside() -> list[Row]:
    """Time the steps of a run in this process, compilation and imports apart."""
    import nutpie  # noqa: F401

    now, before, trees = case(), case(AGO), {}
    rows, (first, *_) = list(reading()), sampled(now.spec)
    page = world.family(first)
    model = page.sampled(page.panel(now.snapshot, first), first)
    compiled.program(model.build, model.key)
    for part in sampled(now.spec):
        made, trees[part.name] = fitting(now, before, part)
        rows += made
    return rows + list(using(now, trees))


def steps(caches: Path) -> str:
    """Time the steps of a run; `caches` is an empty folder."""
    rows = [
        row("import pymc and nutpie", imports()),
        row("compile, empty cache", fresh(caches, compiling), "the attack model, once a machine"),
        row("compile, kept cache", fresh(caches, compiling), "the attack model, once a process"),
    ]
    return table(COLUMNS, rows + fresh(caches, inside))


def spent(lines: Iterable[tuple[float, str]], ended: float) -> dict[str, float]:
    """Share out the seconds of a command among what its lines on stderr said it was doing.

    Parameters
    ----------
    lines : iterable of (float, str)
        Seconds since the start, and what was said then.
    ended : float
        Seconds since the start.
    """
    found: dict[str, float] = {}
    stage, since = "start and read", 0.0
    for at, line in [*lines, (ended, "")]:
        found[stage] = found.get(stage, 0.0) + at - since
        since, member = at, line.partition(":")[0].rpartition(".")[2]
        stage = next((stage for word, stage in STAGES.items() if word in line), stage).format(member)
    return found


def command(desk: Path, caches: Path, *arguments: str) -> tuple[dict[str, float], float]:
    """Run `forecast` at a desk as a user would; give its seconds by stage, and the most memory that it took, in GB.

    Raises
    ------
    RuntimeError
        If it fails, with its last words.
    """
    began, lines = time.perf_counter(), []
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "forecast.cli", *arguments, "--desk", str(desk)],
        env={**os.environ, **keeping(caches)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stderr is not None
        for line in child.stderr:
            lines.append((time.perf_counter() - began, line.rstrip()))
            say(f"  {line.rstrip()}")
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"forecast {' '.join(arguments)}: {' / '.join(line for _, line in lines[-3:])}")
    return spent(lines, time.perf_counter() - began), usage.ru_maxrss * KIB / 1e9


def copied(to: Path) -> Path:
    """Copy the desk, without fitted posteriors and reports."""
    for part in ("data", "models", "reports/briefs"):
        shutil.copytree(ROOT / part, to / part, ignore=shutil.ignore_patterns("fitted", "__pycache__"))
    return to


def whole(folder: Path) -> str:
    """Time the real command line at copies of the desk; `folder` is empty."""
    newest = Desk(ROOT).as_of(Desk(ROOT).brief(BRIEF), None)
    one, two, caches = copied(folder / "one"), copied(folder / "two"), folder / "caches"
    run, earlier = ("run", "--brief", BRIEF), ("--as-of", str(newest - timedelta(days=AGO)))
    return table(
        COLUMNS,
        [
            _command_row("`forecast run`, nothing kept; bar 240 s, aim 120", one, caches, *run),
            _unchanged("`forecast run`, unchanged; bar 5 s, aim 2", one, caches, run),
            _rewritten("`forecast run`, posteriors kept and all else computed; bar 8 s", one, caches, run),
            fresh(caches, joint, one),
            _command_row(f"`forecast run`, code kept, {AGO} days before", two, caches, *run, *earlier),
            _command_row("`forecast refit` from that; bar 60 s for attacks alone", two, caches, "refit", *run[1:]),
        ],
    )


def joint(root: Path) -> Row:
    """Time joint futures of all models of a desk whose posteriors are kept."""
    desk = Desk(root)
    item = desk.brief(BRIEF)
    snapshot, models = desk.archive.as_of(desk.as_of(item, None), item.sources), desk.models(item)
    fitted = world.fit(models.specs, snapshot, fitting_of.fitter(root / "models" / "fitted", snapshot, say))
    until = snapshot.as_of + timedelta(days=JOINT)
    kinds = {kind: until for spec in models.specs for kind in spec.kinds}
    seconds, _ = often(lambda: world.simulate(models.specs, fitted, snapshot, kinds, JOINTLY))
    what = f"{JOINTLY.draws:,} futures of {JOINT} days, {len(models.specs)} models and their links; bar 5 s"
    return row("joint futures", seconds, what)


def _unchanged(title: str, desk: Path, caches: Path, run: tuple[str, ...]) -> Row:
    totals = [sum(command(desk, caches, *run)[0].values()) for _ in range(RUNS)]
    return row(title, statistics.median(totals), "the report that lies there is read")


def _rewritten(title: str, desk: Path, caches: Path, run: tuple[str, ...]) -> Row:
    shutil.rmtree(desk / "reports" / BRIEF)
    return _command_row(title, desk, caches, *run)


def _command_row(title: str, desk: Path, caches: Path, *arguments: str) -> Row:
    found, memory = command(desk, caches, *arguments)
    stages = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in found.items() if seconds >= 0.05)
    return row(title, sum(found.values()), f"{stages}; at most {memory:.2f} GB")


def positive(text: str) -> int:
    """Read a whole number above nought."""
    if (number := int(text)) < 1:
        raise ValueError
    return number


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Time a run on the bundled data, and the attack model's inference.")
    parser.add_argument("--parts", nargs="+", choices=("steps", "whole", "samplers"), help="tables to make; all")
    parser.add_argument("--samplers", nargs="+", choices=samplers.SAMPLERS, help="which to compare; all")
    parser.add_argument("--repeats", type=positive, default=3, help="fits of each sampler; 3")
    parser.add_argument("--tune", type=positive, help="warm-up iterations a chain of the comparison; the spec's own")
    parser.add_argument("--draws", type=positive, help="draws a chain of the comparison; the spec's own")
    return parser.parse_args()


def main() -> None:
    """Print versions, the machine, and the tables asked for."""
    asked = options()
    parts, began = asked.parts or ("steps", "whole", "samplers"), time.perf_counter()
    print(
        f"# How fast it is\n\n`make bench` prints this page.\n\nVersions: {versions()}.\n\nMachine: {machine()}.\n",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        if "steps" in parts:
            print(f"## Steps (medians of {RUNS}, fits and compilations once)\n\n{steps(folder / 'steps')}", flush=True)
        if "whole" in parts:
            print(f"## The command line\n\n{whole(folder / 'whole')}", flush=True)
        if "samplers" in parts:
            lengths = samplers.settings(asked.tune, asked.draws)
            found = samplers.report(asked.samplers, lengths, asked.repeats, folder / "samplers")
            print(f"## Samplers\n\n{found}", flush=True)
    say(f"took {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
