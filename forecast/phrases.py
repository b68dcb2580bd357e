"""Questions and suppositions in a line, as people type them and briefs hold them.

A question is the id of one that the brief asks, or

    [measure] kind[,kind] [column=value[,value]] [column!=value] [value>=number] [op number] when

where `when` is `in N days`, `by DATE` or `from DATE to DATE`, the last day included; without a measure events are
counted, and without a comparison there must be one at least: `flood river=east,west value>=30 in 60 days`,
`rise price entity=wheat >= 0.1 by 2019-07-16`. As a condition it may begin with `not`. A supposition is

    kind [entity=where] [value=number] [column=value] on DATE

or `in N days`, which is N days after the as-of day.
"""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import isfinite
from typing import get_args

from forecast.conditions import Limits, Scalar
from forecast.errors import UsageError, look_alike
from forecast.questions import Question
from forecast.rules import OPERATORS, Measure, Rule
from forecast.suppose import Supposed

SIGNS = {"!=": "without", ">=": "low", "<": "high", "=": ""}  # and what each sets of `Limits`
FARTHEST = timedelta(days=36_525)
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
        case [kind, *cells, "in", days, "days" | "day"]:
            at = _in(days, as_of, text)
        case [kind, *cells, "on", on]:
            at = _day(on, text)
        case _:
            raise _unread(text, "a supposition ends with the day on which it comes", f"write {SUPPOSED}")
    columns: dict[str, str] = {}
    for word in cells:
        column, sign, value = word.partition("=")
        if not sign or not column:
            raise _unread(text, f"`{word}` is not column=value", f"write {SUPPOSED}")
        if column in columns:
            raise _unread(text, f"`{word}` says again what is said already", "say it once, or suppose two events")
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
        case [*rest, "in", days, "days" | "day"]:
            opens, last = as_of, _in(days, as_of, text) - timedelta(days=1)
        case [*rest, "from", first, "to", end]:
            opens, last = _day(first, text), _day(end, text)
        case [*rest, "by", end]:
            opens, last = as_of, _day(end, text)
        case _:
            raise _unread(text, "it does not say when", f"end it with {WHENS}")
    if last < opens:
        raise _unread(text, f"its last day, {last}, lies before its first, {opens}", "let it end later")
    if last < as_of:
        raise _unread(text, f"its last day, {last}, is past on {as_of}", "ask about days to come")
    if last - as_of > FARTHEST:
        raise _unread(text, f"its last day, {last}, is more than a century away", "let it end earlier")
    return rest, opens, last + timedelta(days=1)


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
        if not sign or not column:
            hint = "write column=value, or a comparison such as `>= 3` with spaces around it before the window"
            raise _unread(text, f"`{word}` is not a condition", hint)
        if column == "lasts" and sign == "=" and not lasts:
            lasts = value
        else:
            where[column] = _cell(sign, value, where.get(column), word, text)
    try:
        return Rule(measure, where, op, threshold, lasts)  # type: ignore[arg-type]
    except ValueError as problem:
        raise _unread(text, str(problem), "") from None


def _cell(
    sign: str, value: str, before: tuple[Scalar, ...] | Limits | None, word: str, text: str
) -> tuple[Scalar, ...] | Limits:
    """Read what a column must be; of one column, only different limits can stand beside each other."""
    limit = SIGNS[sign]
    if before is not None and not (limit and isinstance(before, Limits) and getattr(before, limit) in (None, ())):
        raise _unread(text, f"`{word}` says again what is said already", "write all values in one: column=this,that")
    if not limit:
        return tuple(value.split(","))
    found = tuple(value.split(",")) if limit == "without" else _number(value, text)
    return replace(before if isinstance(before, Limits) else Limits(), **{limit: found})  # type: ignore[arg-type]


def _in(days: str, as_of: date, whole: str) -> date:
    if not re.fullmatch(r"\d{1,6}", days):
        raise _unread(whole, f"`{days}` is not a number of days", "write it as in 60 days")
    return as_of + timedelta(days=int(days))


def _day(text: str, whole: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _unread(whole, f"`{text}` is not a date", "write it as 2019-07-16") from None


def _number(text: str, whole: str) -> float:
    plain = text.replace(",", "") if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", text) else text
    try:
        found = float(plain)
    except ValueError:
        found = float("nan")
    if not isfinite(found):
        raise _unread(whole, f"`{text}` is not a number", "write it as 0.1 or 500")
    return found


def _unread(text: str, why: str, hint: str) -> UsageError:
    return UsageError("this cannot be read", f"`{text}`", why, hint)
