"""Asks for a file, follows its redirects, and asks again while what went wrong may pass."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from urllib.parse import unquote, unquote_plus, urljoin

from forecast import __version__
from forecast.downloading import bodies, headers
from forecast.downloading.addresses import Door, Place, allowed, shown
from forecast.downloading.connecting import PassingFault, asked
from forecast.downloading.held import Held
from forecast.downloading.keys import veil
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
    """One download on its way: what was asked of `download`, the time that is left, and what was spent before.

    What is secret: the query, the form, which is sent in place of a plain question, and the bearer token, which goes to
    the host of the address alone.
    """

    address: str
    hosts: Sequence[str]
    part: Part | Held
    now: Callable[[], datetime]
    say: Callable[[str], None]
    limits: Limits
    door: Door
    pace: Pace
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    bearer: str = field(default="", repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    hint: str = ""
    spent: int = 0

    def veil(self, text: str) -> str:
        """Blot out of a text what this errand shows to its host."""
        return veil([*self.query.values(), self.bearer])(text)

    def tells(self, text: str) -> bool:
        """Say whether a text holds any of that, in whatever way addresses write it."""
        return any(self.veil(one) != one for one in (text, unquote(text), unquote_plus(text)))


@dataclass(frozen=True)
class Got:
    """The answer that brought the last byte."""

    url: str
    status: int
    said: headers.Said
    resumed: bool
    pages: int = 0


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


def whole(errand: Errand, part: Part) -> Got:
    """Ask for a file that stands as it comes, and see to it that it does not repeat the key.

    Raises
    ------
    DataError
        If the answer is not the file, or repeats the key.
    EnvironmentFault
        If no try brought it.
    """
    tells = False
    try:
        got = tried(errand)
    finally:
        if errand.query or errand.bearer:
            tells = any(map(errand.tells, part.texts()))
        if tells:
            part.drop()
    if tells:
        raise repeated(errand)
    return got


def repeated(errand: Errand) -> DataError:
    """Refuse an answer for what it holds of the key."""
    hint = "nothing that tells a key is kept; with `pages`, what an answer repeats of its question is left out"
    return DataError("the answer repeats the key that it was asked with", shown(errand.address), hint=hint)


def _received(errand: Errand) -> Got:
    """Ask once, for the rest if a part is held, and add what comes to the part."""
    part, most, spent = errand.part, errand.limits.bytes, errand.spent
    held, known = part.held()
    rest = {"Range": f"bytes={held}-", "If-Range": known} if held else {}
    with _answered(errand, ASKED | rest) as (place, status, said, body):
        start = _start(errand, place, status, said)
        whole, where = headers.total(said), place.shown
        bodies.check_type(said.get("content-type", ""), where)
        if whole is not None and spent + whole > most:
            raise bodies.too_large(spent + whole, most, where)
        errand.say(f"going on at byte {start:,} of {where}" if start else f"downloading {where}")
        pieces = bodies.unpacked(bodies.capped(body, most, where, spent + start), headers.encoding(said), where)
        try:
            length = start
            with part.grown(start, known if start else headers.version(said)) as write:
                for piece in bodies.capped(pieces, most, where, spent + start):
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
    """Ask, and follow redirects, each checked like the first address; a form is sent nowhere else."""
    place = home = allowed(errand.address, errand.hosts, errand.door, errand.query)
    for _ in range(REDIRECTS + 1):
        shows = errand.bearer and place.origin == home.origin
        key = {"Authorization": f"Bearer {errand.bearer}"} if shows else {}
        with asked(place, {**asking, **key}, errand.door, errand.pace, errand.form) as answer:
            said = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
            if answer.status not in MOVED or "location" not in said or errand.form is not None:
                yield place, answer.status, said, answer.iter_stream()
                return
        location = urljoin(place.url, said["location"].replace(" ", "%20"))
        place = allowed(location, errand.hosts, errand.door)
        if place.origin != home.origin and errand.tells(location):
            raise DataError("the redirect would hand the key to another host", shown(errand.address))
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
    refused = status in (401, 403) or (status == 400 and errand.form is not None)  # RFC 6749, 5.2
    raise DataError(what, place.shown, hint=(refused and errand.hint) or HINTS.get(status, MOVED_AWAY))
