"""The installation's one row, and its revision: renewed by every change to what processes keep in memory."""

import secrets
import uuid

from sqlalchemy import event, text
from sqlmodel import Session, SQLModel

from oncall.models import (
    Experience,
    Installation,
    IntegrationKey,
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

KEPT_IN_MEMORY: tuple[type[SQLModel], ...] = (
    Experience,
    IntegrationKey,
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


HELD = "installation"


def installation(session: Session) -> Installation:
    """Asked for once in a session."""
    return hold(session, _installation(session))


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


@event.listens_for(Session, "before_flush")
def _renew_revision(session: Session, _context: object, _instances: object) -> None:
    """No change through a session can be forgotten here; whoever wrote it need not think of it."""
    touched = [*session.new, *session.deleted, *(row for row in session.dirty if session.is_modified(row))]
    if any(isinstance(row, KEPT_IN_MEMORY) for row in touched):
        with session.no_autoflush:
            row = installation(session)
        row.revision = uuid.uuid4().hex
        session.add(row)
