"""A tiny brief that is forecast in no time, and walks of it."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from forecast import bookkeeping
from forecast.backtest import Crew, Workers
from forecast.desk import Desk
from forecast.ledger import Ledger
from tests.conftest import copy_desk

LATER = datetime(2026, 11, 28, 12, tzinfo=UTC)
TINY = """
name = "tiny"
title = "Brent alone"
summary = "A few questions."
models = ["brent_climatology"]
baselines = ["brent_climatology"]
questions = ["few"]
sources = ["brent"]
as_of = 2019-05-17

[domains]
oil = "Oil"
"""
FEW = """
[[template]]
id = "up"
domain = "oil"
title = "Brent rises"
text = "Will Brent rise by {percent}?"
thresholds = [0.02, 0.05, 0.1, 0.15, 0.2]
horizons = [30]
written = 2026-11-24
rule = { measure = "rise", where = { kind = "close", entity = "brent" } }
"""


def desk_at(folder: Path) -> Desk:
    copy_desk(folder)
    (folder / "reports" / "briefs" / "tiny.toml").write_text(TINY, encoding="utf-8")
    (folder / "data" / "questions" / "few.toml").write_text(FEW, encoding="utf-8")
    return Desk(folder)


@contextmanager
def here() -> Iterator[Crew]:
    """Forecast in this process."""
    with ThreadPoolExecutor(1) as pool:
        yield Crew(pool, 1)


def walked(
    desk: Desk,
    place: Path,
    brief: str,
    days: Sequence[date],
    workers: Workers = here,
    clock: Callable[[], datetime] = lambda: LATER,
) -> Ledger:
    """Walk a brief into a book, and give the book."""
    book = Ledger(f"sqlite:///{place}")
    bookkeeping.backtest(desk, book, brief, days, clock, workers)
    return book


def said(book: Ledger) -> list[tuple[str, str, str]]:
    """Say all that stands in a book but when it was written."""
    return [(row.kind, row.id, row.body) for row in book.rows()]
