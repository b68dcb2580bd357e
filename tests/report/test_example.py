"""The example that is kept: whole, made from its JSON, and what its command makes."""

import base64
import gzip
import json
import re
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import showcase

from forecast import files, manifest, report, shares
from forecast.manifest import FACES
from forecast.report import figures, html, pdf
from tests.conftest import ROOT, Command, copy_desk

EXAMPLE = ROOT / "reports" / "example"
BRIEF, AS_OF = "seed-2019", "2019-05-17"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EXAMPLE / "report.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def drawings(document: dict[str, Any]) -> dict[str, str]:
    blocks = [block for one in document["sections"] for block in one["blocks"] if block["type"] == "figure"]
    return {block["id"]: figures.svg(block["chart"]) for block in blocks}


def test_it_is_whole_and_follows_the_schema(document: dict[str, Any]) -> None:
    said = manifest.read((EXAMPLE / manifest.NAME).read_text(encoding="utf-8"), "the example")
    assert {name: files.sha256((EXAMPLE / name).read_bytes()) for name in FACES} == said.faces
    assert document["inputs"] == said.inputs.digest
    schema = json.loads((Path(report.__file__).parent / "report.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, schema)


def unpacked(page: str) -> list[bytes]:
    """Unpack what is packed in a page: other machines pack the same into other bytes."""
    parts = re.split("(H4sI[A-Za-z0-9+/=]{1000,})", page)
    return [gzip.decompress(base64.b64decode(part)) if place % 2 else part.encode() for place, part in enumerate(parts)]


def test_its_page_and_its_print_are_made_from_its_json(document: dict[str, Any], drawings: dict[str, str]) -> None:
    made, kept = html.render(document, drawings), (EXAMPLE / "report.html").read_text(encoding="utf-8")
    assert unpacked(made) == unpacked(kept)
    assert pdf.render(document, drawings) == (EXAMPLE / "report.pdf").read_bytes()


def test_it_holds_every_part(document: dict[str, Any]) -> None:
    parts = {one["id"] for one in document["sections"]}
    assert {"bottom-line", "questions", "ladders", "together", "scenarios", "links", "record", "timeline"} <= parts
    assert {"limits", "methods", "data", "reproduce", "glossary", "afterwards", "aftermath-shows-of-force"} <= parts
    assert document["moves"]
    assert any("In the book since" in line for line in document["status"])
    assert any(len(one["earlier"]) > 10 for one in document["forecasts"])


def test_the_page_of_the_case_says_the_same_numbers(document: dict[str, Any]) -> None:
    page = (ROOT / "docs" / "seed-2019.md").read_text(encoding="utf-8")
    said = showcase._forecasts(document)
    assert said.count("\n") > 20
    assert said in page
    assert showcase._scenarios(document) in page


@pytest.mark.slow
def test_its_command_makes_it_again(document: dict[str, Any], tmp_path: Path, command: Command) -> None:
    """With the same numbers but for what other hardware does to the draws of a posterior."""
    desk = copy_desk(tmp_path / "desk")
    shutil.copy(ROOT / "uv.lock", desk / "uv.lock")
    lines = re.findall(r"forecast ((?:backtest|issue|run) --brief seed-2019.*)", (ROOT / "Makefile").read_text())
    assert len(lines) == 3
    for line in lines:
        done = command(*line.replace("$(EXAMPLE)", f"sqlite:///{desk / 'example.db'}").split(), at=desk)
        assert done.returncode == 0, done.stderr
    made = json.loads((desk / "reports" / BRIEF / AS_OF / "report.json").read_text(encoding="utf-8"))
    assert [one["id"] for one in made["forecasts"]] == [one["id"] for one in document["forecasts"]]
    far = []
    for one, kept in zip(made["forecasts"], document["forecasts"], strict=True):
        error = shares.monte_carlo_error(kept["raw"], tuple(kept["raw_interval"]), 9600, 400)
        far.append(abs(one["raw"] - kept["raw"]) / error)
    # Normal errors of both sides: 4.5 of one of them is 3.2 of both, for some hundred questions that hang together.
    assert max(far) < 4.5
