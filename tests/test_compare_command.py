"""`forecast compare`: two models or two days side by side, at a small desk; what makes no sense is refused."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from forecast import (
    bookkeeping,
    compare_models_command,
    compare_tables,
    contestants,
    new_desk,
    predict,
    provenance,
    rivals,
    side_by_side,
)
from forecast.desk import Desk
from forecast.errors import DataError, ForecastError, SpecError, UsageError
from forecast.inference import Sizes
from forecast.ledger import Ledger
from forecast.side_by_side import Compared
from tests.walks import LATER, here

pytestmark = pytest.mark.slow  # a walk into a book and several fits
AS_OF = date(2026, 11, 1)
WALKED = [date(year, month, 3) for year in (2022, 2023, 2024, 2025) for month in (2, 5, 8, 11)]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk with a price, two models of it, and a brief for either."""
    root = tmp_path_factory.mktemp("compare") / "desk"
    new_desk.lay_out(root, "levels")
    model = (root / "models" / "grain.toml").read_text(encoding="utf-8")
    short = model.replace('name = "grain"', 'name = "short"').replace("[10, 22, 66, 250]", "[22]")
    short = short.replace("[-0.82, 0.82]", "[0.69, 0.71]").replace(
        "[-0.24, 0.58]", "[-0.01, 0.01]"
    )  # twice as restless
    (root / "models" / "short.toml").write_text(short, encoding="utf-8")
    brief = (root / "reports" / "briefs" / "grain.toml").read_text(encoding="utf-8")
    other = brief.replace('name = "grain"', 'name = "short"').replace('models = ["grain"]', 'models = ["short"]')
    (root / "reports" / "briefs" / "short.toml").write_text(other, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(predict, "SIZES", Sizes(960, 120))
        patch.setattr(provenance, "TEXTS", (".typ",))  # a part of the program, which nobody edits meanwhile
        yield Desk(root)


@pytest.fixture(scope="module")
def book(desk: Desk) -> Ledger:
    """Both briefs walked into one book."""
    found = desk.book(begin=True)
    for name in ("grain", "short"):
        bookkeeping.backtest(desk, found, name, WALKED, lambda: LATER, here)
    return found


def compared(desk: Desk, *texts: str, name: str = "grain", asked: date | None = AS_OF) -> Compared:
    return side_by_side.compare(desk, desk.rows(), name, (texts[0], texts[1]), asked)


def test_two_models_differ_in_what_was_edited_and_in_forecasts_that_it_moves(desk: Desk, book: Ledger) -> None:
    found = compared(desk, "grain", "short")
    assert {one.key: (one.a, one.b) for one in found.edits} == {
        "options.memories": ("[10, 22, 66, 250]", "[22]"),
        "priors.level": ("[-0.82, 0.82]", "[0.69, 0.71]"),
        "priors.memory": ("[-0.24, 0.58]", "[-0.01, 0.01]"),
    }
    assert len(found.both) == 12
    assert any(one.flagged for one in found.both)
    assert all(one.interval[0] <= one.difference <= one.interval[1] for one in found.both)
    assert "`levels` does not say how likely" in found.notes[0]
    assert {one.question for one in found.both} == {
        question.series for question in desk.agenda(desk.brief("grain"), _snapshot(desk)).questions
    }


def _snapshot(desk: Desk) -> object:
    return desk.archive.as_of(AS_OF, desk.brief("grain").sources)


def test_swapping_them_turns_every_sign(desk: Desk, book: Ledger) -> None:
    there, back = compared(desk, "grain", "short"), compared(desk, "short", "grain")
    other = {one.question: one for one in back.both}
    assert all(other[one.question].difference == -one.difference for one in there.both)
    assert all((other[one.question].a, other[one.question].b) == (one.b, one.a) for one in there.both)
    assert [-one.brier_lead.value for one in back.rivals] == pytest.approx([o.brier_lead.value for o in there.rivals])


def test_a_model_beside_itself_differs_in_nothing(desk: Desk, book: Ledger) -> None:
    found = compared(desk, "grain", "grain")
    assert found.edits == () == found.rivals
    assert {(one.difference, one.flagged) for one in found.both} == {(0, False)}


def test_backtests_are_paired_by_question_and_day(desk: Desk, book: Ledger) -> None:
    found = compared(desk, "grain", "short").rivals
    assert [one.group for one in found] == ["all", "down", "up"]
    assert found[0].n == sum(one.n for one in found[1:]) == 12 * len(WALKED)
    assert (found[0].days, found[0].live) == (len(WALKED), 0)
    assert sum(found[0].stack.weights) == pytest.approx(1)
    specs = [desk.spec(name).digest for name in ("grain", "short")]
    for a, b in rivals.pairs(book.rows(), specs[0], specs[1]):
        assert (a.told.question, a.told.as_of, a.happened) == (b.told.question, b.told.as_of, b.happened)
        assert (a.told.family, b.told.family) == ("grain", "short")
    lead = found[0].brier_lead
    assert lead.value == pytest.approx(found[0].brier[1] - found[0].brier[0])
    assert rivals.compared([]) == []


def test_a_model_that_was_edited_is_found_again_in_the_book_or_in_a_file(
    desk: Desk, book: Ledger, tmp_path: Path
) -> None:
    now = desk.spec("short")
    assert contestants.meant(desk, desk.rows(), now.digest[:12]) == now
    path = tmp_path / "before.toml"
    text = (desk.root / "models" / "short.toml").read_text(encoding="utf-8")
    path.write_text(text.replace("[-0.01, 0.01]", "[0.1, 0.6]"), encoding="utf-8")
    found = compared(desk, str(path), "short")
    assert [(one.key, one.a, one.b) for one in found.edits] == [("priors.memory", "[0.1, 0.6]", "[-0.01, 0.01]")]
    path.write_text(text.replace("memory =", "memery ="), encoding="utf-8")
    with pytest.raises(SpecError, match="`memery` is not a prior"):
        contestants.meant(desk, [], str(path))
    with pytest.raises(UsageError, match="no model can be read there"):
        contestants.meant(desk, [], str(tmp_path / "none.toml"))


def test_two_days_are_explained_in_shares_that_add_up(desk: Desk) -> None:
    found = compared(desk, "2024-04-03", "2024-05-03", asked=None)
    assert found.days == (date(2024, 4, 3), date(2024, 5, 3))
    assert 1 <= len(found.why) <= 3
    for question, why in found.why.items():
        row = next(one for one in found.both if one.question == question)
        assert (why.before, why.after) == pytest.approx((row.a, row.b), abs=0.01)  # but for what is kept off certainty
        assert sum(why.shares.values()) == pytest.approx(why.after - why.before)
    assert found.accuracy == () == found.rivals


def test_what_cannot_be_explained_is_said_and_the_rest_shown(desk: Desk) -> None:
    found = compared(desk, "2024-05-03", "2024-09-03", asked=None)  # without the news a price of May, until December
    assert len(found.both) == 12
    assert found.why == {}
    assert "what moved is not explained: `grain` looks 125 trading days ahead" in found.notes[1]


def test_the_data_of_an_issue_are_a_day_that_is_checked(desk: Desk, book: Ledger) -> None:
    digest = next(row.says["data"] for row in book.rows() if row.kind == "forecast")
    day = contestants.meant(desk, book.rows(), digest[:10])
    assert isinstance(day, contestants.Day)
    assert day.as_of == WALKED[0]
    assert contestants.known(desk, desk.brief("grain"), day).digest == digest
    with pytest.raises(DataError, match="not what that forecast was made from"):
        contestants.known(desk, desk.brief("grain"), replace(day, data="0" * 64))


@pytest.mark.parametrize(
    ("texts", "asked", "told"),
    [
        (("grain", "2024-05-03"), None, "a model and a day"),
        (("2024-05-03", "2024-09-03"), AS_OF, "as-of dates already"),
        (("grain", "shrot"), None, "neither a day"),
        (("grain", "abcdef"), None, "neither a day"),
    ],
)
def test_what_makes_no_sense_is_refused(desk: Desk, texts: tuple[str, str], asked: date | None, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        compared(desk, *texts, asked=asked)


def test_models_of_other_kinds_and_of_other_briefs_are_refused(desk: Desk, tmp_path: Path) -> None:
    text = (desk.root / "models" / "short.toml").read_text(encoding="utf-8")
    elsewhere = tmp_path / "rain.toml"
    elsewhere.write_text(text.replace('kind = "close"', 'kind = "rain"'), encoding="utf-8")
    with pytest.raises(UsageError, match="`grain` makes `close`, and `short` makes `rain`"):
        compared(desk, "grain", str(elsewhere))
    with pytest.raises(UsageError, match="no model of the brief `grain` makes `rain`"):
        compared(desk, str(elsewhere), str(elsewhere))
    reads = tmp_path / "reads.toml"
    rule = '{ measure = "sum", where = { kind = "close" } }'
    reads.write_text(
        f'{text}\n[[covariates]]\nname = "c"\nwindow = 7\neffect = [0.6, 1.7]\nrule = {rule}\n', encoding="utf-8"
    )
    with pytest.raises(ForecastError, match="reads what `short` makes"):
        compared(desk, "grain", str(reads))


def test_only_the_questions_that_are_meant_are_answered(desk: Desk) -> None:
    found = side_by_side.compare(desk, [], "grain", ("grain", "short"), AS_OF, lead="up/0.1")
    assert sorted(one.question for one in found.both) == ["up/0.1/30d", "up/0.1/90d"]
    with pytest.raises(UsageError, match="begins with `upp`") as refused:
        side_by_side.compare(desk, [], "grain", ("2024-04-03", "2024-05-03"), lead="upp")
    assert refused.value.hint == "did you mean `up`?"


def test_the_command_prints_verdicts_and_the_same_as_json(
    desk: Desk, book: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["grain", "short", "--brief", "grain", "--as-of", AS_OF.isoformat(), "--desk", str(desk.root)]
    done = CliRunner().invoke(compare_models_command.app, words)
    assert done.exit_code == 0, done.output
    assert "options.memories" in done.stdout
    assert "Brier score: " in done.stdout
    assert "use backtests." in done.stdout
    compare_tables.compared(compared(desk, "grain", "short"), as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert set(told["verdicts"]) == {"backtest Brier", "backtest log"}
    assert set(told["verdicts"].values()) <= {"A", "B", "neither"}
    assert told["names"] == ["grain", "short"]
