"""A series of one value a trading day, taken out of a snapshot; refused where it cannot be one."""

import numpy as np
import pandas as pd

from forecast import conditions
from forecast.errors import DataError
from forecast.events import Snapshot, day
from forecast.spec import Spec

GAP = 14  # days; the longest holidays of an exchange are shorter
JUMP = 2.5  # the largest true change in a day that was read so far, of 21 April 2020, was by a factor of 1.9


def series(snapshot: Snapshot, spec: Spec) -> pd.DataFrame:
    """Take the one series of a spec out of a snapshot, oldest day first.

    Raises
    ------
    DataError
        Naming the row: two series, a day twice, a date that is no day, a value that is not above 0, a gap, or a jump
        that only a change of unit explains.
    """
    rows = snapshot.of_kind(spec.kinds)
    rows = rows[conditions.matching(rows, spec.target)]
    rows = rows[(rows["event_at"] < day(snapshot.as_of)).to_numpy()].reset_index(drop=True)
    if len(rows) < 2:
        raise DataError(f"`{spec.name}` finds {len(rows)} values before {snapshot.as_of}, where a series is needed")
    ratio = (rows["value"] / rows["value"].shift()).fillna(1.0)
    gap = rows["event_at"].diff().dt.days
    several = rows["entity"] != rows["entity"].iloc[0]
    for wrong, what, hint in (
        (several, "belongs to another series", "let the model's `target` name one `entity`"),
        (rows["precision"] != "day", "is dated to a month or year", "give the day"),
        (~(rows["value"] > 0), "is not above 0", "leave days without a price out"),
        (gap == 0, "is the second of its day", "keep one of them"),
        (gap > GAP, f"comes more than {GAP} days after the one before", "fill the gap, or let `since` begin after it"),
        (
            (ratio > JUMP) | (ratio < 1 / JUMP),
            f"is more than {JUMP:g} times, or less than 1/{JUMP:g} of, the one before",
            "look whether unit or currency changed, or the series was split",
        ),
    ):
        if wrong.any():
            row = rows.iloc[int(np.argmax(wrong.to_numpy()))]
            raise DataError(
                f"the value {row['value']:g} of {row['event_at']:%Y-%m-%d} {what}",
                f"{row['source']}, record {row['record']}",
                hint=hint,
            )
    return rows
