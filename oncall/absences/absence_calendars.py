"""Calendars that absences are read from: subscribed to by their owner, fetched again by the engine every hour.

What was read last stays until it can be read anew. The address is a secret: nothing here logs it or says it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog
from sqlmodel import Session, col, func, select

from oncall.absences.calendar_reader import CalendarCopy, Wanted, read_calendar
from oncall.clock import Clock
from oncall.db.database import Database
from oncall.errors import BadInput, Conflict, NotFound, TooManyRequests
from oncall.models import Absence, AbsenceCalendar, User
from oncall.settings import Settings
from schedules.busy import BusySpan

log = structlog.get_logger(__name__)

MOST_CALENDARS = 5
LONGEST_SHORTEST = 24
"""Hours: whole days always count."""
LONGEST_ADDRESS = 2000
READ_AGAIN_AFTER = timedelta(hours=1)
LONGEST_PAUSE = timedelta(hours=24)
SHORTEST_DAY = timedelta(hours=22)
"""A day on which clocks jump ahead counts as whole."""
BEHIND, AHEAD = timedelta(days=1), timedelta(days=366)
"""What of a calendar is kept, counted from when it is read."""
_AT_ONCE = 5
"""Calendars claimed at a time, so that another engine can take the rest."""
_SCHEMES = {"http": "http", "https": "https", "webcal": "https", "webcals": "https"}


def check_address(text: str) -> str:
    """The address to fetch; webcal is https. Raises BadInput."""
    text = text.strip()
    try:
        parts = urlsplit(text)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise BadInput("This is no web address: copy the calendar's iCal address again.", field="url") from None
    scheme = _SCHEMES.get(parts.scheme.lower())
    if scheme is None or not has_host or not text.isprintable() or " " in text:
        raise BadInput(
            "This is no calendar's address: it begins with https://, http:// or webcal://. Copy it from your "
            "calendar's settings.",
            field="url",
        )
    if len(text) > LONGEST_ADDRESS:
        raise BadInput(f"The address is longer than {LONGEST_ADDRESS:,} characters.", field="url")
    return parts._replace(scheme=scheme).geturl()


def check_may_subscribe(session: Session, user: User, url: str) -> None:
    """Before anything is fetched. Raises Conflict."""
    urls = session.exec(select(AbsenceCalendar.url).where(AbsenceCalendar.user_id == user.id)).all()
    if url in urls:
        raise Conflict("You have this calendar already: it is read every hour.", field="url")
    if len(urls) >= MOST_CALENDARS:
        raise Conflict(f"You have {MOST_CALENDARS} calendars, which is the most: remove one first.")


def read_first(user: User, url: str, settings: Settings, now: datetime) -> CalendarCopy:
    """Takes seconds: not inside a transaction. Raises BadInput for what can't be read or is no calendar."""
    copy = read_calendar(_wanted(url, user.timezone, settings, now))
    assert copy is not None  # there was none to be the same as
    return copy


def subscribe(
    session: Session, user: User, url: str, copy: CalendarCopy, now: datetime, shortest_hours: int = 0
) -> AbsenceCalendar:
    """Store an address with what `read_first` gave. Raises Conflict or BadInput."""
    assert user.id is not None
    if not 0 <= shortest_hours <= LONGEST_SHORTEST:
        said = f"Say how many hours an event lasts at least: a whole number from 0 to {LONGEST_SHORTEST}."
        raise BadInput(said, field="shortest_hours")
    check_may_subscribe(session, user, url)
    calendar = AbsenceCalendar(user_id=user.id, url=url, fetch_at=now, shortest_hours=shortest_hours)
    session.add(calendar)
    session.flush()
    _keep(session, calendar, copy, now)
    return calendar


def unsubscribe(session: Session, user: User, calendar_id: int) -> None:
    """With the absences read from it. Raises NotFound."""
    calendar = session.get(AbsenceCalendar, calendar_id)
    if calendar is None or calendar.user_id != user.id:
        raise NotFound("You have no such calendar.")
    session.delete(calendar)
    session.flush()


def calendars_of(session: Session, user: User) -> Sequence[AbsenceCalendar]:
    mine = select(AbsenceCalendar).where(AbsenceCalendar.user_id == user.id)
    return session.exec(mine.order_by(col(AbsenceCalendar.id))).all()


def busy_times(session: Session, user: User) -> dict[int | None, int]:
    """By calendar, how many absences were read from it."""
    rows = (
        select(Absence.calendar_id, func.count()).where(Absence.user_id == user.id).group_by(col(Absence.calendar_id))
    )
    return dict(session.exec(rows).all())


def fetch_due(
    database: Database, settings: Settings, clock: Clock, is_stopping: Callable[[], bool] = lambda: False
) -> int:
    """Fetch every calendar that is due and give how many. Nothing is held while the network is waited for."""
    fetched = 0
    while not is_stopping() and (due := _claim(database, settings, clock())):
        for calendar_id, wanted in due:
            if is_stopping():
                break
            _fetch(database, calendar_id, wanted, clock)
            fetched += 1
    return fetched


def _claim(database: Database, settings: Settings, now: datetime) -> list[tuple[int, Wanted]]:
    """Nobody else fetches them for an hour, and if we die, somebody does then."""
    with database.transaction() as session:
        due = select(AbsenceCalendar, User).join(User)
        due = due.where(col(AbsenceCalendar.fetch_at) <= now, col(User.retired_at).is_(None))
        due = due.order_by(col(AbsenceCalendar.fetch_at)).limit(_AT_ONCE)
        rows = session.exec(due.with_for_update(skip_locked=True, of=AbsenceCalendar)).all()
        for calendar, _ in rows:
            calendar.fetch_at = now + READ_AGAIN_AFTER
            session.add(calendar)
        return [(calendar.id or 0, _again(calendar, user, settings, now)) for calendar, user in rows]


def _again(calendar: AbsenceCalendar, user: User, settings: Settings, now: datetime) -> Wanted:
    """Once a day it is read whatever its server says of changes: time passes, and more of it comes into the window."""
    if calendar.read_at is None or calendar.read_at.date() != now.date():
        return _wanted(calendar.url, user.timezone, settings, now)
    return _wanted(calendar.url, user.timezone, settings, now, calendar.etag, calendar.last_modified)


def _wanted(
    url: str, timezone: str, settings: Settings, now: datetime, etag: str = "", last_modified: str = ""
) -> Wanted:
    return Wanted(url, timezone, now - BEHIND, now + AHEAD, settings.allow_private_addresses, etag, last_modified)


def _fetch(database: Database, calendar_id: int, wanted: Wanted, clock: Clock) -> None:
    error, copy = "", None
    try:
        copy = read_calendar(wanted)
    except (BadInput, TooManyRequests) as refused:
        error = refused.detail
        log.info("absence_calendar.not_read", calendar=calendar_id, error=error)
    now = clock()
    with database.transaction() as session:
        one = select(AbsenceCalendar).where(AbsenceCalendar.id == calendar_id).with_for_update()
        calendar = session.exec(one).first()
        if calendar is None:  # removed meanwhile
            return
        if error:
            _keep_old(session, calendar, error, now)
        else:
            _keep(session, calendar, copy, now)


def _counts(span: BusySpan, shortest_hours: int) -> bool:
    return span.end - span.start >= min(timedelta(hours=shortest_hours), SHORTEST_DAY)


def _keep_old(session: Session, calendar: AbsenceCalendar, error: str, now: datetime) -> None:
    """The longer it has not been readable, the longer the pause."""
    age = now - (calendar.read_at or now)
    calendar.error = error[:500]
    calendar.fetch_at = now + min(max(age, READ_AGAIN_AFTER), LONGEST_PAUSE)
    session.add(calendar)


def _keep(session: Session, calendar: AbsenceCalendar, copy: CalendarCopy | None, now: datetime) -> None:
    """`copy` is None where it is the same as before. Absences that stay keep their numbers."""
    calendar.read_at, calendar.fetch_at, calendar.error = now, now + READ_AGAIN_AFTER, ""
    session.add(calendar)
    if copy is None:
        return
    # A longer one than we can keep is left out: half of it would match nothing.
    calendar.etag = copy.etag if len(copy.etag) <= 300 else ""
    calendar.last_modified = copy.last_modified if len(copy.last_modified) <= 100 else ""
    new = {(span.start, span.end, span.summary) for span in copy.spans if _counts(span, calendar.shortest_hours)}
    for absence in session.exec(select(Absence).where(Absence.calendar_id == calendar.id)):
        span = (absence.starts_at, absence.ends_at, absence.reason)
        if span in new:
            new.remove(span)
        else:
            session.delete(absence)
    for start, end, summary in sorted(new):
        session.add(
            Absence(
                user_id=calendar.user_id,
                starts_at=start,
                ends_at=end,
                reason=summary,
                calendar_id=calendar.id,
                created_at=now,
            )
        )
    session.flush()
