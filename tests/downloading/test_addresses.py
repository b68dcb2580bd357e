"""Which addresses are asked, and where redirects may lead."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from forecast.downloading.addresses import STRICT, allowed, public
from forecast.errors import DataError, EnvironmentFault, ForecastError
from tests.downloading.outside import BODY, Outside, loopback, to, whole
from tests.served import LOOPBACK

pytestmark = loopback

REFUSED = (
    "",
    "https://",
    "https:/data.example/x",
    "file:///etc/passwd",
    "gopher://data.example/x",
    "http://data.example/x",
    "//data.example/x",
    "https://someone@data.example/x",
    "https://someone:word@data.example/x",
    "https://data.example@evil.example/x",
    "https://evil.example#@data.example/",
    "https://evil.example?@data.example/",
    "https://data.example\\@evil.example/",
    "https://data.example:8443/x",
    "https://data.example:99999/x",
    "https://data.example:x/x",
    "https://data.example.evil.example/x",
    "https://evildata.example/x",
    "https://www.data.example/x",
    "https://data.example./x",
    "https://dаta.example/x",  # a Cyrillic letter
    "https://data.example/a b",
    "https://data.example/\r\nHost: evil.example",
    "https://127.0.0.1/x",
    "https://[::1]/x",
    "https://[::ffff:127.0.0.1]/x",
    "https://2130706433/x",
    "https://0x7f.1/x",
    "https://localhost/x",
    "https://[/x",
)


@pytest.mark.parametrize("address", REFUSED)
def test_only_https_at_listed_hosts_is_asked(address: str) -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise AssertionError(f"{host} was looked up")

    hosts = ["data.example", "127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "::1"]
    with pytest.raises(DataError) as refusal:
        allowed(address, hosts, replace(STRICT, resolve=resolve))
    assert "word" not in str(refusal.value)
    assert refusal.value.why


def test_case_and_the_usual_port_make_no_difference() -> None:
    place = allowed(
        "HTTPS://Data.Example:443/X?a=b#c", ["DATA.example"], replace(STRICT, resolve=lambda *_: ["1.1.1.1"])
    )
    assert (place.scheme, place.host, place.port, place.target) == ("https", "data.example", 443, "/X?a=b")
    assert place.shown == "https://data.example/X"


def test_a_misspelt_host_is_told_what_it_resembles() -> None:
    with pytest.raises(DataError) as refusal:
        allowed("https://daat.example/x", ["data.example"], STRICT)
    assert refusal.value.hint == "did you mean `data.example`?"


PRIVATE = (
    *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "0.1.2.3"),
    *("224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::", "::1", "fe80::1", "fe80::1%eth0"),
    *("fc00::1", "fec0::1", "ff0e::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1"),
    *("2002:7f00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "not an address", ""),
)


@pytest.mark.parametrize("machine", PRIVATE)
def test_machines_that_are_not_of_the_public_internet_are_not_asked(machine: str) -> None:
    assert not public(machine)
    with pytest.raises(EnvironmentFault, match="private network"):
        allowed("https://data.example/", ["data.example"], replace(STRICT, resolve=lambda *_: ["1.1.1.1", machine]))


@pytest.mark.parametrize("machine", ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "2a00:1450::1"])
def test_machines_of_the_public_internet_are_asked(machine: str) -> None:
    assert public(machine)


def test_the_door_of_the_program_is_strict_and_the_only_one() -> None:
    assert (STRICT.schemes, STRICT.private, STRICT.trust) == (("https",), frozenset(), None)
    package = Path(__file__).parents[2] / "forecast"
    text = {path: path.read_text(encoding="utf-8") for path in package.rglob("*.py")}
    opened = {(path.name, found) for path, page in text.items() for found in re.findall(r"^.*\bDoor\(.*$", page, re.M)}
    assert opened == {("addresses.py", "STRICT = Door()")}
    assert not any(re.search(r"replace\((?:STRICT|door)|private=", page) for page in text.values())


def test_a_connection_goes_to_the_machine_that_was_checked(outside: Outside) -> None:
    outside.answers(whole)
    machines = iter([[LOOPBACK], ["10.0.0.1"]])
    outside.get(resolve=lambda host, port: next(machines))  # a second look-up would find another machine
    assert outside.into.read_bytes() == BODY
    assert next(machines) == ["10.0.0.1"]


def test_one_private_machine_of_several_is_enough_to_refuse(outside: Outside) -> None:
    told = outside.refused(EnvironmentFault, address=outside.address(host="half.example"))
    assert "10.0.0.1 is not an address of the public internet" in told
    assert outside.server.asked == []


def test_the_next_machine_is_asked_where_the_first_is_dead(outside: Outside) -> None:
    outside.answers(whole)
    outside.get(outside.address(host="two.example"))
    assert (outside.into.read_bytes(), outside.pauses) == (BODY, [])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_to_listed_hosts(outside: Outside, status: int) -> None:
    outside.server.answers |= {"/new": to(outside.address("/newest?x=1", "mirror.example"), status), "/newest": whole}
    outside.answers(to("/new", status))
    got = outside.get()
    assert outside.into.read_bytes() == BODY
    assert got.final_url == outside.address("/newest", "mirror.example")
    assert got.url == outside.address()


@pytest.mark.parametrize(
    ("location", "kind", "why"),
    [
        ("http://elsewhere.example:PORT/file", DataError, "is not a host that may be asked"),
        ("//elsewhere.example:PORT/file", DataError, "is not a host that may be asked"),
        ("http://data.example/file", DataError, "is not a host that may be asked"),  # another port
        ("http://inside.example:PORT/latest/meta-data", EnvironmentFault, "169.254.169.254"),
        ("http://127.0.0.1:PORT/file", DataError, "its host is not a full name"),
        ("http://x:y@data.example:PORT/file", DataError, "names a user"),
        ("file:///etc/passwd", DataError, "its scheme is `file`"),
        ("ftp://data.example/file", DataError, "its scheme is `ftp`"),
    ],
)
def test_redirects_elsewhere_are_refused(outside: Outside, location: str, kind: type[ForecastError], why: str) -> None:
    outside.answers(to(location.replace("PORT", str(outside.server.port))))
    assert why in outside.refused(kind)
    assert len(outside.server.asked) == 1
    assert outside.pauses == []


def test_a_loop_of_redirects_ends(outside: Outside) -> None:
    outside.answers(to("/file"))
    assert "more than 5 times" in outside.refused(DataError)
    assert len(outside.server.asked) == 6
