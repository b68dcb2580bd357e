"""What a file would change: its rows set against what is on record, as new, revised, taken back or known already.

Nothing on record is edited. A record that says something else than before gets a further revision, which counts as
known from what the file says of it if that is later than what stands, else from the day on which the file became
public or was fetched: a snapshot of an earlier day cannot see it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from forecast import reading
from forecast.catalogue import Source
from forecast.delivery import Delivery
from forecast.errors import DataError, listed, look_alike
from forecast.events import COLUMNS, day
from forecast.revisions import changed
from forecast.tables import Table

KNOWN = ["known_at", "known_by"]
OURS = ["revision", *KNOWN, "retracted"]  # what is said of a row on record, and not by its publisher


@dataclass(frozen=True)
class Proposal:
    """A file that is to become a fetch, beside what is on record of its source.

    Parameters
    ----------
    delivery : Delivery
    name : str
        Of the source.
    source : Source
    record : DataFrame
        Every revision of every record so far.
    looked : date or None
        The last day that the source was looked at before; None if it never was.
    fetched_at : date
    published : date or None
        The day on which the file became public, if the analyst knows it.
    """

    delivery: Delivery
    name: str
    source: Source
    record: pd.DataFrame
    looked: date | None
    fetched_at: date
    published: date | None = None

    @cached_property
    def wanted(self) -> pd.DataFrame:
        """The rows of the file that the source is to hold, in its own words; once each.

        Raises
        ------
        DataError
            If a word is in no table of codes, or one record says two things.
        """
        rows = self.delivery.rows
        for column, allowed in self.source.only.items():
            rows = rows[rows[column].isin(allowed)] if column in rows else rows
        rows = rows.assign(**{column: self._coded(rows, column) for column in self.source.codes if column in rows})
        rows = rows[~rows.duplicated()]
        twice = rows[rows.duplicated("record", keep=False)] if "record" in rows else rows.iloc[:0]
        if not twice.empty:
            problems = [f"`{name}`: lines {', '.join(map(str, one.index))}" for name, one in twice.groupby("record")]
            why, where = listed(problems), f"{self.delivery.where}:{twice.index[0]}"
            raise DataError("a record stands there more than once, and says different things", where, why)
        return rows

    def _coded(self, rows: pd.DataFrame, column: str) -> pd.Series:
        codes = self.source.codes[column]
        unknown = rows.loc[~rows[column].isin(list(codes)), column]
        if not unknown.empty:
            words = [f"line {unknown.index[unknown == word][0]}: `{word}`" for word in unknown.unique()]
            where = f"data/sources.toml, [{self.name}.codes.{column}]"
            hint = f"add a line for each; {look_alike(str(unknown.iloc[0]), codes)}"
            raise DataError(f"words of the column `{column}` have no code", where, listed(words), hint)
        return rows[column].map(dict(codes))

    @cached_property
    def typed(self) -> pd.DataFrame:
        """The rows that are wanted, as typed events, each with the day from which it would count as known if it is new.

        Raises
        ------
        DataError
            With every cell that cannot be read.
        """
        if self.wanted.empty:
            return self.record.assign(line=0).iloc[:0]
        rows = self.wanted.assign(**self._known(self.wanted))
        table = Table(self.delivery.where, tuple(rows.columns), rows.to_numpy().tolist(), rows.index.tolist())
        return reading.typed(table, self.name, self.source, self.fetched_at)

    def _known(self, rows: pd.DataFrame) -> dict[str, pd.Series]:
        """Say from when rows count as known, and why: their own word, the file's day, a usual lag, or the fetch."""
        blank = pd.Series("", index=rows.index, dtype="str")
        said = rows.get("known_at", blank)
        by = rows.get("known_by", blank).where(said != "", "")
        by = by.where((by != "") | (said == ""), self.source.constants.get("known_by", "published"))
        if self.published is not None:
            other, why = blank + self.published.isoformat(), "published"
        elif self.source.lag is not None:
            other, why = self._lagged(rows, self.source.lag), "assumed"
        else:
            other, why = blank + self.fetched_at.isoformat(), "fetched"
        return {"known_at": said.where(said != "", other), "known_by": by.where(said != "", why)}

    def _lagged(self, rows: pd.DataFrame, lag: int) -> pd.Series:
        """Add the usual lag to the last day of the period of each event, but look no further than the fetch."""
        ends = pd.to_datetime(rows["event_at"], format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")
        precision = rows.get("precision", pd.Series(self.source.constants.get("precision", "day"), index=rows.index))
        for name, period in reading.PERIODS.items():
            ends = ends.where(precision != name, ends.dt.to_period(period).dt.end_time.dt.normalize())
        fetched = pd.Timestamp(self.fetched_at)
        known = ends + pd.Timedelta(days=lag)
        return _text(known.where(~(known > fetched), fetched))

    @cached_property
    def standing(self) -> pd.DataFrame:
        """The last revision of every record, those that were taken back among them."""
        return self.record.drop_duplicates("record", keep="last")

    @cached_property
    def changes(self) -> "Changes":
        """What the file would change."""
        stands = self.standing[~self.standing["retracted"]]
        rows = self.typed.drop(columns="line")
        parts = changed(stands.drop(columns=OURS), rows.drop(columns=OURS))
        kinds = {kind: rows[rows["record"].isin(parts[kind]["record"])] for kind in ("new", "revised", "kept")}
        last = self.standing.set_index("record")
        return Changes(
            added=self._numbered(kinds["new"], last),
            revised=self._numbered(kinds["revised"], last),
            retracted=self._taken_back(stands, rows),
            before=stands[stands["record"].isin(parts["revised"]["record"])],
            kept=len(kinds["kept"]),
        )

    def _numbered(self, rows: pd.DataFrame, last: pd.DataFrame) -> pd.DataFrame:
        """Number the revisions of rows, and see to it that a further one is known after the one that it corrects."""
        earlier = last.reindex(rows["record"])
        again = earlier["revision"].notna().to_numpy()
        number = np.where(again, earlier["revision"].fillna(-1).to_numpy() + 1, 0).astype("int64")
        before = earlier["known_at"].set_axis(rows.index)
        late = again & ~(rows["known_at"] > before)
        known, by = self._since(before)
        return rows.assign(
            revision=number, known_at=rows["known_at"].where(~late, known), known_by=rows["known_by"].where(~late, by)
        )

    def _since(self, before: pd.Series) -> tuple[pd.Series, pd.Series]:
        """Say from when a correction counts as known that says nothing of it itself: the file's day, or the fetch."""
        fetched = pd.Series(pd.Timestamp(self.fetched_at), index=before.index).astype("datetime64[us]")
        by = pd.Series("fetched", index=before.index, dtype="str")
        if self.published is None:
            return fetched, by
        later = before < pd.Timestamp(self.published)
        return fetched.where(~later, pd.Timestamp(self.published)), by.where(~later, "published")

    def _taken_back(self, stands: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
        """Find what stands and was taken back: by name, or by its absence from a file that holds all of its days."""
        gone = stands["record"].isin(self.delivery.withdrawn)
        if self.delivery.span is not None:
            first, last = map(day, self.delivery.span)
            inside = (stands["event_at"] >= first) & (stands["event_at"] <= last)
            gone |= inside & ~stands["record"].isin(rows["record"])
        found = stands[gone]
        known, by = self._since(found["known_at"])
        return found.assign(revision=found["revision"] + 1, known_at=known, known_by=by, retracted=True)


@dataclass(frozen=True)
class Changes:
    """What a file changes.

    Parameters
    ----------
    added, revised, retracted : DataFrame
        Rows that are to be appended.
    before : DataFrame
        What stood of the records that are revised.
    kept : int
        How many of its rows say what stood already.
    """

    added: pd.DataFrame
    revised: pd.DataFrame
    retracted: pd.DataFrame
    before: pd.DataFrame
    kept: int

    @property
    def rows(self) -> pd.DataFrame:
        """All that is to be appended, by day and record."""
        together = [part for part in (self.added, self.revised, self.retracted) if not part.empty]
        return pd.concat(together).sort_values(["event_at", "record"]) if together else self.added


def written(rows: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Turn typed rows into text cells, without columns that the source's constants and the usual values say anyway."""
    usual: Mapping[str, str] = {**reading.DEFAULTS, **source.constants}
    cells = {str(name): _text(rows[name]) for name in rows if name != "source"}
    needed = [name for name in cells if name in reading.REQUIRED or not (cells[name] == usual.get(name, "")).all()]
    always = [name for name, cell in source.constants.items() if name in cells and (cells[name] == cell).all()]
    kept = [name for name in (*COLUMNS, *source.columns) if name in needed and name not in always]
    return pd.DataFrame({name: cells[name] for name in kept})


def _text(cells: pd.Series) -> pd.Series:
    """Write typed cells as the text from which they are read again."""
    if pd.api.types.is_datetime64_any_dtype(cells):
        said = ["" if pd.isna(value) else f"{value:%Y-%m-%d}" for value in cells]
    elif pd.api.types.is_bool_dtype(cells):
        said = ["true" if value else "false" for value in cells]
    elif pd.api.types.is_float_dtype(cells):
        said = ["" if np.isnan(value) else repr(float(value)).removesuffix(".0") for value in cells]
    else:
        said = [str(value) for value in cells]
    return pd.Series(said, index=cells.index, dtype="str")
