"""Pages joined into one file: in their order, within the limits of one download, or nothing at all."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from forecast.downloading import Limits
from forecast.downloading.keys import Credentials
from forecast.downloading.pages import Pages
from forecast.errors import DataError, EnvironmentFault
from tests.downloading.outside import Outside, busy, loopback
from tests.served import Answer, Visit

pytestmark = loopback

COUNTED = Pages("response.data", 3, "length", "offset", "rows", "response.total")
NUMBERED = Pages("data", 3, "limit", "page", "pages")
ROWS: list[dict[str, Any]] = [{"day": f"2020-01-0{n}", "value": f"{n}.50"} for n in range(1, 9)]
KEY = Credentials({"api_key": "s3cr3t/k y"}, hint="look at TEST_KEY")
Told = dict[str, Any]


def asked_for(visit: Visit) -> dict[str, int]:
    query = parse_qs(urlsplit(visit.path).query)
    return {name: int(query[name][0]) for name in ("offset", "length", "page", "limit") if name in query}


def say(visit: Visit, told: Told) -> None:
    visit.say(200, json.dumps(told).encode(), content_type="application/json", etag='"1"')


def counted(rows: list[Told], **said: Any) -> Answer:
    """Answer as a host that says how many rows there are in all, and repeats what it was asked, the key too."""

    def answer(visit: Visit) -> None:
        begins = asked_for(visit)["offset"]
        part = rows[begins : begins + asked_for(visit)["length"]]
        response = {"total": str(len(rows)), "frequency": "daily", "at": begins, "data": part} | said
        say(visit, {"response": response, "request": {"params": parse_qs(visit.path)}})

    return answer


def numbered(rows: list[Told], size: int = 3) -> Answer:
    """Answer as a host that counts pages from 1, and gives an empty one at the end."""

    def answer(visit: Visit) -> None:
        part = rows[(asked_for(visit)["page"] - 1) * size :][:size]
        say(visit, {"success": True, "last": None, "count": len(part), "data": part})

    return answer


def kept(outside: Outside) -> Told:
    found: Told = json.loads(outside.into.read_bytes())
    return found


@pytest.mark.parametrize("length", [1, 3, 8])
def test_pages_that_say_how_many_rows_there_are_are_joined_in_their_order(outside: Outside, length: int) -> None:
    outside.answers(counted(ROWS[:length]))
    got = outside.get(outside.address("/file?id=1"), key=KEY, pages=COUNTED)
    assert kept(outside)["response"] == {"data": ROWS[:length], "total": str(length), "frequency": "daily"} | (
        {"at": 0} if length <= 3 else {}
    )
    asked = [parse_qs(urlsplit(path).query) for path, _ in outside.server.asked]
    assert [(one["offset"], one["length"]) for one in asked] == [([str(at)], ["3"]) for at in range(0, length, 3)]
    assert all((one["id"], one["api_key"]) == (["1"], ["s3cr3t/k y"]) for one in asked)
    assert set(got.headers) == {"content-type", "date"}
    assert (got.pages, got.url, got.resumed) == (len(asked), outside.address("/file?id=1"), False)
    assert outside.left() == set()


@pytest.mark.parametrize("length", [0, 1, 3, 8])
def test_where_no_page_says_so_an_empty_one_is_the_end(outside: Outside, length: int) -> None:
    outside.answers(numbered(ROWS[:length]))
    assert outside.get(pages=NUMBERED).pages == -(-length // 3) + 1
    told = {"data": ROWS[:length], "success": True, "last": None}
    assert kept(outside) == (told if length else told | {"count": 0})
    numbers = [int(parse_qs(urlsplit(path).query)["page"][0]) for path, _ in outside.server.asked]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_list_of_what_was_taken_back_stands_beside_the_rows(outside: Outside) -> None:
    outside.answers(numbered(ROWS))
    outside.server.answers["/gone"] = numbered(ROWS[:2])
    outside.get(pages=replace(NUMBERED, withdrawn=outside.address("/gone?all=1")))
    assert kept(outside) == {"data": ROWS, "success": True, "last": None, "withdrawn": ROWS[:2]}
    assert outside.server.asked[-1][0].startswith("/gone?all=1&limit=3&page=2")


def test_what_an_answer_repeats_of_the_question_is_not_kept(outside: Outside) -> None:
    outside.answers(counted(ROWS))
    outside.get(key=KEY, pages=COUNTED)
    assert set(kept(outside)) == {"response"}
    assert b"s3cr3t" not in outside.into.read_bytes()


@pytest.mark.parametrize("spelt", ["s3cr3t/k y", "s3cr3t%2Fk%20y", "s3cr3t%2fk+y"])
@pytest.mark.parametrize("inside", [True, False])
def test_a_row_that_repeats_the_key_is_refused(outside: Outside, spelt: str, inside: bool) -> None:
    rows = [ROWS[0] | {"note": f"asked with {spelt}"}] if inside else ROWS
    outside.answers(counted(rows, **({} if inside else {"description": spelt})))
    told = outside.refused(DataError, key=KEY, pages=COUNTED)
    assert "repeats the key" in told
    assert "s3cr3t" not in told
    assert outside.left() == set()


def test_digits_and_letters_stay(outside: Outside) -> None:
    body = '{"response": {"total": 1, "data": [{"value": 60.10, "n": 12345678901234567890, "name": "\\ud800é"}]}}'
    outside.answers(lambda visit: visit.say(200, body.encode()))
    outside.get(pages=COUNTED)
    (row,) = kept(outside)["response"]["data"]
    assert row == {"value": "60.10", "n": 12345678901234567890, "name": "\ud800é"}


def pages(*told: tuple[int, int | str, object]) -> Answer:
    """Answer in turn with rows from one to another, and a total."""
    left = [{"response": {"total": total, "data": ROWS[first:last]}} for first, last, total in told]
    return lambda visit: say(visit, left.pop(0))


ODD: dict[str, tuple[Answer, str]] = {
    "a page twice": (pages((0, 3, 8), (0, 3, 8)), "page 2: it holds the rows of an earlier one"),
    "a short page": (pages((0, 3, 8), (3, 5, 8), (5, 8, 8)), "page 3: the one before it held 2 rows of 3"),
    "another total": (pages((0, 3, 8), (3, 6, 9)), "page 2: it says that there are 9 rows in all, and the one before"),
    "an early end": (pages((0, 3, 8), (3, 6, 8), (8, 8, 8)), "page 3: it is empty, and 6 rows of 8 have come"),
    "more than there are": (pages((0, 3, 4), (3, 6, 4)), "page 2: with it 6 rows have come, and it says"),
    "more than asked for": (pages((0, 5, 8)), "page 1: it holds 5 rows, and 3 were asked for"),
}


@pytest.mark.parametrize(("answer", "why"), ODD.values(), ids=ODD)
def test_pages_that_do_not_fit_together_are_refused(outside: Outside, answer: Answer, why: str) -> None:
    outside.answers(answer)
    assert why in outside.refused(DataError, pages=COUNTED)
    assert outside.left() == set()


def test_a_host_that_gives_fewer_rows_a_page_than_asked_for_is_found_out(outside: Outside) -> None:
    outside.answers(numbered(ROWS, size=2))
    assert "the one before it held 2 rows of 3" in outside.refused(DataError, pages=NUMBERED)


def test_a_host_that_does_not_know_of_pages_is_found_out(outside: Outside) -> None:
    outside.answers(lambda visit: say(visit, {"data": ROWS[:3]}))
    assert "holds the rows of an earlier one" in outside.refused(DataError, pages=NUMBERED)


WRONG: dict[str, tuple[str, str]] = {
    "an error": ('{"error": {"code": "API_KEY_MISSING"}}', "API_KEY_MISSING"),
    "an error beside rows": ('{"error": "half of it", "response": {"total": 0, "data": []}}', "half of it"),
    "no success": ('{"success": false, "message": "no leave", "response": {"total": 0, "data": []}}', "no leave"),
    "the key": ('{"error": "unknown: s3cr3t/k y"}', "it says: unknown: …"),
    "the key at the edge": (json.dumps({"error": "x" * 192 + "s3cr3t/k y"}), "x" * 192 + "…"),
    "a list": ("[1]", "no rows under `response.data`"),
    "text for rows": ('{"response": {"total": 1, "data": ["x"]}}', "no rows under `response.data`"),
    "no total": ('{"response": {"data": []}}', "does not say how many rows"),
    "an odd total": ('{"response": {"total": -1, "data": []}}', "does not say how many rows"),
    "half": ('{"response": {"total": 1, "da', "not valid JSON"),
    "a pit": ("[" * 200_000, "not valid JSON"),
}


@pytest.mark.parametrize(("body", "why"), WRONG.values(), ids=WRONG)
def test_an_answer_that_is_no_page_is_refused(outside: Outside, body: str, why: str) -> None:
    outside.answers(lambda visit: visit.say(200, body.encode()))
    told = outside.refused(DataError, key=KEY, pages=COUNTED)
    assert why in told
    assert "s3cr" not in told
    assert outside.left() == set()


def endless(wait: float = 0) -> Answer:
    """Answer with ever new rows."""

    def answer(visit: Visit) -> None:
        time.sleep(wait)
        number = asked_for(visit)["page"]
        say(visit, {"data": [{"n": f"{number}-{at}", "text": "x" * 100} for at in range(3)]})

    return answer


def test_pages_without_end_end_at_the_limit_of_bytes_for_all_together(outside: Outside) -> None:
    outside.answers(endless())
    assert "at most 5,000 bytes" in outside.refused(DataError, pages=NUMBERED, limits=Limits(bytes=5000, seconds=20))
    assert 5 < len(outside.server.asked) < 15
    assert outside.left() == set()


def test_pages_without_end_end_when_the_time_for_all_together_is_up(outside: Outside) -> None:
    outside.answers(endless(0.05))
    told = outside.refused(EnvironmentFault, pages=NUMBERED, limits=Limits(seconds=0.3, stall=5))
    assert "takes longer than 0.3 s" in told
    assert len(outside.server.asked) < 8
    assert outside.left() == set()


def test_a_page_that_fails_is_asked_for_again_and_no_other(outside: Outside) -> None:
    good = counted(ROWS)

    def breaking(visit: Visit) -> None:
        visit.head(200, content_length=1000, etag='"1"')
        visit.wfile.write(b'{"response": ')

    outside.answers(good, busy(429, retry_after=2), breaking, good)
    outside.get(pages=COUNTED)
    assert kept(outside)["response"]["data"] == ROWS
    assert outside.pauses == [2, 2]
    assert [parse_qs(urlsplit(path).query)["offset"] for path, _ in outside.server.asked][:4] == [["0"]] + [["3"]] * 3


def test_a_walk_that_broke_off_is_begun_anew(outside: Outside) -> None:
    outside.answers(counted(ROWS), busy())
    outside.refused(EnvironmentFault, pages=COUNTED)
    assert outside.left() == set()
    outside.answers(counted(ROWS))
    assert not outside.get(pages=COUNTED).resumed
    assert kept(outside)["response"]["data"] == ROWS


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_not_accepted_is_refused_at_once_with_where_it_lies(outside: Outside, status: int) -> None:
    outside.answers(lambda visit: visit.say(status, b'{"error": "API_KEY_INVALID"}'))
    told = outside.refused(DataError, key=KEY, pages=COUNTED)
    assert f"answered {status}" in told
    assert "hint: look at TEST_KEY" in told
    assert len(outside.server.asked) == 1


def test_an_interrupt_leaves_no_page_behind(outside: Outside) -> None:
    def interrupting(line: str) -> None:
        if line.endswith("rows"):
            raise KeyboardInterrupt

    outside.answers(counted(ROWS))
    say: Callable[[str], None] = interrupting
    outside.lines = type("Lines", (list,), {"append": lambda self, line: say(line)})()
    with pytest.raises(KeyboardInterrupt):
        outside.get(key=KEY, pages=COUNTED)
    assert outside.left() == set()
