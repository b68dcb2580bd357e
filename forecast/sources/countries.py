"""Codes and names of countries, in the systems that publishers use, to the one code that events bear."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from forecast import tables
from forecast.errors import DataError, UsageError, look_alike

FILE = "countries.csv"
# system -> columns of the file that hold its codes
SYSTEMS: dict[str, tuple[str, ...]] = {
    "iso3": ("iso3", "was"),
    "iso2": ("iso2",),
    "isonum": ("isonum",),
    "gw": ("gw",),
    "ucdp": ("ucdp",),
    "fips": ("fips",),
    "cameo": ("cameo",),
    "name": ("name", "aliases"),
}
NUMBERS = ("isonum", "gw")  # 004 and 4 are one code


@dataclass(frozen=True)
class Spell:
    """Years in which a state, or a place that is treated like one, bore the same codes.

    Parameters
    ----------
    iso3 : str
        ISO 3166-1 alpha-3, also of states that are no more; `XKX` and our own waters are user-assigned. A state that
        goes on under another name keeps today's code.
    first, last : int or None
        The years; None where no other spell bears the same codes before or after.
    codes : mapping of str to tuple of str
        System -> its codes or names.
    """

    iso3: str
    first: int | None
    last: int | None
    codes: dict[str, tuple[str, ...]]

    def covers(self, year: int) -> bool:
        """Whether the year is one of the spell's."""
        return (self.first is None or self.first <= year) and (self.last is None or year <= self.last)


@cache
def spells() -> tuple[Spell, ...]:
    """Read the table of countries."""
    table = tables.read(resources.files("forecast.sources").joinpath(FILE).read_bytes(), FILE)
    found = []
    for cells in table.rows:
        row = dict(zip(table.columns, cells, strict=True))
        codes = {system: _split(row[column] for column in columns) for system, columns in SYSTEMS.items()}
        found.append(Spell(row["iso3"], _year(row["from"]), _year(row["to"]), codes))
    return tuple(found)


def _split(cells: Iterable[str]) -> tuple[str, ...]:
    return tuple(code for cell in cells for code in cell.split("|") if code)


def _year(cell: str) -> int | None:
    return int(cell) if cell else None


@cache
def _bearers(system: str) -> dict[str, list[Spell]]:
    found: dict[str, list[Spell]] = {}
    for spell in spells():
        for code in spell.codes[system]:
            found.setdefault(code, []).append(spell)
    return found


def country(code: str, system: str, year: int | None = None) -> str:
    """Find the ISO 3166-1 alpha-3 code of a country.

    Parameters
    ----------
    code : str
        As its publisher writes it; names are matched exactly.
    system : str
        One of `SYSTEMS`: iso3, iso2, isonum (ISO 3166-1 numeric), gw (Gleditsch and Ward), ucdp (UCDP's names), fips
        (FIPS 10-4), cameo, name.
    year : int or None
        Of the event, where a code passed from one state to another; None for who bears it today, else for the only
        one that ever did.

    Raises
    ------
    DataError
        If nobody bears the code, or not in that year, or more than one did and no year is given.
    """
    if system not in SYSTEMS:
        raise UsageError(f"there is no system of codes `{system}`", hint=look_alike(system, SYSTEMS))
    known = _bearers(system)
    bearers = known.get(code.lstrip("0") if system in NUMBERS else code)
    if bearers is None:
        raise DataError(f"`{code}` is no country ({system})", FILE, hint=look_alike(code, known))
    if year is not None:
        found = {spell.iso3 for spell in bearers if spell.covers(year)}
    else:
        found = {spell.iso3 for spell in bearers if spell.last is None} or {spell.iso3 for spell in bearers}
    if not found:
        raise DataError(f"`{code}` is no country of {year} ({system})", FILE, hint=_years(bearers))
    if len(found) > 1:
        raise DataError(f"`{code}` depends on the year ({system})", FILE, hint=_years(bearers))
    return found.pop()


def _years(bearers: list[Spell]) -> str:
    return "; ".join(f"{spell.iso3} {spell.first or 'up'} to {spell.last or 'today'}" for spell in bearers)
