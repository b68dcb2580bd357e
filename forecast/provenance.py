"""What numbers were made from: versions, the program's own text, and digests of all inputs."""

import hashlib
import importlib.metadata
from collections.abc import Sequence
from pathlib import Path

from forecast import __version__
from forecast.agenda import Agenda
from forecast.brief import Brief
from forecast.events import Snapshot
from forecast.inference import Sizes
from forecast.spec import Spec

LIBRARIES = ("pymc", "pytensor", "nutpie", "numba", "numpy", "scipy", "pandas", "arviz", "xarray")
# The rooms whose text a posterior depends on.
FITTING = (
    "compiled.py",
    "conditions.py",
    "convergence.py",
    "events.py",
    "inference.py",
    "models",
    "rules.py",
    "spec.py",
    "summary.py",
    "world.py",
)
TEXTS = (".css", ".j2", ".js", ".py", ".toml", ".typ")


def version() -> dict[str, str]:
    """Name this program and the libraries that its numbers depend on."""
    return {"brinkcast": __version__, **{name: importlib.metadata.version(name) for name in LIBRARIES}}


def inputs(
    brief: Brief, snapshots: Sequence[Snapshot], specs: Sequence[Spec], asks: Agenda, sizes: Sizes, again: bool
) -> str:
    """Digest everything that a report depends on: the same inputs give the same report.

    Parameters
    ----------
    brief : Brief
    snapshots : sequence of Snapshot
        What was known, and what tells how questions came out.
    specs : sequence of Spec
        Models and baselines.
    asks : Agenda
    sizes : Sizes
    again : bool
        Whether posteriors may have begun from earlier ones.
    """
    parts = [brief.digest, _texts(everything=True), repr(sizes), repr(asks), repr(again)]
    parts += [one.digest for one in snapshots] + [one.digest for one in specs]
    parts += [f"{name} {one.through[name]}" for one in snapshots for name in sorted(one.through)]
    return _digest("\n".join(parts).encode())


def program() -> str:
    """Digest the whole program and the libraries that its numbers depend on."""
    return _texts(everything=True)


def fitting() -> str:
    """Digest the part of the program that a posterior depends on."""
    return _texts(everything=False)


def _texts(everything: bool) -> str:
    package = Path(__file__).parent
    found = [
        path.read_bytes()
        for path in sorted(package.rglob("*"))
        if path.suffix in TEXTS and (everything or path.relative_to(package).parts[0] in FITTING)
    ]
    return _digest(b"\n".join([*found, repr(version()).encode()]))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
