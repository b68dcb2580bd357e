"""The glossary: words of a report that a reader may not know."""

import tomllib

from forecast.language import file, say
from forecast.report.document import Column, Section, Table


def terms() -> dict[str, str]:
    """Read the words and what they mean."""
    found: dict[str, str] = tomllib.loads(file("glossary.toml"))["terms"]
    return found


def glossary() -> Section:
    """Write the glossary."""
    columns = (Column(say("glossary-word")), Column(say("column-meaning")))
    table = Table(say("glossary-caption"), columns, tuple(terms().items()), (), (1.2, 5.0))
    return Section("glossary", say("glossary-title"), 1, (table,))
