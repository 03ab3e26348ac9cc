"""`oncall burden`."""

import pytest

from tests.cli.conftest import Oncall
from tests.conftest import Contents
from tests.web.api.conftest import SET_UP

THREE_TURNS = ("--from", "2026-01-05T10:00Z", "--until", "2026-01-08T10:00Z")


@pytest.fixture
def contents() -> Contents:
    """Set up on New Year's Day."""
    return SET_UP


@pytest.fixture
def oncall(command: Oncall) -> Oncall:
    return command


def test_it_prints_a_table_of_people(oncall: Oncall) -> None:
    oncall("apply", "-", typed="users: [{handle: bob, country: DE-BY}]")

    assert oncall("burden", "dev", *THREE_TURNS).out.splitlines() == [
        "WHO                   HOURS  NIGHT  WEEKEND  HOLIDAY  SHIFTS  PAGES  AT NIGHT",
        "Alice Archer (alice)  48.0   16.0   0.0      -        2       0      0",
        "Bob Baker (bob)       48.0   16.0   0.0      24.0     2       0      0",
        "Carol Cohen (carol)   48.0   16.0   0.0      -        2       0      0",
    ]


def test_it_prints_the_json_of_the_api(oncall: Oncall) -> None:
    alice, *_ = oncall("burden", *THREE_TURNS, "--json").json()

    assert alice == {
        "user": {"handle": "alice", "name": "Alice Archer"},
        "country": None,
        "timezone": "UTC",
        "total_hours": 48.0,
        "night_hours": 16.0,
        "weekend_hours": 0.0,
        "holiday_hours": None,
        "shifts": 2,
        "pages": 0,
        "night_pages": 0,
    }


def test_it_prints_csv(oncall: Oncall) -> None:
    header, alice, *_ = oncall("burden", *THREE_TURNS, "--csv").out.splitlines()

    assert header.startswith("handle,name,country,timezone,total_hours")
    assert alice == "alice,Alice Archer,,UTC,48.00,16.00,0.00,,2,0,0"


def test_without_a_window_it_is_the_last_90_days(oncall: Oncall) -> None:
    found = oncall("burden", "dev", "--json").json()

    assert sum(each["total_hours"] for each in found) == pytest.approx(2 * 90 * 24)  # two levels


def test_nobody_to_show_is_said(oncall: Oncall) -> None:
    assert oncall("burden", "quiet").out.startswith("Nobody is on call in this time")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("ops",), 1, "There is no schedule ops. Known are: dev, quiet."),
        (("--until", "2020-01-01T00:00Z", "--from", "2020-01-02T00:00Z"), 1, "ends before it begins"),
        (("--from", "2020-01-01T00:00Z"), 1, "longer than 400 days"),
        (("--from", "yesterday"), 1, "is not a time"),
        (("--csv", "--json"), 2, "Choose one of --csv and --json."),
    ],
)
def test_what_can_t_be_answered_gets_a_sentence(
    oncall: Oncall, arguments: tuple[str, ...], code: int, said: str
) -> None:
    printed = oncall("burden", *arguments)

    assert printed.code == code
    assert said in printed.err


def test_somebody_is_added_with_a_country(oncall: Oncall) -> None:
    assert oncall("user", "add", "dave", "Dave Dunn", "--country", "us-ca", "--json").json()["country"] == "US-CA"
    assert "not a country whose holidays" in oncall("user", "add", "erin", "Erin", "--country", "Mars").err
