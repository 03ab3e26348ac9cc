"""`oncall shifts --file`: what a config file would give, where there is a database and where there is none."""

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Oncall
from tests.web.api.conftest import COMPANY

WINDOW = ("--from", "2026-01-06T12:00Z", "--until", "2026-01-16T12:00Z")
RULED = """
users:
  - {handle: alice, name: Alice Archer, tags: [developer], experienced: [dev]}
  - {handle: bob, name: Bob Baker, tags: [developer], experienced: [dev]}
  - {handle: carol, name: Carol Cohen, tags: [developer]}
  - {handle: dora, name: Dora Diaz, tags: [developer]}
  - {handle: erin, name: Erin Evans, tags: [developer]}
teams:
  - {name: web, members: [alice, bob, carol, dora]}
schedules:
  - name: payments
    timezone: Europe/Rome
    levels: [L1]
    rotations: [{name: all, members: [dora], start: 2026-01-05T10:00, shift: 1 week}]
  - name: dev
    team: web
    timezone: America/New_York
    levels: [L1, L2]
    rotations:
      - name: developers
        members: {tagged: developer, team: web, not_in: [payments]}
        start: 2026-01-05T10:00
        shift: 1 day
        first_shift_level: L1
    overrides:
      - {level: L1, user: erin, start: 2026-01-08T10:00, end: 2026-01-08T18:00}
"""


def test_it_needs_no_database(command: Oncall, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ONCALL_DATABASE_URL", "sqlite:///none.db")
    (tmp_path / "company.yaml").write_text(RULED)

    printed = command("shifts", "--file", "company.yaml", "--schedule", "payments", *WINDOW)

    assert printed.err == ""
    assert not Path("none.db").exists()
    assert re.split(r" {2,}", printed.out.splitlines()[1]) == [
        "payments",
        "L1",
        "Dora Diaz (dora)",
        "Mon 2026-01-05 10:00 CET",
        "Mon 2026-01-12 10:00 CET",
        "rotation",
    ]


@pytest.mark.parametrize("company", [COMPANY, RULED])
def test_it_is_what_applying_the_file_gives(command: Oncall, company: str) -> None:
    asked = ("shifts", *WINDOW, "--json")
    tried = command(*asked, "--file", "-", typed=company).json()
    assert command("apply", "-", typed=company).code == 0

    assert tried == command(*asked).json()
    assert len(tried) > 15


def test_rules_ask_the_files_own_people(command: Oncall) -> None:
    found = command("shifts", "dev", "--file", "-", *WINDOW, "--json", typed=RULED).json()

    assert {shift["user"] for shift in found} == {"alice", "bob", "carol", "erin"}
    assert [shift["user"] for shift in found if shift["source"] == "override"] == ["erin"]
    assert "carol" not in [shift["user"] for shift in found if shift["level"] == "L2"][:2]


def test_keys_with_rules_may_lead_to_services_of_the_file(command: Oncall) -> None:
    keys = "integration_keys: [{name: all, tool: generic, service: web, rules: [{name: db, service: db}]}]"
    others = """
escalation_policies: [{name: dev, steps: [{page: team:web, wait: 5m}]}]
services: [{name: web, escalation_policy: dev}, {name: db, escalation_policy: dev}]
"""
    members = "members: [alice, bob, carol, dora]"
    with_keys = RULED.replace(members, f"{members}, {keys}") + others

    printed = command("shifts", "--file", "-", *WINDOW, typed=with_keys)

    assert (printed.code, printed.out) == (0, command("shifts", "--file", "-", *WINDOW, typed=RULED).out)


def test_a_part_may_name_people_and_teams_of_whom_it_says_nothing(command: Oncall) -> None:
    part = "schedules:" + COMPANY.partition("schedules:")[2].partition("escalation_policies:")[0]

    printed = command("shifts", "dev", "--file", "-", *WINDOW, typed=part)

    assert printed.err == ""
    assert "bob (bob)" in printed.out


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "shift: 1 day",
            "shift: 1 dya",
            "schedules[1].rotations[0].shift (dev, developers): A shift can't last",
        ),
        ("user: erin", "user: eric", "schedules[1].overrides[0].user (dev): there is no user eric"),
        ("team: web, not_in", "team: wbe, not_in", "schedules[1].rotations[0].members.team"),
        ("first_shift_level: L1", "first_shift_level: L3", "schedules[1].rotations[0].first_shift_level"),
        ("timezone: Europe/Rome", "timezone: Europe/Rom", "schedules[0].timezone (payments)"),
        ("shift: 1 week", "shift: 1 week, colour: red", "schedules[0].rotations[0].colour (payments, all)"),
    ],
)
def test_a_fault_is_named_with_its_field(command: Oncall, old: str, new: str, said: str) -> None:
    assert old in RULED
    printed = command("shifts", "--file", "-", *WINDOW, typed=RULED.replace(old, new))

    assert (printed.code, printed.out) == (1, "")
    assert said in printed.err


@pytest.mark.parametrize(
    ("arguments", "text", "said"),
    [
        (("--file", "none.yaml"), "", "Can't read none.yaml: No such file or directory."),
        (("--file", "-"), "[1, 2]", "The file must hold sections"),
        (("--file", "-"), "users: [", "line 2, column 1"),
        (("--file", "-"), "users: [{handle: alice, name: Alice}]", "The file has no schedule. It has: none."),
        (("--file", "-", "--schedule", "ops"), RULED, "The file has no schedule ops. It has: payments, dev."),
        (("--file", "-", "--from", "today"), RULED, "“today” is not a time"),
        (("--file", "-", "--until", "2027-02-10T00:00Z"), RULED.replace("1 week", "1 minute"), "shift"),
    ],
)
def test_what_can_not_be_shown_is_said(command: Oncall, arguments: tuple[str, ...], text: str, said: str) -> None:
    printed = command("shifts", *arguments, typed=text)

    assert printed.code == 1
    assert said in printed.err
    assert "Traceback" not in printed.err
