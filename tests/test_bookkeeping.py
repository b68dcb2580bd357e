"""The live loop: what was said stays said, is settled by its rule alone, and is learned from only once it was known."""

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr

from forecast import (
    book_tables,
    bookkeeping,
    compiled,
    convergence,
    entries,
    made_of,
    output,
    publishing,
    record,
    world,
)
from forecast.calibration import Bent, Maps
from forecast.desk import BOOK, Desk
from forecast.errors import DataError, SpecError, UsageError
from forecast.ledger import Ledger, Row, canonical
from forecast.models import climatology
from forecast.publishing import FLOOR, independent
from forecast.register import Register
from tests.conftest import Command, copy_desk
from tests.test_cli import refused
from tests.walks import desk_at, walked

LATER = datetime(2026, 11, 28, 12, tzinfo=UTC)
THEN = datetime(2019, 5, 18, 9, tzinfo=UTC)
AS_OF = date(2019, 5, 17)
pytestmark = pytest.mark.usefixtures("few_futures")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return desk_at(tmp_path_factory.mktemp("book") / "desk")


@pytest.fixture(scope="module")
def book(desk: Desk) -> Ledger:
    """A book in which the quick brief was issued on time and settled years later."""
    found = desk.book(begin=True)
    bookkeeping.issue(desk, found, "quick", THEN)
    bookkeeping.resolve(desk, found, LATER)
    return found


def test_what_is_written_is_what_was_forecast(desk: Desk, book: Ledger) -> None:
    rows = book.rows()
    kinds = [row.kind for row in rows]
    assert kinds.count("question") == kinds.count("forecast") == kinds.count("resolution") > 100
    first = next(row for row in rows if row.kind == "forecast")
    asked = entries.read_question(next(row for row in rows if row.id == first.says["question"]))
    assert asked.closes > AS_OF
    assert first.says["as_of"] == "2019-05-17"
    models = desk.models(desk.brief("quick")).specs
    assert first.says["specs"] == {spec.name: spec.digest for spec in models}
    assert [entries.read_spec(row) for row in rows if row.kind == "spec"] == list(models)
    assert book.verify() is None


def test_each_row_says_how_its_models_were_fitted(desk: Desk, book: Ledger) -> None:
    item = desk.brief("quick")
    snapshot = desk.archive.as_of(AS_OF, item.sources)
    parts = [part for spec in desk.models(item).specs for part in spec.parts]
    told = [row.says["fits"] for row in book.rows("forecast")]
    assert all(one == told[0] for one in told)
    assert {name: fit["seed"] for name, fit in told[0].items()} == {
        part.name: world.seed(part, snapshot) for part in parts
    }


def drawn(seed: int) -> xr.DataTree:
    """Draw what a sampler would leave, with what the gate measures of it."""
    rng, dims = np.random.default_rng(seed), ("chain", "draw")
    stats = {"energy": (dims, rng.normal(size=(4, 100))), "diverging": (dims, np.zeros((4, 100), bool))}
    draws = xr.Dataset({"a": (dims, rng.normal(size=(4, 100)))})
    measured = convergence.diagnose(xr.DataTree.from_dict({"posterior": draws, "sample_stats": xr.Dataset(stats)}))
    return xr.DataTree.from_dict({"posterior": draws.assign_attrs(measured, tune=100, warm=0)})


def test_a_fit_from_the_shelf_is_told_as_when_it_was_sampled(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sampled(data: Any, spec: Any, seed: int, *_: Any) -> xr.DataTree:
        made.append(drawn(seed))
        return made[-1]

    made: list[xr.DataTree] = []
    monkeypatch.setattr(climatology, "sampled", lambda *_: SimpleNamespace(key="a page"), raising=False)
    monkeypatch.setattr(climatology, "posterior", sampled)
    monkeypatch.setattr(compiled, "known", lambda _: True)
    monkeypatch.setattr(Desk, "shelf", tmp_path)
    told = []
    for name in ("first", "again"):
        book = Ledger(f"sqlite:///{tmp_path / name}.db")
        bookkeeping.issue(desk, book, "tiny", THEN)
        told.append([row.body for row in book.rows("forecast")])
    assert len(made) == 1  # the baseline, which is the same model, and the second issue took it from the shelf
    assert told[0] == told[1]
    ((name, fit),) = json.loads(told[0][0])["fits"].items()
    attrs = made[0]["posterior"].attrs
    wanted = ("r_hat", "ess_bulk", "ess_tail", "divergences", "bfmi", "chains", "draws")
    assert name == "brent_climatology"
    assert fit.pop("seed") > 0
    assert fit == {key: attrs[key] for key in wanted}
    assert (fit["chains"], fit["draws"]) == (4, 100)


def test_a_forecast_is_found_with_all_that_it_was_made_from(desk: Desk, book: Ledger, tmp_path: Path) -> None:
    copy = Ledger(f"sqlite:///{shutil.copy(desk.root / BOOK, tmp_path)}")
    row = copy.rows("forecast")[7]
    found = made_of.traced(copy, row.id[:12])
    assert found.row == row
    assert entries.question(found.question).id == row.says["question"]
    scored = {one.told.sequence: one.end for one in Register(book.rows()).scored()}
    assert found.end == scored[row.sequence]


def test_an_end_is_told_once_there_is_one_and_void_comes_before_all(desk: Desk, tmp_path: Path) -> None:
    book = Ledger(f"sqlite:///{tmp_path / 'book.db'}")
    id_ = bookkeeping.issue(desk, book, "tiny", THEN).rows[0].id
    assert made_of.traced(book, id_).end is None
    settled = bookkeeping.resolve(desk, book, LATER).rows[0]
    end = made_of.traced(book, id_).end
    assert end is not None
    assert (end.outcome, end.sequence) == (settled.says["outcome"], settled.sequence)
    void = bookkeeping.void(book, settled.says["question"], "the source was wrong", LATER).rows[0]
    end = made_of.traced(book, id_).end
    assert end is not None
    assert (end.outcome, end.sequence) == (None, void.sequence)


def test_a_beginning_that_is_of_no_row_or_of_several_is_refused(book: Ledger) -> None:
    others = {row.kind: row.id for row in book.rows() if row.kind != "forecast"}
    for id_ in others.values():
        with pytest.raises(UsageError, match="there is no forecast"):
            made_of.traced(book, id_)
    ids = [row.id for row in book.rows("forecast")]
    assert all(made_of.traced(book, one[:12]).row.id == one for one in ids[:3])
    most = max("0123456789abcdef", key=lambda digit: sum(one.startswith(digit) for one in ids))
    number = sum(one.startswith(most) for one in ids)
    for beginning, words in ((most, f"begins {number} ids"), ("x", "no forecast `x`"), ("", "is no")):
        with pytest.raises(UsageError, match=words):
            made_of.traced(book, beginning)


def test_what_was_said_first_stands(desk: Desk, tmp_path: Path) -> None:
    book = Ledger(f"sqlite:///{tmp_path / 'book.db'}")
    bookkeeping.issue(desk, book, "tiny", THEN)
    bookkeeping.resolve(desk, book, THEN)
    before = book.head()
    again = bookkeeping.issue(desk, book, "tiny", LATER)
    settled = bookkeeping.resolve(desk, book, LATER)
    assert (again.new, settled.rows) == (0, ())
    assert {row.written_at[:10] for row in again.rows} == {"2019-05-18"}
    assert book.head() == before


def test_another_machine_settles_alike(desk: Desk, tmp_path: Path) -> None:
    bodies = []
    for place, when in ((desk, LATER), (desk_at(tmp_path / "desk"), LATER + timedelta(days=1))):
        book = Ledger(f"sqlite:///{tmp_path / f'{when:%d}.db'}")
        bookkeeping.issue(place, book, "tiny", when)
        bookkeeping.resolve(place, book, when)
        bodies.append({row.id: row.says for row in book.rows("resolution")})
    assert len(bodies[0]) == 5
    assert bodies[0] == bodies[1]


def test_a_question_is_settled_by_what_was_known_on_its_settling_day(desk: Desk, book: Ledger) -> None:
    asked = {row.id: entries.read_question(row) for row in book.rows("question")}
    for row in book.rows("resolution"):
        assert date.fromisoformat(row.says["settled_at"]) == asked[row.says["question"]].settles
        assert len(row.says["evidence"]) == 64


def test_live_is_what_was_written_while_the_window_had_hardly_begun(book: Ledger) -> None:
    scored = Register(book.rows()).scored()
    # Questions were written in 2026, so nothing that is asked of 2019 is live, however early it stands in the book.
    assert not any(one.live for one in scored)
    rows = [
        Row(row.sequence, row.kind, row.id, row.body.replace('"written":"2026', '"written":"2018'), row.written_at, "")
        for row in book.rows()
    ]
    assert all(one.live for one in Register(rows).scored())
    late = [replace(row, written_at="2019-07-01T00:00:00+00:00") for row in rows]
    assert not any(one.live for one in Register(late).scored())


def test_nothing_is_learned_from_what_had_not_come_out(book: Ledger) -> None:
    rows = book.rows()
    assert Register(rows).scored(AS_OF) == []
    middle = date(2019, 7, 1)
    some = Register(rows).scored(middle)
    assert 0 < len(some) < len(Register(rows).scored())
    assert all(one.end.on <= middle for one in some)
    assert publishing.maps([]) == Maps(Bent(), {})
    assert publishing.maps(some).common != Bent()


def test_overlapping_windows_share_one_vote() -> None:
    first = entries.read_question(Row(1, "question", "", canonical(QUESTION), "2019-05-18T00:00:00+00:00", ""))
    later = replace(first, opens=first.closes, closes=first.closes + timedelta(days=30))
    twice = replace(first, closes=first.opens + timedelta(days=60))
    other = replace(first, group="another")
    np.testing.assert_allclose(independent([first, first, later, other]), [0.5, 0.5, 1, 1])
    np.testing.assert_allclose(independent([first, twice, later]), [1 / 2, 1 / 3, 1 / 2])


def test_of_what_is_asked_again_and_again_nothing_is_certain(desk: Desk, book: Ledger) -> None:
    asked = {row.id: entries.read_question(row) for row in book.rows("question")}
    for row in book.rows("forecast"):
        p, raw = row.says["probability"], row.says["raw"]
        assert p == min(max(raw, FLOOR), 1 - FLOOR)  # nothing had been learned then
        assert row.says["interval"][0] <= p <= row.says["interval"][1]
    assert any(row.says["raw"] < FLOOR for row in book.rows("forecast"))
    assert all(one.recurs for one in asked.values())
    once = replace(next(iter(asked.values())), id="once")
    assert publishing.bent(0.001, ("m",), once, Maps(Bent(), {})) == pytest.approx(0.001)


def test_the_record_is_what_the_rows_say(book: Ledger) -> None:
    lines = record.lines(Register(book.rows()).scored())
    whole = lines[-1]
    scored = [one for one in Register(book.rows()).scored() if one.end.outcome is not None]
    assert (whole.family, whole.live, whole.n) == (record.ALL, False, len(scored))
    brier = np.mean([(one.told.probability - one.happened) ** 2 for one in scored])
    assert whole.brier == pytest.approx(brier)
    assert whole.skill.value == pytest.approx(1 - whole.brier / whole.baseline)
    assert sum(line.n for line in lines[:-1]) == whole.n


def test_void_is_void_and_stays_in_the_book(desk: Desk, tmp_path: Path) -> None:
    book = Ledger(f"sqlite:///{tmp_path / 'book.db'}")
    bookkeeping.issue(desk, book, "tiny", THEN)
    question = book.rows("question")[0]
    for wrong, because, words in (("f" * 64, "so", "no question"), (question.id, " ", "without a reason")):
        with pytest.raises(UsageError, match=words):
            bookkeeping.void(book, wrong, because, LATER)
    assert bookkeeping.void(book, question.id[:10], "the source stopped", THEN).new == 1
    assert bookkeeping.void(book, question.id, "again", LATER).rows[0].says["because"] == "the source stopped"
    bookkeeping.resolve(desk, book, LATER)
    void = [one for one in Register(book.rows()).scored() if one.end.outcome is None]
    assert len(void) >= 1
    assert all(row.says["question"] != question.id for row in book.rows("resolution"))
    assert record.lines(Register(book.rows()).scored())[-1].void == len(void)


def test_what_no_source_of_the_brief_could_settle_is_not_issued(tmp_path: Path) -> None:
    desk = Desk(copy_desk(tmp_path / "desk"))
    path = desk.root / "reports" / "briefs" / "quick.toml"
    path.write_text(
        path.read_text()
        .replace('"brent", "mechanisms"]', '"mechanisms"]', 1)
        .replace(
            'sources = ["attacks", "context", "oil_disruptions", "brent", "mechanisms"]',
            'sources = ["attacks", "context", "oil_disruptions", "mechanisms"]',
        )
    )
    with pytest.raises(SpecError, match="none of"):
        bookkeeping.issue(desk, desk.book(begin=True), "quick", LATER)
    assert desk.book().head().sequence == 0


def test_nothing_is_added_to_a_book_that_is_not_whole(desk: Desk, tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'book.db'}"
    bookkeeping.issue(desk, desk.book(address, begin=True), "tiny", THEN)
    with closing(sqlite3.connect(tmp_path / "book.db")) as raw, raw:
        raw.execute("update book set body = replace(body, 'Brent', 'Brend') where sequence = 2")
    with pytest.raises(DataError, match="not whole") as refusal:
        desk.book(address)
    assert refusal.value.where == "row 2"
    assert desk.book(address, whole=False).head().sequence > 2


def test_all_questions_of_all_briefs_are_read_as_they_were_written(desk: Desk) -> None:
    for name in ("gulf", "oil"):
        item = desk.brief(name)
        for one in desk.agenda(item, desk.archive.as_of(desk.as_of(item, None), item.sources)).questions:
            entry = entries.question(one)
            back = entries.read_question(Row(1, "question", entry.id, canonical(entry.body), "", ""))
            assert back.asks == one.asks
            assert entries.question(back).id == entry.id


DAYS = bookkeeping.origins(date(2019, 2, 15), date(2019, 6, 15), 1)


def test_a_walk_learns_what_a_walker_would_have(desk: Desk, tmp_path: Path) -> None:
    """What is published on a day is what the rows that had been settled by then say."""
    rows, moved = walked(desk, tmp_path / "book.db", "tiny", DAYS).rows(), []
    for says in (row.says for row in rows if row.kind == "forecast"):
        learned = publishing.maps(Register(rows).scored(date.fromisoformat(says["as_of"])))
        bent = float(learned("+".join(says["models"]), [says["raw"]])[0])
        assert says["probability"] == pytest.approx(min(max(bent, FLOOR), 1 - FLOOR))
        moved.append(abs(bent - says["raw"]) > 1e-3)
    assert not any(moved[:10])  # nothing had come out on the first two days
    assert sum(moved[15:]) > 5


def test_days_to_walk_are_there_or_refused() -> None:
    assert [one.isoformat() for one in DAYS][:2] == ["2019-02-15", "2019-03-15"]
    assert len(bookkeeping.origins(AS_OF, AS_OF, 3)) == 1
    for months, last in ((0, LATER.date()), (1, date(2000, 1, 1))):
        with pytest.raises(UsageError, match="no day from"):
            bookkeeping.origins(AS_OF, last, months)


def test_the_commands_say_what_was_done(desk: Desk, book: Ledger, command: Command) -> None:
    done = command("issue", "--brief", "tiny", at=desk.root)
    assert done.returncode == 0, done.stderr
    assert "5 new, 0 were there" in done.stderr
    assert "--from" in refused(command("backtest", "--brief", "tiny", "--from", "2019-13-01", at=desk.root), 2)
    bad = command("ledger", "verify", "--head", f"3:{'0' * 64}", at=desk.root)
    assert (bad.returncode, "row 3" in bad.stdout) == (1, True)
    with pytest.raises(UsageError, match="no head"):
        bookkeeping.head("yesterday's")


def test_the_record_and_the_head_are_printed(book: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    book_tables.record(book.rows()).show()
    told = capsys.readouterr().out
    assert "Live" in told
    assert "none has come out yet" in told
    assert "Backtests" in told
    output.say(book_tables.record(book.rows()), json=True)
    assert json.loads(capsys.readouterr().out)["record"][-1]["family"] == "all"
    book_tables.verified(book.verify(), book.head()).show()
    head = capsys.readouterr().out.split("head ")[1].strip()
    assert bookkeeping.head(head) == book.head()
    assert book.verify(bookkeeping.head(head)) is None


QUESTION = {
    "id": "group/30d/2019-05-17",
    "text": "?",
    "rule": {"measure": "count", "where": {"kind": ["attack"]}, "op": ">=", "threshold": 1.0, "lasts": ""},
    "opens": "2019-05-17",
    "closes": "2019-06-16",
    "settle_days": 10,
    "written": "2019-05-01",
    "seen": "2019-05-01",
    "group": "group",
    "domain": "d",
    "labels": {"threshold": 1.0, "horizon": 30},
    "caveat": "",
    "also": [],
}


def test_a_slip_in_the_address_of_a_book_is_refused_and_begins_none(desk: Desk, tmp_path: Path) -> None:
    lost = tmp_path / "bok.db"
    for reads in (desk.book, desk.rows):
        with pytest.raises(UsageError, match="there is no book there"):
            reads(f"sqlite:///{lost}")
    assert not lost.exists()
    assert desk.book(f"sqlite:///{lost}", begin=True).head().sequence == 0
    assert lost.exists()
