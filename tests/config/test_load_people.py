"""What a config says of people and teams is checked."""

import pytest

from oncall.config.load import load
from tests.config.company import complaint, complaints, the_example


def user(fields: str) -> str:
    return f"users: [{{handle: alice, name: Alice, {fields}}}]"


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ("rol: admin", "users[0].rol (alice): is not known here: did you mean role?"),
        ("role: boss", "users[0].role (alice): must be admin, user or viewer, not boss"),
        ("email: alice", 'users[0].email (alice): "alice" is not an email address'),
        (
            "country: JP-13",
            'users[0].country (alice): "JP-13" is not a part of JP whose holidays are known: write JP',
        ),
        ("tags: developer", "users[0].tags (alice): must be a list"),
        ("tags: [true]", "users[0].tags[0] (alice): must be text"),
        ("tags: [a, b, a]", "users[0].tags[2] (alice): a is here twice: see tags[0] as well"),
        (
            "notices: {ahead: 90m}",
            "users[0].notices.ahead (alice): 90m is not a number of whole hours: write it like 24h",
        ),
        ("notices: {ahead: 15d}", "users[0].notices.ahead (alice): 360h is too long: 14d is the most"),
        (
            'quiet_hours: {hours: "00:00-24:00"}',
            'users[0].quiet_hours.hours (alice): "00:00-24:00" is the whole week: '
            "leave some time, or what waits would never be told",
        ),
        ("experienced: [dev]", "users[0].experienced[0] (alice): there is no schedule dev"),
        (
            "notification_rules: [{urgency: high, contact_method: pager}]",
            "users[0].notification_rules[0].contact_method (alice): alice has no contact method pager",
        ),
    ],
)
def test_a_user_is_checked(fields: str, problem: str) -> None:
    assert complaint(user(fields)) == problem


@pytest.mark.parametrize(
    ("handle", "problem"),
    [
        ("me", '"me" can\'t be a handle: it means whoever asks'),
        ("da/ve", '"da/ve" can\'t be a handle: use 1 to 60 letters, digits, ".", "-" and "_", such as alice'),
    ],
)
def test_a_handle_is_checked(handle: str, problem: str) -> None:
    assert complaint(f"users: [{{handle: {handle}, name: Dave}}]") == f"users[0].handle ({handle}): {problem}"


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("555-0101", "is not a phone number: write it with + and the country, like +12025550101"),
        ("+1202555", "has too few digits for a phone number: write it with + and the country, like +12025550101"),
        (
            "+120255501011234",
            "has too many digits for a phone number: write it with + and the country, like +12025550101",
        ),
    ],
)
def test_a_wrong_phone_number_gets_a_sentence(address: str, problem: str) -> None:
    text = user(f"contact_methods: [{{name: mobile, kind: sms, address: {address}}}]")

    assert complaint(text) == f"users[0].contact_methods[0].address (alice, mobile): {problem}"


def test_a_phone_number_is_kept_in_e164() -> None:
    config = load(user("contact_methods: [{name: mobile, kind: sms, address: +1 (202) 555-0101}]"))

    assert config.users[0].contact_methods[0].address == "+12025550101"


@pytest.mark.parametrize(
    ("after", "problem"),
    [
        ("-2m", '"-2m" must not be negative'),
        ("5", '"5" is not a length of time: write a number and s, m, h or d, like 90s, 5m or 24h'),
        ("400d", '"400d" is too long: 366d is the most'),
    ],
)
def test_a_wrong_length_of_time_gets_a_sentence(after: str, problem: str) -> None:
    text = user(
        "contact_methods: [{name: mobile, kind: sms, address: +12025550101}], "
        f"notification_rules: [{{urgency: high, after: {after}, contact_method: mobile}}]"
    )
    assert complaint(text) == f"users[0].notification_rules[0].after (alice): {problem}"


def test_an_address_of_a_team_is_checked_as_one_of_a_person() -> None:
    text = "teams: [{name: dev, contact_methods: [{name: list, kind: email, address: nowhere}]}]"
    assert complaint(text, the_example()).startswith("teams[0].contact_methods[0].address (dev, list): ")
    text = "teams: [{name: dev, contact_methods: [{name: irc, kind: irc, address: '#war room'}]}]"
    assert complaint(text, the_example()).endswith("is no channel and no nick: write one as on IRC, such as #warroom")
    assert complaints(text.replace("#war room", "#WarRoom"), the_example()) == []
    person = user("contact_methods: [{name: irc, kind: irc, address: '#warroom'}]")
    assert "is no nick" in complaint(person)
    text = "teams: [{name: dev, contact_methods: [{name: list, kind: email}]}]"
    assert complaint(text, the_example()) == "teams[0].contact_methods[0].address (dev, list): is missing"
