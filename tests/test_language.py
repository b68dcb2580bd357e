"""Sentences stand in one place: each is used, none is elsewhere, and another language reaches every word of a page."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from forecast import language
from forecast.language import say, speaking
from tests.conftest import ROOT

PACKAGE = ROOT / "forecast"
PAGES = sorted([*PACKAGE.glob("report/*.py"), *PACKAGE.glob("site/*.py")])
SENTENCE = re.compile(r"[A-Za-z]{2,},? [a-z]+,? [a-z]+,? [a-z]+")
REFUSAL = {"what", "why", "hint"}
NOTATION = ("xmlns", "<svg", "font-", "default-src", "datum")


def _names(node: ast.Assign) -> set[str]:
    return {each.id for target in node.targets for each in ast.walk(target) if isinstance(each, ast.Name)}


def texts(tree: ast.AST) -> Iterator[str]:
    """List the texts of a page's code, but for what it says to programmers: docstrings and refusals."""
    for node in ast.iter_child_nodes(tree):
        explained = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        refused = isinstance(node, ast.Raise) or (isinstance(node, ast.Assign) and _names(node) & REFUSAL)
        if explained or refused:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        yield from texts(node)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_no_page_holds_a_sentence_of_its_own(path: Path) -> None:
    found = [text for text in texts(ast.parse(path.read_text(encoding="utf-8"))) if SENTENCE.search(text)]
    assert [text for text in found if not any(sign in text for sign in NOTATION)] == []


def test_every_sentence_is_said_somewhere() -> None:
    said, begun = set[str](), set[str]()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                said.add(node.value)
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                begun.add(str(node.values[0].value))
    for path in PACKAGE.rglob("*.j2"):
        said |= set(re.findall(r'say\("([^"]+)"', path.read_text(encoding="utf-8")))
    begun = {beginning for beginning in begun if beginning.endswith("-")}
    known = language._texts("en").fields
    ends = ("-seen", "-counted")  # of a process, put behind what is said of it
    unsaid = [key for key in known if key not in said and not any(map(key.startswith, begun))]
    assert [key for key in unsaid if not key.endswith(ends)] == []


def test_what_a_sentence_leaves_open_is_given_and_nothing_else() -> None:
    assert say("listed-and", most="a, b", last="c") == "a, b and c"
    with pytest.raises(TypeError, match=r"leaves \['last', 'most'\] open, and was given \['most'\]"):
        say("listed-and", most="a")
    with pytest.raises(TypeError, match="given"):
        say("listed-and", most="a", last="b", more="c")
    with pytest.raises(KeyError, match="did you mean `listed-and`"):
        say("listed-an", most="a", last="b")


def test_counts_are_written_and_choose_their_number() -> None:
    assert [say("lasted-days", days=days) for days in (1, 2, 1234)] == ["1 day", "2 days", "1,234 days"]


def test_text_that_comes_in_is_only_ever_text() -> None:
    hostile = "{ $last } { listed-or } <b>\n  two  spaces"
    assert say("listed-and", most=hostile, last="c") == f"{hostile} and c"
    assert say("listed-and", most=hostile * 1000, last="d" * 5000) == f"{hostile * 1000} and {'d' * 5000}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of languages of our own."""
    monkeypatch.setattr(language, "_folder", lambda: tmp_path)
    language._texts.cache_clear()
    yield tmp_path
    language._texts.cache_clear()


def test_another_language_is_another_folder(folder: Path) -> None:
    for name, text in (("en", "greeting = good\n    day\n"), ("de", "greeting = guten Tag\n")):
        (folder / name).mkdir()
        (folder / name / "a.ftl").write_text(text)
    assert language.languages() == ("de", "en")
    assert say("greeting") == "good day"
    with speaking("de"):
        assert say("greeting") == "guten Tag"
    assert say("greeting") == "good day"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a.ftl": "one = a\none = b\n"}, "a.ftl: `one` stands twice"),
        ({"a.ftl": "one = a\n", "b.ftl": "one = b\n"}, "b.ftl: `one` stands in another file too"),
        ({"a.ftl": "one = a\ntwo { $b\n"}, "a.ftl cannot be read from here on: two"),
    ],
)
def test_a_file_with_a_slip_is_refused(folder: Path, files: dict[str, str], said: str) -> None:
    (folder / "en").mkdir()
    for name, text in files.items():
        (folder / "en" / name).write_text(text)
    with pytest.raises(ValueError, match=re.escape(said)):
        say("one")
