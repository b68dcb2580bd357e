"""A desk from Python: every command as a method of one object, which gives back values and prints nothing."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from forecast import (
    bookkeeping,
    collecting,
    eliciting,
    executors,
    experts,
    export,
    fetching,
    made_of,
    moves,
    record,
    replay,
    reports,
    side_by_side,
    site_folder,
)
from forecast.before import Before
from forecast.bookkeeping import Walked, Written
from forecast.checklist import Check
from forecast.collecting import Difference, Looked, Said
from forecast.compare_command import compare as set_side_by_side
from forecast.desk import Desk
from forecast.explain import Explanation
from forecast.findings import Diagnosis
from forecast.folder import find
from forecast.ledger import Fault
from forecast.made_of import Traced
from forecast.moves import Move
from forecast.nowcast import Nowcast
from forecast.predict import Reply
from forecast.record import Line
from forecast.register import Register
from forecast.replay import Replay
from forecast.reports import Issue, Plan
from forecast.side_by_side import Compared


class Workbench:
    """A desk, and what can be done at it.

    A brief that is not named is the only one of the desk, or the one that says it is usual; a book is the desk's own.

    Parameters
    ----------
    folder : str or Path
        The desk's, or one below it.
    say : callable
        Told in one line what goes on.
    book : str
        Address of another book, as `sqlite:////folder/book.db`.

    Raises
    ------
    UsageError
        If there is no desk.
    """

    def __init__(self, folder: str | Path = ".", say: Callable[[str], None] = lambda _: None, book: str = "") -> None:
        self.desk, self.book = Desk(find(Path(folder).resolve()), say), book

    def add(self, file: str | Path, source: str, said: Said = Said(), dry_run: bool = False) -> Looked:  # noqa: B008
        """Look at a file and append what is new, as `forecast add` does."""
        found = collecting.add(self.desk, Path(file), source, said, dry_run)
        self.desk.reread()
        return found

    def fetch(self, source: str, of: date | None = None, said: Said = Said(), dry_run: bool = False) -> Looked:  # noqa: B008
        """Download what a source's publisher offers, and append what is new."""
        found = fetching.fetch(self.desk, source, of, said, dry_run)
        self.desk.reread()
        return found

    def log(self, source: str = "") -> list[collecting.Line]:
        """List every fetch."""
        return collecting.log(self.desk, source)

    def diff(self, before: date, after: date, source: str = "") -> Difference:
        """Say what was known before one day and not before another."""
        return collecting.diff(self.desk, (before, after), source)

    def check(self) -> list[str]:
        """Read all data, models, questions and briefs."""
        return self.desk.check()

    def plan(self, brief: str = "", as_of: date | None = None) -> Plan:
        """Say what `run` would do, and do nothing."""
        return reports.plan(self.desk, self.desk.named(brief), as_of, self.book)

    def run(self, brief: str = "", as_of: date | None = None) -> Issue:
        """Make a report, unless the same inputs have made it."""
        return reports.run(self.desk, self.desk.named(brief), as_of, book=self.book)

    def refit(self, brief: str = "", as_of: date | None = None) -> Issue:
        """Make a report, each fit beginning from the newest posterior of its model."""
        return reports.run(self.desk, self.desk.named(brief), as_of, again=True, book=self.book)

    def show(self, brief: str = "", as_of: date | None = None) -> Issue:
        """Find the newest report of a brief, or the one as of a day."""
        return reports.latest(self.desk, self.desk.named(brief), as_of)

    def traced(self, forecast: str) -> Traced:
        """Find a forecast in the book by how its id begins, and what it was made from."""
        return made_of.traced(self.desk.book(self.book, whole=False), forecast)

    def report(self, old: str, new: str, brief: str = "") -> Issue:
        """Set two reports side by side, by their as-of days or paths."""
        return set_side_by_side(self.desk, self.desk.named(brief), old, new)

    def replay(self, manifest: str | Path, kept: bool = False) -> Replay:
        """Make a report again from its manifest, and compare the bytes."""
        return replay.replay(self.desk, Path(manifest), kept, self.book)

    def ask(
        self,
        question: str,
        brief: str = "",
        as_of: date | None = None,
        given: Sequence[str] = (),
        suppose: Sequence[str] = (),
        draws: int = 0,
    ) -> Reply:
        """Answer one question, plainly, under conditions or with something supposed."""
        return self.desk.ask(question, self.desk.named(brief), as_of, given, suppose, draws)

    def nowcast(self, brief: str = "", as_of: date | None = None) -> list[Nowcast]:
        """Complete the counts of the last days."""
        return self.desk.nowcast(self.desk.named(brief), as_of)[1]

    def diagnose(self, model: str, brief: str = "", as_of: date | None = None) -> Diagnosis:
        """Look at how far a model's fit can be trusted."""
        return self.desk.diagnose(model, as_of, brief)

    def priors(self, model: str, brief: str = "", as_of: date | None = None) -> Before:
        """Carry a model's priors through to counts and questions."""
        return self.desk.priors(model, as_of, brief)

    def elicit(
        self, model: str, prior: str, said: eliciting.Said, member: str = "", dry_run: bool = False
    ) -> eliciting.Proposal:
        """Turn an expert's quantiles or chips into a prior, and write it into the model's file."""
        found = eliciting.propose(self.desk, model, prior, said, member)
        if not dry_run:
            eliciting.write(self.desk, found)
        return found

    def experts(self, as_of: date | None = None, fits: int = 0) -> experts.Record:
        """Say how far the posteriors without each expert's priors lie from what they said."""
        return experts.record(self.desk, as_of, fits)

    def issue(self, brief: str = "", as_of: date | None = None) -> Written:
        """Write a brief's forecasts into the book, where they stay."""
        book = self.desk.book(self.book, begin=True)
        return bookkeeping.issue(self.desk, book, self.desk.named(brief), self.desk.now(), as_of)

    def backtest(
        self,
        first: date,
        last: date | None = None,
        every: int = 1,
        brief: str = "",
        workers: int = 0,
        full: bool = False,
    ) -> Walked:
        """Walk a brief through past days, into the book."""
        here, name = self.desk, self.desk.named(brief)
        days = bookkeeping.origins(first, last or here.as_of(here.brief(name), None), every)
        crew = executors.chosen(workers, "")
        into = here.book(self.book, begin=True)
        return bookkeeping.backtest(here, into, name, days, here.now, crew.workers, crew.cores, full)

    def resolve(self) -> Written:
        """Settle all questions in the book that the record can settle."""
        return bookkeeping.resolve(self.desk, self.desk.book(self.book), self.desk.now())

    def void(self, question: str, because: str) -> Written:
        """Make a question void from today on."""
        return bookkeeping.void(self.desk.book(self.book), question, because, self.desk.now())

    def record(self) -> list[Line]:
        """Say what forecasts in the book were worth, live ones and backtests apart."""
        return record.lines(Register(self.desk.book(self.book, whole=False).rows()).scored())

    def verify(self, head: str = "") -> Fault | None:
        """Check every seal of the book; None if it is whole."""
        return self.desk.book(self.book, whole=False).verify(bookkeeping.head(head) if head else None)

    def watch(self, brief: str = "", since: date | None = None, rate: float = moves.RATE) -> list[Move]:
        """Say which questions moved more than chance would since the issue before."""
        rows = self.desk.book(self.book, whole=False).rows()
        return moves.watch(Register(rows).told(self.desk.named(brief)), rate, since)

    def explain(
        self, question: str, first: date | None = None, last: date | None = None, brief: str = ""
    ) -> Explanation:
        """Say why a question moved between two issues, in shares that add up."""
        book = self.desk.book(self.book, whole=False)
        return moves.why(self.desk, book, self.desk.named(brief), question, first, last)

    def export(self, folder: str | Path, brief: str = "", as_of: date | None = None, draws: int = 100) -> list[Path]:
        """Write what was issued as CSV, JSON and a hub."""
        return export.export(self.desk, self.desk.book(self.book), self.desk.named(brief), Path(folder), as_of, draws)

    def validate(self, path: str | Path) -> list[tuple[Path, list[Check]]]:
        """Look at files of a hub by its checks."""
        return export.validate(Path(path))

    def compare(
        self,
        one: str,
        *others: str,
        brief: str = "",
        as_of: date | None = None,
        ahead: int = 0,
        why: int = 3,
        question: str = "",
    ) -> Compared:
        """Set models, or two days, side by side: what differs, how forecasts do, and whether one is better."""
        rows, name = self.desk.rows(self.book), self.desk.named(brief)
        return side_by_side.compare(self.desk, rows, name, (one, *others), as_of, ahead, why, question)

    def site(self, folder: str | Path) -> Path:
        """Lay the book out as pages that need no server."""
        return site_folder.publish(self.desk, self.book, Path(folder))
