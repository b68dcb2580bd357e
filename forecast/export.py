"""What a book says, as files for other programs; and model output files of any hub, looked at."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path, PurePosixPath

from pydantic import ValidationError

from forecast import files, predict, provenance
from forecast.checklist import Check
from forecast.desk import Desk
from forecast.errors import DataError, InternalError, UsageError, listed
from forecast.formats import checks, hub, plain, posts, readings
from forecast.formats.hub_config import Admin, Round, Tasks, read
from forecast.formats.issued import Issued, newest
from forecast.formats.submission import Submission
from forecast.ledger import Ledger
from forecast.register import Register

LEAVE_OUT = "--draws 0 leaves samples out"


def export(
    desk: Desk, book: Ledger, name: str, folder: Path, asked: date | None = None, draws: int = 100
) -> list[Path]:
    """Write what was issued of a brief as CSV, as JSON, as posts and as a hub, if the hub's file passes the checks.

    Parameters
    ----------
    desk : Desk
    book : Ledger
    name : str
        Of the brief.
    folder : Path
        A new one, or one that holds the hub of this brief: a day is added to it.
    asked : date or None
        As-of date of the issue; the newest by default.
    draws : int
        How many samples of each question; none if 0, and then nothing is simulated.

    Returns
    -------
    list of Path
        The files, the model output first.

    Raises
    ------
    UsageError
        If nothing was issued, the folder is another brief's, or the futures cannot be simulated again.
    """
    rows = book.rows()
    issued = newest(rows, desk.brief(name).name, asked)
    ends = {one.told.question: one.end for one in Register(rows).scored()}
    earlier = _earlier(folder, name)
    samples = _samples(desk, name, issued, draws) if draws else {}
    made = hub.tree(issued, samples, earlier)
    output = next(path for path in made if path.startswith("model-output/"))
    if (folder / hub.ADMIN).exists():
        made[hub.ADMIN] = (folder / hub.ADMIN).read_bytes()  # its owner may have said more
    _check(PurePosixPath(output), made)
    made |= {"forecasts.csv": plain.table(issued), "forecasts.json": plain.document(issued)}
    made["questions.json"] = posts.document(issued, ends)
    for path, content in made.items():
        files.write(folder / path, content)
    return [folder / path for path in sorted(made, key=lambda path: (path != output, path))]


def validate(path: Path) -> list[tuple[Path, list[Check]]]:
    """Look at a model output file, or at all of a hub if that is its folder.

    Raises
    ------
    UsageError
        If there is no such file, or it lies in no hub.
    """
    if not path.exists():
        raise UsageError("there is no such file", str(path))
    place = path.resolve()
    root = next((one for one in (place, *place.parents) if (one / hub.TASKS).is_file()), None)
    if root is None:
        why = f"a hub is a folder with {hub.TASKS}, and this lies in none"
        raise UsageError("this is no file of a hub", str(path), why, "name a file below its model-output/")
    found = [place] if place.is_file() else sorted(place.glob("model-output/*/*.csv"))
    if not found:
        raise UsageError("the hub holds no model output", str(path), hint="name a file below its model-output/")
    return [(one, checks.checked(_submission(root, one))) for one in found]


def _submission(root: Path, path: Path) -> Submission:
    admin, metadata = root / hub.ADMIN, root / hub.METADATA
    return Submission(
        path=PurePosixPath(path.relative_to(root).as_posix()),
        content=path.read_bytes(),
        tasks=(root / hub.TASKS).read_bytes(),
        admin=admin.read_bytes() if admin.is_file() else b"{}",
        metadata=[one.name for one in metadata.glob("*")],
        beside=[one.name for one in path.parent.iterdir()],
    )


def _check(output: PurePosixPath, made: dict[str, bytes]) -> None:
    metadata = [PurePosixPath(path).name for path in made if path.startswith(f"{hub.METADATA}/")]
    one = Submission(output, made[str(output)], made[hub.TASKS], made[hub.ADMIN], metadata, [output.name])
    wrong = [str(check) for check in checks.checked(one) if check.stops]
    if wrong:
        raise InternalError("the hub's file does not pass its checks; nothing was written", str(output), listed(wrong))


def _earlier(folder: Path, name: str) -> tuple[Round, ...]:
    """Read the rounds of a hub that lies there already, which must be this brief's."""
    if not (folder / hub.TASKS).exists():
        return ()
    try:
        admin = read(Admin, (folder / hub.ADMIN).read_bytes())
        tasks = read(Tasks, (folder / hub.TASKS).read_bytes())
    except (OSError, ValidationError) as problem:
        what = "the hub that lies there cannot be read, and would be lost"
        raise DataError(what, str(folder), str(problem).splitlines()[0], "name another folder") from None
    if admin.name != hub.admin(name).name:
        raise UsageError(f"the hub that lies there is another's: {admin.name}", str(folder), hint="name another folder")
    return tasks.rounds


def _samples(desk: Desk, name: str, issued: Sequence[Issued], draws: int) -> dict[str, list[float]]:
    """Simulate the futures again and read the questions in some, if they are the ones that the book speaks of."""
    if not 0 < draws <= predict.SIZES.draws:
        raise UsageError(f"there are {predict.SIZES.draws:,} futures, not {draws:,}", "--draws", hint=LEAVE_OUT)
    item = desk.brief(name)
    snapshot, specs = desk.archive.as_of(issued[0].as_of, item.sources), desk.models(item).specs
    _same_inputs(issued, snapshot.digest, {one.name: one.digest for one in specs})
    asked = [one.asked for one in issued]
    desk.say(f"{name} as of {snapshot.as_of}: simulating the futures of {len(asked)} questions again")
    found = readings.read(specs, snapshot, asked, predict.SIZES, desk.fitter(snapshot, specs))
    other = [one for one, reading in zip(issued, found, strict=True) if one.raw != reading.raw]
    if other:
        what = f"{len(other)} of {len(issued)} probabilities came out otherwise than the book has them"
        raise UsageError(what, other[0].asked.id, _why(other), LEAVE_OUT)
    seed = int(snapshot.digest[:8], 16)
    return readings.drawn({one.question: each for one, each in zip(issued, found, strict=True)}, draws, seed)


def _why(other: Sequence[Issued]) -> str:
    """Say what was another when forecasts were made that cannot be made again from the same data and models."""
    here = provenance.machine()
    differs = ["the program"] if {one.program for one in other} != {provenance.program()} else []
    differs += ["the machine"] if any(one.machine.get(name) != here[name] for one in other for name in here) else []
    if not differs:
        return "they were made by the quicker fits of a backtest"
    return f"other than when the forecasts were made: {', '.join(differs)}"


def _same_inputs(issued: Sequence[Issued], data: str, specs: dict[str, str]) -> None:
    differs = ["the data"] if {one.data for one in issued} != {data} else []
    differs += ["the number of futures"] if {one.draws for one in issued} != {predict.SIZES.draws} else []
    then = {(model, digest) for one in issued for model, digest in one.specs.items()}
    differs += sorted(f"the model `{model}`" for model, digest in then if specs.get(model) != digest)
    if differs:
        why = f"other than when the forecasts were made: {', '.join(differs)}"
        raise UsageError("the futures cannot be simulated again", why=why, hint=LEAVE_OUT)
