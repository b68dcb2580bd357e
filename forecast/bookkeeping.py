"""The live loop: say it and write it down, settle it on the record, count what it was worth."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from math import ceil

import pandas as pd

from forecast import answers, entries, predict, provenance, publishing, record, walking, world
from forecast.desk import Desk
from forecast.errors import SpecError, UsageError
from forecast.ledger import NOTHING, Entry, Head, Ledger, Row
from forecast.questions import Question
from forecast.record import Line
from forecast.world import Fitter

NO_HEAD = Head(0, NOTHING)
ANCHOR = 24  # days of a walk whose fits begin from that of the first of them


@dataclass(frozen=True)
class Written:
    """Rows as they stand in the book now, and how many of them were new."""

    rows: tuple[Row, ...]
    new: int


def issue(
    desk: Desk,
    book: Ledger,
    name: str,
    now: datetime,
    asked: date | None = None,
    fitter: Fitter | None = None,
) -> Written:
    """Forecast the questions of a brief, bend the forecasts by what had come out before, and write them down.

    Parameters
    ----------
    desk : Desk
    book : Ledger
    name : str
        Of the brief.
    now : datetime
        When it is written; with a time zone.
    asked : date or None
        As-of date.
    fitter : callable or None
        Gives the posterior of one model; the desk's own by default.

    Raises
    ------
    SpecError
        If a question is about events that none of the brief's sources holds: it could never be settled.
    """
    item = desk.brief(name)
    snapshot = desk.archive.as_of(desk.as_of(item, asked), item.sources)
    models, asks = desk.models(item), desk.agenda(item, snapshot)
    for question in asks.questions:
        _check_covered(desk, question, item.sources, name)
    learned = publishing.maps(entries.scored(book.rows(), snapshot.as_of))
    desk.say(f"{name} as of {snapshot.as_of}: {len(asks.questions)} questions")
    fitting = fitter or desk.fitter(snapshot, models.specs)
    found = predict.predict(models, snapshot, asks.questions, predict.SIZES, fitting)
    digests = {spec.name: spec.digest for spec in models.specs}
    made_of = {"data": snapshot.digest, "program": provenance.program(), "draws": predict.SIZES.draws}
    said = [
        entries.forecast(
            one,
            publishing.published(one, learned),
            name,
            {**made_of, "specs": {model: digests[model] for model in one.models}},
        )
        for one in found.forecasts
    ]
    questions = [entries.question(one.question) for one in found.forecasts]
    return _write(book, [*questions, *map(entries.spec, models.specs)], said, now)


def backtest(
    desk: Desk, book: Ledger, name: str, origins: Sequence[date], now: Callable[[], datetime], full: bool = False
) -> Written:
    """Issue a brief on many past days, oldest first, then settle what the record can; each day is kept as it ends.

    What was learned from earlier forecasts is learned in the order of the days on which they came out, so that a walk
    knows no more than somebody who walked with it. A walk that was broken off goes on where it was.

    Parameters
    ----------
    desk : Desk
    book : Ledger
    name : str
        Of the brief.
    origins : sequence of date
        As-of dates.
    now : callable
        Reads the clock.
    full : bool
        Fit as for publication, and not more quickly from the fit of the day before; see `walking`.
    """
    done = {row.says["as_of"] for row in book.rows("forecast") if row.says["brief"] == name}
    every, began, said = sorted(set(origins)), now(), 0
    waiting = sum(origin.isoformat() not in done for origin in every)
    rows: list[Row] = []
    for first in range(0, len(every), ANCHOR):
        block = [origin for origin in every[first : first + ANCHOR] if origin.isoformat() not in done]
        fitter = None if full or not block else _anchored(desk, name, every[first], block[0])
        for origin in block:
            rows += resolve(desk, book, now(), by=origin).rows
            found = issue(desk, book, name, now(), origin, fitter)
            rows, said = [*rows, *found.rows], said + 1
            minutes = ceil((now() - began).total_seconds() / said * (waiting - said) / 60)
            desk.say(f"{name} as of {origin}: {len(found.rows)} forecasts kept, about {minutes} min left")
    rows += resolve(desk, book, now()).rows
    return Written(tuple(rows), len(rows))


def _anchored(desk: Desk, name: str, anchor: date, first: date) -> Fitter:
    """Give a fitter whose fits begin from that of the anchor, which is made now unless it is the first one anyway.

    So a forecast depends on no other day of the walk, whenever it was broken off.
    """
    quick = walking.Quick(follow=False)
    if first != anchor:
        item = desk.brief(name)
        world.fit(desk.models(item).specs, desk.archive.as_of(anchor, item.sources), quick)
    return quick


def origins(first: date, last: date, months: int) -> list[date]:
    """List as-of dates from a first one to a last one, both in, so many months apart.

    Raises
    ------
    UsageError
        If there is none.
    """
    found = [stamp.date() for stamp in pd.date_range(first, last, freq=pd.DateOffset(months=max(months, 1)))]
    if not found or months < 1:
        what = f"there is no day from {first} to {last} in steps of {months} months"
        raise UsageError(what, "--from, --to, --every", hint="--from 2019-01-15 --to 2019-12-15 --every 1")
    return found


def resolve(desk: Desk, book: Ledger, now: datetime, by: date | None = None) -> Written:
    """Settle every question in the book that the record can settle, by what was known on its settling day.

    Parameters
    ----------
    desk : Desk
    book : Ledger
    now : datetime
    by : date or None
        Only those whose settling day is not later.
    """

    def seen(question: Question) -> tuple[date, list[str]]:
        holders = desk.archive.holders
        return question.settles, sorted({source for kind in question.kinds for source in holders.get(kind, ())})

    due = [one for one in entries.unsettled(book.rows()) if by is None or one.settles <= by]
    found = []
    for (day, sources), questions in groupby(sorted(due, key=seen), key=seen):
        if sources and desk.archive.newest(sources) >= day:
            evidence = desk.archive.as_of(day, sources)
            found += [entries.resolution(answers.resolve(question, evidence), evidence) for question in questions]
    return _write(book, [], found, now)


def void(book: Ledger, asked: str, because: str, now: datetime) -> Written:
    """Make a question void from today on, and say why; what was forecast of it stays.

    Parameters
    ----------
    book : Ledger
    asked : str
        The question's id in the book, or its beginning.
    because : str
    now : datetime

    Raises
    ------
    UsageError
        If there is no such question, or no reason is given.
    """
    row = book.find(asked)
    if row is None or row.kind != "question":
        raise UsageError(
            f"there is no question `{asked}` in the book", hint="forecast issue --json gives the ids of its questions"
        )
    if not because.strip():
        raise UsageError("a question is not made void without a reason", "--because")
    return _write(book, [], [entries.void(row.id, because, now.date())], now)


def track(book: Ledger) -> list[Line]:
    """Lay out the track record."""
    return record.lines(entries.scored(book.rows()))


def open_questions(book: Ledger) -> Counter[str]:
    """Count the questions that have not come out yet, by domain."""
    return Counter(question.domain for question in entries.unsettled(book.rows()))


def head(text: str) -> Head:
    """Read a head as it was published: the number of rows and the last seal.

    Raises
    ------
    UsageError
        If it is none.
    """
    number, _, seal = text.partition(":")
    if not number.isdigit() or not re.fullmatch("[0-9a-f]{64}", seal):
        raise UsageError(
            f"`{text}` is no head of a book", "--head", hint="as `forecast ledger verify` prints it: N:SEAL"
        )
    return Head(int(number), seal)


def _check_covered(desk: Desk, question: Question, sources: Sequence[str], name: str) -> None:
    for kind in question.kinds:
        holders = desk.archive.holders.get(kind, ())
        if not set(holders) & set(sources):
            what = f"`{question.id}` asks about events of kind `{kind}`, which are in none of the brief's sources"
            hint = f"add `{holders[0]}` to its sources" if holders else "add a source that holds such events"
            raise SpecError(what, f"reports/briefs/{name}.toml, sources", hint=hint)


def _write(book: Ledger, first: Sequence[Entry], then: Sequence[Entry], now: datetime) -> Written:
    before = book.head().sequence
    rows = book.append([*first, *then], now)[len(first) :]
    return Written(tuple(rows), sum(row.sequence > before for row in rows))
