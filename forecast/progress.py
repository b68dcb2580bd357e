"""How far a fit is: a bar for each chain on a terminal, a plain line now and then elsewhere. Never on stdout."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from forecast.inference import Tick, Watch

EVERY = 10.0  # seconds between plain lines
TOLD = 0.05  # of the draws, from which the time that is left can be told: the first ones are slow
COLUMNS = (
    TextColumn("{task.description}"),
    BarColumn(bar_width=24),  # the line stands in eighty columns
    TextColumn("{task.fields[said]}"),
    TimeRemainingColumn(compact=True),
)


def watch(stream: TextIO | None = None, clock: Callable[[], float] = time.perf_counter) -> Watch:
    """Choose bars or lines for a stream.

    Parameters
    ----------
    stream : TextIO or None
        stderr if none is given.
    clock : callable
        Seconds since some moment; chains know their own times only, and do not all begin together.
    """
    stream = stream or sys.stderr
    bars = stream.isatty() and not Console(file=stream).is_dumb_terminal

    @contextmanager
    def watching(name: str) -> Iterator[Tick]:
        if not bars:
            yield _lines(name, stream, clock)
            return
        with Progress(*COLUMNS, console=Console(file=stream), transient=True) as progress:
            yield _bars(progress)

    return watching


def _bars(progress: Progress) -> Tick:
    """Draw a bar for each chain; the line above them names the model."""
    tasks: list[Any] = []

    def tick(chains: Sequence[Any]) -> None:
        while len(tasks) < len(chains):
            tasks.append(progress.add_task(f"chain {len(tasks) + 1}", said=""))
        for task, chain in zip(tasks, chains, strict=True):
            progress.update(task, completed=chain.finished_draws, total=chain.total_draws, said=_said(chain))

    return tick


def _said(chain: Any) -> str:
    draws = f"{chain.finished_draws:,}/{chain.total_draws:,}"
    return f"{draws}, {chain.divergences} divergences, step {chain.step_size:.2g}"


def _lines(name: str, stream: TextIO, clock: Callable[[], float]) -> Tick:
    """Say how far all chains are, with the time that is left, every `EVERY` seconds."""
    began = last = clock()

    def tick(chains: Sequence[Any]) -> None:
        nonlocal last
        now = clock()
        if now - last < EVERY:
            return
        last = now
        done, total = sum(chain.finished_draws for chain in chains), sum(chain.total_draws for chain in chains)
        divergences = sum(chain.divergences for chain in chains)
        left = f", about {(now - began) * (total - done) / done:.0f} s left" if done >= TOLD * total else ""
        print(f"{name}: {done:,} of {total:,} draws, {divergences} divergences{left}", file=stream, flush=True)

    return tick
