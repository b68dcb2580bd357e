"""A name and a password traded for a token, which goes to the host of the address and nowhere else."""

import json
import time
from urllib.parse import parse_qs

import pytest

from forecast.downloading import Limits
from forecast.downloading.keys import Credentials
from forecast.downloading.pages import Pages
from forecast.errors import DataError, EnvironmentFault, ForecastError
from tests.downloading.outside import BODY, HALF, Outside, busy, cut, loopback, ranged, to, whole
from tests.served import Answer, Visit

pytestmark = loopback

NAME, PASSWORD, TOKEN = "analyst@desk.example", 'pa"ss & wörd', "s3cr3t.t0ken-_~+/=="
PAGES = Pages("data", 3, "limit", "page", "pages")


def key(outside: Outside, path: str = "/token", host: str = "two.example") -> Credentials:
    form = {"grant_type": "password", "client_id": "acme"}
    secrets = {"username": NAME, "password": PASSWORD}
    return Credentials(secrets, outside.address(path, host), form, "look at TEST_NAME and TEST_PASSWORD")


def granted(visit: Visit) -> None:
    said = {"token_type": "Bearer", "expires_in": 86400, "access_token": TOKEN, "refresh_token": "fr3sh"}
    visit.say(200, json.dumps(said).encode(), content_type="application/json", etag='"1"')


def shown(outside: Outside) -> list[tuple[str, str | None]]:
    """List who was shown what: hosts without ports, and tokens."""
    return [(said["Host"].split(":")[0], said.get("Authorization")) for _, said in outside.server.asked]


def told_nothing(text: str) -> bool:
    return not any(word in text for word in (NAME, "analyst", PASSWORD, "pa%22", "rd%22", "s3cr3t", "t0ken", "fr3sh"))


def test_a_token_is_asked_for_once_and_sent_with_every_page(outside: Outside) -> None:
    outside.server.answers["/token"] = granted
    rows = [[{"n": 1}, {"n": 2}, {"n": 3}], [{"n": 4}], []]
    outside.answers(*(lambda visit, part=part: visit.say(200, json.dumps({"data": part}).encode()) for part in rows))
    got = outside.get(key=key(outside), pages=PAGES)
    assert json.loads(outside.into.read_bytes())["data"] == [{"n": n} for n in (1, 2, 3, 4)]
    form = {"grant_type": "password", "client_id": "acme", "username": NAME, "password": PASSWORD}
    assert [parse_qs(sent) for sent in outside.server.forms] == [{name: [said] for name, said in form.items()}]
    assert shown(outside) == [("two.example", None)] + [("data.example", f"Bearer {TOKEN}")] * 3
    assert outside.server.asked[0][1]["Content-Type"] == "application/x-www-form-urlencoded"
    assert told_nothing(repr(got) + "\n".join(outside.lines) + outside.into.read_text())
    assert all("Referer" not in said and told_nothing(path) for path, said in outside.server.asked)


def test_a_file_that_comes_whole_may_ask_for_a_token_too_and_goes_on_where_it_broke_off(outside: Outside) -> None:
    outside.server.answers["/token"] = granted
    outside.answers(cut(etag='"1"'), ranged('"1"'))
    assert outside.get(key=key(outside)).resumed
    assert outside.into.read_bytes() == BODY
    assert outside.ranges == [None, None, f"bytes={HALF}-"]
    assert len(outside.server.forms) == 1


def test_a_token_is_not_sent_on_to_another_host(outside: Outside) -> None:
    outside.server.answers |= {"/token": granted, "/there": whole}
    outside.answers(to(outside.address("/there", "mirror.example")))
    outside.get(key=key(outside))
    assert shown(outside)[1:] == [("data.example", f"Bearer {TOKEN}"), ("mirror.example", None)]


def test_a_token_is_sent_on_within_its_host(outside: Outside) -> None:
    outside.server.answers |= {"/token": granted, "/there": whole}
    outside.answers(to("/there"))
    outside.get(key=key(outside))
    assert shown(outside)[1:] == [("data.example", f"Bearer {TOKEN}")] * 2


@pytest.mark.parametrize("spelt", ["s3cr3t.t0ken-_~+/==", "s3cr3t.t0ken-_~%2B%2F%3D%3D", "s3cr3t.t0ken-_~%2b/%3d="])
def test_a_redirect_that_would_hand_the_token_to_another_host_is_refused(outside: Outside, spelt: str) -> None:
    outside.server.answers |= {"/token": granted, "/there": whole}
    outside.answers(to(outside.address(f"/there?t={spelt}", "mirror.example")))
    told = outside.refused(DataError, key=key(outside))
    assert "would hand the key to another host" in told
    assert told_nothing(told)
    assert [host for host, _ in shown(outside)] == ["two.example", "data.example"]


def test_a_redirect_that_would_hand_a_parameter_to_another_host_is_refused(outside: Outside) -> None:
    outside.server.answers["/there"] = whole
    outside.answers(lambda visit: visit.say(302, location=outside.address(visit.path, "mirror.example")))
    told = outside.refused(DataError, key=Credentials({"api_key": "s3cr3t/k y"}))
    assert "would hand the key to another host" in told
    assert len(outside.server.asked) == 1


def slow(visit: Visit) -> None:
    time.sleep(1)


def huge(visit: Visit) -> None:
    visit.head(200)
    for _ in range(100):
        visit.wfile.write(b'{"access_token": "' + bytes(65_536))


def saying(text: str) -> Answer:
    return lambda visit: visit.say(200, text.encode(), content_type="application/json")


REFUSED: dict[str, tuple[Answer, str]] = {
    "wrong": (lambda visit: visit.say(400, b'{"error": "invalid_grant"}'), "answered 400"),
    "no leave": (lambda visit: visit.say(401), "answered 401"),
    "terms": (lambda visit: visit.say(403), "answered 403"),
    "busy": (busy(), "the last of 4 tries"),
    "slow": (slow, "takes longer than 0.5 s"),
    "moved": (lambda visit: visit.say(307, location="/elsewhere"), "answered 307"),
    "a page": (lambda visit: visit.say(200, b"<html>", content_type="text/html"), "is a web page"),
    "huge": (huge, "at most 100,000 bytes"),
    "no JSON": (saying(f"token: {TOKEN}"), "holds no bearer token"),
    "no token": (saying(json.dumps({"error": f"{NAME}: {PASSWORD}"})), "holds no bearer token"),
    "a list": (saying("[1]"), "holds no bearer token"),
    "an odd token": (saying('{"access_token": "s3cr3t\\r\\nX-More: 1"}'), "holds no bearer token"),
    "a number": (saying('{"access_token": 1}'), "holds no bearer token"),
    "another kind": (saying(f'{{"access_token": "{TOKEN}", "token_type": "mac"}}'), "holds no bearer token"),
}


@pytest.mark.parametrize(("answer", "why"), REFUSED.values(), ids=REFUSED)
def test_without_a_token_nothing_is_asked_and_nothing_is_told(outside: Outside, answer: Answer, why: str) -> None:
    outside.server.answers |= {"/token": answer, "/elsewhere": granted}
    outside.answers(whole)
    limits = Limits(seconds=0.5, stall=5) if answer is slow else None
    kind = EnvironmentFault if answer is slow or why.endswith("tries") else DataError
    told = outside.refused(kind, key=key(outside), limits=limits)
    assert why in told
    assert told_nothing(told + "\n".join(outside.lines))
    assert {host for host, _ in shown(outside)} == {"two.example"}
    assert len(outside.server.forms) == (4 if "tries" in why else 1)
    assert "TEST_PASSWORD" in told or not any(word in why for word in ("400", "401", "403", "no bearer"))
    assert outside.left() == set()


@pytest.mark.parametrize(
    "answer",
    [
        lambda visit: visit.say(404),
        lambda visit: visit.say(401),
        busy(),
        lambda visit: visit.say(200, json.dumps({"error": visit.headers["Authorization"]}).encode()),
        lambda visit: visit.say(302, location=f"http://elsewhere.example/{TOKEN}"),
        lambda visit: visit.say(302, location=f"/file?{TOKEN}"),
    ],
)
def test_no_refusal_tells_a_token(outside: Outside, answer: Answer) -> None:
    outside.server.answers["/token"] = granted
    outside.answers(answer)
    with pytest.raises(ForecastError) as refusal:
        outside.get(key=key(outside), pages=PAGES)
    assert told_nothing("\n".join([str(refusal.value), repr(refusal.value), *outside.lines]))
    assert outside.left() == set()


def test_a_token_is_not_asked_for_inside_a_private_network_or_without_a_cipher(outside: Outside) -> None:
    with pytest.raises(EnvironmentFault, match="inside a private network"):
        outside.get(key=key(outside, host="inside.example"))
    with pytest.raises(DataError, match="cannot be asked"):
        outside.get(key=key(outside), schemes=("https",))
    assert outside.server.asked == []


def test_credentials_are_not_told_by_their_name() -> None:
    assert told_nothing(repr(Credentials({"username": NAME, "password": PASSWORD}, "https://a.example", {"a": "b"})))
