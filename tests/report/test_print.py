"""The PDF face: tagged, archival, the same bytes again, quick and small; nothing alone at a foot or over a margin."""

import io
import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import pypdf
import pytest

from forecast.report import figures, pdf
from forecast.report.marks import chart
from tests.conftest import Reported

POINTS = 72 / 25.4  # in a millimetre
LEFT, RIGHT = 22 * POINTS, (210 - 22) * POINTS
FOOT = 20 * POINTS
LONG = "Nothing-in-this-word-allows-a-break" * 4


class Line(NamedTuple):
    """A line of text on a page: where it begins, how large it is, and what it says."""

    x: float
    y: float
    size: float
    text: str


def lines(page: pypdf.PageObject) -> list[Line]:
    """Read the lines of a page above its foot, from top to bottom."""
    found: list[Line] = []

    def see(text: str, outer: list[float], inner: list[float], font: Any, size: float) -> None:
        if text.strip():
            x = inner[4] * outer[0] + inner[5] * outer[2] + outer[4]
            y = inner[4] * outer[1] + inner[5] * outer[3] + outer[5]
            found.append(Line(x, round(y, 1), round(size, 1), text))

    page.extract_text(visitor_text=see)
    found.sort(key=lambda line: (-line.y, line.x))
    rows = [list(row) for _, row in groupby(found, key=lambda line: line.y)]
    joined = [Line(row[0].x, row[0].y, row[0].size, "".join(one.text for one in row).strip()) for row in rows]
    return [line for line in joined if line.y > FOOT]


@pytest.fixture(scope="module")
def real(reported: Reported) -> dict[str, Any]:
    (path,) = (reported.desk / "reports").glob("quick/*/report.json")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def printed(data: dict[str, Any]) -> bytes:
    found = [block for section in data["sections"] for block in section["blocks"] if block["type"] == "figure"]
    return pdf.render(data, {one["id"]: figures.svg(one["chart"]) for one in found})


@pytest.fixture(scope="module")
def reader(real: dict[str, Any]) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(printed(real)))


@pytest.fixture(scope="module")
def read(reader: pypdf.PdfReader) -> list[list[Line]]:
    return [lines(page) for page in reader.pages]


def made() -> dict[str, Any]:
    """A report whose cells are links in and out, a drawing, and words that are too long."""
    rows = [
        [{"text": "inside", "href": "#second"}, {"text": "from 5 % to 12 %", "spark": [0.05, 0.3, 0.12]}, LONG],
        [{"text": "outside", "href": "https://example.org/a"}, "plain", "#import"],
        [{"text": "nowhere", "href": "#third"}, {"text": "flat", "spark": [0.01, 0.01]}, LONG],
    ]
    columns = [{"heading": name, "numeric": False} for name in ("link", "path", "long")]
    table = {"type": "table", "caption": "All", "columns": columns, "rows": rows, "groups": [], "widths": [1, 1, 1]}
    bars = {"mark": "bar", "encoding": {"x": {"field": "x", "type": "quantitative"}}}
    drawn = {**chart([bars], 60, 200), "data": {"values": [{"x": 3}]}}
    figure = {"type": "figure", "id": "bars", "title": "Bars", "alt": "One bar.", "chart": drawn, "data": table}
    sections = [
        {"id": "first", "title": "First", "level": 1, "blocks": [table, figure]},
        {"id": "second", "title": "Second", "level": 1, "blocks": [{"type": "text", "role": "body", "text": LONG}]},
    ]
    head = {"title": "A report", "subtitle": LONG, "language": "en", "as_of": "2019-05-17", "status": [LONG]}
    return {**head, "sections": sections}


def test_it_says_that_it_is_tagged_and_archival(reader: pypdf.PdfReader) -> None:
    about = reader.trailer["/Root"]["/Metadata"].get_data()
    for claim in (b"<pdfuaid:part>1<", b"<pdfaid:part>2<", b"<pdfaid:conformance>A<"):
        assert claim in about


def test_the_same_report_gives_the_same_bytes() -> None:
    assert printed(made()) == printed(made())


def test_twelve_pages_take_two_seconds_at_most_and_a_report_is_small(real: dict[str, Any]) -> None:
    found = [block for section in real["sections"] for block in section["blocks"] if block["type"] == "figure"]
    drawings = {one["id"]: figures.svg(one["chart"]) for one in found}
    began = time.perf_counter()
    written = pdf.render(real, drawings)
    took = time.perf_counter() - began
    pages = len(pypdf.PdfReader(io.BytesIO(written)).pages)
    assert pages > 12
    assert 12 * took / pages < 2
    assert len(written) < 2_000_000


def test_no_heading_stands_alone_at_the_foot_of_a_page(real: dict[str, Any], read: list[list[Line]]) -> None:
    titles = {section["title"] for section in real["sections"]}
    seen = [line.text for page in read[1:] for line in page]
    assert len(titles & set(seen)) > 10
    last = [page[-1] for page in read[1:]]
    assert [line.text for line in last if line.text in titles and line.size > 10] == []


def test_every_line_begins_within_the_margins(read: list[list[Line]]) -> None:
    begun = [line for page in read for line in page]
    assert [line.text for line in begun if not LEFT - 1 < line.x < RIGHT] == []


def words(path: Path) -> Iterator[tuple[float, float, str]]:
    """Read where each word begins and ends."""
    done = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, text=True, check=True)
    for low, high, text in re.findall(r'<word xMin="([\d.-]+)".*? xMax="([\d.-]+)".*?>(.*?)</word>', done.stdout):
        yield float(low), float(high), text


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_no_word_runs_over_a_margin(real: dict[str, Any], tmp_path: Path) -> None:
    for name, data in (("real", real), ("made", made())):
        path = tmp_path / f"{name}.pdf"
        path.write_bytes(printed(data))
        found = list(words(path))
        assert found
        assert [text for low, high, text in found if low < LEFT - 1 or high > RIGHT + 1] == []


def test_links_lead_to_sections_and_pages_and_drawn_cells_have_words() -> None:
    reader = pypdf.PdfReader(io.BytesIO(printed(made())))
    notes = [note.get_object() for page in reader.pages[1:] for note in page.get("/Annots", [])]
    outside = [note["/A"]["/URI"] for note in notes if "/URI" in note.get("/A", {})]
    assert outside == ["https://example.org/a"]
    assert len([note for note in notes if "/Dest" in note or "/D" in note.get("/A", {})]) == 1
    told = [str(one["/Alt"]) for one in tags(reader.trailer["/Root"]["/StructTreeRoot"]) if "/Alt" in one]
    assert [text for text in told if text in ("from 5 % to 12 %", "flat", "One bar.")] == [
        "from 5 % to 12 %",
        "flat",
        "One bar.",
    ]


def tags(node: Any) -> Iterator[Any]:
    """Walk the tags of a document in their order."""
    node = node.get_object()
    if isinstance(node, list):
        for item in node:
            yield from tags(item)
    elif hasattr(node, "get"):
        yield node
        if "/K" in node:
            yield from tags(node["/K"])
