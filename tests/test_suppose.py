"""To suppose is to schedule: what is put stands in the snapshot as if it were known, and the past is as it was."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from forecast import rules
from forecast.errors import UsageError
from forecast.events import COLUMNS, Snapshot, day
from forecast.inference import Sizes
from forecast.prospect import Prospect
from forecast.rules import Rule, Window
from forecast.suppose import Supposed, supposing
from tests.worlds import AS_OF, events, futures, snapshot

SOON = AS_OF + timedelta(days=9)
KNOWN = {"known_at": date(2019, 6, 1)}


def record() -> Snapshot:
    """Floods with a depth, which is a number, and two launches that are scheduled."""
    frame = events(
        [
            {"kind": "flood", "event_at": date(2019, 5, 1), "value": 30.0, "unit": "cm", "river": "east", "depth": 2.5},
            {"kind": "flood", "event_at": date(2019, 12, 31), "known_at": date(2019, 12, 31), "unit": "cm"},
            {"kind": "launch", "event_at": date(2020, 2, 1), "entity": "north", "river": "west", **KNOWN},
            {"kind": "launch", "event_at": date(2020, 3, 1), "entity": "south", "river": "west", **KNOWN},
            {"kind": "launch", "event_at": date(2019, 7, 1), "entity": "south", "river": "west", **KNOWN},
        ]
    )
    return snapshot(frame.assign(river=frame["river"].fillna("").astype("str")))


RECORD = record()


def past(known: Snapshot) -> pd.DataFrame:
    rows = known.events
    return rows[(rows["event_at"] < day(AS_OF)).to_numpy()].reset_index(drop=True)


def coming(known: Snapshot, *kinds: str) -> pd.DataFrame:
    return Prospect(known, AS_OF + timedelta(days=90), Sizes(4, 2)).scheduled(kinds)


def refused(*put: Supposed) -> UsageError:
    with pytest.raises(UsageError) as refusal:
        supposing(RECORD, put)
    return refusal.value


def test_supposing_nothing_changes_nothing() -> None:
    same = supposing(RECORD)
    assert same.digest == RECORD.digest
    assert same.events.equals(RECORD.events)
    assert same.events.dtypes.equals(RECORD.events.dtypes)


def test_what_is_put_is_scheduled() -> None:
    put = [Supposed("flood", SOON, "town", 55.0, {"river": "west", "depth": "1.5"}), Supposed("flood", AS_OF)]
    known = supposing(RECORD, put)
    first, second = coming(known, "flood").sort_values("value", ascending=False).to_dict("records")
    assert (first["event_at"], first["entity"], first["value"]) == (pd.Timestamp(SOON), "town", 55.0)
    assert (first["river"], first["depth"], first["unit"]) == ("west", 1.5, "cm")
    assert (second["event_at"], second["entity"], second["value"], second["river"]) == (pd.Timestamp(AS_OF), "", 1, "")
    assert np.isnan(second["depth"])
    assert known.digest != RECORD.digest
    assert known.events.dtypes.equals(RECORD.events.dtypes)


def test_every_column_of_what_is_put_is_like_one_that_the_archive_would_let_in() -> None:
    row = coming(supposing(RECORD, [Supposed("flood", SOON)]), "flood").iloc[0]
    assert row["known_at"] < pd.Timestamp(AS_OF)
    assert row[["source", "precision", "known_by"]].tolist() == ["made", "day", "assumed"]
    assert row[["revision", "n", "retracted"]].tolist() == [0, 1, False]
    assert not row[list(COLUMNS)].isna().any()


def test_several_suppositions_are_several_records_and_their_order_does_not_matter() -> None:
    put = [Supposed("flood", SOON), Supposed("flood", SOON), Supposed("launch", SOON)]
    known, turned = supposing(RECORD, put), supposing(RECORD, put[::-1])
    assert len(known.events) == len(RECORD.events) + 3
    assert not known.events.duplicated(["source", "record", "revision"]).any()
    for one in (known, turned):
        assert sorted(coming(one, "flood", "launch")["kind"]) == ["flood", "flood", "launch", "launch", "launch"]


def test_the_past_is_as_it_was() -> None:
    put, taken = [Supposed("flood", AS_OF), Supposed("launch", SOON)], [{"kind": ("launch",)}]
    assert past(supposing(RECORD, put, taken)).equals(past(RECORD))


def test_a_rule_reads_what_is_put_in_every_future() -> None:
    rule, window = Rule("sum", {"kind": ("flood",)}), Window(AS_OF, AS_OF + timedelta(days=30))
    made = pd.DataFrame({"draw": [1], "event_at": [pd.Timestamp(SOON)], "entity": "x", "value": 7.0, "n": 1})
    ahead = futures({"flood": made}, 3)
    known = supposing(RECORD, [Supposed("flood", SOON, value=55.0)])
    np.testing.assert_array_equal(rules.in_futures(rule, RECORD, ahead, window), [0, 7, 0])
    np.testing.assert_array_equal(rules.in_futures(rule, known, ahead, window), [55, 62, 55])


@pytest.mark.parametrize(
    ("where", "left"),
    [
        ({"kind": ("launch",)}, []),
        ({"kind": ("launch",), "entity": ("south",)}, ["north"]),
        ({"kind": ("launch",), "river": ("west",), "entity": ("north",)}, ["south"]),
    ],
)
def test_what_is_scheduled_can_be_taken_out(where: dict[str, tuple[str, ...]], left: list[str]) -> None:
    known = supposing(RECORD, taken=[where])
    assert coming(known, "launch")["entity"].tolist() == left
    assert len(RECORD.events) - len(known.events) == 2 - len(left)


def test_what_is_taken_out_can_be_put_on_another_day() -> None:
    """Twice in one go: what is taken out is what was known, not what is put."""
    later = Supposed("launch", date(2020, 4, 1), "north")
    known = supposing(RECORD, [later], [{"kind": ("launch",), "entity": ("north",)}])
    north = coming(known, "launch").set_index("entity").loc[["north"]]
    assert north["event_at"].tolist() == [pd.Timestamp(later.at)]


@pytest.mark.parametrize(
    "where",
    [{"kind": ("flood",)}, {"kind": ("launch",), "entity": ("east",)}, {"kind": ("launch",), "river": ("east",)}],
    ids=["what has happened", "another entity", "another river"],
)
def test_what_is_not_scheduled_cannot_be_taken_out(where: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(UsageError, match="nothing that is scheduled on 2020-01-01"):
        supposing(RECORD, taken=[where])


def test_nothing_can_be_taken_out_twice() -> None:
    with pytest.raises(UsageError, match="nothing that is scheduled"):
        supposing(RECORD, taken=[{"kind": ("launch",)}] * 2)


def test_what_has_happened_cannot_be_supposed() -> None:
    assert "past on 2020-01-01" in refused(Supposed("flood", AS_OF - timedelta(days=1))).what


def test_a_kind_that_is_not_on_record_is_refused_with_the_look_alike() -> None:
    assert "did you mean `flood`" in refused(Supposed("flod", SOON)).hint


def test_a_column_that_no_event_has_is_refused_with_the_look_alike() -> None:
    assert "did you mean `river`" in refused(Supposed("flood", SOON, columns={"rivr": "east"})).hint


@pytest.mark.parametrize("column", ["event_at", "known_at", "record", "source", "kind", "retracted", "precision", "n"])
def test_columns_that_say_what_an_event_is_are_not_chosen(column: str) -> None:
    """A supposition that says `event_at` would lie on another day than the one it was checked for."""
    assert f"`{column}`" in refused(Supposed("flood", SOON, columns={column: "2019-01-01"})).what


def test_a_cell_that_its_column_cannot_hold_is_refused() -> None:
    refusal = refused(Supposed("flood", SOON, columns={"depth": "knee"}))
    assert "`knee` cannot stand in the column `depth`" in refusal.what
