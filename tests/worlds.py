"""Small worlds with a known truth, for tests: events, snapshots, futures, specs."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from forecast import spec
from forecast.events import COLUMNS, Futures, Snapshot, dtype
from forecast.spec import Spec

AS_OF = date(2020, 1, 1)


def events(rows: list[dict[str, Any]], **attributes: str) -> pd.DataFrame:
    """Make rows of the one table from what matters in a test; the rest is filled in."""
    made = []
    for number, row in enumerate(rows):
        at = pd.Timestamp(row["event_at"])
        made.append(
            {
                "source": "made",
                "record": f"r{number:05d}",
                "revision": 0,
                "kind": "event",
                "entity": "here",
                "precision": "day",
                "known_by": "published",
                "value": 1.0,
                "unit": "1",
                "n": 1,
                "retracted": False,
                **attributes,
                **row,
                "event_at": at,
                "known_at": pd.Timestamp(row.get("known_at", at + pd.Timedelta(days=1))),
            }
        )
    frame = pd.DataFrame(made)
    for column, (kind, _) in COLUMNS.items():
        frame[column] = frame[column].astype(dtype(kind))
    return frame


def snapshot(frame: pd.DataFrame, as_of: date = AS_OF) -> Snapshot:
    """Keep what was known before a day."""
    known = frame[(frame["known_at"] < pd.Timestamp(as_of)).to_numpy()]
    ordered = known.sort_values(["source", "record"]).reset_index(drop=True)
    return Snapshot(as_of, ordered, {"made": as_of})


def futures(frames: dict[str, pd.DataFrame], draws: int, parameters: int | None = None) -> Futures:
    """Put frames of simulated events into futures."""
    return Futures(frames, draws, parameters or draws, {})


def attacks(seed: int, years: int = 4, as_of: date = AS_OF) -> pd.DataFrame:
    """Scatter events of two origins, two marks and two places, one origin three times as busy."""
    rng = np.random.default_rng(seed)
    rows = []
    for origin, rate in (("red", 0.06), ("blue", 0.02)):
        for day in range(365 * years):
            for _ in range(rng.poisson(rate)):
                at = as_of - timedelta(days=day + 1)
                rows.append(
                    {
                        "event_at": at,
                        "known_at": at,
                        "kind": "strike",
                        "who": origin,
                        "what": rng.choice(["road", "port"]),
                        "entity": rng.choice(["north", "south"]),
                    }
                )
    return events(rows)


COUNTS = """
name = "strikes"
title = "Strikes"
family = "counts"
since = 2017-01-01
step = 10
written = 2020-01-01
target = { kind = "strike" }

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
memories = [15, 60]
roles = { origin = "who", mark = "what", place = "entity" }
cells = { red = { road = ["north", "south"], port = ["north", "south"] }, blue = { road = ["north"] } }

[options.groups]
origin = { red = ["red"], blue = ["blue"] }
mark = { road = ["road"], port = ["port"] }
place = { north = ["north"], south = ["*"] }

[[covariates]]
name = "talks"
window = 60
effect = [0.5, 2.0]
rule = { measure = "count", where = { kind = "talk" } }
"""


def counts_spec() -> Spec:
    """The spec of a small count model."""
    return spec.parse(COUNTS, "models/strikes.toml")
