"""Public holidays by country, and which countries there are: as the package `holidays` knows them.

It is loaded when it is first needed: three megabytes for those who have said where they live.
"""

import re
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holidays import HolidayBase

COUNTRY = re.compile(r"([A-Z]{2})(?:-([A-Z0-9]{1,3}))?", re.ASCII)
"""ISO 3166: a country, and a part of it. (The package also knows names, such as “Bavaria”, which are not for us.)"""


def check_country(text: str) -> str:
    """Gives it back in capitals. Raises ValueError with a sentence."""
    wanted = COUNTRY.fullmatch(text.upper())
    country = _country(wanted[1]) if wanted else None
    if wanted is None or country is None:
        advice = "write its ISO code, like DE, or DE-BY for a part of it"
        raise ValueError(f'"{text}" is not a country whose holidays are known: {advice}')
    if wanted[2] and wanted[2] not in country.subdivisions:
        known = ", ".join(part for part in country.subdivisions if COUNTRY.fullmatch(f"{wanted[1]}-{part}"))
        advice = f"known are {known}" if known else f"write {wanted[1]}"
        raise ValueError(f'"{text}" is not a part of {wanted[1]} whose holidays are known: {advice}')
    return wanted[0]


@lru_cache(maxsize=256)
def public_holidays(country: str, first_year: int, last_year: int) -> frozenset[date] | None:
    """The days of these years, both included. None where the country is not known (any more)."""
    found = named_holidays(country, first_year, last_year)
    return frozenset(found) if found is not None else None


@lru_cache(maxsize=256)
def named_holidays(country: str, first_year: int, last_year: int) -> "Mapping[date, str] | None":
    """The same with what each is called there."""
    name, _, part = country.partition("-")
    found = _country(name, part or None, range(first_year, last_year + 1))
    return dict(found.items()) if found is not None else None


def _country(name: str, part: str | None = None, years: range = range(0)) -> "HolidayBase | None":
    from holidays import country_holidays

    try:
        return country_holidays(name, subdiv=part, years=years)
    except NotImplementedError:  # so the package says that it does not know the country
        return None
