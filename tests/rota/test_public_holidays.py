"""Countries by their ISO codes, and their public holidays."""

from datetime import date

import pytest

from oncall.rota.public_holidays import check_country, public_holidays

EPIPHANY = date(2026, 1, 6)
"""A holiday in Bavaria, not in all of Germany."""


def test_a_part_of_a_country_has_holidays_of_its_own() -> None:
    bavaria, germany = public_holidays("DE-BY", 2026, 2026), public_holidays("DE", 2026, 2026)

    assert bavaria is not None
    assert germany is not None
    assert EPIPHANY in bavaria - germany


def test_holidays_are_those_of_the_years_that_were_asked_for() -> None:
    assert {day.year for day in public_holidays("US", 2025, 2027) or ()} == {2025, 2026, 2027}


@pytest.mark.parametrize("country", ["XX", "DE-ZZ"])
def test_a_country_that_is_not_known_any_more_has_no_holidays_that_we_know(country: str) -> None:
    assert public_holidays(country, 2026, 2026) is None


@pytest.mark.parametrize(("text", "country"), [("US", "US"), ("de-by", "DE-BY"), ("FR-57", "FR-57"), ("NO", "NO")])
def test_a_country_is_its_iso_code_in_capitals(text: str, country: str) -> None:
    assert check_country(text) == country


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "XX",
            '"XX" is not a country whose holidays are known: write its ISO code, like DE, or DE-BY for a part of it',
        ),
        ("Germany", '"Germany" is not a country'),
        ("DEU", '"DEU" is not a country'),
        ("", '"" is not a country'),
        ("DE-", '"DE-" is not a country'),
        ("DE-Augsburg", '"DE-Augsburg" is not a country'),
        ("DE-ZZ", '"DE-ZZ" is not a part of DE whose holidays are known: known are BB, BE, BW, BY, HB'),
        ("JP-13", '"JP-13" is not a part of JP whose holidays are known: write JP'),
    ],
)
def test_what_is_no_country_gets_a_sentence(text: str, said: str) -> None:
    with pytest.raises(ValueError, match="is not a") as refused:
        check_country(text)

    assert str(refused.value).startswith(said)
