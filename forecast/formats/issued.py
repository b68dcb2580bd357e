"""What was issued of a brief on a day, read from the rows of a book."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from forecast import entries
from forecast.errors import DataError, UsageError
from forecast.formats.bodies import Digest, ForecastBody
from forecast.ledger import Row
from forecast.questions import Question
from forecast.register import live


@dataclass(frozen=True)
class Issued(ForecastBody):
    """A forecast in the book, with the question that it is of; `question` is the id of that question's row.

    Parameters
    ----------
    id : str
        Of the forecast's row.
    written_at : datetime
    live : bool
        Whether it and its question were written before the window had been open for a week; else it is a backtest.
    asked : Question
    """

    id: Digest
    written_at: datetime
    live: bool
    asked: Question


def newest(rows: Iterable[Row], brief: str, as_of: date | None = None) -> list[Issued]:
    """Read the newest forecasts of a brief, or those as of a day, in the order of the book.

    Parameters
    ----------
    rows : iterable of Row
        Of the whole book.
    brief : str
    as_of : date or None

    Raises
    ------
    UsageError
        If nothing of that was issued.
    """
    every = list(rows)
    told = [(row, row.says) for row in every if row.kind == "forecast"]
    days = sorted({says["as_of"] for _, says in told if says["brief"] == brief})
    day = as_of.isoformat() if as_of else days[-1] if days else ""
    if day not in days:
        raise _nothing(brief, as_of, days, sorted({says["brief"] for _, says in told}))
    asked = {row.id: row for row in every if row.kind == "question"}
    return [
        _issued(row, says, asked[says["question"]])
        for row, says in told
        if (says["brief"], says["as_of"]) == (brief, day)
    ]


def _nothing(brief: str, as_of: date | None, days: list[str], briefs: list[str]) -> UsageError:
    on = f" as of {as_of}" if as_of else ""
    there = f"it as of {', '.join(days)}" if days else f"forecasts of {', '.join(briefs)}" if briefs else "no forecasts"
    hint = f"forecast issue --brief {brief}" + (f" --as-of {as_of}" if as_of else "")
    return UsageError(f"nothing was issued of `{brief}`{on}", why=f"the book holds {there}", hint=hint)


def _issued(row: Row, says: dict[str, Any], question: Row) -> Issued:
    asked, written = entries.read_question(question), datetime.fromisoformat(row.written_at)
    further = {"id": row.id, "written_at": written, "live": live(asked, written.date()), "asked": asked}
    try:
        found: Issued = _reader().validate_python({**says, **further})
    except ValidationError as problem:
        what = "a forecast in the book says less, or other things, than this program knows"
        raise DataError(what, f"row {row.sequence}", str(problem.errors()[0]["loc"])) from None
    return found


@cache
def _reader() -> TypeAdapter[Issued]:
    return TypeAdapter(Issued)
