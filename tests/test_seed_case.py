"""The main job, whole, on the bundled data: the seed case from sampled posterior to three faces."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Command, copy_desk

FOLDER = "reports/seed-2019/2019-05-17"


SHORT = {
    '"proxy_attacks", "outages", "brent", "mechanisms"]': (
        '"attacks_climatology", "outages", "brent", "mechanisms_climatology"]'
    ),
    '["attacks", "exchange", "oil", "instex", "mechanisms"]': '["attacks", "oil", "instex"]',
}


@pytest.fixture(scope="module", params=["short", pytest.param("whole", marks=pytest.mark.slow)])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, command: Command) -> Path:
    """The desk after one run of the seed case; the short one samples outages alone, and has no scenarios."""
    desk = copy_desk(tmp_path_factory.mktemp(request.param) / "desk")
    brief = desk / "reports" / "briefs" / "seed-2019.toml"
    if request.param == "short":
        text = brief.read_text(encoding="utf-8").split("[[scenarios]]")[0]
        for long, short in SHORT.items():
            assert long in text
            text = text.replace(long, short, 1)
        brief.write_text(text, encoding="utf-8")
    done = command("run", "--brief", "seed-2019", "--as-of", "2019-05-17", at=desk)
    assert done.returncode == 0, done.stderr
    assert "outages: converged" in done.stderr
    return desk


@pytest.fixture(scope="module")
def document(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run / FOLDER / "report.json").read_text(encoding="utf-8"))
    return found


def by_id(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["id"].removesuffix("/2019-05-17"): one for one in document["forecasts"]}


def test_no_probability_is_exactly_0_or_1_and_each_lies_in_its_interval(document: dict[str, Any]) -> None:
    for one in document["forecasts"]:
        low, high = one["interval"]
        assert 0 < low < high < 1
        assert low <= one["probability"] <= high
        assert 0 < one["baseline"] < 1


SENSIBLE = {
    "oil-infrastructure-sau-are/1/30d": (0.15, 0.40),
    "oil-infrastructure-sau-are/1/90d": (0.35, 0.65),
    "shipping-gulf/1/60d": (0.40, 0.80),
    "iran-state-us/90d": (0.05, 0.30),
    "any-sau-are/1/90d": (0.55, 0.90),
    "brent-up/0.1/60d": (0.30, 0.55),
    "outage-gulf/500/120d": (0.05, 0.24),
    "instex-operational": (0.02, 0.12),
    "instex-first-use": (0.001, 0.05),
    "instex-oil": (0.002, 0.15),
}


@pytest.mark.slow
def test_probabilities_of_may_2019_lie_in_sensible_ranges(
    document: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    """Of the models; base rates are not asked."""
    if "whole" not in request.node.name:
        pytest.skip("base rates say something else")
    p = {name: one["probability"] for name, one in by_id(document).items()}
    assert not {name: p[name] for name, (low, high) in SENSIBLE.items() if not low < p[name] < high}


def test_probabilities_agree_with_each_other(document: dict[str, Any]) -> None:
    """More time, a wider place or a lower threshold never makes an outcome less probable: the futures are the same."""
    p = {name: one["probability"] for name, one in by_id(document).items()}
    for group in ("oil-infrastructure-sau-are", "shipping-gulf", "any-sau-are"):
        for days in (30, 60, 90):
            assert p[f"{group}/3/{days}d"] <= p[f"{group}/1/{days}d"]
        assert p[f"{group}/1/30d"] <= p[f"{group}/1/60d"] <= p[f"{group}/1/90d"]
    assert p["oil-infrastructure-sau-are/1/60d"] <= p["oil-infrastructure/1/60d"]
    assert p["instex-first-use"] <= p["instex-operational"]
    assert p["outage-gulf/500/30d"] <= p["outage-gulf/500/120d"] <= p["outage-anywhere/500/120d"]
    assert p["outage-gulf/1000/120d"] <= p["outage-gulf/500/120d"]
    assert p["brent-up/0.2/60d"] <= p["brent-up/0.1/60d"] <= p["brent-up/0.1/90d"]
    assert p["brent-ends-higher/60d"] <= p["brent-up/0.1/60d"]


def test_the_report_passed_the_gate_and_calls_itself_a_backtest(document: dict[str, Any]) -> None:
    status = " ".join(document["status"])
    assert "Convergence gate: passed" in status
    assert "Backtest" in status
    assert not any(one["live"] for one in document["forecasts"])


@pytest.mark.slow
def test_the_stored_posterior_gives_the_same_bytes(run: Path, program: Command) -> None:
    folder = run / FOLDER
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    shutil.rmtree(folder)
    done = program("run", "--brief", "seed-2019", at=run)
    assert "nothing to fit" in done.stderr
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_damaged_posterior_is_refused(run: Path, command: Command) -> None:
    stored = next((run / "models" / "fitted").glob("*.nc"))
    good = stored.read_bytes()
    stored.write_bytes(good[:5000] + bytes([good[5000] ^ 1]) + good[5001:])
    shutil.rmtree(run / FOLDER)
    done = command("run", "--brief", "seed-2019", at=run)
    stored.write_bytes(good)
    assert done.returncode == 4
    assert "does not match its digest" in done.stderr
    assert not (run / FOLDER).exists()
