"""Calendar links: who may read which shifts without a login, and what they read.

A link's token is `<id>.<signature>`: nothing secret is stored, the link can be shown again, and revoking is a date.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from sqlmodel import Session, col, select

from oncall import __version__
from oncall.auth.signing import Signer
from oncall.errors import Gone, NotFound
from oncall.installation import installation, shared_revision
from oncall.models import CalendarFeed, PublishedShift, Schedule, ShadowKind, ShadowShift, Team, User
from oncall.rota.publishing import AHEAD, PAST
from oncall.rota.shadows import ShadowRow, list_shadows
from schedules.ical_feed import FeedEntry, calendar

PURPOSE = "calendar"

_BY = {"override": " By override.", "swap": " By a swap.", "temporary": " By a temporary schedule."}
"""What is said of a shift that no rotation gives."""


@dataclass(frozen=True, slots=True)
class FeedVersion:
    """What a feed's content follows from, known without making it: most questions are whether it has changed."""

    tag: str
    revised_at: datetime
    """When the link was made, any shift was last changed (or taken away), or the window moved on to another day.

    Neither a person's new name alone moves it, nor a shadow shift that is called off before it begins: those who ask by
    date and not by tag see it the next day.
    """


def token_of(signer: Signer, feed: CalendarFeed) -> str:
    return f"{feed.id}.{signer.sign(PURPOSE, str(feed.id))}"


def find_feed(session: Session, signer: Signer, token: str) -> CalendarFeed:
    """Raises NotFound for a token that is not ours, Gone for one that was revoked, as a retired person's are."""
    feed_id, _, signature = token.partition(".")
    genuine = feed_id.isascii() and feed_id.isdigit() and signer.is_genuine(PURPOSE, feed_id, signature)
    feed = session.get(CalendarFeed, int(feed_id)) if genuine and len(feed_id) < 10 else None
    if feed is None:
        raise NotFound("There is no calendar at this address. Copy the link again from My on-call.")
    if feed.revoked_at is not None:
        raise Gone("This calendar link was revoked, or its owner has retired. Make a new one on My on-call.")
    return feed


def open_feed(
    session: Session,
    owner: User,
    now: datetime,
    schedule: Schedule | None = None,
    level: str | None = None,
    *,
    team: Team | None = None,
) -> CalendarFeed:
    """The owner's link to a schedule's shifts, a level's or a team's, or to their own; made if there is none."""
    assert owner.id is not None
    if schedule is not None and level is not None and level not in schedule.levels:
        raise NotFound(f"Schedule {schedule.name} has no level {level}; it has {', '.join(schedule.levels)}.")
    wanted = (schedule.id if schedule else None, level, team.id if team else None)
    for feed in feeds_of(session, owner):
        if (feed.schedule_id, feed.level, feed.team_id) == wanted:
            return feed
    feed = CalendarFeed(owner_id=owner.id, schedule_id=wanted[0], level=level, team_id=wanted[2], created_at=now)
    session.add(feed)
    session.flush()
    return feed


def find_team(session: Session, name: str) -> Team:
    """Raises NotFound."""
    team = session.exec(select(Team).where(Team.name == name)).first()
    if team is None:
        raise NotFound(f"There is no team {name}.", field="team")
    return team


def feeds_of(session: Session, owner: User) -> Sequence[CalendarFeed]:
    """The owner's links that still work, the oldest first."""
    statement = select(CalendarFeed).where(CalendarFeed.owner_id == owner.id, col(CalendarFeed.revoked_at).is_(None))
    return session.exec(statement.order_by(col(CalendarFeed.id))).all()


def revoke_feed(session: Session, owner: User, feed_id: int, now: datetime) -> None:
    """Raises NotFound for one that is not theirs, or does not work any more."""
    feed = session.get(CalendarFeed, feed_id)
    if feed is None or feed.owner_id != owner.id or feed.revoked_at is not None:
        raise NotFound("You have no such calendar link.")
    feed.revoked_at = now
    session.add(feed)


def version(session: Session, feed: CalendarFeed, now: datetime, public_url: str) -> FeedVersion:
    """As long as the tag is the same, `content` gives the same bytes."""
    row, today = installation(session), _day(now)
    shadows = [each.shadow for each in _shadows(session, feed, now)]
    revised = (_revised_at(each) for each in shadows)
    revised_at = max(feed.created_at, row.published_at or feed.created_at, today, *revised)
    follows = [(each.id, each.called_off_at) for each in shadows]
    follows_from = (__version__, feed.id, shared_revision(row), row.published_at, today, public_url, follows)
    return FeedVersion(hashlib.sha256(repr(follows_from).encode()).hexdigest()[:32], revised_at)


def content(session: Session, feed: CalendarFeed, now: datetime, public_url: str) -> bytes:
    """The calendar, from 30 days before today to 180 after."""
    start, end = _day(now) - PAST, _day(now) + AHEAD
    rows = session.exec(_shifts(feed).where(col(PublishedShift.ends_at) > start, col(PublishedShift.starts_at) < end))
    entries = [_entry(shift, schedule, name, public_url) for shift, schedule, name in rows]
    follows = [_follows(row, public_url) for row in _shadows(session, feed, now)]
    return calendar(title(session, feed), [*entries, *follows])


def _day(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _shifts(feed: CalendarFeed):  # type: ignore[no-untyped-def]
    """A team's shifts are those of the schedules that it owns, whoever serves on them: what the team answers for.

    What its members do on the schedules of others is in their own calendars.
    """
    statement = (
        select(PublishedShift, Schedule.name, User.name)
        .join(Schedule, col(Schedule.id) == col(PublishedShift.schedule_id))
        .join(User, col(User.id) == col(PublishedShift.user_id))
        .order_by(col(PublishedShift.starts_at), col(PublishedShift.level), col(PublishedShift.id))
    )
    if feed.team_id is not None:
        return statement.where(Schedule.team_id == feed.team_id)
    if feed.schedule_id is None:
        return statement.where(PublishedShift.user_id == feed.owner_id)
    statement = statement.where(PublishedShift.schedule_id == feed.schedule_id)
    return statement.where(PublishedShift.level == feed.level) if feed.level else statement


def _shadows(session: Session, feed: CalendarFeed, now: datetime) -> list[ShadowRow]:
    """The owner's own, for they are nobody's shifts. All that can change of one is that it ends early."""
    if feed.schedule_id is not None or feed.team_id is not None:
        return []
    found = list_shadows(session, _day(now) - PAST, user_id=feed.owner_id)
    return [row for row in found if row.shadow.starts_at < _day(now) + AHEAD]


def title(session: Session, feed: CalendarFeed) -> str:
    """What calendars call it."""
    if feed.team_id is not None:
        return f"Team {session.get_one(Team, feed.team_id).name} on call"
    if feed.schedule_id is None:
        return f"{session.get_one(User, feed.owner_id).name} on call"
    name = session.get_one(Schedule, feed.schedule_id).name
    return f"{name} {feed.level} on call" if feed.level else f"{name} on call"


def _entry(shift: PublishedShift, schedule: str, name: str, public_url: str) -> FeedEntry:
    return FeedEntry(
        uid=shift.uid,
        sequence=shift.sequence,
        revised_at=shift.revised_at,
        start=shift.starts_at,
        end=shift.ends_at,
        summary=f"{shift.level} {schedule}: {name}",
        description=f"{name} is on call for {schedule} ({shift.level})." + _BY.get(shift.source, ""),
        url=_url(schedule, public_url),
    )


def _follows(row: ShadowRow, public_url: str) -> FeedEntry:
    shadow, place, name = row.shadow, f"{row.schedule.name} ({row.shadow.level})", row.user.name
    what, means = "Following", f"{name} follows along with {place} and gets a copy of every page: not on call."
    if shadow.kind is ShadowKind.REVERSE:
        what = "Paged first, to learn,"
        means = f"{name} is paged first for {place}, and whoever is on call a minute later."
    return FeedEntry(
        uid=f"shadow-{shadow.id}-{shadow.created_at:%Y%m%dT%H%M%S%f}@oncall",  # of another installation: another time
        sequence=0 if shadow.called_off_at is None else 1,
        revised_at=_revised_at(shadow),
        start=shadow.starts_at,
        end=shadow.ends_at,
        summary=f"{what} {shadow.level} {row.schedule.name}: {name}",
        description=means,
        url=_url(row.schedule.name, public_url),
    )


def _revised_at(shadow: ShadowShift) -> datetime:
    return shadow.called_off_at or shadow.created_at


def _url(schedule: str, public_url: str) -> str | None:
    return f"{public_url}/schedules/{quote(schedule, safe='')}" if public_url else None
