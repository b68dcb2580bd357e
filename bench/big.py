"""Time a panel of a source too big for memory: `python bench/big.py [ROWS]`, 20 million rows by default.

Rows are invented with the cardinalities of GDELT: 20 kinds and 150 event codes within them, 250 entities, of which few
have most events, all days of 20 years, known on the same day but for a tenth. One in a hundred records is revised or
taken back. They are written as 20 fetches to a temporary folder; a child process opens the archive, takes the snapshot
of the one kind that a `counts` model reads, 6 % of all rows, and lays out that model's panel, bin by bin and cell by
cell, so that its peak memory is that of nothing else. The panel must be, to the bit, that of pandas counting in memory.
"""

import hashlib
import json
import pickle
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from forecast import big, catalogue, collapse, spec, world
from forecast.archive import Archive
from forecast.events import Snapshot
from forecast.spec import Spec

ROWS, FETCHES, DAYS, FIRST = 20_000_000, 20, 7300, date(2005, 1, 1)
KINDS, CODES, ENTITIES = 20, 150, 250
AS_OF = FIRST + timedelta(days=DAYS - 30)
LAGS = ([0, 1, 7, 30, 365], [0.9, 0.05, 0.02, 0.02, 0.01])
REVISED = 0.01
BLOCK = f"""
[media]
title = "Invented events"
publisher = "nobody"
licence = "CC0-1.0"
url = "https://example.org"
kinds = {json.dumps([f"kind{number + 1:02d}" for number in range(KINDS)])}
collapse = ["event_code"]
store = "parquet"

[media.columns]
event_code = {{ meaning = "what, finely" }}
actor = {{ meaning = "who" }}
"""


MODEL = """
name = "fights"
title = "Fights"
family = "counts"
since = 2015-01-01
step = 7
written = 2025-01-01
target = { kind = "kind20" }

[priors]
background = [0.03, 5.0]
spread_origin = [0.2, 2.0]
spread_mark = [0.2, 2.0]
spread_place = [0.2, 2.0]
spread_cell = [0.2, 2.0]
spread_front = [0.14, 1.4]
feedback = [0.3, 0.9]
own = [0.06, 0.83]
front = [0.027, 0.37]
origin = [0.008, 0.11]
all = [0.003, 0.041]
dispersion = [0.12, 3.1]

[options]
memories = [15, 60, 240]
roles = { origin = "kind", mark = "event_code", place = "entity" }
groups.origin = { all = ["*"] }
groups.mark = { first = ["144", "145", "146"], second = ["147", "148", "149"], third = ["150"] }
groups.place = { a = ["E001"], b = ["E002"], c = ["E003"], d = ["E004"], e = ["E005"], last = ["E250"], rest = ["*"] }

[options.cells.all]
first = ["a", "b", "c", "d", "e", "last", "rest"]
second = ["a", "b", "c", "d", "e", "last", "rest"]
third = ["a", "b", "c", "d", "e", "last", "rest"]
"""


def fetch(number: int, size: int, rng: np.random.Generator) -> pd.DataFrame:
    """Invent the rows of one year, and revisions of a hundredth of them."""
    code = np.minimum(rng.zipf(1.3, size) - 1, CODES - 1).astype(int) * 37 % CODES
    entity = np.minimum(rng.zipf(1.2, size) - 1, ENTITIES - 1)
    happened = rng.integers(number * DAYS // FETCHES, (number + 1) * DAYS // FETCHES, size)
    start = np.datetime64(FIRST, "us")
    event_at = start + happened.astype("timedelta64[D]")
    rows = pd.DataFrame(
        {
            "record": pd.Series(np.arange(number * size, (number + 1) * size)).astype("str"),
            "revision": np.zeros(size, "int64"),
            "kind": _words("kind", code * KINDS // CODES, KINDS),
            "entity": _words("E", entity, ENTITIES),
            "event_at": event_at,
            "precision": "day",
            "known_at": event_at + rng.choice(LAGS[0], size, p=LAGS[1]).astype("timedelta64[D]"),
            "known_by": "published",
            "value": 1.0,
            "unit": "1",
            "n": rng.integers(1, 4, size),
            "retracted": False,
            "event_code": _words("", code, CODES),
            "actor": _words("A", rng.integers(0, 2000, size), 2000),
        }
    )
    again = rows[rng.random(size) < REVISED]
    later = again["known_at"] + np.timedelta64(3, "D")
    again = again.assign(revision=1, known_at=later, n=again["n"] + 1, retracted=rng.random(len(again)) < 0.5)
    return pd.concat([rows, again], ignore_index=True).sort_values("event_at", kind="stable")


def _words(head: str, numbers: np.ndarray, size: int) -> pd.Series:
    words = pd.Series([f"{head}{number + 1:0{len(str(size))}d}" for number in range(size)], dtype="str")
    return words.take(numbers).reset_index(drop=True)


def invent(root: Path, rows: int) -> tuple[xr.Dataset, int]:
    """Write a data folder; return the panel that the small path makes of its events, and their bytes."""
    (root / "sources.toml").write_text(BLOCK, encoding="utf-8")
    source, rng = catalogue.sources(BLOCK, "sources.toml")["media"], np.random.default_rng(7)
    folder, size, counts = root / "events" / "media", 0, []
    folder.mkdir(parents=True)
    last = FIRST + timedelta(days=DAYS + 400)
    for number in range(FETCHES):
        year = fetch(number, rows // FETCHES, rng)
        content = big.written(year, source)
        size += len(content)
        counts.append(small(year, source))  # no day is in two years, so no count is either
        path = folder / f"{last + timedelta(days=number)}.parquet"
        path.write_bytes(content)
        said = f'through = {last}\nsha256 = "{hashlib.sha256(content).hexdigest()}"\n'
        path.with_suffix(".toml").write_text(said, encoding="utf-8")
    known = pd.concat(counts).sort_values("record", kind="stable", ignore_index=True)
    return panel(Snapshot(AS_OF, known, {"media": last})), size


def small(rows: pd.DataFrame, source: catalogue.Source) -> pd.DataFrame:
    """Count rows as the archive does it in memory."""
    known = rows[rows["known_at"] < np.datetime64(AS_OF, "us")].sort_values(["record", "revision"])
    last = known.drop_duplicates("record", keep="last")
    asked = last[~last["retracted"] & last["kind"].isin(model().kinds)]
    return collapse.collapsed(asked.assign(source="media"), source)


def model() -> Spec:
    """Read the model whose panel is laid out."""
    return spec.parse(MODEL, "models/fights.toml")


def panel(snapshot: Snapshot) -> xr.Dataset:
    """Lay out what the model reads of a snapshot."""
    found: xr.Dataset = world.family(model()).panel(snapshot, model())
    return found


def measure(root: Path) -> None:
    """Open the archive, take a snapshot of what the model reads, lay out its panel; print what that took as JSON."""
    begun = time.perf_counter()
    archive = Archive(root)
    opened = time.perf_counter()
    snapshot = archive.as_of(AS_OF, kinds=model().kinds)
    taken = time.perf_counter()
    found = panel(snapshot)
    laid_out = time.perf_counter()
    said = {
        "open_s": round(opened - begun, 2),
        "snapshot_s": round(taken - opened, 2),
        "panel_s": round(laid_out - taken, 2),
        "files_to_panel_s": round(laid_out - begun, 2),
        "peak_MB": peak() // 10**6,
        "rows": sum(sum(counts) for counts in archive.counts.values()),
        "counted_rows": len(snapshot.events),
        "occurrences": int(snapshot.events["n"].sum()),
        "bins": found.sizes["time"],
        "cells": found.sizes["cell"],
    }
    (root / "panel.pickle").write_bytes(pickle.dumps(found))
    print(json.dumps(said))


def peak() -> int:
    """Read how many bytes of memory this process has filled at most; `getrusage` would count its parent's too."""
    (line,) = [one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


def main() -> None:
    """Invent, measure in a child process, compare, and tell."""
    if sys.argv[1:2] == ["--measure"]:
        measure(Path(sys.argv[2]))
        return
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as room:
        wanted, size = invent(Path(room), rows)
        child = [sys.executable, __file__, "--measure", room]
        begun = time.perf_counter()
        said = subprocess.run(child, check=True, capture_output=True, text=True).stdout  # noqa: S603
        took = time.perf_counter() - begun
        found = pickle.loads((Path(room) / "panel.pickle").read_bytes())  # noqa: S301 (written by the child)
    xr.testing.assert_identical(found, wanted)
    print(json.dumps(json.loads(said) | {"process_s": round(took, 2), "parquet_MB": size // 10**6}))


if __name__ == "__main__":
    main()
