"""What analysts write becomes plain questions, specs and briefs, or is refused by name."""

import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast import answers, brief, spec, templates, toml
from forecast.conditions import Limits
from forecast.desk import Desk
from forecast.errors import SpecError
from forecast.questions import Forecast

HEAD = 'id = "q"\ndomain = "d"\ntitle = "T"\nwritten = 2020-01-01\n'
RULE = 'rule = { measure = "count", where = { kind = "event" } }\n'
ASKED = 'text = "At least {threshold} by {last_day}?"\nhorizons = [30, 60]\nthresholds = [1, 3]\n'
TEMPLATE = "[[template]]\n" + HEAD + ASKED + RULE
OVER = 'over = { where = { kind = "event" } }\n'
FIXED = "[[question]]\n" + HEAD + 'text = "By {last_day}?"\ncloses = 2020-03-01\n' + RULE
DATES = "since = 2015-01-01\nwritten = 2020-01-01\n"
SPEC = 'name = "m"\ntitle = "M"\nfamily = "counts"\ntarget = { kind = "event" }\n' + DATES
BRIEF = (
    'name = "b"\ntitle = "B"\nsummary = "s"\nmodels = ["m"]\nbaselines = ["m"]\nquestions = ["q"]\nsources = ["a"]\n'
    '[domains]\nd = "D"\n'
)


def test_a_template_unfolds_into_every_threshold_and_horizon() -> None:
    template = templates.parse(TEMPLATE, "q.toml").template[0]
    made = [
        templates.plain(template, date(2020, 1, 1), threshold, horizon, {})
        for threshold in template.thresholds
        for horizon in template.horizons
    ]
    assert len({one.id for one in made}) == 4
    assert made[0].text == "At least 1 by 30 January 2020?"
    assert made[3].rule.threshold == 3
    assert all(one.closes - one.opens == timedelta(days=one.labels["horizon"]) for one in made)


def test_a_fixed_question_opens_on_its_own_day_or_on_the_as_of_day() -> None:
    fixed = templates.parse(FIXED, "q.toml").question[0]
    made = templates.dated(fixed, date(2020, 1, 5))
    assert (made.opens, made.closes) == (date(2020, 1, 5), date(2020, 3, 1))
    assert made.text == "By 29 February 2020?"
    opened = templates.parse(FIXED.replace("closes", "opens = 2019-12-01\ncloses"), "q.toml").question[0]
    assert templates.dated(opened, date(2020, 1, 5)).opens == date(2019, 12, 1)


def test_a_caveat_goes_with_every_question_that_a_file_makes() -> None:
    found = templates.parse(
        TEMPLATE + 'caveat = "Mind."\n' + FIXED.replace('"q"', '"f"') + 'caveat = "Too."\n', "q.toml"
    )
    assert templates.plain(found.template[0], date(2020, 1, 1), 1, 30, {}).caveat == "Mind."
    assert templates.dated(found.question[0], date(2020, 1, 1)).caveat == "Too."
    plain = templates.parse(TEMPLATE, "q.toml").template[0]
    assert templates.plain(plain, date(2020, 1, 1), 1, 30, {}).caveat == ""


def test_a_template_that_asks_by_deadlines_needs_no_horizon() -> None:
    text = TEMPLATE.replace("horizons = [30, 60]\n", "") + OVER + 'until = { kind = "set", column = "by" }\n'
    template = templates.parse(text, "q.toml").template[0]
    assert template.horizons == ()
    assert template.until == templates.Until("set", "by")


def test_questions_that_ask_the_same_are_told_by_what_they_ask_and_not_by_their_names() -> None:
    first = templates.dated(templates.parse(FIXED, "q.toml").question[0], date(2020, 1, 5))
    same = replace(first, id="other", text="?", group="g", labels={})
    turned = replace(first, rule=replace(first.rule, where={"who": ("a", "b"), "kind": ("event",)}))
    back = replace(first, rule=replace(first.rule, where={"kind": ("event",), "who": ("b", "a")}))
    assert same.asks == first.asks
    assert turned.asks == back.asks != first.asks
    for other in (
        replace(first, closes=date(2020, 3, 2)),
        replace(first, opens=date(2020, 1, 4)),
        replace(first, rule=replace(first.rule, threshold=2.0)),
        replace(first, rule=replace(first.rule, op=">")),
        replace(first, rule=replace(first.rule, measure="sum")),
        replace(first, rule=replace(first.rule, where={"kind": ("event",), "who": Limits(without=("a",))})),
    ):
        assert other.asks != first.asks


DESK = Desk(Path(__file__).parents[1])
ENDED = {"abandoned", "dissolved", "expired"}
ADOPTED = {"sanctions_package", "sanctions_relief", "data_or_regulatory_deal"}


@pytest.mark.parametrize("as_of", [date(2019, 5, 17), date(2022, 10, 1), date(2026, 4, 1), date(2026, 6, 1)])
def test_no_question_on_mechanisms_stands_twice_and_each_asks_what_is_open(as_of: date) -> None:
    """Of each mechanism only what it has not reached is asked, and never two groups the same."""
    known = DESK.archive.as_of(as_of, ("mechanisms",))
    asked = [
        one for name in ("mechanisms", "mechanisms_further") for one in answers.unfold(DESK.questions(name), known)
    ]
    assert len(answers.distinct(asked)) == len(asked) == len({one.id for one in asked})
    happened = known.events[(known.events["event_at"] < pd.Timestamp(as_of)).to_numpy()]
    kinds = happened.groupby("entity")["kind"].agg(set)
    of = known.events.drop_duplicates("entity").set_index("entity")
    for one in asked:
        reached, mechanism = kinds[one.labels["entity"]], of.loc[one.labels["entity"], "mechanism"]
        assert not reached & ENDED
        assert not reached & set(one.rule.kinds)
        assert mechanism != "ultimatum"
        assert of.loc[one.labels["entity"], "layer"] == "core"
        if one.group in ("next-stage", "operational"):
            assert not reached & {"operational", "first_use", "goal_met"}
            assert not (mechanism in ADOPTED and "legally_established" in reached)
        if one.group in ("operational", "first-use"):
            assert mechanism not in ADOPTED
    assert {one.group for one in asked} == {"next-stage", "operational", "first-use", "exit"}
    assert all(bool(one.caveat) == (one.group == "exit") for one in asked)


def test_of_the_seed_case_each_target_is_asked_once() -> None:
    item = DESK.brief("seed-2019")
    known = DESK.archive.as_of(date(2019, 5, 17), item.sources)
    asked = {one.id: one for one in DESK.agenda(item, known).questions}
    operational, used = asked["instex-operational"], asked["instex-first-use"]
    assert set(operational.rule.kinds) - set(used.rule.kinds) == {"operational"}
    assert asked["instex-oil"].rule.where["entity"] == ("instex_oil_channel",)
    assert (asked["instex-end"].closes, set(asked["instex-end"].rule.kinds)) == (date(2021, 5, 17), ENDED)
    # Its next stage by the deadline is what instex-operational asks.
    assert [one for one in asked if one.startswith("next-stage/instex/")] == [
        f"next-stage/instex/{days}d/2019-05-17" for days in (90, 180, 365)
    ]
    assert "next-stage/instex_oil_channel/deadline/2019-05-17" in asked
    assert "is not enough" in used.text
    assert "three different targets" in operational.caveat


def test_live_follows_from_dates_and_cannot_be_set() -> None:
    made = templates.dated(templates.parse(FIXED, "q.toml").question[0], date(2020, 1, 5))

    def at(as_of: date) -> Forecast:
        return Forecast(made, as_of, 0.5, (0.4, 0.6), 0.5, (0.4, 0.6), {}, (0, 0), ())

    assert at(date(2020, 1, 1)).live
    assert not at(date(2019, 12, 31)).live
    with pytest.raises(AttributeError):
        at(date(2020, 1, 1)).live = True  # type: ignore[misc]


def test_deep_nesting_is_refused_whatever_the_parser_can_do() -> None:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)  # as some libraries do
    try:
        for depth in (51, 900):
            with pytest.raises(SpecError, match="not valid TOML"):
                toml.loads("a = " + "[" * depth + "]" * depth, "deep.toml")
    finally:
        sys.setrecursionlimit(limit)
    assert toml.loads("a = " + "[" * 20 + "]" * 20, "deep.toml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TEMPLATE.replace("horizons", "horizon"), "did you mean `horizons`"),
        (TEMPLATE.replace("{last_day}", "{lastday}"), "did you mean `last_day`"),
        (TEMPLATE + TEMPLATE, "stands twice"),
        (TEMPLATE.replace('"count"', '"cout"'), "count"),
        (TEMPLATE.replace('kind = "event"', 'entity = "x"'), "where.kind"),
        (TEMPLATE.replace("written = 2020-01-01", 'written = "soon"'), "written"),
        (FIXED.replace("closes", 'group = "g"\ncloses'), "no heading"),
        (FIXED.replace("closes = 2020-03-01\n", ""), "`question.0.closes` is missing"),
        (TEMPLATE + 'until = { kind = "set", column = "by" }\n', "needs `over`"),
        (TEMPLATE + OVER + "until = { kind = 'set', colum = 'by' }\n", "did you mean `column`"),
        (TEMPLATE.replace("horizons = [30, 60]\n", ""), "`horizons`, or `until`"),
        (TEMPLATE + 'caveats = "x"\n', "did you mean `caveat`"),
        ("x = [", "TOML"),
        ("a = 1\na = 2", "TOML"),
        ("[[question]]\n" + "a = " + "[" * 3000 + "]" * 3000, "TOML"),
        ("#" * 1_000_001, "1 MB"),
    ],
)
def test_a_wrong_question_is_refused_by_its_key(text: str, said: str) -> None:
    with pytest.raises(SpecError) as refused:
        templates.parse(text, "data/questions/q.toml")
    assert said in str(refused.value)
    assert "q.toml" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SPEC.replace("family", "familly"), "did you mean `family`"),
        (SPEC + "[sampler]\ndraw = 5", "did you mean `draws`"),
        (SPEC + "[priors]\na = [2, 1]", "low < high"),
        (SPEC + "[priors]\na = [1]", "90 % interval"),
        (SPEC + "[priors]\na = [1, 2, 3]", "90 % interval"),
        (SPEC + '[[covariates]]\nname = "x"\nwindw = 3\neffect = [1, 2]\n' + RULE, "did you mean `window`"),
        (SPEC.replace("2015-01-01", "2015-02-30"), "TOML"),
    ],
)
def test_a_wrong_spec_is_refused_by_its_key(text: str, said: str) -> None:
    with pytest.raises(SpecError) as refused:
        spec.parse(text, "models/m.toml")
    assert said in str(refused.value)


def test_all_mistakes_of_a_file_are_named_at_once() -> None:
    with pytest.raises(SpecError) as refused:
        spec.parse(SPEC.replace("title", "titel").replace("since", "sinse") + "[priors]\na = [2, 1]", "models/m.toml")
    for key in ("titel", "sinse", "priors.a", "`title` is missing"):
        assert key in refused.value.why


def test_what_a_spec_says_is_its_digest() -> None:
    same = spec.parse(SPEC + "# a remark", "models/m.toml").digest
    assert spec.parse(SPEC, "models/m.toml").digest == same
    assert spec.parse(SPEC.replace("2015", "2016"), "models/m.toml").digest != same


def test_priors_are_those_of_the_family() -> None:
    known = {"a": None, "bb": None}
    good = spec.parse(SPEC + "[priors]\na = [1, 2]\nbb = [1, 2]", "models/m.toml")
    spec.check_priors(good, known)
    for text, said in (
        ("a = [1, 2]", "`bb` is missing"),
        ("a = [1, 2]\nbb = [1, 2]\nbbb = [1, 2]", "did you mean `bb`"),
    ):
        with pytest.raises(SpecError) as refused:
            spec.check_priors(spec.parse(SPEC + "[priors]\n" + text, "models/m.toml"), known)
        assert said in str(refused.value)


def test_a_brief_is_read_and_a_wrong_one_refused() -> None:
    found = brief.parse(BRIEF, "reports/briefs/b.toml")
    assert found.domains == {"d": "D"}
    with pytest.raises(SpecError, match="cannot be accepted"):
        brief.parse(BRIEF.replace("models", "model"), "reports/briefs/b.toml")
    assert brief.parse(BRIEF.replace('"s"', '"t"'), "b").digest != found.digest


@settings(max_examples=60, deadline=None, derandomize=True)
@given(text=st.text(max_size=60), values=st.dictionaries(st.sampled_from(["name", "opens"]), st.text(max_size=10)))
def test_text_is_filled_in_and_never_interpreted(text: str, values: dict[str, str]) -> None:
    filled = templates.fill(text + "{name}{__class__}{0.__doc__}", values)
    assert filled.endswith(values.get("name", "{name}") + "{__class__}{0.__doc__}")


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    table=st.dictionaries(st.text(max_size=8), st.one_of(st.integers(), st.text(max_size=5), st.booleans()), max_size=5)
)
def test_any_table_is_accepted_or_refused_never_crashes(table: dict[str, Any]) -> None:
    with pytest.raises(SpecError):
        toml.parse(spec.Spec, table, "models/x.toml")
