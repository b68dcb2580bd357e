"""What numbers and pages were made with: versions, the program's own text, the machine."""

import importlib.metadata
import platform
from collections.abc import Mapping
from pathlib import Path

from forecast import __version__, files

LIBRARIES = ("pymc", "pytensor", "nutpie", "numba", "numpy", "scipy", "pandas", "arviz", "xarray")
DRAWING = ("jinja2", "typst", "vl-convert-python")  # no number depends on them, but the bytes of a page do
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
DESKS = "desks"  # templates of desks: what is computed at a desk depends on the desk's own files
TEXTS = (".css", ".ftl", ".j2", ".js", ".py", ".toml", ".ttf", ".typ", ".woff2")


def version() -> dict[str, str]:
    """Name this program and the libraries that its numbers, or the pages that show them, depend on."""
    names = (*LIBRARIES, *DRAWING)
    return {"brinkcast": __version__, **{name: importlib.metadata.version(name) for name in names}}


def machine() -> dict[str, str]:
    """Name what else numbers may depend on, in their last digits: Python, the system and the kind of processor."""
    return {"python": platform.python_version(), "platform": f"{platform.system()} {platform.machine()}"}


def program(versions: Mapping[str, str] | None = None) -> str:
    """Digest the whole program and the libraries that its numbers depend on.

    Parameters
    ----------
    versions : mapping of str to str or None
        As if these were the versions, so that other libraries can be told from another program; None for those here.
    """
    return _texts(True, version() if versions is None else versions)


def fitting() -> str:
    """Digest the part of the program that a posterior depends on."""
    return _texts(False, version())


def _counts(room: str, everything: bool) -> bool:
    return room in FITTING or (everything and room != DESKS)


def _texts(everything: bool, versions: Mapping[str, str]) -> str:
    package = Path(__file__).parent
    found = [
        path.read_bytes()
        for path in sorted(package.rglob("*"))
        if path.suffix in TEXTS and _counts(path.relative_to(package).parts[0], everything)
    ]
    numbers = {name: versions.get(name, "") for name in ("brinkcast", *LIBRARIES)}
    return files.sha256(b"\n".join([*found, repr(numbers).encode()]))
