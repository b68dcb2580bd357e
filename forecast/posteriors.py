"""Fitted posteriors on disk, by digest of what they were fitted to; checked before they are believed."""

import hashlib
import io
from pathlib import Path

import xarray as xr

from forecast import files
from forecast.errors import EnvironmentFault
from forecast.spec import Spec

HIDDEN = ("prior", "u_cell", "u_level", "z")  # behind the parameters: nothing reads them again
PACKED = {"zlib": True, "complevel": 4, "fletcher32": True}


def path(folder: Path, spec: Spec, snapshot: str, code: str) -> Path:
    """Name the file of a posterior: other spec, other data or other code, other file.

    Parameters
    ----------
    folder : Path
    spec : Spec
    snapshot, code : str
        Digests.
    """
    digest = hashlib.sha256("\n".join((spec.digest, snapshot, code)).encode()).hexdigest()
    return folder / f"{spec.name}-{digest[:16]}.nc"


def save(where: Path, tree: xr.DataTree) -> None:
    """Write the posterior and, beside it, the digest of what was written."""
    group = tree["posterior"].to_dataset()
    group = group.drop_vars([name for name in group.data_vars if name in HIDDEN])
    content = io.BytesIO()
    group.to_netcdf(content, engine="h5netcdf", encoding={name: dict(PACKED) for name in group.data_vars})
    data = content.getvalue()
    files.write(where, data)
    files.write(where.with_suffix(".sha256"), f"{files.sha256(data)}\n".encode())


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
    with xr.open_dataset(io.BytesIO(data), engine="h5netcdf") as group:
        return xr.DataTree.from_dict({"posterior": group.load()})
