"""People's names by handle: pages call people by their names. And those who can be chosen from lists."""

from sqlmodel import Session, col, select

from oncall.models import User


def names(session: Session) -> dict[str, str]:
    return dict(session.exec(select(col(User.handle), col(User.name))).all())


def active(session: Session) -> list[User]:
    return list(session.exec(select(User).where(col(User.retired_at).is_(None)).order_by(col(User.name))))
