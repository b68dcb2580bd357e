"""What two reports were made from, and where that differs: days, data, models, program, libraries."""

from collections.abc import Iterator

from forecast.report.comparison import Compared, Stated
from forecast.report.document import Column, Section, Table, Text

SHOWN = 12  # characters of a digest
ABSENT = "–"


def made_from(found: Compared) -> Section:
    """Write the section; where nothing differs it says so."""
    old, new = dict(_inputs(found.old)), dict(_inputs(found.new))
    every = {**old, **new}
    differ = [name for name in every if old.get(name) != new.get(name)]
    said = (
        f"Of {len(every):,} inputs that the reports name, {len(differ):,} differ. Of a digest the first {SHOWN}"
        " characters are shown."
    )
    rows = tuple((name, old.get(name, ABSENT), new.get(name, ABSENT)) for name in differ)
    columns = (Column("what"), Column("before"), Column("after"))
    table = Table("What differs in what they were made from", columns, rows, (), (3.0, 2.0, 2.0))
    return Section("made-from", "What they were made from", 1, (Text(said), *([table] if rows else [])))


def _inputs(report: Stated) -> Iterator[tuple[str, str]]:
    """List by name what a report was made from."""
    yield "as of", report["as_of"]
    yield "kind", "live" if all(one["live"] for one in report["forecasts"]) else "backtest"
    for row in _rows(report, "data"):
        name, through, rows = row["source"], row["looked at through"], row["rows"]
        yield f"{name}: looked at through", through
        yield f"{name}: rows known", rows
    for row in _rows(report, "reproduce"):
        name, value = row["what"], row["value"]
        if name.startswith("model "):
            yield name, value[:SHOWN]
        elif name == "futures":
            yield name, value
    yield from report["code"].items()


def _rows(report: Stated, section: str) -> Iterator[dict[str, str]]:
    """Read the rows of the tables of a section, by the headings of their columns."""
    for block in (block for one in report["sections"] if one["id"] == section for block in one["blocks"]):
        if block["type"] == "table":
            headings = [column["heading"] for column in block["columns"]]
            for row in block["rows"]:
                cells = (cell if isinstance(cell, str) else cell["text"] for cell in row)
                yield dict(zip(headings, cells, strict=True))
