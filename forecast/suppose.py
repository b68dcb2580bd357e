"""To suppose is to schedule: events that are put into every future, or taken out, as if that were known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pandas as pd

from forecast import conditions
from forecast.conditions import Where
from forecast.errors import UsageError, look_alike
from forecast.events import COLUMNS, Snapshot, day


@dataclass(frozen=True)
class Supposed:
    """An event that is put into every future.

    Parameters
    ----------
    kind, entity : str
    at : date
    value : float
    columns : mapping of str to str
        Attributes; those that are not named stay blank.
    """

    kind: str
    at: date
    entity: str = ""
    value: float = 1.0
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def where(self) -> Where:
        """Its kind, and the cells that are named."""
        named = {**({"entity": self.entity} if self.entity else {}), **self.columns}
        return {"kind": (self.kind,), **{column: (cell,) for column, cell in named.items()}}


def supposing(
    snapshot: Snapshot, put: Sequence[Supposed] = (), taken: Sequence[Where] = (), where: str = "suppose"
) -> Snapshot:
    """Make the snapshot in which some events are scheduled, and others no longer are.

    Models are not fitted to it: they run forward from it. What it says of the past is the same.

    Parameters
    ----------
    snapshot : Snapshot
    put : sequence of Supposed
    taken : sequence of Where
        What is scheduled and meets one of these does not come.
    where : str
        Where that is said, for messages.

    Raises
    ------
    UsageError
        If an event lies in the past, has a kind, column or cell that cannot be, or nothing scheduled is taken out.
    """
    rows = snapshot.events
    ahead = (rows["event_at"] >= day(snapshot.as_of)).to_numpy()
    for condition in taken:
        gone = conditions.matching(rows, condition) & ahead
        if not gone.any():
            what = f"nothing that is scheduled on {snapshot.as_of} meets {dict(condition)}"
            raise UsageError(what, f"{where}, without", hint="only what is known to come can be taken out")
        rows, ahead = rows[~gone], ahead[~gone]
    if put:
        new = pd.DataFrame([_row(one, number, snapshot, where) for number, one in enumerate(put, 1)])
        rows = pd.concat([rows, new.astype(rows.dtypes.to_dict())], ignore_index=True)
    return replace(snapshot, events=rows)


def _row(one: Supposed, number: int, snapshot: Snapshot, where: str) -> dict[str, object]:
    rows = snapshot.events
    if one.at < snapshot.as_of:
        what = f"`{one.kind}` is supposed on {one.at}, which is past on {snapshot.as_of}"
        raise UsageError(what, where, hint=f"suppose something on {snapshot.as_of} or later")
    known = rows[(rows["kind"] == one.kind).to_numpy()]
    if known.empty:
        what = f"no event of kind `{one.kind}` is on record"
        raise UsageError(what, where, hint=look_alike(one.kind, rows["kind"].unique()))
    own = [str(column) for column in rows if column not in COLUMNS]
    for column in one.columns:
        if column not in own:
            what = f"no column `{column}` of these events can be supposed"
            raise UsageError(what, where, hint=look_alike(column, own))
    blank: dict[str, object] = {
        str(name): "" if isinstance(kind, pd.StringDtype) else None for name, kind in rows.dtypes.items()
    }
    return {
        **blank,
        "source": known["source"].iloc[0],
        "record": f"supposed/{number}",
        "revision": 0,
        "kind": one.kind,
        "entity": one.entity,
        "event_at": pd.Timestamp(one.at),
        "precision": "day",
        "known_at": pd.Timestamp(snapshot.as_of - timedelta(days=1)),
        "known_by": "assumed",
        "value": one.value,
        "unit": known["unit"].iloc[0],
        "n": 1,
        "retracted": False,
        **{column: _cell(column, text, rows, where) for column, text in one.columns.items()},
    }


def _cell(column: str, text: str, rows: pd.DataFrame, where: str) -> object:
    """Type a cell as those of its column are."""
    try:
        return pd.Series([text], dtype="str").astype(rows[column].dtype).iloc[0]
    except ValueError:
        what = f"`{text}` cannot stand in the column `{column}`"
        raise UsageError(what, where, hint=f"it holds values such as `{rows[column].iloc[-1]}`") from None
