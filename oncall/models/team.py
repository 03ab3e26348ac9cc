"""Teams: who owns schedules and services, and where a team is posted to."""

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from oncall.models.base import Table, key_column


class Team(Table, table=True):
    __tablename__ = "teams"

    id: int | None = key_column()
    name: str = Field(max_length=100, unique=True)


class TeamMember(Table, table=True):
    """One person's place in a team; a manager need not be a member (nobody pages `team:` managers for it)."""

    __tablename__ = "team_members"
    __table_args__ = (Index(None, "user_id"),)  # which teams is this person in?

    team_id: int = Field(foreign_key="teams.id", primary_key=True)
    user_id: int = Field(foreign_key="users.id", primary_key=True)
    is_member: bool = True
    is_manager: bool = False


class TeamContactMethod(Table, table=True):
    """An address of the team's own, such as its channel: posted to by a policy's step, and nobody is paged by it.

    Vouched for by whoever may set up teams. It is never disabled, since nobody could verify it anew: what fails says so
    on the alert's timeline, each time.
    """

    __tablename__ = "team_contact_methods"
    __table_args__ = (UniqueConstraint("team_id", "name"),)

    id: int | None = key_column()
    team_id: int = Field(foreign_key="teams.id", ondelete="CASCADE")
    name: str = Field(max_length=60)
    kind: str = Field(max_length=20)
    """A row of `notifiers.registry.KINDS`."""
    address: str = Field(max_length=320)
    """As its kind writes it."""
