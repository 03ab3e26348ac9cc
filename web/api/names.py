"""People and things by the names in an address, and people as answers show them."""

from collections.abc import Iterable

from pydantic import BaseModel
from sqlmodel import Session, col, select

from oncall.models import Team, User


class Person(BaseModel):
    handle: str
    name: str

    @classmethod
    def of(cls, user: User) -> "Person":
        return cls(handle=user.handle, name=user.name)


class People:
    """Who the ids in some rows are, loaded at once."""

    def __init__(self, session: Session, ids: Iterable[int | None]) -> None:
        users = session.exec(select(User).where(col(User.id).in_({each for each in ids if each is not None})))
        self._people = {user.id: Person.of(user) for user in users}

    def __getitem__(self, user_id: int) -> Person:
        return self._people[user_id]

    def get(self, user_id: int | None) -> Person | None:
        return self._people.get(user_id)


def team_names(session: Session) -> dict[int | None, str]:
    return {team.id: team.name for team in session.exec(select(Team))}
