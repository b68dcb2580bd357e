"""The three faces of a report: one truth, text as text, no request, tags for those who cannot see."""

import io
import json
import os
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pypdf
import pytest
from lxml import html as lxml_html

from forecast import report, reports
from forecast.desk import Desk
from forecast.errors import NotConverged
from forecast.history import History
from forecast.outlook import Run
from forecast.report import compose, document, words

PAYLOADS = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "javascript:alert(1)",
    "{{7*7}} {% raw %}",
    '#read("/etc/passwd") #import "x" $x$ @ref ] [ *bold* _it_ \\',
    "=HYPERLINK(1) \u202e reversed \x1b[31m red \u2028 line",
    "emoji \U0001f6a2 and a very " + "long" * 60 + " word",
)
REFERENCE = Path(os.environ.get("BRINKCAST_REFERENCE", Path(__file__).parents[3] / "shared" / "data" / "reference"))


@pytest.fixture(scope="module")
def run(kept_desk: Path) -> Run:
    """A run of base rates on the bundled data: quick, and real."""
    desk = Desk(kept_desk)
    item = desk.brief("quick")
    item = replace(item, questions=(*item.questions, "outages"))
    assert item.as_of is not None
    case = desk.case(item, item.as_of)
    models = replace(case.models, baselines=case.models.specs)
    return reports.predicted(replace(case, models=models), History(), "inputs", desk.fitter(case.snapshot))


@pytest.fixture(scope="module")
def faces(run: Run) -> dict[str, bytes]:
    return report.faces(run)


def text_of_html(faces: dict[str, bytes]) -> str:
    tree = lxml_html.fromstring(faces["report.html"])
    for element in tree.xpath("//script | //style"):
        element.getparent().remove(element)
    return re.sub(r"\s+", " ", tree.text_content())


def text_of_pdf(faces: dict[str, bytes]) -> str:
    pages = pypdf.PdfReader(io.BytesIO(faces["report.pdf"])).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


def strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for item in value.values() for text in strings(item)]
    return [text for item in value for text in strings(item)] if isinstance(value, list) else []


def test_the_same_run_gives_the_same_bytes(run: Run, faces: dict[str, bytes]) -> None:
    assert report.faces(run) == faces


def test_every_number_of_the_page_and_the_print_stands_in_the_json(faces: dict[str, bytes]) -> None:
    numbers = re.compile(r"\d+(?:[.,]\d+)*")
    known = set(numbers.findall(" ".join(strings(json.loads(faces["report.json"])))))
    tree = lxml_html.fromstring(faces["report.html"])
    for element in tree.xpath("//script | //style | //*[@class='drawing']"):
        element.getparent().remove(element)
    assert set(numbers.findall(" ".join(tree.itertext()))) <= known


def test_probabilities_in_tables_are_those_of_the_forecasts(faces: dict[str, bytes]) -> None:
    data = json.loads(faces["report.json"])
    section = next(one for one in data["sections"] if one["id"] == "questions")
    table = next(block for block in section["blocks"] if block["type"] == "table")
    exact = {(one["label"], one["closes"]): one for one in data["forecasts"]}
    assert len(table["rows"]) == len(data["forecasts"])
    page, pdf = text_of_html(faces), text_of_pdf(faces)
    for label, closes, probability, *_ in table["rows"]:
        assert probability == words.short(exact[label["text"], closes]["probability"])
        assert probability in page
        assert probability in pdf


def test_each_likelihood_word_stands_beside_a_number_in_its_band(faces: dict[str, bytes]) -> None:
    terms = [band["term"] for band in words.bands()]
    pairs = re.findall(rf"([\d.]+) % \(({'|'.join(terms)})\)", text_of_html(faces))
    assert pairs
    for number, term in pairs:
        assert words.word(float(number) / 100) == term
    for sentence in re.split(r"(?<=[.!?]) ", text_of_html(faces)):
        assert not (re.search(r"\bconfidence\b", sentence) and any(term in sentence for term in terms))


def test_names_in_the_table_of_all_questions_are_unique_on_a_day(faces: dict[str, bytes]) -> None:
    named = [(one["label"], one["closes"]) for one in json.loads(faces["report.json"])["forecasts"]]
    assert sorted(set(named)) == sorted(named)


def test_a_benchmark_stands_beside_what_it_forecasts_and_nowhere_else(faces: dict[str, bytes]) -> None:
    data = json.loads(faces["report.json"])
    named = {one["group"].partition("-")[0] for one in data["forecasts"] if one["benchmark"] is not None}
    assert named == {"brent"}
    table = next(
        block
        for one in data["sections"]
        if one["id"] == "questions"
        for block in one["blocks"]
        if block["type"] == "table"
    )
    place = [column["heading"] for column in table["columns"]].index("benchmark")
    said = {"–" if one["benchmark"] is None else words.short(one["benchmark"]) for one in data["forecasts"]}
    assert {row[place] for row in table["rows"]} == said


def test_the_report_opens_with_what_the_brief_leads_with(run: Run, faces: dict[str, bytes]) -> None:
    data = json.loads(faces["report.json"])
    opening = next(one for one in data["sections"] if one["id"] == "bottom-line")["blocks"]
    for lead, block in zip(run.lead, opening, strict=False):
        asked = [one for one in data["forecasts"] if f"{one['id']}/".startswith(f"{lead}/")]
        assert asked
        assert [words.said(one["probability"]) in block["text"] for one in asked] == [True] * len(asked)


def test_what_cannot_be_forecast_is_said_by_models_that_know_it(run: Run, faces: dict[str, bytes]) -> None:
    sections = {one["id"]: one for one in json.loads(faces["report.json"])["sections"]}
    (brent,) = [fit.spec for fit in run.fits if fit.spec.limits]
    assert [name for name in sections if name.startswith("limits-")] == [f"limits-{brent.name}"]
    said = [block["text"] for block in sections[f"limits-{brent.name}"]["blocks"]]
    assert " ".join(said).split() == brent.limits.split()
    assert len(said) > 1
    assert said[1] in text_of_html(faces)


def test_every_figure_has_words_and_its_data(faces: dict[str, bytes]) -> None:
    tree = lxml_html.fromstring(faces["report.html"])
    figures = tree.xpath("//figure")
    assert len(figures) > 10
    for figure in figures:
        assert len(figure.xpath(".//*[@role='img']/@aria-label")[0]) > 30
        assert figure.xpath(".//svg")
        assert figure.xpath(".//details//tbody/tr")


def test_the_page_loads_nothing_and_allows_nothing(faces: dict[str, bytes]) -> None:
    page = faces["report.html"].decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    assert policy[1].startswith("default-src &#39;none&#39;")
    assert "unsafe" not in policy[1]
    tree = lxml_html.fromstring(page)
    assert tree.xpath("//link | //iframe | //img[@src] | //script[@src]") == []
    for href in tree.xpath("//a/@href"):
        assert href.startswith(("#", "http://", "https://"))
    assert len(page) < 3_000_000


def test_the_pdf_is_tagged_for_those_who_cannot_see(faces: dict[str, bytes]) -> None:
    reader = pypdf.PdfReader(io.BytesIO(faces["report.pdf"]))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert str(root["/Lang"]).startswith("en")
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    assert reader.metadata is not None
    assert "2019-05-17" in str(reader.metadata.title)
    assert len(faces["report.pdf"]) < 2_000_000


def hostile(run: Run, text: str) -> Run:
    """Put a text wherever text from data or analysts can stand."""
    events = run.snapshot.events.copy()
    recent = events["event_at"] > "2019-04-01"
    for column in ("summary", "name", "note", "url", "cited"):
        events.loc[recent & (events["source"] != "brent"), column] = text
    outlooks = tuple(
        replace(
            item,
            title=text,
            unit=text if item.every == 1 else item.unit,
            forecasts=tuple(
                replace(
                    one,
                    question=replace(
                        one.question,
                        text=text,
                        labels={**one.question.labels, **({"name": text} if "name" in one.question.labels else {})},
                    ),
                )
                for one in item.forecasts
            ),
        )
        for item in run.outlooks
    )
    return replace(
        run,
        title=text,
        summary=text,
        domains=dict.fromkeys(run.domains, text),
        snapshot=replace(run.snapshot, events=events),
        outlooks=outlooks,
        sources={name: {**about, "title": text, "url": text} for name, about in run.sources.items()},
    )


def check_harmless(page: str) -> None:
    tree = lxml_html.fromstring(page)
    assert len(tree.xpath("//script[not(@type)]")) == 1
    assert set(tree.xpath("//script/@type")) <= {"application/json", "text/plain"}
    assert [name for element in tree.iter() for name in element.attrib if name.startswith("on")] == []
    assert tree.xpath("//foreignobject | //iframe | //object | //embed") == []
    for href in tree.xpath("//@href"):
        assert href.startswith(("#", "http://", "https://"))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_text_from_data_is_only_ever_text(run: Run, payload: str) -> None:
    faces = report.faces(hostile(replace(run, outlooks=run.outlooks[::8], lead=()), payload))
    check_harmless(faces["report.html"].decode())
    assert faces["report.pdf"].startswith(b"%PDF")
    visible = re.sub(r"[\x00-\x1f\u2028\s]+", "", lxml_html.fromstring(faces["report.html"]).text_content())
    assert re.sub(r"[\x00-\x1f\u2028\s]+", "", payload) in visible


@pytest.mark.skipif(
    not (REFERENCE / "text" / "blns.json").exists(), reason="the collection of naughty strings is not here"
)
def test_naughty_strings_run_nowhere_and_break_nothing(run: Run) -> None:
    strings_ = json.loads((REFERENCE / "text" / "blns.json").read_text(encoding="utf-8"))
    one_figure = replace(run, outlooks=run.outlooks[:1], lead=())
    made = compose.report(hostile(one_figure, "plain"))
    section = document.Section(
        "naughty", "Naughty", 1, tuple(document.Text(text, role) for text in strings_ for role in ("body", "lead"))
    )
    faces = report._rendered(replace(made, sections=(*made.sections, section)))
    check_harmless(faces["report.html"].decode())
    assert len(pypdf.PdfReader(io.BytesIO(faces["report.pdf"])).pages) > 5


def test_a_refusal_holds_no_probability(run: Run) -> None:
    refusal = NotConverged(
        "the model `x` did not converge, so it says nothing", why="R-hat of `a` is 1.500", hint="try b"
    )
    faces = report.refusal("A brief", date(2019, 5, 17), refusal)
    assert json.loads(faces["report.json"])["forecasts"] == []
    for text in (text_of_html(faces), text_of_pdf(faces)):
        assert "%" not in text
        assert "R-hat of `a` is 1.500" in text
        assert "try b" in text


def test_the_json_follows_its_schema(faces: dict[str, bytes]) -> None:
    import jsonschema

    schema = json.loads((Path(report.__file__).parent / "report.schema.json").read_text(encoding="utf-8"))
    checked = jsonschema.Draft202012Validator(schema)
    assert [error.message for error in checked.iter_errors(json.loads(faces["report.json"]))] == []
