"""A calendar feed over HTTP: what a calendar gets, when it is told that nothing changed, and when the link is dead."""

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from icalendar import Calendar
from sqlmodel import select

from oncall.config.apply import apply
from oncall.config.load import load
from oncall.feeds import open_feed, token_of
from oncall.models import CalendarFeed, Schedule, User
from oncall.publishing import publish
from oncall.runtime import Runtime, build_runtime
from oncall.settings import Settings
from tests.web.api.conftest import COMPANY, NOON, Clock
from web.app import create_app

BOB_TAKES_L1 = """
schedules:
  - name: dev
    overrides: [{level: L1, user: bob, start: 2026-01-08T10:00, end: 2026-01-09T10:00}]
"""


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
            apply(session, load(text), self.clock())
        self.publish()

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
def calendar(settings: Settings) -> Iterator[Subscriber]:
    clock = Clock(NOON)
    runtime = build_runtime(settings, clock, with_engine=False)
    with runtime.database.transaction() as session:
        apply(session, load(COMPANY), NOON)
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


def test_compressed_it_is_the_same_calendar_with_a_tag_of_its_own(calendar: Subscriber) -> None:
    plain = calendar.get()
    raw = calendar.client.build_request("GET", calendar.path, headers={"accept-encoding": "gzip"})
    packed = calendar.client.send(raw, stream=True)
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["etag"] != plain.headers["etag"]
    assert gzip.decompress(b"".join(packed.iter_raw())) == plain.content
    assert calendar.get(if_none_match=packed.headers["etag"]).status_code == 304


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
