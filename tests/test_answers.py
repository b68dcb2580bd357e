"""From numbers to probabilities: never certain, as wide as what is not known, and settled only when due."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from forecast import answers, templates
from forecast.errors import SpecError, UsageError
from forecast.events import Futures
from forecast.questions import Question
from forecast.rules import Rule
from forecast.templates import QuestionSet
from tests.worlds import AS_OF, events, snapshot

RULE = Rule("count", {"kind": ("event",)})
QUESTION = Question("q", "?", RULE, AS_OF, AS_OF + timedelta(days=30), 10, AS_OF, AS_OF, "g", "d")


def futures(draws: int, parameters: int, record_days: float | None = None) -> Futures:
    replayed = {} if record_days is None else {"event": record_days}
    return Futures({"event": pd.DataFrame()}, draws, parameters, replayed)


@pytest.mark.parametrize("held", [0, 1, 500, 1000])
def test_k_of_n_futures_is_k_and_a_half_of_n_and_one(held: int) -> None:
    numbers = np.repeat([1.0, 0.0], [held, 1000 - held])
    p, (low, high) = answers.probability(QUESTION, futures(1000, 1000), QUESTION.rule.holds(numbers))
    assert p == pytest.approx((held + 0.5) / 1001)
    assert 0 < low < p < high < 1


def test_a_replay_is_worth_the_windows_in_its_record() -> None:
    numbers = np.repeat([1.0, 0.0], [200, 800])
    p, interval = answers.probability(QUESTION, futures(1000, 1000, record_days=600.0), QUESTION.rule.holds(numbers))
    assert p == pytest.approx((0.2 * 20 + 0.5) / 21)
    assert interval == pytest.approx(tuple(stats.beta.ppf([0.05, 0.95], 4.5, 16.5)))


@pytest.mark.parametrize(("a", "b"), [(2.0, 8.0), (5.0, 5.0), (0.5, 12.0), (60.0, 40.0)])
def test_the_interval_is_that_of_the_parameters_and_never_narrower(a: float, b: float) -> None:
    """Posterior draws with a known beta distribution of the probability, 8 futures each.

    The interval's standard deviation is at least the true one up to 4 of its Monte Carlo errors over 200
    worlds (false alarm 3e-5 a case), and at most 1.5 times what the truth and the noise of 8 futures make.
    """
    rng = np.random.default_rng(5)
    truth = stats.beta(a, b)
    sds = []
    for _ in range(200):
        p = rng.beta(a, b, 1000)
        held = rng.random((8, 1000)) < p
        mean, (low, high) = answers.probability(QUESTION, futures(8000, 1000), held.ravel())
        sds.append(_implied_sd(mean, low, high))
    error = np.std(sds) / np.sqrt(len(sds))
    assert np.mean(sds) > truth.std() - 4 * error
    noise = np.sqrt(truth.mean() * (1 - truth.mean()) / 8 * np.sqrt(2 / 1000))
    assert np.mean(sds) < 1.5 * np.hypot(truth.std(), noise)


def _implied_sd(mean: float, low: float, high: float) -> float:
    """Find the beta distribution with this mean and 90 % interval, by bisection on its precision."""
    small, large = 0.1, 1e6
    for _ in range(80):
        middle = np.sqrt(small * large)
        bounds = stats.beta.ppf([0.05, 0.95], mean * middle, (1 - mean) * middle)
        small, large = (middle, large) if bounds[1] - bounds[0] > high - low else (small, middle)
    return float(stats.beta(mean * small, (1 - mean) * small).std())


def test_the_interval_covers_where_posterior_and_truth_agree() -> None:
    """The truth drawn from the same beta as the posterior draws lies inside about 90 times in 100 (binomial, 4 sd)."""
    rng = np.random.default_rng(8)
    inside, worlds = 0, 600
    for _ in range(worlds):
        truth, p = rng.beta(3, 7), rng.beta(3, 7, 500)
        held = rng.random((16, 500)) < p
        _, (low, high) = answers.probability(QUESTION, futures(8000, 500), held.ravel())
        inside += low <= truth <= high
    assert abs(inside / worlds - 0.9) < 4 * np.sqrt(0.09 / worlds) + 0.02  # 0.02: the interval errs on the wide side


def test_quantiles_count_a_future_without_a_value_as_nought() -> None:
    found = answers.quantiles(np.array([np.nan, np.inf, 2.0, 4.0, 6.0]))
    assert list(found) == ["5%", "25%", "50%", "75%", "95%"]
    assert found["50%"] == 2.0
    assert sorted(found.values()) == list(found.values())


def test_a_question_is_settled_only_when_the_record_is_due() -> None:
    frame = events([{"event_at": AS_OF + timedelta(days=3)}])
    due = QUESTION.closes + timedelta(days=10)
    with pytest.raises(UsageError, match="cannot be settled"):
        answers.resolve(QUESTION, snapshot(frame, due - timedelta(days=1)))
    settled = answers.resolve(QUESTION, snapshot(frame, due))
    assert settled.outcome is True
    nothing = events([{"event_at": date(2018, 1, 1)}])
    assert answers.resolve(QUESTION, snapshot(nothing, due)).outcome is False


def test_past_windows_end_on_the_as_of_day_and_do_not_overlap() -> None:
    frame = events(
        [
            {"event_at": AS_OF - timedelta(days=back), "known_at": AS_OF - timedelta(days=back)}
            for back in (1, 30, 31, 200)
        ]
    )
    opens, numbers = answers.past_windows(RULE, snapshot(frame), date(2019, 1, 1), 30)
    assert opens[-1] == AS_OF - timedelta(days=30)
    assert {(b - a).days for a, b in pairwise(opens)} == {30}
    assert opens[0] >= date(2019, 1, 1)
    assert numbers[-2:].tolist() == [1, 2]
    assert answers.base_rate(QUESTION, snapshot(frame), date(2019, 1, 1)) == (3, 12)


LADDER = """
[[template]]
id = "next"
domain = "d"
title = "Next"
text = "Will {name} reach {next} or later from {opens} to {last_day}?"
horizons = [90, 180]
written = 2020-01-01
rule = { measure = "count", where = { kind = ["b", "c"] } }
[template.over]
where = { kind = ["a", "b"] }
lacking = { kind = "gone" }
seen_within = 365
ladder = ["a", "b", "c"]
"""


def unfolded(rows: list[dict[str, object]]) -> list[Question]:
    found: QuestionSet = templates.parse(LADDER, "data/questions/x.toml")
    frame = events([{"known_at": row["event_at"], **row} for row in rows]).assign(name="Name of it")
    return answers.unfold(found, snapshot(frame))


def test_a_ladder_asks_for_what_is_still_ahead() -> None:
    asked = unfolded(
        [
            {"kind": "a", "entity": "first", "event_at": date(2019, 5, 1)},
            {"kind": "a", "entity": "second", "event_at": date(2019, 5, 1)},
            {"kind": "b", "entity": "second", "event_at": date(2019, 6, 1)},
            {"kind": "a", "entity": "over", "event_at": date(2019, 5, 1)},
            {"kind": "gone", "entity": "over", "event_at": date(2019, 6, 1)},
            {"kind": "a", "entity": "stale", "event_at": date(2017, 5, 1)},
        ]
    )
    assert {one.labels["entity"]: one.rule.kinds for one in asked} == {"first": ("b", "c"), "second": ("c",)}
    assert len(asked) == 4
    assert all(one.rule.where["entity"] == (one.labels["entity"],) for one in asked)
    assert asked[0].text == "Will Name of it reach b or later from 1 January 2020 to 30 March 2020?"


def test_a_step_that_is_scheduled_has_not_been_reached() -> None:
    asked = unfolded(
        [
            {"kind": "a", "entity": "first", "event_at": date(2019, 5, 1)},
            {"kind": "b", "entity": "first", "event_at": date(2020, 2, 1), "known_at": date(2019, 12, 1)},
        ]
    )
    assert {one.rule.kinds for one in asked} == {("b", "c")}


DUE = LADDER.replace("horizons = [90, 180]", "horizons = [90]\nuntil = { kind = 'set', column = 'by' }")


def by_deadlines(rows: list[dict[str, object]], text: str = DUE) -> dict[str, Question]:
    begun = {"kind": "a", "entity": "first", "event_at": date(2019, 5, 1), "by": pd.NaT}
    frame = events([{"known_at": row["event_at"], **begun, **row} for row in [begun, *rows]])
    return {one.id: one for one in answers.unfold(templates.parse(text, "x.toml"), snapshot(frame))}


def due(by: date, at: date, known: date | None = None) -> dict[str, object]:
    return {"kind": "set", "event_at": at, "known_at": known or at, "by": pd.Timestamp(by)}


def test_a_deadline_ahead_is_asked_about_and_closes_the_day_after() -> None:
    asked = by_deadlines([due(date(2020, 2, 29), date(2019, 6, 1))])
    assert list(asked) == ["next/first/90d/2020-01-01", "next/first/deadline/2020-01-01"]
    one = asked["next/first/deadline/2020-01-01"]
    assert (one.opens, one.closes, one.labels["until"]) == (AS_OF, date(2020, 3, 1), date(2020, 2, 29))
    assert one.labels["horizon"] == 60
    assert one.text.endswith("to 29 February 2020?")


@pytest.mark.parametrize(
    ("deadlines", "closes"),
    [
        ([], None),
        ([due(date(2019, 12, 31), date(2019, 6, 1))], None),
        ([due(date(2020, 1, 1), date(2019, 6, 1))], date(2020, 1, 2)),
        ([due(date(2020, 5, 1), date(2019, 6, 1)), due(date(2020, 3, 1), date(2019, 9, 1))], date(2020, 3, 2)),
        (
            [due(date(2020, 5, 1), date(2019, 9, 1), date(2019, 9, 2)), due(date(2020, 3, 1), date(2019, 9, 1))],
            date(2020, 5, 2),
        ),
        ([due(date(2020, 5, 1), date(2019, 6, 1)), due(date(2020, 6, 1), date(2020, 1, 1))], date(2020, 5, 2)),
        ([due(date(2020, 5, 1), date(2019, 6, 1)), due(date(2019, 12, 1), date(2019, 9, 1))], None),
    ],
)
def test_the_deadline_that_became_known_last_counts(deadlines: list[dict[str, object]], closes: date | None) -> None:
    found = [one.closes for one in by_deadlines(deadlines).values() if "until" in one.labels]
    assert found == ([] if closes is None else [closes])


def test_a_deadline_that_is_as_far_as_a_horizon_is_asked_once() -> None:
    asked = by_deadlines([due(AS_OF + timedelta(days=89), date(2019, 6, 1))])
    assert list(asked) == ["next/first/deadline/2020-01-01"]
    assert asked["next/first/deadline/2020-01-01"].labels["horizon"] == 90


def test_deadlines_alone_ask_nothing_of_what_has_none() -> None:
    text = DUE.replace("horizons = [90]\n", "")
    assert by_deadlines([], text) == {}
    assert len(by_deadlines([due(date(2020, 3, 1), date(2019, 6, 1))], text)) == 1


def test_a_deadline_in_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="no column `bye`"):
        by_deadlines([], DUE.replace("'by'", "'bye'"))


def test_several_conditions_may_be_lacking_and_what_is_scheduled_has_not_happened() -> None:
    several = LADDER.replace('{ kind = "gone" }', '[{ kind = "gone" }, { kind = "b", entity = "second" }]')
    begun = [
        {"kind": "a", "entity": name, "event_at": date(2019, 5, 1)} for name in ("first", "second", "third", "fourth")
    ]
    later = [
        {"kind": "b", "entity": "first", "event_at": date(2019, 6, 1)},
        {"kind": "b", "entity": "second", "event_at": date(2019, 6, 1)},
        {"kind": "gone", "entity": "third", "event_at": date(2019, 6, 1)},
        {"kind": "gone", "entity": "fourth", "event_at": date(2020, 2, 1), "known_at": date(2019, 6, 1)},
    ]
    frame = events([{"known_at": row["event_at"], **row} for row in [*begun, *later]])
    asked = answers.unfold(templates.parse(several, "x.toml"), snapshot(frame))
    assert {one.labels["entity"] for one in asked} == {"first", "fourth"}


def test_of_questions_that_ask_the_same_the_first_is_kept() -> None:
    asked = by_deadlines([due(date(2020, 3, 1), date(2019, 6, 1))])
    twin = [replace(one, id=f"{name}/twin", group="other") for name, one in asked.items()]
    assert answers.distinct([*asked.values(), *twin]) == list(asked.values())


REGIONS = """
[[template]]
id = "q"
domain = "d"
title = "T"
text = "In {name} by {last_day}?"
written = 2020-01-01
horizons = [30, 60]
rule = { measure = "max", threshold = 5, where = { kind = "flood", dam = "" } }
each = { column = "river", names = { east = "the East", west = "the West" } }
"""


def test_each_value_of_a_column_is_asked_about_alone() -> None:
    made = answers.unfold(templates.parse(REGIONS, "q.toml"), snapshot(events([{"event_at": AS_OF, "kind": "flood"}])))
    assert [one.id for one in made] == [
        f"q/{river}/{days}d/2020-01-01" for river in ("east", "west") for days in (30, 60)
    ]
    assert [one.rule.where["river"] for one in made] == [("east",), ("east",), ("west",), ("west",)]
    assert made[2].text == "In the West by 30 January 2020?"


def test_a_template_that_goes_over_entities_takes_no_values_of_a_column() -> None:
    with pytest.raises(SpecError, match="not both"):
        templates.parse(REGIONS + '[template.over]\nwhere = { kind = "flood" }\n', "q.toml")


def test_events_like_those_asked_about_are_counted_if_they_are_large_enough() -> None:
    rows = [{"event_at": AS_OF - timedelta(days=100 + value), "kind": "flood", "value": value} for value in range(10)]
    rows.append({"event_at": AS_OF - timedelta(days=50), "kind": "flood", "value": 99.0, "n": 3})
    rows.append({"event_at": AS_OF + timedelta(days=5), "kind": "flood", "value": 99.0, "known_at": date(2019, 1, 1)})
    known, since = snapshot(events(rows)), AS_OF - timedelta(days=108)
    where = {"kind": ("flood",)}
    assert answers.like(Rule("count", where), known, since) == 9 + 3
    assert answers.like(Rule("max", where, ">=", 7), known, since) == 2 + 3
    assert answers.like(Rule("rise", where, ">=", 0.1), known, since) is None


@pytest.mark.parametrize(
    ("precision", "first", "certain", "outcome"),
    [
        ("day", date(2020, 4, 5), 0, True),
        ("day", date(2020, 2, 12), 0, False),
        ("month", date(2020, 3, 1), 0, True),
        ("month", date(2020, 4, 1), 0, None),  # a part of April is after the window
        ("month", date(2020, 2, 1), 0, None),  # a part of February is before it
        ("month", date(2020, 4, 1), 1, True),  # another one is certain
        ("month", date(2020, 5, 1), 0, False),
        ("year", date(2020, 1, 1), 0, None),
    ],
)
def test_dates_that_are_not_known_to_the_day_make_void_what_they_would_decide(
    precision: str, first: date, certain: int, outcome: bool | None
) -> None:
    asked = replace(QUESTION, opens=date(2020, 2, 15), closes=date(2020, 4, 10))
    rows = [{"kind": "event", "event_at": first, "known_at": date(2021, 2, 1), "precision": precision}]
    rows += [{"kind": "event", "event_at": date(2020, 3, 3), "known_at": date(2020, 3, 4)}] * certain
    found = answers.resolve(asked, snapshot(events(rows), date(2021, 6, 1)))
    assert found.outcome is outcome
    assert ("month or a year" in found.reason) == (outcome is None)
