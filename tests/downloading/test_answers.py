"""What is kept of an answer, what is no file, and limits on bytes and time."""

import gzip
import hashlib
import subprocess
import sys
import time

import pytest

from forecast import __version__
from forecast.downloading import Limits, bodies
from forecast.errors import DataError, EnvironmentFault
from tests.downloading.outside import (
    BODY,
    NOW,
    Outside,
    cut,
    loopback,
    whole,
)
from tests.served import Answer, Visit

pytestmark = loopback


def test_a_file_is_kept_with_what_it_came_from(outside: Outside) -> None:
    outside.answers(lambda visit: visit.say(200, BODY, etag='"1"', content_type="text/csv", server_secret="x"))
    got = outside.get(outside.address("/file?id=7"))
    assert outside.into.read_bytes() == BODY
    assert outside.left() == set()
    assert (got.url, got.final_url) == (outside.address("/file?id=7"), outside.address())
    assert (got.status, got.bytes, got.resumed) == (200, len(BODY), False)
    assert got.sha256 == hashlib.sha256(BODY).hexdigest()
    assert got.fetched_at == NOW
    assert got.headers["etag"] == '"1"'
    assert set(got.headers) <= {"etag", "last-modified", "content-type", "content-length", "date"}
    path, asked = outside.server.asked[0]
    assert path == "/file?id=7"
    assert asked["User-Agent"] == f"brinkcast/{__version__}"
    assert asked["Host"] == f"data.example:{outside.server.port}"
    assert asked["Accept-Encoding"] == "identity"


def test_a_folder_is_made_and_a_file_of_unknown_length_is_taken(outside: Outside) -> None:
    outside.answers(lambda visit: visit.say(200, BODY, content_length=None))
    outside.into = outside.into.parent / "deeper" / "new.csv"
    outside.get()
    assert outside.into.read_bytes() == BODY


def test_odd_letters_of_a_path_are_sent_as_they_are_written_in_addresses(outside: Outside) -> None:
    outside.server.answers["/caf%C3%A9%20au"] = whole
    outside.get(outside.address("/café%20au"))
    assert outside.server.asked[0][0] == "/caf%C3%A9%20au"


def test_importing_the_room_imports_no_client() -> None:
    code = "import sys, forecast.downloading; print([name for name in sys.modules if 'httpcore' in name])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.parametrize(("status", "hint"), [(404, "present address"), (410, "present address"), (403, "key")])
def test_what_is_not_there_is_refused_at_once(outside: Outside, status: int, hint: str) -> None:
    outside.answers(lambda visit: visit.say(status, b"<html>no</html>"))
    told = outside.refused(DataError)
    assert f"answered {status}" in told
    assert hint in told
    assert len(outside.server.asked) == 1


@pytest.mark.parametrize("status", [204, 206, 304, 302])
def test_a_good_answer_that_is_no_file_is_refused(outside: Outside, status: int) -> None:
    outside.answers(lambda visit: visit.say(status))
    assert f"answered {status}" in outside.refused(DataError)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html; charset=utf-8", b"a,b\n1,2\n"),
        ("Application/XHTML+XML", b"a,b\n"),
        ("text/csv", b"<!DOCTYPE html><html>sorry</html>"),
        ("application/octet-stream", b"\xef\xbb\xbf \r\n<!-- sorry --><HTML lang=en>"),
        ("text/csv", b'<?xml version="1.0"?>\n<!doctype HTML>'),
    ],
)
def test_an_error_page_in_place_of_data_is_refused(outside: Outside, kind: str, body: bytes) -> None:
    outside.answers(lambda visit: visit.say(200, body, content_type=kind, etag='"1"'))
    assert "is a web page, not data" in outside.refused(DataError)
    assert outside.left() == set()


@pytest.mark.parametrize("body", [b"<htmlish/>", b"<?xml version='1.0'?><rows/>", b"a,<html>\n", b"<"])
def test_data_that_only_look_a_little_like_a_page_are_taken(outside: Outside, body: bytes) -> None:
    outside.answers(lambda visit: visit.say(200, body))
    assert outside.get().bytes == len(body)


def test_an_empty_file_is_refused(outside: Outside) -> None:
    outside.answers(lambda visit: visit.say(200, b""))
    assert "the file is empty" in outside.refused(DataError)


def endless(visit: Visit) -> None:
    visit.head(200)
    while True:
        visit.wfile.write(bytes(65_536))


def test_a_file_that_says_it_is_too_large_is_not_begun(outside: Outside) -> None:
    outside.answers(lambda visit: visit.say(200, b"x", content_length=10**12, etag='"1"'))
    assert "it holds 1,000,000,000,000 bytes" in outside.refused(DataError, limits=Limits(bytes=1_000_000))
    assert outside.left() == set()


def test_an_endless_answer_ends_at_the_limit(outside: Outside) -> None:
    outside.answers(endless)
    assert "at most 300,000 bytes" in outside.refused(DataError, limits=Limits(bytes=300_000))
    assert outside.left() == set()


def test_a_file_of_just_the_limit_is_taken(outside: Outside) -> None:
    outside.answers(whole)
    assert outside.get(limits=Limits(bytes=len(BODY))).bytes == len(BODY)


def drip(visit: Visit) -> None:
    visit.head(200, content_length=1000, etag='"1"')
    for _ in range(1000):
        visit.wfile.write(b"x")
        time.sleep(0.02)


def drip_of_headers(visit: Visit) -> None:
    visit.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for _ in range(1000):
        visit.wfile.write(b"x: y\r\n")
        time.sleep(0.02)


@pytest.mark.parametrize("answer", [drip, drip_of_headers])
def test_a_drip_that_never_stalls_ends_when_time_is_up(outside: Outside, answer: Answer) -> None:
    outside.answers(answer)
    began = time.perf_counter()
    told = outside.refused(EnvironmentFault, limits=Limits(seconds=0.3, stall=5))
    assert "takes longer than 0.3 s" in told
    assert time.perf_counter() - began < 3
    assert len(outside.server.asked) == 1


def test_an_answer_that_stalls_is_asked_again(outside: Outside) -> None:
    def stalling(visit: Visit) -> None:
        cut()(visit)
        visit.wfile.flush()
        time.sleep(1)

    outside.answers(stalling, whole)
    outside.get(limits=Limits(stall=0.1))
    assert outside.into.read_bytes() == BODY
    assert "nothing came from `data.example` for 0.1 s; trying again in 1.0 s" in outside.lines


def packed(body: bytes, encoding: str = "gzip", **headers: object) -> Answer:
    return lambda visit: visit.say(200, body, content_encoding=encoding, **headers)


def test_a_body_that_is_packed_all_the_same_is_unpacked(outside: Outside) -> None:
    outside.answers(packed(gzip.compress(BODY), etag='"1"'))
    assert outside.get().sha256 == hashlib.sha256(BODY).hexdigest()


def test_a_bomb_ends_at_the_limit(outside: Outside) -> None:
    bomb = gzip.compress(bytes(20_000_000))
    assert len(bomb) < 50_000
    outside.answers(packed(bomb))
    assert "the file is too large" in outside.refused(DataError, limits=Limits(bytes=1_000_000))
    assert outside.left() == set()


def test_a_bomb_comes_out_in_small_pieces() -> None:
    pieces = list(bodies.unpacked([gzip.compress(bytes(20_000_000))], "gzip", ""))
    assert sum(map(len, pieces)) == 20_000_000
    assert max(map(len, pieces)) <= bodies.PIECE


def test_a_packed_body_that_never_says_anything_ends_at_the_limit(outside: Outside) -> None:
    def nothing(visit: Visit) -> None:
        visit.head(200, content_encoding="gzip")
        visit.wfile.write(gzip.compress(b"")[:10])
        while True:
            visit.wfile.write(b"\x00\x00\x00\xff\xff" * 10_000)  # empty blocks

    outside.answers(nothing)
    assert "too large" in outside.refused(DataError, limits=Limits(bytes=300_000))


@pytest.mark.parametrize(
    ("body", "encoding", "why"),
    [
        (BODY, "br", "is packed as `br`"),
        (BODY, "gzip, gzip", "is packed as `gzip, gzip`"),
        (BODY, "gzip", "cannot be unpacked"),
        (gzip.compress(BODY)[:-5], "gzip", "does not end where the answer does"),
        (gzip.compress(BODY) + BODY, "gzip", "does not end where the answer does"),
    ],
)
def test_what_cannot_be_unpacked_is_refused(outside: Outside, body: bytes, encoding: str, why: str) -> None:
    outside.answers(packed(body, encoding))
    assert why in outside.refused(DataError)
