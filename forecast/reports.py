"""Reports of a desk: made, unless the same inputs have made them already, written with their manifest, found again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from forecast import (
    answers,
    diagnosis,
    files,
    fitting,
    manifest,
    posteriors,
    predict,
    provenance,
    publishing,
    report,
    series,
    world,
)
from forecast.aftermath import aftermath
from forecast.desk import Desk
from forecast.errors import DataError, NotConverged, SpecError, UsageError
from forecast.explain import Side
from forecast.folder import Case
from forecast.history import History, Why, recall, side
from forecast.ladders import climbs
from forecast.language import say, speaking
from forecast.manifest import Inputs, Manifest
from forecast.outlook import Run
from forecast.predict import Models

GROUPS = 3  # of new events, that are left out in turn


@dataclass(frozen=True)
class Issue:
    """A report that lies on disk: where, what it says, and whether it was made anew."""

    folder: Path
    document: dict[str, Any]
    fresh: bool


def run(desk: Desk, name: str, asked: date | None = None, again: bool = False, book: str = "") -> Issue:
    """Make a brief's report, unless the same inputs have made it already.

    Parameters
    ----------
    name : str
        Of the brief.
    asked : date or None
        As-of date.
    again : bool
        Refit: begin each fit from the newest posterior of its model instead of from nothing.
    book : str
        Address of the book that says what was forecast before, and how it came out; the desk's own by default.

    Raises
    ------
    ForecastError
        Whatever the inputs, the models or the disk refuse.
    """
    item = desk.brief(name)
    as_of = desk.as_of(item, asked)
    folder = desk.root / "reports" / item.name / as_of.isoformat()
    with desk.timed(), files.alone(folder.parent / ".lock", desk.say):
        with desk.stage("read"):
            case = desk.case(item, as_of)
            past = recall(desk.rows(book), item.name, as_of)
            inputs = manifest.inputs(case, past.head, again)
        events, questions = len(case.snapshot.events), len(case.asks.questions)
        desk.say(f"{item.name} as of {as_of}: {events:,} events known, {questions} questions")
        old = _kept(folder, inputs)
        if old is not None:
            desk.say("up to date")
            return Issue(folder, old, fresh=False)
        faces, refusal = made(desk, case, past, inputs.digest, desk.fitter(case.snapshot, case.models.specs, again))
        _write(desk, folder, case, inputs, faces)
        if refusal is not None:
            raise refusal
    return Issue(folder, json.loads(faces["report.json"]), fresh=True)


@dataclass(frozen=True)
class Plan:
    """What a run would do.

    Parameters
    ----------
    as_of : date
    events, questions : int
        Known by then, and asked.
    models : dict of str to bool
        Model -> whether its posterior lies on the shelf, so that nothing is to be fitted.
    seconds : dict of str to float or None
        Model that is to be fitted -> how long its last fit took here; None if it never was.
    up_to_date : bool
        Whether the same inputs have made the report already.
    """

    as_of: date
    events: int
    questions: int
    models: dict[str, bool]
    seconds: dict[str, float | None]
    up_to_date: bool


def plan(desk: Desk, name: str, asked: date | None = None, book: str = "") -> Plan:
    """Say what `run` would do, and do nothing; the arguments are those of `run`."""
    item = desk.brief(name)
    as_of = desk.as_of(item, asked)
    case = desk.case(item, as_of)
    inputs = manifest.inputs(case, recall(desk.rows(book), item.name, as_of).head, False)
    kept = _kept(desk.root / "reports" / item.name / as_of.isoformat(), inputs) is not None
    shelf = fitting.shelved(desk.shelf, case.snapshot, case.models.every, False)
    there = {model: bool(digest) for model, digest in shelf.items()}
    seconds = {model: posteriors.took(desk.shelf, model) for model, found in there.items() if not found}
    return Plan(as_of, len(case.snapshot.events), len(case.asks.questions), there, seconds, kept)


def made(
    desk: Desk, case: Case, past: History, inputs: str, fitter: world.Fitter
) -> tuple[dict[str, bytes], NotConverged | None]:
    """Make the faces of a report, and write nothing.

    Parameters
    ----------
    case : Case
    past : History
        What the book says.
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
    with speaking(case.brief.language):
        try:
            with desk.stage("forecast"):
                run = predicted(case, past, inputs, fitter)
            if case.brief.why:
                with desk.stage("explain"):
                    past = replace(past, why=_why(desk, case, past, run))
        except NotConverged as refusal:
            return report.refusal(case.brief.title, case.snapshot.as_of, refusal), refusal
        desk.say("writing the report")
        with desk.stage("write"):
            return report.faces(run, past), None


def predicted(case: Case, past: History, inputs: str, fitter: world.Fitter) -> Run:
    """Compute all that a report tells; the arguments are those of `made`."""
    item, snapshot, models, asks = case.brief, case.snapshot, case.models, case.asks
    found = predict.predict(models, snapshot, asks.questions, predict.SIZES, fitter, asks.scenarios, asks.pairs)
    prediction = publishing.publish(found, past.learned)
    outlooks = series.outlooks(prediction, asks.titles, snapshot)
    looked = [diagnosis.part(model, whole=False) for model in prediction.fitted]
    return Run(
        name=item.name,
        title=item.title,
        summary=item.summary,
        domains=item.domains,
        snapshot=snapshot,
        outlooks=tuple(publishing.curves(one, past.learned) for one in outlooks),
        fits=series.fits(models.specs, prediction.fitted, snapshot, looked),
        seed=world.seed(models.specs[0].parts[0], snapshot),
        draws=predict.SIZES.draws,
        code=provenance.version(),
        inputs=inputs,
        sources={name: case.about(name) for name in case.sources},
        audience=item.audience,
        vocabulary=item.vocabulary,
        without=item.without,
        lead=item.lead,
        climbs=tuple(
            publishing.ladder(one, prediction.forecasts, past.learned) for one in climbs(prediction, snapshot)
        ),
        comparisons=prediction.comparisons,
        pairs=prediction.pairs,
        aftermath=tuple(aftermath(one, snapshot) for one in item.aftermath),
        outcomes=answers.outcomes(prediction.forecasts, case.later),
        later=case.later.as_of,
    )


def _why(desk: Desk, case: Case, past: History, run: Run) -> Why:
    """Explain what moved since the brief's issue before, of all questions that were asked then too."""
    before, now = past.before, {one.question.series: one for item in run.outlooks for one in item.forecasts}
    then = {pair[0].series: pair for pair in past.previous if pair[0].series in now}
    if before is None or not then:
        return Why(lacking=say("questions-why-first"))
    desk.say(f"what moved since {before}")
    try:
        earlier = side(past.rows, list(then.values()), desk.archive.as_of(before, case.brief.sources))
    except DataError as refusal:
        return Why(lacking=refusal.what)
    after = Side(
        tuple(now[series].question for series in then),
        case.snapshot,
        Models(case.models.specs, ()),
        past.learned,
        tuple(now[series].probability for series in then),
    )
    return Why(before, dict(zip(then, desk.between(earlier, after).explained(GROUPS), strict=True)))


def _write(desk: Desk, folder: Path, case: Case, inputs: Inputs, faces: Mapping[str, bytes]) -> None:
    every = case.models.every
    whole = Manifest(
        schema_version=2,
        inputs=inputs,
        seeds=manifest.seeds(case),
        posteriors=fitting.shelved(desk.shelf, case.snapshot, every, True) if inputs.refit else {},
        machine=manifest.machine(desk.lock),
        faces={name: files.sha256(content) for name, content in faces.items()},
    )
    # JSON last: where it lies, all lies.
    for name, content in reversed({**faces, manifest.NAME: whole.text.encode()}.items()):
        files.write(folder / name, content)


def latest(desk: Desk, name: str, asked: date | None = None) -> Issue:
    """Find the newest report of a brief, or the one of a date."""
    folders = sorted(path.parent for path in (desk.root / "reports" / desk.brief(name).name).glob("[0-9]*/report.json"))
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
