"""A bad config names every error at once, each with its path in the file."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.config.load import load
from oncall.config.merge import merge
from oncall.config.schema import Config
from oncall.config.yaml_text import read_yaml, write_yaml
from oncall.errors import BadInput
from oncall.ingest.registry import TOOLS
from tests.config.company import BEFORE, EXAMPLE, complaint, complaints, the_example


def user(fields: str) -> str:
    return f"users: [{{handle: alice, name: Alice, {fields}}}]"


def rotation(fields: str) -> str:
    return f"""
users: [{{handle: alice, name: Alice}}]
schedules:
  - name: dev
    timezone: America/New_York
    levels: [L1, L2]
    rotations: [{{name: all, members: [alice], start: 2026-01-05T10:00, shift: 1 week, {fields}}}]
"""


def test_the_example_of_the_design_is_in_order() -> None:
    assert complaints(BEFORE) == []
    assert complaints(EXAMPLE, load(BEFORE)) == []


def test_the_example_alone_is_told_whom_and_what_it_lacks() -> None:
    assert complaints(EXAMPLE) == [
        "teams[0].members[1] (dev): there is no user bob",
        "schedules[0].rotations[0].members.not_in[0] (dev, developers): there is no schedule ops",
        "schedules[0].rotations[0].members.not_in[1] (dev, developers): there is no schedule payments",
        "schedules[0].rotations[0].members.not_in[2] (dev, developers): there is no schedule support",
        "schedules[0].overrides[0].user (dev): there is no user bob",
    ]


def test_errors_of_form_and_of_reference_come_together() -> None:
    text = """
users:
  - {handle: alice, name: Alice, timezone: America/New_Yrok}
schedules:
  - name: dev
    team: ghosts
    timezone: America/New_York
    levels: [L1]
    rotations:
      - {name: all, members: [alice, zoe], start: 2026-01-05T10:00, shift: 3 fortnights, first_shift_level: L9}
services:
  - {name: web, escalation_policy: nobody, integration_keys: [{name: old, tool: carrier-pigeon}]}
extra: 1
"""
    assert complaints(text) == [
        'users[0].timezone (alice): "America/New_Yrok" is not a time zone: perhaps America/New_York',
        'schedules[0].rotations[0].shift (dev, all): A shift can\'t last "3 fortnights": write a whole number of hours,'
        ' days, weeks or months, like "3 days"',
        "schedules[0].team (dev): there is no team ghosts",
        "schedules[0].rotations[0].members[1] (dev, all): there is no user zoe",
        "schedules[0].rotations[0].first_shift_level (dev, all): schedule dev has no level L9",
        "services[0].escalation_policy (web): there is no escalation policy nobody",
        "services[0].integration_keys[0].tool (web, old): carrier-pigeon is not a known tool: "
        f"known are {', '.join(sorted(TOOLS))}",
        "extra: is not known here: known are users, teams, schedules, escalation_policies, services, "
        "heartbeats, maintenance",
    ]


def test_what_could_not_be_read_is_not_called_missing_as_well() -> None:
    text = """
users: [{name: Nameless}, {handle: alice, name: Alice}]
teams: [{name: dev, members: [alice, bob]}]
schedules: [{name: dev, timezone: UTC, levels: L1}]
escalation_policies: [{name: dev, steps: [{page: ["schedule:dev/L1", "user:bob"], wait: 5m}]}]
"""
    assert complaints(text) == ["users[0].handle (Nameless): is missing", "schedules[0].levels (dev): must be a list"]


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


@pytest.mark.parametrize(
    ("fields", "place", "problem"),
    [
        ("until: 2026-01-05T10:00", "until", "must be after start"),
        ("until: tomorrow", "until", '"tomorrow" is not a wall-clock time: write it like 2026-01-05T10:00'),
        ("until: 2026-02-30T10:00", "until", '"2026-02-30T10:00" is a time that no calendar has'),
        *(
            (f"until: {time}", "until", f'"{time}" is too far away: write a time between the years 2000 and 2100')
            for time in ("9999-12-31T23:59", "2101-01-01T00:00", "1999-12-31T23:59")
        ),
        (
            "until: 2027-01-05T10:00-05:00",
            "until",
            '"2027-01-05T10:00-05:00" must be the time on the wall in the schedule\'s zone: leave out the offset',
        ),
        ("hours: Mun 09:00-17:00", "hours", '"Mun" is not a day: write Mon, Tue, Wed, Thu, Fri, Sat or Sun'),
        ("levels: [L1, L1]", "levels[1]", "L1 is here twice: see levels[0] as well"),
        ("levels: [L3]", "levels[0]", "schedule dev has no level L3"),
        ("levels: [L2], first_shift_level: L1", "first_shift_level", "the rotation is not on level L1"),
        ("level_offset: -1", "level_offset", "must be greater than or equal to 0"),
    ],
)
def test_a_rotation_is_checked(fields: str, place: str, problem: str) -> None:
    assert complaint(rotation(fields)) == f"schedules[0].rotations[0].{place} (dev, all): {problem}"


def test_covered_hours_are_written_as_those_of_rotations() -> None:
    assert complaint("schedules: [{name: qa, timezone: UTC, levels: [L1], covers: Mun 09:00-17:00}]") == (
        'schedules[0].covers (qa): "Mun" is not a day: write Mon, Tue, Wed, Thu, Fri, Sat or Sun'
    )


@pytest.mark.parametrize(
    ("rest", "problem"),
    [
        ("90m", "90m is not a number of whole hours: write it like 12h"),
        ("29d", "696h is too long: 28d is the most"),
        ("-1h", '"-1h" must not be negative'),
    ],
)
def test_rest_is_a_number_of_hours(rest: str, problem: str) -> None:
    assert complaint(f"schedules: [{{name: qa, timezone: UTC, levels: [L1], rest: {rest}}}]") == (
        f"schedules[0].rest (qa): {problem}"
    )


@pytest.mark.parametrize(
    ("members", "place", "problem"),
    [
        ("[alice, alice]", "members[1]", "alice is here twice: see members[0] as well"),
        ("{tagged: developer, not_in: dev}", "members.not_in", "leaves out its own members"),
        ("{not_in: []}", "members", "a rule for members needs `tagged` or `team`, to say who they are"),
        ("{team: dev}", "members.team", "there is no team dev"),
    ],
)
def test_members_are_checked(members: str, place: str, problem: str) -> None:
    text = rotation("").replace("[alice]", members)

    assert complaint(text) == f"schedules[0].rotations[0].{place} (dev, all): {problem}"


@pytest.mark.parametrize(
    ("override", "problem"),
    [
        ("{level: L1, user: alice, start: 2026-02-02T10:00, end: 2026-02-02T10:00}", "end (dev): must be after start"),
        (
            "{level: L1, user: alice, start: 2026-02-02T10:00, end: 2026-02-02T14:00Z}",
            "end (dev): must be after start",
        ),
        (
            "{level: L9, user: alice, start: 2026-02-02T10:00, end: 2026-02-03T10:00}",
            "level (dev): schedule dev has no level L9",
        ),
        (
            "{level: L1, user: alice, start: 2026-02-02T10:00, end: 9999-12-31T23:59Z}",
            'end (dev): "9999-12-31T23:59Z" is too far away: write a time between the years 2000 and 2100',
        ),
    ],
)
def test_an_override_is_checked(override: str, problem: str) -> None:
    assert complaint(rotation("") + f"    overrides: [{override}]") == f"schedules[0].overrides[0].{problem}"


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        (
            "alice",
            '"alice" is not a target: write user:HANDLE, team:NAME, schedule:NAME or schedule:NAME/LEVEL, '
            "or team:NAME/METHOD for an address of a team",
        ),
        ("user:zoe", "there is no user zoe"),
        ("team:ghosts", "there is no team ghosts"),
        ("schedule:qa", "there is no schedule qa"),
        ("schedule:dev/L3", "schedule dev has no level L3"),
    ],
)
def test_targets_are_checked(target: str, problem: str) -> None:
    text = f"escalation_policies: [{{name: new, steps: [{{page: '{target}', wait: 5m}}]}}]"

    assert complaint(text, the_example()) == f"escalation_policies[0].steps[0].page (new): {problem}"


@pytest.mark.parametrize(
    ("policy", "problem"),
    [
        ("steps: [{page: user:bob, wait: 5m}], acknowledge_timeout: 0m", ".acknowledge_timeout (new): "),
        ("steps: [{page: user:bob, wait: 5m, acknowledgements: 0}]", ".steps[0].acknowledgements (new): "),
        (
            "steps: [{page: team:dev, wait: 5m, round_robin: true, acknowledgements: 2}]",
            ".steps[0].acknowledgements (new): is 2, but a round-robin step pages one person: leave out one of the two",
        ),
        (
            "steps: [{page: user:bob, wait: 5m}, {page: [user:bob, user:alice], wait: 5m, acknowledgements: 3}]",
            ".steps[1].acknowledgements (new): must be no more than the people whom the step pages, who are 2",
        ),
        (
            "steps: [{page: 'team:dev/#warroom', wait: 5m}]",
            ".steps (new): page nobody, since all of them only post to addresses: add people, a schedule or a team",
        ),
        (
            "steps: [{page: [user:bob, 'team:dev/#peace'], wait: 5m}]",
            ".steps[0].page[1] (new): team dev has no contact method #peace",
        ),
        (
            "steps: [{page: [user:bob, 'team:ghosts/#warroom'], wait: 5m}]",
            ".steps[0].page[1] (new): there is no team ghosts",
        ),
        (
            "fallback: 'team:dev/#warroom', steps: [{page: user:bob, wait: 5m}]",
            ".fallback (new): is an address, at which nobody is paged",
        ),
    ],
)
def test_what_a_policy_says_is_checked(policy: str, problem: str) -> None:
    warroom = load("teams: [{name: dev, contact_methods: [{name: '#warroom', kind: slack, address: C0WARROOM}]}]")
    current = merge(the_example(), warroom)

    assert complaint(f"escalation_policies: [{{name: new, {policy}}}]", current).startswith(
        f"escalation_policies[0]{problem}"
    )


@pytest.mark.parametrize(
    ("service", "problem"),
    [
        ("urgency: medium", ".urgency (web): "),
        ("support_hours: {hours: Mon-Fri, timezone: Mars/Base}", '.support_hours.timezone (web): "Mars/Base" is not'),
        ("support_hours: {hours: Foo, timezone: UTC}", '.support_hours.hours (web): "Foo" is not a day'),
        ("support_hours: {timezone: UTC}", ".support_hours.hours (web): "),
        (
            "urgency: low, support_hours: {hours: Mon-Fri, timezone: UTC}",
            ".support_hours (web): decide the urgency: leave them out, or leave out urgency: low",
        ),
    ],
)
def test_what_a_service_says_of_urgency_is_checked(service: str, problem: str) -> None:
    assert complaint(f"services: [{{name: web, {service}}}]", the_example()).startswith(f"services[0]{problem}")


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


def test_a_schedule_is_a_target_with_all_its_levels() -> None:
    assert (
        complaints("escalation_policies: [{name: new, steps: [{page: 'schedule:dev', wait: 0m}]}]", the_example()) == []
    )


@pytest.mark.parametrize(
    ("handle", "problem"),
    [
        ("me", '"me" can\'t be a handle: it means whoever asks'),
        ("da/ve", '"da/ve" can\'t be a handle: use 1 to 60 letters, digits, ".", "-" and "_", such as alice'),
    ],
)
def test_a_handle_is_checked(handle: str, problem: str) -> None:
    assert complaint(f"users: [{{handle: {handle}, name: Dave}}]") == f"users[0].handle ({handle}): {problem}"


def test_a_schedule_has_20_levels_and_50_rotations_at_most() -> None:
    levels = [f"L{i}" for i in range(21)]
    rotations = [f"{{name: r{i}, members: [], start: 2026-01-05T10:00, shift: 1 week}}" for i in range(51)]
    text = f"schedules: [{{name: dev, timezone: UTC, levels: {levels}, rotations: [{', '.join(rotations)}]}}]"

    assert complaints(text) == [
        "schedules[0].levels (dev): must have 20 items at most",
        "schedules[0].rotations (dev): must have 50 items at most",
    ]


def test_nothing_is_there_twice() -> None:
    text = """
users: [{handle: alice, name: Alice}, {handle: bob, name: Bob}, {handle: alice, name: Alice Again}]
teams: [{name: dev, members: [alice, bob, alice]}, {name: dev}]
schedules: [{name: dev, timezone: UTC, levels: [L1, L1]}]
"""
    assert complaints(text) == [
        "users[2].handle (alice): alice is here twice: see users[0] as well",
        "teams[0].members[2] (dev): alice is here twice: see members[0] as well",
        "teams[1].name (dev): dev is here twice: see teams[0] as well",
        "schedules[0].levels[1] (dev): L1 is here twice: see levels[0] as well",
    ]


def test_a_key_leads_to_one_place() -> None:
    keys = "[{name: a, tool: generic, key: chosen-or-generated}]"
    text = f"services: [{{name: api, escalation_policy: dev, integration_keys: {keys}}}]"

    assert complaint(text, the_example()) == (
        "services[0].integration_keys[0].key (api, a): this key is taken by prometheus of service web"
    )


def test_a_new_object_has_to_be_complete_and_one_that_exists_has_not() -> None:
    text = (
        "schedules: [{name: dev, rotations: [{name: developers, shift: 1 week}]}, {name: qa, rotations: [{name: all}]}]"
    )

    assert complaints(text, the_example()) == [
        "schedules[1].timezone (qa): is missing",
        "schedules[1].levels (qa): is missing",
        "schedules[1].rotations[0].members (qa, all): is missing",
        "schedules[1].rotations[0].start (qa, all): is missing",
        "schedules[1].rotations[0].shift (qa, all): is missing",
    ]


def test_an_object_that_the_file_breaks_from_afar_is_named() -> None:
    text = "schedules: [{name: dev, levels: [L1], rotations: [{name: developers, levels: [L1]}]}]"

    assert complaint(text, the_example()) == (
        "escalation_policies[dev].steps[1].page[0] (set up already): schedule dev has no level L2"
    )


def test_what_was_wrong_before_does_not_stop_a_file_about_something_else() -> None:
    whole = the_example()
    without_alice = whole.model_copy(update={"users": [one for one in whole.users if one.handle != "alice"]})

    assert complaints("services: [{name: web, description: The site}]", without_alice) == []
    assert complaint("escalation_policies: [{name: dev, repeat: 3}]", without_alice) == (
        "escalation_policies[0].fallback (dev): there is no user alice"
    )


@pytest.mark.parametrize("text", ["", "just words", "- a\n- b", "null"])
def test_a_file_without_sections_gets_a_sentence(text: str) -> None:
    with pytest.raises(BadInput, match="must hold sections"):
        load(text)


def test_an_empty_map_is_a_config_that_says_nothing() -> None:
    assert load("{}") == Config()


JUNK = st.recursive(
    st.none() | st.booleans() | st.sampled_from(["", "x", "-1m", "10:00", "L1", "alice"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["name", "handle", "x"]), inner),
    max_leaves=4,
)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_whatever_is_wrong_the_answer_is_a_list_of_problems(data: st.DataObject) -> None:
    """The example with junk in up to three places."""
    content = read_yaml(EXAMPLE)
    for _ in range(data.draw(st.integers(1, 3))):
        holder = content
        while True:
            step = data.draw(st.sampled_from(list(holder) if isinstance(holder, dict) else range(len(holder))))
            if not (isinstance(holder[step], dict | list) and holder[step] and data.draw(st.booleans())):
                break
            holder = holder[step]
        holder[step] = data.draw(JUNK)
    for line in complaints(write_yaml(content), the_example()):
        assert line.partition(": ")[2], line


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ("members: [alice, [alice]]", "members[1] (dev, all): alice is here twice: see members[0] as well"),
        ("members: [{joins: 2026-03-01T00:00}]", "members[0].user (dev, all): is missing"),
        ("members: [{user: alice, joins: soon}]", 'members[0].joins (dev, all): "soon" is not a wall-clock time'),
        (
            "members: [{user: alice, joins: 2026-03-01T00:00, leaves: 2026-02-01T00:00}]",
            "members[0] (dev, all): leaves before joining",
        ),
        ("skip: [Sat, Sun]", "shift (dev, all): must be in days where days are skipped"),
        ("shift: 2 days, skip: Monday", "start (dev, all): is on a Monday, which the rotation skips"),
        ("skip: [Saturn]", '"Saturn" is not a day: write Mon, Tue'),
        ("timezone: Mars", '"Mars" is not a time zone'),
    ],
)
def test_what_is_wrong_with_turns_is_told_with_its_place(fields: str, complaint: str) -> None:
    text = rotation(fields)
    for field in ("members", "shift"):
        if f"{field}:" in fields:
            default = {"members": "members: [alice], ", "shift": "shift: 1 week, "}[field]
            text = text.replace(default, "", 1)
    (said,) = complaints(text)
    assert complaint in said


def test_an_override_says_whom_its_kind_names() -> None:
    times = "start: 2026-02-01T10:00, end: 2026-02-02T10:00"
    text = rotation("hours: Mon").replace("rotations:", f"overrides: [{{level: L1, {times}}}]\n    rotations:")
    assert complaints(text) == ["schedules[0].overrides[0] (dev): must say in `user` who comes on"]
