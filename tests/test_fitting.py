"""The shelf of posteriors: what is served, what is fitted, and what a refit begins from."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr

from forecast import fitting, posteriors
from forecast.compiled import Start
from tests.worlds import AS_OF, attacks, counts_spec, snapshot

SPEC = counts_spec()
EARLIER = date(2019, 12, 1)


def start(value: float) -> Start:
    return Start(("a",), np.array([value]), np.eye(1), np.full((4, 1), value))


class Page(SimpleNamespace):
    """A family whose posterior says how often it was fitted, and keeps what it began from."""

    def __init__(self) -> None:
        super().__init__(begun=[])

    def sampled(self, *_: Any) -> Any:
        return SimpleNamespace(key="a page")

    def posterior(self, panel: Any, spec: Any, seed: int, start_: Start | None, watch: Any) -> xr.DataTree:
        self.begun.append(start_)
        number = float(len(self.begun))
        group = xr.Dataset({"a": (("chain", "draw"), np.full((2, 3), number))}, attrs={"warm": int(start_ is not None)})
        return xr.DataTree.from_dict({"posterior": group, "start": start(number).dataset()})


@pytest.fixture(autouse=True)
def _nothing_to_compile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting.compiled, "known", lambda _: True)


def fit(shelf: Path, page: Page, as_of: date = AS_OF, again: bool = False) -> xr.Dataset:
    said: list[str] = []
    fitter = fitting.fitter(shelf, snapshot(attacks(seed=1), as_of), said.append, again=again)
    return fitter(page, xr.Dataset(), SPEC, 1)["posterior"].to_dataset()  # type: ignore[arg-type]


def test_the_same_is_not_fitted_twice_and_other_data_are(tmp_path: Path) -> None:
    page = Page()
    assert [float(fit(tmp_path, page)["a"].mean()) for _ in range(2)] == [1, 1]
    assert float(fit(tmp_path, page, EARLIER)["a"].mean()) == 2
    assert page.begun == [None, None]


def test_a_refit_begins_from_the_newest_and_is_kept_apart(tmp_path: Path) -> None:
    page = Page()
    fit(tmp_path, page, EARLIER)
    again = fit(tmp_path, page, AS_OF, again=True)
    begun = page.begun[1]
    assert begun is not None
    assert begun.mean.tolist() == [1]
    assert again.attrs["begun_from"].startswith("strikes-")
    assert float(fit(tmp_path, page, AS_OF, again=True)["a"].mean()) == 2  # found
    assert float(fit(tmp_path, page, AS_OF)["a"].mean()) == 3  # a run is from nothing
    assert page.begun[2] is None
    assert float(fit(tmp_path, page, AS_OF, again=True)["a"].mean()) == 3  # what began from nothing serves both


def test_a_refit_without_an_earlier_posterior_begins_from_nothing(tmp_path: Path) -> None:
    page = Page()
    assert fit(tmp_path, page, again=True).attrs["begun_from"] == ""
    assert page.begun == [None]


def test_a_damaged_posterior_is_no_start(tmp_path: Path) -> None:
    page = Page()
    fit(tmp_path, page, EARLIER)
    for path in tmp_path.glob("*.nc"):
        path.write_bytes(b"damaged")
    fit(tmp_path, page, AS_OF, again=True)
    assert page.begun == [None, None]


def test_a_start_comes_back_from_disk_as_it_was(tmp_path: Path) -> None:
    group = xr.Dataset({"a": (("chain", "draw"), np.ones((2, 3)))})
    kept = Start(("a", "b"), np.array([1.0, 2.0]), np.array([[1.0, 0.0], [0.5, 2.0]]), np.ones((3, 2)))
    posteriors.save(tmp_path / "x.nc", xr.DataTree.from_dict({"posterior": group, "start": kept.dataset()}))
    stored = posteriors.load(tmp_path / "x.nc")
    assert stored is not None
    back = Start.of(stored["start"].to_dataset())
    assert back.labels == kept.labels
    for name in ("mean", "scale", "points"):
        np.testing.assert_array_equal(getattr(back, name), getattr(kept, name))


@pytest.mark.parametrize("again", [False, True])
def test_bytes_on_the_shelf_say_nothing_of_the_clock(tmp_path: Path, again: bool) -> None:
    for name in ("one", "two"):
        fit(tmp_path / name, Page(), again=again)
    one, two = (sorted((tmp_path / name).glob("*.nc"))[0].read_bytes() for name in ("one", "two"))
    assert one == two
