"""Ladders: where processes stand is read off the record, and what they say of the future is what questions say.

Seeds are fixed. A share of futures is compared with an exact probability within 4.5 Monte Carlo errors: a right
program would fail one such comparison in some hundred thousand.
"""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from forecast import answers, ladders, predict, spec, templates, world
from forecast.climb import Ahead, Climb
from forecast.events import Snapshot
from forecast.inference import Sizes
from forecast.models import stage_mode
from forecast.models.exposure import YEAR
from forecast.predict import Models, Prediction
from forecast.spec import Spec
from tests.test_spells import LADDER, SPEC, bridge, on, promised
from tests.worlds import events, snapshot

TODAY = 1000
AS_OF = on(TODAY)
SIZES = Sizes(4000, 1)
OPTIONS = {key: value for key, value in SPEC.options.items() if key != "traits"}
USUAL = spec.parse(
    """
name = "bridges_usual"
title = "Bridges: what is usual"
family = "climatology"
since = 2010-01-01
written = 2020-01-01
step = 182
[target]
kind = ["planned", "funded", "built", "opened", "halted", "dropped", "lapsed"]
region = { without = ["far"] }
[options]
of = "stages"
""",
    "models/bridges_usual.toml",
)
USUAL = replace(USUAL, options={"of": "stages", "stages": OPTIONS})

QUESTIONS = """
[[template]]
id = "next"
domain = "d"
title = "Next stages"
text = "Will {name} reach {next} or later from {opens} to {last_day}?"
horizons = [90, 180, 365]
until = { kind = "promised", column = "by" }
written = 2010-01-01
rule = { measure = "count", where = { kind = ["funded", "built", "opened"] } }
[template.over]
where = { kind = "planned" }
lacking = [{ kind = ["opened", "dropped", "lapsed"] }, { kind = "built", sort = "rail" }]
ladder = ["planned", "funded", "built", "opened"]

[[template]]
id = "end"
domain = "d"
title = "Ends"
caveat = "Ends are hard."
text = "Will {name} be dropped or lapse from {opens} to {last_day}?"
horizons = [90, 180, 365]
written = 2010-01-01
rule = { measure = "count", where = { kind = ["dropped", "lapsed"] } }
[template.over]
where = { kind = "planned", sort = ["road", "rail"] }
lacking = { kind = ["opened", "dropped", "lapsed"] }

[[question]]
id = "gone"
domain = "d"
title = "Gone built"
text = "Will it be built from {opens} to {last_day}?"
closes = 2013-02-01
written = 2010-01-01
rule = { measure = "count", where = { kind = "built", entity = "gone" } }
"""


def record() -> list[dict[str, Any]]:
    """List processes in every situation, and some that are over, to learn from."""
    rows = [
        *bridge(("planned", 610), ("funded", 700), ("lost", 990), name="arch", length="long"),
        *promised(1030, 950, name="arch"),
        *bridge(("planned", 650), ("opened", 1020, 995), name="beam"),
        *bridge(("planned", 620), ("funded", 660), ("built", 800), name="cable", sort="rail"),
        *bridge(("planned", 605), ("halted", 720), name="east"),
        *promised(800, 700, name="east"),
        *bridge(("planned", 630), ("dropped", 900), name="gone"),
        *bridge(("planned", 970), name="new", sort="foot"),
    ]
    rng = np.random.default_rng(3)
    for number in range(12):
        at = np.cumsum(rng.integers(40, 200, 3)).tolist()
        last = ("opened", "dropped", "lapsed")[number % 3]
        rows += bridge(("planned", at[0]), ("funded", at[1]), (last, at[2]), name=f"old{number}")
    for row in rows:
        row["name"] = f"The {row['entity']}, a bridge" if row["entity"] != "new" else ""
        if row["entity"] == "east" and row["kind"] == "halted":
            row["precision"] = "month"
    return rows


def known() -> Snapshot:
    return snapshot(events(record()), AS_OF)


def quickly(page: ModuleType, panel: xr.Dataset, item: Spec, seed: int) -> xr.DataTree:
    """Take the mode in place of the posterior: quick, and one set of rates, so that probabilities are exact."""
    if item.family != "stages":
        return world.sampled(page, panel, item, seed)
    tree = stage_mode.posterior(panel, item)
    # Few of these processes have a deadline or are long, so effects that can be seen are set.
    drawn = tree["posterior"].to_dataset()
    drawn["deadline"][:] = [0.5, 4.0, 0.2] * 3
    drawn["trait"][:] = 2.0
    return xr.DataTree.from_dict({"posterior": drawn})


def predicted(of: Spec = SPEC, questions: str = QUESTIONS, at: Snapshot | None = None) -> tuple[Prediction, Snapshot]:
    seen = at or known()
    asked = answers.unfold(templates.parse(questions, "data/questions/bridges.toml"), seen)
    return predict.predict(Models([of], [USUAL]), seen, asked, SIZES, quickly), seen


@pytest.fixture(scope="module")
def made() -> tuple[Prediction, dict[str, Climb]]:
    prediction, seen = predicted()
    return prediction, {climb.entity: climb for climb in ladders.climbs(prediction, seen)}


@pytest.fixture(scope="module")
def climbs(made: tuple[Prediction, dict[str, Climb]]) -> dict[str, Climb]:
    return made[1]


def stage(climb: Climb, name: str) -> Ahead:
    return next(one for one in climb.ahead if one.kinds[0] == name and not one.end)


def test_every_process_that_is_asked_about_has_a_ladder_and_no_other(climbs: dict[str, Climb]) -> None:
    assert set(climbs) == {"arch", "beam", "cable", "east", "gone", "new"}


def test_a_ladder_says_where_a_process_stands(climbs: dict[str, Climb]) -> None:
    arch = climbs["arch"]
    assert (arch.stands, arch.suspended, arch.since.at, arch.days) == ("funded", False, on(700), 300)
    assert [(step.kind, step.at) for step in arch.record] == [("planned", on(610)), ("funded", on(700))]
    assert arch.seen is not None
    assert arch.seen.at == on(990)
    assert (arch.deadline, arch.window) == (on(1030), "near")
    assert arch.name == "The arch, a bridge"
    east = climbs["east"]
    assert (east.stands, east.suspended, east.since.kind, east.since.precision) == ("planned", True, "halted", "month")
    assert east.window == "passed"
    assert climbs["new"].name == "new"
    assert climbs["new"].window == "none"


def test_a_ladder_goes_up_to_the_highest_stage_that_its_kind_can_reach(climbs: dict[str, Climb]) -> None:
    assert climbs["cable"].stages == ("planned", "funded", "built")
    assert [one.end for one in climbs["cable"].ahead] == [True]
    assert climbs["new"].stages == ("planned", "built")
    assert [one.kinds[0] for one in climbs["arch"].ahead] == ["built", "opened", "dropped"]


def test_ends_stand_on_a_ladder_only_where_a_question_asks_about_them(climbs: dict[str, Climb]) -> None:
    assert climbs["arch"].ahead[-1].end
    assert climbs["arch"].ahead[-1].kinds == ("dropped", "lapsed")
    assert not any(one.end for one in climbs["new"].ahead)


def test_ladders_and_questions_give_the_same_numbers(made: tuple[Prediction, dict[str, Climb]]) -> None:
    prediction, climbs = made
    checked = 0
    for forecast in prediction.forecasts:
        question = forecast.question
        entity = question.rule.where["entity"][0]
        if question.group == "gone":
            continue
        (chance,) = [
            chance
            for one in climbs[entity].ahead
            if one.end == (question.group == "end") and set(question.rule.kinds) <= set(one.kinds) and one.kinds
            for chance in one.chances
            if chance.closes == question.closes and one.kinds[0] == question.rule.kinds[0]
        ] or [None]
        if chance is not None:
            assert chance.probability == pytest.approx(forecast.probability, abs=1e-12)
            assert chance.baseline == pytest.approx(forecast.baseline, abs=1e-12)
            checked += 1
    assert checked >= 19
    assert [chance.closes for chance in climbs["arch"].ahead[0].chances] == [
        on(1031),
        *(AS_OF + timedelta(days=days) for days in (90, 180, 365)),
    ]


def test_higher_stages_later_days_and_larger_shares_come_later(climbs: dict[str, Climb]) -> None:
    for climb in climbs.values():
        stages = [one for one in climb.ahead if not one.end]
        for one in climb.ahead:
            said = [chance.probability for chance in one.chances]
            assert said == sorted(said)
            dates = [at or date.max for at in one.by]
            assert dates == sorted(dates)
            assert all(at is None or AS_OF <= at < climb.until for at in one.by)
        for lower, higher in pairwise(stages):
            for near, far in zip(lower.chances, higher.chances, strict=True):
                assert near.probability >= far.probability


def test_quarters_of_futures_are_those_of_the_probabilities(made: tuple[Prediction, dict[str, Climb]]) -> None:
    prediction, climbs = made
    frame = pd.concat([prediction.futures.events[kind] for kind in ("built", "opened")])
    first = frame[frame["entity"] == "arch"].groupby("draw")["event_at"].min()
    for share, at in zip(ladders.QUARTERS, stage(climbs["arch"], "built").by, strict=True):
        within = (first <= pd.Timestamp(at or climbs["arch"].until)).sum() / SIZES.draws
        before = (first < pd.Timestamp(at or climbs["arch"].until)).sum() / SIZES.draws
        assert before < share
        assert at is None or within >= share
    assert stage(climbs["arch"], "built").by[0] is not None


def test_what_is_known_to_come_is_said_to_be_and_is_as_good_as_certain(climbs: dict[str, Climb]) -> None:
    beam = climbs["beam"]
    assert [(step.kind, step.at) for step in beam.scheduled] == [("opened", on(1020))]
    assert beam.stands == "planned"
    sure = (SIZES.draws + 0.5) / (SIZES.draws + 1)
    for one in beam.ahead[:-1]:
        assert [chance.probability for chance in one.chances] == pytest.approx([sure] * 3)
        assert one.by == (on(1020),) * 3


def test_what_has_ended_says_so_and_nothing_more(climbs: dict[str, Climb]) -> None:
    gone = climbs["gone"]
    assert (gone.ended, gone.stands, gone.since.at, gone.ahead, gone.rates) == (True, "dropped", on(900), (), ())


@pytest.mark.parametrize(("name", "days"), [("arch", 30), ("east", 60), ("new", 50)])
def test_rates_are_those_by_which_futures_move(made: tuple[Prediction, dict[str, Climb]], name: str, days: int) -> None:
    """While no rate changes, something with rate r of a total t has come after d years with r / t (1 - exp(-t d))."""
    prediction, climbs = made
    rates = {rate.cause: rate.quantiles[1] for rate in climbs[name].rates}
    total = sum(rates.values())
    first = LADDER.stages.index(climbs[name].stands) + 1
    frame = pd.concat([prediction.futures.events[kind] for kind in LADDER.stages[first:]])
    soon = frame[(frame["entity"] == name) & (frame["event_at"] < pd.Timestamp(AS_OF + timedelta(days=days)))]
    exact = rates["advance"] / total * (1 - np.exp(-total * days / YEAR))
    # What is halted first may still advance: a little more than exact, at most by what is halted.
    slack = rates.get("suspend", 0.0) * days / YEAR * exact
    error = 4.5 * np.sqrt(exact * (1 - exact) / SIZES.draws)
    assert -error < soon["draw"].nunique() / SIZES.draws - exact < error + slack


def test_rates_are_of_what_can_happen(climbs: dict[str, Climb]) -> None:
    assert [rate.cause for rate in climbs["arch"].rates] == ["advance", "exit", "suspend"]
    assert [rate.cause for rate in climbs["east"].rates] == ["advance", "exit"]
    assert [rate.cause for rate in climbs["cable"].rates] == ["exit", "suspend"]
    assert [rate.cause for rate in climbs["new"].rates] == ["advance", "exit"]


def test_constant_rates_make_ladders_too_without_rates_of_their_own() -> None:
    prediction, seen = predicted(USUAL)
    found = {climb.entity: climb for climb in ladders.climbs(prediction, seen)}
    assert set(found) == {"arch", "beam", "cable", "east", "gone", "new"}
    assert all(climb.rates == () for climb in found.values())
    for chance in found["arch"].ahead[0].chances:
        assert chance.probability == chance.baseline


def test_a_ladder_says_nothing_of_days_that_the_futures_do_not_reach() -> None:
    prediction, seen = predicted(
        questions=QUESTIONS.replace("[90, 180, 365]", "[60, 90]").replace("2013-02-01", "2012-11-01")
    )
    (arch,) = [climb for climb in ladders.climbs(prediction, seen) if climb.entity == "arch"]
    assert arch.until == AS_OF + timedelta(days=90)
    assert [chance.closes for chance in arch.ahead[0].chances] == [on(1031), AS_OF + timedelta(days=90)]


def test_a_record_without_names_is_named_by_its_keys(made: tuple[Prediction, dict[str, Climb]]) -> None:
    nameless = snapshot(events(record()).drop(columns="name"), AS_OF)
    assert {climb.name for climb in ladders.climbs(made[0], nameless)} == set(made[1])


def test_a_brief_without_a_model_of_stages_has_no_ladders(made: tuple[Prediction, dict[str, Climb]]) -> None:
    assert ladders.climbs(replace(made[0], fitted=()), known()) == ()
