"""What is done with new data at a desk: a file looked at and appended as a fetch, fetches listed, days compared."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from importlib import import_module
from pathlib import Path

import pandas as pd

from forecast import big, collapse, files, intake, intake_checks
from forecast.catalogue import Source
from forecast.checklist import Check
from forecast.delivery import Delivery
from forecast.desk import Desk
from forecast.errors import UsageError
from forecast.intake import Changes, Proposal
from forecast.revisions import changed
from forecast.sources import mapped, sheets

MAPPINGS = "data/mappings"


@dataclass(frozen=True)
class Looked:
    """A file that was looked at, and what became of it.

    Parameters
    ----------
    proposal : Proposal
    checks : list of Check
    through : date or None
        How far the source would be looked at; None if the file was stopped.
    path : Path or None
        What was written; None if nothing was.
    """

    proposal: Proposal
    checks: list[Check]
    through: date | None = None
    path: Path | None = None

    @property
    def stopped(self) -> bool:
        """Whether a check stops the file."""
        return any(check.stops for check in self.checks)

    @property
    def changes(self) -> Changes:
        """What the file changes."""
        return self.proposal.changes


@dataclass(frozen=True)
class Said:
    """What an analyst says of a file.

    Parameters
    ----------
    fetched_at : date or None
        When it was fetched; today if None.
    published : date or None
        When it became public.
    through : date or None
        The last day that was looked at.
    origin : str
        Where it came from; its name if blank.
    mapping : Path or None
        How it is laid out; data/mappings/SOURCE.toml if there is one.
    """

    fetched_at: date | None = None
    published: date | None = None
    through: date | None = None
    origin: str = ""
    mapping: Path | None = None


def add(desk: Desk, path: Path, name: str, said: Said, dry: bool = False) -> Looked:
    """Look at a file of a source and, unless a check stops it, append what is new as one fetch.

    Parameters
    ----------
    desk : Desk
    path : Path
    name : str
        Of the source.
    said : Said
    dry : bool
        Only look.

    Raises
    ------
    UsageError
        If the source or the file is not there, or a day cannot be meant.
    DataError
        If the file cannot be read at all.
    """
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise UsageError("the file cannot be read", str(path), problem.strerror or str(problem)) from None
    return take(desk, content, path.name, name, said, dry)


def take(desk: Desk, content: bytes, where: str, name: str, said: Said, dry: bool = False) -> Looked:
    """Do what `add` does with the bytes of a file."""
    with files.alone(desk.root / "data" / ".lock", desk.say):
        desk.reread()  # another run may have added something before this one had the lock
        source, today = desk.archive.source(name), desk.now().date()
        _check_days(desk, name, said, today)
        delivery = _parsed(desk, content, where, name, source, said)
        record, looked = _record(desk, delivery, name, source), desk.archive.through.get(name)
        fetched_at = said.fetched_at or today
        proposal = Proposal(delivery, name, source, record, looked, fetched_at, said.published)
        found = Looked(proposal, intake_checks.checked(proposal))
        if found.stopped:
            return found
        if source.collapse is not None:
            collapse.check(proposal.typed, delivery.where)
        found = replace(found, through=_through(proposal, said))
        told = f'received = "{files.sha256(content)}"\norigin = {quoted(said.origin or where)}\n'
        return found if dry or not _new(found) else replace(found, path=_append(desk, found, told))


@dataclass(frozen=True)
class Line:
    """A fetch, as the log tells it: rows by what they are, and how far was looked."""

    source: str
    file: str
    fetched_at: date
    added: int
    revised: int
    retracted: int
    through: date
    origin: str


def log(desk: Desk, name: str = "") -> list[Line]:
    """List the fetches of a source, or of all, oldest first."""
    if name:
        desk.archive.source(name)
    return [
        Line(
            source,
            kept.path.name,
            kept.fetched_at,
            *desk.archive.counts[kept.where],
            kept.said.through,
            kept.said.origin,
        )
        for source, fetches in desk.archive.fetches.items()
        if name in ("", source)
        for kept in fetches
    ]


@dataclass(frozen=True)
class Difference:
    """What two snapshots differ in.

    Parameters
    ----------
    before, after : date
    rows : dict of str to DataFrame
        Parted as `revisions.changed` does.
    short : dict of str to date
        Sources that were left out because they were not looked at so far, and how far they were.
    """

    before: date
    after: date
    rows: dict[str, pd.DataFrame]
    short: dict[str, date]


def diff(desk: Desk, days: tuple[date, date], name: str = "") -> Difference:
    """Say in what the snapshots of two days differ, of one source, or of all that were looked at so far."""
    through = desk.archive.through
    chosen = [name] if name else [one for one, last in through.items() if last >= max(days)] or None
    before, after = (desk.archive.as_of(day, chosen) for day in days)
    short = {} if chosen is None or name else {one: last for one, last in through.items() if one not in chosen}
    return Difference(before.as_of, after.as_of, changed(before.events, after.events), short)


def _check_days(desk: Desk, name: str, said: Said, today: date) -> None:
    fetched_at, kept = said.fetched_at or today, desk.archive.fetches[name]
    if fetched_at > today:
        raise UsageError(f"{fetched_at} is yet to come", "--fetched", hint=f"today is {today}")
    if kept and fetched_at < kept[-1].fetched_at:
        why = f"the last fetch of `{name}` is of {kept[-1].fetched_at}, and fetches are appended in their order"
        raise UsageError(f"a fetch of {fetched_at} comes too late", "--fetched", why)
    for day, option in ((said.published, "--published"), (said.through, "--through")):
        if day is not None and day > fetched_at:
            raise UsageError(f"{day} is later than the day of the fetch, {fetched_at}", option)


def _parsed(desk: Desk, content: bytes, where: str, name: str, source: Source, said: Said) -> Delivery:
    """Read a file by the importer of its source, by a mapping, or as it stands."""
    usual = desk.root / MAPPINGS / f"{name}.toml"
    path = said.mapping or (usual if usual.exists() else None)
    if source.format and path is not None:
        raise UsageError(f"the source `{name}` is read by its format `{source.format}`", str(path), hint="leave it out")
    if source.format:
        parse: Callable[[bytes, str], Delivery] = import_module(f"forecast.sources.{source.format}").parse
        return parse(*sheets.unpacked(content, where))
    if path is None:
        return mapped.parse(content, where, source)
    try:
        layout = mapped.layout(path.read_text(encoding="utf-8"), str(path), source)
    except OSError as problem:
        raise UsageError("the mapping cannot be read", str(path), problem.strerror or str(problem)) from None
    return mapped.parse(content, where, source, layout)


def _record(desk: Desk, delivery: Delivery, name: str, source: Source) -> pd.DataFrame:
    """Take from the record what a delivery can change: records that it names, in our words, and days that it holds."""
    codes, named = source.codes.get("record", {}), delivery.rows.get("record", pd.Series(dtype="str"))
    records = [*(codes.get(record, record) for record in named), *delivery.withdrawn]
    return desk.archive.touched(name, records, delivery.span)


def _through(proposal: Proposal, said: Said) -> date:
    """Find how far was looked: as said, as the file says, or to the last day on which a row of it became known."""
    if said.through is not None:
        return said.through
    if proposal.delivery.through is not None:
        return min(proposal.delivery.through, proposal.fetched_at)
    rows = proposal.typed
    known: pd.Timestamp = rows["known_at"].where(rows["known_by"] != "fetched", rows["event_at"]).max()
    last = proposal.fetched_at if pd.isna(known) else known.date()
    return min(max(last, proposal.looked or last), proposal.fetched_at)


def _new(found: Looked) -> bool:
    """Whether a fetch would say anything: a row, or that somebody looked further."""
    looked = found.proposal.looked
    assert found.through is not None
    return not found.changes.rows.empty or looked is None or found.through > looked


def _append(desk: Desk, found: Looked, told: str) -> Path:
    """Write a fetch; it counts from the moment that its rows stand under their name, which is the last step."""
    proposal, rows = found.proposal, found.changes.rows
    store = proposal.source.store
    content = big.written(rows, proposal.source) if store == "parquet" else _csv(intake.written(rows, proposal.source))
    path = _free(desk.root / "data" / "events" / proposal.name, proposal.fetched_at, store)
    said = f'through = {found.through}\nrows = {len(rows)}\nsha256 = "{files.sha256(content)}"\n{told}'
    files.write(path.with_suffix(".toml"), said.encode())
    files.write(path, content)
    return path


def _csv(cells: pd.DataFrame) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(cells.columns)
    writer.writerows(cells.to_numpy().tolist())
    return out.getvalue().encode()


def _free(folder: Path, day: date, suffix: str) -> Path:
    number = len([*folder.glob(f"{day}.{suffix}"), *folder.glob(f"{day}.*.{suffix}")])
    return folder / (f"{day}.{number + 1}.{suffix}" if number else f"{day}.{suffix}")


def quoted(text: str) -> str:
    """Write a text as TOML does: JSON's escapes are TOML's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
