"""Documents run: commands exist, keys and columns are described, links lead somewhere."""

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import command_pages
import pytest
import source_pages

from forecast import brief, catalogue, refusals, spec, templates
from forecast.errors import UsageError
from forecast.events import COLUMNS
from forecast.sources import mapped
from tests.conftest import Command

ROOT = Path(__file__).parents[1]
PAGES = sorted(path for path in ROOT.rglob("*.md") if not {".venv", ".uv", "site"} & set(path.relative_to(ROOT).parts))
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)


def lines(page: Path) -> list[str]:
    blocks = CONSOLE.findall(page.read_text(encoding="utf-8"))
    return [line.removeprefix("$ ").strip() for block in blocks for line in block.splitlines() if line.startswith("$ ")]


COMMANDS = [(page, line) for line, page in {line: page for page in PAGES[::-1] for line in lines(page)}.items()]


def test_the_readme_opens_with_its_two_commands() -> None:
    assert lines(ROOT / "README.md")[:2] == ["make forecast", "make test"]


@pytest.mark.parametrize(("page", "line"), COMMANDS, ids=[f"{page.name}: {line}" for page, line in COMMANDS])
def test_every_command_in_a_document_exists(page: Path, line: str, reported_desk: Path, command: Command) -> None:
    words = line.split()
    if words[0] == "make":
        targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        assert words[1] in targets
        return
    assert words[:3] in (["uv", "run", "forecast"], ["uv", "run", "pytest"])
    if words[2] == "forecast":
        quick = [re.sub(r"(?<![^/])(gulf|seed-2019)(?![^/])", "quick", word) for word in words[3:]]
        # `replay` among them: the same inputs give the same bytes, in another process too.
        done = command(*quick, at=reported_desk)
        assert done.returncode == 0, done.stderr


def test_the_readme_s_refusal_is_what_is_said(desk: Path) -> None:
    from forecast.desk import Desk

    path = desk / "models" / "proxy_attacks.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("background =", "backgroud =", 1), encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        Desk(desk).check()
    assert refusals.told(refused.value) in (ROOT / "README.md").read_text(encoding="utf-8")


FIGURES = {"## How good is it?": ("attacks", "prices", "outages", "mechanisms"), "## The record": ("record",)}


@pytest.mark.parametrize("heading", FIGURES)
def test_the_readme_s_figures_of_skill_are_those_of_the_pages(heading: str) -> None:
    section = (ROOT / "README.md").read_text(encoding="utf-8").split(heading)[1].split("\n## ")[0]
    figures = re.findall(r"[+−]?[0-9.]+ %(?: \[.*?\])|[+−][0-9.]+ %|[0-9]+,[0-9]{3}|0\.[0-9]{4}", section)
    pages = [(ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8") for name in FIGURES[heading]]
    assert len(figures) > 8
    assert [figure for figure in figures if not any(figure in page for page in pages)] == []


def test_every_command_stands_in_the_readme(kept_desk: Path, command: Command) -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    listed = command("--help", at=kept_desk).stdout.split("Commands:")[1]
    names = re.findall(r"^  ([a-z][a-z-]+) ", listed, re.MULTILINE)
    assert names
    assert [name for name in names if f"forecast {name}" not in page] == []


def test_every_key_of_a_model_is_described() -> None:
    page = (ROOT / "models" / "README.md").read_text(encoding="utf-8")
    assert [one.name for one in fields(spec.Spec) if one.name not in page] == []
    assert [one.name for one in fields(spec.Sampler) if one.name not in page] == []


def test_every_key_of_questions_and_briefs_is_described() -> None:
    page = (ROOT / "docs" / "questions.md").read_text(encoding="utf-8")
    known = [
        one.name for kind in (templates.Template, templates.Fixed, templates.Over, brief.Brief) for one in fields(kind)
    ]
    assert [name for name in known if f"`{name}`" not in page] == []


def test_every_key_of_a_source_and_of_a_mapping_is_described() -> None:
    page = (ROOT / "docs" / "new-data.md").read_text(encoding="utf-8")
    assert [one.name for one in fields(catalogue.Source) if f"`{one.name}`" not in page] == []
    assert [one.name for one in fields(mapped.Layout) if not re.search(rf"\b{one.name}\b", page)] == []


def test_the_page_of_commands_is_what_they_say_of_themselves() -> None:
    assert (ROOT / "docs" / "commands.md").read_text(encoding="utf-8") == command_pages.page()


def test_the_page_of_importers_is_what_they_declare() -> None:
    assert (ROOT / "docs" / "sources.md").read_text(encoding="utf-8") == source_pages.page()


def test_every_column_is_described() -> None:
    page = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    sources = tomllib.loads((ROOT / "data" / "sources.toml").read_text(encoding="utf-8"))
    assert [name for name in COLUMNS if f"`{name}`" not in page] == []
    assert [name for name, source in sources.items() if name not in page and "format" not in source] == []
    assert all(column["meaning"] for source in sources.values() for column in source.get("columns", {}).values())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_no_document_names_a_path_of_a_machine() -> None:
    for page in PAGES:
        assert not re.search(r"/(home|root|work|Users)/", page.read_text(encoding="utf-8")), page
