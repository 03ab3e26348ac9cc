"""Calendars followed over time: what is stored, what stays when they fail, and when they are asked again."""

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from oncall.absences import absence_calendars, calendar_reader
from oncall.absences.absence_calendars import AHEAD, BEHIND, READ_AGAIN_AFTER, fetch_due
from oncall.absences.calendar_reader import CalendarCopy, Wanted, read_calendar
from oncall.db.database import Database
from oncall.errors import BadInput, Conflict, NotFound, TooManyRequests
from oncall.models import Absence, AbsenceCalendar, User
from oncall.people.people import find_user
from oncall.running.runtime import build_runtime
from oncall.settings import Settings
from schedules.busy import BusySpan
from tests.calendar_server import CALENDAR, Answer, CalendarServer, calendar_server

NOON = datetime(2026, 1, 6, 12, 0, tzinfo=UTC)
ROME = (datetime(2026, 1, 7, 5, tzinfo=UTC), datetime(2026, 1, 8, 5, tzinfo=UTC), "Holiday in Rome")
"""A whole day in New York."""


class Clock:
    now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def settings(sqlite_settings: Settings) -> Settings:
    return sqlite_settings


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server() -> Iterator[CalendarServer]:
    with calendar_server() as running:
        yield running


@pytest.fixture
def open_settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"allow_private_addresses": True})


@pytest.fixture
def alice(database: Database) -> User:
    with database.transaction() as session:
        for handle in ("alice", "bob"):
            session.add(User(handle=handle, name=handle.title(), timezone="America/New_York", created_at=NOON))
        session.flush()
        return find_user(session, "alice")


@pytest.fixture
def followed(database: Database, alice: User, server: CalendarServer) -> CalendarServer:
    """The server of a calendar that alice follows, as if it had been read at noon: that takes a process each time."""
    with database.transaction() as session:
        absence_calendars.subscribe(session, alice, server.url, CalendarCopy([BusySpan(*ROME)], "", ""), NOON)
    return server


def absences(database: Database) -> list[tuple[datetime, datetime, str]]:
    with database.read() as session:
        return [(row.starts_at, row.ends_at, row.reason) for row in session.exec(select(Absence).order_by(Absence.id))]


def stored(database: Database) -> AbsenceCalendar:
    with database.read() as session:
        return session.exec(select(AbsenceCalendar)).one()


def test_what_it_holds_becomes_absences_on_the_owner_s_clock(
    database: Database, open_settings: Settings, alice: User, server: CalendarServer
) -> None:
    copy = absence_calendars.read_first(alice, server.url, open_settings, NOON)
    with database.transaction() as session:
        absence_calendars.subscribe(session, alice, server.url, copy, NOON)

    assert absences(database) == [ROME]
    assert stored(database).read_at == NOON


MEETING = b"""BEGIN:VEVENT
UID:meeting
DTSTAMP:20260101T000000Z
DTSTART:20260109T100000Z
DTEND:20260109T103000Z
SUMMARY:Stand-up
END:VEVENT
BEGIN:VEVENT
UID:course
DTSTAMP:20260101T000000Z
DTSTART:20260110T100000Z
DTEND:20260110T150000Z
SUMMARY:Course
END:VEVENT
END:VCALENDAR"""


@pytest.mark.parametrize(
    ("shortest_hours", "left"),
    [(0, ["Holiday in Rome", "Stand-up", "Course"]), (4, ["Holiday in Rome", "Course"]), (24, ["Holiday in Rome"])],
)
def test_meetings_can_be_left_out(
    database: Database,
    open_settings: Settings,
    alice: User,
    server: CalendarServer,
    shortest_hours: int,
    left: list[str],
) -> None:
    server.answer = Answer(body=CALENDAR.replace(b"END:VCALENDAR", MEETING))
    copy = absence_calendars.read_first(alice, server.url, open_settings, NOON)
    with database.transaction() as session:
        absence_calendars.subscribe(session, alice, server.url, copy, NOON, shortest_hours)
    assert [reason for *_, reason in absences(database)] == left


@pytest.mark.parametrize("hours", [-1, 25])
def test_how_short_is_too_short_is_a_number_of_hours(database: Database, alice: User, hours: int) -> None:
    copy = CalendarCopy([], "", "")
    with pytest.raises(BadInput, match="from 0 to 24"), database.transaction() as session:
        absence_calendars.subscribe(session, alice, "https://example.com/a.ics", copy, NOON, hours)


def test_it_is_read_again_after_an_hour_and_not_before(
    database: Database, open_settings: Settings, clock: Clock, followed: CalendarServer
) -> None:
    followed.answer = Answer(body=CALENDAR.replace(b"Rome", b"Paris"))

    clock.now = NOON + READ_AGAIN_AFTER - timedelta(seconds=1)
    assert fetch_due(database, open_settings, clock) == 0
    clock.now = NOON + READ_AGAIN_AFTER
    assert fetch_due(database, open_settings, clock) == 1

    assert [reason for *_, reason in absences(database)] == ["Holiday in Paris"]
    assert stored(database).fetch_at == clock.now + READ_AGAIN_AFTER


def test_an_absence_that_stays_keeps_its_number(
    database: Database, open_settings: Settings, clock: Clock, followed: CalendarServer
) -> None:
    with database.read() as session:
        before = session.exec(select(Absence.id)).all()
    clock.now += READ_AGAIN_AFTER

    fetch_due(database, open_settings, clock)

    with database.read() as session:
        assert session.exec(select(Absence.id)).all() == before


def test_what_has_not_changed_is_not_sent_again_but_once_a_day(
    database: Database, open_settings: Settings, clock: Clock, followed: CalendarServer
) -> None:
    followed.answer = Answer(headers={"ETag": '"1"'})
    for _ in range(2):
        clock.now += READ_AGAIN_AFTER
        assert fetch_due(database, open_settings, clock) == 1
    assert followed.asked[-1]["If-None-Match"] == '"1"'
    assert absences(database) == [ROME]
    assert stored(database).read_at == clock.now

    clock.now += timedelta(days=1) - BEHIND / 2
    fetch_due(database, open_settings, clock)

    assert "If-None-Match" not in followed.asked[-1]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(500), "answered 500"),
        (Answer(body=b"<html>Sign in</html>"), "a web page (perhaps one to sign in)"),
        (Answer(body=CALENDAR[:-20]), "cut off before its end"),
    ],
)
def test_the_last_good_copy_stays_and_the_reason_is_kept(
    database: Database, open_settings: Settings, clock: Clock, followed: CalendarServer, answer: Answer, said: str
) -> None:
    followed.answer = answer
    clock.now += READ_AGAIN_AFTER

    fetch_due(database, open_settings, clock)

    failed = stored(database)
    assert said in failed.error
    assert failed.read_at == NOON
    assert absences(database) == [ROME]

    followed.answer = Answer()
    clock.now = failed.fetch_at
    fetch_due(database, open_settings, clock)
    assert (stored(database).error, stored(database).read_at) == ("", clock.now)


def test_the_longer_it_fails_the_longer_the_pause_up_to_a_day(
    database: Database, open_settings: Settings, clock: Clock, followed: CalendarServer
) -> None:
    followed.answer = Answer(500)
    pauses = []
    for hours in (1, 6, 40):
        clock.now = NOON + timedelta(hours=hours)
        fetch_due(database, open_settings, clock)
        pauses.append((stored(database).fetch_at - clock.now) // timedelta(hours=1))

    assert pauses == [1, 6, 24]


def test_a_private_address_is_not_fetched_where_it_is_not_allowed(
    database: Database, settings: Settings, clock: Clock, followed: CalendarServer
) -> None:
    clock.now += READ_AGAIN_AFTER

    fetch_due(database, settings, clock)

    assert "private network" in stored(database).error
    assert followed.asked == []


def test_who_has_retired_is_not_fetched_for(
    database: Database, open_settings: Settings, clock: Clock, followed: CalendarServer
) -> None:
    clock.now += READ_AGAIN_AFTER
    with database.transaction() as session:
        find_user(session, "alice").retired_at = clock.now

    assert fetch_due(database, open_settings, clock) == 0


def test_two_engines_do_not_fetch_the_same_calendar(
    database: Database, open_settings: Settings, clock: Clock, followed: CalendarServer
) -> None:
    clock.now += READ_AGAIN_AFTER

    assert [fetch_due(database, open_settings, clock) for _ in range(2)] == [1, 0]


def test_a_rule_without_end_is_given_up(server: CalendarServer) -> None:
    """Rules that match no day: the library looks until the year 9999 for each."""
    rule = b"DTSTART:20000101T000000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"
    events = b"\n".join(b"BEGIN:VEVENT\nUID:%d\n%s\nEND:VEVENT" % (number, rule) for number in range(50))
    server.answer = Answer(body=b"BEGIN:VCALENDAR\n%s\nEND:VCALENDAR\n" % events)
    wanted = Wanted(server.url, "UTC", NOON, NOON + AHEAD, allow_private=True)

    with pytest.raises(BadInput, match="takes too long to read"):
        read_calendar(wanted, seconds=1.5)


def test_where_others_wait_for_their_calendars_nobody_waits_behind_them() -> None:
    """Each that waits takes a thread that a page could be acknowledged with."""

    def wait_in_line() -> None:
        with calendar_reader.line.turn():
            pass

    wanted = Wanted("https://example.com/a.ics", "UTC", NOON, NOON + AHEAD, allow_private=False)
    with ThreadPoolExecutor(calendar_reader.IN_LINE + 1) as pool, ExitStack() as held:
        for _ in range(calendar_reader.MOST_AT_ONCE):
            held.enter_context(calendar_reader.line.turn())
        waiting = [pool.submit(wait_in_line) for _ in range(calendar_reader.IN_LINE + 1)]
        refused = wait(waiting, return_when=FIRST_COMPLETED).done

        with pytest.raises(TooManyRequests, match="Try again in a minute"):
            read_calendar(wanted)
        assert len(refused) == 1


def test_the_engine_fetches_beside_paging(
    open_settings: Settings, database: Database, clock: Clock, followed: CalendarServer
) -> None:
    clock.now += READ_AGAIN_AFTER
    runtime = build_runtime(open_settings, clock, with_engine=True)
    assert runtime.engine is not None

    runtime.engine.jobs.fetch_calendars()

    runtime.database.close()

    assert stored(database).read_at == clock.now


def test_five_calendars_are_the_most_and_each_once(database: Database, alice: User, followed: CalendarServer) -> None:
    with database.transaction() as session:
        with pytest.raises(Conflict, match="have this calendar already"):
            absence_calendars.check_may_subscribe(session, alice, followed.url)
        for number in range(4):
            session.add(AbsenceCalendar(user_id=alice.id or 0, url=f"https://example.com/{number}", fetch_at=NOON))
        session.flush()
        with pytest.raises(Conflict, match="5 calendars, which is the most"):
            absence_calendars.check_may_subscribe(session, alice, "https://example.com/more")


def test_only_its_owner_can_remove_it_and_its_absences_go_with_it(
    database: Database, alice: User, followed: CalendarServer
) -> None:
    number = stored(database).id or 0
    with database.transaction() as session, pytest.raises(NotFound):
        absence_calendars.unsubscribe(session, find_user(session, "bob"), number)
    assert absences(database) == [ROME]

    with database.transaction() as session:
        absence_calendars.unsubscribe(session, alice, number)
    assert absences(database) == []


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (" webcal://example.com/a.ics ", "https://example.com/a.ics"),
        ("HTTPS://example.com/a.ics?x=1", "https://example.com/a.ics?x=1"),
        ("http://example.com:8080/a", "http://example.com:8080/a"),
    ],
)
def test_an_address_of_the_web_is_taken(typed: str, read: str) -> None:
    assert absence_calendars.check_address(typed) == read


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "a.ics",
        "ftp://example.com/a",
        "file:///etc/passwd",
        "https://",
        "http://[",
        "https://example.com:x/",
        "https://example.com/a b",
        "https://example.com/\u2028a",
        "https://example.com/" + "x" * 2000,
    ],
)
def test_an_address_of_something_else_is_refused_by_its_field(typed: str) -> None:
    with pytest.raises(BadInput) as refused:
        absence_calendars.check_address(typed)
    assert refused.value.field == "url"
