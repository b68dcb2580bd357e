"""What a file would change: laws of revisions, days from which rows count as known, and the named checks."""

from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast import intake, intake_checks, reading, tables
from forecast.catalogue import Source, sources
from forecast.delivery import Delivery
from forecast.errors import DataError
from forecast.intake import Proposal
from tests.border import BLOCK

POSTS = sources(BLOCK, "sources.toml")["posts"]
FETCHED = date(2021, 3, 1)


def source(**keys: object) -> Source:
    return Source(**{**POSTS.__dict__, **keys})  # type: ignore[arg-type]


def record(*rows: str, header: str = "record,revision,kind,entity,event_at,known_at,cause,retracted") -> pd.DataFrame:
    """Type rows as the archive has them."""
    if not rows:
        rows = ("x,0,closed,north,2020-01-01,2020-01-01,,",)
        return record(*rows).iloc[:0]
    table = tables.read("\n".join([header, *rows]).encode(), "posts.csv")
    return reading.typed(table, "posts", POSTS, FETCHED).drop(columns="line").sort_values(["record", "revision"])


def delivered(*rows: str, header: str = "record,kind,entity,event_at,known_at,cause", **said: object) -> Delivery:
    cells = [dict(zip(header.split(","), row.split(","), strict=True)) for row in rows]
    table = pd.DataFrame(cells, columns=header.split(","), index=range(2, len(rows) + 2), dtype="str")
    return Delivery(table, "new.csv", "invented", **said)  # type: ignore[arg-type]


def proposal(stands: pd.DataFrame, file: Delivery, of: Source = POSTS, **said: object) -> Proposal:
    keys = {"looked": date(2021, 1, 31), "fetched_at": FETCHED, **said}
    return Proposal(file, "posts", of, stands, **keys)  # type: ignore[arg-type]


def told(rows: pd.DataFrame) -> list[tuple[str, int, str, str]]:
    days = rows["known_at"].dt.strftime("%Y-%m-%d")
    return list(zip(rows["record"], rows["revision"], days, rows["known_by"], strict=True))


A = "a,0,closed,north,2021-01-01,2021-01-02,snow,"


def test_new_revised_and_known_rows_are_told_apart() -> None:
    file = delivered(
        "a,closed,north,2021-01-01,2021-01-02,ice",
        "b,closed,south,2021-02-01,2021-02-03,snow",
        "c,opened,south,2021-01-05,2021-01-06,",
    )
    found = proposal(record(A, "c,0,opened,south,2021-01-05,2021-01-06,,"), file).changes
    assert told(found.added) == [("b", 0, "2021-02-03", "published")]
    assert told(found.revised) == [("a", 1, "2021-03-01", "fetched")]
    assert list(found.before["cause"]) == ["snow"]
    assert found.kept == 1
    assert found.retracted.empty


def test_a_correction_is_known_from_its_own_later_day_if_the_file_says_one() -> None:
    file = delivered("a,closed,north,2021-01-01,2021-02-20,ice")
    assert told(proposal(record(A), file).changes.revised) == [("a", 1, "2021-02-20", "published")]


def test_a_later_day_alone_is_no_correction() -> None:
    file = delivered("a,closed,north,2021-01-01,2021-02-20,snow")
    found = proposal(record(A), file).changes
    assert (found.kept, len(found.rows)) == (1, 0)


def test_a_record_that_was_taken_back_can_come_again_as_a_further_revision() -> None:
    stands = record(A, "a,1,closed,north,2021-01-01,2021-02-01,snow,true")
    found = proposal(stands, delivered("a,closed,north,2021-01-01,2021-01-02,snow")).changes
    assert told(found.added) == [("a", 2, "2021-03-01", "fetched")]


@pytest.mark.parametrize(
    ("of", "said", "expected"),
    [
        (POSTS, {}, ("2021-03-01", "fetched")),
        (source(lag=10), {}, ("2021-02-20", "assumed")),
        (source(lag=40), {}, ("2021-03-01", "assumed")),
        (source(lag=10), {"published": date(2021, 2, 25)}, ("2021-02-25", "published")),
    ],
)
def test_a_row_without_a_day_is_known_from_what_else_is_said(
    of: Source, said: dict[str, object], expected: tuple[str, str]
) -> None:
    file = delivered("a,closed,north,2021-02-10,", header="record,kind,entity,event_at,known_at")
    assert told(proposal(record(), file, of, **said).changes.added) == [("a", 0, *expected)]


def test_the_lag_of_a_month_runs_from_its_end() -> None:
    file = delivered("a,closed,north,2021-01-01,month", header="record,kind,entity,event_at,precision")
    assert told(proposal(record(), file, source(lag=10)).changes.added) == [("a", 0, "2021-02-10", "assumed")]


def test_what_is_missing_from_a_file_that_holds_all_was_taken_back() -> None:
    stands = record(A, "b,0,closed,south,2021-02-01,2021-02-03,,", "old,0,closed,south,2019-02-01,2019-02-03,,")
    file = delivered("b,closed,south,2021-02-01,2021-02-03,", span=(date(2021, 1, 1), date(2021, 2, 28)))
    found = proposal(stands, file).changes
    assert told(found.retracted) == [("a", 1, "2021-03-01", "fetched")]
    assert found.retracted["retracted"].all()
    assert proposal(stands, delivered("b,closed,south,2021-02-01,2021-02-03,")).changes.retracted.empty


def test_what_is_said_to_be_withdrawn_was_taken_back_once() -> None:
    file = Delivery(pd.DataFrame(), "deleted.csv", "invented", withdrawn=("a", "never"))
    found = proposal(record(A), file)
    assert [(check.rule.name, check.problems) for check in intake_checks.checked(found) if check.problems] == []
    assert told(found.changes.retracted) == [("a", 1, "2021-03-01", "fetched")]
    gone = record(A, "a,1,closed,north,2021-01-01,2021-02-01,snow,true")
    assert proposal(gone, file).changes.rows.empty


WORDS = st.sampled_from(["", "snow", "ice"])
ROWS = st.dictionaries(st.sampled_from("abcde"), WORDS, min_size=1)


@settings(max_examples=12, deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=4), st.booleans())
def test_what_stands_is_the_last_word_on_each_record(files: list[dict[str, str]], whole: bool) -> None:
    """Whatever is fetched in whatever order: what stands is the last word, adding a file twice changes nothing more,
    revisions count up by one, and no row that stood is changed."""
    stands, last = record(), dict[str, str]()
    for number, words in enumerate(files):
        fetched = FETCHED + timedelta(days=number)
        rows = [f"{name},closed,north,2021-01-01,2021-01-02,{word}" for name, word in words.items()]
        file = delivered(*rows, span=(date(2021, 1, 1), date(2021, 1, 1)) if whole else None)
        changes = proposal(stands, file, fetched_at=fetched).changes
        before = stands
        stands = pd.concat([stands, changes.rows]).sort_values(["record", "revision"], ignore_index=True)
        assert before.merge(stands).shape[0] == before.shape[0]
        assert proposal(stands, file, fetched_at=fetched).changes.rows.empty
        last = words if whole else {**last, **words}
    now = stands.drop_duplicates("record", keep="last")
    assert dict(zip(*(now.loc[~now["retracted"], column] for column in ("record", "cause")), strict=True)) == last
    for _, revisions in stands.groupby("record"):
        assert list(revisions["revision"]) == list(range(len(revisions)))
        assert revisions["known_at"].is_monotonic_increasing


def test_rows_are_written_as_text_from_which_they_are_read_again() -> None:
    header = "record,revision,kind,entity,event_at,known_at,known_by,value,unit,cause,staff,retracted"
    rows = record(
        "a,0,fee,north,2021-01-01,2021-01-02,assumed,0.1,EUR/t,,3.5,false",
        "b,2,closed,south,2021-01-03,2021-01-03,published,1,1,a word,,true",
        "c,0,fee,south,2021-01-03,2021-01-03,fetched,,EUR/t,,1e21,",
        header=header,
    )
    cells = intake.written(rows, POSTS)
    table = tables.Table("again.csv", tuple(cells.columns), cells.to_numpy().tolist(), [2, 3, 4])
    again = reading.typed(table, "posts", POSTS, FETCHED).drop(columns="line")
    pd.testing.assert_frame_equal(again, rows.reset_index(drop=True))


# Each check, by a file that breaks it and nothing else.

GOOD = "z,closed,west,2021-02-01,2021-02-03,snow"
STANDS = record(A, "w,0,closed,west,2021-01-01,2021-01-02,ice,")
BROKEN: dict[str, tuple[Proposal, str]] = {
    "layout": (proposal(STANDS, delivered(GOOD, notes=("line 3 is odd",))), "line 3 is odd"),
    "rows": (proposal(STANDS, delivered()), "it has none"),
    "records": (
        proposal(STANDS, delivered(GOOD, GOOD.replace("snow", "ice"))),
        "a record stands there more than once, and says different things: `z`: lines 2, 3",
    ),
    "cells": (
        proposal(STANDS, delivered(GOOD.replace("2021-02-01", "01/02/2021"))),
        "a cell cannot be accepted: line 2: `event_at` is '01/02/2021', not a date written as 2019-05-17 "
        "(day or month first? write the year first)",
    ),
    "order": (
        proposal(STANDS, delivered(GOOD, through=date(2021, 1, 5))),
        "it was looked at through 2021-01-31 before, and this file only goes to 2021-01-05",
    ),
    "shrinks": (
        proposal(
            record(*(f"{number:02},0,closed,north,2021-02-01,2021-02-02,snow," for number in range(30))),
            delivered(
                *(f"{number:02},closed,north,2021-02-01,2021-02-02,snow" for number in range(14)),
                span=(date(2021, 1, 1), date(2021, 3, 1)),
            ),
        ),
        "it would take 16 of 30 records back",
    ),
    "left_out": (
        proposal(
            STANDS, delivered(GOOD, GOOD.replace("west", "east").replace("z", "y")), source(only={"entity": ("west",)})
        ),
        "1 rows are left out by `entity`",
    ),
    "repeated": (proposal(STANDS, delivered(GOOD, GOOD)), "1 rows stand there twice, word for word"),
    "gap": (
        proposal(STANDS, delivered(GOOD.replace("2021-02-01", "2021-02-02"))),
        "nothing says what happened between 2021-01-31 and 2021-02-02, where its events begin",
    ),
    "late": (
        proposal(STANDS, delivered(GOOD.replace("2021-02-01,2021-02-03", "2021-01-01,2021-01-09"))),
        "1 rows became known before 2021-01-31, and change snapshots back to 2021-01-09",
    ),
    "dated": (
        proposal(STANDS, delivered(GOOD.replace("2021-02-03", ""))),
        "1 new rows count as known from the day of the fetch, for nothing says when they became public",
    ),
    "keys": (proposal(STANDS, delivered(GOOD.replace("z", "W"))), "`W` and `w` differ only in case, spaces or accents"),
    "twins": (
        proposal(STANDS, delivered(GOOD, GOOD.replace("z", "y").replace("2021-02-01", "2021-02-02"))),
        "`y` and `z`",
    ),
    "words": (
        proposal(STANDS, delivered(GOOD.replace("snow", "snwo"))),
        "`cause` was never `snwo` before; did you mean `snow`?",
    ),
}
SILENT = {"columns"}  # the fixture has no column `staff`


@pytest.mark.parametrize("name", BROKEN)
def test_a_check_finds_what_it_is_for_and_nothing_else_does(name: str) -> None:
    found, says = BROKEN[name]
    broken = {check.rule.name: check.problems for check in intake_checks.checked(found) if check.problems}
    assert broken.pop(name) == (says,)
    assert set(broken) <= SILENT


def test_columns_and_jumps_are_noted() -> None:
    rows = [f"{day:%d},fee,north,{day},{day},1.5" for day in (date(2021, 1, 1) + timedelta(days=n) for n in range(20))]
    rows[10] = rows[10].replace("1.5", "1500")
    file = delivered(*rows, header="record,kind,entity,event_at,known_at,value")
    file = Delivery(file.rows.assign(unit="EUR/t"), file.where, file.layout)
    broken = {
        one.rule.name: one.problems for one in intake_checks.checked(proposal(record(), file, source(series=True)))
    }
    assert broken["columns"] == ("it says nothing of cause, staff",)
    assert broken["jumps"] == ("`11` is 1500, 50 times away from its neighbours; a slip of units?",)


def test_every_check_is_broken_by_some_file() -> None:
    assert {rule.name for rule in intake_checks.RULES} == {*BROKEN, "columns", "jumps"}


def test_words_without_a_code_stop_a_file() -> None:
    coded = source(codes={"entity": {"W": "west"}})
    assert list(proposal(record(), delivered(GOOD.replace("west", "W")), coded).wanted["entity"]) == ["west"]
    with pytest.raises(DataError) as refused:
        _ = proposal(record(), delivered(GOOD), coded).wanted
    assert "line 2: `west`" in refused.value.why
    assert refused.value.where == "data/sources.toml, [posts.codes.entity]"


def test_every_check_is_described() -> None:
    page = (Path(__file__).parents[1] / "docs" / "new-data.md").read_text(encoding="utf-8")
    lines = [f"| `{rule.name}` | {rule.level} | {rule.says} |" for rule in intake_checks.RULES]
    assert [line for line in lines if line not in page] == []
