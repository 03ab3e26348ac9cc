"""A calendar feed over HTTP: what a calendar gets, when it is told that nothing changed, and when the link is dead."""

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlmodel import select

from oncall.config.apply import apply
from oncall.config.load import load
from oncall.models import CalendarFeed, Schedule, ShadowKind, User
from oncall.people.people import find_user
from oncall.rota.feeds import find_team, open_feed, token_of
from oncall.rota.plans import find_schedule
from oncall.rota.publishing import publish
from oncall.rota.shadows import NewShadow, add_shadow, end_shadow
from oncall.running.runtime import Runtime, build_runtime
from oncall.settings import Settings
from tests.client import TestClient
from tests.conftest import Contents
from tests.web.api.conftest import COMPANY, NOON, Clock
from web.app import create_app

BOB_TAKES_L1 = """
schedules:
  - name: dev
    overrides: [{level: L1, user: bob, start: 2026-01-08T10:00, end: 2026-01-09T10:00}]
"""
FAR_AWAY = BOB_TAKES_L1.replace("2026-", "2027-")
"""Beyond what calendars have."""


class Subscriber:
    """A calendar that follows the schedule dev."""

    def __init__(self, client: TestClient, runtime: Runtime, clock: Clock) -> None:
        self.client, self.runtime, self.clock = client, runtime, clock
        with runtime.database.transaction() as session:
            owner = session.exec(select(User).where(User.handle == "bob")).one()
            schedule = session.exec(select(Schedule).where(Schedule.name == "dev")).one()
            self.path = f"/ical/{token_of(runtime.signer, open_feed(session, owner, clock(), schedule))}.ics"
        self.publish()

    def apply(self, text: str) -> None:
        with self.runtime.database.transaction() as session:
            apply(session, load(text), self.clock(), confirm=True)
        self.publish()

    def my_own(self) -> "Subscriber":
        """The same, of Bob's own shifts."""
        with self.runtime.database.transaction() as session:
            owner = session.exec(select(User).where(User.handle == "bob")).one()
            self.path = f"/ical/{token_of(self.runtime.signer, open_feed(session, owner, self.clock()))}.ics"
        return self

    def follow(self, level: str = "L1", kind: ShadowKind = ShadowKind.SHADOW, *, in_days: int = 1) -> int:
        """Alice has Bob follow for a day. Gives its number."""
        start = self.clock() + timedelta(days=in_days)
        with self.runtime.database.transaction() as session:
            bob, alice = find_user(session, "bob"), find_user(session, "alice")
            wanted = NewShadow(level, bob, start, start + timedelta(days=1), kind)
            return add_shadow(session, alice, find_schedule(session, "dev"), wanted, self.clock()).id or 0

    def call_off(self, number: int) -> None:
        with self.runtime.database.transaction() as session:
            end_shadow(session, find_user(session, "alice"), number, self.clock())

    def followed(self) -> list[Any]:
        events = Calendar.from_ical(self.get().content).walk("VEVENT")
        return [event for event in events if not str(event["SUMMARY"]).startswith("L")]

    def publish(self) -> None:
        publish(self.runtime.database, self.clock(), only_if_changed=True)

    def get(self, method: str = "GET", **headers: str) -> Any:
        plain = {"accept-encoding": "identity"}
        return self.client.request(
            method, self.path, headers=plain | {k.replace("_", "-"): v for k, v in headers.items()}
        )

    def events(self) -> dict[tuple[datetime, str], Any]:
        events = Calendar.from_ical(self.get().content).walk("VEVENT")
        return {(event["DTSTART"].dt, str(event["SUMMARY"]).split()[0]): event for event in events}


@pytest.fixture
def contents() -> Contents:
    return Contents(NOON, (COMPANY,))


@pytest.fixture
def calendar(sqlite_settings: Settings) -> Iterator[Subscriber]:
    clock = Clock(NOON)
    settings = sqlite_settings.model_copy(update={"public_url": "https://oncall.example.com"})
    runtime = build_runtime(settings, clock, with_engine=False)
    with TestClient(create_app(runtime)) as client:
        yield Subscriber(client, runtime, clock)


def test_it_is_a_calendar_of_final_shifts(calendar: Subscriber) -> None:
    answer = calendar.get()
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private, max-age=300"
    assert b"METHOD" not in answer.content
    event = calendar.events()[datetime(2026, 1, 6, 10, tzinfo=UTC), "L1"]
    assert (event["SUMMARY"], event["DTEND"].dt) == ("L1 dev: Bob Baker", datetime(2026, 1, 7, 10, tzinfo=UTC))
    assert event["TRANSP"] == "TRANSPARENT"


def test_unchanged_is_a_304_by_tag_and_by_date(calendar: Subscriber) -> None:
    first = calendar.get()
    calendar.clock.advance(minutes=5)
    by_tag = calendar.get(if_none_match=first.headers["etag"])
    by_date = calendar.get(if_modified_since=first.headers["last-modified"])
    assert (by_tag.status_code, by_date.status_code) == (304, 304)
    assert by_tag.content == b""
    assert by_tag.headers["etag"] == first.headers["etag"]
    assert calendar.get().content == first.content


def test_a_change_that_no_calendar_shows_leaves_the_tag(calendar: Subscriber) -> None:
    before = calendar.get().headers["etag"]
    calendar.apply(FAR_AWAY)
    calendar.apply("users: [{handle: bob, name: Bob Baker}]")
    assert calendar.get(if_none_match=before).status_code == 304

    calendar.apply("users: [{handle: bob, name: Robert Baker}]")
    assert calendar.get(if_none_match=before).status_code == 200


def test_an_edit_changes_tag_and_sequence_and_keeps_the_uid(calendar: Subscriber) -> None:
    before, at = calendar.get(), (datetime(2026, 1, 8, 10, tzinfo=UTC), "L1")
    was = calendar.events()[at]
    calendar.clock.advance(seconds=2)
    calendar.apply(BOB_TAKES_L1)
    assert calendar.get(if_none_match=before.headers["etag"]).status_code == 200
    assert calendar.get(if_modified_since=before.headers["last-modified"]).status_code == 200
    now = calendar.events()[at]
    assert (now["UID"], now["SEQUENCE"], now["SUMMARY"]) == (was["UID"], was["SEQUENCE"] + 1, "L1 dev: Bob Baker")
    assert was["SUMMARY"] == "L1 dev: Alice Archer"


def test_what_is_said_of_a_shift_is_true_when_only_the_reason_for_it_changes(calendar: Subscriber) -> None:
    at = (datetime(2026, 1, 9, 10, tzinfo=UTC), "L1")
    was = calendar.events()[at]
    calendar.apply(BOB_TAKES_L1.replace("01-09", "01-10").replace("01-08", "01-09"))
    now = calendar.events()[at]
    assert was["DESCRIPTION"] == "Bob Baker is on call for dev (L1)."
    assert now["DESCRIPTION"] == "Bob Baker is on call for dev (L1). By override."
    assert (now["UID"], now["SEQUENCE"]) == (was["UID"], was["SEQUENCE"] + 1)


def test_a_shift_that_changes_hands_moves_from_one_calendar_to_the_other(calendar: Subscriber) -> None:
    def mine(handle: str) -> dict[str, int]:
        with calendar.runtime.database.transaction() as session:
            owner = session.exec(select(User).where(User.handle == handle)).one()
            feed = open_feed(session, owner, calendar.clock())
        read = calendar.client.get(f"/ical/{token_of(calendar.runtime.signer, feed)}.ics").content
        return {str(event["UID"]): event["SEQUENCE"] for event in Calendar.from_ical(read).walk("VEVENT")}

    alice, bob = mine("alice"), mine("bob")
    calendar.apply(BOB_TAKES_L1)
    (moved,) = alice.keys() - mine("alice").keys()
    assert mine("bob").keys() - bob.keys() == {moved}
    assert mine("bob")[moved] == alice[moved] + 1


def test_my_own_calendar_says_whom_i_follow_and_that_it_is_not_being_on_call(calendar: Subscriber) -> None:
    calendar.my_own().follow()
    (event,) = calendar.followed()
    start = NOON + timedelta(days=1)
    assert (event["SUMMARY"], event["SEQUENCE"]) == ("Following L1 dev: Bob Baker", 0)
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (start, start + timedelta(days=1))
    assert event["DESCRIPTION"] == "Bob Baker follows along with dev (L1) and gets a copy of every page: not on call."
    assert (event["TRANSP"], event["DTSTAMP"].dt) == ("TRANSPARENT", NOON)
    assert event["URL"] == "https://oncall.example.com/schedules/dev"


def test_in_reverse_it_says_that_i_am_paged_first(calendar: Subscriber) -> None:
    calendar.my_own().follow(kind=ShadowKind.REVERSE)
    (event,) = calendar.followed()
    assert event["SUMMARY"] == "Paged first, to learn, L1 dev: Bob Baker"
    assert event["DESCRIPTION"] == "Bob Baker is paged first for dev (L1), and whoever is on call a minute later."


def test_its_uid_stays_and_is_no_other_installations(calendar: Subscriber) -> None:
    calendar.my_own().follow()
    calendar.clock.advance(seconds=1)
    calendar.follow("L2")
    first, second = (str(event["UID"]) for event in calendar.followed())
    assert first.partition("-")[2].partition("-")[2] != second.partition("-")[2].partition("-")[2], (
        "not the number alone"
    )
    calendar.clock.advance(minutes=30)
    calendar.apply(BOB_TAKES_L1)
    assert [str(event["UID"]) for event in calendar.followed()] == [first, second]


def test_a_shadow_shift_that_is_made_or_called_off_changes_the_tag_of_my_own_calendar(calendar: Subscriber) -> None:
    before = calendar.my_own().get()
    calendar.clock.advance(minutes=1)
    number = calendar.follow()
    made = calendar.get(if_none_match=before.headers["etag"])
    assert made.status_code == 200
    assert calendar.get(if_modified_since=before.headers["last-modified"]).status_code == 200
    assert calendar.get(if_none_match=made.headers["etag"]).status_code == 304

    calendar.call_off(number)
    off = calendar.get(if_none_match=made.headers["etag"])
    assert (off.status_code, off.content) == (200, before.content)


def test_one_that_was_ended_early_ends_then_in_calendars_too(calendar: Subscriber) -> None:
    number = calendar.my_own().follow()
    calendar.clock.advance(days=1, hours=2)
    before = calendar.get()
    calendar.call_off(number)
    assert calendar.get(if_none_match=before.headers["etag"]).status_code == 200
    assert calendar.get(if_modified_since=before.headers["last-modified"]).status_code == 200
    (event,) = calendar.followed()
    start, ended = NOON + timedelta(days=1), calendar.clock()
    assert (event["DTSTART"].dt, event["DTEND"].dt, event["SEQUENCE"]) == (start, ended, 1)
    assert (event["DTSTAMP"].dt, event["LAST-MODIFIED"].dt) == (ended, ended)


def test_one_that_is_over_stays_as_long_as_shifts_do(calendar: Subscriber) -> None:
    calendar.my_own().follow()
    calendar.clock.advance(days=31)
    assert [str(event["SUMMARY"]) for event in calendar.followed()] == ["Following L1 dev: Bob Baker"]
    calendar.clock.advance(days=2)
    assert calendar.followed() == []


def test_the_calendar_of_a_schedule_has_no_shadow_shifts(calendar: Subscriber) -> None:
    before = calendar.get()
    calendar.follow()
    calendar.publish()
    assert calendar.get(if_none_match=before.headers["etag"]).status_code == 304
    assert calendar.followed() == []


def test_somebodys_new_name_reaches_calendars(calendar: Subscriber) -> None:
    before = calendar.get()
    calendar.apply("users: [{handle: bob, name: Robert Baker}]")
    assert "Robert Baker" in calendar.get(if_none_match=before.headers["etag"]).text


def test_the_next_day_another_day_is_in_the_window(calendar: Subscriber) -> None:
    before = calendar.get()
    calendar.clock.advance(days=1)
    publish(calendar.runtime.database, calendar.clock(), only_if_changed=False)
    after = calendar.get(if_none_match=before.headers["etag"])
    assert after.status_code == 200
    assert max(calendar.events())[0] - max(_starts(before)) == timedelta(days=1)


def _starts(answer: Any) -> list[datetime]:
    return [event["DTSTART"].dt for event in Calendar.from_ical(answer.content).walk("VEVENT")]


def packed(calendar: Subscriber, **headers: str) -> Any:
    """The answer as it is sent to whoever takes gzip: not unpacked by the client."""
    asked = {"accept-encoding": "gzip"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return calendar.client.send(calendar.client.build_request("GET", calendar.path, headers=asked), stream=True)


def test_compressed_it_is_the_same_calendar(calendar: Subscriber) -> None:
    answer = packed(calendar)
    assert (answer.headers["content-encoding"], answer.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert gzip.decompress(b"".join(answer.iter_raw())) == calendar.get().content


def test_each_encoding_has_a_tag_of_its_own(calendar: Subscriber) -> None:
    plain_tag, packed_tag = calendar.get().headers["etag"], packed(calendar).headers["etag"]
    assert plain_tag != packed_tag
    unchanged = packed(calendar, if_none_match=packed_tag)
    assert (unchanged.status_code, unchanged.headers["etag"]) == (304, packed_tag)
    assert packed(calendar, if_none_match=plain_tag).status_code == 200
    assert calendar.get(if_none_match=packed_tag).status_code == 200
    assert calendar.get(if_none_match=f'"other", W/{plain_tag}').status_code == 304


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [("gzip, deflate, br", "gzip"), ("br, GZIP ; q=0.5", "gzip"), ("gzip;q=0, identity", None), ("br", None)],
)
def test_it_is_compressed_only_for_those_who_take_it(calendar: Subscriber, accepted: str, coding: str | None) -> None:
    assert calendar.get(accept_encoding=accepted).headers.get("content-encoding") == coding


def test_a_304_says_what_a_cache_must_know(calendar: Subscriber) -> None:
    first = calendar.get()
    unchanged = calendar.get(if_none_match=first.headers["etag"])
    for name in ("etag", "last-modified", "cache-control", "vary"):
        assert unchanged.headers[name] == first.headers[name]


def test_a_date_that_is_none_is_overlooked(calendar: Subscriber) -> None:
    assert calendar.get(if_modified_since="yesterday").status_code == 200


def test_a_tag_that_differs_counts_for_more_than_a_date_that_does_not(calendar: Subscriber) -> None:
    date = calendar.get().headers["last-modified"]
    assert calendar.get(if_none_match='"old"', if_modified_since=date).status_code == 200


def test_the_window_is_30_days_back_and_180_ahead(calendar: Subscriber) -> None:
    calendar.clock.advance(days=60)
    publish(calendar.runtime.database, calendar.clock(), only_if_changed=False)
    midnight = calendar.clock().replace(hour=0)
    ends = [event["DTEND"].dt for event in calendar.events().values()]
    assert midnight - timedelta(days=30) < min(ends) <= midnight - timedelta(days=29)
    assert midnight + timedelta(days=179) <= max(_starts(calendar.get())) < midnight + timedelta(days=180)


ODD_NAMES = """
users: [{handle: bob, name: 'Zoë; O’Neil, "Łukasz" \\ 日本'}]
teams: [{name: 'Größe, eins; zwei', members: [bob]}]
schedules:
  - name: 'päge, me; now #1?'
    team: 'Größe, eins; zwei'
    timezone: UTC
    levels: [L1]
    rotations: [{name: all, members: [bob], start: 2026-01-05T10:00, shift: 1 day}]
"""


def test_names_of_every_kind_come_through(calendar: Subscriber) -> None:
    calendar.apply(ODD_NAMES)
    with calendar.runtime.database.transaction() as session:
        owner = session.exec(select(User).where(User.handle == "bob")).one()
        team = find_team(session, "Größe, eins; zwei")
        feed = open_feed(session, owner, calendar.clock(), team=team)
        calendar.path = f"/ical/{token_of(calendar.runtime.signer, feed)}.ics"
    answer = calendar.get()
    event = Calendar.from_ical(answer.content).walk("VEVENT")[0]
    assert max(map(len, answer.content.split(b"\r\n"))) <= 75
    assert r"NAME:Team Größe\, eins\; zwei on call" in answer.text.splitlines()
    assert r"X-WR-CALNAME:Team Größe\, eins\; zwei on call" in answer.text.splitlines()
    assert event["SUMMARY"] == 'L1 päge, me; now #1?: Zoë; O’Neil, "Łukasz" \\ 日本'
    assert event["URL"] == "https://oncall.example.com/schedules/p%C3%A4ge%2C%20me%3B%20now%20%231%3F"


def test_head_is_get_without_the_body(calendar: Subscriber) -> None:
    answer = calendar.get("HEAD")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["etag"] == calendar.get().headers["etag"]


def test_a_revoked_link_is_gone_and_a_forged_one_was_never_there(calendar: Subscriber) -> None:
    with calendar.runtime.database.transaction() as session:
        for feed in session.exec(select(CalendarFeed)):
            feed.revoked_at = NOON
            session.add(feed)
    assert calendar.get().status_code == 410
    assert calendar.client.get("/ical/1.forged.ics").status_code == 404
