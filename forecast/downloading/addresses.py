"""Which addresses may be asked: https, a host that is listed, and only machines of the public internet."""

import ipaddress
import random
import re
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, urlencode, urlsplit

from forecast.errors import DataError, EnvironmentFault, look_alike

PORTS = {"https": 443, "http": 80}
NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
UNICAST = ipaddress.ip_network("2000::/3")  # all of IPv6 that is given out to networks
KEPT = "%/:@!$&'()*+,;=~-._?"
Resolve = Callable[[str, int], Sequence[str]]


def resolved(host: str, port: int) -> list[str]:
    """Ask the system for the IP addresses of a host, in the order in which to try them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True)
class Door:
    """How the program reaches outside: strict as it stands here; only tests open another.

    Parameters
    ----------
    schemes : tuple of str
    private : frozenset of str
        IP addresses that are asked although they are not public.
    resolve : callable
        Host and port to IP addresses.
    trust : SSLContext or None
        Whose certificates are accepted; None for those that the system accepts.
    clock : callable
        Seconds, from any origin, that never go back.
    pause : callable
        Waits for some seconds.
    chance : callable
        A number from 0 to 1, so that many programs do not come back all at once.
    """

    schemes: tuple[str, ...] = ("https",)
    private: frozenset[str] = frozenset()
    resolve: Resolve = resolved
    trust: ssl.SSLContext | None = None
    clock: Callable[[], float] = time.perf_counter
    pause: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.SystemRandom().random


STRICT = Door()


@dataclass(frozen=True)
class Place:
    """An address that may be asked, and the machines that were found to answer for it.

    Parameters
    ----------
    scheme, host, port : str, str, int
    target : str
        Path and query, with whatever is secret in it: never shown.
    machines : tuple of str
        IP addresses; connections go to these, the name is not looked up again.
    """

    scheme: str
    host: str
    port: int
    target: str = field(repr=False)
    machines: tuple[str, ...]

    @property
    def origin(self) -> str:
        """Scheme, host and port: where a key may be shown again."""
        return f"{self.scheme}://{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole address: only to join what it redirects to."""
        return f"{self.origin}{self.target}"

    @property
    def shown(self) -> str:
        """The address without its query."""
        return shown(self.url)


def shown(address: str) -> str:
    """Write an address as it may be shown: without user, password, query and fragment."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "an address that cannot be read"
    tail = "" if port in (None, PORTS.get(parts.scheme)) else f":{port}"
    return f"{parts.scheme}://{host}{tail}{parts.path}"


def allowed(address: str, hosts: Sequence[str], door: Door, query: Mapping[str, str] | None = None) -> Place:
    """Check an address, and find the machines that answer for it.

    Parameters
    ----------
    address : str
    hosts : sequence of str
        Hosts that may be asked, exactly, each `host`, or `host:port` if the port is not that of the scheme.
    door : Door
    query : mapping of str to str
        What is added to the query of the address and never shown.

    Raises
    ------
    DataError
        If the address is not https, names a user, an IP address or a host or port that is not listed.
    EnvironmentFault
        If the host is not found, or found inside a private network.
    """
    parts = _parts(address, door)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    name = host if port == PORTS[parts.scheme] else f"{host}:{port}"
    listed = [one.lower() for one in hosts]
    if name not in listed:
        hint = look_alike(name, listed)
        raise DataError(f"`{name}` is not a host that may be asked", shown(address), "only listed hosts are", hint)
    found = "&".join(part for part in (parts.query, urlencode(query or {})) if part)
    target = quote(parts.path or "/", KEPT.removesuffix("?")) + (f"?{quote(found, KEPT)}" if found else "")
    return Place(parts.scheme, host, port, target, _machines(host, port, door))


def _parts(address: str, door: Door) -> SplitResult:
    where = shown(address)

    def refused(why: str) -> DataError:
        return DataError("the address cannot be asked", where, why, "write it as https://host/path")

    if UNSAFE.search(address):
        raise refused("it holds a space, a backslash or a control character")
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        raise refused("its host or port cannot be read") from None
    if parts.scheme not in door.schemes:
        raise refused(f"its scheme is `{parts.scheme}`, not {' or '.join(door.schemes)}")
    if "@" in parts.netloc:
        raise refused("it names a user")
    if not NAME.fullmatch(parts.hostname or ""):
        raise refused("its host is not a full name in plain letters (an IP address? letters of another script?)")
    return parts


def _machines(host: str, port: int, door: Door) -> tuple[str, ...]:
    hint = "look whether this machine is online"
    try:
        found = tuple(door.resolve(host, port))
    except (OSError, UnicodeError) as problem:
        why = str(getattr(problem, "strerror", None) or problem)
        raise EnvironmentFault(f"no machine is found that answers for `{host}`", host, why, hint) from None
    if not found:
        raise EnvironmentFault(f"no machine is found that answers for `{host}`", host, hint=hint)
    inside = [machine for machine in found if machine not in door.private and not public(machine)]
    if inside:
        why = f"{inside[0]} is not an address of the public internet"
        hint = "look at the resolver of this network: is it asked to log in first?"
        raise EnvironmentFault(f"`{host}` is found inside a private network", host, why, hint)
    return found


def public(machine: str) -> bool:
    """Say whether an IP address is one of the public internet, and no other address hides in it."""
    try:
        found = ipaddress.ip_address(machine)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and (found not in UNICAST or found.sixtofour):
        return False
    return found.is_global and not found.is_multicast
