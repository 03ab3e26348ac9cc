"""People's names by handle: pages call people by their names."""

from sqlmodel import Session, col, select

from oncall.models import User


def names(session: Session) -> dict[str, str]:
    return dict(session.exec(select(col(User.handle), col(User.name))).all())
