"""What came after, as it is told: the sentence agrees with the numbers, and too few are called too few."""

import json
import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from forecast.aftermath import Findings, Span, aftermath
from forecast.language import say
from forecast.report import aftermath_pages, document, figures, words
from forecast.report.document import Figure, Link, Report, Section, Table, Text
from tests.test_aftermath import FAR, ITEM, world
from tests.worlds import AS_OF, snapshot

CAVEAT = "Alarms are rung where strikes are\nexpected: no effect can be read off this."
NAMED = replace(ITEM, onsets="alarms", events="strikes", caveat=CAVEAT)


def found(alarms: tuple[date, ...] = FAR, **more: Any) -> Findings:
    return aftermath(NAMED, snapshot(world(alarms=alarms, **more)))


def with_spans(**change: Any) -> Findings:
    """Say something else of the middle window, and of that one only."""
    told = found()
    spans = [replace(span, interval=None) for span in told.spans]
    spans[1] = replace(told.spans[1], **change)
    return replace(told, spans=tuple(spans))


def section(told: Findings) -> Section:
    (only,) = aftermath_pages.sections([told], {"d": "#0072B2"})
    return only


def blocks[T](told: Findings, kind: type[T]) -> list[T]:
    return [block for block in section(told).blocks if isinstance(block, kind)]


def texts(told: Findings, role: str) -> list[str]:
    return [block.text for block in blocks(told, Text) if block.role == role]


def test_the_section_bears_the_heading_of_the_brief() -> None:
    assert (section(found()).title, section(found()).level, section(found()).id) == (ITEM.title, 1, "aftermath-alarms")


def test_the_lead_says_the_numbers_of_the_middle_window() -> None:
    told = found()
    span: Span = told.spans[1]
    assert span.interval is not None
    assert span.ratio is not None
    (said,) = texts(told, "lead")
    assert f"In the 60 days after 4 past alarms, which make 4 separate spells, {span.recorded} strikes" in said
    assert f"expect {words.number(span.expected)}: a ratio of {words.number(span.ratio)}" in said
    assert f"interval of {words.number(span.interval[0])} to {words.number(span.interval[1])}." in said


@pytest.mark.parametrize(
    ("interval", "said"),
    [((0.4, 2.5), "It holds 1"), ((1.2, 4.0), "above 1: more came"), ((0.2, 0.7), "below 1: fewer came")],
)
def test_the_lead_says_on_which_side_of_1_the_interval_lies(interval: tuple[float, float], said: str) -> None:
    assert said in texts(with_spans(interval=interval), "lead")[0]


def test_nothing_is_said_of_effects_but_what_the_brief_says() -> None:
    told = found()
    assert texts(told, "warning") == [" ".join(CAVEAT.split())]
    every = " ".join(texts(told, "lead") + texts(told, "note"))
    assert not re.search(r"deter|effect|because|prevent|cause", every)


@pytest.mark.parametrize(
    ("alarms", "said"),
    [
        ((), "None that can be used is on it."),
        ((date(2019, 12, 1),), "The only one that can be used lies less than 60 days back."),
        ((date(2019, 12, 1), date(2019, 12, 20)), "All 2 that can be used lie less than 60 days back."),
        ((FAR[0], date(2019, 12, 1)), "Of 2 that can be used, 1 lies 60 days back (1 separate spell)"),
        (FAR[:2], "Of 2 that can be used, 2 lie 60 days back (2 separate spells)"),
    ],
)
def test_too_few_are_called_too_few(alarms: tuple[date, ...], said: str) -> None:
    told = found(alarms)
    (lead,) = texts(told, "lead")
    assert "the record holds too few alarms to say how many strikes come after them" in lead
    assert said in lead
    assert not blocks(told, Figure)
    assert say("aftermath-coverage") not in " ".join(texts(told, "note"))
    for row in blocks(told, Table)[0].rows:
        assert row[-2] == "–"
        assert row[-1] in ("–", "too few")


def test_where_nothing_was_recorded_it_is_that_which_is_too_little() -> None:
    (lead,) = texts(with_spans(recorded=0, ratio=0.0, interval=None), "lead")
    assert "too few strikes to say how many of them come after alarms" in lead


def test_the_table_has_a_row_for_every_length_of_window() -> None:
    told = found()
    table = blocks(told, Table)[0]
    assert [row[0] for row in table.rows] == ["30", "60", "90"]
    for row, span in zip(table.rows, told.spans, strict=True):
        assert span.ratio is not None
        assert row[4:7] == (str(span.recorded), words.number(span.expected), words.number(span.ratio))


def test_every_onset_stands_with_its_date_and_its_source() -> None:
    told = found((*FAR, date(2019, 11, 20)), url="https://example.org/a")
    table = blocks(told, Table)[-1]
    assert [row[0] for row in table.rows] == [when.isoformat() for when in (*FAR, date(2019, 11, 20))]
    assert all(row[-1] == Link("source", "https://example.org/a") for row in table.rows)
    assert table.rows[-1][3] == "not over"
    assert re.fullmatch(r"\d+ \([\d.]+\)", str(table.rows[0][2]))


def test_what_is_left_out_is_said() -> None:
    assert not any("Left out" in said for said in texts(found(), "note"))
    said = texts(found((date(2014, 5, 5), *FAR)), "note")[-1]
    assert said.startswith("Left out: 1 before 1 April 2015")


def test_the_figure_is_drawn_and_shows_the_numbers_of_the_table() -> None:
    told = found()
    (figure,) = blocks(told, Figure)
    drawing = figures.svg(figure.chart)
    assert drawing.startswith("<svg")
    assert all(f"{span.days} days" in drawing for span in told.spans)
    table = blocks(told, Table)[0]
    assert [row[1:] for row in figure.data.rows] == [row[6:] for row in table.rows]


def test_it_can_stand_in_a_document_at_full_precision() -> None:
    told = found()
    exact = json.loads(json.dumps(aftermath_pages.exact(told), allow_nan=False))
    assert exact["spans"][1]["ratio"] == told.spans[1].ratio
    assert exact["onsets"][0]["at"] == FAR[0].isoformat()
    report = Report("t", "s", "en", AS_OF, (), tuple(aftermath_pages.sections([told, found(())])), ())
    assert "After past alarms" in document.to_json(report)
