"""Somebody leaves: what they had on call goes to others at once, who are told.

Turns of dev last a day and begin at 10:00 UTC. At NOON of the 6th bob is L1 and carol L2; the 7th is carol's and
alice's, the 8th alice's and bob's, the 9th bob's and carol's.
"""

from typing import Any

import pytest
from sqlmodel import select

from oncall.db.database import Database
from oncall.models import Notice, NoticeKind, User
from oncall.rota.horizon import publish_turns
from oncall.rota.publishing import publish
from tests.application import database_of
from tests.client import TestClient
from tests.conftest import Contents
from tests.web.api.conftest import COMPANY, NOON, SET_UP_AT, Caller, Clock, sentence

PHONE = """
users:
  - handle: alice
    contact_methods: [{name: mobile, kind: sms, address: "+12025550101", verified: true}]
"""
DAVE_JOINS_THE_TEAM = """
users:
  - handle: dave
    name: Dave Dunn
    contact_methods: [{name: mobile, kind: sms, address: "+12025550104", verified: true}]
teams: [{name: dev, members: [bob, carol, dave]}]
"""
TWO_JOIN_THE_TEAM = """
users:
  - handle: dave
    name: Dave Dunn
    contact_methods: [{name: mobile, kind: sms, address: "+12025550104", verified: true}]
  - handle: erin
    name: Erin Evans
    contact_methods: [{name: mobile, kind: sms, address: "+12025550105", verified: true}]
teams: [{name: dev, members: [bob, carol, dave, erin]}]
schedules:
  - name: quiet
    overrides:
      - {level: L1, user: dave, start: 2026-01-12T09:00, end: 2026-01-12T18:00}
      - {level: L1, user: erin, start: 2026-01-12T22:00, end: 2026-01-13T06:00}
"""
ONLY_BOB = """
schedules:
  - {name: quiet, rotations: [{name: all, members: [bob], start: 2026-01-05T10:00, shift: 1 day}]}
"""

DAVE_IS_A_DEVELOPER = """
users:
  - handle: dave
    name: Dave Dunn
    contact_methods: [{name: mobile, kind: sms, address: "+12025550104", verified: true}]
schedules:
  - name: dev
    rotations:
      - {name: developers, members: [alice, bob, carol, dave], start: 2026-01-05T10:00, shift: 1 day}
"""
BOB_AND_CAROL_BY_MORNING = """
schedules:
  - name: quiet
    rotations:
      - {name: all, members: [carol, bob], start: 2026-01-05T10:00, shift: 1 day}
      - {name: mornings, members: [carol], start: 2026-01-05T00:00, shift: 1 day, hours: "08:00-11:00"}
"""
BOB_ABOVE_CAROL = """
schedules:
  - name: quiet
    rotations:
      - {name: below, members: [carol], start: 2026-01-05T10:00, shift: 1 day}
      - {name: above, members: [bob], start: 2026-01-05T10:00, shift: 1 day}
"""


@pytest.fixture
def contents() -> Contents:
    return Contents(SET_UP_AT, (COMPANY, PHONE))


@pytest.fixture
def database(client: TestClient, alice: Caller) -> Database:
    """Everybody can be paged, and calendars have been published."""
    found = database_of(client)
    publish(found, NOON, only_if_changed=False)
    return found


def retire(alice: Caller, handle: str) -> None:
    answer = alice.delete(f"/users/{handle}?confirm=true")
    assert answer.status_code == 204, answer.text


def on(caller: Caller, level: str, at: str, schedule: str = "dev") -> list[str]:
    rows = caller.items("/on-call", at=at)
    return [
        row["user"]["handle"]
        for row in rows
        if (row["schedule"], row["level"]) == (schedule, level) and row["user"] is not None
    ]


def told(database: Database) -> dict[str, str]:
    """What each was told of shifts that changed."""
    with database.read() as session:
        rows = select(User.handle, Notice.text).join(Notice).where(Notice.kind == NoticeKind.SHIFTS_CHANGED)
        return dict(session.exec(rows).all())


def test_a_leaver_s_shifts_are_with_others_at_once_and_everybody_touched_is_told(
    alice: Caller, database: Database
) -> None:
    before = alice.items("/schedules/dev/shifts", **{"from": "2026-01-06T12:00Z", "until": "2026-02-20T12:00Z"})
    retire(alice, "bob")
    after = alice.items("/schedules/dev/shifts", **{"from": "2026-01-06T12:00Z", "until": "2026-02-20T12:00Z"})

    assert "bob" not in {shift["user"] for shift in after}
    assert {shift["user"] for shift in after} == {"alice", "carol"}
    others = [shift for shift in before if shift["user"] != "bob"]
    assert [shift for shift in others if shift not in after] == []
    publish(database, NOON, only_if_changed=True)
    assert "is yours now (was Bob Baker's)" in told(database)["alice"]
    assert "is yours now (was Bob Baker's)" in told(database)["carol"]


def test_in_several_schedules_each_hands_on(alice: Caller, database: Database) -> None:
    both = ONLY_BOB.replace("members: [bob]", "members: [bob, carol]")
    assert alice.post("/config/apply", both).status_code == 200
    publish_turns(database, NOON)
    retire(alice, "bob")

    later = {"from": "2026-01-06T12:00Z", "until": "2026-02-20T12:00Z"}
    assert {shift["user"] for shift in alice.items("/schedules/quiet/shifts", **later)} == {"carol"}
    assert "bob" not in {shift["user"] for shift in alice.items("/schedules/dev/shifts", **later)}


def test_of_the_only_member_it_is_asked_first_and_a_gap_stays_until_somebody_comes(
    alice: Caller, database: Database
) -> None:
    assert alice.post("/config/apply", ONLY_BOB).status_code == 200
    publish_turns(database, NOON)
    said = sentence(alice.delete("/users/bob"), 409)

    assert "Nobody would be on quiet L1 from Tue 6 Jan 12:00 UTC on." in said
    assert on(alice, "L1", "2026-01-07T12:00:00Z", "quiet") == ["bob"]
    retire(alice, "bob")
    assert on(alice, "L1", "2026-01-07T12:00:00Z", "quiet") == []
    carol = ONLY_BOB.replace("members: [bob]", "members: [carol]")
    assert alice.post("/config/apply?confirm=true", carol).status_code == 200
    assert on(alice, "L1", "2026-01-07T12:00:00Z", "quiet") == ["carol"]


def override(alice: Caller, **fields: Any) -> dict[str, Any]:
    window = {"start": "2026-01-09T12:00:00Z", "end": "2026-01-09T18:00:00Z"}
    answer = alice.post("/overrides", {"schedule": "dev", "level": "L1", "confirm": True} | window | fields)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_whoever_covers_a_leaver_keeps_the_time(alice: Caller, database: Database) -> None:
    """An override of somebody who is not on the level changes nothing, so it must follow the turn."""
    assert alice.post("/config/apply", DAVE_JOINS_THE_TEAM).status_code == 200
    made = override(alice, user="dave", replaces="bob")
    retire(alice, "bob")

    (taker,) = on(alice, "L1", "2026-01-09T11:00:00Z")
    assert on(alice, "L1", "2026-01-09T13:00:00Z") == ["dave"]
    assert on(alice, "L1", "2026-01-09T19:00:00Z") == [taker]
    assert alice.get(f"/overrides/{made['id']}").json()["replaces"]["handle"] == taker


def test_what_a_leaver_had_taken_over_goes_to_somebody_who_may_take_it(alice: Caller, database: Database) -> None:
    assert alice.post("/config/apply", DAVE_JOINS_THE_TEAM).status_code == 200
    override(alice, user="bob", start="2026-01-07T12:00:00Z", end="2026-01-07T18:00:00Z")
    retire(alice, "bob")

    assert on(alice, "L1", "2026-01-07T13:00:00Z") == ["dave"]  # the others are on call then
    (made,) = alice.items("/overrides")
    assert (made["user"]["handle"], made["created_by"]["handle"], made["start"]) == (
        "dave",
        "alice",
        "2026-01-07T12:00:00Z",
    )


def test_an_hour_at_night_is_more_of_a_burden_than_one_by_day(alice: Caller, database: Database) -> None:
    assert alice.post("/config/apply", TWO_JOIN_THE_TEAM).status_code == 200
    override(alice, user="bob", start="2026-01-07T12:00:00Z", end="2026-01-07T18:00:00Z")
    retire(alice, "bob")

    assert on(alice, "L1", "2026-01-07T13:00:00Z") == ["dave"]  # nine hours by day, against Erin's eight at night


def test_where_nobody_may_take_it_the_rotation_applies_again(alice: Caller, database: Database) -> None:
    override(alice, user="bob", start="2026-01-07T12:00:00Z", end="2026-01-07T18:00:00Z", kind="add")
    retire(alice, "bob")

    assert on(alice, "L1", "2026-01-07T13:00:00Z") == ["carol"]
    assert alice.items("/overrides") == []


def test_what_a_leaver_has_given_back_moves_nobody(alice: Caller, database: Database) -> None:
    assert alice.post("/config/apply", DAVE_JOINS_THE_TEAM).status_code == 200
    window = {"start": "2026-01-07T12:00:00Z", "end": "2026-01-07T18:00:00Z"}
    for _ in range(2):
        override(alice, user="bob", replaces="carol", **window)
        override(alice, user="carol", replaces="bob", **window)
    retire(alice, "bob")

    assert on(alice, "L1", "2026-01-07T13:00:00Z") == ["carol"]
    publish(database, NOON, only_if_changed=True)
    assert "Wed 7 Jan" not in told(database)["carol"]


def test_what_a_leaver_has_passed_on_stays_with_whoever_has_it(alice: Caller, database: Database) -> None:
    """Erin, though Dave has less of a burden; what was not passed on is his."""
    assert alice.post("/config/apply", TWO_JOIN_THE_TEAM).status_code == 200
    override(alice, user="bob", replaces="carol", start="2026-01-07T12:00:00Z", end="2026-01-07T18:00:00Z")
    override(alice, user="erin", replaces="bob", start="2026-01-07T12:00:00Z", end="2026-01-07T14:00:00Z")
    override(alice, user="bob", replaces="alice", level="L2", start="2026-01-07T18:00:00Z", end="2026-01-07T20:00:00Z")
    override(alice, user="erin", replaces="bob", level="L2", start="2026-01-07T18:00:00Z", end="2026-01-07T20:00:00Z")
    retire(alice, "bob")

    assert on(alice, "L1", "2026-01-07T13:00:00Z") == ["erin"]
    assert on(alice, "L1", "2026-01-07T15:00:00Z") == ["dave"]
    assert on(alice, "L1", "2026-01-07T21:00:00Z") == ["carol"]
    assert on(alice, "L2", "2026-01-07T19:00:00Z") == ["erin"]
    left = alice.items("/overrides", schedule="dev")
    pairs = {(each["level"], each["user"]["handle"], each["replaces"]["handle"]) for each in left}
    assert pairs == {("L1", "dave", "carol"), ("L1", "erin", "dave"), ("L2", "erin", "alice")}


def test_open_swaps_are_settled_in_their_name(alice: Caller, bob: Caller, carol: Caller, database: Database) -> None:
    piece = {"schedule": "dev", "level": "L2", "start": "2026-01-08T10:00:00Z", "end": "2026-01-09T10:00:00Z"}
    asked = bob.post("/swaps", {"kind": "give", "pieces": [piece], "to": ["carol"]}).json()
    carols = piece | {"start": "2026-01-06T12:00:00Z", "end": "2026-01-06T13:00:00Z"}
    another = carol.post("/swaps", {"kind": "give", "pieces": [carols], "to": ["alice"]}).json()
    retire(alice, "bob")

    assert carol.get(f"/swaps/{asked['id']}").json()["state"] == "withdrawn"
    assert carol.get(f"/swaps/{another['id']}").json()["state"] == "offered"
    story = [event["text"] for event in carol.get(f"/swaps/{asked['id']}").json()["events"]]
    assert not [text for text in story if text.startswith("Told Bob")]  # who has left hears no more of it


def test_an_alert_that_they_had_acknowledged_pages_again(alice: Caller, bob: Caller, database: Database) -> None:
    alert = bob.send_alert()
    assert bob.post(f"/alerts/{alert['id']}/acknowledge").status_code == 200
    retire(alice, "bob")

    assert alice.get(f"/alerts/{alert['id']}").json()["status"] == "triggered"
    timeline = [entry["text"] for entry in alice.items(f"/alerts/{alert['id']}/timeline")]
    assert "Escalated by Alice Archer as Bob Baker, who had it, retires" in timeline


def test_a_file_without_somebody_says_nothing_about_them(alice: Caller, database: Database) -> None:
    assert alice.post("/config/apply", "users: [{handle: carol, name: Carol Cohen}]").json() == {
        "changes": [],
        "warnings": [],
    }
    assert alice.get("/users/bob").json()["retired_at"] is None


def test_who_comes_back_is_in_no_rotation(alice: Caller, database: Database) -> None:
    retire(alice, "bob")

    (rotation,) = alice.get("/schedules/dev").json()["rotations"]
    assert [member["users"] for member in rotation["members"]] == [["alice"], ["carol"]]


def test_the_past_of_the_running_turn_is_still_theirs(alice: Caller, database: Database) -> None:
    """Two hours of it, which count for pay."""
    override(alice, user="carol", replaces="bob", start="2026-01-06T12:00:00Z", end="2026-01-06T14:00:00Z")
    retire(alice, "bob")

    window = {"from": "2026-01-06T10:00:00Z", "until": "2026-01-06T20:00:00Z"}
    found = [shift for shift in alice.items("/schedules/dev/shifts", **window) if shift["level"] == "L1"]
    assert [(shift["user"], shift["start"], shift["source"]) for shift in found[:2]] == [
        ("bob", "2026-01-06T10:00:00Z", "rotation"),
        ("carol", "2026-01-06T12:00:00Z", "override"),
    ]
    assert "bob" not in {shift["user"] for shift in found[1:]}


def test_the_past_is_also_theirs_who_had_the_turn_after_them(alice: Caller, database: Database, clock: Clock) -> None:
    assert alice.post("/config/apply", DAVE_IS_A_DEVELOPER).status_code == 200
    retire(alice, "bob")
    clock.advance(hours=2)
    retire(alice, "dave")

    hours = [on(alice, "L1", f"2026-01-06T{hour}:30:00Z") for hour in (11, 13, 14)]
    assert hours[:2] == [["bob"], ["dave"]]
    assert hours[2] == ["alice"]


def set_up(alice: Caller, clock: Clock, text: str) -> None:
    """From the beginning."""
    clock.now = SET_UP_AT
    assert alice.post("/config/apply?confirm=true", text).status_code == 200
    clock.now = NOON


def test_the_past_is_theirs_only_where_no_rotation_above_had_it(
    alice: Caller, database: Database, clock: Clock
) -> None:
    """Carol has it from 10:00 to 11:00, and what bob leaves."""
    set_up(alice, clock, BOB_AND_CAROL_BY_MORNING)
    publish_turns(database, NOON)
    retire(alice, "bob")

    hours = [on(alice, "L1", f"2026-01-06T{at}:00Z", "quiet") for at in ("10:30", "11:30", "12:30")]
    assert hours == [["carol"], ["bob"], ["carol"]]


def test_whoever_stood_in_for_them_before_the_turn_was_told_has_the_past_still(
    alice: Caller, database: Database, clock: Clock
) -> None:
    clock.now = SET_UP_AT
    override(alice, user="alice", replaces="bob", start="2026-01-06T10:00:00Z", end="2026-01-06T11:00:00Z")
    clock.now = NOON
    retire(alice, "bob")

    assert [on(alice, "L1", f"2026-01-06T{hour}:30:00Z") for hour in (10, 11)] == [["alice"], ["bob"]]


def test_of_the_last_in_a_rotation_the_past_is_theirs_and_not_that_of_the_rotation_below(
    alice: Caller, database: Database, clock: Clock
) -> None:
    set_up(alice, clock, BOB_ABOVE_CAROL)
    publish_turns(database, NOON)
    retire(alice, "bob")

    assert [on(alice, "L1", f"2026-01-06T{hour}:30:00Z", "quiet") for hour in (11, 12)] == [["bob"], ["carol"]]
