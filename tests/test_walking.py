"""Fits of a walk: begun where an earlier one ended, at the mode where there is one, refused if even that is bad."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr

from forecast import inference, walking
from forecast.compiled import Start
from forecast.spec import Sampler
from tests.worlds import counts_spec

SPEC = counts_spec()


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[float | None]:
    """Stand in for the sampler: the n-th fit leaves n; say what each began from."""
    found: list[float | None] = []

    def sample(
        _: Any, sampler: Sampler, seed: int, start: Start | None, gate: Any, cores: int, retries: Sequence[float]
    ) -> xr.DataTree:
        assert (sampler.draws, sampler.refit, gate) == (walking.DRAWS, walking.AFTER, walking.enough)
        assert retries == (walking.ACCEPT, inference.RETRY_ACCEPT)
        found.append(None if start is None else float(start.mean[0]))
        left = Start(("a",), np.array([float(len(found))]), np.eye(1), np.zeros((2, 1)))
        return xr.DataTree.from_dict({"posterior": xr.Dataset(), "start": left.dataset()})

    monkeypatch.setattr(walking.inference, "sample", sample)
    return found


@pytest.mark.parametrize(("follow", "expected"), [(True, [None, 1, 2, 3]), (False, [None, 1, 1, 1])])
def test_a_fit_begins_from_the_last_one_or_from_the_first(follow: bool, expected: list[Any], begun: list[Any]) -> None:
    page: Any = SimpleNamespace(sampled=lambda *_: None)
    quick = walking.Quick(follow)
    for _ in range(4):
        quick(page, xr.Dataset(), SPEC, 1)
    assert begun == expected
    walking.Quick(follow)(page, xr.Dataset(), SPEC, 1)
    assert begun[-1] is None


def test_what_is_not_sampled_is_fitted_as_ever(begun: list[Any]) -> None:
    tree = xr.DataTree()
    page: Any = SimpleNamespace(posterior=lambda *_: tree)
    assert walking.Quick()(page, xr.Dataset(), SPEC, 1) is tree
    assert begun == []


def test_a_walk_asks_less_of_its_draws_but_not_nothing() -> None:
    good = {"r_hat": 1.04, "ess_bulk": 120.0, "ess_tail": 120.0, "divergences": 0}
    at = {f"{name}_at": "a" for name in ("r_hat", "ess_bulk", "ess_tail")}
    asked = Sampler(draws=100, chains=4)
    assert walking.enough({**good, **at}, asked) == []
    for name, value in (("r_hat", 1.06), ("ess_bulk", 90.0), ("divergences", 5)):
        assert len(walking.enough({**good, **at, name: value}, asked)) == 1
