"""Another language: it reaches every word of a report that does not come from data."""

import re
from calendar import month_abbr, month_name
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fluent.syntax import FluentParser, FluentSerializer, ast
from fluent.syntax.visitor import Transformer

from forecast import language, reports
from forecast.desk import Desk
from forecast.history import History
from forecast.outlook import Run
from forecast.report import compose, words
from tests.conftest import ROOT, copy_desk

ENGLISH = ROOT / "forecast" / "languages" / "en"
DIGEST = re.compile("[0-9a-f]{32}")


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of base rates on the bundled data."""
    found = Desk(copy_desk(tmp_path_factory.mktemp("quick") / "desk"))
    case = found.case(found.brief("quick"), date(2019, 5, 17))
    return reports.predicted(case, History(), "inputs", found.fitter(case.snapshot))


@pytest.fixture
def strange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Speak a language that is English with another letter in place of each Latin one."""
    (tmp_path / "en").mkdir()
    for path in ENGLISH.glob("*.ftl"):
        resource = FluentParser().parse(path.read_text(encoding="utf-8"))
        for one in resource.body:
            if isinstance(one, ast.Message) and not one.id.name.startswith("date-"):  # those are patterns
                Strange().visit(one)
        (tmp_path / "en" / path.name).write_text(FluentSerializer().serialize(resource))
    text = (ENGLISH / "words.toml").read_text(encoding="utf-8")
    (tmp_path / "en" / "words.toml").write_text(re.sub('"[^"]+"', '"ж"', text))
    (tmp_path / "en" / "glossary.toml").write_text('[terms]\n"ж" = "ж"\n')
    monkeypatch.setattr(language, "_folder", lambda: tmp_path)
    for kept in (language._texts, words._bands):
        kept.cache_clear()
    yield
    for kept in (language._texts, words._bands):
        kept.cache_clear()


class Strange(Transformer):  # type: ignore[misc, unused-ignore]
    def visit_TextElement(self, node: ast.TextElement) -> ast.TextElement:  # noqa: N802
        node.value = re.sub("[A-Za-z]", "ж", node.value)
        return node


@pytest.mark.usefixtures("strange")
def test_another_language_reaches_every_word_of_a_report(quick: Run) -> None:
    """Latin letters that are left come from data, or are notation, as of rules and of commands."""
    data = words_of(told([replace(quick, fits=()), [[fit.spec, fit.standing, fit.parameters] for fit in quick.fits]]))
    data |= words_of([*month_name, *month_abbr, "forecast run --brief as-of", "blank"])
    unsaid = tuple(replace(fit, method="", notes=(), part=None) for fit in quick.fits)
    document = compose.report(replace(quick, fits=unsaid))
    said = told([document.status, [[one.title, _shown(one.blocks)] for one in document.sections]])
    assert words_of(text for text in said if not DIGEST.search(text)) - data == set()


def told(value: Any) -> Iterator[str]:
    """List the texts in values of any depth: those of their fields, never the names of these."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, pd.DataFrame):
        for column in value.select_dtypes(["str", "object", "category"]):
            yield from map(str, value[column].unique())
    elif is_dataclass(value):
        yield from told([getattr(value, one.name) for one in fields(value)])
    elif isinstance(value, Mapping):
        yield from told([*value, *value.values()])
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from told(one)


def words_of(texts: Iterable[str]) -> set[str]:
    return {word.lower() for text in texts for word in re.findall(r"[A-Za-z]{3,}", text)}


def _shown(blocks: Iterable[Any]) -> list[Any]:
    """List what a reader sees of blocks: of figures, their words and their table."""
    kept = {"text", "caption", "columns", "rows", "groups", "title", "alt"}
    found = []
    for block in blocks:
        found += [getattr(block, one.name) for one in fields(block) if one.name in kept]
        found += _shown([block.data]) if hasattr(block, "data") else []
    return found
