"""A publisher's file, downloaded and appended: kept as it came, or nothing changed and told how old the last one is."""

import tomllib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from forecast import fetching, files
from forecast.archive import Archive
from forecast.collecting import Said
from forecast.downloading import download
from forecast.downloading.addresses import STRICT, Door
from forecast.errors import DataError, EnvironmentFault, UsageError
from tests.border import BLOCK
from tests.conftest import Command
from tests.downloading.outside import loopback
from tests.served import LOOPBACK, Served, served
from tests.test_collecting import FIRST, SECOND, Dated, desk, seen

pytestmark = loopback


@pytest.fixture
def publisher(tmp_path: Path):  # type: ignore[no-untyped-def]
    """A publisher on this machine, and a desk whose source names it."""
    with served() as server:
        address = f'address = "http://data.example:{server.port}/posts/{{yyyy}}-{{mm}}.csv?part=1"\n'
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "sources.toml").write_text(BLOCK.replace("\nkinds", f"\n{address}kinds"), encoding="utf-8")
        yield server


DOOR = Door(
    schemes=("http",),
    private=frozenset({LOOPBACK}),
    resolve=lambda host, port: [LOOPBACK],
    pause=lambda seconds: None,
)
MARCH = date(2021, 3, 1)


def test_what_a_publisher_offers_is_kept_as_it_came_and_appended(publisher: Served, tmp_path: Path) -> None:
    publisher.answers["/posts/2021-03.csv"] = lambda visit: visit.say(200, FIRST.encode(), etag='"one"')
    found = fetching.fetch(desk(tmp_path), "posts", MARCH, Said(), door=DOOR)
    assert publisher.asked[0][0] == "/posts/2021-03.csv?part=1"
    assert len(found.changes.added) == 2
    kept = tmp_path / "data" / "received" / "posts" / "2021-03-01-2021-03.csv"
    assert kept.read_bytes() == FIRST.encode()
    said = tomllib.loads(kept.with_name(kept.name + ".toml").read_text())
    assert said["sha256"] == files.sha256(FIRST.encode())
    assert (said["bytes"], said["headers"]["etag"]) == (len(FIRST), '"one"')
    assert said["fetched_at"] == datetime(2021, 3, 1, 12, tzinfo=UTC)
    beside = tomllib.loads((tmp_path / "data" / "events" / "posts" / "2021-03-01.toml").read_text())
    assert (beside["received"], beside["origin"]) == (said["sha256"], said["url"])


def test_a_later_answer_is_a_further_fetch_and_both_are_kept(publisher: Served, tmp_path: Path) -> None:
    publisher.answers["/posts/2021-03.csv"] = lambda visit: visit.say(200, FIRST.encode())
    fetching.fetch(desk(tmp_path), "posts", MARCH, Said(), door=DOOR)
    publisher.answers["/posts/2021-03.csv"] = lambda visit: visit.say(200, SECOND.encode())
    later = desk(tmp_path)
    later.today = datetime(2021, 3, 8, 9, tzinfo=UTC)
    found = fetching.fetch(later, "posts", MARCH, Said(), door=DOOR)
    assert [len(found.changes.added), len(found.changes.revised)] == [1, 1]
    received = tmp_path / "data" / "received" / "posts"
    assert sorted(path.name for path in received.glob("*.csv")) == ["2021-03-01-2021-03.csv", "2021-03-08-2021-03.csv"]


@pytest.mark.parametrize("fault", ["gone", "page", "broken"])
def test_a_fetch_that_fails_changes_nothing(fault: str, publisher: Served, tmp_path: Path) -> None:
    publisher.answers["/posts/2021-03.csv"] = lambda visit: visit.say(200, FIRST.encode())
    fetching.fetch(desk(tmp_path), "posts", MARCH, Said(), door=DOOR)
    before = seen(tmp_path)
    answers = {
        "gone": lambda visit: visit.say(404),
        "page": lambda visit: visit.say(200, b"<!doctype html><title>Please log in</title>", content_type="text/html"),
        "broken": lambda visit: visit.say(200, SECOND.replace("2021-02-05", "2021-22-05").encode()),
    }
    publisher.answers["/posts/2021-03.csv"] = answers[fault]
    later = desk(tmp_path)
    later.today = datetime(2021, 3, 8, 9, tzinfo=UTC)
    if fault == "broken":
        assert fetching.fetch(later, "posts", MARCH, Said(), door=DOOR).stopped
    else:
        with pytest.raises(DataError):
            fetching.fetch(later, "posts", MARCH, Said(), door=DOOR)
    assert seen(tmp_path) == before


def test_offline_it_says_how_old_the_last_fetch_is(publisher: Served, tmp_path: Path) -> None:
    def nobody(host: str, port: int) -> list[str]:
        raise OSError("Temporary failure in name resolution")

    away = Door(schemes=("http",), resolve=nobody, pause=lambda seconds: None)
    with pytest.raises(EnvironmentFault) as refused:
        fetching.fetch(desk(tmp_path), "posts", MARCH, Said(), door=away)
    assert "`posts` was never fetched, and nothing has changed" in refused.value.why
    publisher.answers["/posts/2021-03.csv"] = lambda visit: visit.say(200, FIRST.encode())
    fetching.fetch(desk(tmp_path), "posts", MARCH, Said(), door=DOOR)
    later = desk(tmp_path)
    later.today = datetime(2021, 3, 8, 9, tzinfo=UTC)
    with pytest.raises(EnvironmentFault) as refused:
        fetching.fetch(later, "posts", MARCH, Said(), door=away)
    assert "the last fetch of `posts` is 7 days old, looked at through 2021-01-05" in refused.value.why
    assert Archive(tmp_path / "data").notes == []


@pytest.mark.parametrize(
    ("of", "address", "what"),
    [
        (None, "https://data.example/{yyyy}.csv", "the address of `posts` asks for a day"),
        (MARCH, "https://data.example/all.csv", "the address of `posts` has no day in it"),
        (MARCH, "https://data.example/{week}.csv", "`{week}` is no place for a day"),
    ],
)
def test_an_address_and_its_day_go_together(of: date | None, address: str, what: str) -> None:
    with pytest.raises(UsageError) as refused:
        fetching.filled(address, of, "posts")
    assert refused.value.what == what


def test_a_day_is_put_into_an_address() -> None:
    address = "https://data.example/{yy}/{yyyy}{mm}{dd}-{m}-{d}.csv"
    assert fetching.filled(address, MARCH, "posts") == "https://data.example/21/20210301-3-1.csv"
    assert fetching.filled("https://data.example/all.csv", None, "posts") == "https://data.example/all.csv"


def test_the_name_of_a_kept_file_leads_nowhere_else(tmp_path: Path) -> None:
    for address in (
        "https://a.example/..",
        "https://a.example/%2e%2e%2f..%2fx",
        "https://a.example/",
        "https://a.example/.x",
    ):
        path = fetching._place(Dated(tmp_path), "posts", address)
        assert path.resolve().parent == (tmp_path / "data" / "received" / "posts").resolve()


def test_a_source_without_an_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        fetching.fetch(desk(tmp_path), "posts", None, Said(), door=DOOR)
    assert refused.value.hint == "forecast add FILE --source posts"


def test_the_door_that_is_used_is_the_strict_one() -> None:
    assert fetching.fetch.__defaults__ == (False, STRICT)
    assert download.__defaults__ is not None
    assert download.__defaults__[-1] == STRICT


def test_every_address_of_the_reference_desk_may_be_asked() -> None:
    archive = Archive(Path(__file__).parents[1] / "data")
    addressed = {name: source.address for name, source in archive.sources.items() if source.address}
    assert len(addressed) >= 8
    for name, address in addressed.items():
        of = MARCH if "{" in address else None
        assert fetching.filled(address, of, name).startswith("https://")


def test_offline_the_command_ends_with_exit_code_4(tmp_path: Path, program: Command) -> None:
    block = BLOCK.replace("\nkinds", '\naddress = "https://nowhere.invalid/posts.csv"\nkinds')
    desk(tmp_path)
    (tmp_path / "data" / "sources.toml").write_text(block, encoding="utf-8")
    done = program("fetch", "posts", at=tmp_path)
    assert done.returncode == 4
    assert "no machine is found that answers for `nowhere.invalid`" in done.stderr
    assert "was never fetched" in done.stderr
    assert "Traceback" not in done.stderr
