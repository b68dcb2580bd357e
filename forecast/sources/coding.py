"""What importers share: publishers' codes and columns, each of which must be known."""

from collections.abc import Collection, Iterable, Mapping

import pandas as pd

from forecast.errors import DataError, listed, look_alike


def coded(cells: pd.Series, codes: Mapping[str, str], problems: list[str]) -> pd.Series:
    """Turn a publisher's codes into ours; each that has none is one problem, with the line on which it stands first."""
    for cell in cells[~cells.isin(list(codes))].unique():
        line = cells.index[cells == cell][0]
        problems.append(f"line {line}: `{cells.name}` is {cell[:40]!r}; {look_alike(cell, codes)}")
    return cells.map(dict(codes)).fillna("")


def check_columns(
    found: Collection[str], needed: Iterable[str], optional: Iterable[str], where: str, of: str, hint: str = ""
) -> None:
    """Refuse columns that are not those of a format.

    Raises
    ------
    DataError
        With every one that is missing or not known.
    """
    needed, optional = list(needed), list(optional)
    known = [*needed, *optional]
    problems = [f"`{name}` is not there; {look_alike(name, found)}" for name in needed if name not in found]
    problems += [f"`{name}` is not known; {look_alike(name, known)}" for name in found if name not in known]
    if problems:
        raise DataError(f"these are not the columns of {of}", f"{where}:1", listed(problems), hint)


def refuse(problems: list[str], where: str) -> None:
    """Refuse a file with all its problems; go on if there are none.

    Raises
    ------
    DataError
    """
    if problems:
        raise DataError("cells cannot be read without guessing", where, listed(problems), "nothing is guessed")
