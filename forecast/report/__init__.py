"""The report: a run in, JSON, HTML and PDF out, as bytes."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from forecast.errors import NotConverged
from forecast.history import History
from forecast.outlook import Run
from forecast.report import compare_pages, compose, document
from forecast.report.compose import NOTHING_SAID
from forecast.report.document import Report
from forecast.report.words import USUAL, Vocabulary


def faces(run: Run, past: History = NOTHING_SAID) -> dict[str, bytes]:
    """Make the three faces of a run's report, and of what the book says beside it.

    Returns
    -------
    dict of str to bytes
        report.json, report.html and report.pdf; the last two are made from the first.
    """
    return _rendered(compose.report(run, past))


def refusal(title: str, as_of: date, problem: NotConverged) -> dict[str, bytes]:
    """Make the three faces of a refusal: no probability anywhere."""
    return _rendered(compose.refusal(title, as_of, problem))


def compared(old: Mapping[str, Any], new: Mapping[str, Any], vocabulary: Vocabulary = USUAL) -> dict[str, bytes]:
    """Make the three faces of what moved between two reports, each as read from report.json."""
    return _rendered(compare_pages.report(old, new, vocabulary))


def _rendered(report: Report) -> dict[str, bytes]:
    from forecast.report import figures, html, pdf

    text = document.to_json(report)
    data: dict[str, Any] = json.loads(text)
    found = [block for section in data["sections"] for block in section["blocks"] if block["type"] == "figure"]
    drawings = {figure["id"]: figures.svg(figure["chart"]) for figure in found}
    return {
        "report.json": text.encode(),
        "report.html": html.render(data, drawings).encode(),
        "report.pdf": pdf.render(data, drawings),
    }
