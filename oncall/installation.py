"""The installation's one row, and revisions: renewed by every change to what processes keep in memory.

`Installation.revision` says that anything has changed. Which schedules it touches is said by `mark`, so that what is
known of the others need not be worked out anew: an override, say, touches one.
"""

import secrets
import uuid
from collections.abc import Iterable

from sqlalchemy import ColumnElement, case, event, inspect, literal, text, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, SQLModel, col, or_, select

from oncall.models import (
    Experience,
    Installation,
    IntegrationKey,
    MaintenanceWindow,
    Override,
    PublishedTurn,
    Rotation,
    RotationMember,
    RuledMember,
    Schedule,
    Service,
    ServiceDependency,
    ShadowShift,
    Team,
    TeamMember,
    User,
)

Rows = tuple[type[SQLModel], ...]
OF_ONE_SCHEDULE: Rows = (Experience, Override, PublishedTurn)
SHARED: Rows = (Rotation, RotationMember, RuledMember, Schedule, Team, TeamMember, User)
"""Rules ask for people, teams, and the members of other schedules."""
OF_NO_SCHEDULE: Rows = (IntegrationKey, MaintenanceWindow, Service, ServiceDependency, ShadowShift)
KEPT_IN_MEMORY: Rows = (*OF_ONE_SCHEDULE, *SHARED, *OF_NO_SCHEDULE)


HELD = "installation"


def installation(session: Session) -> Installation:
    """Asked for once in a session, and again after a rollback. A page looks at it hundreds of times."""
    row: Installation | None = session.info.get(HELD)
    if row is None or (state := inspect(row)).session is not session or state.expired:
        row = hold(session, _installation(session))
    return row


def hold(session: Session, row: Installation) -> Installation:
    """Keep the row for the session's life: its identity map alone would soon forget it."""
    session.info[HELD] = row
    return row


def _installation(session: Session) -> Installation:
    row = session.get(Installation, 1)
    if row is None:
        # two processes may start at once on an empty database: the first one's row counts for both
        session.execute(
            text(
                "INSERT INTO installation (id, secret, revision, published_revision) VALUES (1, :secret, '', '')"
                " ON CONFLICT DO NOTHING"
            ),
            {"secret": secrets.token_urlsafe(48)},
        )
        row = session.get_one(Installation, 1)
    return row


def lock_plans(session: Session) -> None:
    """Until the transaction ends nobody else decides by what is set up, nor changes it: two who did so at once would
    both rest on what was true before.

    What is set up is renewed with this row: once we have it, everything that others have committed is seen.
    """
    locked = select(Installation).with_for_update().execution_options(populate_existing=True)
    session.exec(locked).all()


def mark(row: Installation, revision: str) -> str:
    """What a schedule of this revision stands at: while it is the same, so are its shifts."""
    return f"{shared_revision(row)}:{revision}"


def marked(row: Installation) -> ColumnElement[str]:
    """The same, of each of the schedules in a statement."""
    return literal(f"{shared_revision(row)}:").concat(col(Schedule.revision))


def shared_revision(row: Installation) -> str:
    """Of what schedules share, and of what they and people are called.

    During an upgrade code of the version before may have changed anything at all.
    """
    return row.shared_revision if row.revision == row.counted_revision else row.revision


@event.listens_for(Session, "before_flush")
def _renew_revisions(session: Session, _context: object, _instances: object) -> None:
    """No change through a session can be forgotten here; whoever wrote it need not think of it."""
    changed = [*session.new, *session.deleted, *(row for row in session.dirty if session.is_modified(row))]
    touched = [row for row in changed if isinstance(row, KEPT_IN_MEMORY)]
    if not touched:
        return
    with session.no_autoflush:
        _renew(session, is_shared=any(isinstance(row, SHARED) for row in touched))
        for schedule in _schedules_of(session, touched):
            schedule.revision = uuid.uuid4().hex


def _renew(session: Session, *, is_shared: bool) -> None:
    """By a statement, and before all others: whoever changes what is kept waits here, and so never for each other."""
    row, new = installation(session), uuid.uuid4().hex
    was_counted = col(Installation.revision) == col(Installation.counted_revision)
    shared = literal(new) if is_shared else case((was_counted, col(Installation.shared_revision)), else_=literal(new))
    statement = update(Installation).values(revision=new, counted_revision=new, shared_revision=shared)
    told = session.execute(
        statement.returning(col(Installation.shared_revision)), execution_options={"synchronize_session": False}
    ).scalar_one()
    for name, value in (("revision", new), ("counted_revision", new), ("shared_revision", told)):
        set_committed_value(row, name, value)


def _schedules_of(session: Session, touched: Iterable[object]) -> Iterable[Schedule]:
    schedules = {row.schedule_id for row in touched if isinstance(row, Experience | Override)}
    rotations = {row.rotation_id for row in touched if isinstance(row, PublishedTurn)}
    if not schedules and not rotations:
        return []
    through = select(Rotation.schedule_id).where(col(Rotation.id).in_(rotations))
    return session.exec(
        select(Schedule).where(or_(col(Schedule.id).in_(schedules), col(Schedule.id).in_(through)))
    ).all()
