"""What a report reads off the book: what could be known on its day, and nothing else."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from forecast import bookkeeping, manifest, provenance, replay, reports
from forecast.desk import Desk
from forecast.history import NO_HEAD, History, recall
from forecast.ledger import Ledger
from forecast.manifest import FACES
from tests.walks import LATER, TINY, desk_at

DAYS = tuple(date(2019, month, 2) for month in range(1, 6))
pytestmark = pytest.mark.usefixtures("few_futures")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    found = desk_at(tmp_path_factory.mktemp("history") / "desk")
    other = TINY.replace('"tiny"', '"other"').replace("Brent alone", "The same again")
    (found.root / "reports" / "briefs" / "other.toml").write_text(other, encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def book(desk: Desk) -> Ledger:
    found = desk.book(begin=True)
    for day in DAYS:
        bookkeeping.resolve(desk, found, LATER, day)
        bookkeeping.issue(desk, found, "tiny", LATER, day)
        if day != DAYS[0]:
            bookkeeping.issue(desk, found, "other", LATER, day)
    bookkeeping.resolve(desk, found, LATER)
    return found


def test_what_came_later_is_not_recalled(desk: Desk, book: Ledger) -> None:
    rows = book.rows()
    found = recall(rows, "tiny", DAYS[2])
    assert {told.as_of for path in found.earlier.values() for told in path} == set(DAYS[:2])
    assert {told.as_of for told in found.issued.values()} == {DAYS[2]}
    assert found.before == DAYS[1]
    assert found.scored
    assert all(one.end.on <= DAYS[2] for one in found.scored)
    assert recall(found.rows, "tiny", DAYS[2]) == found  # what it names is all that it was read from


def test_each_day_has_one_forecast_of_a_question_and_that_of_the_brief_is_preferred(book: Ledger) -> None:
    for brief in ("tiny", "other"):
        found = recall(book.rows(), brief, date(2019, 5, 17))
        for path in found.earlier.values():
            assert [told.as_of for told in path] == list(DAYS)
            assert {told.brief for told in path[1:]} == {brief}
            assert path[0].brief == "tiny"  # the other had said nothing yet
        assert found.issued == {}
        assert found.before == DAYS[-1]


def test_a_book_that_says_nothing_by_then_is_as_none(book: Ledger) -> None:
    assert recall(book.rows(), "tiny", date(2018, 12, 1)) == History()
    assert recall([], "tiny", DAYS[0]).head == NO_HEAD


def test_a_report_is_up_to_date_until_the_book_says_more_of_it(desk: Desk, book: Ledger, tmp_path: Path) -> None:
    first = reports.run(desk, "tiny", DAYS[3])
    assert first.fresh
    assert not reports.run(desk, "tiny", DAYS[3]).fresh
    bookkeeping.issue(desk, book, "tiny", LATER, date(2019, 5, 10))  # later: nothing that the report may know
    assert not reports.run(desk, "tiny", DAYS[3]).fresh
    empty = f"sqlite:///{tmp_path / 'empty.db'}"
    desk.book(empty, begin=True)
    assert reports.run(desk, "tiny", DAYS[3], book=empty).fresh


def test_what_a_report_says_is_what_is_issued(desk: Desk, book: Ledger) -> None:
    document = reports.run(desk, "tiny", DAYS[3]).document
    told = recall(book.rows(), "tiny", DAYS[3]).issued
    assert {one["id"].rsplit("/", 1)[0]: (one["probability"], one["raw"]) for one in document["forecasts"]} == {
        series: (one.probability, one.raw) for series, one in told.items()
    }
    assert any("In the book since 28 November 2026" in line for line in document["status"])
    assert any(one["probability"] != one["raw"] for one in document["forecasts"])
    paths = {one["id"].rsplit("/", 1)[0]: [each["as_of"] for each in one["earlier"]] for one in document["forecasts"]}
    assert set(map(tuple, paths.values())) == {tuple(day.isoformat() for day in DAYS[:3])}


def test_a_replay_needs_the_same_book(desk: Desk, book: Ledger, tmp_path: Path) -> None:
    folder = reports.run(desk, "tiny", DAYS[3]).folder
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(provenance, "TEXTS", (".typ",))  # nobody edits the program meanwhile
        reports.run(desk, "tiny", DAYS[3])
        assert replay.replay(desk, folder / manifest.NAME).same == FACES
        other = Ledger(f"sqlite:///{tmp_path / 'other.db'}")
        bookkeeping.issue(desk, other, "tiny", LATER, DAYS[0])
        found = replay.replay(desk, folder / manifest.NAME, book=f"sqlite:///{tmp_path / 'other.db'}")
    assert [line for line in found.wrong if line.startswith("book: it does not begin with the")] == list(found.wrong)


def test_a_first_issue_is_not_explained_by_itself(desk: Desk, book: Ledger, tmp_path: Path) -> None:
    brief = desk.root / "reports" / "briefs" / "why.toml"
    brief.write_text(TINY.replace('"tiny"', '"why"').replace("as_of = 2019-05-17", "why = true"), encoding="utf-8")
    alone = Ledger(f"sqlite:///{tmp_path / 'alone.db'}")
    bookkeeping.issue(desk, alone, "why", LATER, DAYS[3])
    document = reports.run(desk, "why", DAYS[3], book=f"sqlite:///{tmp_path / 'alone.db'}").document
    assert document["moves"] == []
    said = [block.get("text", "") for one in document["sections"] for block in one["blocks"]]
    assert any(
        text.startswith("Why forecasts moved is not told: the brief has not been issued before") for text in said
    )


def test_a_move_whose_data_are_no_longer_there_is_said_to_be_untold(desk: Desk, tmp_path: Path) -> None:
    brief = desk.root / "reports" / "briefs" / "why.toml"
    brief.write_text(TINY.replace('"tiny"', '"why"').replace("as_of = 2019-05-17", "why = true"), encoding="utf-8")
    address = f"sqlite:///{tmp_path / 'other.db'}"
    bookkeeping.issue(desk, Ledger(address), "why", LATER, DAYS[2])
    other = Desk(shutil.copytree(desk.root, tmp_path / "desk"))
    path = next((other.root / "data" / "events" / "brent").glob("*.csv"))
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-3000] + lines[-2990:]), encoding="utf-8")
    document = reports.run(other, "why", DAYS[3], book=address).document
    assert document["moves"] == []
    assert "is not what the forecast of that day was made from" in json.dumps(document["sections"])
