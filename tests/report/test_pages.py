"""What a report reads off the book and off all futures: paths, levels, shares of moves, parameters, the record."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from forecast import bookkeeping, report, reports, toml, world
from forecast.brief import PARTS, Brief
from forecast.desk import Desk
from forecast.errors import SpecError
from forecast.history import History, recall
from forecast.outlook import Fit, Parameter, Run
from forecast.report import compose, moved_pages, record_pages, words
from forecast.report.document import Table, Text
from forecast.report.glossary import terms
from forecast.report.parameter_figure import MOST, meant, parameters
from tests.conftest import copy_desk
from tests.walks import desk_at

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
DAYS = tuple(date(year, month, 2) for year in (2017, 2018) for month in range(1, 13))
AS_OF = date(2019, 1, 2)
pytestmark = pytest.mark.usefixtures("few_futures")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk whose brief asks about the price alone, explains itself, and has a book of two years."""
    found = desk_at(tmp_path_factory.mktemp("pages") / "desk")
    path = found.root / "reports" / "briefs" / "tiny.toml"
    more = 'why = true\naudience = "the minister"\npairs = [["up/0.02", "up/0.1"]]\n'
    path.write_text(path.read_text(encoding="utf-8").replace("as_of = 2019-05-17\n", more), encoding="utf-8")
    book = found.book(begin=True)
    for day in DAYS:
        bookkeeping.resolve(found, book, NOW, day)
        bookkeeping.issue(found, book, "tiny", NOW, day)
    bookkeeping.resolve(found, book, NOW)
    return found


@pytest.fixture(scope="module")
def past(desk: Desk) -> History:
    return recall(desk.rows(), "tiny", AS_OF)


@pytest.fixture(scope="module")
def made(desk: Desk) -> dict[str, Any]:
    return reports.run(desk, "tiny", AS_OF).document


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of base rates on the bundled data."""
    found = Desk(copy_desk(tmp_path_factory.mktemp("quick") / "desk"))
    item = found.brief("quick")
    case = found.case(item, date(2019, 5, 17))
    return reports.predicted(case, History(), "inputs", found.fitter(case.snapshot))


def section(made: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in made["sections"] if one["id"] == name)
    return found


def tables(made: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [block for block in section(made, name)["blocks"] if block["type"] == "table"]


def test_the_document_follows_its_schema(made: dict[str, Any]) -> None:
    path = Path(report.__file__).parent / "report.schema.json"
    jsonschema.validate(made, json.loads(path.read_text(encoding="utf-8")))
    assert made["moves"]
    assert made["pairs"]


def test_the_table_of_questions_says_what_changed_and_draws_the_path(made: dict[str, Any], past: History) -> None:
    (table,) = tables(made, "questions")
    assert [column["heading"] for column in table["columns"]][-2:] == [one.heading for one in moved_pages.columns()]
    exact = {one["label"]: one for one in made["forecasts"]}
    for name, *_, change, spark in table["rows"]:
        one = exact[name["text"]]
        assert name["href"] == f"#{one['group']}"
        assert change == words.points(one["probability"] - one["earlier"][-1]["probability"])
        assert spark["spark"] == [*[each["probability"] for each in one["earlier"]][-24:], one["probability"]]
        assert spark["text"].endswith(f"{words.short(one['probability'])} now")


def test_shares_of_a_move_are_those_of_the_explanation_and_add_up(made: dict[str, Any]) -> None:
    assert len(made["moves"]) == len(made["forecasts"])
    for one in made["moves"]:
        assert sum(one["shares"].values()) == pytest.approx(one["after"] - one["before"], abs=1e-12)
    (table,) = [one for one in tables(made, "up") if one["caption"].startswith("Why it moved since 2 December 2018")]
    told = {column["heading"] for column in table["columns"]}
    assert {"time passing", "new events", "Monte Carlo noise"} <= told
    for row, one in zip(table["rows"], made["moves"], strict=True):
        assert words.short(one["after"]) in row
        assert words.points(one["shares"]["new"]) in row


def test_the_path_holds_what_the_book_says_and_how_it_came_out(made: dict[str, Any], past: History) -> None:
    figure = next(block for block in section(made, "up")["blocks"] if block.get("id") == "figure-path-up")
    drawn = {(row["at"], row["name"]): row for row in figure["chart"]["data"]["values"]}
    came = {one.told.question: one for one in past.scored}
    for series, path in past.earlier.items():
        for told in path:
            row = next(one for (at, _), one in drawn.items() if at == told.as_of.isoformat() and _is(one, series))
            assert row["p"] == round(100 * told.probability, 2)
            end = came[told.question].end.outcome if told.question in came else None
            assert row["out"] == {True: "came out yes", False: "came out no", None: "not out yet"}[end]
    assert {row["out"] for row in drawn.values()} == {"came out yes", "came out no", "not out yet"}


def _is(row: dict[str, Any], series: str) -> bool:
    return row["name"] == words.change(float(series.split("/")[1]))


def test_levels_fall_and_agree_with_the_questions(quick: Run) -> None:
    seen = 0
    for item in quick.outlooks:
        for curve in item.curves:
            rising = item.forecasts[0].question.rule.op in ("<", "<=")
            steps = [b - a if rising else a - b for a, b in pairwise(curve.probabilities)]
            assert min(steps) >= -1e-12
            for one in item.forecasts:
                if one.question.closes == curve.closes:
                    seen += 1
                    at = curve.levels.index(one.question.rule.threshold)
                    assert curve.probabilities[at] == pytest.approx(one.probability, abs=1e-12)
    assert seen > 20


ENDS = (1.0, 100.0), (1.0, 10.0, 100.0)


def test_a_posterior_like_its_prior_lies_at_its_ends() -> None:
    def row(name: str, prior: tuple[float, float], posterior: tuple[float, float, float]) -> Parameter:
        return Parameter(name, "means", "unit", prior, posterior)

    rows = (
        row("same", (1.0, 100.0), (1.0, 10.0, 100.0)),
        row("narrow", (-1.0, 3.0), (0.0, 1.0, 2.0)),
        row("far", (1.0, 10.0), (0.0, 1e9, 1e9)),
    )
    fit = Fit(spec=_spec(), method="", diagnostics={}, parameters=rows, notes=())
    figure = parameters(fit)
    assert figure is not None
    drawn = [(one["low"], one["middle"], one["high"]) for one in figure.chart["data"]["values"]]
    assert drawn == [(-1, 0, 1), (-0.5, 0, 0.5), (-MOST, MOST, MOST)]
    assert parameters(replace(fit, parameters=())) is None
    alike = tuple(row(f"background [houthi / oil / a place with a long name, {place}]", *ENDS) for place in range(3))
    figure = parameters(replace(fit, parameters=alike))
    assert figure is not None
    assert len({one["name"] for one in figure.chart["data"]["values"]}) == 3  # each has its own row


@pytest.mark.parametrize("family", world.FAMILIES)
def test_what_a_prior_is_about_and_its_unit_are_said(family: str) -> None:
    page = import_module(f"forecast.models.{family}")
    for one in (*page.PRIORS.values(), getattr(page, "COVARIATE", world.ON_RATES)):
        row = Parameter("any", one.meaning, one.unit, (1.0, 100.0), (1.0, 10.0, 100.0))
        assert meant(row) == f"{one.meaning} ({one.unit})"


def _spec() -> Any:
    return type("Named", (), {"name": "a model"})()


def test_the_record_is_apart_and_hides_nothing(past: History) -> None:
    sections = record_pages.record(past)
    assert [one.id for one in sections] == ["record", "record-backtests"]
    assert "No live forecast had come out yet." in [
        block.text for block in sections[0].blocks if isinstance(block, Text)
    ]
    skills, parts, *_, misses = [block for block in sections[1].blocks if isinstance(block, Table)]
    known = [one for one in past.scored if one.end.outcome is not None]
    assert skills.rows[0][1] == f"{len(known):,}"
    brier = sum((one.told.probability - one.happened) ** 2 for one in known) / len(known)
    assert skills.rows[0][5] == f"{brier:.4f}"
    score, bad, good, hard = (float(str(cell)) for cell in parts.rows[0][1:])
    assert score == pytest.approx(bad - good + hard, abs=2e-4)
    worst = sorted((abs(one.told.probability - one.happened) for one in known), reverse=True)
    assert [row[5] for row in misses.rows] == [f"{each**2:.3f}" for each in worst[: len(misses.rows)]]
    none = record_pages.record(History())
    assert [one.id for one in none] == ["record"]
    assert isinstance(none[0].blocks[0], Text)
    assert "nothing can be said" in none[0].blocks[0].text


def test_parts_can_be_left_out_and_no_others(quick: Run) -> None:
    whole = {one.id for one in compose.report(quick).sections}
    lean = {one.id for one in compose.report(replace(quick, without=PARTS)).sections}
    assert lean < whole
    assert not lean & {"record", "timeline", "glossary", "limits"}
    assert {"bottom-line", "questions", "methods", "data", "reproduce"} <= lean
    table = {
        "name": "x", "title": "x", "summary": "x", "models": [], "baselines": [], "questions": [], "sources": [],
        "domains": {}, "without": ["methods"],
    }  # fmt: skip
    with pytest.raises(SpecError, match="`methods` is no part that can be left out"):
        toml.parse(Brief, table, "reports/briefs/x.toml")


def test_the_title_block_says_for_whom_it_is(made: dict[str, Any]) -> None:
    assert made["status"][0] == "For the minister."


def test_pairs_are_in_the_document_as_they_are_on_the_page(made: dict[str, Any]) -> None:
    (pair,) = made["pairs"]
    (table,) = tables(made, "together")
    said = {one["id"]: one["probability"] for one in made["forecasts"]}
    both, given, given_not = (words.short(pair[name]) for name in ("both", "given", "given_not"))
    assert table["rows"][0][2:] == [
        words.short(said[pair["first"]]),
        words.short(said[pair["second"]]),
        both,
        given,
        given_not,
    ]
    total = said[pair["first"]] * pair["given"] + (1 - said[pair["first"]]) * pair["given_not"]
    assert total == pytest.approx(said[pair["second"]], abs=1e-9)


def test_the_glossary_is_sorted_and_says_something_of_each_word() -> None:
    assert list(terms()) == sorted(terms(), key=lambda word: re.sub(r"[^a-z0-9]", "", word.lower()))
    assert all(len(meaning) > 30 and meaning.endswith(".") for meaning in terms().values())
