"""What is flagged moved more than chance would, at the rate that is stated; and a move in a book is explained."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from forecast import bookkeeping, history, move_tables, moves, predict, publishing
from forecast.desk import Desk
from forecast.errors import DataError, UsageError
from forecast.explain import CAUSES, Explanation, Group
from forecast.inference import Sizes
from forecast.ledger import Ledger
from forecast.questions import Question
from forecast.register import Register, Told
from forecast.rules import Rule
from forecast.shares import monte_carlo_error, probability
from tests.walks import LATER, desk_at

DAYS = (date(2019, 5, 10), date(2019, 5, 17))
RULE = Rule("count", {"kind": ("attack",)})


def asked(name: str) -> Question:
    return Question(name, "?", RULE, DAYS[1], date(2019, 7, 1), 10, DAYS[0], DAYS[0], name, "d")


def said(question: str, day: date, p: float, error: float) -> Told:
    return Told(question, day, "b", day, "m", p, p, 0.5, None, (p, p), (), error, 1)


def pair(name: str, before: float, after: float, error: float) -> list[moves.Said]:
    ends = zip(DAYS, (before, after), strict=True)
    return [(asked(name), said(name, day, p, error)) for day, p in ends]


def test_a_watch_cries_wolf_no_more_often_than_it_says() -> None:
    """Series in which nothing changes but the random numbers: parameters drawn anew, futures drawn anew."""
    rng, questions, watches, rate = np.random.default_rng(7), 20, 200, 0.1
    draws, repeats = 100, 4
    shape = rng.uniform(0.5, 8, size=(questions, 2))
    alarms = flags = 0
    for _ in range(watches):
        told: list[moves.Said] = []
        for number, (a, b) in enumerate(shape):
            ends = []
            for _ in DAYS:
                held = (rng.random((repeats, draws)) < rng.beta(a, b, draws)).reshape(-1)
                p, interval = probability(held, draws)
                ends.append((p, monte_carlo_error(p, interval, held.size, draws)))
            told += [
                (asked(str(number)), replace(said(str(number), day, p, 0.0), error=error))
                for day, (p, error) in zip(DAYS, ends, strict=True)
            ]
        found = moves.watch(told, rate)
        alarms += found[0].flagged
        flags += sum(one.chance <= rate for one in found)
    share = flags / (watches * questions)
    assert alarms / watches <= rate + 2.33 * (rate * (1 - rate) / watches) ** 0.5
    # Each single comparison is at its level too, and the errors are not far too wide: it would find what is there.
    assert 0.4 * rate < share <= rate + 2.33 * (rate * (1 - rate) / (watches * questions)) ** 0.5


def test_what_moved_far_is_found_among_many_that_did_not() -> None:
    told = [one for number in range(50) for one in pair(f"q{number}", 0.3, 0.305, 0.01)]
    found = moves.watch([*told, *pair("far", 0.2, 0.3, 0.01)])
    assert [one.question.id for one in found if one.flagged] == ["far"]
    assert found[0].points == pytest.approx(0.1)
    assert len(found) == 51


def test_issues_are_the_newest_two_or_those_of_some_days() -> None:
    days = [date(2019, month, 1) for month in (1, 2, 3, 4)]
    told = [(asked("q"), said("q", day, 0.5, 0.1)) for day in days]
    assert moves.issues(told) == (days[2], days[3])
    assert moves.issues(told, date(2019, 2, 20)) == (days[1], days[3])
    assert moves.issues(told, date(2019, 1, 1), date(2019, 3, 5)) == (days[0], days[2])
    for since, to in ((date(2018, 1, 1), None), (None, date(2019, 1, 5))):
        with pytest.raises(UsageError, match="no two issues"):
            moves.issues(told, since, to)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(predict, "SIZES", Sizes(960, 120))
        yield desk_at(tmp_path_factory.mktemp("moves") / "desk")


@pytest.fixture(scope="module")
def book(desk: Desk) -> Ledger:
    found = desk.book(begin=True)
    for day in (date(2019, 4, 2), date(2019, 5, 1), DAYS[1]):
        bookkeeping.resolve(desk, found, LATER, day)
        bookkeeping.issue(desk, found, "tiny", LATER, day)
    return found


def test_a_move_in_the_book_is_explained_whole(desk: Desk, book: Ledger) -> None:
    found = moves.why(desk, book, "tiny", "up/0.05/30d", groups=2)
    told = [one for question, one in Register(book.rows()).told("tiny") if question.series == "up/0.05/30d"]
    assert (found.before, found.after) == (told[1].probability, told[2].probability)
    assert sum(found.shares.values()) == pytest.approx(found.after - found.before, abs=1e-12)
    assert set(found.shares) == {*CAUSES, "noise"}
    assert found.shares["models"] == found.shares["revised"] == 0
    assert found.shares["record"] != 0  # the first issue's questions had come out between
    assert abs(found.shares["noise"]) < 5 * found.error
    assert [(one.kind, one.entity) for one in found.groups] == [("close", "brent")]


def test_what_was_learned_by_then_is_restored(desk: Desk, book: Ledger) -> None:
    rows = book.rows()
    for question, told in Register(rows).told("tiny"):
        side = history.side(rows, [(question, told)], desk.archive.as_of(told.as_of, desk.brief("tiny").sources))
        assert publishing.bent(told.raw, ["brent_climatology"], question, side.learned) == told.probability


def test_what_cannot_be_explained_is_refused(desk: Desk, book: Ledger, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has not forecast") as refusal:
        moves.why(desk, book, "tiny", "upp/0.05/30d")
    assert "up/0.05/30d" in refusal.value.hint
    other = desk_at(tmp_path / "desk")
    path = next((other.root / "data" / "events" / "brent").glob("*.csv"))
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-3000] + lines[-2990:]), encoding="utf-8")
    with pytest.raises(DataError, match="is not what the forecast"):
        moves.why(other, book, "tiny", "up/0.05/30d")


def test_moves_and_shares_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    told = [*pair("still", 0.3, 0.3, 0.01), *pair("up", 0.2, 0.3, 0.01), *pair("down", 0.3, 0.28, 0.001)]
    move_tables.moved(moves.watch(told), 0.05, 0.05).show()
    printed = capsys.readouterr().out
    assert "1 of 3 questions; 2 moved more than chance" in printed
    assert "+10.0" in printed
    shares = {**dict.fromkeys(CAUSES, 0.0), "new": 0.11, "noise": -0.01}
    groups = (Group("attack", "SAU", 3, 0.08, 0.31), Group("close", "brent", 20, 0.01, None))
    move_tables.explained(Explanation(0.2, 0.3, shares, 0.004, groups)).show()
    printed = capsys.readouterr().out
    for words in ("20 %", "30 %", "+11.0", "\u22121.0", "0.31", "0.4 points", "new events"):
        assert words in printed
