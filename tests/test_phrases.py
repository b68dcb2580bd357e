"""Lines as people type them: each is read as one rule and one window, or refused with the word that cannot be read."""

import shlex
from datetime import date, timedelta
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast import phrases
from forecast.conditions import Limits
from forecast.errors import UsageError
from forecast.questions import Question
from forecast.rules import OPERATORS, Measure, Rule
from forecast.suppose import Supposed
from tests.worlds import AS_OF

LAST = date(2020, 2, 29)
ASKED = [
    Question(name, "?", Rule("count", {"kind": ("flood",)}), AS_OF, LAST, 10, AS_OF, AS_OF, "flood", "d")
    for name in ("flood-east/30d/2020-01-01", "dam-opens")
]
FLOOD = {"kind": ("flood",)}


def read(text: str) -> tuple[Rule, date, date]:
    """Read a question, and give the last day in place of the half-open end."""
    found = phrases.question(text, AS_OF)
    return found.rule, found.opens, found.closes - timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("flood", Rule("count", FLOOD)),
        ("flood,drought", Rule("count", {"kind": ("flood", "drought")})),
        ("count flood > 2", Rule("count", FLOOD, ">", 2)),
        ("flood river=east", Rule("count", {**FLOOD, "river": ("east",)})),
        ("flood river=east,west <= 0", Rule("count", {**FLOOD, "river": ("east", "west")}, "<=", 0)),
        ("flood river!=east,west", Rule("count", {**FLOOD, "river": Limits(without=("east", "west"))})),
        ("flood dam=", Rule("count", {**FLOOD, "dam": ("",)})),
        ("flood value>=30", Rule("count", {**FLOOD, "value": Limits(low=30)})),
        ("flood value>=30 value<50", Rule("count", {**FLOOD, "value": Limits(low=30, high=50)})),
        ("flood value<50 value>=0", Rule("count", {**FLOOD, "value": Limits(low=0, high=50)})),
        ("flood level!=7 level>=3", Rule("count", {**FLOOD, "level": Limits(without=("7",), low=3)})),
        ("sum flood >= 1,000", Rule("sum", FLOOD, ">=", 1000)),
        ("sum flood >= 1,250,000.5", Rule("sum", FLOOD, ">=", 1250000.5)),
        ("fall price entity=wheat <= -0.05", Rule("fall", {"kind": ("price",), "entity": ("wheat",)}, "<=", -0.05)),
        ("standing flood lasts=days >= 100", Rule("standing", FLOOD, ">=", 100, "days")),
        ("flood 'river=the east'", Rule("count", {**FLOOD, "river": ("the east",)})),
    ],
)
def test_a_line_is_one_rule(text: str, rule: Rule) -> None:
    assert read(f"{text} in 30 days") == (rule, AS_OF, AS_OF + timedelta(days=29))


@pytest.mark.parametrize(
    ("when", "opens", "last"),
    [
        ("in 1 day", AS_OF, AS_OF),
        ("in 60 days", AS_OF, LAST),
        ("by 2020-02-29", AS_OF, LAST),
        ("from 2020-02-01 to 2020-02-29", date(2020, 2, 1), LAST),
        ("from 2019-11-01 to 2020-01-01", date(2019, 11, 1), AS_OF),
        ("from 2020-02-29 to 2020-02-29", LAST, LAST),
    ],
)
def test_a_line_ends_with_its_window_and_the_last_day_is_in_it(when: str, opens: date, last: date) -> None:
    assert read(f"flood {when}") == (Rule("count", FLOOD), opens, last)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("flood", "neither the id of a question nor a question"),
        ("", "neither the id of a question nor a question"),
        ("flood soon enough", "does not say when"),
        ("flood in two days", "`two` is not a number of days"),
        ("flood in -2 days", "`-2` is not a number of days"),
        ("flood in 0 days", "2019-12-31, lies before its first, 2020-01-01"),
        ("flood in 99999999999 days", "`99999999999` is not a number of days"),
        ("flood in 99999 days", "2293-10-14, is more than a century away"),
        ("flood by 9999-12-31", "9999-12-31, is more than a century away"),
        ("flood by 2019-12-31", "2019-12-31, lies before its first, 2020-01-01"),
        ("flood by 30/01/2020", "`30/01/2020` is not a date"),
        ("flood by 2020-02-30", "`2020-02-30` is not a date"),
        ("flood from tomorrow to 2020-02-01", "`tomorrow` is not a date"),
        ("flood from 2020-02-01 to 2020-01-31", "2020-01-31, lies before its first, 2020-02-01"),
        ("flood from 2019-01-01 to 2019-12-31", "2019-12-31, is past on 2020-01-01"),
        ("count in 30 days", "does not name a kind"),
        ("flood east in 30 days", "`east` is not a condition"),
        ("flood value>30 in 30 days", "`value>30` is not a condition"),
        ("flood >=3 in 30 days", "`>=3` is not a condition"),
        ("flood value>=much in 30 days", "`much` is not a number"),
        ("flood value>=nan in 30 days", "`nan` is not a number"),
        ("flood >= inf in 30 days", "`inf` is not a number"),
        ("rise price >= 0,1 in 30 days", "`0,1` is not a number"),
        ("sum flood >= 1,00 in 30 days", "`1,00` is not a number"),
        ("flood > many in 30 days", "`many` is not a number"),
        ("flood river=east river=west in 30 days", "`river=west` says again"),
        ("flood river=east river!=west in 30 days", "`river!=west` says again"),
        ("flood value>=3 value>=4 in 30 days", "`value>=4` says again"),
        ("flood value>=0 value>=4 in 30 days", "`value>=4` says again"),
        ("flood kind=drought in 30 days", "`kind=drought` says again"),
        ("flood lasts=days in 30 days", "`standing`"),
        ("standing flood in 30 days", "`lasts`"),
        ("flood 'river=east in 30 days", "quotation mark"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused_with_the_word(text: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        phrases.question(text, AS_OF)
    assert said in str(refused.value)


def test_a_question_of_the_brief_is_found_by_its_id_with_the_date_or_without() -> None:
    east, opens = ASKED
    for text, meant in ((east.id, east), ("flood-east/30d", east), ("dam-opens", opens)):
        assert phrases.question(text, AS_OF, ASKED) is meant
    with pytest.raises(UsageError, match="neither the id") as refused:
        phrases.question("flood-eest/30d", AS_OF, ASKED)
    assert "did you mean `flood-east/30d`" in refused.value.hint
    with pytest.raises(UsageError, match="neither the id"):
        phrases.question("flood-east/30d", AS_OF + timedelta(days=1), ASKED)  # the id bears another day


def test_not_denies_a_condition_and_is_no_part_of_its_question() -> None:
    for text in ("flood-east/30d", "flood river=east in 30 days"):
        plain, denied = (phrases.given(line, AS_OF, ASKED) for line in (text, f"not {text}"))
        assert plain.question == denied.question
        assert (plain.holds, denied.holds) == (True, False)
        assert (plain.text, denied.text) == (text, f"not {text}")
    with pytest.raises(UsageError, match="neither the id"):
        phrases.given("not", AS_OF, ASKED)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("flood on 2020-01-09", Supposed("flood", date(2020, 1, 9))),
        ("flood in 0 days", Supposed("flood", AS_OF)),
        ("flood in 8 days", Supposed("flood", date(2020, 1, 9))),
        (
            "flood entity=town value=2.5 river=east on 2020-01-09",
            Supposed("flood", date(2020, 1, 9), "town", 2.5, {"river": "east"}),
        ),
        ("flood 'entity=old town' on 2020-01-09", Supposed("flood", date(2020, 1, 9), "old town")),
        ("flood 'name=x = y' on 2020-01-09", Supposed("flood", date(2020, 1, 9), columns={"name": "x = y"})),
    ],
)
def test_a_supposition_is_one_event(text: str, found: Supposed) -> None:
    assert phrases.supposed(text, AS_OF) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("flood", "ends with the day"),
        ("on 2020-01-09", "ends with the day"),
        ("flood on", "ends with the day"),
        ("flood 2020-01-09", "ends with the day"),
        ("flood on monday", "`monday` is not a date"),
        ("flood in many days", "`many` is not a number of days"),
        ("flood in 99999999999 days", "`99999999999` is not a number of days"),
        ("flood east on 2020-01-09", "`east` is not column=value"),
        ("flood =east on 2020-01-09", "`=east` is not column=value"),
        ("flood value=much on 2020-01-09", "`much` is not a number"),
        ("flood value=nan on 2020-01-09", "`nan` is not a number"),
        ("flood river=east river=west on 2020-01-09", "`river=west` says again"),
        ("flood 'river=east on 2020-01-09", "quotation mark"),
    ],
)
def test_a_supposition_that_cannot_be_read_is_refused_with_the_word(text: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        phrases.supposed(text, AS_OF)
    assert said in str(refused.value)


NUMBERS = st.floats(-1e9, 1e9, allow_nan=False)
WORDS = st.lists(st.text("ab é'\"\\-*1", max_size=4), min_size=1, max_size=3).map(tuple)
CELLS = st.one_of(
    WORDS,
    st.builds(Limits, st.one_of(st.just(()), WORDS), st.one_of(st.none(), NUMBERS), st.one_of(st.none(), NUMBERS)),
).filter(lambda cell: cell != Limits())
MEASURES = [measure for measure in get_args(Measure) if measure != "standing"]


def written(rule: Rule, opens: date, last: date) -> str:
    """Write a question down as a line."""
    words = [rule.measure, ",".join(rule.kinds)]
    for column, cell in rule.where.items():
        if isinstance(cell, Limits):
            words += [f"{column}!={','.join(map(str, cell.without))}"] if cell.without else []
            words += [f"{column}>={cell.low!r}"] if cell.low is not None else []
            words += [f"{column}<{cell.high!r}"] if cell.high is not None else []
        elif column != "kind":
            words.append(f"{column}={','.join(map(str, cell))}")
    return shlex.join([*words, rule.op, repr(rule.threshold), "from", str(opens), "to", str(last)])


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    measure=st.sampled_from(MEASURES),
    kinds=st.lists(st.sampled_from(["flood", "drought", "count", "not"]), min_size=1, max_size=2).map(tuple),
    cells=st.dictionaries(st.sampled_from(["river", "value", "entity", "on"]), CELLS, max_size=3),
    op=st.sampled_from(list(OPERATORS)),
    threshold=NUMBERS,
    first=st.integers(-40, 400),
    days=st.integers(0, 400),
)
def test_a_question_that_is_written_down_is_read_as_it_was(measure, kinds, cells, op, threshold, first, days) -> None:
    rule = Rule(measure, {"kind": kinds, **cells}, op, threshold)
    opens = AS_OF + timedelta(days=first)
    last = max(AS_OF, opens) + timedelta(days=days)
    assert read(written(rule, opens, last)) == (rule, opens, last)
