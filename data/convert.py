"""Bring the hand-compiled tables into the one table: `python data/convert.py FOLDER`.

It writes data/events and data/datapackage.json. The tables themselves are not part of the repository.
Running it again writes the same bytes.
"""

import csv
import hashlib
import io
import json
import sys
from pathlib import Path
from typing import Any

from forecast import catalogue, tables
from forecast.catalogue import Source
from forecast.events import COLUMNS
from forecast.sources import curated

HERE = Path(__file__).parent
FETCHED_AT = "2026-11-22"
# The last day that was looked at, and why that day: what each table's notes say of its own completeness.
THROUGH = {
    "attacks": ("2026-10-07", "last day with a row; thin after 2026-08-22, nothing followed later"),
    "context": ("2026-09-22", "last day with a row; chosen by hand, so never complete"),
    "oil_disruptions": ("2026-08-22", "last row began on 2026-08-13; its notes call it incomplete after this day"),
    "brent": ("2026-09-29", "last price in the table; the last 29 days were copied by hand"),
    "mechanisms": ("2026-07-24", "latest day on which any mechanism was still followed; many ended earlier"),
    "iran_eu_trade": ("2024-01-30", "the figures end with October 2023; those of November count as known a day later"),
}
ORIGIN = {"brent": "US EIA, daily spot prices, series RBRTE"}
COMPILED = "compiled by hand from public reports, November 2026"
TABLES = (
    *("attacks", "context", "oil_disruptions", "brent"),
    *("mechanisms", "mechanism_stages", "mechanism_censor_sources", "iran_eu_trade"),
)
FRICTIONLESS = {"text": "string", "integer": "integer", "number": "number", "date": "date", "flag": "boolean"}


def main(folder: Path) -> None:
    """Convert every table of a folder.

    Parameters
    ----------
    folder : Path
        Holds attacks.csv, context.csv and the others.
    """
    sources = catalogue.sources((HERE / "sources.toml").read_text(encoding="utf-8"), "data/sources.toml")
    directions = _rows(HERE / "context_directions.csv")
    rows = curated.bundle({name: _rows(folder / f"{name}.csv") for name in TABLES}, directions)
    resources = [_write(name, rows[name], sources[name]) for name in sorted(rows)]
    package = {
        "name": "brinkcast-events",
        "title": "Dated events on attacks, oil and European mechanisms",
        "profile": "tabular-data-package",
        "resources": resources,
    }
    text = json.dumps(package, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    (HERE / "datapackage.json").write_text(text, encoding="utf-8")


def _rows(path: Path) -> list[dict[str, str]]:
    table = tables.read(path.read_bytes(), path.name)
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def _write(name: str, rows: list[dict[str, str]], source: Source) -> dict[str, Any]:
    """Write a source's events and what is said beside them; return its Frictionless resource."""
    used = {column for row in rows for column in row}
    columns = [column for column in (*COLUMNS, *source.columns) if column in used]
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    content = out.getvalue().encode()
    digest = hashlib.sha256(content).hexdigest()
    path = HERE / "events" / name / f"{FETCHED_AT}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.with_suffix(".toml").write_text(_manifest(name, len(rows), digest), encoding="utf-8")
    return {
        "name": name.replace("_", "-"),
        "path": path.relative_to(HERE).as_posix(),
        "title": source.title,
        "profile": "tabular-data-resource",
        "encoding": "utf-8",
        "format": "csv",
        "mediatype": "text/csv",
        "bytes": len(content),
        "hash": f"sha256:{digest}",
        "licenses": [_licence(source)],
        "schema": {"fields": [_field(column, source) for column in columns], "missingValues": [""]},
    }


def _manifest(name: str, rows: int, digest: str) -> str:
    through, why = THROUGH[name]
    origin = ORIGIN.get(name, COMPILED)
    return f'through = {through}\nrows = {rows}\nsha256 = "{digest}"\norigin = "{origin}"\nnote = "{why}"\n'


def _licence(source: Source) -> dict[str, str]:
    name = source.licence.split(":")[0]
    return {"name": {"public domain": "other-pd"}.get(name, name), "title": source.licence}


def _field(column: str, source: Source) -> dict[str, str]:
    meaning = COLUMNS[column][1] if column in COLUMNS else source.columns[column].meaning
    return {"name": column, "type": FRICTIONLESS[source.type_of(column)], "description": meaning}


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python data/convert.py FOLDER_WITH_THE_TABLES")
    main(Path(sys.argv[1]))
