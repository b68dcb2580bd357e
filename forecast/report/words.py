"""Numbers and words as a reader meets them; a word always agrees with the number as it is printed."""

import re
import tomllib
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from forecast.questions import Question

UNKNOWN = "\N{REPLACEMENT CHARACTER}"
# Controls and marks that turn the direction of text would reorder what is read; renderers stumble over some.
UNWANTED = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
LESS, MORE = "less than 1 %", "more than 99 %"
Vocabulary = Literal["term", "alternative"]
USUAL: Vocabulary = "term"


def visible(text: str) -> str:
    """Replace what cannot be seen, or would turn what is seen around."""
    return UNWANTED.sub(UNKNOWN, text)


@cache
def bands() -> tuple[dict[str, Any], ...]:
    """Read the table of words, lowest band first."""
    text = files("forecast.report").joinpath("words.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)["band"])


def terms(vocabulary: Vocabulary = USUAL) -> tuple[str, ...]:
    """List the words of a vocabulary, lowest band first."""
    return tuple(str(band[vocabulary]) for band in bands())


def _printed(probability: float) -> float | None:
    """Round a probability to the per cent that is printed; None outside 1 to 99."""
    value = 100 * probability
    if value < 1 or value > 99:
        return None
    whole = float(round(value))
    return whole if 5 <= value <= 95 else round(value, 1)


def percent(probability: float) -> str:
    """Write a probability: whole per cent from 5 to 95, one decimal outside, never 0 % or 100 %."""
    value = _printed(probability)
    if value is None:
        return LESS if probability < 0.5 else MORE
    return f"{value:.1f} %" if value < 5 or value > 95 else f"{value:.0f} %"


def short(probability: float) -> str:
    """Write a probability for a table cell."""
    return {LESS: "<1 %", MORE: ">99 %"}.get(percent(probability), percent(probability))


def beside(probability: float, baseline: float | None) -> str:
    """Write a probability for a table cell, with its base rate in brackets."""
    return short(probability) if baseline is None else f"{short(probability)} ({short(baseline)})"


def change(share: float) -> str:
    """Write a change as a signed per cent, with a minus sign that is as wide as the plus."""
    return f"{100 * share:+.3g} %".replace("-", "−")


def points(difference: float) -> str:
    """Write a difference of probabilities in percentage points, with a minus sign that is as wide as the plus."""
    size = round(100 * difference, 1) + 0.0  # no minus before nought
    return "0.0" if size == 0 else (f"{size:+.1f}" if abs(size) < 10 else f"{size:+.0f}").replace("-", "−")


def interval(bounds: tuple[float, float]) -> str:
    """Write an interval of probabilities for a table cell."""
    low, high = (short(bound) for bound in bounds)
    return low if low == high else f"{low.removesuffix(' %')} – {high}"


def word(probability: float, vocabulary: Vocabulary = USUAL) -> str:
    """Say a probability in a word of one vocabulary; none below 1 and above 99 per cent."""
    value = _printed(probability)
    if value is None:
        return ""
    fitting = [band for band in bands() if value > band["from"] or (band["opens"] and value == band["from"])]
    return str(fitting[-1][vocabulary])


def said(probability: float, vocabulary: Vocabulary = USUAL) -> str:
    """Write a probability for prose, with its word of one vocabulary beside it."""
    term = word(probability, vocabulary)
    return f"{percent(probability)} ({term})" if term else percent(probability)


def prose_date(when: date) -> str:
    """Write a date as 17 May 2019."""
    return f"{when.day} {when:%B %Y}"


def dated(when: date, precision: str = "day", brief: bool = False) -> str:
    """Write a date no more precisely than it is known: 17 May 2019, May 2019 or 2019; in brief, 17 Sep 2019."""
    month = f"{when:%b}" if brief else f"{when:%B}"
    return {"year": f"{when:%Y}", "month": f"{month} {when:%Y}"}.get(precision, f"{when.day} {month} {when:%Y}")


def iso(when: date, precision: str = "day") -> str:
    """Write a date for a table, no more precisely than it is known: 2019-05-17, 2019-05 or 2019."""
    return when.isoformat()[: {"year": 4, "month": 7}.get(precision, 10)]


def last_day(question: Question) -> str:
    """Write the last day of a question's window, and that it is the deadline of what it asks about, if so."""
    day = prose_date(question.closes - timedelta(days=1))
    return f"its deadline, {day}" if "until" in question.labels else day


def lasted(days: int) -> str:
    """Write how long something has lasted, in years once it is two."""
    if days < 2 * 365:
        return f"{days:,} day{'' if days == 1 else 's'}"
    return f"{days / 365.25:.1f} years"


def shortened(name: str, most: int = 42) -> str:
    """Cut a long name at its first bracket or comma, and then at a word."""
    if len(name) <= most:
        return name
    head = re.split(r" \(|, ", name)[0]
    return head if len(head) <= most else head[:most].rsplit(" ", 1)[0] + " …"


def called(names: Iterable[str], most: int = 42) -> dict[str, str]:
    """Shorten names, except those that would be the same then."""
    every = list(dict.fromkeys(names))
    short = [shortened(name, most) for name in every]
    return {name: cut if short.count(cut) == 1 else name for name, cut in zip(every, short, strict=True)}


def number(value: float) -> str:
    """Write a number with as many digits as it is worth."""
    return _digits(value).replace("-", "−")


def estimate(value: float, unit: str) -> str:
    """Write an estimate; near one, a hundredth of a factor tells more from less."""
    return f"{value:.2f}" if unit == "factor" and 0.1 <= value < 10 else number(value)


def span(interval: tuple[float, float], unit: str) -> str:
    """Write an interval of an estimate."""
    return " – ".join(estimate(end, unit) for end in interval)


def middle(found: tuple[float, float, float], unit: str) -> str:
    """Write a median between the ends of its interval."""
    low, median, high = (estimate(value, unit) for value in found)
    return f"{median} [{low} – {high}]"


def _digits(value: float) -> str:
    if value == 0 or abs(value) >= 1000:
        return f"{value:,.0f}"
    if abs(value) >= 100:
        return f"{value:.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}".removesuffix(".0")
    text = f"{value:.2g}"
    return f"{value:.5f}".rstrip("0") if "e" in text else text


def listed(items: Iterable[str], last: str = "and") -> str:
    """Join phrases as a sentence does: a, b and c."""
    all_of = list(items)
    if len(all_of) < 2:
        return "".join(all_of)
    return f"{', '.join(all_of[:-1])} {last} {all_of[-1]}"


def anchor(key: str) -> str:
    """Make of a key of the data what can stand in an address."""
    return re.sub(r"[^a-z0-9]+", "-", key.lower()).strip("-")


def plain(name: str) -> str:
    """Read a key of the data as words: `us_forces` as `us forces`."""
    return name.replace("_", " ")
