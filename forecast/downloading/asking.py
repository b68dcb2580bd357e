"""Asks for a file, follows its redirects, and asks again while what went wrong may pass."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urljoin

from forecast import __version__
from forecast.downloading import bodies, headers
from forecast.downloading.addresses import Door, Place, allowed, shown
from forecast.downloading.connecting import PassingFault, asked
from forecast.downloading.limits import Limits, Pace
from forecast.downloading.partial import Part
from forecast.errors import DataError, EnvironmentFault

REDIRECTS = 5
MOVED = (301, 302, 303, 307, 308)
PATIENCE = 120.0  # seconds that a host may ask us to stay away
ASKED = {"User-Agent": f"brinkcast/{__version__}", "Accept": "*/*", "Accept-Encoding": "identity"}
HINTS = {401: "look at the key that it asks for", 403: "look at the key, or at the terms of its publisher"}
MOVED_AWAY = "look up the present address at its publisher"


@dataclass(frozen=True)
class Errand:
    """One download on its way: what was asked of `download`, and the time that is left."""

    address: str
    query: Mapping[str, str]
    hosts: Sequence[str]
    part: Part
    now: Callable[[], datetime]
    say: Callable[[str], None]
    limits: Limits
    door: Door
    pace: Pace


@dataclass(frozen=True)
class Got:
    """The answer that brought the last byte."""

    url: str
    status: int
    said: headers.Said
    resumed: bool


def tried(errand: Errand) -> Got:
    """Ask, and ask again while the fault may pass, ever later.

    Raises
    ------
    DataError
        If the answer is not the file.
    EnvironmentFault
        If no try brought it.
    """
    for count in range(errand.limits.retries):
        try:
            return _received(errand)
        except PassingFault as fault:
            wait = 2**count * (0.5 + errand.door.chance()) if fault.after is None else fault.after
            if wait > min(PATIENCE, errand.pace.left):
                why = f"it could be asked again in {wait:,.0f} s at the earliest"
                raise EnvironmentFault(fault.what, fault.where, why, "run it again later") from None
            errand.say(f"{fault.what}; trying again in {wait:.1f} s")
            errand.door.pause(wait)
    try:
        return _received(errand)
    except PassingFault as fault:
        why = fault.why or f"so ended the last of {errand.limits.retries + 1} tries"
        raise EnvironmentFault(fault.what, fault.where, why, fault.hint or "run it again later") from None


def _received(errand: Errand) -> Got:
    """Ask once, for the rest if a part is held, and add what comes to the part."""
    part, most = errand.part, errand.limits.bytes
    held, known = part.held()
    rest = {"Range": f"bytes={held}-", "If-Range": known} if held else {}
    with _answered(errand, ASKED | rest) as (place, status, said, body):
        start = _start(errand, place, status, said)
        whole, where = headers.total(said), place.shown
        bodies.check_type(said.get("content-type", ""), where)
        if whole is not None and whole > most:
            raise bodies.too_large(whole, most, where)
        errand.say(f"going on at byte {start:,} of {where}" if start else f"downloading {where}")
        pieces = bodies.unpacked(bodies.capped(body, most, where, start), headers.encoding(said), where)
        try:
            length = start
            with part.grown(start, known if start else headers.version(said)) as write:
                for piece in bodies.capped(pieces, most, where, start):
                    length = write(piece)
            bodies.check_beginning(part.beginning(), where)
        except DataError:
            part.drop()
            raise
    if whole not in (None, length):
        part.drop()
        raise PassingFault(f"`{place.host}` sent {length:,} bytes of {whole:,}", where)
    return Got(where, status, said, start > 0)


@contextmanager
def _answered(errand: Errand, asking: Mapping[str, str]) -> Iterator[tuple[Place, int, headers.Said, Iterable[bytes]]]:
    """Ask, and follow redirects, each checked like the first address."""
    place = allowed(errand.address, errand.hosts, errand.door, errand.query)
    for _ in range(REDIRECTS + 1):
        with asked(place, asking, errand.door, errand.pace) as answer:
            said = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
            if answer.status not in MOVED or "location" not in said:
                yield place, answer.status, said, answer.iter_stream()
                return
        place = allowed(urljoin(place.url, said["location"].replace(" ", "%20")), errand.hosts, errand.door)
    raise DataError(f"the address redirects more than {REDIRECTS} times", shown(errand.address), hint=MOVED_AWAY)


def _start(errand: Errand, place: Place, status: int, said: headers.Said) -> int:
    """Say from which byte on the answer is to be written, or why not at all."""
    held, known = errand.part.held()
    if status == 200:
        return 0
    if held and status in (206, 416):
        if status == 206 and headers.goes_on(said, held, known):
            return held
        errand.part.drop()
        raise PassingFault(f"`{place.host}` does not go on where it broke off", place.shown, after=0)
    name = f"{status} {HTTPStatus(status).phrase}" if status in set(HTTPStatus) else str(status)
    what = f"`{place.host}` answered {name}"
    if status == 429 or status >= 500:
        raise PassingFault(what, place.shown, after=headers.after(said, errand.now()))
    raise DataError(what, place.shown, hint=HINTS.get(status, MOVED_AWAY))
