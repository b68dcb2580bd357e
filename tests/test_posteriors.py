"""Stored posteriors are believed only if they are, bit for bit, what was written."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from forecast import files, posteriors
from forecast.errors import EnvironmentFault
from tests.worlds import counts_spec

SPEC = counts_spec()


def tree() -> xr.DataTree:
    rng = np.random.default_rng(0)
    group = xr.Dataset(
        {"nu": (("chain", "draw", "cell"), rng.random((4, 50, 3))), "z": (("chain", "draw"), rng.random((4, 50)))},
        coords={"cell": ["a", "b", "c"]},
        attrs={"r_hat": 1.002, "r_hat_at": "nu"},
    )
    return xr.DataTree.from_dict({"posterior": group})


def test_a_posterior_comes_back_as_it_was(tmp_path: Path) -> None:
    where = tmp_path / "x.nc"
    assert posteriors.load(where) is None
    posteriors.save(where, tree())
    back = posteriors.load(where)
    assert back is not None
    found = back["posterior"].to_dataset()
    assert found["nu"].identical(tree()["posterior"].to_dataset()["nu"])
    assert found.attrs["r_hat"] == 1.002
    assert "z" not in found


def test_how_long_the_newest_fit_of_a_model_took_is_kept_beside_it(tmp_path: Path) -> None:
    assert posteriors.took(tmp_path, "strikes") is None
    for age, (name, seconds) in enumerate((("strikes-new", 12.34), ("strikes-old", 3.0), ("strikes.one-new", 99.0))):
        posteriors.note(tmp_path / f"{name}.nc", seconds)
        os.utime(tmp_path / f"{name}.seconds", (1000 - age, 1000 - age))
    assert posteriors.took(tmp_path, "strikes") == 12.3
    assert posteriors.took(tmp_path, "strikes.one") == 99.0


@pytest.mark.parametrize("seed", range(20))
def test_a_flipped_or_cut_file_is_refused(tmp_path: Path, seed: int) -> None:
    where = tmp_path / "x.nc"
    posteriors.save(where, tree())
    good, rng = where.read_bytes(), np.random.default_rng(seed)
    at = int(rng.integers(len(good)))
    flipped = good[:at] + bytes([good[at] ^ (1 << int(rng.integers(8)))]) + good[at + 1 :]
    for bad in (flipped, good[:at], b"", b"<html>"):
        where.write_bytes(bad)
        with pytest.raises(EnvironmentFault, match="digest"):
            posteriors.load(where)


def test_other_data_code_or_spec_is_another_file(tmp_path: Path) -> None:
    other = replace(SPEC, step=20)
    paths = {
        posteriors.path(tmp_path, SPEC, "data", "code"),
        posteriors.path(tmp_path, SPEC, "data2", "code"),
        posteriors.path(tmp_path, SPEC, "data", "code2"),
        posteriors.path(tmp_path, other, "data", "code"),
    }
    assert len(paths) == 4
    assert posteriors.path(tmp_path, SPEC, "data", "code") in paths


@pytest.mark.parametrize("call", ["replace", "fsync", "fdopen"])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    where = tmp_path / "report.json"
    files.write(where, b"old")

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, call, fail)
    with pytest.raises(EnvironmentFault) as refused:
        files.write(where, b"new")
    assert "No space left" in refused.value.why
    assert where.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


def test_a_file_is_synced_before_it_takes_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    for name in ("fsync", "replace"):
        real = getattr(files.os, name)
        monkeypatch.setattr(files.os, name, lambda *args, real=real, name=name: (calls.append(name), real(*args))[1])
    files.write(tmp_path / "x", b"content")
    assert calls == ["fsync", "replace", "fsync"]
