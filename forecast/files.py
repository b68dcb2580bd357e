"""Writing so that nothing half-written ever stands under its final name, and one at a time."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from forecast.errors import EnvironmentFault

WAIT = 600.0


def write(path: Path, content: bytes) -> None:
    """Write a file atomically: a temporary neighbour, synced, then moved into place.

    Raises
    ------
    EnvironmentFault
        If the disk is full, read-only or forbidden; the old file stays as it was.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            os.chmod(name, 0o644)
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as problem:
        raise EnvironmentFault(
            f"cannot write {len(content):,} bytes",
            str(path),
            problem.strerror or str(problem),
            "free space or allow writing there",
        ) from None


def sha256(content: bytes) -> str:
    """Digest some bytes."""
    return hashlib.sha256(content).hexdigest()


@contextmanager
def alone(path: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Hold a lock, waiting for another run that holds it.

    Raises
    ------
    EnvironmentFault
        If it cannot be had.
    """
    lock = FileLock(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            say("another run is at work here; waiting for it")
            lock.acquire(timeout=WAIT)
    except Timeout:
        raise EnvironmentFault("another run holds the lock", lock.lock_file, hint="wait for it to end") from None
    except OSError as problem:
        raise EnvironmentFault("cannot write here", str(path.parent), str(problem)) from None
    try:
        yield
    finally:
        lock.release()
