"""People's names by handle: pages call people by their names. And those who can be chosen from lists."""

from typing import NamedTuple

from sqlmodel import Session, col, select

from oncall.models import User


class Named(NamedTuple):
    """As much of a person as a list of all shows."""

    id: int | None
    handle: str
    name: str


def active(session: Session) -> list[Named]:
    everybody = select(User.id, User.handle, User.name).where(col(User.retired_at).is_(None))
    return [Named(*each) for each in session.exec(everybody.order_by(col(User.name)))]
