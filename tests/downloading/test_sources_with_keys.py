"""Sources that ask for a key: pages for their importers, and a secret that stands nowhere afterwards."""

import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from forecast import catalogue, fetching, files
from forecast.archive import Archive
from forecast.collecting import Said
from forecast.errors import DataError, ForecastError, SpecError, UsageError
from tests.downloading.outside import loopback
from tests.served import Answer, Served, Visit, served
from tests.sources.test_acled import EVENT
from tests.test_collecting import Dated, desk, seen
from tests.test_fetching import DOOR, MARCH

pytestmark = loopback

EIA = """
[harbour]
format = "eia"
address = "http://data.example:{port}/v2/prices/data/?frequency=daily&facets[series][]=XHARB"
key = {{ variables = {{ api_key = "HARBOUR_KEY" }}, get = "https://data.example/register" }}
pages = {{ rows = "response.data", size = 2, limit = "length", start = "offset", counts = "rows", \
total = "response.total" }}
"""
ACLED = """
[conflict]
format = "acled"
address = "http://data.example:{port}/api/read?year={{yyyy}}"

[conflict.key]
variables = {{ username = "CONFLICT_NAME", password = "CONFLICT_PASSWORD" }}
token = "http://data.example:{port}/token"
form = {{ grant_type = "password" }}
get = "https://data.example/register"

[conflict.pages]
rows = "data"
size = 2
limit = "limit"
start = "page"
counts = "pages"
withdrawn = "http://data.example:{port}/gone"
"""
SECRETS = {"HARBOUR_KEY": "s3cr3t k y", "CONFLICT_NAME": "ann@desk", "CONFLICT_PASSWORD": "pa&ss"}


@pytest.fixture
def asking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """A publisher that asks for a key, and a desk that has it."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with served() as server:
        (tmp_path / "data").mkdir()
        text = (EIA + ACLED).format(port=server.port)
        (tmp_path / "data" / "sources.toml").write_text(text, encoding="utf-8")
        server.answers["/token"] = lambda visit: visit.say(200, b'{"access_token": "t0ken", "token_type": "Bearer"}')
        yield server


def prices(values: list[str]) -> Answer:
    """Answer as EIA does: in pages, with what it was asked."""
    days = [f"2021-02-0{at}" for at in range(1, len(values) + 1)]
    rows = [{"period": d, "series": "XHARB", "value": v, "units": "$/BBL"} for d, v in zip(days, values, strict=True)]

    def answer(visit: Visit) -> None:
        asked = parse_qs(urlsplit(visit.path).query)
        begins = int(asked["offset"][0])
        part = {"total": str(len(rows)), "frequency": "daily", "data": rows[begins : begins + 2]}
        warning = [{"warning": "incomplete return", "description": "The API can only return 2 rows"}]
        told = {"response": part | {"warnings": warning}, "request": {"params": asked}}
        visit.say(200, json.dumps(told).encode(), content_type="application/json")

    return answer


def listed(rows: list[dict[str, str]]) -> Answer:
    """Answer as ACLED does, page by page."""

    def answer(visit: Visit) -> None:
        begins = 2 * int(parse_qs(urlsplit(visit.path).query)["page"][0]) - 2
        part = rows[begins : begins + 2]
        told = {"status": 200, "success": True, "count": len(part), "data": part}
        visit.say(200 if visit.headers["Authorization"] == "Bearer t0ken" else 401, json.dumps(told).encode())

    return answer


def everything(root: Path) -> str:
    """Read all that stands at a desk: names and contents."""
    paths = [path for path in sorted(root.rglob("*")) if path.is_file()]
    return "\n".join(f"{path}\n{path.read_text(encoding='utf-8', errors='replace')}" for path in paths)


def told_nothing(text: str) -> bool:
    return not any(word in text for word in ("s3cr3t", "k y", "k+y", "ann@", "ann%40", "pa&ss", "pa%26", "t0ken"))


def test_a_series_that_comes_in_pages_is_one_file_for_its_importer(asking: Served, tmp_path: Path) -> None:
    asking.answers["/v2/prices/data/"] = prices(["61.5", "60", "62.25", "59", "58.5"])
    found = fetching.fetch(desk(tmp_path), "harbour", None, Said(), door=DOOR)
    assert found.changes.added["value"].tolist() == [61.5, 60, 62.25, 59, 58.5]
    assert found.proposal.delivery.notes == ()
    assert [parse_qs(urlsplit(path).query)["api_key"] for path, _ in asking.asked] == [["s3cr3t k y"]] * 3
    kept = tmp_path / "data" / "received" / "harbour" / "2021-03-01-data"
    said = tomllib.loads(kept.with_name(kept.name + ".toml").read_text())
    assert said["url"].endswith("/v2/prices/data/?frequency=daily&facets[series][]=XHARB")
    assert (said["pages"], said["sha256"]) == (3, files.sha256(kept.read_bytes()))
    assert told_nothing(everything(tmp_path))


def test_events_and_deletions_are_one_fetch_behind_a_token(asking: Served, tmp_path: Path) -> None:
    stamp = {"timestamp": "1612310400"}  # 3 February 2021
    old = [EVENT | stamp | {"event_date": "2021-01-09", "year": "2021", "event_id_cnty": f"ALD{at}"} for at in range(5)]
    asking.answers |= {"/api/read": listed(old), "/gone": listed([])}
    fetching.fetch(desk(tmp_path), "conflict", MARCH, Said(), door=DOOR)
    gone = [{"event_id_cnty": name, "deleted_timestamp": "1612310400"} for name in ("ALD1", "ALD2", "ALD99")]
    asking.answers |= {
        "/api/read": listed([old[0], *old[2:], old[0] | {"event_id_cnty": "ALD7"}]),
        "/gone": listed(gone),
    }
    later = desk(tmp_path)
    later.today = datetime(2021, 3, 8, 9, tzinfo=UTC)
    changes = fetching.fetch(later, "conflict", MARCH, Said(), door=DOOR).changes
    assert changes.added["record"].tolist() == ["ALD7"]
    assert changes.retracted["record"].tolist() == ["ALD1"]
    assert asking.forms == ["grant_type=password&username=ann%40desk&password=pa%26ss"] * 2
    assert told_nothing(everything(tmp_path))


def test_a_key_that_is_not_accepted_changes_nothing_and_is_not_told(
    asking: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asking.answers["/v2/prices/data/"] = prices(["61.5", "60"])
    fetching.fetch(desk(tmp_path), "harbour", None, Said(), door=DOOR)
    before = seen(tmp_path)
    later = desk(tmp_path)
    later.today = datetime(2021, 3, 8, 9, tzinfo=UTC)
    answers: list[Answer] = [
        lambda visit: visit.say(403, b'{"error": {"code": "API_KEY_INVALID"}}'),
        lambda visit: visit.say(200, b'{"error": "no such key: s3cr3t k y"}'),
        lambda visit: visit.say(302, location=f"http://elsewhere.example{visit.path}"),
        lambda visit: visit.say(503),
    ]
    for answer in answers:
        asking.answers["/v2/prices/data/"] = answer
        with pytest.raises(ForecastError) as refused:
            fetching.fetch(later, "harbour", None, Said(), door=DOOR)
        assert told_nothing(str(refused.value))
    assert "HARBOUR_KEY" in _hint(later, asking, answers[0])
    assert seen(tmp_path) == before
    assert told_nothing(everything(tmp_path) + "".join(capsys.readouterr()))
    names = [path.name for path in (tmp_path / "data" / "received" / "harbour").iterdir()]
    assert sorted(names) == ["2021-03-01-data", "2021-03-01-data.toml"]


def _hint(at: Dated, asking: Served, answer: Answer) -> str:
    asking.answers["/v2/prices/data/"] = answer
    with pytest.raises(DataError) as refused:
        fetching.fetch(at, "harbour", None, Said(), door=DOOR)
    return refused.value.hint


@pytest.mark.parametrize("value", [None, ""])
def test_a_key_that_is_not_there_is_refused_by_its_name_before_anything_is_asked(
    value: str | None, asking: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CONFLICT_NAME", "CONFLICT_PASSWORD"):
        monkeypatch.delenv(name) if value is None else monkeypatch.setenv(name, value)
    with pytest.raises(UsageError) as refused:
        fetching.fetch(desk(tmp_path), "conflict", MARCH, Said(), door=DOOR)
    assert refused.value.why == "not set in the environment: CONFLICT_NAME, CONFLICT_PASSWORD"
    assert refused.value.where == "data/sources.toml, [conflict], key"
    assert refused.value.hint == "get a key at https://data.example/register"
    assert asking.asked == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("HARBOUR_KEY", "0a1b2c3d4e5f"), "`api_key` does not name a variable"),
        (("get =", "got ="), "`key.got` is not a key here; did you mean `get`?"),
        (("limit =", "limits ="), "`pages.limits` is not a key here; did you mean `limit`?"),
        (('get = "https://data.example/register"', 'form = { a = "b" }'), "`key.get` is missing"),
        (('counts = "rows"', 'counts = "lines"'), "`pages.counts`"),
        (("frequency=daily", "api_key=0a1b2c3d4e5f"), "`api_key` stands in the address"),
        (("frequency=daily", "offset=10"), "`offset` stands in the address"),
    ],
)
def test_a_block_says_where_a_key_lies_and_never_the_key(change: tuple[str, str], says: str) -> None:
    with pytest.raises(SpecError) as refused:
        catalogue.sources(EIA.format(port=80).replace(*change), "sources.toml")
    assert says in str(refused.value)
    assert "0a1b2c3d4e5f" not in str(refused.value)


def test_the_reference_desk_names_variables_and_no_key() -> None:
    archive = Archive(Path(__file__).parents[2] / "data")
    named = {name: source.key for name, source in archive.sources.items() if source.key}
    assert named["wti_eia"].variables == {"api_key": "EIA_API_KEY"}
    assert named["acled"].token == "https://acleddata.com/oauth/token"
    for name, key in named.items():
        with pytest.raises(UsageError) as refused:
            fetching.unlocked(archive.sources[name], name, {})
        assert refused.value.why.endswith(", ".join(key.variables.values()))
