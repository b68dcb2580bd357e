"""The JSON Schemas that are published: they are what the program says, and real rows meet them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner

from forecast import bookkeeping, cli, predict
from forecast.errors import UsageError
from forecast.formats import issued, plain, schemas
from forecast.formats.bodies import FitBody
from forecast.inference import Sizes
from forecast.ledger import KINDS, Ledger, canonical
from forecast.register import Register
from tests.exported import THEN, mixed_at
from tests.walks import LATER

DOCS = Path(__file__).parents[1] / "docs"
CHECKS = jsonschema.FormatChecker(formats=["date"])


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """A book with rows of every kind."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(predict, "SIZES", Sizes(960, 120))
        desk, found = mixed_at(tmp_path_factory.mktemp("schema") / "desk")
        bookkeeping.void(found, found.rows("question")[0].id, "the source stopped", THEN)
        bookkeeping.resolve(desk, found, LATER)
        yield found


def validator(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(schemas.schema(name)), format_checker=CHECKS)


def wrong(name: str, says: Any) -> list[str]:
    return [error.json_path for error in validator(name).iter_errors(says)]


@pytest.mark.parametrize("name", schemas.TYPES)
def test_what_is_published_is_what_the_program_says(name: str) -> None:
    text = (DOCS / "schema" / f"{name}.json").read_text(encoding="utf-8")
    assert text == schemas.schema(name)
    assert CliRunner().invoke(cli.app, ["schema", name]).stdout == text
    jsonschema.Draft202012Validator.check_schema(json.loads(text))
    assert f"schema/{name}.json" in (DOCS / "formats.md").read_text(encoding="utf-8")


def test_every_kind_of_row_has_one_and_meets_it(book: Ledger) -> None:
    assert set(schemas.TYPES) == {*KINDS, "forecasts", "questions"}
    for kind in KINDS:
        rows, known = book.rows(kind), json.loads(schemas.schema(kind))["properties"]
        assert rows
        for row in rows:
            assert wrong(kind, row.says) == []
            assert set(row.says) == set(known)  # every word of a row is described


def test_a_row_that_does_not_say_how_models_were_fitted_is_read_and_exported(book: Ledger) -> None:
    """Such rows were written before that was kept."""
    older = []
    for row in book.rows():
        says = {key: value for key, value in row.says.items() if key != "fits"}
        older.append(replace(row, body=canonical(says)))
        assert wrong(row.kind, says) == []
    found = issued.newest(older, "mixed-1")
    document = json.loads(plain.document(found))
    assert wrong("forecasts", document) == []
    assert all(one["fits"] == {} for one in document["forecasts"])
    assert plain.table(found) == plain.table(issued.newest(book.rows(), "mixed-1"))
    assert Register(older).scored() == Register(book.rows()).scored() != []


def test_how_models_were_fitted_is_described_and_exported(book: Ledger) -> None:
    says, exported = book.rows("forecast")[0].says, issued.newest(book.rows(), "mixed-1")[0].fits
    assert {name: fit["seed"] for name, fit in says["fits"].items()} == {
        name: fit.seed for name, fit in exported.items()
    }
    assert set(exported) == set(says["specs"])
    assert all(fit == FitBody(fit.seed) for fit in exported.values())  # nothing in this brief is sampled
    for fit in ({}, {"seed": "1"}, {"seed": 1, "r_hat": "good"}):
        assert any(path.startswith("$.fits") for path in wrong("forecast", {**says, "fits": {"m": fit}}))
    some = {"m": {"seed": 1, "r_hat": 1.001, "ess_bulk": 812.5, "divergences": 0.0}, "n": {"seed": 2}}
    assert wrong("forecast", {**says, "fits": some}) == []
    rows = [replace(row, body=canonical({**row.says, "fits": some})) for row in book.rows("forecast")]
    document = json.loads(plain.document(issued.newest([*book.rows("question"), *rows], "mixed-1")))
    assert wrong("forecasts", document) == []
    assert all(one["fits"] == some for one in document["forecasts"])


def test_what_a_model_says_is_described_too(book: Ledger) -> None:
    whole = json.loads(schemas.schema("spec"))
    inner = {**whole["properties"]["says"]["contentSchema"], "$defs": whole["$defs"]}
    check = jsonschema.Draft202012Validator(inner, format_checker=CHECKS)
    said = [json.loads(row.says["says"]) for row in book.rows("spec")]
    assert len(said) == 2
    assert [error.json_path for one in said for error in check.iter_errors(one)] == []
    assert [error.json_path for error in check.iter_errors({**said[0], "step": "ten"})] == ["$.step"]


def test_the_document_meets_its_schema_and_a_spoilt_one_does_not(book: Ledger) -> None:
    document = json.loads(plain.document(issued.newest(book.rows(), "mixed-1")))
    assert wrong("forecasts", document) == []
    first = document["forecasts"][0]
    for key, value in (
        ("probability", 1.5),
        ("interval", [0.1]),
        ("as_of", "17 May 2019"),
        ("question", "abc"),
        ("asked", {**first["asked"], "rule": {"measure": "guess", "where": {}}}),
    ):
        spoilt = {**document, "forecasts": [{**first, key: value}]}
        assert any(path.startswith(f"$.forecasts[0].{key}") for path in wrong("forecasts", spoilt))
    assert wrong("forecasts", {**document, "schema_version": 2}) == ["$.schema_version"]
    assert wrong("forecasts", {key: value for key, value in document.items() if key != "brief"}) == ["$"]


def test_what_has_no_schema_is_refused_with_the_look_alike() -> None:
    with pytest.raises(UsageError) as refused:
        schemas.schema("resolutions")
    assert "`resolution`" in refused.value.hint
