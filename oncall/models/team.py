"""Teams: who owns schedules and services."""

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from oncall.models.base import key_column


class Team(SQLModel, table=True):
    __tablename__ = "teams"

    id: int | None = key_column()
    name: str = Field(max_length=100, unique=True)


class TeamMember(SQLModel, table=True):
    """One person's place in a team; a manager need not be a member (nobody pages `team:` managers for it)."""

    __tablename__ = "team_members"
    __table_args__ = (Index(None, "user_id"),)  # which teams is this person in?

    team_id: int = Field(foreign_key="teams.id", primary_key=True)
    user_id: int = Field(foreign_key="users.id", primary_key=True)
    is_member: bool = True
    is_manager: bool = False
