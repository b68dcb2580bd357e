"""Under which name each page lies: all in one folder, so that a link is a name."""

from datetime import date

from forecast.language import say
from forecast.ledger import digest
from forecast.report.document import Link
from forecast.report.words import anchor

HOME, RECORD, ISSUES, QUESTIONS = "index.html", "record.html", "issues.html", "questions.html"
LONGEST = 60


def everywhere() -> tuple[Link, ...]:
    """List the links that stand on every page."""
    return (
        Link(say("site-newest"), HOME),
        Link(say("record-title"), RECORD),
        Link(say("site-issues"), ISSUES),
        Link(say("site-questions"), QUESTIONS),
    )


def of_issue(brief: str, as_of: date) -> str:
    """Name the page of an issue."""
    return _name("issue", f"{brief}/{as_of}")


def of_question(series: str) -> str:
    """Name the page of a question, whatever the day."""
    return _name("question", series)


def _name(kind: str, key: str) -> str:
    # The digest tells apart what reads alike once it can stand in an address.
    return f"{kind}-{anchor(key)[:LONGEST]}-{digest(key)[:12]}.html"
