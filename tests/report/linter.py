"""The rules of a report's language, as checks on what a reader gets: the text of the page and of the print.

A probability is a number with `%` that is no change (+5 %), no threshold (above 40 %), no skill (0.0 % [−1.2, +3.4]),
not what the record read (after yes or no), and does not name an interval (90 % interval). A likelihood word is one of
the two vocabularies, unless it compares (more likely). A cell of a table is read if it is a probability, an interval, a
word or a date and nothing else: longer texts may have come from data.
"""

import io
import re
from collections.abc import Iterator

import pypdf
from lxml import html

from forecast.report import words

VOCABULARIES: tuple[words.Vocabulary, ...] = ("term", "alternative")
WORDS = {term: vocabulary for vocabulary in VOCABULARIES for term in words.terms(vocabulary)}
# Longest first, or `very likely` would be read as `likely`.
WORD = re.compile(rf"\b(?:{'|'.join(sorted(WORDS, key=len, reverse=True))})\b", re.IGNORECASE)
COMPARED = re.compile(r"\b(?:more|most|less|least|as|so|how|equally) $", re.IGNORECASE)
# A probability, then its interval or nothing, then the word: in brackets in prose, in a cell of its own in a table.
BESIDE = re.compile(r"(?<![\d.,+−])(\d+(?:\.\d+)?) %(?: (?:[<>]?[\d.]+ – )?[<>]?[\d.]+ %)? \(?$")
CONFIDENCE = re.compile(
    r"\b(?:low|moderate|high)\w* confidence\b|\bconfidence\b[^.]{0,40}\b(?:low|moderate|high)\b", re.IGNORECASE
)
SENTENCE = re.compile(r"(?<=[.!?]) ")

NUMBER = re.compile(r"(?<![\d.,])([<>]?)(\d+(?:\.\d+)?)(?: %| per cent\b)")
LOW_END = re.compile(r"(?<![\d.,+−])([<>]?)(\d+(?:\.\d+)?) – [<>]?[\d.]+ %")
CAME_OUT = ("yes", "no")
OTHER_THING = re.compile(rf"(?:[+−]|\b(?:above|below|at least|at most|more than|less than|{'|'.join(CAME_OUT)}) )$")
OTHER_THING_AFTER = re.compile(r" (?:intervals?|range|a year)\b| \[")
CELL = re.compile(r"(?:[<>]?[\d.]+ – )?[<>]?[\d.]+ %")

MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
ISO = re.compile(r"(?<![/\d-])\d{4}-\d\d-\d\d")  # after a slash it is part of an id
FOREIGN = re.compile(
    rf"\b(?:{MONTHS}) \d\d?, \d{{4}}|\b\d\d?(?:st|nd|rd|th) (?:{MONTHS})\b|\b\d\d?[/.]\d\d?[/.]\d{{4}}"
)
DATE_CELL = re.compile(rf"(?:(?:by|from|on|since) )?\d\d? (?:{MONTHS}) \d{{4}}")


def violations(text: str) -> list[str]:
    """Find what breaks the rules on words and numbers in running text."""
    text = re.sub(r"\s+", " ", text)
    return [*_words(text), *_confidence(text), *_numbers(text)]


def in_page(page: bytes | str) -> list[str]:
    """Find what breaks the rules in the text of a page, those on dates among them."""
    tree = html.fromstring(page)
    for element in tree.xpath("//script | //style | //pre | //*[contains(@class, 'drawing')]"):
        element.drop_tree()
    prose = [_text(one) for one in tree.xpath("//p | //li | //h1 | //h2 | //h3 | //figcaption | //caption")]
    rows = [[_text(cell) for cell in row.xpath("th | td")] for row in tree.xpath("//tbody/tr")]
    found = [problem for text in prose for problem in (*violations(text), *_dates(text))]
    found += [problem for row in rows for problem in _row(row)]
    return found + _both(" ".join([*prose, *(cell for row in rows for cell in row if cell in WORDS)]))


def in_print(pdf: bytes) -> list[str]:
    """Find what breaks the rules on words and numbers in the text of a PDF."""
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    return [*violations(text), *_both(text)]


def _text(element: html.HtmlElement) -> str:
    return re.sub(r"\s+", " ", element.text_content()).strip()


def _row(cells: list[str]) -> Iterator[str]:
    """Read the cells of a row that are nothing but a number, a word or a date."""
    for place, cell in enumerate(cells):
        if cell.lower() in WORDS:
            yield from _words(" ".join(cells[: place + 1]))
        elif CELL.fullmatch(cell) and cells[max(place - 1, 0)] not in CAME_OUT:
            yield from _numbers(cell)
        elif DATE_CELL.fullmatch(cell):
            yield f"a date of a table should be ISO: {cell}"


def _words(text: str) -> Iterator[str]:
    for found in _likelihoods(text):
        word, beside = found[0].lower(), BESIDE.search(_before(found))
        if beside is None:
            yield f"no number beside `{word}`: {_around(found)}"
        elif words.word(float(beside[1]) / 100, WORDS[word]) != word:
            yield f"{beside[1]} % is not `{word}`: {_around(found)}"


def _likelihoods(text: str) -> Iterator[re.Match[str]]:
    return (found for found in WORD.finditer(text) if not COMPARED.search(_before(found)))


def _both(text: str) -> list[str]:
    """Find words of both vocabularies beside numbers: a report keeps to one."""
    said = {found[0].lower() for found in _likelihoods(text)}
    one, other = (sorted(word for word in said if WORDS[word] == vocabulary) for vocabulary in VOCABULARIES)
    return [f"words of both vocabularies: {', '.join([*one, *other])}"] if one and other else []


def _confidence(text: str) -> Iterator[str]:
    for sentence in SENTENCE.split(text):
        if CONFIDENCE.search(sentence) and WORD.search(sentence):
            yield f"likelihood and confidence in one sentence: {sentence}"


def _numbers(text: str) -> Iterator[str]:
    for found in (*NUMBER.finditer(text), *LOW_END.finditer(text)):
        if not OTHER_THING.search(_before(found)) and not OTHER_THING_AFTER.match(text, found.end()):
            yield from _number(found)


def _number(found: re.Match[str]) -> Iterator[str]:
    bound, written = found[1], found[2]
    value = float(written)
    right = f"{value:.0f}" if 5 <= value <= 95 else f"{value:.1f}"
    if bound and bound + written not in ("<1", ">99"):
        yield f"only <1 and >99 are bounds: {_around(found)}"
    elif not bound and value in (0, 100):
        yield f"nothing is certain: {_around(found)}"
    elif not bound and written != right:
        yield f"{written} % should be {right} %: {_around(found)}"


def _dates(text: str) -> Iterator[str]:
    yield from (f"a date of prose should be 17 May 2019: {_around(found)}" for found in ISO.finditer(text))
    yield from (f"a date of prose should be 17 May 2019: {_around(found)}" for found in FOREIGN.finditer(text))


def _before(found: re.Match[str], width: int = 60) -> str:
    return found.string[max(0, found.start() - width) : found.start()]


def _around(found: re.Match[str], width: int = 90) -> str:
    """Quote what stands around a find."""
    return found.string[max(0, found.start() - width) : found.end() + width]
