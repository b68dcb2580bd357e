"""`forecast compare`: models, or two days, side by side, at a small desk; what makes no sense is refused."""

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
    output,
    predict,
    provenance,
    rivals,
    side_by_side,
)
from forecast.desk import Desk
from forecast.errors import DataError, ForecastError, SpecError, UsageError
from forecast.inference import Sizes
from forecast.ledger import Ledger
from forecast.register import Register
from forecast.side_by_side import Compared
from tests.walks import LATER, here

pytestmark = pytest.mark.slow  # a walk into a book and several fits
AS_OF = date(2026, 11, 1)
WALKED = [date(year, month, 3) for year in (2022, 2023, 2024, 2025) for month in (2, 5, 8, 11)]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk with a price, three models of it, and a brief for two."""
    root = tmp_path_factory.mktemp("compare") / "desk"
    new_desk.lay_out(root, "levels")
    model = (root / "models" / "grain.toml").read_text(encoding="utf-8")
    short = model.replace('name = "grain"', 'name = "short"').replace("[10, 22, 66, 250]", "[22]")
    short = short.replace("[-0.82, 0.82]", "[0.69, 0.71]").replace(
        "[-0.24, 0.58]", "[-0.01, 0.01]"
    )  # twice as restless
    (root / "models" / "short.toml").write_text(short, encoding="utf-8")
    (root / "models" / "long.toml").write_text(
        model.replace('name = "grain"', 'name = "long"').replace("[10, 22, 66, 250]", "[66, 250]"), encoding="utf-8"
    )
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
    return side_by_side.compare(desk, desk.rows(), name, texts, asked)


def test_two_models_differ_in_what_was_edited_and_in_forecasts_that_it_moves(desk: Desk, book: Ledger) -> None:
    found = compared(desk, "grain", "short")
    assert {one.key: one.stated for one in found.edits} == {
        "options.memories": ("[10, 22, 66, 250]", "[22]"),
        "priors.level": ("[-0.82, 0.82]", "[0.69, 0.71]"),
        "priors.memory": ("[-0.24, 0.58]", "[-0.01, 0.01]"),
    }
    assert len(found.answers) == 12
    assert any(one.flagged for one in found.answers)
    for one in found.answers:
        (difference,) = one.differences
        assert difference.interval[0] <= difference.value <= difference.interval[1]
    assert {one.question for one in found.answers} == {
        question.series for question in desk.agenda(desk.brief("grain"), _snapshot(desk)).questions
    }


def _snapshot(desk: Desk) -> object:
    return desk.archive.as_of(AS_OF, desk.brief("grain").sources)


def test_swapping_them_turns_every_sign(desk: Desk, book: Ledger) -> None:
    there, back = compared(desk, "grain", "short"), compared(desk, "short", "grain")
    other = {one.question: one for one in back.answers}
    for one in there.answers:
        assert other[one.question].differences[0].value == -one.differences[0].value
        assert other[one.question].probabilities == one.probabilities[::-1]
    for one, turned in zip(there.rivals, back.rivals, strict=True):
        assert turned.brier_leads[0].value == pytest.approx(-one.brier_leads[0].value)
    for one, turned in zip(there.accuracy, back.accuracy, strict=True):
        assert turned.leads[0].value == pytest.approx(-one.leads[0].value)


def test_one_model_more_changes_nothing_that_is_said_of_the_others(desk: Desk, book: Ledger) -> None:
    two, three = compared(desk, "grain", "short"), compared(desk, "grain", "short", "long")
    alone = {one.question: one for one in two.answers}
    assert {one.question for one in three.answers} == set(alone)
    for one in three.answers:
        assert one.probabilities[:2] == alone[one.question].probabilities
        assert len(one.probabilities) == 3 == len(one.differences) + 1
        assert one.differences[0].value == alone[one.question].differences[0].value
    assert {len(one.stated) for one in three.edits} == {3}
    # Nothing was walked with the third, which is said; of the others all is as it was.
    assert three.rivals == two.rivals
    assert "the book holds no question that A and C forecast" in three.notes[-1]
    for one, before in zip(three.accuracy, two.accuracy, strict=True):
        assert (one.models, len(one.leads), len(one.stack.weights)) == ("ABC", 2, 3)
        assert one.leads[0].value == pytest.approx(before.leads[0].value)
        assert one.leads[0].interval[0] < before.leads[0].interval[0]


def test_what_one_model_said_can_be_weighed_with_several_others(desk: Desk, book: Ledger) -> None:
    """A, its twin under the same digest, and B: the twin is looked at once."""
    grain, short = (desk.spec(name).digest for name in ("grain", "short"))
    found, notes = rivals.found(book.rows(), [grain, grain, short])
    assert notes == []
    assert [one.models for one in found] == ["AC"] * 3
    two, _ = rivals.found(book.rows(), [grain, short])
    assert [replace(one, models="AB") for one in found] == two
    several = [(a, b, a) for a, b in _pairs(book, grain, short)]
    whole = rivals.compared(several, "ABC")[0]
    assert (len(whole.brier), len(whole.brier_leads), len(whole.stack.weights)) == (3, 2, 3)
    assert whole.brier_leads[1].value == 0
    assert whole.brier_leads[0].interval[1] > two[0].brier_leads[0].interval[1]
    assert sum(whole.stack.weights) == pytest.approx(1)


def _pairs(book: Ledger, *digests: str) -> list[rivals.Shared]:
    scored = [one for one in Register(book.rows()).scored() if one.end.outcome is not None]
    return rivals.shared([rivals.told(book.rows(), scored, digest) for digest in digests])


def test_a_model_beside_itself_differs_in_nothing(desk: Desk, book: Ledger) -> None:
    found = compared(desk, "grain", "grain")
    assert found.edits == () == found.rivals
    assert {(one.differences[0].value, one.flagged) for one in found.answers} == {(0, False)}


def test_backtests_are_paired_by_question_and_day(desk: Desk, book: Ledger) -> None:
    found = compared(desk, "grain", "short").rivals
    assert [one.group for one in found] == ["all", "down", "up"]
    assert found[0].n == sum(one.n for one in found[1:]) == 12 * len(WALKED)
    assert (found[0].days, found[0].live) == (len(WALKED), 0)
    assert sum(found[0].stack.weights) == pytest.approx(1)
    specs = [desk.spec(name).digest for name in ("grain", "short")]
    for a, b in _pairs(book, *specs):
        assert (a.told.question, a.told.as_of, a.happened) == (b.told.question, b.told.as_of, b.happened)
        assert (a.told.family, b.told.family) == ("grain", "short")
    (lead,) = found[0].brier_leads
    assert lead.value == pytest.approx(found[0].brier[1] - found[0].brier[0])
    assert rivals.compared([], "AB") == []


def test_a_model_that_was_edited_is_found_again_in_the_book_or_in_a_file(
    desk: Desk, book: Ledger, tmp_path: Path
) -> None:
    now = desk.spec("short")
    assert contestants.meant(desk, desk.rows(), now.digest[:12]) == now
    path = tmp_path / "before.toml"
    text = (desk.root / "models" / "short.toml").read_text(encoding="utf-8")
    path.write_text(text.replace("[-0.01, 0.01]", "[0.1, 0.6]"), encoding="utf-8")
    found = compared(desk, str(path), "short")
    assert [(one.key, one.stated) for one in found.edits] == [("priors.memory", ("[0.1, 0.6]", "[-0.01, 0.01]"))]
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
        row = next(one for one in found.answers if one.question == question)
        assert (why.before, why.after) == pytest.approx(
            row.probabilities, abs=0.01
        )  # but for what is kept off certainty
        assert sum(why.shares.values()) == pytest.approx(why.after - why.before)
    assert found.accuracy == () == found.rivals


def test_what_cannot_be_explained_is_said_and_the_rest_shown(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise UsageError("the model looks less far ahead")

    monkeypatch.setattr(side_by_side, "_why", refused)
    found = compared(desk, "2024-05-03", "2024-09-03", asked=None)
    assert len(found.answers) == 12
    assert found.why == {}
    assert found.notes[1] == "what moved is not explained: the model looks less far ahead"


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
        (("2024-05-03", "2024-06-03", "2024-09-03"), None, "days are compared in twos"),
        (("grain",), None, "1 cannot be compared"),
        (("grain", "shrot"), None, "neither a day"),
        (("grain", "abcdef"), None, "neither a day"),
    ],
)
def test_what_makes_no_sense_is_refused(desk: Desk, texts: tuple[str, ...], asked: date | None, told: str) -> None:
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
    assert sorted(one.question for one in found.answers) == ["up/0.1/30d", "up/0.1/90d"]
    with pytest.raises(UsageError, match="begins with `upp`") as refused:
        side_by_side.compare(desk, [], "grain", ("2024-04-03", "2024-05-03"), lead="upp")
    assert refused.value.hint == "did you mean `up`?"


def test_the_command_prints_verdicts_and_the_same_as_json(
    desk: Desk, book: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["grain", "short", "long", "--brief", "grain", "--as-of", AS_OF.isoformat(), "--desk", str(desk.root)]
    done = CliRunner().invoke(compare_models_command.app, words)
    assert done.exit_code == 0, done.output
    assert "options.memories" in done.stdout
    assert "Brier score: " in done.stdout
    assert "Stacking weights: A " in done.stdout
    assert "C beside A: " in done.stdout or "Forecasts: A and C are" in done.stdout
    output.say(compare_tables.compared(compared(desk, "grain", "short", "long")), json=True)
    told = json.loads(capsys.readouterr().out)
    assert {name: set(each) for name, each in told["verdicts"].items()} == {
        "ahead": {"B", "C"},
        "backtest Brier": {"B"},
        "backtest log": {"B"},
    }
    assert {one for each in told["verdicts"].values() for one in each.values()} <= {"A", "B", "C", "neither"}
    assert told["names"] == ["grain", "short", "long"]
    assert (len(told["days"]), len(told["answers"][0]["probabilities"])) == (3, 3)
