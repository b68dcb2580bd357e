"""What broke off goes on, if it surely is the same version, and is begun anew if not."""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from forecast.downloading import Limits, headers, partial
from forecast.errors import DataError, EnvironmentFault
from tests.downloading.outside import BODY, HALF, Outside, cut, loopback, ranged, whole
from tests.served import Answer, Visit

pytestmark = loopback


def test_what_broke_off_goes_on_within_one_call(outside: Outside) -> None:
    outside.answers(cut(etag='"1"'), ranged('"1"'))
    got = outside.get()
    assert outside.into.read_bytes() == BODY
    assert (got.status, got.resumed, got.sha256) == (206, True, hashlib.sha256(BODY).hexdigest())
    assert outside.ranges == [None, f"bytes={HALF}-"]
    assert outside.server.asked[1][1]["If-Range"] == '"1"'
    assert outside.left() == set()


def broken_off(outside: Outside, **headers: object) -> None:
    """Leave a part, as a call that had no luck does."""
    outside.answers(cut(**headers))
    outside.refused(EnvironmentFault, limits=Limits(retries=0))
    outside.server.asked.clear()


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ({"etag": '"1"'}, '"1"'),
        ({"last_modified": "Sun, 01 Mar 2020 12:00:00 GMT"}, "Sun, 01 Mar 2020 12:00:00 GMT"),
    ],
)
def test_what_broke_off_goes_on_in_the_next_call(outside: Outside, said: dict[str, str], known: str) -> None:
    broken_off(outside, **said)
    assert outside.left() == {"file.csv.part", "file.csv.part.json"}
    end = len(BODY) - 1
    outside.answers(lambda visit: visit.say(206, BODY[HALF:], content_range=f"bytes {HALF}-{end}/{end + 1}", **said))
    assert outside.get().resumed
    assert outside.server.asked[0][1]["If-Range"] == known
    assert outside.into.read_bytes() == BODY
    assert outside.left() == set()


def test_bytes_that_were_not_noted_are_not_trusted(outside: Outside) -> None:
    broken_off(outside, etag='"1"')
    with (outside.into.parent / "file.csv.part").open("ab") as part:
        part.write(bytes(len(BODY)))  # what a power cut may leave
    outside.answers(ranged('"1"'))
    assert outside.get().resumed
    assert outside.into.read_bytes() == BODY


def test_a_note_is_made_while_the_file_comes(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partial, "STEP", 1000)
    seen: list[int] = []

    def looking(visit: Visit) -> None:
        cut(etag='"1"')(visit)
        note = outside.into.parent / "file.csv.part.json"
        until = time.perf_counter() + 5
        while not seen and time.perf_counter() < until:
            seen.extend([len(text)] if (text := note.read_text() if note.exists() else "") else [])

    outside.answers(looking, ranged('"1"'))
    assert outside.get().resumed
    assert seen


SPOILT: dict[str, Callable[[Path], object]] = {
    "no part": lambda folder: (folder / "file.csv.part").unlink(),
    "no note": lambda folder: (folder / "file.csv.part.json").unlink(),
    "a short part": lambda folder: (folder / "file.csv.part").write_bytes(BODY[:10]),
    "a cut note": lambda folder: (folder / "file.csv.part.json").write_text('{"address": "ht'),
    "another note": lambda folder: (folder / "file.csv.part.json").write_text("[]"),
}


@pytest.mark.parametrize("spoilt", SPOILT.values(), ids=SPOILT)
def test_a_part_that_is_no_use_is_begun_anew(outside: Outside, spoilt: Callable[[Path], object]) -> None:
    broken_off(outside, etag='"1"')
    spoilt(outside.into.parent)
    outside.answers(ranged('"1"'))
    assert not outside.get().resumed
    assert outside.ranges == [None]
    assert outside.into.read_bytes() == BODY


def test_a_part_of_another_address_is_begun_anew(outside: Outside) -> None:
    broken_off(outside, etag='"1"')
    outside.answers(ranged('"1"'))
    assert not outside.get(outside.address("/file?year=2")).resumed
    assert outside.ranges == [None]


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"etag": 'W/"1"'},
        {"etag": 'W/"1"', "last_modified": "Sun, 01 Mar 2020 12:00:00 GMT"},
        {"last_modified": "Sun, 01 Mar 2099 12:00:00 GMT"},  # may change again within the second
        {"last_modified": "yesterday"},
    ],
)
def test_without_a_sure_sign_of_the_version_nothing_goes_on(outside: Outside, said: dict[str, str]) -> None:
    broken_off(outside, **said)
    assert outside.left() == set()
    outside.answers(whole)
    assert not outside.get().resumed
    assert outside.ranges == [None]


def test_a_file_that_changed_meanwhile_is_begun_anew(outside: Outside) -> None:
    broken_off(outside, etag='"1"')
    outside.answers(ranged('"2"', BODY.upper()))
    assert not outside.get().resumed
    assert outside.into.read_bytes() == BODY.upper()
    assert outside.ranges == [f"bytes={HALF}-"]


def rest(first: int, last: int, length: object, **headers: object) -> Answer:
    said = {"content_range": f"bytes {first}-{last}/{length}", "etag": '"1"', **headers}
    return lambda visit: visit.say(206, BODY[first : last + 1], **said)


END = len(BODY) - 1
ODD: dict[str, Answer] = {
    "no range": lambda visit: visit.say(206, BODY[HALF:], etag='"1"'),
    "another version": rest(HALF, END, END + 1, etag='"2"'),
    "no version": rest(HALF, END, END + 1, etag=None),
    "an earlier byte": rest(HALF - 1, END, END + 1),
    "a later byte": rest(HALF + 1, END, END + 1),
    "not to the end": rest(HALF, END - 5, END + 1),
    "no length": rest(HALF, END, "*"),
    "packed": rest(HALF, END, END + 1, content_encoding="gzip"),
    "no ranges": lambda visit: visit.say(416, content_range=f"bytes */{HALF}"),
    "fewer bytes than it says": lambda visit: visit.say(
        206, BODY[HALF:-9], etag='"1"', content_range=f"bytes {HALF}-{END}/{END + 1}"
    ),
    "more bytes than it says": lambda visit: visit.say(
        206, BODY[HALF:] + b"more", etag='"1"', content_range=f"bytes {HALF}-{END}/{END + 1}"
    ),
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_a_rest_that_does_not_fit_is_thrown_away(outside: Outside, odd: Answer) -> None:
    broken_off(outside, etag='"1"')
    outside.answers(odd, ranged('"1"'))
    got = outside.get()
    assert outside.into.read_bytes() == BODY
    assert not got.resumed
    assert outside.ranges == [f"bytes={HALF}-", None]


@pytest.mark.parametrize(
    ("said", "fits"),
    [
        ("bytes 50-99/100", True),
        ("bytes 49-99/100", False),
        ("bytes 49-98/100", False),
        ("bytes 51-99/100", False),
        ("bytes 50-98/100", False),
        ("bytes 50-100/100", False),
        ("bytes 50-99/*", False),
        ("bytes */100", False),
        ("rows 50-99/100", False),
        ("", False),
    ],
)
def test_a_rest_begins_where_the_part_ends_and_ends_where_the_file_does(said: str, fits: bool) -> None:
    assert headers.goes_on({"content-range": said, "etag": '"1"'}, 50, '"1"') is fits


def test_the_limit_counts_what_is_held(outside: Outside) -> None:
    broken_off(outside, etag='"1"')
    outside.answers(ranged('"1"'))
    assert "too large" in outside.refused(DataError, limits=Limits(bytes=HALF + 1000))


def test_an_interrupt_keeps_what_has_come(outside: Outside) -> None:
    outside.answers(ranged('"1"'))
    ticks: list[None] = []

    def clock() -> float:
        ticks.append(None)
        part = outside.into.parent / "file.csv.part"
        if part.exists() and part.stat().st_size:
            raise KeyboardInterrupt
        return len(ticks) / 1000

    with pytest.raises(KeyboardInterrupt):
        outside.get(clock=clock)
    assert outside.left() == {"file.csv.part", "file.csv.part.json"}
    assert outside.get().resumed
    assert outside.into.read_bytes() == BODY
