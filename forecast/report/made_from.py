"""What two reports were made from, and where that differs: days, data, models, program, libraries."""

from collections.abc import Iterator

from forecast.language import say, speaking
from forecast.report.comparison import Compared, Stated
from forecast.report.document import Column, Section, Table, Text

SHOWN = 12  # characters of a digest
ABSENT = "–"


def made_from(found: Compared) -> Section:
    """Write the section; where nothing differs it says so."""
    old, new = dict(_inputs(found.old)), dict(_inputs(found.new))
    every = {**old, **new}
    differ = [name for name in every if old.get(name) != new.get(name)]
    how = say("compare-made-how", count=len(every), differ=len(differ), shown=SHOWN)
    rows = tuple((name, old.get(name, ABSENT), new.get(name, ABSENT)) for name in differ)
    columns = (Column(say("compare-made-what")), Column(say("column-before")), Column(say("column-after")))
    table = Table(say("compare-made-table"), columns, rows, (), (3.0, 2.0, 2.0))
    return Section("made-from", say("compare-made"), 1, (Text(how), *([table] if rows else [])))


def _inputs(report: Stated) -> Iterator[tuple[str, str]]:
    """List by name what a report was made from."""
    live = all(one["live"] for one in report["forecasts"])
    yield say("column-as-of"), report["as_of"]
    yield say("compare-made-kind"), say("compare-made-live") if live else say("compare-made-backtest")
    for source, _, _, through, known in _rows(report, "data"):
        yield say("compare-made-through", source=source), through
        yield say("compare-made-rows", source=source), known
    models, futures = _named(report)
    for name, value in _rows(report, "reproduce"):
        if name in models:
            yield name, value[:SHOWN]
        elif name == futures:
            yield name, value
    yield from report["code"].items()


def _named(report: Stated) -> tuple[list[str], str]:
    """Name the digests of a report's models, and the number of its futures, in the language in which it is written."""
    models = [one["id"].removeprefix("model-") for one in report["sections"] if one["id"].startswith("model-")]
    with speaking(report["language"]):
        return [say("reproduce-model", name=name) for name in models], say("reproduce-futures")


def _rows(report: Stated, section: str) -> Iterator[list[str]]:
    """Read the rows of the tables of a section."""
    for block in (block for one in report["sections"] if one["id"] == section for block in one["blocks"]):
        if block["type"] == "table":
            for row in block["rows"]:
                yield [cell if isinstance(cell, str) else cell["text"] for cell in row]
