"""Faults that may pass are waited for, others are not."""

import socket

import pytest

from forecast.downloading import Limits
from forecast.errors import EnvironmentFault
from tests.downloading.outside import BODY, OLD, Outside, busy, loopback, short, whole
from tests.served import LOOPBACK, Answer, Visit

pytestmark = loopback


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_busy_host_is_asked_again_when_it_says_so(outside: Outside, status: int) -> None:
    outside.answers(busy(status, retry_after=7), busy(retry_after="Sun, 01 Mar 2026 12:00:30 GMT"), whole)
    assert outside.get().status == 200
    assert outside.pauses == [7, 30]
    assert f"`data.example` answered {status} " in outside.lines[0]
    assert outside.lines[0].endswith("trying again in 7.0 s")


def test_pauses_double_until_no_try_is_left(outside: Outside) -> None:
    outside.answers(busy())
    told = outside.refused(EnvironmentFault)
    assert "answered 503 Service Unavailable" in told
    assert "the last of 4 tries" in told
    assert outside.pauses == [1, 2, 4]
    assert len(outside.server.asked) == 4


def test_pauses_differ_by_chance(outside: Outside) -> None:
    outside.answers(busy())
    outside.refused(EnvironmentFault, chance=lambda: 0.0)
    outside.refused(EnvironmentFault, chance=lambda: 1.0)
    assert outside.pauses == [0.5, 1, 2, 1.5, 3, 6]


@pytest.mark.parametrize("asked", ["3600", "999999999", "Sun, 01 Mar 2026 13:00:00 GMT"])
def test_a_host_that_wants_long_peace_has_it(outside: Outside, asked: str) -> None:
    outside.answers(busy(retry_after=asked))
    assert "could be asked again in" in outside.refused(EnvironmentFault)
    assert outside.pauses == []


def test_no_pause_goes_beyond_the_time_that_is_left(outside: Outside) -> None:
    outside.answers(busy(retry_after=50))
    assert "could be asked again in 50 s" in outside.refused(EnvironmentFault, limits=Limits(seconds=20))
    assert outside.pauses == []


@pytest.mark.parametrize("asked", ["soon", "-5", "1e3", ""])
def test_a_retry_after_that_says_nothing_is_passed_over(outside: Outside, asked: str) -> None:
    outside.answers(busy(retry_after=asked), whole)
    outside.get()
    assert outside.pauses == [1]


def test_a_host_that_hangs_up_or_babbles_is_asked_again(outside: Outside) -> None:
    outside.answers(lambda visit: None, lambda visit: visit.wfile.write(b"hello\r\n\r\n"), whole)
    outside.get()
    assert outside.into.read_bytes() == BODY
    assert len(outside.pauses) == 2


def chunks_without_end(visit: Visit) -> None:
    visit.head(200, transfer_encoding="chunked")
    visit.wfile.write(b"5\r\nhello\r\n")


@pytest.mark.parametrize("answer", [short, chunks_without_end])
def test_a_short_answer_is_asked_for_again_and_then_refused(outside: Outside, answer: Answer) -> None:
    outside.answers(answer)
    assert "broke off before all had come" in outside.refused(EnvironmentFault)
    assert len(outside.server.asked) == 4
    assert outside.left() == set()


def test_a_host_that_refuses_connections_is_told_clearly(outside: Outside) -> None:
    with socket.socket() as closed:
        closed.bind((LOOPBACK, 0))
        port = closed.getsockname()[1]
    address = f"http://data.example:{port}/file"
    told = outside.refused(EnvironmentFault, address=address, hosts=[f"data.example:{port}"])
    assert "`data.example` cannot be reached" in told
    assert "Connection refused" in told
    assert f"where: {address}" in told
    assert len(outside.pauses) == 3


def test_without_a_network_the_exit_code_is_4_and_nothing_is_tried_twice(outside: Outside) -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    told = outside.refused(EnvironmentFault, resolve=resolve)
    assert "no machine is found that answers for `data.example`" in told
    assert "Temporary failure in name resolution" in told
    assert (EnvironmentFault.exit_code, outside.pauses) == (4, [])


def test_a_disk_that_refuses_is_named(outside: Outside) -> None:
    outside.answers(whole)
    old, outside.into = outside.into, outside.into / "below.csv"
    with pytest.raises(EnvironmentFault, match="cannot be kept"):
        outside.get()
    assert old.read_bytes() == OLD
