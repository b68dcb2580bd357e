"""The desk: the only room with a door, a book, a clock and a screen's worth of notes.

Everything below it goes from values to values; what is read from disk and written to it is read and
written here.
"""

import hashlib
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType

import xarray as xr

from forecast import answers, fitting, nowcast, phrases, predict, walking, world
from forecast.before import Before, imagine
from forecast.diagnosis import diagnose
from forecast.errors import DataError, UsageError
from forecast.events import Snapshot
from forecast.explain import Between, Side
from forecast.findings import Diagnosis
from forecast.fitting import Say
from forecast.folder import Folder
from forecast.inference import Tick, Watch, unwatched
from forecast.ledger import Ledger, Row, there
from forecast.nowcast import Nowcast
from forecast.predict import Reply
from forecast.questions import Question
from forecast.scenarios import Scenario
from forecast.spec import Spec

BOOK = "book.db"
SHORT = 0.05  # seconds of a stage that are not worth a word


class Desk(Folder):
    """What can be done in a folder of data, models and reports.

    Parameters
    ----------
    root : Path
    say : callable
        Told in one line what goes on; nothing is returned through it.
    watch : callable
        Told how far the chains of a fit are.
    """

    def __init__(self, root: Path, say: Say = lambda _: None, watch: Watch = unwatched) -> None:
        super().__init__(root)
        self.say, self.watch = say, watch
        self._took: dict[str, float] = {}

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Say at the end what each stage took."""
        self._took, began = {}, time.perf_counter()
        yield
        stages = [f"{name} {seconds:.1f} s" for name, seconds in self._took.items() if seconds >= SHORT]
        self.say(f"took {time.perf_counter() - began:.1f} s: {', '.join(stages)}")

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the time of what goes on as a stage's; a stage within it is counted apart."""
        began, before = time.perf_counter(), sum(self._took.values())
        try:
            yield
        finally:
            within = sum(self._took.values()) - before
            self._took[name] = self._took.get(name, 0.0) + time.perf_counter() - began - within

    @contextmanager
    def _watched(self, name: str) -> Iterator[Tick]:
        with self.stage("sample"), self.watch(name) as tick:
            yield tick

    def between(self, before: Side, after: Side) -> Between:
        """Lay out what lies between two issues; fits begin from those on the shelf."""
        parts = [part for spec in after.models.specs for part in spec.parts]
        starts = {part.name: fitting.newest(self.shelf, part)[1] for part in parts}
        quick = walking.Quick(follow=False, starts={key: start for key, start in starts.items() if start is not None})
        seed = int.from_bytes(hashlib.sha256(f"{before.snapshot.digest}{after.snapshot.digest}".encode()).digest()[:4])
        return Between(before, after, quick, predict.SIZES, seed)

    @property
    def shelf(self) -> Path:
        """Where posteriors are kept."""
        return self.root / "models" / "fitted"

    def fitter(self, snapshot: Snapshot, specs: Sequence[Spec] = (), again: bool = False) -> world.Fitter:
        """Give what finds or makes posteriors on a snapshot; see `fitting.fitter`."""
        fit = fitting.fitter(self.shelf, snapshot, self.say, self._watched, again, specs)

        def timed(page: ModuleType, panel: xr.Dataset, item: Spec, seed: int) -> xr.DataTree:
            with self.stage("prepare"):  # to compile, or to read from the shelf; what is sampled is counted apart
                return fit(page, panel, item, seed)

        return timed

    def ask(
        self,
        text: str,
        name: str,
        asked: date | None = None,
        given: Sequence[str] = (),
        suppose: Sequence[str] = (),
        draws: int = 0,
    ) -> Reply:
        """Answer one question by the models of a brief, under conditions and suppositions; nothing is written but fits.

        Parameters
        ----------
        text : str
            The id of a question of the brief, or a question as `phrases` reads it.
        name : str
            Of the brief.
        asked : date or None
            As-of date.
        given, suppose : sequence of str
            As `phrases` reads them.
        draws : int
            How many futures; the usual number where that is more.

        Raises
        ------
        UsageError
            If something cannot be read, or the conditions hold in too few futures.
        """
        item = self.brief(name)
        snapshot = self.archive.as_of(self.as_of(item, asked), item.sources)
        known = self.agenda(item, snapshot).questions
        scenario = Scenario(
            id="asked",
            title=text,
            questions=(phrases.question(text, snapshot.as_of, known),),
            given=tuple(phrases.given(line, snapshot.as_of, known) for line in given),
            put=tuple(phrases.supposed(line, snapshot.as_of) for line in suppose),
            draws=draws,
        )
        self.say(f"{item.name} as of {snapshot.as_of}: {len(snapshot.events):,} events known")
        for note in answers.unseen(scenario.sought, snapshot):
            self.say(f"note: {note}")
        return predict.ask(self.models(item), snapshot, scenario, fitter=self.fitter(snapshot))

    def diagnose(self, name: str, asked: date | None = None, of: str = "") -> Diagnosis:
        """Look at how far a model's fit can be trusted, fitting it if there is none.

        Parameters
        ----------
        name : str
            Of the model.
        asked : date or None
            As-of date.
        of : str
            A brief that uses the model; the first one by default.
        """
        model, (snapshot, _) = self.spec(name), self.seen(name, asked, of)
        self.say(f"{name} as of {snapshot.as_of}: {len(snapshot.events):,} events known")
        fitted = world.fit([model], snapshot, self.fitter(snapshot))
        self.say(f"{name}: looking at the fit")
        return diagnose(model, fitted, snapshot.as_of)

    def nowcast(self, name: str, asked: date | None = None) -> tuple[Snapshot, list[Nowcast]]:
        """Complete the counts of the last days of a brief's models, fitting those that are not fitted.

        Parameters
        ----------
        name : str
            Of the brief.
        asked : date or None
            As-of date.
        """
        item = self.brief(name)
        snapshot = self.archive.as_of(self.as_of(item, asked), item.sources)
        self.say(f"{name} as of {snapshot.as_of}: {len(snapshot.events):,} events known")
        specs = self.models(item).specs
        fitted = world.fit(specs, snapshot, self.fitter(snapshot, specs))
        return snapshot, nowcast.nowcast(specs, fitted, snapshot, predict.SIZES)

    def priors(self, name: str, asked: date | None = None, of: str = "") -> Before:
        """Carry a model's priors through to counts and questions; the arguments are those of `diagnose`."""
        model, (snapshot, questions) = self.spec(name), self.seen(name, asked, of)
        self.say(f"{name}: looking at what its priors imply as of {snapshot.as_of}")
        return imagine(model, snapshot, questions)

    def seen(self, model: str, asked: date | None = None, of: str = "") -> tuple[Snapshot, list[Question]]:
        """Take the snapshot of a brief that uses a model, and its questions; of all sources if no brief does."""
        briefs = [self.brief(of)] if of else [self.brief(each) for each in self.names("reports/briefs")]
        using = [item for item in briefs if model in item.uses]
        if of and not using:
            raise UsageError(f"the brief `{of}` does not use the model `{model}`", f"reports/briefs/{of}.toml, models")
        if not using:
            return self.archive.as_of(asked or self.archive.newest()), []
        snapshot = self.archive.as_of(self.as_of(using[0], asked), using[0].sources)
        return snapshot, list(self.agenda(using[0], snapshot).questions)

    def book(self, address: str = "", whole: bool = True, begin: bool = False) -> Ledger:
        """Open the book at an address; the desk's own by default.

        Parameters
        ----------
        address : str
        whole : bool
            Refuse a book that is not what was written: nothing is to be added to it.
        begin : bool
            Begin one if there is none.

        Raises
        ------
        UsageError
            If there is none, and none is to be begun: a slip in its address would pass for an empty one.
        DataError
            If it is not whole.
        """
        address = address or f"sqlite:///{self.root / BOOK}"
        if not begin and not there(address):
            raise UsageError("there is no book there", address, hint="forecast issue --brief NAME begins one")
        found = Ledger(address)
        fault = found.verify() if whole else None
        if fault is not None:
            where = f"row {fault.sequence}" if fault.sequence else "the file"
            raise DataError("the book is not whole", where, fault.why, "go back to a copy of it that is")
        return found

    def rows(self, address: str = "") -> list[Row]:
        """Read the book at an address; none if the desk has no book yet."""
        if not address and not (self.root / BOOK).exists():
            return []
        return self.book(address).rows()

    def now(self) -> datetime:
        """Read the clock."""
        return datetime.now(UTC)
