"""Questions as posts: each says what the book says, resolves when that does, and meets the schema that is published."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from forecast import bookkeeping, predict
from forecast.formats import posts, schemas
from forecast.formats.issued import newest
from forecast.inference import Sizes
from forecast.ledger import Ledger
from forecast.register import Register
from tests.exported import THEN, mixed_at
from tests.walks import LATER


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """A book in which some questions have come out, and one is void."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(predict, "SIZES", Sizes(960, 120))
        desk, found = mixed_at(tmp_path_factory.mktemp("posts") / "desk")
        bookkeeping.void(found, found.rows("question")[0].id, "the source stopped", THEN)
        bookkeeping.resolve(desk, found, LATER)
        yield found


def posted(book: Ledger, ended: bool = True) -> list[dict[str, Any]]:
    rows = book.rows()
    ends = {one.told.question: one.end for one in Register(rows).scored()} if ended else {}
    found: list[dict[str, Any]] = json.loads(posts.document(newest(rows, "mixed-1"), ends))
    return found


def test_a_post_says_what_the_book_says(book: Ledger) -> None:
    asked = {row.id: row.says for row in book.rows("question")}
    told = [row.says for row in book.rows("forecast")]
    for post, says in zip(posted(book), told, strict=True):
        question, of = post["question"], asked[says["question"]]
        assert (post["id"], post["title"]) == (of["id"], of["text"])
        no, yes = question["my_forecasts"]["latest"]["forecast_values"]
        assert yes == says["probability"]
        assert no == pytest.approx(1 - yes, abs=1e-15)
        assert question["open_time"] == f"{of['opens']}T00:00:00Z"
        assert question["scheduled_close_time"] == f"{of['closes']}T00:00:00Z"
        assert post["scheduled_resolve_time"] == question["scheduled_resolve_time"]
        assert datetime.fromisoformat(question["scheduled_resolve_time"]) > datetime.fromisoformat(
            question["scheduled_close_time"]
        )
        assert all(kind in question["resolution_criteria"] for kind in of["rule"]["where"]["kind"])


def test_it_resolves_as_the_book_does(book: Ledger) -> None:
    rows = book.rows()
    outcomes = {one.told.question: one.end.outcome for one in Register(rows).scored()}
    named = {None: "annulled", True: "yes", False: "no"}
    found = [post["question"]["resolution"] for post in posted(book)]
    assert found == [
        named[outcomes[one.question]] if one.question in outcomes else None for one in newest(rows, "mixed-1")
    ]
    assert "annulled" in found
    assert {"yes", "no"} & set(found)
    for post in posted(book):
        assert (post["status"] == "resolved") == (post["question"]["actual_resolve_time"] is not None)
    assert {post["question"]["resolution"] for post in posted(book, ended=False)} == {None}


def test_it_meets_its_schema_and_is_the_same_each_time(book: Ledger, tmp_path: Path) -> None:
    schema = json.loads(schemas.schema("questions"))
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(posted(book))
    assert posted(book) == posted(book)
    broken = posted(book)
    broken[0]["question"]["resolution"] = "maybe"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, schema)
