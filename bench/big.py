"""Time one snapshot of a source too big for memory: `python bench/big.py [ROWS]`, 20 million rows by default.

Rows are invented with the cardinalities of GDELT: 20 kinds and 150 event codes within them, 250 entities, of which few
have most events, all days of 20 years, known on the same day but for a tenth. One in a hundred records is revised or
taken back. They are written as 20 fetches to a temporary folder; a child process opens the archive and takes the
snapshot, so that its peak memory is that of nothing else; what it counts must be what pandas counts year by year.
"""

import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from forecast import big, catalogue, collapse
from forecast.archive import Archive

ROWS, FETCHES, DAYS, FIRST = 20_000_000, 20, 7300, date(2005, 1, 1)
KINDS, CODES, ENTITIES = 20, 150, 250
ASKED = ("kind18", "kind19", "kind20")
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


def invent(root: Path, rows: int) -> dict[str, int]:
    """Write a data folder; return the bytes of its events, and what the small path makes of them, year by year."""
    (root / "sources.toml").write_text(BLOCK, encoding="utf-8")
    source, rng = catalogue.sources(BLOCK, "sources.toml")["media"], np.random.default_rng(7)
    folder, total = root / "events" / "media", {"bytes": 0, "counts": 0, "occurrences": 0}
    folder.mkdir(parents=True)
    last = FIRST + timedelta(days=DAYS + 400)
    for number in range(FETCHES):
        year = fetch(number, rows // FETCHES, rng)
        content, counts = big.written(year, source), small(year, source)
        total["bytes"] += len(content)
        total["counts"] += len(counts)  # no day is in two years, so no count is either
        total["occurrences"] += int(counts["n"].sum())
        path = folder / f"{last + timedelta(days=number)}.parquet"
        path.write_bytes(content)
        said = f'through = {last}\nsha256 = "{hashlib.sha256(content).hexdigest()}"\n'
        path.with_suffix(".toml").write_text(said, encoding="utf-8")
    return total


def small(rows: pd.DataFrame, source: catalogue.Source) -> pd.DataFrame:
    """Count rows as the archive does it in memory."""
    known = rows[rows["known_at"] < np.datetime64(AS_OF, "us")].sort_values(["record", "revision"])
    last = known.drop_duplicates("record", keep="last")
    asked = last[~last["retracted"] & last["kind"].isin(ASKED)]
    return collapse.collapsed(asked.assign(source="media"), source)


def measure(root: Path) -> None:
    """Open the archive, take a snapshot of some kinds, and print what that took as JSON."""
    begun = time.perf_counter()
    archive = Archive(root)
    opened = time.perf_counter()
    snapshot = archive.as_of(AS_OF, kinds=ASKED)
    taken = time.perf_counter()
    events = snapshot.events
    said = {
        "open_s": round(opened - begun, 2),
        "snapshot_s": round(taken - opened, 2),
        "peak_MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 // 10**6,  # Linux tells KiB
        "rows": sum(sum(counts) for counts in archive.counts.values()),
        "counts": len(events),
        "occurrences": int(events["n"].sum()),
    }
    print(json.dumps(said))


def main() -> None:
    """Invent, measure in a child process, and tell."""
    if sys.argv[1:2] == ["--measure"]:
        measure(Path(sys.argv[2]))
        return
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as room:
        wanted = invent(Path(room), rows)
        child = [sys.executable, __file__, "--measure", room]
        said = subprocess.run(child, check=True, capture_output=True, text=True).stdout  # noqa: S603
        found = json.loads(said)
        if any(found[name] != wanted[name] for name in ("counts", "occurrences")):
            raise SystemExit(f"DuckDB and pandas differ: {found} and {wanted}")
        print(json.dumps(found | {"parquet_MB": wanted["bytes"] // 10**6}))


if __name__ == "__main__":
    main()
