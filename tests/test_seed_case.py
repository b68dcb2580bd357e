"""The main job, whole, on the bundled data: the seed case from sampled posterior to three faces."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Command

FOLDER = "reports/seed-2019/2019-05-17"


@pytest.fixture(scope="module")
def run(kept_desk: Path, command: Command) -> Path:
    """The desk after one run of the seed case, with mechanisms at constant rates: the slow tests sample them too."""
    brief = kept_desk / "reports" / "briefs" / "seed-2019.toml"
    text = brief.read_text(encoding="utf-8")
    brief.write_text(text.replace('"brent", "mechanisms"]', '"brent", "mechanisms_climatology"]', 1), encoding="utf-8")
    done = command("run", "--brief", "seed-2019", "--as-of", "2019-05-17", at=kept_desk)
    assert done.returncode == 0, done.stderr
    assert "converged" in done.stderr
    return kept_desk


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


@pytest.mark.parametrize(
    ("question", "low", "high"),
    [
        ("oil-infrastructure-sau-are/1/30d", 0.15, 0.40),
        ("oil-infrastructure-sau-are/1/90d", 0.35, 0.65),
        ("shipping-gulf/1/60d", 0.40, 0.80),
        ("iran-state-us/90d", 0.05, 0.30),
        ("any-sau-are/1/90d", 0.55, 0.90),
        ("brent-up/0.1/60d", 0.30, 0.55),
        ("outage-gulf/500/120d", 0.05, 0.24),
        ("instex-operational", 0.02, 0.12),
        ("instex-first-use", 0.001, 0.05),
        ("instex-oil", 0.002, 0.15),
    ],
)
def test_probabilities_of_may_2019_lie_in_sensible_ranges(
    document: dict[str, Any], question: str, low: float, high: float
) -> None:
    assert low < by_id(document)[question]["probability"] < high


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


def test_the_stored_posterior_gives_the_same_bytes(run: Path, command: Command) -> None:
    folder = run / FOLDER
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    shutil.rmtree(folder)
    done = command("run", "--brief", "seed-2019", at=run)
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


@pytest.mark.slow
def test_mechanisms_are_sampled_and_stand_on_ladders(desk: Path, command: Command) -> None:
    """The brief as it is, but for attacks and outages at base rates, which the other tests sample."""
    brief = desk / "reports" / "briefs" / "seed-2019.toml"
    text = brief.read_text(encoding="utf-8")
    brief.write_text(text.replace('"proxy_attacks", "outages"', '"attacks_climatology", "oil_outages"', 1), "utf-8")
    done = command("run", "--brief", "seed-2019", at=desk)
    assert done.returncode == 0, done.stderr
    assert "mechanisms: converged" in done.stderr
    found = json.loads((desk / FOLDER / "report.json").read_text(encoding="utf-8"))
    p = {name: one["probability"] for name, one in by_id(found).items()}
    assert 0.03 < p["instex-operational"] < 0.12
    assert p["instex-first-use"] < p["instex-first-use-march-2020"] < 0.08
    assert p["instex-oil"] < 0.06
    assert 0.2 < p["instex-end"] < 0.6
    assert "Stage ladders" in json.dumps(found)
