"""A report made again from its manifest: the same bytes, or which input is missing or other, or where it differs."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, fields
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from forecast import files, fitting, manifest, predict, provenance, reports
from forecast.desk import Desk
from forecast.errors import ForecastError, SpecError, UsageError
from forecast.folder import Case
from forecast.history import NO_HEAD, History, recall
from forecast.ledger import Head, Row
from forecast.manifest import FACES, Inputs, Manifest

NOTHING = "nothing"
SHOWN = 80  # characters of a value that differs
DIGEST = re.compile("([0-9a-f]{12})[0-9a-f]{52}")  # of which the beginning is shown
REFIT = (
    "posteriors: `refit` may have begun from earlier ones, so that its report cannot be made again from nothing; "
    "`--kept` compares it with those that are kept"
)


@dataclass(frozen=True)
class Replay:
    """What came of a replay.

    Parameters
    ----------
    notes : tuple of str
        What is other about the machine, on which the last digits of a number may depend.
    wrong : tuple of str
        Inputs that are missing or other, and then nothing was computed; or the first face that differs, and where.
    same : tuple of str
        Faces that came out the same, byte for byte.
    """

    notes: tuple[str, ...]
    wrong: tuple[str, ...]
    same: tuple[str, ...] = ()


def replay(desk: Desk, path: Path, kept: bool = False, book: str = "") -> Replay:
    """Make a report again from what its manifest names, and compare; nothing is written.

    Parameters
    ----------
    desk : Desk
    path : Path
        Of the manifest.
    kept : bool
        Believe the posteriors on the shelf, instead of fitting from nothing.
    book : str
        Address of the book that the report was made with; the desk's own by default.

    Raises
    ------
    UsageError
        If there is no manifest, or it is not whole.
    """
    there = manifest.read(_text(path), str(path))
    said, notes = there.inputs, tuple(_machine(desk, there))
    rows = desk.rows(book)[: said.book.sequence]
    wrong = [*_written(desk, said), *_known(desk, said), *_program(said), *_edited(path.parent, there)]
    wrong += _book(rows, said.book)
    if there.posteriors and not kept:
        wrong.append(REFIT)
    if wrong:
        return Replay(notes, tuple(wrong))
    case = desk.case(desk.brief(said.brief.name), said.data.as_of)
    past = recall(rows, case.brief.name, case.snapshot.as_of)
    wrong = [*_listed(case, past, there), *(_posteriors(desk, case, there) if kept else ())]
    if wrong:
        return Replay(notes, tuple(wrong))
    with _shelf(desk, kept) as shelf:
        specs, again = case.models.specs, said.refit and kept
        fitter = fitting.fitter(Path(shelf), case.snapshot, desk.say, desk.watch, again, specs)
        faces, _ = reports.made(desk, case, past, said.digest, fitter)
    same = [name for name in FACES if files.sha256(faces[name]) == there.faces[name]]
    other = [name for name in FACES if name not in same]
    return Replay(notes, tuple(_differs(name, path.parent, faces) for name in other[:1]), tuple(same))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as problem:
        hint = f"`forecast run` writes {manifest.NAME} beside a report"
        raise UsageError("there is no manifest here", str(path), problem.strerror or "", hint) from None
    except UnicodeDecodeError as problem:
        raise SpecError("the file is not UTF-8", str(path), str(problem)) from None


def _machine(desk: Desk, there: Manifest) -> Iterator[str]:
    here = asdict(manifest.machine(desk.lock))
    for name, value in asdict(there.machine).items():
        for line in _other(name, value, here[name]):
            yield f"note: {line}; the last digits of numbers may differ"


def _written(desk: Desk, said: Inputs) -> Iterator[str]:
    """Compare what analysts write."""
    reads: tuple[tuple[str, Mapping[str, str], Callable[[str], str]], ...] = (
        ("brief", {said.brief.name: said.brief.digest}, lambda name: desk.brief(name).digest),
        ("questions", said.questions, lambda name: manifest.says(desk.questions(name))),
        ("model", said.models, lambda name: desk.spec(name).digest),
    )
    for what, digests, read in reads:
        for name, digest in digests.items():
            try:
                yield from _other(f"{what} {name}: its file says something else now", digest, read(name))
            except ForecastError as refusal:
                yield _refused(f"{what} {name}", refusal)


def _known(desk: Desk, said: Inputs) -> Iterator[str]:
    """Compare what was known, and what is said about its sources."""
    for known in (said.data, said.later):
        if known is None:
            continue
        try:
            snapshot = desk.archive.as_of(known.as_of, list(said.sources))
        except ForecastError as refusal:
            yield _refused("data", refusal)
            continue
        yield from _other(f"data: the archive as of {known.as_of} has another digest", known.digest, snapshot.digest)
        if known == said.data:
            here = manifest.sources({name: desk.archive.sources[name] for name in said.sources}, snapshot)
            for name, source in said.sources.items():
                for key, value in asdict(source).items():
                    yield from _other(f"source {name}, {key}", value, getattr(here[name], key))


def _program(said: Inputs) -> Iterator[str]:
    # With the versions of the manifest, so that another library is not taken for another program.
    digest, here = provenance.program(said.versions), provenance.version()
    yield from _other("program: its text is not the one that made the report", said.program, digest)
    for name in sorted({*said.versions, *here}):
        yield from _other(name, said.versions.get(name, NOTHING), here.get(name, NOTHING))
    yield from _other("futures", said.futures, predict.SIZES.draws)
    yield from _other("posterior draws", said.posterior_draws, predict.SIZES.parameters)


def _book(rows: Sequence[Row], said: Head) -> list[str]:
    """Find out whether the book begins with the rows that the report was made with."""
    if said == NO_HEAD or (len(rows) == said.sequence and rows[-1].seal == said.seal):
        return []
    return [f"book: it does not begin with the {said.sequence:,} rows that the report was made with"]


def _edited(folder: Path, there: Manifest) -> Iterator[str]:
    for name, digest in reports.faces_at(folder).items():
        yield from _other(f"{name}: the file beside the manifest was changed", there.faces[name], digest)


def _listed(case: Case, past: History, there: Manifest) -> Iterator[str]:
    """Find what a manifest leaves out or has too much, once all that it names is the same."""
    here = manifest.inputs(case, past.head, there.inputs.refit)
    for name in (field.name for field in fields(here)):
        if getattr(here, name) != getattr(there.inputs, name):
            yield f"{name}: the manifest does not list what the brief needs"
    if manifest.seeds(case) != there.seeds:
        yield "seeds: they do not follow from the models and the data"


def _posteriors(desk: Desk, case: Case, there: Manifest) -> Iterator[str]:
    """Find posteriors that are not on the shelf, or are not those of a refit."""
    found = fitting.shelved(desk.shelf, case.snapshot, case.models.every, there.inputs.refit)
    for name, digest in found.items():
        if not digest:
            yield f"posterior {name}: it is not kept here"
        elif there.posteriors:
            yield from _other(
                f"posterior {name}: another one is kept here", there.posteriors.get(name, NOTHING), digest
            )


def _shelf(desk: Desk, kept: bool) -> AbstractContextManager[str]:
    """Give the desk's shelf, on which all posteriors lie; or an empty one, so that nothing kept is believed."""
    return nullcontext(str(desk.shelf)) if kept else TemporaryDirectory()


def _differs(name: str, folder: Path, faces: dict[str, bytes]) -> str:
    """Say that a face differs; of JSON also where."""
    told = f"{name}: other bytes than the manifest says"
    if name != "report.json" or not (folder / name).exists():
        return told
    return f"{told}; first at {_apart(json.loads((folder / name).read_bytes()), json.loads(faces[name]))}"


def _apart(there: Any, here: Any, path: str = "") -> str:
    """Say where two documents first differ, and in what."""
    if isinstance(there, dict) and isinstance(here, dict):
        pairs = [(f".{key}", there.get(key, NOTHING), here.get(key, NOTHING)) for key in sorted({*there, *here})]
    elif isinstance(there, list) and isinstance(here, list):
        pairs = [(f"[{at}]", *both) for at, both in enumerate(zip_longest(there, here, fillvalue=NOTHING))]
    else:
        return f"{path.removeprefix('.')}: {repr(there)[:SHOWN]} there, {repr(here)[:SHOWN]} here"
    # By their text: 1 is not written as 1.0 is.
    found = (_apart(one, two, path + step) for step, one, two in pairs if repr(one) != repr(two))
    return next(found, "its layout")


def _other(what: str, there: Any, here: Any) -> list[str]:
    """Set what the manifest says beside what is here, if that is other."""
    said, found = (DIGEST.sub(r"\1…", str(value)) or NOTHING for value in (there, here))
    return [f"{what}: {said} there, {found} here"] if there != here else []


def _refused(what: str, refusal: ForecastError) -> str:
    return f"{what}: {refusal.what}" + (f" ({refusal.hint})" if refusal.hint else "")
