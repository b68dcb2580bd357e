"""Rules: the same number on the record and in futures, wherever a window is cut."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast import conditions, rules
from forecast.conditions import Limits
from forecast.errors import UsageError
from forecast.rules import Rule, Window
from tests.worlds import AS_OF, events, futures, snapshot

MEASURES = ("count", "sum", "max", "min", "first", "last", "rise", "fall", "change", "volatility")
END = AS_OF + timedelta(days=60)
DAYS = st.lists(
    st.tuples(st.integers(-40, 70), st.floats(1, 100, allow_nan=False)),
    min_size=0,
    max_size=25,
    unique_by=lambda pair: pair[0],
)


def reference(measure: str, rows: list[tuple[int, float]], base: float) -> float:
    """Read a measure off (day, value) pairs in the plainest way."""
    rows = sorted(rows)
    values = [value for _, value in rows]
    if measure == "count":
        return float(len(rows))
    if measure == "sum":
        return float(sum(values))
    if measure == "first":
        return float(rows[0][0]) if rows else float("inf")
    if measure == "volatility":
        steps = [np.log(b / a) for a, b in pairwise(values)]
        return float(np.sqrt(252 * np.mean(np.square(steps)))) if steps else float("nan")
    if not rows:
        return float("nan")
    number = {"max": max, "rise": max, "min": min, "fall": min}.get(measure, lambda of: of[-1])(values)
    return number / base - 1 if measure in ("rise", "fall", "change") else float(number)


def split(rows: list[tuple[int, float]], cut: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make a record of the days before a cut, and simulated events of those after it."""
    made = [{"event_at": AS_OF + timedelta(days=day), "value": value} for day, value in rows]
    past = [{**row, "known_at": row["event_at"]} for row, (day, _) in zip(made, rows, strict=True) if day < cut]
    later = [row for row, (day, _) in zip(made, rows, strict=True) if day >= cut]
    future = pd.DataFrame(later, columns=["event_at", "value"]).assign(draw=0, n=1, entity="here")
    future["event_at"] = future["event_at"].astype("datetime64[us]")
    return events([{"event_at": date(2000, 1, 1), "known_at": date(2000, 1, 1), "value": 50.0}, *past]), future


@pytest.mark.parametrize("measure", MEASURES)
@settings(max_examples=40, deadline=None, derandomize=True)
@given(rows=DAYS, cut=st.integers(0, 59))
def test_a_window_may_be_cut_anywhere(measure: str, rows: list[tuple[int, float]], cut: int) -> None:
    """What has happened and what is simulated are read as one, whatever the day on which the record ends."""
    past, future = split(rows, cut)
    known = snapshot(past, AS_OF + timedelta(days=cut))
    rule = Rule(measure, {"kind": ("event",)})  # type: ignore[arg-type]
    read = rules.in_futures(rule, known, futures({"event": future}, 1), Window(AS_OF, END))
    inside = [(day, value) for day, value in rows if 0 <= day < 60]
    before = [value for day, value in sorted(rows) if day < 0]
    np.testing.assert_allclose(read, [reference(measure, inside, before[-1] if before else 50.0)], rtol=1e-9)


@pytest.mark.parametrize("measure", MEASURES)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(rows=DAYS)
def test_the_record_and_a_future_of_the_same_events_give_the_same_number(
    measure: str, rows: list[tuple[int, float]]
) -> None:
    rule = Rule(measure, {"kind": ("event",)})  # type: ignore[arg-type]
    past, _ = split(rows, 100)
    on_record = rules.on_record(rule, snapshot(past, date(2021, 1, 1)), [AS_OF], 60)
    known, future = split(rows, 0)
    ahead = rules.in_futures(rule, snapshot(known), futures({"event": future}, 1), Window(AS_OF, END))
    np.testing.assert_allclose(on_record, ahead, rtol=1e-9)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(rows=DAYS, seed=st.integers(0, 9))
def test_the_order_of_rows_does_not_matter(rows: list[tuple[int, float]], seed: int) -> None:
    past, future = split(rows, 10)
    shuffled = future.sample(frac=1, random_state=seed)
    for measure in MEASURES:
        rule = Rule(measure, {"kind": ("event",)})  # type: ignore[arg-type]
        read = [
            rules.in_futures(
                rule, snapshot(past, AS_OF + timedelta(days=10)), futures({"event": frame}, 1), Window(AS_OF, END)
            )
            for frame in (future, shuffled)
        ]
        np.testing.assert_array_equal(*read)


def test_each_future_is_read_on_its_own() -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"draw": rng.integers(0, 50, 400), "value": rng.uniform(1, 9, 400), "n": 1, "entity": "here"})
    frame["event_at"] = pd.Timestamp(AS_OF) + pd.to_timedelta(rng.integers(0, 90, 400), "D")
    frame = frame.drop_duplicates(["draw", "event_at"])
    known = snapshot(events([{"event_at": date(2019, 1, 1), "value": 5.0}]))
    for measure in MEASURES:
        rule = Rule(measure, {"kind": ("event",)})  # type: ignore[arg-type]
        read = rules.in_futures(rule, known, futures({"event": frame}, 50), Window(AS_OF, END))
        for draw in range(50):
            own = frame[(frame["draw"] == draw) & (frame["event_at"] < pd.Timestamp(END))]
            days = (own["event_at"] - pd.Timestamp(AS_OF)).dt.days
            pairs = list(zip(days.tolist(), own["value"].tolist(), strict=True))
            np.testing.assert_allclose(read[draw], reference(measure, pairs, 5.0), rtol=1e-9)


def test_an_event_on_the_closing_day_is_out_and_one_on_the_opening_day_is_in() -> None:
    frame = events([{"event_at": AS_OF}, {"event_at": END - timedelta(days=1)}, {"event_at": END}])
    count = Rule("count", {"kind": ("event",)})
    assert rules.on_record(count, snapshot(frame, date(2021, 1, 1)), [AS_OF], 60) == [2]


def test_windows_on_the_record_are_read_side_by_side() -> None:
    frame = events([{"event_at": AS_OF + timedelta(days=day)} for day in (0, 3, 9, 10, 25)])
    opens = [AS_OF + timedelta(days=10 * step) for step in range(3)]
    read = rules.on_record(Rule("count", {"kind": ("event",)}), snapshot(frame, date(2021, 1, 1)), opens, 10)
    np.testing.assert_array_equal(read, [3, 1, 1])
    first = rules.on_record(Rule("first", {"kind": ("event",)}), snapshot(frame, date(2021, 1, 1)), opens, 10)
    np.testing.assert_array_equal(first, [0, 0, 5])


def test_the_base_is_the_last_value_known_not_the_last_value() -> None:
    rows = [
        {"event_at": AS_OF - timedelta(days=3), "known_at": AS_OF - timedelta(days=2), "value": 100.0},
        {"event_at": AS_OF - timedelta(days=1), "known_at": AS_OF, "value": 200.0},
        {"event_at": AS_OF + timedelta(days=1), "value": 150.0},
    ]
    change = Rule("change", {"kind": ("event",)})
    assert rules.on_record(change, snapshot(events(rows), date(2021, 1, 1)), [AS_OF], 30)[0] == pytest.approx(0.5)


def test_an_outcome_without_a_value_does_not_hold() -> None:
    rule = Rule("max", {"kind": ("event",)}, ">=", 0.0)
    known = snapshot(events([{"event_at": date(2019, 1, 1), "value": np.nan}]))
    assert np.isnan(rules.on_record(rule, known, [date(2018, 12, 1)], 60)[0])
    assert not rule.holds(rules.on_record(rule, known, [date(2019, 6, 1)], 60))[0]


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ({"entity": ("a", "b")}, [0, 1]),
        ({"entity": Limits(without=("a",))}, [1, 2]),
        ({"value": Limits(low=2.0)}, [1, 2]),
        ({"value": Limits(low=1.0, high=3.0)}, [0, 1]),
        ({"entity": ("a",), "value": Limits(low=2.0)}, []),
    ],
)
def test_conditions_keep_what_they_say(where: dict[str, object], kept: list[int]) -> None:
    frame = pd.DataFrame({"entity": ["a", "b", "c"], "value": [1.0, 2.0, 3.0]})
    assert np.flatnonzero(conditions.matching(frame, where)).tolist() == kept  # type: ignore[arg-type]


@pytest.mark.parametrize("accepted", [("a", "c"), ("c", "never"), ("never",), Limits(without=("a", "never"))])
def test_cells_of_categories_are_matched_as_plain_ones_are(accepted: tuple[str, ...] | Limits) -> None:
    plain = pd.DataFrame({"entity": ["b", "a", None, "c", "a"]})
    categories = plain.astype({"entity": pd.CategoricalDtype(["c", "a", "b", "unused"])})
    kept = [conditions.matching(frame, {"entity": accepted}) for frame in (plain, categories)]
    np.testing.assert_array_equal(*kept)


def test_events_of_several_kinds_are_read_together() -> None:
    """Whatever the kind, the last is the last, and a kind that did not happen takes nothing away."""
    days = pd.to_datetime([AS_OF + timedelta(days=day) for day in (1, 9, 5)])
    frame = pd.DataFrame({"draw": [0, 0, 1], "event_at": days, "value": [1.0, 2.0, 3.0], "n": 1, "entity": "here"})
    other = frame.assign(event_at=days + timedelta(days=2), value=[4.0, 5.0, 6.0], draw=[0, 1, 2])
    made = futures({"event": frame, "other": other, "never": frame.iloc[:0]}, 4)
    known = snapshot(events([{"event_at": date(2019, 1, 1), "value": 5.0}]))
    for measure, expected in (("last", [2, 5, 6, np.nan]), ("sum", [7, 8, 6, 0]), ("first", [1, 5, 7, np.inf])):
        rule = Rule(measure, {"kind": ("event", "other", "never")})  # type: ignore[arg-type]
        np.testing.assert_array_equal(rules.in_futures(rule, known, made, Window(AS_OF, END)), expected)


def test_a_column_that_events_do_not_have_is_refused_with_the_look_alike() -> None:
    with pytest.raises(UsageError) as refused:
        conditions.matching(pd.DataFrame({"entity": ["a"]}), {"entitty": ("a",)})
    assert "entity" in refused.value.hint


def test_a_kind_that_no_model_makes_is_refused_instead_of_answered_by_silence() -> None:
    known = snapshot(events([{"event_at": date(2019, 1, 1)}]))
    with pytest.raises(UsageError, match="evnt"):
        rules.in_futures(
            Rule("count", {"kind": ("evnt",)}), known, futures({"event": pd.DataFrame()}, 1), Window(AS_OF, END)
        )


def test_a_trailing_window_counts_from_the_day_an_event_was_known() -> None:
    rows = [
        {"event_at": date(2019, 6, 1), "known_at": date(2019, 6, 1), "value": 2.0},
        {"event_at": date(2019, 6, 2), "known_at": date(2019, 6, 20), "value": 3.0},
        {"event_at": date(2019, 7, 1), "known_at": date(2019, 6, 1), "value": 5.0},
    ]
    ends = pd.DatetimeIndex(["2019-06-01", "2019-06-02", "2019-06-21", "2019-07-02", "2019-07-10"])
    rule = Rule("count", {"kind": ("event",)})
    np.testing.assert_array_equal(rules.trailing(rule, events(rows), ends, 10), [0, 1, 1, 1, 1])
    summed = rules.trailing(replace(rule, measure="sum"), events(rows), ends, 30)
    np.testing.assert_array_equal(summed, [0, 2, 5, 8, 8])
    with pytest.raises(UsageError):
        rules.trailing(replace(rule, measure="rise"), events(rows), ends, 10)


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ({"entity": rules.Limits(low=5.0)}, "`entity` holds no numbers"),
        ({"value": ("5",)}, "`value` holds numbers"),
        ({"value": rules.Limits(without=("5",))}, "`value` holds numbers"),
    ],
)
def test_text_is_not_compared_with_numbers_nor_numbers_with_text(where: rules.Where, said: str) -> None:
    rows = events([{"event_at": AS_OF, "kind": "strike"}])
    with pytest.raises(UsageError, match=said):
        conditions.matching(rows, {"kind": ("strike",), **where})
