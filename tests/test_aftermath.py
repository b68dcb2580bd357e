"""What came after: laws of the count, whatever the record; and what the reference desk's own record says."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecast import excess, toml
from forecast.aftermath import Aftermath, aftermath
from forecast.errors import SpecError, UsageError
from forecast.events import day
from forecast.rules import Rule
from tests.worlds import AS_OF, events, snapshot

SINCE = date(2015, 1, 1)
ITEM = Aftermath(
    id="alarms",
    title="After past alarms",
    domain="d",
    after=Rule("count", {"kind": ("alarm",)}),
    counts=Rule("count", {"kind": ("strike",), "entity": ("north",)}),
    since=SINCE,
)
FAR = (date(2016, 3, 1), date(2017, 1, 5), date(2017, 9, 1), date(2018, 5, 1))
TEXT = """
[[aftermath]]
id = "alarms"
title = "After past alarms"
domain = "d"
since = 2015-01-01
after = { measure = "count", where = { kind = "alarm" } }
counts = { measure = "count", where = { kind = "strike" } }
"""


@dataclass(frozen=True)
class Sheet:
    """A file that holds such questions, as a brief does."""

    aftermath: tuple[Aftermath, ...]

    __pydantic_config__ = {"extra": "forbid"}


def world(seed: int = 1, alarms: tuple[date, ...] = FAR, **more: Any) -> pd.DataFrame:
    """Scatter strikes at a constant rate over five years, and alarms on given days."""
    at = np.flatnonzero(np.random.default_rng(seed).poisson(0.1, 365 * 5))
    rows: list[dict[str, Any]] = [
        {"event_at": SINCE + timedelta(days=int(days)), "kind": "strike", "entity": "north"} for days in at
    ]
    rows += [{"event_at": when, "kind": "alarm", "summary": f"alarm of {when}", **more} for when in alarms]
    return events(rows, summary="", url="")


def counts_after(frame: pd.DataFrame, when: date, days: int) -> int:
    at = frame["event_at"]
    inside = (at > pd.Timestamp(when)) & (at <= pd.Timestamp(when) + pd.Timedelta(days=days))
    return int(frame.loc[inside & (frame["kind"] == "strike") & (frame["entity"] == "north"), "n"].sum())


def test_what_is_recorded_is_a_count_of_the_days_after() -> None:
    frame = world()
    found = aftermath(ITEM, snapshot(frame))
    assert [one.at for one in found.onsets] == list(FAR)
    for place, span in enumerate(found.spans):
        by_hand = [counts_after(frame, when, span.days) for when in FAR]
        assert [one.recorded[place] for one in found.onsets] == by_hand
        assert span.recorded == sum(by_hand)
        assert span.ratio == pytest.approx(sum(by_hand) / span.expected)
        assert span.expected == pytest.approx(sum(one.expected[place] for one in found.onsets))
        assert (span.onsets, span.open, span.spells) == (4, 0, 4)


def test_what_became_known_on_the_day_or_later_changes_nothing() -> None:
    frame = world()
    later = [
        {"event_at": date(2017, 9, 10), "known_at": AS_OF, "kind": "strike", "entity": "north", "record": "x1"},
        {"event_at": date(2018, 1, 10), "known_at": date(2021, 1, 1), "kind": "alarm", "record": "x2"},
    ]
    both = pd.concat([frame, events(later, summary="", url="")], ignore_index=True)
    assert aftermath(ITEM, snapshot(both)) == aftermath(ITEM, snapshot(frame))


def test_what_comes_after_an_onset_does_not_move_what_was_expected_of_it() -> None:
    frame = world()
    earlier = frame[(frame["event_at"] < pd.Timestamp(FAR[-1])) | (frame["kind"] == "alarm")]
    with_all, with_some = (aftermath(ITEM, snapshot(one)).onsets[-1] for one in (frame, earlier))
    assert with_all.expected == with_some.expected


def test_the_order_of_rows_does_not_matter() -> None:
    seen = snapshot(world())
    turned = replace(seen, events=seen.events.sample(frac=1, random_state=3).reset_index(drop=True))
    assert aftermath(ITEM, turned) == aftermath(ITEM, seen)


def test_twice_the_counts_after_an_onset_are_twice_the_ratio() -> None:
    frame = world(alarms=FAR[:1])
    doubled = frame.copy()
    doubled.loc[(frame["event_at"] > pd.Timestamp(FAR[0])).to_numpy(), "n"] *= 2
    once, twice = (aftermath(ITEM, snapshot(one)).spans for one in (frame, doubled))
    for one, two in zip(once, twice, strict=True):
        assert one.ratio
        assert two.ratio == pytest.approx(2 * one.ratio)


def test_twice_the_counts_are_twice_the_ratio_and_its_interval_moves_along() -> None:
    recorded, expected = np.array([40.0, 90, 60, 50]), np.array([40.0, 50, 60, 70])
    once, twice = (excess.interval(times * recorded, expected, 0.0) for times in (1, 2))
    assert once is not None
    assert twice is not None
    assert twice == pytest.approx([2 * bound for bound in once])


def test_windows_that_are_not_over_are_left_out() -> None:
    last = AS_OF - timedelta(days=60)
    found = aftermath(ITEM, snapshot(world(alarms=(*FAR, last))))
    assert [(span.onsets, span.open) for span in found.spans] == [(5, 0), (4, 1), (4, 1)]
    assert [cell is None for cell in found.onsets[-1].recorded] == [False, True, True]
    day_before = aftermath(ITEM, snapshot(world(alarms=(*FAR, last - timedelta(days=1)))))
    assert [span.open for span in day_before.spans] == [0, 0, 1]


def test_onsets_without_record_before_them_are_left_out() -> None:
    soon = SINCE + timedelta(days=89)
    assert aftermath(ITEM, snapshot(world(alarms=(date(2014, 5, 5), soon, *FAR)))).early == 2
    assert aftermath(ITEM, snapshot(world(alarms=(soon + timedelta(days=1), *FAR)))).early == 0


def test_events_close_to_each_other_are_one_onset_on_its_first_day() -> None:
    first = date(2017, 1, 5)
    close = tuple(first + timedelta(days=days) for days in (0, 13, 26, 40))
    found = aftermath(ITEM, snapshot(world(alarms=(*close, first))))
    assert [one.at for one in found.onsets] == [first, close[-1]]
    assert found.onsets[0].told == f"alarm of {first}"
    assert [span.spells for span in found.spans] == [2, 1, 1]


def test_an_alarm_announced_for_later_or_known_to_the_month_is_no_onset() -> None:
    ahead = world(alarms=(*FAR, AS_OF + timedelta(days=3)), known_at=date(2015, 6, 1))
    assert len(aftermath(ITEM, snapshot(ahead)).onsets) == 4
    assert aftermath(ITEM, snapshot(world(precision="month"))).onsets == ()


def test_one_or_two_onsets_or_none_have_no_interval() -> None:
    for alarms in ((), FAR[:1], FAR[:2]):
        for span in aftermath(ITEM, snapshot(world(alarms=alarms))).spans:
            assert span.interval is None
            assert (span.ratio is None) == (not alarms)


def test_windows_that_overlap_are_one_spell() -> None:
    close = tuple(FAR[0] + timedelta(days=days) for days in (0, 20, 65))
    found = aftermath(ITEM, snapshot(world(alarms=(*close, *FAR[1:3]))))
    assert [span.spells for span in found.spans] == [4, 3, 3]
    assert [span.onsets for span in found.spans] == [5, 5, 5]


def test_a_ratio_of_1_is_found_where_rates_never_change() -> None:
    """At a constant rate the total lies within four standard errors of what is expected: 1 in 16,000 fails."""
    recorded, expected = 0, 0.0
    for seed in range(40):
        span = aftermath(ITEM, snapshot(world(seed))).spans[1]
        recorded, expected = recorded + span.recorded, expected + span.expected
    assert abs(recorded - expected) < 4 * np.sqrt(expected + expected**2 / 40 / 30)


def read(text: str) -> Aftermath:
    return toml.parse(Sheet, toml.loads(text, "briefs/b.toml"), "briefs/b.toml").aftermath[0]


def test_a_question_is_read_from_toml() -> None:
    found = read(TEXT)
    assert (found.days, found.half_life, found.apart) == ((30, 60, 90), 90.0, 14)
    assert aftermath(found, snapshot(world())).spans[0].recorded >= 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("days = [60, 30]", "each longer"),
        ("days = []", "each longer"),
        ("days = [0]", "from 1"),
        ("half_life = 0", "half_life"),
        ("apart = -1", "apart"),
        ("halflife = 3", "did you mean `half_life`"),
    ],
)
def test_a_question_that_cannot_be_meant_is_refused(line: str, said: str) -> None:
    with pytest.raises(SpecError) as refused:
        read(f"{TEXT}{line}\n")
    assert said in str(refused.value)


def test_only_counts_can_be_asked() -> None:
    with pytest.raises(SpecError) as refused:
        read(TEXT.replace('"count"', '"sum"', 1))
    assert "must be count" in str(refused.value)


def test_a_column_that_is_not_there_is_refused() -> None:
    item = replace(ITEM, after=Rule("count", {"kind": ("alarm",), "directoin": ("up",)}))
    with pytest.raises(UsageError, match="directoin"):
        aftermath(item, snapshot(world()))


def test_days_are_counted_from_the_first_of_the_record() -> None:
    found = aftermath(ITEM, snapshot(world()))
    frame = world()
    strikes = frame[(frame["kind"] == "strike").to_numpy()]
    when = ((strikes["event_at"].to_numpy("datetime64[us]") - day(SINCE)) // np.timedelta64(1, "D")).astype(np.int64)
    at = np.array([(FAR[0] - SINCE).days])
    assert found.onsets[0].expected[0] == pytest.approx(30 * excess.rates(at, when, np.ones(len(when)), 90.0)[0])
