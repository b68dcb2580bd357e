"""One question to one machine that was checked: no second look-up of its name, and never longer than there is time."""

import ssl
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, override
from urllib.parse import urlencode

from httpcore2 import (
    URL,
    ConnectError,
    ConnectTimeout,
    HTTPConnection,
    NetworkBackend,
    NetworkError,
    NetworkStream,
    RemoteProtocolError,
    Response,
    SyncBackend,
    TimeoutException,
)

from forecast.downloading.addresses import Door, Place
from forecast.downloading.limits import Pace
from forecast.errors import EnvironmentFault

Option = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
CONNECT = 10.0  # seconds for one machine of several to answer


class PassingFault(EnvironmentFault):
    """A fault that may pass: worth another try, after so many seconds if the host says when."""

    def __init__(self, what: str, where: str, why: str = "", hint: str = "", after: float | None = None) -> None:
        super().__init__(what, where, why, hint)
        self.after = after


class Timed(NetworkStream):
    """A line of which every step asks how much time is left: a drip that never stalls ends too."""

    def __init__(self, line: NetworkStream, pace: Pace) -> None:
        self.line, self.pace = line, pace

    @override
    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what has come."""
        return self.line.read(max_bytes, self.pace.timeout())

    @override
    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send."""
        self.line.write(buffer, self.pace.timeout())

    @override
    def close(self) -> None:
        """Hang up."""
        self.line.close()

    @override
    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> NetworkStream:
        """Agree on a cipher, with the machine that holds the certificate of the name."""
        return Timed(self.line.start_tls(ssl_context, server_hostname, self.pace.timeout()), self.pace)

    @override
    def get_extra_info(self, info: str) -> Any:
        """Tell what the line knows."""
        return self.line.get_extra_info(info)


class Checked(NetworkBackend):
    """Connects to the machines of a place, whatever its name has come to mean since."""

    def __init__(self, place: Place, pace: Pace) -> None:
        self.place, self.pace = place, pace

    @override
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Option] | None = None,
    ) -> NetworkStream:
        """Connect to the first machine that answers."""
        for machine in self.place.machines[:-1]:
            try:
                return self._connected(machine, port)
            except (ConnectError, ConnectTimeout):
                continue
        return self._connected(self.place.machines[-1], port)

    def _connected(self, machine: str, port: int) -> NetworkStream:
        return Timed(SyncBackend().connect_tcp(machine, port, self.pace.timeout(CONNECT)), self.pace)


@contextmanager
def asked(
    place: Place, headers: Mapping[str, str], door: Door, pace: Pace, form: Mapping[str, str] | None = None
) -> Iterator[Response]:
    """Ask for a place, or send a form there; the body comes as it is read, and only while the context is open.

    Raises
    ------
    PassingFault
        If the line fails, also while the body is read.
    EnvironmentFault
        If the certificate is not that of the host, or time is up.
    """
    url = URL(scheme=place.scheme, host=place.host, port=place.port, target=place.target)
    method, sent, filled = ("GET", {}, None) if form is None else ("POST", FORM, urlencode(form).encode())
    try:
        with (
            HTTPConnection(url.origin, door.trust, network_backend=Checked(place, pace)) as line,
            line.stream(method, url, headers=[*headers.items(), *sent.items()], content=filled) as answer,
        ):
            yield answer
    except (NetworkError, TimeoutException, RemoteProtocolError) as problem:
        raise _fault(problem, place, pace) from None


def _fault(problem: Exception, place: Place, pace: Pace) -> EnvironmentFault:
    cause, host = problem.args[0] if problem.args else problem, place.host
    hint = "look whether this machine is online, or try again later"
    if isinstance(cause, ssl.SSLCertVerificationError):
        why, hint = cause.verify_message, "another machine may be listening in: do not go on before you know which"
        return EnvironmentFault(f"the certificate of `{host}` is not accepted", place.shown, why, hint)
    if isinstance(problem, (ConnectError, ConnectTimeout)):
        why = str(getattr(cause, "strerror", None) or cause)
        return PassingFault(f"`{host}` cannot be reached", place.shown, why, hint)
    if isinstance(problem, TimeoutException):
        if pace.left <= 0:
            return pace.late()
        return PassingFault(f"nothing came from `{host}` for {pace.limits.stall:g} s", place.shown, "", hint)
    return PassingFault(f"`{host}` broke off before all had come", place.shown, str(problem), hint)
