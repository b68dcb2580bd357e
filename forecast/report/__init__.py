"""The report: a run in, JSON, HTML and PDF out, as bytes."""

import json
from datetime import date
from typing import Any

from forecast.errors import NotConverged
from forecast.outlook import Run
from forecast.report import compose, document
from forecast.report.document import Report


def faces(run: Run) -> dict[str, bytes]:
    """Make the three faces of a run's report.

    Returns
    -------
    dict of str to bytes
        report.json, report.html and report.pdf; the last two are made from the first.
    """
    return _rendered(compose.report(run))


def refusal(title: str, as_of: date, problem: NotConverged) -> dict[str, bytes]:
    """Make the three faces of a refusal: no probability anywhere."""
    return _rendered(compose.refusal(title, as_of, problem))


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
