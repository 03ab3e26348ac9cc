"""What a config says of schedules, rotations and overrides is checked."""

import pytest

from tests.config.company import complaint, complaints


def rotation(fields: str) -> str:
    return f"""
users: [{{handle: alice, name: Alice}}]
schedules:
  - name: dev
    timezone: America/New_York
    levels: [L1, L2]
    rotations: [{{name: all, members: [alice], start: 2026-01-05T10:00, shift: 1 week, {fields}}}]
"""


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
    ("override", "problem"),
    [
        ("{level: L1, user: alice, start: 2026-02-02T10:00, end: 2026-02-02T10:00}", "end (dev): must be after start"),
        (
            "{level: L1, user: alice, start: 2026-02-02T10:00, end: 2026-02-02T14:00Z}",
            "end (dev): must be after start",
        ),
        (
            "{level: L9, user: alice, start: 2026-02-02T10:00, end: 2026-02-03T10:00}",
            "level (dev): schedule dev has no level L9: "
            "leave out overrides of one that it had, what has been of them stays",
        ),
        (
            "{level: L1, user: alice, start: 2026-02-02T10:00, end: 9999-12-31T23:59Z}",
            'end (dev): "9999-12-31T23:59Z" is too far away: write a time between the years 2000 and 2100',
        ),
    ],
)
def test_an_override_is_checked(override: str, problem: str) -> None:
    assert complaint(rotation("") + f"    overrides: [{override}]") == f"schedules[0].overrides[0].{problem}"


def test_an_override_says_whom_its_kind_names() -> None:
    times = "start: 2026-02-01T10:00, end: 2026-02-02T10:00"
    text = rotation("hours: Mon").replace("rotations:", f"overrides: [{{level: L1, {times}}}]\n    rotations:")
    assert complaints(text) == ["schedules[0].overrides[0] (dev): must say in `user` who comes on"]


def test_a_schedule_has_20_levels_and_50_rotations_at_most() -> None:
    levels = [f"L{i}" for i in range(21)]
    rotations = [f"{{name: r{i}, members: [], start: 2026-01-05T10:00, shift: 1 week}}" for i in range(51)]
    text = f"schedules: [{{name: dev, timezone: UTC, levels: {levels}, rotations: [{', '.join(rotations)}]}}]"

    assert complaints(text) == [
        "schedules[0].levels (dev): must have 20 items at most",
        "schedules[0].rotations (dev): must have 50 items at most",
    ]
