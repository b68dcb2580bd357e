"""Numbers and words as a reader meets them; a word always agrees with the number as it is printed."""

import re
import tomllib
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from typing import Any, Literal

from forecast.language import dated as dated
from forecast.language import file, say, speaking, spoken
from forecast.questions import Question

UNKNOWN = "\N{REPLACEMENT CHARACTER}"
# Controls and marks that turn the direction of text would reorder what is read; renderers stumble over some.
UNWANTED = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
Vocabulary = Literal["term", "alternative"]
USUAL: Vocabulary = "term"


def visible(text: str) -> str:
    """Replace what cannot be seen, or would turn what is seen around."""
    return UNWANTED.sub(UNKNOWN, text)


def bands() -> tuple[dict[str, Any], ...]:
    """Read the table of words of the language that is spoken, lowest band first."""
    return _bands(spoken())


@cache
def _bands(language: str) -> tuple[dict[str, Any], ...]:
    with speaking(language):
        return tuple(tomllib.loads(file("words.toml"))["band"])


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
        return say("percent-less") if probability < 0.5 else say("percent-more")
    return f"{value:.1f} %" if value < 5 or value > 95 else f"{value:.0f} %"


def short(probability: float) -> str:
    """Write a probability for a table cell."""
    if _printed(probability) is None:
        return "<1 %" if probability < 0.5 else ">99 %"
    return percent(probability)


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
    return dated(when)


def iso(when: date, precision: str = "day") -> str:
    """Write a date for a table, no more precisely than it is known: 2019-05-17, 2019-05 or 2019."""
    return when.isoformat()[: {"year": 4, "month": 7}.get(precision, 10)]


def last_day(question: Question) -> str:
    """Write the last day of a question's window, and that it is the deadline of what it asks about, if so."""
    day = prose_date(question.closes - timedelta(days=1))
    return say("date-deadline", day=day) if "until" in question.labels else day


def lasted(days: int) -> str:
    """Write how long something has lasted, in years once it is two."""
    return say("lasted-days", days=days) if days < 2 * 365 else say("lasted-years", years=f"{days / 365.25:.1f}")


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


def statistic(value: float) -> str:
    """Write a statistic of a record; shares close to one need their third decimal, whole numbers none."""
    rounded = round(value, 3) + 0.0  # no minus before nought
    return f"{rounded:.3f}".replace("-", "−") if 0 < abs(rounded) < 1 else number(value)


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


def listed(items: Iterable[str], last: Literal["and", "or"] = "and") -> str:
    """Join phrases as a sentence does: a, b and c."""
    all_of = list(items)
    if len(all_of) < 2:
        return "".join(all_of)
    return say(f"listed-{last}", most=", ".join(all_of[:-1]), last=all_of[-1])


def anchor(key: str) -> str:
    """Make of a key of the data what can stand in an address."""
    return re.sub(r"[^a-z0-9]+", "-", key.lower()).strip("-")


def plain(name: str) -> str:
    """Read a key of the data as words: `us_forces` as `us forces`."""
    return name.replace("_", " ")
