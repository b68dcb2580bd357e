"""The desk: the only room with a door, a book, a clock and a screen's worth of notes.

Everything below it goes from values to values; what is read from disk and written to it is read and
written here.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from forecast import answers, files, fitting, manifest, phrases, predict, provenance, report, series, world
from forecast.aftermath import aftermath
from forecast.before import Before, imagine
from forecast.diagnosis import diagnose
from forecast.errors import DataError, NotConverged, SpecError, UsageError
from forecast.events import Snapshot
from forecast.findings import Diagnosis
from forecast.fitting import Say
from forecast.folder import Case, Folder
from forecast.inference import Watch, unwatched
from forecast.ladders import climbs
from forecast.ledger import Ledger
from forecast.manifest import Inputs, Manifest
from forecast.outlook import Run
from forecast.predict import Reply
from forecast.questions import Question
from forecast.scenarios import Scenario
from forecast.spec import Spec


@dataclass(frozen=True)
class Issue:
    """A report that lies on disk: where, what it says, and whether it was made anew."""

    folder: Path
    document: dict[str, Any]
    fresh: bool


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

    def run(self, name: str, asked: date | None = None, again: bool = False) -> Issue:
        """Make a brief's report, unless the same inputs have made it already.

        Parameters
        ----------
        name : str
            Of the brief.
        asked : date or None
            As-of date.
        again : bool
            Refit: begin each fit from the newest posterior of its model instead of from nothing.

        Raises
        ------
        ForecastError
            Whatever the inputs, the models or the disk refuse.
        """
        item = self.brief(name)
        as_of = self.as_of(item, asked)
        folder = self.root / "reports" / item.name / as_of.isoformat()
        with files.alone(folder.parent / ".lock", self.say):
            case = self.case(item, as_of)
            inputs = manifest.inputs(case, again)
            events, questions = len(case.snapshot.events), len(case.asks.questions)
            self.say(f"{item.name} as of {as_of}: {events:,} events known, {questions} questions")
            old = _kept(folder, inputs)
            if old is not None:
                self.say("up to date")
                return Issue(folder, old, fresh=False)
            faces, refusal = self.made(case, inputs.digest, self.fitter(case.snapshot, case.models.specs, again))
            self._write(folder, case, inputs, faces)
            if refusal is not None:
                raise refusal
        return Issue(folder, json.loads(faces["report.json"]), fresh=True)

    def made(self, case: Case, inputs: str, fitter: world.Fitter) -> tuple[dict[str, bytes], NotConverged | None]:
        """Make the faces of a report, and write nothing.

        Parameters
        ----------
        case : Case
        inputs : str
            Digest of all that it is made from.
        fitter : callable
            Gives the posterior of one model.

        Returns
        -------
        dict of str to bytes
            The report; if a model did not converge, the page that says so.
        NotConverged or None
        """
        try:
            run = self.predicted(case, inputs, fitter)
        except NotConverged as refusal:
            return report.refusal(case.brief.title, case.snapshot.as_of, refusal), refusal
        self.say("writing the report")
        return report.faces(run), None

    def predicted(self, case: Case, inputs: str, fitter: world.Fitter) -> Run:
        """Compute all that a report tells; the arguments are those of `made`."""
        item, snapshot, models, asks = case.brief, case.snapshot, case.models, case.asks
        prediction = predict.predict(models, snapshot, asks.questions, predict.SIZES, fitter, asks.scenarios)
        return Run(
            name=item.name,
            title=item.title,
            summary=item.summary,
            domains=item.domains,
            snapshot=snapshot,
            outlooks=series.outlooks(prediction, asks.titles, snapshot),
            fits=series.fits(models.specs, prediction.fitted),
            seed=world.seed(models.specs[0].parts[0], snapshot),
            draws=predict.SIZES.draws,
            code=provenance.version(),
            inputs=inputs,
            sources={name: case.about(name) for name in case.sources},
            lead=item.lead,
            climbs=climbs(prediction, snapshot),
            comparisons=prediction.comparisons,
            aftermath=tuple(aftermath(one, snapshot) for one in item.aftermath),
            outcomes=answers.outcomes(prediction.forecasts, case.later),
            later=case.later.as_of,
        )

    @property
    def shelf(self) -> Path:
        """Where posteriors are kept."""
        return self.root / "models" / "fitted"

    def fitter(self, snapshot: Snapshot, specs: Sequence[Spec] = (), again: bool = False) -> world.Fitter:
        """Give what finds or makes posteriors on a snapshot; see `fitting.fitter`."""
        return fitting.fitter(self.shelf, snapshot, self.say, self.watch, again, specs)

    def _write(self, folder: Path, case: Case, inputs: Inputs, faces: Mapping[str, bytes]) -> None:
        every = case.models.every
        whole = Manifest(
            schema_version=1,
            inputs=inputs,
            seeds=manifest.seeds(case),
            posteriors=fitting.shelved(self.shelf, case.snapshot, every, True) if inputs.refit else {},
            machine=manifest.machine(self.lock),
            faces={name: files.sha256(content) for name, content in faces.items()},
        )
        # JSON last: where it lies, all lies.
        for name, content in reversed({**faces, manifest.NAME: whole.text.encode()}.items()):
            files.write(folder / name, content)

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
        model, (snapshot, _) = self.spec(name), self._seen(name, asked, of)
        self.say(f"{name} as of {snapshot.as_of}: {len(snapshot.events):,} events known")
        fitted = world.fit([model], snapshot, self.fitter(snapshot))
        self.say(f"{name}: looking at the fit")
        return diagnose(model, fitted, snapshot.as_of)

    def priors(self, name: str, asked: date | None = None, of: str = "") -> Before:
        """Carry a model's priors through to counts and questions; the arguments are those of `diagnose`."""
        model, (snapshot, questions) = self.spec(name), self._seen(name, asked, of)
        self.say(f"{name}: looking at what its priors imply as of {snapshot.as_of}")
        return imagine(model, snapshot, questions)

    def _seen(self, model: str, asked: date | None, of: str) -> tuple[Snapshot, list[Question]]:
        """Take the snapshot of a brief that uses a model, and its questions; of all sources if no brief does."""
        briefs = [self.brief(of)] if of else [self.brief(each) for each in self.names("reports/briefs")]
        using = [item for item in briefs if model in item.uses]
        if of and not using:
            raise UsageError(f"the brief `{of}` does not use the model `{model}`", f"reports/briefs/{of}.toml, models")
        if not using:
            return self.archive.as_of(asked or self.archive.newest()), []
        snapshot = self.archive.as_of(self.as_of(using[0], asked), using[0].sources)
        return snapshot, list(self.agenda(using[0], snapshot).questions)

    def book(self, address: str = "", whole: bool = True) -> Ledger:
        """Open the book at an address; the desk's own by default.

        Parameters
        ----------
        address : str
        whole : bool
            Refuse a book that is not what was written: nothing is to be added to it.

        Raises
        ------
        DataError
            If it is not whole.
        """
        found = Ledger(address or f"sqlite:///{self.root / 'book.db'}")
        fault = found.verify() if whole else None
        if fault is not None:
            where = f"row {fault.sequence}" if fault.sequence else "the file"
            raise DataError("the book is not whole", where, fault.why, "go back to a copy of it that is")
        return found

    def now(self) -> datetime:
        """Read the clock."""
        return datetime.now(UTC)

    def latest(self, name: str, asked: date | None = None) -> Issue:
        """Find the newest report of a brief, or the one of a date."""
        folders = sorted(path.parent for path in (self.root / "reports" / self.brief(name).name).glob("*/report.json"))
        if asked is not None:
            folders = [folder for folder in folders if folder.name == asked.isoformat()]
        if not folders:
            raise UsageError(f"there is no report of `{name}` yet", hint=f"forecast run --brief {name}")
        return Issue(folders[-1], json.loads((folders[-1] / "report.json").read_text(encoding="utf-8")), fresh=False)


def faces_at(folder: Path) -> dict[str, str]:
    """Digest the faces of a report that lie in a folder."""
    paths = [folder / name for name in manifest.FACES]
    return {path.name: files.sha256(path.read_bytes()) for path in paths if path.exists()}


def _kept(folder: Path, inputs: Inputs) -> dict[str, Any] | None:
    """Read the report that lies there, if the same inputs made it and it is, face by face, what was written."""
    try:
        there = manifest.read((folder / manifest.NAME).read_text(encoding="utf-8"), str(folder))
        document: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, SpecError):
        return None
    whole = there.inputs == inputs and faces_at(folder) == there.faces
    return document if whole and document["inputs"] == inputs.digest else None  # a refusal is tried again
