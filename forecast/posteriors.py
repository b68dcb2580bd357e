"""Fitted posteriors on disk, by digest of what they were fitted to; checked before they are believed."""

import hashlib
import io
from pathlib import Path

import xarray as xr

from forecast import files
from forecast.errors import EnvironmentFault
from forecast.spec import Spec

# Behind the parameters: nothing reads them again.
HIDDEN = ("prior", "u_cell", "u_front", "z", "z_mark", "z_origin", "z_place")
PACKED = {"zlib": True, "complevel": 4, "fletcher32": True}


def path(folder: Path, spec: Spec, snapshot: str, code: str, again: bool = False) -> Path:
    """Name the file of a posterior: other spec, other data or other code, other file.

    Parameters
    ----------
    folder : Path
    spec : Spec
    snapshot, code : str
        Digests.
    again : bool
        A refit, which began from an earlier posterior.
    """
    parts = (spec.digest, snapshot, code, "refit" if again else "")
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return folder / f"{spec.name}-{digest[:16]}.nc"


def save(where: Path, tree: xr.DataTree) -> None:
    """Write a posterior with what the next fit can begin from and, beside it, the digest of what was written."""
    posterior = tree["posterior"].to_dataset()
    kept = {"posterior": posterior.drop_vars([name for name in posterior.data_vars if name in HIDDEN])}
    if "start" in tree.children:
        kept["start"] = tree["start"].to_dataset()
    encoding = {f"/{group}": {name: dict(PACKED) for name in found.data_vars} for group, found in kept.items()}
    data = bytes(xr.DataTree.from_dict(kept).to_netcdf(engine="h5netcdf", encoding=encoding))
    files.write(where, data)
    files.write(where.with_suffix(".sha256"), f"{files.sha256(data)}\n".encode())


def note(where: Path, seconds: float) -> None:
    """Write beside a posterior how long it took."""
    files.write(where.with_suffix(".seconds"), f"{seconds:.1f}\n".encode())


def took(folder: Path, name: str) -> float | None:
    """Say how many seconds the newest fit of a model took, to compile it too; None if none lies there."""
    told = sorted(folder.glob(f"{name}-*.seconds"), key=lambda path: path.stat().st_mtime)
    return float(told[-1].read_text()) if told else None


def digest(where: Path) -> str:
    """Name the posterior that lies there by what was written; blank if there is none."""
    seal = where.with_suffix(".sha256")
    return seal.read_text().strip() if where.exists() and seal.exists() else ""


def load(where: Path) -> xr.DataTree | None:
    """Read a posterior back; None if there is none.

    Raises
    ------
    EnvironmentFault
        If the file is not, bit for bit, what was written.
    """
    seal = where.with_suffix(".sha256")
    if not (where.exists() and seal.exists()):
        return None
    data = where.read_bytes()
    if files.sha256(data) != seal.read_text().strip():
        raise EnvironmentFault(
            "a stored posterior does not match its digest",
            str(where),
            "the file was changed or damaged",
            f"delete {where} and run again",
        )
    with xr.open_datatree(io.BytesIO(data), engine="h5netcdf") as stored:
        return stored.load()
