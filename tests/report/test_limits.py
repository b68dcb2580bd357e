"""What a report may cost: time to render one of twenty questions, and its size."""

import json
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from forecast import report, reports
from forecast.desk import Desk
from forecast.history import History
from forecast.outlook import Run

QUESTIONS = 20
SECONDS, PAGE, PRINT = 6.0, 3_000_000, 2_000_000


@pytest.fixture(scope="module")
def twenty(kept_desk: Path) -> Run:
    """A run of whole groups with some twenty questions on several domains."""
    desk = Desk(kept_desk)
    case = desk.case(desk.brief("quick"), date(2019, 5, 17))
    whole = reports.predicted(case, History(), "inputs", desk.fitter(case.snapshot))
    kept, number = [], 0
    for item in whole.outlooks[::2]:
        if number < QUESTIONS:
            kept.append(replace(item, forecasts=item.forecasts[: QUESTIONS - number]))
            number += len(kept[-1].forecasts)
    return replace(whole, outlooks=tuple(kept), lead=())


@pytest.mark.slow
def test_a_page_and_a_print_of_twenty_questions_are_small(twenty: Run) -> None:
    faces = report.faces(twenty)
    assert len(json.loads(faces["report.json"])["forecasts"]) == QUESTIONS
    assert len(faces["report.html"]) < PAGE
    assert len(faces["report.pdf"]) < PRINT


@pytest.mark.slow
def test_twenty_questions_are_rendered_in_time_once_all_is_loaded(twenty: Run) -> None:
    report.faces(twenty)
    began = time.perf_counter()
    report.faces(twenty)
    assert time.perf_counter() - began < SECONDS
