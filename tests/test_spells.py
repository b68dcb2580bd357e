"""Records cut into spells: whatever the order of rows, one after another without gaps, and nothing after an end."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast import spec
from forecast.errors import DataError, UsageError
from forecast.models import ladder, spells
from forecast.models.spells import Process, Spell
from tests.worlds import events, snapshot

SPEC = spec.parse(
    """
name = "bridges"
title = "Bridges"
family = "stages"
since = 2010-01-01
written = 2020-01-01
step = 182
[target]
kind = ["planned", "funded", "built", "opened", "halted", "dropped", "lapsed"]
region = { without = ["far"] }
[priors]
advance = [0.3, 3.0]
exit = [0.05, 0.5]
suspend = [0.05, 0.5]
stage_spread = [0.2, 1.0]
kind_spread = [0.2, 1.0]
pair_spread = [0.1, 0.5]
age = [-0.6, 0.4]
age_spread = [0.05, 0.3]
deadline = [0.4, 2.5]
[options]
stages = ["planned", "funded", "built", "opened"]
exits = ["dropped", "lapsed"]
suspended = "halted"
unfollowed = ["lost"]
deadline_set = "promised"
deadline = "by"
near = [60, 14]
cuts = [30, 90, 365]
kinds = [
  { name = "road", where = { sort = "road" } },
  { name = "rail", where = { sort = "rail" }, top = "built" },
  { name = "foot", where = { sort = "foot" }, never = ["funded", "opened", "halted", "lapsed"] },
]
[[options.traits]]
name = "long"
where = { length = "long" }
effect = [0.5, 2.0]
""",
    "models/bridges.toml",
)
LADDER = ladder.parse(dict(SPEC.options), SPEC.where)
STAGES, HALTED = LADDER.stages, LADDER.suspended
FIRST = spells.numbered(SPEC.since)
TODAY = 400  # the as-of day, in days since the first
COUNTED = (*STAGES, HALTED, *LADDER.exits, *LADDER.unfollowed)
Row = dict[str, Any]


def on(number: int) -> date:
    return SPEC.since + timedelta(days=number)


def bridge(*steps: tuple[Any, ...], name: str = "arch", **cells: str) -> list[Row]:
    """List the rows of a process: what happened, on which day, and on which it became known if that was another."""
    said = {"sort": "road", "length": "short", "region": "near", "by": pd.NaT, "entity": name, **cells}
    return [
        {**said, "kind": step[0], "event_at": on(step[1]), "known_at": on(step[2] if len(step) > 2 else step[1])}
        for step in steps
    ]


def promised(by: int, at: int, known: int | None = None, **cells: str) -> list[Row]:
    """Set a deadline."""
    (row,) = bridge(("promised", at, at if known is None else known), **cells)
    return [{**row, "by": pd.Timestamp(on(by))}]


def read(rows: Sequence[Row], today: int = TODAY, item: spec.Spec = SPEC) -> list[Process]:
    found = ladder.parse(dict(item.options), item.where)
    return spells.read(snapshot(events(list(rows)), on(today)), item, found)[0]


def told(spell: Spell | None) -> str:
    """Say of a spell what it was on, from which day until which, and what ended it."""
    if spell is None:
        return "ended"
    stage = STAGES[spell.level] + (", halted" if spell.suspended else "")
    ended = f" {spell.cause}: {spell.event}" if spell.cause else ""
    return f"{stage} {spell.begins - FIRST}-{spell.ends - FIRST}{ended}"


def cut(*steps: tuple[Any, ...], today: int = TODAY, **cells: str) -> list[str]:
    (process,) = read(bridge(*steps, **cells), today)
    return [told(spell) for spell in process.spells]


STEPS = st.lists(st.tuples(st.sampled_from(COUNTED), st.integers(1, 30)), min_size=1, max_size=8)
RECORDS = st.lists(STEPS, min_size=6, max_size=12)  # several processes, for what takes time is to lay out a table
PAIRS = st.lists(st.tuples(STEPS, st.sampled_from(LADDER.exits), STEPS), min_size=6, max_size=12)
HASTE = settings(max_examples=10, deadline=None)
Steps = list[tuple[str, int]]


def begun(records: list[Steps]) -> list[Process]:
    """Let every process begin on day nought."""
    rows = [row for name, steps in enumerate(records) for row in bridge(("planned", 0), *steps, name=f"{name:02d}")]
    return read(rows)


def retold(records: list[Steps]) -> list[list[str]]:
    """Say what each process went through, and where it stands."""
    rows = [row for name, steps in enumerate(records) for row in bridge(*steps, name=f"{name:02d}")]
    found = [[told(spell) for spell in (*process.spells, process.standing)] for process in read(rows)]
    assert len(found) == len(records)
    return found


@HASTE
@given(RECORDS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(records: list[Steps], draw: Any) -> None:
    rows = [row for name, steps in enumerate(records) for row in bridge(("planned", 0), *steps, name=f"{name:02d}")]
    rows += [*promised(90, 10, name="00"), *promised(80, 10, name="00")]
    assert read(rows) == read(draw.sample(rows, len(rows)))


@HASTE
@given(RECORDS)
def test_spells_follow_each_other_and_their_days_add_up(records: list[Steps]) -> None:
    for process, steps in zip(begun(records), records, strict=True):
        found = process.spells
        assert [before.ends for before in found[:-1]] == [after.begins for after in found[1:]]
        last, end = found[-1], found[-1].ends - FIRST
        over = last.cause in ("advance", "exit") or any(kind in LADDER.unfollowed for kind, _ in steps)
        assert any(at == end for _, at in steps) if over else end == TODAY
        assert sum(spell.days - spells.SHORTEST * (spell.begins == spell.ends) for spell in found) == end


@HASTE
@given(RECORDS)
def test_levels_never_fall_and_rise_by_an_advance_only(records: list[Steps]) -> None:
    for process in begun(records):
        for before, after in pairwise(process.spells):
            assert after.level >= before.level
            assert (after.level > before.level) == (before.cause == "advance")
            assert after.suspended == (before.cause == "suspend")
            if before.cause == "advance":
                assert STAGES[after.level] == before.event


@HASTE
@given(PAIRS)
def test_nothing_after_an_exit_counts(pairs: list[tuple[Steps, str, Steps]]) -> None:
    ended = [[("planned", 0), *before, (exit_, 31)] for before, exit_, _ in pairs]
    later = [[(kind, 31 + at) for kind, at in after] for _, _, after in pairs]
    assert retold(ended) == retold([[*steps, *more] for steps, more in zip(ended, later, strict=True)])


@HASTE
@given(PAIRS)
def test_a_lower_stage_later_changes_nothing(pairs: list[tuple[Steps, str, Steps]]) -> None:
    high = [[("built", 0), *before] for before, _, _ in pairs]
    lower = [[(STAGES[at % 2], at) for _, at in after] for _, _, after in pairs]
    assert retold(high) == retold([[*steps, *more] for steps, more in zip(high, lower, strict=True)])


@HASTE
@given(RECORDS)
def test_a_suspension_again_changes_nothing(records: list[Steps]) -> None:
    """As long as none of its own or of a higher stage has lifted it."""
    halted = [
        [("funded", 0), ("halted", 1), *[(kind, 1 + at) for kind, at in steps if kind == "planned"]]
        for steps in records
    ]
    again = [[*steps, *[("halted", 1 + at) for _, at in more]] for steps, more in zip(halted, records, strict=True)]
    assert retold(halted) == retold(again)


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        pytest.param(
            [("planned", 0), ("built", 9)],
            ["planned 0-9 advance: built", "built 9-400"],
            id="skipped stages",
        ),
        pytest.param(
            [("planned", 5), ("built", 5), ("funded", 5)],
            ["built 5-400"],
            id="the highest of a day",
        ),
        pytest.param(
            [("halted", 7), ("built", 7), ("planned", 0)],
            ["planned 0-7 advance: built", "built 7-7 suspend: halted", "built, halted 7-400"],
            id="first the stage and then the suspension of a day",
        ),
        pytest.param(
            [("planned", 0), ("dropped", 7), ("halted", 7), ("built", 7)],
            ["planned 0-7 advance: built", "built 7-7 suspend: halted", "built, halted 7-7 exit: dropped"],
            id="first the suspension and then the exit of a day",
        ),
        pytest.param(
            [("planned", 0), ("funded", 3), ("halted", 8), ("halted", 20), ("planned", 30)],
            ["planned 0-3 advance: funded", "funded 3-8 suspend: halted", "funded, halted 8-400"],
            id="a suspension remembers its stage, and a second one changes nothing",
        ),
        pytest.param(
            [("planned", 0), ("funded", 3), ("halted", 8), ("funded", 20)],
            ["planned 0-3 advance: funded", "funded 3-8 suspend: halted", "funded, halted 8-20", "funded 20-400"],
            id="its own stage lifts a suspension",
        ),
        pytest.param(
            [("planned", 0), ("halted", 8), ("built", 20)],
            ["planned 0-8 suspend: halted", "planned, halted 8-20 advance: built", "built 20-400"],
            id="a higher stage lifts a suspension",
        ),
        pytest.param(
            [("planned", 0), ("halted", 8), ("lapsed", 20), ("built", 30)],
            ["planned 0-8 suspend: halted", "planned, halted 8-20 exit: lapsed"],
            id="an exit out of a suspension",
        ),
        pytest.param(
            [("planned", 0), ("lost", 50), ("built", 60)],
            ["planned 0-50"],
            id="nobody looked further",
        ),
        pytest.param(
            [("planned", 0), ("opened", 50), ("dropped", 60)],
            ["planned 0-50 advance: opened"],
            id="the last stage ends it",
        ),
        pytest.param(
            [("halted", 1), ("planned", 5)],
            ["planned 5-400"],
            id="nothing counts before the first stage",
        ),
    ],
)
def test_what_happens_to_a_process(steps: list[tuple[str, int]], found: list[str]) -> None:
    assert cut(*steps) == found


def test_a_stage_above_the_top_counts_as_the_top() -> None:
    climbed = ["planned 0-20 advance: built", "built 20-400"]
    assert cut(("planned", 0), ("opened", 20), sort="rail") == climbed
    assert cut(("planned", 0), ("built", 20), ("opened", 40), sort="rail") == climbed
    assert cut(("planned", 0), ("built", 20), ("opened", 40), ("lapsed", 60), sort="rail") == [
        climbed[0],
        "built 20-60 exit: lapsed",
    ]


def test_what_came_and_went_on_one_day_lasts_half_a_day() -> None:
    (process,) = read(bridge(("planned", 7), ("dropped", 7)))
    assert [spell.days for spell in process.spells] == [spells.SHORTEST] == [0.5]


def test_a_process_that_ended_has_no_standing_and_one_that_nobody_followed_has() -> None:
    ends = {
        "dropped": "ended",
        "opened": "ended",
        "lost": "planned 0-9",
        "built": "built 9-400",
        "halted": "planned, halted 9-400",
    }
    rows = [row for end in ends for row in bridge(("planned", 0), (end, 9), name=end)]
    assert {process.entity: told(process.standing) for process in read(rows)} == ends


def test_what_has_not_begun_before_the_as_of_day_is_no_process() -> None:
    rows = [*bridge(("planned", 0)), *bridge(("planned", TODAY + 5, 10), name="beam"), *bridge(("lost", 3), name="x")]
    assert [process.entity for process in read(rows)] == ["arch"]
    with pytest.raises(DataError, match="`bridges` finds no process before"):
        read(bridge(("planned", TODAY + 5, 10)))
    with pytest.raises(DataError, match="`bridges` finds no process before"):
        read(bridge(("planned", 0), region="far"))


def test_nothing_is_at_risk_once_it_is_known_what_comes() -> None:
    """Known on day 100, to come on day 450; before the news it is still at risk."""
    comes = {kind: f"{kind} 450-450" for kind in ("funded", "built")} | {"halted": "planned, halted 450-450"}
    comes |= dict.fromkeys(("opened", "dropped", "lapsed"), "ended")
    rows = [row for kind in comes for row in bridge(("planned", 0), (kind, 450, 100), name=kind)]
    for today in (99, 100, 101, TODAY):
        found = read(rows, today)
        assert {told(process.spells[-1]) for process in found} == {f"planned 0-{min(today, 100)}"}
        stand = {process.entity: told(process.standing) for process in found}
        assert stand == (comes if today > 100 else dict.fromkeys(comes, f"planned 0-{today}"))


def test_of_several_things_to_come_the_last_is_where_it_will_stand() -> None:
    (process,) = read(bridge(("planned", 0), ("funded", 420, 200), ("built", 500, 300)))
    assert told(process.spells[-1]) == "planned 0-200"
    assert told(process.standing) == "built 500-500"


def test_what_changes_nothing_does_not_end_the_risk_and_what_happens_meanwhile_counts() -> None:
    (process,) = read(bridge(("built", 0), ("planned", 450, 100)))
    assert told(process.spells[-1]) == told(process.standing) == f"built 0-{TODAY}"
    (process,) = read(bridge(("planned", 0), ("opened", 450, 10), ("halted", 50)))
    assert [told(spell) for spell in process.spells] == ["planned 0-50 suspend: halted", "planned, halted 50-50"]
    assert process.standing is None


def test_days_of_waiting_count_once_what_was_scheduled_has_come() -> None:
    assert cut(("planned", 0), ("built", 150, 100))[0] == "planned 0-150 advance: built"


@pytest.mark.parametrize("known", [50, 120])
def test_what_became_known_on_or_after_the_as_of_day_is_not_there(known: int) -> None:
    """Neither an event of the past nor one of the future."""
    for at in (40, 150):
        (process,) = read(bridge(("planned", 0), ("built", at, known)), 50)
        assert told(process.spells[-1]) == told(process.standing) == "planned 0-50"


def test_deadlines_stand_in_the_order_in_which_they_became_known() -> None:
    rows = [*promised(300, 20), *bridge(("planned", 0)), *promised(250, 10, known=40), *promised(200, 500, known=500)]
    (process,) = read(rows)
    assert [(known - FIRST, due - FIRST) for known, due in process.deadlines] == [(20, 300), (40, 250)]


@pytest.mark.parametrize("kind", ["funded", "halted", "lapsed"])
def test_an_event_that_a_kind_never_has_is_refused(kind: str) -> None:
    rows = [*bridge(("planned", 0)), *bridge(("planned", 0), (kind, 30), name="beam", sort="foot")]
    rows[-1]["record"] = "beam/2"
    with pytest.raises(DataError) as refused:
        read(rows)
    assert refused.value.what == f"`beam` has the event `{kind}`, which its kind `foot` is said never to have"
    assert refused.value.where == "made, record beam/2"
    assert "models/bridges.toml" in refused.value.hint


def test_a_row_that_says_another_kind_is_of_its_process_all_the_same() -> None:
    rows = [*bridge(("planned", 0)), *bridge(("built", 30), sort="foot")]
    (process,) = read(rows)
    assert process.kind == [kind.name for kind in LADDER.kinds].index("road")
    rows = [*bridge(("planned", 0), sort="foot"), *bridge(("halted", 30))]
    with pytest.raises(DataError, match="`arch` has the event `halted`"):
        read(rows)


def test_a_deadline_without_a_day_is_refused() -> None:
    rows = [*bridge(("planned", 0)), *promised(300, 20)]
    rows[-1] |= {"by": pd.NaT, "record": "arch/by"}
    with pytest.raises(DataError, match="does not say when it is") as refused:
        read([*rows, *promised(400, 30)])
    assert refused.value.where == "made, record arch/by"
    item = replace(SPEC, options={**SPEC.options, "deadline": "bye"})
    with pytest.raises(UsageError, match="no column `bye`"):
        read(rows, item=item)


def test_a_process_of_no_kind_is_refused() -> None:
    rows = [*bridge(("planned", 0)), *bridge(("planned", 0), name="beam", sort="canal")]
    rows[-1]["record"] = "beam/1"
    with pytest.raises(DataError) as refused:
        read(rows)
    assert "`beam` is of none of the kinds that `bridges` knows" in refused.value.what
    assert refused.value.where == "made, record beam/1"
    left_out = replace(SPEC, target={**SPEC.target, "sort": ("road",)})
    assert [process.entity for process in read(rows, item=left_out)] == ["arch"]


def test_every_process_is_of_the_first_kind_that_it_fits() -> None:
    kinds = [{"name": "any", "where": {"region": ["near"]}}, *SPEC.options["kinds"]]
    item = replace(SPEC, options={**SPEC.options, "kinds": kinds})
    assert [process.kind for process in read(bridge(("planned", 0), sort="rail"), item=item)] == [0]
    assert [process.kind for process in read(bridge(("planned", 0), sort="rail", region="hills"), item=item)] == [2]
