"""What one file of a publisher says: text in the columns of the one table, before it is set against what is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd


@dataclass(frozen=True)
class Delivery:
    """The rows of a file, as its importer reads them.

    Parameters
    ----------
    rows : DataFrame
        Text cells, exactly as they are to be stored; columns are those of the one table and of the source, as far as
        the file fills them. `source` and `revision` are never among them. A blank `known_at` means that the file does
        not say when the row became public. The index is the line (or row, or position) of the file.
    where : str
        The file, for messages.
    layout : str
        Which version of the format its header is, in words: it is shown.
    span : tuple of date, or None
        First and last day of events of which the file holds all that its publisher has: records of these days that
        are known and not in it were taken back. None if what is missing means nothing.
    through : date or None
        The last day that the publisher had looked at, if the file says so.
    withdrawn : tuple of str
        Records that the publisher says it took back.
    notes : tuple of str
        What is odd about the file and does not stop it, each a sentence with its line.
    """

    rows: pd.DataFrame
    where: str
    layout: str
    span: tuple[date, date] | None = None
    through: date | None = None
    withdrawn: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def delivery(
    rows: Sequence[Mapping[str, str]],
    lines: Sequence[int],
    where: str,
    layout: str,
    span: tuple[date, date] | None = None,
    through: date | None = None,
    withdrawn: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> Delivery:
    """Put rows that were read one by one together; every row has the same columns, in the order of the first."""
    columns = list(rows[0]) if rows else []
    table = pd.DataFrame({name: [row[name] for row in rows] for name in columns}, index=list(lines), dtype="str")
    return Delivery(table, where, layout, span, through, tuple(withdrawn), tuple(notes))
