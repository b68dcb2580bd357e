"""Numbers and words: a word agrees with the number as printed, whatever the probability."""

import re
from datetime import date

import pytest

from forecast.report import words

EVERY = [tenth / 1000 for tenth in range(1001)]
BANDS = {
    "almost no chance": (1, 5),
    "very unlikely": (5, 20),
    "unlikely": (20, 45),
    "roughly even chance": (45, 55),
    "likely": (55, 80),
    "very likely": (80, 95),
    "almost certain": (95, 99),
}


@pytest.mark.parametrize("probability", [*EVERY, 1e-9, 0.00999, 0.01, 0.0496, 0.196, 0.555, 0.9449, 0.99, 0.990001])
def test_the_word_stands_in_the_band_of_the_printed_number(probability: float) -> None:
    printed, word = words.percent(probability), words.word(probability)
    number = re.fullmatch(r"(\d+(?:\.\d)?) %", printed)
    if number is None:
        assert printed in ("less than 1 %", "more than 99 %")
        assert word == ""
        return
    value = float(number[1])
    low, high = BANDS[word]
    assert low <= value <= high
    assert 0 < value < 100
    if word in ("almost no chance", "very unlikely", "unlikely"):
        assert value < high  # these bands end before the next begins
    if word in ("likely", "very likely", "almost certain"):
        assert value > low


def test_words_rise_with_the_probability() -> None:
    order = [band["term"] for band in words.bands()]
    seen = [order.index(words.word(probability)) for probability in EVERY if words.word(probability)]
    assert seen == sorted(seen)
    assert set(seen) == set(range(len(order)))


def test_no_probability_is_printed_as_nought_or_a_hundred() -> None:
    for probability in EVERY:
        assert words.percent(probability) not in ("0 %", "100 %", "0.0 %", "100.0 %")
        assert words.short(probability) not in ("0 %", "100 %", "0.0 %", "100.0 %")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (1234.5, "1,234"),
        (123.4, "123"),
        (80.4, "80.4"),
        (73.0, "73"),
        (0.861, "0.86"),
        (0.00041, "0.00041"),
        (1.0, "1"),
    ],
)
def test_numbers_have_as_many_digits_as_they_are_worth(value: float, written: str) -> None:
    assert words.number(value) == written


def test_dates_and_lists_read_like_prose() -> None:
    assert words.prose_date(date(2019, 5, 7)) == "7 May 2019"
    assert words.listed([]) == ""
    assert words.listed(["a"]) == "a"
    assert words.listed(["a", "b", "c"]) == "a, b and c"
    assert words.interval((0.001, 0.034)) == "<1 – 3.4 %"


@pytest.mark.parametrize(("share", "written"), [(0.1, "+10 %"), (-0.05, "−5 %"), (0.125, "+12.5 %"), (2.0, "+200 %")])
def test_changes_have_a_sign(share: float, written: str) -> None:
    assert words.change(share) == written
