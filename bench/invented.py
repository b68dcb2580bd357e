"""Write the invented records of the small desks that `forecast init` lays out: `python bench/invented.py`.

They are worlds of our own making, drawn from one seed, and say nothing about the real one. Running it again writes the
same bytes.
"""

import csv
import hashlib
import io
from datetime import date, timedelta
from pathlib import Path

import numpy as np

DESKS = Path(__file__).parents[1] / "forecast" / "desks"
FETCHED = date(2026, 11, 2)
LAST = date(2026, 11, 1)
SEED = 20261102
Row = dict[str, object]


def incidents(rng: np.random.Generator) -> list[Row]:
    """Draw incidents that come in campaigns: each raises the rate of its like for some weeks."""
    actors, targets, places = ("red", "blue"), ("road", "depot"), ("north", "coast")
    cells = [(actor, target, place) for actor in actors for target in targets for place in places]
    rate = rng.gamma(1.0, 0.004, len(cells))
    heat = np.zeros(len(cells))
    rows: list[Row] = []
    for number in range((LAST - date(2017, 1, 1)).days):
        day = date(2017, 1, 1) + timedelta(days=number)
        heat *= 0.5 ** (1 / 20)
        counts = rng.poisson(rate * rng.gamma(2.0, 0.5, len(cells)) + 0.02 * heat)
        heat += counts
        for cell, count in zip(cells, counts, strict=True):
            for _ in range(count):
                known = min(day + timedelta(days=int(rng.choice([0, 0, 0, 1, 1, 2, 5]))), LAST)
                names = dict(zip(("actor", "target", "entity"), cell, strict=True))
                record = f"{day}-{len(rows) + 1:04d}"
                rows.append({"record": record, "event_at": day, "known_at": known, **names})
    return rows


def works(rng: np.random.Generator) -> list[Row]:
    """Draw public works that are proposed, approved and opened, or cancelled on the way."""
    rows: list[Row] = []
    for number in range(160):
        day = date(2012, 1, 1) + timedelta(days=int(rng.integers(0, (LAST - date(2012, 1, 1)).days)))
        sort = str(rng.choice(["road", "port"]))
        stage, name = "proposed", f"{sort}-{number + 1:03d}"
        while day < LAST:
            record = f"{name}/{stage}"
            rows.append(
                {"record": record, "kind": stage, "entity": name, "event_at": day, "known_at": day, "sort": sort}
            )
            if stage in ("opened", "cancelled"):
                break
            days = 365 * rng.weibull(1.3, 2) * ([1.2, 4.0] if stage == "proposed" else [2.0, 9.0])
            stage = "cancelled" if days[1] < days[0] else "approved" if stage == "proposed" else "opened"
            day += timedelta(days=int(days.min()) + 1)
    return rows


def prices(rng: np.random.Generator) -> list[Row]:
    """Draw prices of weekdays whose restlessness comes and goes."""
    days = [date(2012, 1, 2) + timedelta(days=number) for number in range((LAST - date(2012, 1, 2)).days)]
    days = [day for day in days if day.weekday() < 5]
    restless = np.zeros(len(days))
    for number in range(1, len(days)):
        restless[number] = 0.97 * restless[number - 1] + 0.1 * rng.standard_normal()
    moves = 0.012 * np.exp(restless) * rng.standard_t(5, len(days))
    levels = 240 * np.exp(np.cumsum(moves - moves.mean()))
    return [
        {"record": day, "event_at": day, "known_at": day + timedelta(days=1), "value": f"{level:.2f}"}
        for day, level in zip(days, levels, strict=True)
    ]


def write(desk: str, source: str, rows: list[Row]) -> None:
    """Write one fetch of a source, and what is said beside it."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(sorted(rows, key=lambda row: (str(row["event_at"]), str(row["record"]))))
    content = out.getvalue().encode()
    path = DESKS / desk / "data" / "events" / source / f"{FETCHED}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    said = f'through = {LAST}\nrows = {len(rows)}\nsha256 = "{hashlib.sha256(content).hexdigest()}"\n'
    path.with_suffix(".toml").write_text(said + 'origin = "invented: bench/invented.py"\n', encoding="utf-8")


def main() -> None:
    """Write all of them, each from a stream of its own."""
    streams = np.random.default_rng(SEED).spawn(3)
    write("counts", "incidents", incidents(streams[0]))
    write("stages", "works", works(streams[1]))
    write("levels", "grain", prices(streams[2]))


if __name__ == "__main__":
    main()
