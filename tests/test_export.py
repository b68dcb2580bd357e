"""What the book says, as files: nothing lost, nothing obeyed, the same bytes, and nothing written that is not valid."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from forecast import bookkeeping, cells, cli, export, predict, world
from forecast.desk import Desk
from forecast.errors import DataError, InternalError, UsageError
from forecast.events import Snapshot
from forecast.formats import hub, plain, readings
from forecast.formats.bodies import ForecastBody
from forecast.formats.issued import Issued, newest
from forecast.inference import Sizes
from forecast.ledger import Ledger
from tests.exported import THEN, mixed_at

AS_OF = date(2019, 5, 17)
OUTPUT = "model-output/brinkcast-mixed_1/2019-05-17-brinkcast-mixed_1.csv"
HOSTILE = (
    "=1+1",
    "+1",
    "-1+cmd|' /C calc'!A0",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "'=1",
    "'",
    "a,b",
    'say "no"',
    "é\n2",
    "",
)


@pytest.fixture(scope="module", autouse=True)
def _few_futures() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(predict, "SIZES", Sizes(960, 120))
        yield


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, Ledger]:
    return mixed_at(tmp_path_factory.mktemp("export") / "desk")


@pytest.fixture(scope="module")
def out(issued: tuple[Desk, Ledger], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("out") / "deep" / "hub"
    export.export(*issued, "mixed-1", folder)
    return folder


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_table_is_what_the_book_says_to_the_last_digit(issued: tuple[Desk, Ledger], out: Path) -> None:
    told = {row.id: row for row in issued[1].rows("forecast")}
    found = rows((out / "forecasts.csv").read_bytes())
    assert [row["forecast"] for row in found] == list(told)
    for row in found:
        says = told[row["forecast"]].says
        assert [float(row[name]) for name in ("probability", "raw", "baseline")] == [
            says[name] for name in ("probability", "raw", "baseline")
        ]
        assert [float(row["low"]), float(row["high"])] == says["interval"]
        assert {level: float(row[name]) for name, level in plain.QUANTILES.items()} == says["quantiles"]
        assert (row["question"], row["models"]) == (says["question"], "+".join(says["models"]))
        assert row["written_at"] == told[row["forecast"]].written_at
    page = (Path(__file__).parents[1] / "docs" / "formats.md").read_text(encoding="utf-8")
    assert [name for name in found[0] if f"`{name}`" not in page] == []
    live = {row["question_id"].split("/")[0]: row["live"] for row in found}
    assert live == {"attacks": "true", "soon": "true", "both": "true", "falls": "false"}  # that was written years later


def test_the_document_holds_every_word_of_the_rows(issued: tuple[Desk, Ledger], out: Path) -> None:
    document = json.loads((out / "forecasts.json").read_text(encoding="utf-8"))
    asked = {row.id: row.says for row in issued[1].rows("question")}
    assert (document["schema_version"], document["as_of"]) == (1, "2019-05-17")
    for row, found in zip(issued[1].rows("forecast"), document["forecasts"], strict=True):
        assert {name: found[name] for name in row.says} == row.says
        assert found["asked"] == asked[found["question"]]
        assert found["id"] == row.id


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_is_a_formula_and_none_is_lost(issued: tuple[Desk, Ledger], text: str) -> None:
    one = newest(issued[1].rows(), "mixed-1")[0]
    (row,) = rows(plain.table([replace(one, asked=replace(one.asked, text=text, group=text))]))
    assert not row["text"].startswith(cells.FORMULA)
    assert cells.text(row["text"]) == cells.text(row["group"]) == text


def test_numbers_are_left_as_they_are() -> None:
    for number in (-0.1, 1e-300, -1e22, 0.1 + 0.2, 3):
        assert float(cells.cell(number)) == number
    assert (cells.cell(None), cells.cell(True), cells.cell(AS_OF)) == ("", "true", "2019-05-17")


def test_the_same_book_gives_the_same_bytes(issued: tuple[Desk, Ledger], out: Path, tmp_path: Path) -> None:
    before = tree(out)
    export.export(Desk(issued[0].root), issued[1], "mixed-1", tmp_path / "again", AS_OF)
    assert tree(tmp_path / "again") == before
    export.export(*issued, "mixed-1", out)
    assert tree(out) == before


def test_probabilities_are_published_ones_and_sum_to_one(issued: tuple[Desk, Ledger], out: Path) -> None:
    said = {one.asked.series: one.probability for one in newest(issued[1].rows(), "mixed-1")}
    found = [row for row in rows((out / OUTPUT).read_bytes()) if row["output_type"] == "pmf"]
    assert {row["question"]: float(row["value"]) for row in found if row["output_type_id"] == "yes"} == said
    for name in said:
        assert sum(float(row["value"]) for row in found if row["question"] == name) == 1


def read(desk: Desk, book: Ledger) -> dict[str, readings.Reading]:
    asked = [one.asked for one in newest(book.rows(), "mixed-1")]
    item = desk.brief("mixed-1")
    snapshot = desk.archive.as_of(AS_OF, item.sources)
    found = readings.read(desk.models(item).specs, snapshot, asked, predict.SIZES, world.sampled)
    return {one.question.id: one for one in found}


def test_a_sample_meets_the_rule_where_its_future_does(issued: tuple[Desk, Ledger]) -> None:
    found = read(*issued)
    for reading in found.values():
        if reading.samples is not None:
            rule = reading.question.rule
            np.testing.assert_array_equal(rule.holds(reading.samples), rule.holds(reading.numbers))
    never = found["soon/30d/2019-05-17"]
    assert np.isinf(never.numbers).any()
    assert never.samples is None  # 0 days would say that it came at once


def test_samples_of_all_questions_are_of_the_same_futures(issued: tuple[Desk, Ledger], out: Path) -> None:
    found = read(*issued)
    every = readings.drawn(found, predict.SIZES.draws, 7)
    some = readings.drawn(found, 100, 7)
    assert {len(numbers) for numbers in some.values()} == {100}
    futures, drawn = (list(zip(*each.values(), strict=True)) for each in (every, some))
    places = iter(futures)
    assert all(one in places for one in drawn)  # in the order of the futures, each once
    written = [row for row in rows((out / OUTPUT).read_bytes()) if row["output_type"] == "sample"]
    assert {row["question"] for row in written} == {name.removesuffix("/2019-05-17") for name in some}
    assert {row["output_type_id"] for row in written} == {str(number) for number in range(1, 101)}


def test_what_was_not_issued_is_not_exported(issued: tuple[Desk, Ledger], tmp_path: Path) -> None:
    for name, day in (("tiny", None), ("mixed-1", date(2019, 5, 1)), ("tiny", AS_OF)):
        with pytest.raises(UsageError, match="nothing was issued") as refused:
            export.export(*issued, name, tmp_path / "out", day)
        assert refused.value.hint == f"forecast issue --brief {name}" + (f" --as-of {day}" if day else "")
    assert not (tmp_path / "out").exists()


class Broken:
    """What makes futures other than those that the book speaks of."""

    def data(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(Snapshot, "digest", "0" * 64)

    def specs(self, patch: pytest.MonkeyPatch) -> None:
        real = Desk.models

        def other(desk: Desk, item: Any) -> Any:
            found = real(desk, item)
            return replace(found, specs=[replace(one, summary="other") for one in found.specs])

        patch.setattr(Desk, "models", other)

    def futures(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(predict, "SIZES", Sizes(480, 120))

    def program(self, patch: pytest.MonkeyPatch) -> None:
        self.fits(patch)
        patch.setattr(export.provenance, "program", lambda: "0" * 64)

    def machine(self, patch: pytest.MonkeyPatch) -> None:
        self.fits(patch)
        patch.setattr(export.provenance, "machine", lambda: {"platform": "other"})

    def fits(self, patch: pytest.MonkeyPatch) -> None:
        real = readings.read
        patch.setattr(readings, "read", lambda *asked: [replace(one, raw=one.raw + 1e-16) for one in real(*asked)])


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("data", "made: the data"),
        ("specs", "made: the model `attacks_climatology`, the model `brent_climatology`"),
        ("futures", "made: the number of futures"),
        ("program", "made: the program"),
        ("machine", "made: the machine"),
        ("fits", "the quicker fits of a backtest"),
    ],
)
def test_futures_that_are_not_the_book_s_are_refused(
    issued: tuple[Desk, Ledger], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, words: str
) -> None:
    getattr(Broken(), what)(monkeypatch)
    with pytest.raises(UsageError) as refused:
        export.export(*issued, "mixed-1", tmp_path / "out")
    assert words in refused.value.why
    assert "--draws 0" in refused.value.hint
    assert not (tmp_path / "out").exists()
    export.export(*issued, "mixed-1", tmp_path / "out", draws=0)
    assert b"sample" not in (tmp_path / "out" / OUTPUT).read_bytes()


def test_more_samples_than_futures_are_refused(issued: tuple[Desk, Ledger], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there are 960 futures"):
        export.export(*issued, "mixed-1", tmp_path, draws=961)


def test_nothing_is_written_that_a_check_stops(
    issued: tuple[Desk, Ledger], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "OUTCOMES", ("yes", "yes"))
    with pytest.raises(InternalError, match="does not pass") as refused:
        export.export(*issued, "mixed-1", tmp_path / "out", draws=0)
    assert "valid_config" in refused.value.why or "rows_unique" in refused.value.why
    assert not (tmp_path / "out").exists()


def test_a_hub_keeps_its_days_and_what_its_owner_said(issued: tuple[Desk, Ledger], tmp_path: Path) -> None:
    desk, book = issued[0], Ledger(f"sqlite:///{tmp_path / 'book.db'}")
    for day in (AS_OF, date(2019, 6, 17)):
        bookkeeping.issue(desk, book, "mixed-1", THEN, day)
        export.export(desk, book, "mixed-1", tmp_path / "out", draws=0)
        admin = json.loads((tmp_path / "out" / hub.ADMIN).read_bytes()) | {"contact": {"name": "Ada"}}
        (tmp_path / "out" / hub.ADMIN).write_text(json.dumps(admin), encoding="utf-8")
    export.export(desk, book, "mixed-1", tmp_path / "out", AS_OF, draws=0)
    assert json.loads((tmp_path / "out" / hub.ADMIN).read_bytes())["contact"] == {"name": "Ada"}
    found = export.validate(tmp_path / "out")
    assert [path.name[:10] for path, _ in found] == ["2019-05-17", "2019-06-17"]
    assert not any(check.stops for _, checks in found for check in checks)
    bookkeeping.issue(desk, book, "tiny", THEN)
    with pytest.raises(UsageError, match="another's: Brinkcast: mixed-1"):
        export.export(desk, book, "tiny", tmp_path / "out", draws=0)
    (tmp_path / "out" / hub.TASKS).write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match="would be lost"):
        export.export(desk, book, "mixed-1", tmp_path / "out", draws=0)


def test_a_row_that_says_less_is_named(issued: tuple[Desk, Ledger]) -> None:
    some = [replace(row, body=row.body.replace('"raw":', '"row":')) for row in issued[1].rows()]
    with pytest.raises(DataError, match="says less"):
        newest(some, "mixed-1")


def test_of_a_question_in_two_wordings_the_hub_holds_the_last(issued: tuple[Desk, Ledger]) -> None:
    one = newest(issued[1].rows(), "mixed-1")[0]
    again = replace(one, probability=0.25, question="0" * 64)
    found = rows(hub.tree([one, again], {})[OUTPUT])
    assert [row["value"] for row in found] == ["0.75", "0.25"]


def test_issued_says_all_that_a_row_says() -> None:
    assert [one.name for one in fields(Issued)][: len(fields(ForecastBody))] == [
        one.name for one in fields(ForecastBody)
    ]


def test_the_commands_print_what_is_written_and_what_is_wrong(out: Path, tmp_path: Path) -> None:
    run = CliRunner().invoke
    good = run(cli.app, ["validate", str(out / OUTPUT)])
    assert good.exit_code == 0
    assert "ok    value_col_sum1" in good.stdout
    (out / OUTPUT).rename(tmp_path / "kept")
    (out / OUTPUT).write_bytes((tmp_path / "kept").read_bytes().replace(b",no,0.", b",no,1.", 1))
    bad = run(cli.app, ["validate", str(out)])
    (tmp_path / "kept").rename(out / OUTPUT)
    assert bad.exit_code == 1
    assert "stop  value_col_sum1" in bad.stdout
    for path, words in ((tmp_path / "none.csv", "no such file"), (tmp_path, "no file of a hub")):
        with pytest.raises(UsageError, match=words):
            export.validate(path)
