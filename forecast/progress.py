"""How far a fit is: a bar for each chain on a terminal, a plain line now and then elsewhere. Never on stdout."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from forecast.inference import Tick, Watch

EVERY = 10.0  # seconds between plain lines


def watch(stream: TextIO | None = None) -> Watch:
    """Choose bars or lines for a stream, stderr if none is given."""
    stream = stream or sys.stderr
    bars = stream.isatty() and not Console(file=stream).is_dumb_terminal

    @contextmanager
    def watching(name: str) -> Iterator[Tick]:
        if not bars:
            yield _lines(name, stream)
            return
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[said]}"),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=Console(file=stream), transient=True) as progress:
            yield _bars(name, progress)

    return watching


def _bars(name: str, progress: Progress) -> Tick:
    tasks: list[Any] = []

    def tick(chains: Sequence[Any]) -> None:
        while len(tasks) < len(chains):
            tasks.append(progress.add_task(f"{name}, chain {len(tasks) + 1}", said=""))
        for task, chain in zip(tasks, chains, strict=True):
            progress.update(task, completed=chain.finished_draws, total=chain.total_draws, said=_said(chain))

    return tick


def _said(chain: Any) -> str:
    return f"{chain.divergences} divergences, step {chain.step_size:.2g}"


def _lines(name: str, stream: TextIO) -> Tick:
    """Say how far all chains are, with the time that is left, at most every `EVERY` seconds."""
    last = 0.0

    def tick(chains: Sequence[Any]) -> None:
        nonlocal last
        seconds = max(chain.runtime_ms for chain in chains) / 1000
        done, total = sum(chain.finished_draws for chain in chains), sum(chain.total_draws for chain in chains)
        if seconds - last < EVERY or not done:
            return
        last = seconds
        divergences = sum(chain.divergences for chain in chains)
        left = seconds * (total - done) / done
        line = f"{name}: {done:,} of {total:,} draws, {divergences} divergences, about {left:.0f} s left"
        print(line, file=stream, flush=True)

    return tick
