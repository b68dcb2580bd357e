"""What the speed bench stands on: the case, fresh processes with caches of their own, the machine in words, tables."""

import importlib.metadata
import multiprocessing
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from forecast.desk import Desk
from forecast.events import Snapshot
from forecast.inference import CORES
from forecast.questions import Question
from forecast.spec import Spec

ROOT = Path(__file__).parents[1]
BRIEF, MODEL = "gulf", "proxy_attacks"
LIBRARIES = ("numpy", "numba", "pymc", "pytensor", "nutpie", "numpyro", "jax")


@dataclass(frozen=True)
class Case:
    """The attack model on the bundled data: what is known, the pool, and the questions that it answers."""

    snapshot: Snapshot
    spec: Spec
    questions: tuple[Question, ...]


def case(ago: int = 0) -> Case:
    """Take the case as it stood some days before the newest date of the bundle."""
    desk = Desk(ROOT)
    item, spec = desk.brief(BRIEF), desk.spec(MODEL)
    as_of = desk.as_of(item, None) - timedelta(days=ago)
    snapshot = desk.archive.as_of(as_of, item.sources)
    asked = [one for one in desk.agenda(item, snapshot).questions if set(one.kinds) <= set(spec.kinds)]
    return Case(snapshot, spec, tuple(asked))


class Stopwatch:
    """Adds up the seconds that pass inside it; it can stand where `forecast.inference` takes a watch."""

    def __init__(self) -> None:
        self.seconds, self.times = 0.0, 0

    @contextmanager
    def __call__(self, _: str = "") -> Iterator[Callable[[Sequence[object]], None]]:
        """Run while the context is open."""
        began = time.perf_counter()
        try:
            yield lambda _: None
        finally:
            self.seconds += time.perf_counter() - began
            self.times += 1


def say(line: str) -> None:
    """Tell on stderr what goes on."""
    print(line, file=sys.stderr, flush=True)


def keeping(caches: Path) -> dict[str, str]:
    """Give the environment in which numba and PyTensor keep compiled code in a folder."""
    flags = [*filter(None, [os.environ.get("PYTENSOR_FLAGS")]), f"base_compiledir={caches / 'pytensor'}"]
    return {"NUMBA_CACHE_DIR": str(caches / "numba"), "PYTENSOR_FLAGS": ",".join(flags)}


def fresh[**P, T](caches: Path, act: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
    """Call a function in a process of its own, on the cores of a fit.

    Parameters
    ----------
    caches : Path
        Where that process finds and keeps compiled code.
    act : callable
        Of a module's top level; what it takes and gives can be pickled.
    """
    before = dict(os.environ)
    os.environ.update(keeping(caches))
    try:
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _on_few_cores) as pool:
            return pool.submit(act, *given, **named).result()
    finally:
        os.environ.clear()
        os.environ.update(before)


def _on_few_cores() -> None:
    """Keep to as many cores as a fit of ours uses, so that no sampler has more."""
    if sys.platform == "linux":
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])


def versions() -> str:
    """Name Python and the libraries that the figures depend on, one that is not installed included."""
    found = [f"python {platform.python_version()}"]
    for name in LIBRARIES:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"{name} not installed")
    return ", ".join(found)


def machine() -> str:
    """Describe the machine: cores, processor, system, and how busy it is; nothing that names it."""
    model, listed = platform.processor() or platform.machine(), Path("/proc/cpuinfo")
    if listed.exists():
        pairs = [line.partition(":") for line in listed.read_text().splitlines()]
        model = next((value.strip() for key, _, value in pairs if key.strip() == "model name"), model)
    cores = f"{os.cpu_count()} cores, {model}, {platform.system()} on {platform.machine()}"
    return f"{cores}; load {os.getloadavg()[0]:.1f} at the start"


def table(headings: Sequence[str], rows: Sequence[Mapping[str, str]]) -> str:
    """Write a markdown table, the first column set left and the others right, unless headed by `what`."""
    marks = ["---" if place == 0 or name.startswith("what") else "---:" for place, name in enumerate(headings)]
    lines = [list(headings), marks, *([row.get(name, "") for name in headings] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
