"""Whoever runs a schedule is told what is wrong with it before it loses a page: once each."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from oncall.absences.absences import add_absence
from oncall.models import ContactMethod, Notice, NoticeKind
from oncall.people.contacts import remove_method
from oncall.people.people import find_user
from tests.scenarios.world import ALICE, BOB, CAROL, World


def method_of(session: Session, handle: str, name: str) -> ContactMethod:
    own = select(ContactMethod).where(
        ContactMethod.user_id == find_user(session, handle).id, ContactMethod.name == name
    )
    return session.exec(own).one()


def test_managers_are_told_once_of_what_will_lose_pages(world: World) -> None:
    world.apply("users: [{handle: bob, contact_methods: [], notification_rules: []}]")
    world.tick()
    assert world.texts() == [
        (
            CAROL,
            "Schedule dev: Bob Nguyen is on L2 now and has no verified contact method: "
            "they add one on their page, or an admin in the config file.",
        )
    ]
    world.advance(hours=1)
    world.restart_engine()
    world.tick()
    assert world.texts() == []


def test_a_number_that_stops_working_is_told_within_a_minute(world: World) -> None:
    world.engine.jobs.tell_problems_of_reach()
    assert world.reply(BOB, "STOP") == ""
    world.engine.jobs.tell_problems_of_reach()
    world.settle()
    assert world.texts() == []  # he can be called
    with world.database.transaction() as session:
        remove_method(session, method_of(session, "bob", "call"), world.clock(), confirm=True)
    world.engine.jobs.tell_problems_of_reach()
    world.settle()
    ((number, text),) = world.texts()
    assert number == CAROL
    assert text.startswith("Schedule dev: Bob Nguyen is on L2 now and has no verified contact method")
    world.engine.jobs.tell_problems_of_reach()
    world.settle()
    assert world.texts() == []


def test_a_shift_that_goes_to_somebody_without_a_phone_is_told_within_a_minute(world: World) -> None:
    """It may begin before the next housekeeping."""
    world.apply("users: [{handle: dave, name: Dave Diaz}]")
    world.tick()
    world.engine.jobs.tell_problems_of_reach()
    world.advance(minutes=1)
    begins, ends = world.clock.now + timedelta(minutes=8), world.clock.now + timedelta(minutes=20)
    world.apply(
        "schedules: [{name: dev, overrides: [{level: L1, user: dave, "
        f"start: {begins.isoformat()}, end: {ends.isoformat()}}}]}}]"
    )
    world.engine.jobs.publish_if_changed()
    world.settle()
    world.texts()
    world.engine.jobs.tell_problems_of_reach()
    world.settle()
    ((number, text),) = world.texts()
    assert number == CAROL
    assert "Dave Diaz is on L1" in text
    assert "has no verified contact method" in text
    world.engine.jobs.tell_problems_of_reach()
    world.settle()
    assert world.texts() == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("teams: [{name: dev, managers: []}]", [ALICE]),  # the team's other member
        ("{users: [{handle: carol, role: admin}], schedules: [{name: dev, team: null}]}", [CAROL]),
    ],
)
def test_without_a_manager_the_team_is_told_and_without_a_team_the_admins(
    world: World, change: str, told: list[str]
) -> None:
    world.apply(change)
    world.apply("users: [{handle: bob, contact_methods: [], notification_rules: []}]")
    world.tick()
    assert world.numbers_texted() == told


def test_a_gap_that_runs_is_told_once_and_not_every_hour(world: World) -> None:
    world.tick()
    rotation = "{name: developers, members: [alice, bob], start: 2026-11-25T10:00, shift: 3 days}"
    world.apply(f"schedules: [{{name: dev, rotations: [{rotation}]}}]")
    for _ in range(3):
        world.tick()
        world.advance(hours=1)
    to_carol = [text for number, text in world.texts() if number == CAROL]
    assert [text.partition(",")[0] for text in to_carol] == [
        "Schedule dev: Nobody is on L1 now",
        "Schedule dev: Nobody is on L2 now",
    ]


def test_managers_are_told_in_one_text_of_what_is_only_hard_on_people(world: World) -> None:
    world.tick()
    world.apply("schedules: [{name: dev, rest: 24h}]")
    for _ in range(2):
        world.tick()
        world.advance(hours=1)
    ((number, text),) = world.texts()
    assert number == CAROL
    assert text.startswith("Schedule dev: Alice Archer has no rest between L")
    assert text.endswith("And 3 more on the page of dev.")
    notices = world.ask(lambda session: session.exec(select(Notice).where(Notice.kind == NoticeKind.PROBLEM)).all())
    assert len(notices) == 4


def test_whoever_is_away_while_on_call_and_the_manager_are_told_once_who_could_cover(world: World) -> None:
    world.tick()
    phone = '{name: mobile, kind: sms, address: "+12025550177", verified: true}'
    dave = f"{{handle: dave, name: Dave Diaz, contact_methods: [{phone}]}}"
    world.apply(f"users: [{dave}]\nteams: [{{name: dev, members: [alice, bob, dave]}}]")
    with world.database.transaction() as session:
        alice = find_user(session, "alice")
        for hours in (3, 30):
            start = world.clock() + timedelta(hours=hours)
            add_absence(session, alice, alice, start, start + timedelta(hours=2), "dentist", world.clock())
    for _ in range(2):
        world.tick()
        world.advance(hours=4)
    texts = [(number, text) for number, text in world.texts() if "away" in text]
    first = "Mon 12:00 to 14:00 EST. Could cover: Dave Diaz."
    assert texts == [
        (
            ALICE,
            f"You are away while on call for dev (L1), {first} Ask for cover on My on-call. And 1 more on My on-call.",
        ),
        (CAROL, f"Schedule dev: Alice Archer is away while on L1, {first} And 1 more on the pages of your schedules."),
    ]


def test_an_admin_hears_of_a_schedule_that_nobody_manages(world: World) -> None:
    world.apply("users: [{handle: alice, role: admin}]\nteams: [{name: dev, managers: []}]")
    world.apply("users: [{handle: bob, contact_methods: [], notification_rules: []}]")
    world.tick()
    assert [number for number, text in world.texts() if "no verified contact method" in text] == [ALICE]


def test_what_is_found_at_night_is_told_in_the_morning(world: World) -> None:
    world.tick()
    world.advance(hours=12)  # 02:00 for Carol, 21:00 for Alice
    world.texts()
    with world.database.transaction() as session:
        start = world.clock() + timedelta(hours=20)
        alice = find_user(session, "alice")
        add_absence(session, alice, alice, start, start + timedelta(hours=2), "", world.clock())
    world.tick()
    told = [number for number, text in world.texts() if "away" in text]

    world.advance(hours=6)
    world.tick()

    assert told == [ALICE]
    assert [number for number, text in world.texts() if "away" in text] == [CAROL]
