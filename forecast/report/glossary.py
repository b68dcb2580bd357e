"""The glossary: words of a report that a reader may not know."""

import tomllib
from functools import cache
from importlib.resources import files

from forecast.report.document import Column, Section, Table


@cache
def terms() -> dict[str, str]:
    """Read the words and what they mean."""
    text = files("forecast.report").joinpath("glossary.toml").read_text(encoding="utf-8")
    found: dict[str, str] = tomllib.loads(text)["terms"]
    return found


def glossary() -> Section:
    """Write the glossary."""
    table = Table("Words used here", (Column("word"), Column("meaning")), tuple(terms().items()), (), (1.2, 5.0))
    return Section("glossary", "Glossary", 1, (table,))
