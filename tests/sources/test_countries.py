"""Codes of countries: one answer for each code and year, the hard cases, refusals that name a look-alike."""

import csv
from pathlib import Path

import pytest

from forecast.errors import DataError, UsageError
from forecast.sources import countries
from forecast.sources.countries import SYSTEMS, country, spells

RAW = Path(__file__).parents[2] / ".." / "shared" / "data" / "raw" / "attacks"
YEARS = range(1946, 2031)


def named(file: str, column: str) -> list[dict[str, str]]:
    if not (RAW / file).exists():
        pytest.skip("other people's files are not part of the repository")
    with (RAW / file).open(newline="", encoding="utf-8") as rows:
        return list({row[column]: row for row in csv.DictReader(rows)}.values())


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_code_has_one_bearer_a_year(system: str) -> None:
    bearers: dict[str, list[countries.Spell]] = {}
    for spell in spells():
        for code in spell.codes[system]:
            bearers.setdefault(code, []).append(spell)
    assert bearers
    twice = [
        (code, year)
        for code, found in bearers.items()
        for year in YEARS
        if len({spell.iso3 for spell in found if spell.covers(year)}) > 1
    ]
    assert not twice


@pytest.mark.parametrize("system", ["name", "fips", "cameo"])
def test_names_and_codes_of_places_need_no_year(system: str) -> None:
    for spell in spells():
        for code in spell.codes[system]:
            assert country(code, system) == spell.iso3


def test_every_code_is_spelled_as_its_system_wants_it() -> None:
    for spell in spells():
        assert len(spell.iso3) == 3
        assert spell.iso3.isupper()
        assert all(len(code) == 2 for system in ("iso2", "fips") for code in spell.codes[system])
        assert all(code.isdigit() and code[0] != "0" for system in ("isonum", "gw") for code in spell.codes[system])


@pytest.mark.parametrize(
    ("code", "system", "year", "iso3"),
    [
        ("Bosnia-Herzegovina", "ucdp", 1993, "BIH"),
        ("DR Congo (Zaire)", "ucdp", 1990, "COD"),
        ("Kingdom of eSwatini (Swaziland)", "ucdp", 2021, "SWZ"),
        ("Russia (Soviet Union)", "ucdp", 1991, "SUN"),
        ("Russia (Soviet Union)", "ucdp", 1992, "RUS"),
        ("Serbia (Yugoslavia)", "ucdp", 1999, "YUG"),
        ("Serbia (Yugoslavia)", "ucdp", 2004, "SCG"),
        ("Serbia (Yugoslavia)", "ucdp", 2006, "SRB"),
        ("Yemen (North Yemen)", "ucdp", 1989, "YEM"),
        ("Yemen (North Yemen)", "ucdp", 2015, "YEM"),
        ("Yemen (South Yemen)", "ucdp", 1990, "YMD"),
        ("347", "gw", 2008, "XKX"),
        ("KV", "fips", None, "XKX"),
        ("Kosovo", "name", None, "XKX"),
        ("817", "gw", 1970, "VNM"),
        ("816", "gw", 1970, "VDR"),
        ("816", "gw", 1990, "VNM"),
        ("260", "gw", 1989, "DEU"),
        ("265", "gw", 1989, "DDR"),
        ("736", "isonum", 2005, "SDN"),
        ("729", "isonum", 2012, "SDN"),
        ("004", "isonum", None, "AFG"),
        ("4", "isonum", None, "AFG"),
        ("891", "isonum", 1999, "YUG"),
        ("891", "isonum", 2004, "SCG"),
        ("CS", "iso2", 1990, "CSK"),
        ("CS", "iso2", 2005, "SCG"),
        ("ZAR", "iso3", None, "COD"),
        ("BUR", "iso3", None, "MMR"),
        ("GZ", "fips", None, "PSE"),
        ("WE", "fips", None, "PSE"),
        ("RS", "fips", None, "RUS"),
        ("RB", "fips", None, "SRB"),
        ("GM", "fips", None, "DEU"),
        ("ROM", "cameo", None, "ROU"),
        ("NA", "iso2", None, "NAM"),
        ("Türkiye", "name", None, "TUR"),
        ("Burma", "name", None, "MMR"),
        ("Côte d'Ivoire", "name", None, "CIV"),
        ("Ivory Coast", "name", None, "CIV"),
        ("Zaire", "name", None, "COD"),
        ("Taiwan", "name", None, "TWN"),
        ("West Bank and Gaza Strip", "name", None, "PSE"),
        ("South Vietnam", "name", None, "VNM"),
        ("XGU", "iso3", None, "XGU"),
    ],
)
def test_hard_cases(code: str, system: str, year: int | None, iso3: str) -> None:
    assert country(code, system, year) == iso3


def test_waters_are_known_and_have_no_code_but_their_own() -> None:
    waters = [spell for spell in spells() if spell.iso3 in ("XRS", "XGU", "XAS", "XMC")]
    assert len(waters) == 4
    assert not any(spell.codes[system] for spell in waters for system in SYSTEMS if system not in ("iso3", "name"))


@pytest.mark.parametrize(
    ("code", "system", "year", "says"),
    [
        ("Ivory Cost", "name", None, "did you mean `Ivory Coast`"),
        ("ivory coast", "name", None, "is no country"),
        ("", "name", None, "is no country"),
        ("0", "isonum", None, "is no country"),
        ("000", "isonum", None, "is no country"),
        ("CS", "iso2", None, "depends on the year"),
        ("891", "isonum", None, "YUG 1992 to 2002"),
        ("CS", "iso2", 2020, "is no country of 2020"),
        ("265", "gw", 1995, "is no country of 1995"),
        (" FR", "iso2", None, "is no country"),
    ],
)
def test_what_is_not_known_is_refused(code: str, system: str, year: int | None, says: str) -> None:
    with pytest.raises(DataError) as refusal:
        country(code, system, year)
    assert says in str(refusal.value)


def test_an_unknown_system_is_refused() -> None:
    with pytest.raises(UsageError, match="isonumber") as refusal:
        country("4", "isonumber")
    assert refusal.value.hint == "did you mean `isonum`?"


def test_every_number_and_name_of_ucdp_is_known() -> None:
    file = "ucdp_organizedviolencecy_v25_1.csv"
    if not (RAW / file).exists():
        pytest.skip("other people's files are not part of the repository")
    with (RAW / file).open(newline="", encoding="utf-8") as rows:
        found = {(row["country_id_cy"], row["country_cy"], int(row["year_cy"])) for row in csv.DictReader(rows)}
    assert len(found) > 6000
    wrong = [one for one in found if country(one[0], "gw", one[2]) != country(one[1], "ucdp", one[2])]
    assert not wrong


def test_every_name_of_views_is_known() -> None:
    rows = named("ucdp_views_country_month_2017_2021.csv", "country_name")
    assert len(rows) > 180
    assert len({country(row["country_name"], "name") for row in rows}) == len(rows)
