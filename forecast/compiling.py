"""A second process that compiles the next models while this one samples.

A model takes half a minute to compile the first time on a machine, on one core, and Python compiles one at a time. What
another process has compiled numba finds on disk. Where everything has been compiled before, this costs that process a
few seconds, and nobody waits for them longer than compiling would have taken.
"""

import os
import pickle
import subprocess
import sys
import threading
import weakref
from collections.abc import Sequence
from contextlib import suppress

from forecast import compiled, world
from forecast.events import Snapshot
from forecast.spec import Spec


class Ahead:
    """Models that are being compiled by another process, in their order; it ends with this one.

    Parameters
    ----------
    specs : sequence of Spec
        Of families that are sampled. The first, and all that share its compilation, are left to this process.
    snapshot : Snapshot
        What they are fitted to.
    """

    def __init__(self, specs: Sequence[Spec], snapshot: Snapshot) -> None:
        self._waiting = [spec.name for spec in specs]
        if len(specs) < 2:
            return
        pipe, command = subprocess.PIPE, [sys.executable, "-m", __name__]
        child = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)  # noqa: S603  # our own
        weakref.finalize(self, _stop, child)
        assert child.stdin is not None
        assert child.stdout is not None
        self._done = child.stdout
        with suppress(BrokenPipeError):
            child.stdin.write(pickle.dumps((list(specs), snapshot)))
            child.stdin.flush()  # and left open: that it closes says that this process ended

    def wait(self, name: str) -> None:
        """Wait until a model is compiled; not at all if it is not among them, or the other process gave up."""
        while name in self._waiting[1:]:
            line = self._done.readline()
            self._waiting = self._waiting[1:] if line else []


def _stop(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    child.communicate()


def main() -> None:
    """Compile the models that are given on stdin but the first, with a line on stdout for each that is done."""
    specs, snapshot = pickle.load(sys.stdin.buffer)  # noqa: S301  # from the process that began this one
    threading.Thread(target=_end_with_it, daemon=True).start()
    pages = [world.family(spec) for spec in specs]
    models = [page.sampled(page.panel(snapshot, spec), spec) for page, spec in zip(pages, specs, strict=True)]
    for model in models[1:]:
        if model.key != models[0].key:
            compiled.program(model.build, model.key)
        print(model.name, flush=True)


def _end_with_it() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
