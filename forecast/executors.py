"""Where the folds of a walk are computed: processes of this machine, or the workers of a dask cluster."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from forecast.backtest import Crew, Workers
from forecast.errors import EnvironmentFault, UsageError

RETRIES = 2  # of a fold whose worker ended, on a cluster
WAIT = "10s"


@dataclass(frozen=True)
class Chosen:
    """Workers, and how many cores each has for the chains of a fit."""

    workers: Workers
    cores: int


def chosen(number: int, address: str = "") -> Chosen:
    """Choose a cluster if an address is given, else so many processes of this machine; as many as cores if 0."""
    if address:
        return Chosen(partial(cluster, address), 1)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    many = number or cores
    return Chosen(partial(processes, many), max(cores // many, 1))


@contextmanager
def processes(number: int) -> Iterator[Crew]:
    """Give so many processes, that end with this one and at once if it is interrupted."""
    context = multiprocessing.get_context("spawn")  # threads of numba and the sampler do not survive a fork
    pool = ProcessPoolExecutor(number, context, _begin)
    try:
        yield Crew(pool, number)
    except BaseException:
        for child in multiprocessing.active_children():
            child.kill()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    """Leave Ctrl-C to the process that asks, and end with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)


@contextmanager
def cluster(address: str) -> Iterator[Crew]:
    """Give the workers of a dask cluster, one fold at a time each.

    Raises
    ------
    UsageError
        If the extra `scale` is not installed.
    EnvironmentFault
        If nobody answers at the address, or workers end again and again.
    """
    try:
        from distributed import Client, KilledWorker
    except ImportError:
        raise UsageError("a cluster needs the extra `scale`", "--cluster", hint="uv sync --extra scale") from None
    try:
        client = Client(address, timeout=WAIT)
    except (OSError, ValueError) as problem:
        hint = "dask scheduler prints its address, as tcp://host:8786"
        raise EnvironmentFault("no cluster answers there", address, str(problem), hint) from None
    with client:
        number = len(client.scheduler_info()["workers"])
        if not number:
            raise EnvironmentFault("the cluster has no workers", address, hint=f"dask worker {address} --nthreads 1")
        try:
            yield Crew(client.get_executor(pure=False, retries=RETRIES), number)
        except KilledWorker as problem:
            raise EnvironmentFault("workers of the cluster ended again and again", address, str(problem)) from None
