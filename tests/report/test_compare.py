"""What moved between two reports: signs, sums and names hold, and every number is one of theirs."""

import copy
import csv
import io
import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from forecast import compare_command, output, report, report_commands, reports
from forecast.desk import Desk
from forecast.errors import UsageError
from forecast.explain import SHARES
from forecast.language import say
from forecast.report import compare_pages, document, words
from forecast.report.comparison import compare
from forecast.report.document import Report, Table
from tests.report.linter import in_print, violations
from tests.report.test_faces import PAYLOADS

Stated = dict[str, Any]
THEN, NOW = "2019-05-17", "2019-06-14"
RULE = "count of (kind = a) >= 1"
EMPTY = ("status", "sections", "scenarios", "aftermath", "outcomes", "pairs", "moves")
probabilities = st.floats(1e-6, 1 - 1e-6)


def asked(name: str, p: float, as_of: str = THEN, rule: str = RULE, fixed: bool = False, **more: Any) -> Stated:
    """State a forecast over the thirty days that follow, or over a window of its own."""
    opens = THEN if fixed else as_of
    closes = (date.fromisoformat(opens) + timedelta(days=60 if fixed else 30)).isoformat()
    return {
        "id": name if fixed else f"{name}/{as_of}",
        "label": f"Question {name}",
        "heading": "Domain",
        "text": f"Will {name} come?",
        "rule": rule,
        "opens": opens,
        "closes": closes,
        "settles": closes,
        "as_of": as_of,
        "probability": p,
        "interval": [p / 2, (1 + p) / 2],
        "baseline": 0.2,
        "live": False,
        **more,
    }


def stated(forecasts: list[Stated], as_of: str = THEN, **more: Any) -> Stated:
    """State a report that holds forecasts and nothing else."""
    head = {"title": "A brief", "subtitle": "", "language": "en", "as_of": as_of, "inputs": as_of, "code": {}}
    rest = {name: [] for name in EMPTY}
    return {"schema_version": document.SCHEMA_VERSION, **head, **rest, "forecasts": forecasts, **more}


def of(numbers: list[float], as_of: str) -> Stated:
    return stated([asked(str(place), p, as_of) for place, p in enumerate(numbers)], as_of)


def blocks(made: Report, section: str) -> tuple[Any, ...]:
    return next((one.blocks for one in made.sections if one.id == section), ())


def tables(made: Report, section: str) -> list[Table]:
    return [block for block in blocks(made, section) if isinstance(block, Table)]


def moves(made: Report) -> dict[str, str]:
    (table,) = tables(made, "questions")
    return {str(row[0]): str(row[3]) for row in table.rows}


def number(text: str) -> float:
    return float(text.replace("−", "-"))


@pytest.fixture(scope="module")
def ends(reported_desk: Path) -> tuple[Stated, Stated]:
    """Two reports of the quick brief, four weeks apart."""
    desk = Desk(reported_desk)
    later = reports.run(desk, "quick", date.fromisoformat(NOW)).document
    return reports.latest(desk, "quick", date.fromisoformat(THEN)).document, later


@pytest.fixture(scope="module")
def faces(ends: tuple[Stated, Stated]) -> dict[str, bytes]:
    return report.compared(*ends)


def text_of(page: bytes) -> str:
    tree = lxml_html.fromstring(page)
    for element in tree.xpath("//script | //style | //*[contains(@class, 'drawing')]"):
        element.drop_tree()
    return re.sub(r"\s+", " ", " ".join(tree.itertext()))


def test_a_report_did_not_move_from_itself(ends: tuple[Stated, Stated]) -> None:
    for one in ends:
        made = compare_pages.report(one, one)
        assert set(moves(made).values()) == {"0.0"}
        assert len(moves(made)) == len(one["forecasts"])
        assert "largest" not in [section.id for section in made.sections]
        (lead,) = blocks(made, "bottom-line")
        assert "none moved by a point or more" in lead.text
        assert tables(made, "made-from") == []


@settings(suppress_health_check=[HealthCheck.too_slow])  # of a machine that is busy
@given(st.lists(st.tuples(probabilities, probabilities), min_size=1, max_size=8))
def test_the_other_way_round_every_sign_turns(pairs: list[tuple[float, float]]) -> None:
    old, new = of([one for one, _ in pairs], THEN), of([other for _, other in pairs], NOW)
    there, back = moves(compare_pages.report(old, new)), moves(compare_pages.report(new, old))
    turned = str.maketrans("+−", "−+")
    assert {name: move.translate(turned) for name, move in back.items()} == there


@settings(suppress_health_check=[HealthCheck.too_slow])  # of a machine that is busy
@given(st.lists(st.tuples(probabilities, probabilities), min_size=1, max_size=8))
def test_moves_are_differences_and_the_largest_come_first(pairs: list[tuple[float, float]]) -> None:
    made = compare_pages.report(of([one for one, _ in pairs], THEN), of([other for _, other in pairs], NOW))
    found = moves(made)
    assert found == {f"Question {n}, 30 days ahead": words.points(b - a) for n, (a, b) in enumerate(pairs)}
    sizes = [abs(number(move)) for move in found.values()]
    assert sizes == sorted(sizes, reverse=True)
    lead = [block.text for block in blocks(made, "bottom-line")]
    assert len(lead) <= 5
    assert [problem for line in lead for problem in violations(line)] == []


@given(probabilities, probabilities, st.lists(st.floats(-0.5, 0.5), min_size=5, max_size=5))
def test_printed_shares_add_up_to_the_printed_move(before: float, after: float, shares: list[float]) -> None:
    parts = dict(zip(SHARES, [*shares, after - before - sum(shares)], strict=True))
    move = {"question": "0", "since": THEN, "before": before, "after": after, "shares": parts, "error": 0.01}
    new = {**of([after], NOW), "moves": [{**move, "groups": []}]}
    found = tables(compare_pages.report(of([before], THEN), new), "why")
    for row in (row for table in found for row in table.rows):
        moved, *printed = (str(cell) for cell in row[1:-1])
        rounded = [0.5 if abs(number(one)) >= 10 else 0.05 for one in (moved, *printed)]
        assert abs(sum(map(number, printed)) - number(moved)) <= sum(rounded) + 1e-9


def test_shares_since_another_day_are_not_those_of_this_move() -> None:
    move = {"question": "0", "since": "2019-05-10", "before": 0.2, "after": 0.4, "shares": {"new": 0.2}, "error": 0.01}
    new = {**of([0.4], NOW), "moves": [{**move, "groups": []}]}
    made = compare_pages.report(of([0.2], THEN), new)
    assert [block.text for block in blocks(made, "why")] == [say("compare-why-not-told")]
    assert made.moves == ()


def test_events_that_did_most_are_named() -> None:
    group = {"kind": "a_kind", "entity": "there", "events": 3, "effect": 0.15, "k": None}
    small = {**group, "entity": "elsewhere", "effect": 0.001}
    move = {"question": "0", "since": THEN, "before": 0.2, "after": 0.4, "shares": {"new": 0.2}, "error": 0.01}
    new = {**of([0.4], NOW), "moves": [{**move, "groups": [group, small]}]}
    made = compare_pages.report(of([0.2], THEN), new)
    assert tables(made, "why")[1].rows == (("Question 0, 30 days ahead", "a kind", "there", "3", "+15"),)
    assert made.moves == tuple(new["moves"])


def test_shares_of_another_number_than_the_report_has_say_so() -> None:
    move = {"question": "0", "since": THEN, "before": 0.3, "after": 0.4, "shares": {"new": 0.1}, "error": 0.01}
    new = {**of([0.4], NOW), "moves": [{**move, "groups": []}]}
    made = compare_pages.report(of([0.2], THEN), new)
    said = [block.text for block in blocks(made, "why") if not isinstance(block, Table)]
    assert any("1 of 1 were issued with another number" in text for text in said)


def test_a_question_in_one_report_only_is_named_and_not_compared() -> None:
    old = stated([asked("both", 0.3), asked("gone", 0.31)])
    new = stated([asked("both", 0.3, NOW), asked("new", 0.32, NOW)], NOW)
    made = compare_pages.report(old, new)
    assert list(moves(made)) == ["Question both, 30 days ahead"]
    (table,) = tables(made, "not-compared")
    assert [(row[0], row[1], row[2]) for row in table.rows] == [
        ("Question new, by 13 July 2019", "after", "32 %"),
        ("Question gone, by 15 June 2019", "before", "31 %"),
    ]
    lead = " ".join(block.text for block in blocks(made, "bottom-line"))
    assert "Only in the second report, 1 question: “Question new”." in lead
    assert "Only in the first, 1 question: “Question gone”." in lead


def test_a_question_whose_rule_is_another_now_is_not_compared() -> None:
    old = stated([asked("same", 0.3), asked("other", 0.31), asked("dated", 0.33, fixed=True)])
    later = asked("dated", 0.34, NOW, fixed=True)
    new = stated([asked("same", 0.3, NOW), asked("other", 0.32, NOW, rule="count of (kind = b) >= 1"), later], NOW)
    made = compare_pages.report(old, new)
    assert list(moves(made)) == ["Question dated, by 15 July 2019", "Question same, 30 days ahead"]
    (table,) = tables(made, "not-compared")
    assert [row[-2:] for row in table.rows] == [(RULE, "count of (kind = b) >= 1")]


@pytest.mark.parametrize("version", [1, 99, None])
def test_another_version_of_the_format_is_refused(version: int | None) -> None:
    one, other = of([0.2], THEN), {**of([0.2], NOW), "schema_version": version}
    for pair in ((one, other), (other, one)):
        with pytest.raises(UsageError, match=f"version {version} .* of {document.SCHEMA_VERSION}"):
            compare(*pair)


@pytest.mark.parametrize(("key", "said"), [("sections", "sections"), ("opens", "forecasts: opens")])
def test_a_report_that_is_not_whole_is_refused_by_what_it_lacks(
    ends: tuple[Stated, Stated], key: str, said: str
) -> None:
    old = {name: value for name, value in ends[0].items() if name != key}
    old["forecasts"] = [{name: value for name, value in one.items() if name != key} for one in old["forecasts"]]
    with pytest.raises(UsageError, match="is not whole") as refusal:
        report.compared(old, ends[1])
    assert said in refusal.value.why


def test_reports_that_share_no_question_are_refused_by_name() -> None:
    other = {**stated([asked("another", 0.3, NOW)], NOW), "title": "Another brief"}
    with pytest.raises(UsageError, match="“A brief” as of 2019-05-17 and “Another brief” as of 2019-06-14"):
        compare(of([0.2], THEN), other)
    with pytest.raises(UsageError, match="holds no forecasts"):
        compare(of([0.2], THEN), stated([], NOW))


def test_the_document_follows_the_schema_and_says_what_was_said_before(
    ends: tuple[Stated, Stated], faces: dict[str, bytes]
) -> None:
    import jsonschema

    made = json.loads(faces["report.json"])
    schema = json.loads((Path(report.__file__).parent / "report.schema.json").read_text(encoding="utf-8"))
    assert [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(made)] == []
    told = {one["id"].removesuffix(f"/{THEN}"): one["probability"] for one in ends[0]["forecasts"]}
    for one in made["forecasts"]:
        assert [each["probability"] for each in one["earlier"]] == [told[one["id"].removesuffix(f"/{NOW}")]]


def test_every_number_of_the_page_stands_in_the_json(faces: dict[str, bytes]) -> None:
    numbers = re.compile(r"\d+(?:[.,]\d+)*")

    def strings(value: Any) -> list[str]:
        if isinstance(value, str):
            return [value]
        parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
        return [text for part in parts for text in strings(part)]

    known = set(numbers.findall(" ".join(strings(json.loads(faces["report.json"])))))
    assert set(numbers.findall(text_of(faces["report.html"]))) <= known


def test_the_faces_say_the_same_by_the_rules(faces: dict[str, bytes]) -> None:
    made = json.loads(faces["report.json"])
    lead = [block["text"] for block in made["sections"][0]["blocks"]]
    page = text_of(faces["report.html"])
    assert all(line in page for line in lead)
    assert violations(" ".join(lead)) == []
    assert in_print(faces["report.pdf"]) == []


def test_what_differs_in_what_they_were_made_from_is_read_off_both(ends: tuple[Stated, Stated]) -> None:
    old, new = ends
    (table,) = tables(compare_pages.report(old, new), "made-from")
    differ = {str(row[0]): row[1:] for row in table.rows}
    assert differ["as of"] == (THEN, NOW)
    assert any(name.endswith(": rows known") for name in differ)
    other = copy.deepcopy(old)
    other["code"] = {**other["code"], "numpy": "0.0.1"}
    (section,) = (one for one in other["sections"] if one["id"] == "reproduce")
    (listed,) = (block for block in section["blocks"] if block["type"] == "table")
    listed["rows"] = [[name, "0" * 64] if name.startswith("model ") else [name, cell] for name, cell in listed["rows"]]
    listed["rows"] = [["futures", "7"] if row[0] == "futures" else row for row in listed["rows"]]
    (table,) = tables(compare_pages.report(old, other), "made-from")
    names = [str(row[0]) for row in table.rows]
    assert [name for name in names if not name.startswith("model ")] == ["futures", "numpy"]
    assert len(names) > 3


def test_words_may_be_those_of_the_other_vocabulary() -> None:
    made = compare_pages.report(of([0.2], THEN), of([0.6], NOW), "alternative")
    lead = " ".join(block.text for block in blocks(made, "bottom-line"))
    assert "from 20 % (improbable) to 60 % (probable)" in lead


@pytest.mark.parametrize("payload", PAYLOADS)
def test_text_from_data_is_only_ever_text(payload: str) -> None:
    def hostile(text: str, as_of: str, p: float) -> Stated:
        only = asked(text + as_of, 0.3, as_of, label=text)
        changed = asked("changed", p, as_of, rule=text + as_of, label=text)
        both = asked("a", p, as_of, label=text, heading=text, text=text)
        move = {"question": "a", "since": THEN, "before": 0.2, "after": 0.6, "shares": {"new": 0.4}, "error": 0.1}
        group = {"kind": text, "entity": text, "events": 1, "effect": 0.4, "k": None}
        return stated([both, only, changed], as_of, title=text, moves=[{**move, "groups": [group]}], code={text: as_of})

    def scripts(page: bytes) -> int:
        return len(lxml_html.fromstring(page).xpath("//script"))

    plain, faces = (report.compared(hostile(text, THEN, 0.2), hostile(text, NOW, 0.6)) for text in ("plain", payload))
    tree = lxml_html.fromstring(faces["report.html"])
    assert scripts(faces["report.html"]) == scripts(plain["report.html"])
    assert [name for element in tree.iter() for name in element.attrib if name.startswith("on")] == []
    assert tree.xpath("//foreignobject | //iframe | //object | //embed | //img[@src='x']") == []
    assert all(href.startswith(("#", "http://", "https://")) for href in tree.xpath("//@href"))
    assert faces["report.pdf"].startswith(b"%PDF")
    blank = re.compile(r"[\x00-\x1f\u2028\s]+")
    assert blank.sub("", payload) in blank.sub("", tree.text_content())


def test_the_command_takes_days_or_paths_and_writes_beside_the_reports(
    reported_desk: Path, ends: tuple[Stated, Stated], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk, home = Desk(reported_desk), reported_desk / "reports" / "quick"
    made = compare_command.compare(desk, "quick", THEN, NOW)
    assert made.folder == home / f"compare-{THEN}-{NOW}"
    assert {path.name for path in made.folder.iterdir()} == {"report.json", "report.html", "report.pdf"}
    before = {path.name: path.read_bytes() for path in made.folder.iterdir()}
    elsewhere = tmp_path / "old.json"
    elsewhere.write_text(json.dumps(ends[0]), encoding="utf-8")
    again = compare_command.compare(desk, "gulf", str(elsewhere), str(home / NOW))
    assert again.folder == made.folder
    assert {path.name: path.read_bytes() for path in again.folder.iterdir()} == before
    compare_command.shown(made).show()
    printed = capsys.readouterr().out
    assert "questions are in both reports" in printed
    assert str(made.folder / "report.pdf") in printed
    output.say(compare_command.shown(made), json=True)
    assert json.loads(capsys.readouterr().out)["title"] == made.document["title"]
    output.say(compare_command.shown(made), report_commands.MOVED, csv=True)
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == len(made.document["forecasts"])
    moved = [row for row in rows if row["moved"]]
    assert moved
    assert all(float(row["probability"]) - float(row["was"]) == float(row["moved"]) for row in moved)


@pytest.mark.parametrize(
    ("old", "problem"),
    [
        ("2019-05-18", "there is no report of `quick` as of 2019-05-18"),
        ("nowhere/report.json", "there is no report there"),
        ("data/sources.toml", "the file is no report"),
    ],
)
def test_the_command_refuses_what_is_no_report(
    reported_desk: Path, monkeypatch: pytest.MonkeyPatch, old: str, problem: str
) -> None:
    monkeypatch.chdir(reported_desk)
    with pytest.raises(UsageError, match=problem):
        compare_command.compare(Desk(reported_desk), "quick", old, THEN)
