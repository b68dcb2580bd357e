"""A small server on this machine that answers well or badly, as a test asks."""

import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LOOPBACK = "127.0.0.1"


class Visit(BaseHTTPRequestHandler):
    """One request; answers look at its headers and write to its line."""

    protocol_version = "HTTP/1.1"
    server: "Listening"

    def do_POST(self) -> None:
        self.server.forms.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.do_GET()

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers.items())))
        self.close_connection = True
        with suppress(BrokenPipeError, ConnectionResetError):  # the other side may hang up
            self.server.answers[self.path.split("?")[0]](self)

    def log_message(self, format: str, *args: object) -> None:
        pass

    def say(self, status: int, body: bytes = b"", **headers: object) -> None:
        """Answer; `content_length` and all else as given, or none of it if None."""
        self.head(status, **{"content_length": len(body), **headers})
        self.wfile.write(body)

    def head(self, status: int, **headers: object) -> None:
        """Answer with a status and headers only; the body is up to the caller."""
        self.send_response(status)
        for name, value in headers.items():
            if value is not None:
                self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()


Answer = Callable[[Visit], object]


class Listening(ThreadingHTTPServer):
    """Knows what to answer, and what it was asked."""

    daemon_threads = True
    answers: Mapping[str, Answer]
    asked: list[tuple[str, dict[str, str]]]
    forms: list[str]

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # a handshake that the other side refuses is no fault of the test


@dataclass
class Served:
    """A server that runs.

    Parameters
    ----------
    port : int
    answers : dict of str to callable
        Path -> what to answer; may be changed meanwhile.
    asked : list of tuple of str and dict
        Paths with their queries, and headers, in their order.
    forms : list of str
        What was sent to be looked at, in its order.
    """

    port: int
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    forms: list[str] = field(default_factory=list)


@contextmanager
def served(trust: ssl.SSLContext | None = None) -> Iterator[Served]:
    """Serve on a free port of this machine until the context ends."""
    with Listening((LOOPBACK, 0), Visit) as server:
        if trust is not None:
            server.socket = trust.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=True)
        told = Served(server.server_address[1])
        server.answers, server.asked, server.forms = told.answers, told.asked, told.forms
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield told
        finally:
            server.shutdown()
            thread.join()
