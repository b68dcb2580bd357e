"""The JSON Schemas that are published: made of the types, so that they say what the program says."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from forecast.errors import UsageError, look_alike
from forecast.formats.bodies import ForecastBody, ResolutionBody, SpecBody, VoidBody
from forecast.formats.plain import Document
from forecast.formats.posts import Posts
from forecast.questions import Question

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TYPES: Mapping[str, Any] = {
    "forecasts": Document,
    "questions": Posts,
    "question": Question,
    "spec": SpecBody,
    "forecast": ForecastBody,
    "resolution": ResolutionBody,
    "void": VoidBody,
}


def schema(name: str) -> str:
    """Write the JSON Schema of `forecasts.json` or `questions.json`, or of the body of one kind of row of the book.

    Raises
    ------
    UsageError
        If there is none of that name.
    """
    if name not in TYPES:
        raise UsageError(f"there is no schema `{name}`", "NAME", hint=look_alike(name, TYPES))
    found = {"$schema": DIALECT, **TypeAdapter(TYPES[name]).json_schema()}
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"
