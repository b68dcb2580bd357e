"""A server on this machine, a desk that downloads one file from it, and answers that go well or badly."""

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from forecast.downloading import Download, Limits, download
from forecast.downloading.addresses import Door
from forecast.downloading.keys import Credentials
from forecast.downloading.pages import Pages
from forecast.errors import ForecastError
from tests.served import LOOPBACK, Answer, Served, Visit

DEAD = "127.0.0.2"  # nothing listens there
loopback = pytest.mark.allow_hosts([LOOPBACK, DEAD])  # and no other machine

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
BODY = b"".join(b"%d,closed,north\n" % row for row in range(20_000))
HALF = len(BODY) // 2
OLD = b"what stood there before\n"
PLACES = {
    "data.example": [LOOPBACK],
    "mirror.example": [LOOPBACK],
    "elsewhere.example": [LOOPBACK],
    "inside.example": ["169.254.169.254"],
    "two.example": [DEAD, LOOPBACK],
    "half.example": [LOOPBACK, "10.0.0.1"],
}
LISTED = [name for name in PLACES if name != "elsewhere.example"]


@dataclass
class Outside:
    """A server, and a desk that downloads one file from it."""

    server: Served
    into: Path
    door: Door
    pauses: list[float]
    lines: list[str] = field(default_factory=list)

    def answers(self, *answers: Answer) -> None:
        """Answer `/file` in turn; the last answer stays."""
        left = list(answers)
        self.server.answers["/file"] = lambda visit: (left.pop(0) if len(left) > 1 else left[0])(visit)

    def address(self, path: str = "/file", host: str = "data.example") -> str:
        return f"http://{host}:{self.server.port}{path}"

    def get(
        self,
        address: str = "",
        limits: Limits | None = None,
        key: Credentials | None = None,
        pages: Pages | None = None,
        hosts: list[str] | None = None,
        **door: object,
    ) -> Download:
        hosts = hosts or [f"{name}:{self.server.port}" for name in LISTED]
        opened = replace(self.door, **door)  # type: ignore[arg-type]
        where = address or self.address()
        return download(where, self.into, hosts, lambda: NOW, self.lines.append, limits, key, pages, opened)

    def refused(self, kind: type[ForecastError], **said: object) -> str:
        """Try, and see to it that what stood there stands."""
        with pytest.raises(kind) as refusal:
            self.get(**said)  # type: ignore[arg-type]
        assert type(refusal.value) is kind
        assert self.into.read_bytes() == OLD
        return str(refusal.value)

    def left(self) -> set[str]:
        return {path.name for path in self.into.parent.iterdir()} - {self.into.name}

    @property
    def ranges(self) -> list[str | None]:
        return [headers.get("Range") for _, headers in self.server.asked]


def whole(visit: Visit) -> None:
    visit.say(200, BODY, content_type="text/csv")


def cut(**headers: object) -> Answer:
    """Say that all comes, and break off in the middle."""

    def answer(visit: Visit) -> None:
        visit.head(200, content_length=len(BODY), **headers)
        visit.wfile.write(BODY[:HALF])

    return answer


def ranged(tag: str, body: bytes = BODY) -> Answer:
    """Answer ranges as a server should."""

    def answer(visit: Visit) -> None:
        wanted = re.fullmatch(r"bytes=(\d+)-", visit.headers.get("Range", ""))
        if not wanted or visit.headers["If-Range"] != tag:
            visit.say(200, body, etag=tag)
            return
        first = int(wanted[1])
        visit.say(206, body[first:], etag=tag, content_range=f"bytes {first}-{len(body) - 1}/{len(body)}")

    return answer


def to(location: str, status: int = 302) -> Answer:
    return lambda visit: visit.say(status, location=location)


def busy(status: int = 503, **headers: object) -> Answer:
    return lambda visit: visit.say(status, b"busy", **headers)


def short(visit: Visit) -> None:
    visit.say(200, BODY, content_length=len(BODY) + 10)
