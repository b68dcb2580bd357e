"""What a forecast in the book was made from, found by the beginning of its id: nothing but the book is read."""

from dataclasses import dataclass

from forecast import entries
from forecast.errors import UsageError
from forecast.ledger import Ledger, Row
from forecast.questions import Question
from forecast.register import End, Register


@dataclass(frozen=True)
class Traced:
    """A forecast in the book, with all that the book holds of what it was made from.

    Parameters
    ----------
    row : Row
        Of the forecast: it says how its models were fitted, and to what.
    question : Question
    end : End or None
        How the question came out, if it has.
    """

    row: Row
    question: Question
    end: End | None


def traced(book: Ledger, beginning: str) -> Traced:
    """Find the one forecast whose id begins so, and what it was made from.

    Raises
    ------
    UsageError
        If there is none, or there are several.
    """
    row = found(book, "forecast", beginning)
    asked = found(book, "question", row.says["question"])
    ends = [*book.rows("resolution"), *book.rows("void")]
    end = next((one.end for one in Register([asked, row, *ends]).scored()), None)
    return Traced(row, entries.read_question(asked), end)


def found(book: Ledger, kind: str, beginning: str) -> Row:
    """Find the one row of a kind whose id begins so.

    Raises
    ------
    UsageError
        If there is none, or there are several.
    """
    rows = book.find(kind, beginning) if beginning else []
    if not rows:
        hint = "forecast issue --json gives the ids of forecasts and of their questions"
        raise UsageError(f"there is no {kind} `{beginning}` in the book", hint=hint)
    if len(rows) > 1:
        raise UsageError(f"`{beginning}` begins {len(rows)} ids in the book", hint="write more of it")
    return rows[0]
