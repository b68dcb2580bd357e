"""A report keeps to the rules of its language, and the checks that say so find what is planted."""

import re

import pytest

from forecast.report import words
from forecast.report.words import Vocabulary
from tests.conftest import Reported
from tests.report.linter import VOCABULARIES, in_page, in_print, violations

EVERY = [tenth / 1000 for tenth in range(1001)]
BANDS = {
    (1, 5): ("almost no chance", "remote"),
    (5, 20): ("very unlikely", "highly improbable"),
    (20, 45): ("unlikely", "improbable"),
    (45, 55): ("roughly even chance", "roughly even odds"),
    (55, 80): ("likely", "probable"),
    (80, 95): ("very likely", "highly probable"),
    (95, 99): ("almost certain", "nearly certain"),
}
PLANTED = {
    "46 % (likely)": "46 % is not `likely`",
    "5.0 % (very unlikely)": "5.0 % should be 5 %",
    "96 % (almost certain)": "96 % should be 96.0 %",
    "46.3 % (roughly even chance)": "46.3 % should be 46 %",
    "3 % (almost no chance)": "3 % should be 3.0 %",
    "95 % (almost certain)": "95 % is not `almost certain`",
    "80 % (highly probable)": "80 % is not `highly probable`",
    "An attack is very likely by 3 June 2019.": "no number beside `very likely`",
    "An attack is unlikely, at 30 %.": "no number beside `unlikely`",
    "Nearly certain: it comes.": "no number beside `nearly certain`",
    "It comes with 0 %.": "nothing is certain",
    "It comes with 100 % by 3 June 2019.": "nothing is certain",
    "It comes with 100 per cent.": "nothing is certain",
    "It comes with 100.0 % (almost certain).": "nothing is certain",
    "The interval is 0 – 12 % here.": "nothing is certain",
    "The interval is 12 – 100 % here.": "nothing is certain",
    "The interval is 2 – 12 % here.": "2 % should be 2.0 %",
    "It comes with <2 % by then.": "only <1 and >99 are bounds",
    "With high confidence it is 60 % (likely).": "likelihood and confidence",
    "It is 60 % (likely), and our confidence is low.": "likelihood and confidence",
    "2019-08-23 60 % 36 – 91 % unlikely 28 %": "60 % is not `unlikely`",
}
HARMLESS = (
    "Brent rises, at least +10 %: 48 % (roughly even chance) by 22 August 2026 and 4.3 % (almost no chance) later.",
    "A rise of at least +100 %, or a volatility of more than 40.5 %, above 100 % at most.",
    "Dots with 90 per cent intervals; lines: its 90 % interval; the 5 to 95 % range; from 0 to 10 % of it.",
    "Skill: 0.0 % [−1.2, +3.4], no skill shown; +12.5 % [+1.0, +20].",
    "Volatility, % a year, was 39.6; a factor of 1.2 to 1.5; 2 per cent a year.",
    "Of what closes first, the most likely is “x”, at 17 % (very unlikely).",
    "A crisis makes no strike more likely; darker is more probable; how likely that is, stands below.",
    "Confidence is moderate. It is 60 % (likely).",
    "less than 1 %, more than 99 %, <1 %, >99 % and <1 – 12 %",
    "2026-09-22 >99 % >99 % – 51 % – 32 of 70 (250)",
    "2026-09-22 66 % 36 – 91 % likely 28 % – 19 of 70 (54)",
    "The record reads, where it came out: no 39.6 % 0.003",
)


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_word_and_printed_number_agree_and_nothing_is_certain(vocabulary: Vocabulary) -> None:
    for probability in EVERY:
        said, printed = words.said(probability, vocabulary), words.percent(probability)
        assert printed not in ("0 %", "0.0 %", "100 %", "100.0 %")
        assert violations(f"It is {said}.") == []
        found = re.fullmatch(r"([\d.]+) % \((.+)\)", said)
        if found is None:
            assert said == ("less than 1 %" if probability < 0.5 else "more than 99 %")
            assert probability < 0.01 or probability > 0.99
            continue
        low, high = next(band for band, terms in BANDS.items() if found[2] == terms[VOCABULARIES.index(vocabulary)])
        value = float(found[1])
        # The scale's bands meet: those below even end before the next begins, those above begin after the last ends.
        assert (low <= value < high) if high <= 45 else (low <= value <= high) if low == 45 else (low < value <= high)


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_every_probability_of_a_cell_or_an_interval_is_written_by_the_rules(vocabulary: Vocabulary) -> None:
    for low, high in zip(EVERY, EVERY[7:], strict=False):
        word = words.word(low, vocabulary)
        assert violations(f"2019-06-03 {words.short(low)} {words.interval((low, high))} {word}") == []


def test_a_vocabulary_lists_its_words_and_shares_none_with_the_other() -> None:
    found = [words.terms(vocabulary) for vocabulary in VOCABULARIES]
    assert found == [tuple(column) for column in zip(*BANDS.values(), strict=True)]
    assert not set(found[0]) & set(found[1])


@pytest.mark.parametrize(("text", "problem"), PLANTED.items())
def test_a_planted_fault_is_found(text: str, problem: str) -> None:
    assert any(found.startswith(problem) for found in violations(text))


@pytest.mark.parametrize("text", HARMLESS)
def test_there_is_no_false_alarm(text: str) -> None:
    assert violations(text) == []


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("<p>As of 2019-05-17.</p>", "a date of prose"),
        ("<p>As of May 17, 2019.</p>", "a date of prose"),
        ("<ul><li>Through 17th May 2019.</li></ul>", "a date of prose"),
        ("<table><tbody><tr><th>x</th><td>17 May 2019</td></tr></tbody></table>", "a date of a table"),
        ("<table><tbody><tr><th>x</th><td>46 %</td><td>likely</td></tr></tbody></table>", "46 % is not `likely`"),
        ("<table><tbody><tr><th>x</th><td>likely</td></tr></tbody></table>", "no number beside `likely`"),
        ("<table><tbody><tr><th>x</th><td>0 %</td></tr></tbody></table>", "nothing is certain"),
        ("<p>46 % (roughly even chance) and 60 % (probable)</p>", "words of both vocabularies"),
    ],
)
def test_a_planted_fault_is_found_in_a_page(body: str, problem: str) -> None:
    assert [found.startswith(problem) for found in in_page(f"<html><body>{body}</body></html>")] == [True]


@pytest.mark.parametrize(
    "body",
    [
        "<p>As of 17 May 2019, of x/30d/2019-05-17.</p><pre>forecast run --as-of 2019-05-17</pre>",
        "<table><tbody><tr><th>by 17 May 2019: x</th><td>2019-05-17</td><td>likely to come</td></tr></tbody></table>",
    ],
)
def test_dates_that_stand_as_they_should_are_let_be(body: str) -> None:
    assert in_page(f"<html><body>{body}</body></html>") == []


def test_a_report_keeps_to_the_rules_on_words_and_numbers(reported: Reported) -> None:
    (page,) = reported.desk.glob("reports/quick/*/report.html")
    assert [found for found in in_page(page.read_bytes()) if not found.startswith("a date of")] == []
    assert in_print(page.with_suffix(".pdf").read_bytes()) == []


def test_a_report_keeps_to_the_rules_on_dates(reported: Reported) -> None:
    (page,) = reported.desk.glob("reports/quick/*/report.html")
    assert in_page(page.read_bytes()) == []


def test_what_is_planted_in_a_report_is_found(reported: Reported) -> None:
    (page,) = reported.desk.glob("reports/quick/*/report.html")
    text = page.read_text(encoding="utf-8")
    known = in_page(text)
    found = re.search(r"([\d.]+) % \((\w[\w ]+)\)", text)
    assert found is not None
    for fault in (f"{found[1]} % (almost certain)", found[2], f"100 % ({found[2]})", f"{found[0]} with low confidence"):
        assert len(in_page(text.replace(found[0], fault, 1))) > len(known)
