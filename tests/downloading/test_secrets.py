"""Secret parameters reach the host and nothing else."""

from pathlib import Path

import pytest

from forecast.downloading import Limits
from forecast.downloading.keys import Credentials
from forecast.downloading.partial import Part
from forecast.errors import DataError, EnvironmentFault, ForecastError
from tests.downloading.outside import Outside, busy, cut, loopback, ranged, short, to
from tests.served import Answer, Visit

pytestmark = loopback
SECRET = "s3cr3t/k y"
KEY = Credentials({"api_key": SECRET})

LEAKS: dict[str, Answer] = {
    "404": lambda visit: visit.say(404),
    "503": busy(),
    "short": short,
    "page": lambda visit: visit.say(200, b"<html>", content_type="text/html"),
    "off the list": lambda visit: visit.say(302, location=f"http://elsewhere.example{visit.path}"),
    "into a path": lambda visit: visit.say(302, location=f"http://elsewhere.example/{visit.path.split('=')[-1]}"),
    "in small letters": lambda visit: visit.say(302, location="http://elsewhere.example/s3cr3t%2fk%20y"),
    "a loop": lambda visit: visit.say(302, location=visit.path),
}


def told_nothing(text: str) -> bool:
    return not any(word in text for word in ("s3cr3t", "k y", "k%20y", "k+y"))


@pytest.mark.parametrize("answer", LEAKS.values(), ids=LEAKS)
def test_no_refusal_tells_a_secret(outside: Outside, answer: Answer) -> None:
    outside.answers(answer)
    with pytest.raises(ForecastError) as refusal:
        outside.get(outside.address("/file?id=1"), key=KEY)
    assert outside.server.asked[0][0] == "/file?id=1&api_key=s3cr3t%2Fk+y"
    assert told_nothing("\n".join([str(refusal.value), repr(refusal.value), *outside.lines]))
    assert refusal.value.__cause__ is None


def test_nothing_that_is_kept_tells_a_secret(outside: Outside) -> None:
    outside.server.answers["/s3cr3t%2Fk+y"] = ranged('"s3cr3t/k y"')
    outside.server.answers["/next"] = lambda visit: visit.say(302, location="/s3cr3t%2Fk+y")
    outside.answers(to("/next"))
    got = outside.get(key=KEY)
    assert told_nothing(repr(got) + "\n".join(outside.lines))
    assert outside.server.asked[1][0] == "/next"  # a redirect is not handed the secret


def test_a_part_does_not_keep_a_secret(outside: Outside) -> None:
    outside.answers(cut(etag='"1"'))
    with pytest.raises(EnvironmentFault):
        outside.get(limits=Limits(retries=0), key=KEY)
    assert told_nothing((outside.into.parent / "file.csv.part.json").read_text())


ECHOES = [b"s3cr3t/k y", b"s3cr3t%2Fk%20y", b"s3cr3t%2fk+y", rb"s3cr3t\/k y"]


@pytest.mark.parametrize("echo", ECHOES)
def test_a_file_that_repeats_the_key_is_not_kept_nor_a_part_of_it(outside: Outside, echo: bytes) -> None:
    body = b'{"rows": "' + b"x" * 2**21 + b'", "asked": "' + echo + b'"}'
    outside.answers(lambda visit: visit.say(200, body))
    assert "repeats the key" in outside.refused(DataError, key=KEY)
    assert outside.left() == set()

    def broken(visit: Visit) -> None:
        visit.head(200, content_length=10**7, etag='"1"')
        visit.wfile.write(body)

    outside.answers(broken)
    outside.refused(EnvironmentFault, key=KEY, limits=Limits(retries=0))
    assert outside.left() == set()
    outside.answers(lambda visit: visit.say(200, body))
    assert outside.get().bytes == len(body)


def test_a_word_is_found_wherever_it_stands_in_a_long_file(tmp_path: Path) -> None:
    part = Part.beside(tmp_path / "file", "https://data.example/file")
    for at in (0, 2**20 - 5, 2**20, 2**20 + 7, 2 * 2**20 - 10_003, 3 * 2**20 - 9):
        content = bytearray(b"-" * (3 * 2**20))
        content[at : at + 9] = b"s3cr3t/ky"
        part.path.write_bytes(content)
        assert any("s3cr3t/ky" in text for text in part.texts()), at
