"""What a publisher offers, downloaded from the address that the desk's sources name, kept as it came, and appended."""

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from forecast import collecting, files
from forecast.catalogue import Source
from forecast.collecting import Looked, Said
from forecast.desk import Desk
from forecast.downloading import Download, download
from forecast.downloading.addresses import STRICT, Door
from forecast.downloading.keys import Credentials
from forecast.errors import EnvironmentFault, UsageError

RECEIVED = "data/received"
PLACE = re.compile(r"\{(\w*)\}")


def fetch(desk: Desk, name: str, of: date | None, said: Said, dry: bool = False, door: Door = STRICT) -> Looked:
    """Download what a source's publisher offers, keep it, and append what is new as one fetch.

    Parameters
    ----------
    desk : Desk
    name : str
        Of the source.
    of : date or None
        Which file, where the address has a place for a day.
    said : Said
        What an analyst says of the file.
    dry : bool
        Download and look, but append nothing.
    door : Door

    Raises
    ------
    UsageError
        If the source names no address, a day is missing or one too many, or a key is not there that it asks for.
    EnvironmentFault
        If it cannot be reached: how old the last fetch is stands in the message, and nothing has changed.
    """
    source = desk.archive.source(name)
    if not source.address:
        where = f"data/sources.toml, [{name}]"
        raise UsageError(f"the source `{name}` names no address", where, hint=f"forecast add FILE --source {name}")
    address, credentials = filled(source.address, of, name), unlocked(source, name, os.environ)
    with files.alone(desk.root / "data" / ".fetching", desk.say):
        path = _place(desk, name, address)
        hosts = (urlsplit(address).netloc, *source.hosts)
        try:
            got = download(
                address, path, hosts, desk.now, desk.say, credentials=credentials, pages=source.pages, door=door
            )
        except EnvironmentFault as fault:
            raise EnvironmentFault(fault.what, fault.where, f"{fault.why}; {_age(desk, name)}", fault.hint) from None
        files.write(path.with_name(path.name + ".toml"), _provenance(got).encode())
    return collecting.take(desk, path.read_bytes(), path.name, name, replace(said, origin=got.url), dry)


def filled(address: str, of: date | None, name: str) -> str:
    """Put a day into an address that has places for it: yyyy, yy, mm, m, dd, d.

    Raises
    ------
    UsageError
        If it has places and no day is given, or a day is given and it has none, or a place is not known.
    """
    places = set(PLACE.findall(address))
    if of is None or not places:
        if bool(of) != bool(places):
            what = f"the address of `{name}` asks for a day" if places else f"the address of `{name}` has no day in it"
            raise UsageError(what, "--of", hint="--of 2026-08-01" if places else "leave it out")
        return address
    day = {
        "yyyy": f"{of:%Y}",
        "yy": f"{of:%y}",
        "mm": f"{of:%m}",
        "m": str(of.month),
        "dd": f"{of:%d}",
        "d": str(of.day),
    }
    unknown = sorted(places - set(day))
    if unknown:
        where = f"data/sources.toml, [{name}], address"
        raise UsageError(f"`{{{unknown[0]}}}` is no place for a day", where, hint=", ".join(day))
    return PLACE.sub(lambda found: day[found[1]], address)


def unlocked(source: Source, name: str, environment: Mapping[str, str]) -> Credentials:
    """Take the key that a source asks for from the variables of the environment that its block names.

    Raises
    ------
    UsageError
        If a variable is not set: with its name, and where to get a key.
    """
    if source.key is None:
        return Credentials()
    key, variables = source.key, source.key.variables
    missing = [variable for variable in variables.values() if not environment.get(variable)]
    if missing:
        where, why = f"data/sources.toml, [{name}], key", f"not set in the environment: {', '.join(missing)}"
        raise UsageError(f"`{name}` asks for a key that is not there", where, why, f"get a key at {key.get}")
    secrets = {parameter: environment[variable] for parameter, variable in variables.items()}
    hint = f"look at {' and '.join(variables.values())}, and at the terms of its publisher: {key.get}"
    return Credentials(secrets, key.token, key.form, hint)


def _place(desk: Desk, name: str, address: str) -> Path:
    """Say where a file is kept: by the day of the fetch and its own name, made harmless."""
    last = urlsplit(address).path.rstrip("/").rpartition("/")[2]
    harmless = re.sub(r"[^A-Za-z0-9_.-]+", "-", last).strip(".-")[:80] or "file"
    return desk.root / RECEIVED / name / f"{desk.now():%Y-%m-%d}-{harmless}"


def _provenance(got: Download) -> str:
    said = {"url": got.url, "final_url": got.final_url, "sha256": got.sha256}
    lines = [f"{key} = {collecting.quoted(value)}" for key, value in said.items()]
    lines += [f"bytes = {got.bytes}", f"fetched_at = {got.fetched_at:%Y-%m-%dT%H:%M:%SZ}"]
    lines += [f"pages = {got.pages}"] if got.pages else []
    lines += [
        "[headers]",
        *(f"{collecting.quoted(key)} = {collecting.quoted(one)}" for key, one in got.headers.items()),
    ]
    return "\n".join(lines) + "\n"


def _age(desk: Desk, name: str) -> str:
    """Say how old what the desk has of a source is."""
    kept = desk.archive.fetches[name]
    if not kept:
        return f"`{name}` was never fetched, and nothing has changed"
    last = kept[-1]
    days = (desk.now().date() - last.fetched_at).days
    return f"the last fetch of `{name}` is {days} days old, looked at through {last.said.through}; nothing has changed"
