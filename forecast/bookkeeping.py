"""The live loop: say it and write it down, settle it on the record, count what it was worth."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from itertools import groupby
from math import ceil

import pandas as pd

from forecast import answers, convergence, entries, made_of, predict, provenance, publishing, walking
from forecast.backtest import SIZES, Fold, Plan, Predicted, Workers, walk
from forecast.brief import Brief
from forecast.desk import Desk
from forecast.errors import SpecError, UsageError
from forecast.ledger import NOTHING, Entry, Head, Ledger, Row
from forecast.questions import Question
from forecast.register import Register

NO_HEAD = Head(0, NOTHING)


@dataclass(frozen=True)
class Written:
    """Rows as they stand in the book now, and how many of them were new."""

    rows: tuple[Row, ...]
    new: int


@dataclass(frozen=True)
class Walked:
    """How many days of a walk were forecast now, and why others were not."""

    days: int
    refused: tuple[Predicted, ...]


def issue(desk: Desk, book: Ledger, name: str, now: datetime, asked: date | None = None) -> Written:
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

    Raises
    ------
    SpecError
        If a question is about events that none of the brief's sources holds: it could never be settled.
    """
    item = desk.brief(name)
    models, fold = desk.models(item), _fold(desk, item, desk.as_of(item, asked))
    desk.say(f"{name} as of {fold.snapshot.as_of}: {len(fold.questions)} questions")
    fitter = desk.fitter(fold.snapshot, models.specs)
    found = predict.predict(models, fold.snapshot, fold.questions, predict.SIZES, fitter)
    plan = Plan(models, provenance.program(), predict.SIZES, full=True)
    return _say(book, Register(book.rows()), item, plan, Predicted.of(found, fold.snapshot), now, desk.lock)


def backtest(
    desk: Desk,
    book: Ledger,
    name: str,
    days: Sequence[date],
    now: Callable[[], datetime],
    workers: Workers,
    cores: int = 1,
    full: bool = False,
) -> Walked:
    """Issue a brief on many past days, oldest first, then settle what the record can; each day is kept as it ends.

    What was learned from earlier forecasts is learned in the order of the days on which they came out, so that a walk
    knows no more than somebody who walked with it. A walk that was broken off goes on where it was.

    Parameters
    ----------
    desk : Desk
    book : Ledger
    name : str
        Of the brief.
    days : sequence of date
        As-of dates.
    now : callable
        Reads the clock.
    workers : callable
        Where they are forecast; see `backtest.walk`.
    cores : int
        For the chains of one fit.
    full : bool
        Fit as for publication, and not more quickly from an earlier fit; see `walking`.
    """
    item, register = desk.brief(name), Register(book.rows())
    plan = Plan(desk.models(item), provenance.program(), predict.SIZES if full else SIZES, full, cores)
    every = sorted(set(days))
    waiting = [day for day in every if day not in register.days(name)]
    if waiting:
        first = "the first takes longest, for models are compiled and fitted from nothing"
        desk.say(f"{name}: {len(waiting)} of {len(every)} days to forecast; {first}")
    began, done, refused = now(), 0, []
    for told in walk(plan, every, waiting, partial(_fold, desk, item), workers):
        done += 1
        left = ceil((now() - began).total_seconds() / done * (len(waiting) - done) / 60)
        if told.refused is None:
            resolve(desk, book, now(), told.as_of, register)
            kept = f"{len(_say(book, register, item, plan, told, now(), desk.lock).rows)} forecasts kept"
        else:
            refused.append(told)
            kept = f"nothing kept: {told.refused.what}"
        desk.say(f"{name} as of {told.as_of}: {kept}, about {left} min left")
    resolve(desk, book, now(), register=register)
    return Walked(done - len(refused), tuple(refused))


def _fold(desk: Desk, item: Brief, as_of: date) -> Fold:
    snapshot = desk.archive.as_of(as_of, item.sources)
    questions = desk.agenda(item, snapshot).questions
    for question in questions:
        _check_covered(desk, question, item)
    return Fold(snapshot, tuple(questions))


def _say(
    book: Ledger, register: Register, item: Brief, plan: Plan, told: Predicted, now: datetime, lock: str
) -> Written:
    """Bend forecasts by what had come out by their day, and write them down with what they were made from."""
    learned = publishing.maps(register.add(book.rows(after=register.through)).scored(told.as_of))
    inputs = {
        "specs": {spec.name: spec.digest for spec in plan.models.specs},
        "fits": told.fits,
        "data": told.data,
        "program": plan.program,
        "machine": {**told.machine, "lock": lock},
        "draws": plan.sizes.draws,
        "effective": int(convergence.ESS if plan.full else walking.ESS),
    }
    said = [entries.forecast(publishing.published(one, learned), item.name, inputs) for one in told.forecasts]
    questions = [entries.question(one.question) for one in told.forecasts]
    return _write(book, [*questions, *map(entries.spec, plan.models.specs)], said, now)


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


def resolve(
    desk: Desk, book: Ledger, now: datetime, by: date | None = None, register: Register | None = None
) -> Written:
    """Settle every question in the book that the record can settle, by what was known on its settling day.

    Parameters
    ----------
    desk : Desk
    book : Ledger
    now : datetime
    by : date or None
        Only those whose settling day is not later.
    register : Register or None
        What has been read of the book already.
    """

    def seen(question: Question) -> tuple[date, list[str]]:
        holders = desk.archive.holders
        return question.settles, sorted({source for kind in question.kinds for source in holders.get(kind, ())})

    register = register or Register()
    register.add(book.rows(after=register.through))
    due = [one for one in register.unsettled() if by is None or one.settles <= by]
    found = []
    for (day, sources), some in groupby(sorted(due, key=seen), key=seen):
        questions = list(some)
        if sources and desk.archive.newest(sources) >= day:
            kinds = sorted({kind for question in questions for kind in question.kinds})
            evidence = desk.archive.as_of(day, sources, kinds)
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
        If there is no such question, or several are meant, or no reason is given.
    """
    row = made_of.found(book, "question", asked)
    if not because.strip():
        raise UsageError("a question is not made void without a reason", "--because")
    return _write(book, [], [entries.void(row.id, because, now.date())], now)


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


def _check_covered(desk: Desk, question: Question, item: Brief) -> None:
    for kind in question.kinds:
        holders = desk.archive.holders.get(kind, ())
        if not set(holders) & set(item.sources):
            what = f"`{question.id}` asks about events of kind `{kind}`, which are in none of the brief's sources"
            hint = f"add `{holders[0]}` to its sources" if holders else "add a source that holds such events"
            raise SpecError(what, f"reports/briefs/{item.name}.toml, sources", hint=hint)


def _write(book: Ledger, first: Sequence[Entry], then: Sequence[Entry], now: datetime) -> Written:
    before = book.head().sequence
    rows = book.append([*first, *then], now)[len(first) :]
    return Written(tuple(rows), sum(row.sequence > before for row in rows))
