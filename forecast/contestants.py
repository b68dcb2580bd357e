"""What is to be compared: models and days as they are typed, and the brief with each model in its place."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from forecast import entries, spec, world
from forecast.brief import Brief
from forecast.desk import Desk
from forecast.errors import DataError, UsageError, look_alike
from forecast.events import Snapshot
from forecast.ledger import Row
from forecast.questions import Question
from forecast.spec import Spec

DIGEST = re.compile("[0-9a-f]{6,64}")


@dataclass(frozen=True)
class Day:
    """An as-of date, and the beginning of the digest of what was known, if the book was asked for it; else blank."""

    as_of: date
    data: str = ""


def meant(desk: Desk, rows: Sequence[Row], text: str) -> Spec | Day:
    """Read what is to be compared.

    Parameters
    ----------
    desk : Desk
    rows : sequence of Row
        Of the book.
    text : str
        A day; the name of a model in models/; the path of a model's TOML elsewhere; or six letters or more of a digest
        in the book, of a model or of what a forecast was made from.

    Raises
    ------
    UsageError
        If it is none of these, or a digest begins like two.
    """
    try:
        return Day(date.fromisoformat(text))
    except ValueError:
        pass
    if text in desk.names("models"):
        return desk.spec(text)
    if text.endswith(".toml"):
        return _from_file(Path(text))
    found = _from_book(rows, text) if DIGEST.fullmatch(text) else {}
    if len(found) > 1:
        raise UsageError(f"`{text}` begins {len(found)} digests in the book", hint="write more of it")
    if not found:
        what = f"`{text}` is neither a day, nor a model in models/, nor a TOML file, nor a digest in the book"
        raise UsageError(what, "A, B", hint=look_alike(text, desk.names("models")))
    return next(iter(found.values()))


def _from_file(path: Path) -> Spec:
    try:
        found = spec.parse(path.read_text(encoding="utf-8"), str(path))
    except (FileNotFoundError, UnicodeDecodeError) as problem:
        raise UsageError("no model can be read there", str(path), str(problem)) from None
    for part in found.parts:
        world.family(part).check(part)
    return found


def _from_book(rows: Sequence[Row], text: str) -> dict[str, Spec | Day]:
    """Find the models, or else the days, whose digests begin so."""
    specs = {row.says["digest"]: row for row in rows if row.kind == "spec" and row.says["digest"].startswith(text)}
    if specs:
        return {digest: entries.read_spec(row) for digest, row in specs.items()}
    told = (row.says for row in rows if row.kind == "forecast")
    return {
        one["data"]: Day(date.fromisoformat(one["as_of"]), one["data"]) for one in told if one["data"].startswith(text)
    }


def known(desk: Desk, item: Brief, day: Day) -> Snapshot:
    """Take the snapshot of a day, for a brief.

    Raises
    ------
    DataError
        If the book was asked for what a forecast was made from, and the record says something else of that day now.
    """
    found = desk.archive.as_of(day.as_of, item.sources)
    if day.data and found.digest != day.data:
        what = f"what the record says of {day.as_of} today is not what that forecast was made from"
        raise DataError(what, "data/events", hint="name its brief, or take the data folder back to what it was then")
    return found


def teams(desk: Desk, item: Brief, every: Sequence[Spec]) -> list[list[Spec]]:
    """Put each of several models in the place of those of a brief that make the same kinds of event.

    Raises
    ------
    UsageError
        If one makes other kinds than the first, or the brief has no model of these.
    SpecError
        If one reads what is in other sources than the brief's: it would be taken for what never happens.
    """
    first, *others = every
    kinds = set(first.kinds)
    for other in others:
        if kinds != set(other.kinds):
            what = f"`{first.name}` makes {_listed(first)}, and `{other.name}` makes {_listed(other)}"
            raise UsageError(what, "A, B", hint="compare models of the same kinds of event")
    own = desk.models(item).specs
    places = [at for at, one in enumerate(own) if kinds & set(one.kinds)]
    if not places:
        what = f"no model of the brief `{item.name}` makes {_listed(first)}"
        raise UsageError(what, "--brief", hint=f"its models are {', '.join(item.models)}")
    for one in every:
        desk.check_covered(item, one)
    rest = {at: one for at, one in enumerate(own) if at not in places}
    return [[one for _, one in sorted({**rest, places[0]: chosen}.items())] for chosen in every]


def _listed(model: Spec) -> str:
    return ", ".join(f"`{kind}`" for kind in model.kinds)


def meaning(asks: Sequence[Question], lead: str) -> list[Question]:
    """List the questions whose ids begin so; all if nothing is said.

    Raises
    ------
    UsageError
        If there are none.
    """
    found = [question for question in asks if not lead or question.begins(lead)]
    if lead and not found:
        hint = look_alike(lead.partition("/")[0], {question.group for question in asks})
        raise UsageError(f"no question of the brief begins with `{lead}`", "--question", hint=hint)
    return found


def touched(asks: Sequence[Question], every: Sequence[Sequence[Spec]], chosen: Spec) -> list[Question]:
    """List the questions that read what the chosen model makes, as each other does, or what is made of that.

    Raises
    ------
    UsageError
        If there are none.
    """
    kinds = set(chosen.kinds)
    for team in every:
        for one in (team[at] for at in world.order(team)):
            kinds |= set(one.kinds) if kinds & set(one.reads) else set()
    found = [question for question in asks if kinds & set(question.kinds)]
    if not found:
        raise UsageError(f"no question of the brief reads {_listed(chosen)}", "--brief", hint="name another brief")
    return found
