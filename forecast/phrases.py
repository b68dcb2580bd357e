"""Questions and suppositions in a line, as people type them and briefs hold them.

A question is the id of one that the brief asks, or

    [measure] kind[,kind] [column=value[,value]] [column!=value] [value>=number] [op number] when

where `when` is `in N days`, `by DATE` or `from DATE to DATE`, the last day included; without a measure events are
counted, and without a comparison there must be one at least: `flood river=east,west value>=30 in 60 days`,
`rise price entity=wheat >= 0.1 by 2019-07-16`. As a condition it may begin with `not`. A supposition is

    kind [entity=where] [value=number] [column=value] on DATE

or `in N days`, which is N days after the as-of day.
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import get_args

from forecast.errors import UsageError, look_alike
from forecast.questions import Question
from forecast.rules import OPERATORS, Limits, Measure, Rule, Scalar
from forecast.suppose import Supposed

SIGNS = ("!=", ">=", "<", "=")
WHENS = "`in N days`, `by DATE` or `from DATE to DATE`"
SUPPOSED = "`kind column=value on DATE`, or `in N days`"
NOT = "not"


@dataclass(frozen=True)
class Given:
    """A condition on futures: a question, and whether its answer is yes.

    Parameters
    ----------
    question : Question
    holds : bool
    text : str
        As it was written.
    """

    question: Question
    holds: bool
    text: str


def given(text: str, as_of: date, asked: Sequence[Question]) -> Given:
    """Read a condition; the arguments are those of `question`."""
    words = text.split(maxsplit=1)
    denied = len(words) == 2 and words[0] == NOT
    return Given(question(words[1] if denied else text, as_of, asked), not denied, text)


def question(text: str, as_of: date, asked: Sequence[Question] = ()) -> Question:
    """Read a question.

    Parameters
    ----------
    text : str
    as_of : date
        The day on which it opens, unless it says another.
    asked : sequence of Question
        Questions that may be named by their ids; the date at the end may be left out.

    Raises
    ------
    UsageError
        Naming the word that cannot be read.
    """
    named = {one.id: one for one in asked} | {one.id.removesuffix(f"/{as_of}"): one for one in asked}
    if text in named:
        return named[text]
    words = _words(text)
    if len(words) < 2:
        hint = f"{look_alike(text, named)} Or write a kind of event, what is so of it, and {WHENS}"
        raise UsageError(f"`{text}` is neither the id of a question nor a question", hint=hint)
    words, opens, closes = _when(words, as_of, text)
    rule = _rule(words, text)
    return Question(
        id=text,
        text=text,
        rule=rule,
        opens=opens,
        closes=closes,
        settle_days=10,
        written=as_of,
        seen=as_of,
        group="asked",
        domain="asked",
        labels={"threshold": rule.threshold, "horizon": (closes - opens).days},
    )


def supposed(text: str, as_of: date) -> Supposed:
    """Read a supposition.

    Raises
    ------
    UsageError
        Naming the word that cannot be read.
    """
    match _words(text):
        case [kind, *cells, "in", days, "days" | "day"] if days.isdecimal():
            at = as_of + timedelta(days=int(days))
        case [kind, *cells, "on", on]:
            at = _day(on, text)
        case _:
            raise _unread(text, "a supposition ends with the day on which it comes", f"write {SUPPOSED}")
    columns: dict[str, str] = {}
    for word in cells:
        column, sign, value = word.partition("=")
        if not sign:
            raise _unread(text, f"`{word}` is not column=value", f"write {SUPPOSED}")
        columns[column] = value
    entity, value = columns.pop("entity", ""), columns.pop("value", "1")
    return Supposed(kind, at, entity, _number(value, text), columns)


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        raise _unread(text, "a quotation mark is not closed", "close it") from None


def _when(words: list[str], as_of: date, text: str) -> tuple[list[str], date, date]:
    """Take the window off the end of a question."""
    match words:
        case [*rest, "in", days, "days" | "day"] if days.isdecimal() and int(days) > 0:
            return rest, as_of, as_of + timedelta(days=int(days))
        case [*rest, "from", first, "to", last]:
            opens, closes = _day(first, text), _day(last, text) + timedelta(days=1)
        case [*rest, "by", last]:
            opens, closes = as_of, _day(last, text) + timedelta(days=1)
        case _:
            raise _unread(text, "it does not say when", f"end it with {WHENS}")
    if opens >= closes:
        raise _unread(text, f"its last day lies before its first, {opens}", "let it end later")
    return rest, opens, closes


def _rule(words: list[str], text: str) -> Rule:
    measure: Measure = "count"
    if words and words[0] in get_args(Measure):
        measure = words.pop(0)  # type: ignore[assignment]
    if not words:
        raise _unread(text, "it does not name a kind of event", "write the kind after the measure")
    where: dict[str, tuple[Scalar, ...] | Limits] = {"kind": tuple(words.pop(0).split(","))}
    op, threshold = ">=", 1.0
    if len(words) > 1 and words[-2] in OPERATORS:
        op, threshold = words[-2], _number(words[-1], text)
        words = words[:-2]
    lasts = ""
    for word in words:
        column, sign, value = next((word.partition(sign) for sign in SIGNS if sign in word), (word, "", ""))
        if not sign:
            hint = "write column=value, or a comparison such as `>= 3` with spaces around it before the window"
            raise _unread(text, f"`{word}` is not a condition", hint)
        if column == "lasts":
            lasts = value
        elif sign == "=":
            where[column] = tuple(value.split(","))
        elif sign == "!=":
            where[column] = Limits(without=tuple(value.split(",")))
        else:
            number, old = _number(value, text), where.get(column, Limits())
            low, high = (old.low, old.high) if isinstance(old, Limits) else (None, None)
            where[column] = Limits(low=number if sign == ">=" else low, high=number if sign == "<" else high)
    try:
        return Rule(measure, where, op, threshold, lasts)  # type: ignore[arg-type]
    except ValueError as problem:
        raise _unread(text, str(problem), "") from None


def _day(text: str, whole: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _unread(whole, f"`{text}` is not a date", "write it as 2019-07-16") from None


def _number(text: str, whole: str) -> float:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        raise _unread(whole, f"`{text}` is not a number", "write it as 0.1 or 500") from None


def _unread(text: str, why: str, hint: str) -> UsageError:
    return UsageError("this cannot be read", f"`{text}`", why, hint)
