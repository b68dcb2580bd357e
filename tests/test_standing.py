"""What is under way on a day: edges, ends that nobody wrote down, and the same reading on record and in futures."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecast import answers, rules
from forecast.errors import UsageError
from forecast.events import Futures
from forecast.questions import Question
from forecast.rules import Rule, Window
from tests.worlds import AS_OF, events, futures, snapshot

RULE = Rule("standing", {"kind": ("strike",)}, ">=", 500, lasts="days")


def strike(at: date, value: float, days: str = "") -> dict[str, Any]:
    return {"event_at": at, "kind": "strike", "value": value, "days": days, "known_at": at}


def standing(rows: list[dict[str, Any]], last: date, rule: Rule = RULE) -> float:
    """Read what is under way on a day, as the last of ten."""
    opens = last - timedelta(days=9)
    return float(rules.on_record(rule, snapshot(events(rows), date(2030, 1, 1)), [opens], 10)[0])


def test_an_event_counts_from_its_first_day_for_as_many_days_as_it_lasts() -> None:
    rows, first = [strike(date(2019, 5, 1), 700, "3")], date(2019, 5, 1)
    found = [standing(rows, first + timedelta(days=day)) for day in (-1, 0, 2, 3)]
    assert found == [0, 700, 700, 0]


def test_what_overlaps_adds_up() -> None:
    rows = [strike(date(2019, 5, 1), 300, "30"), strike(date(2019, 5, 20), 400, "30")]
    assert [standing(rows, date(2019, 5, day)) for day in (10, 25)] == [300, 700]


def test_an_end_that_nobody_wrote_down_decides_nothing() -> None:
    """Where it matters the reading is empty; where it does not, or a year is over, it is not."""
    unknown, known = strike(date(2018, 5, 1), 700), strike(date(2018, 5, 1), 600, "90")
    assert np.isnan(standing([unknown], date(2018, 6, 1)))
    assert standing([unknown, known], date(2018, 6, 1)) == 600
    assert standing([unknown], date(2018, 6, 1), replace(RULE, threshold=800)) == 0
    assert np.isnan(standing([unknown], date(2019, 4, 30)))
    assert standing([unknown], date(2019, 5, 1)) == 0


QUESTION = Question("q", "?", RULE, AS_OF, AS_OF + timedelta(days=30), 10, AS_OF, AS_OF, "g", "d")


def test_a_question_that_unknown_ends_would_decide_is_void() -> None:
    due = QUESTION.closes + timedelta(days=10)
    void = answers.resolve(QUESTION, snapshot(events([strike(AS_OF, 700)]), due))
    assert void.outcome is None
    assert "not on record" in void.reason
    assert answers.resolve(QUESTION, snapshot(events([strike(AS_OF, 700, "60")]), due)).outcome is True


def test_void_windows_are_left_out_of_the_base_rate() -> None:
    """Thirteen windows of 28 days in a year: the last two do not say, one of those before held."""
    rows = [strike(AS_OF - timedelta(days=200), 700, "28"), strike(AS_OF - timedelta(days=40), 700)]
    asked = replace(QUESTION, closes=AS_OF + timedelta(days=28))
    assert answers.base_rate(asked, snapshot(events(rows)), AS_OF - timedelta(days=365)) == (1, 11)


def test_futures_hold_what_began_before_and_what_begins() -> None:
    columns = {"entity": "here", "n": 1}
    begins = {
        "draw": [0, 1],
        "event_at": [pd.Timestamp("2020-01-10")] * 2,
        "value": [400.0, 900.0],
        "days": [40.0, 5.0],
    }
    before = {
        "draw": [0, 2],
        "event_at": [pd.Timestamp("2019-11-01")] * 2,
        "value": [300.0, 600.0],
        "days": [90.0, 70.0],
    }
    made = futures({"strike": pd.DataFrame(begins).assign(**columns)}, 4)
    made = replace(made, lasting={"strike": pd.DataFrame(before).assign(**columns)})
    window = Window(AS_OF, date(2020, 1, 16))
    empty = snapshot(events([strike(date(2015, 1, 1), 1, "1")]))
    assert rules.in_futures(RULE, empty, made, window).tolist() == [700, 0, 0, 0]
    early = Window(AS_OF, date(2020, 1, 10))
    assert rules.in_futures(RULE, empty, made, early).tolist() == [300, 0, 600, 0]
    count = Rule("count", {"kind": ("strike",)})
    assert rules.in_futures(count, empty, made, window).tolist() == [1, 1, 0, 0]  # what began before is no news


def test_pooled_futures_keep_what_is_under_way_apart() -> None:
    frame = pd.DataFrame(
        {"draw": [0], "event_at": [pd.Timestamp("2019-11-01")], "value": [600.0], "days": [90.0], "n": 1}
    )
    one = replace(futures({"strike": frame.iloc[:0]}, 2), lasting={"strike": frame})
    none = replace(one, lasting={"strike": frame.iloc[:0]})
    both = Futures.pooled([none, one])
    window = Window(AS_OF, AS_OF + timedelta(days=5))
    read = rules.in_futures(RULE, snapshot(events([strike(date(2015, 1, 1), 1, "1")])), both, window)
    assert read.tolist() == [0, 600, 0, 0]


def test_futures_that_do_not_say_what_is_under_way_are_refused() -> None:
    made = futures({"strike": pd.DataFrame({"draw": [0], "event_at": [pd.Timestamp(AS_OF)], "value": 1.0, "n": 1})}, 1)
    known, window = snapshot(events([strike(date(2015, 1, 1), 1, "1")])), Window(AS_OF, AS_OF + timedelta(days=5))
    with pytest.raises(UsageError, match="no column `days`"):
        rules.in_futures(RULE, known, made, window)
    told = replace(made, events={"strike": made.events["strike"].assign(days=3.0)})
    with pytest.raises(UsageError, match="still under way"):
        rules.in_futures(RULE, known, told, window)


@pytest.mark.parametrize(("measure", "lasts"), [("standing", ""), ("max", "days")])
def test_lengths_belong_to_standing_and_to_nothing_else(measure: Any, lasts: str) -> None:
    with pytest.raises(ValueError, match="needs `lasts`"):
        Rule(measure, {"kind": ("strike",)}, lasts=lasts)
