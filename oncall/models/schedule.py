"""Schedules as people set them up. What follows from them is computed by the package `schedules`."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, col

from oncall.db.column_types import Json
from oncall.models.base import Table, json_column, key_column, maybe_time_column, time_column


class Schedule(Table, table=True):
    __tablename__ = "schedules"

    id: int | None = key_column()
    name: str = Field(max_length=100, unique=True)
    team_id: int | None = Field(default=None, foreign_key="teams.id")
    timezone: str = Field(max_length=60)
    levels: list[str] = json_column(list)
    covers: str | None = Field(default=None, max_length=200)
    """When somebody is meant to be on call, such as "Mon-Fri 09:00-17:00" in its zone; None is always."""
    horizon_days: int = 56
    """Shifts that begin within so many days from now are published: they don't move when members come and go."""
    rest_hours: int = 0
    """The least time that a person should have between two shifts; 0 is no rule."""
    slack_usergroups: dict[str, str] = json_column(dict)
    """Slack's ids of the user groups that follow who is on call, by level."""
    created_at: datetime = time_column()
    revision: str = Field(default="", max_length=40)
    """Changes with what is its own: overrides, published turns, who is experienced on it."""
    published_as: str = Field(default="", max_length=100)
    """What it stood at (`installation.mark`) when calendars were last brought up to date with it."""


NOT_ENDED = text("ended_at IS NULL")


class Rotation(Table, table=True):
    """Members taking turns. `start` and `until` are wall-clock times in the rotation's zone, as ISO text.

    One version of it: an edit that would tell the past anew ends this row and makes another, and one that is taken out
    of its schedule stays as an ended row. So who was on call stays true.
    """

    __tablename__ = "rotations"
    __table_args__ = (
        Index(
            "uq_rotations_schedule_id_name",
            "schedule_id",
            "name",
            unique=True,
            sqlite_where=NOT_ENDED,
            postgresql_where=NOT_ENDED,
        ),
    )

    id: int | None = key_column()
    schedule_id: int = Field(foreign_key="schedules.id", ondelete="CASCADE")
    name: str = Field(max_length=100)
    position: int = 0
    """A higher position wins where both apply."""
    levels: list[str] = json_column(list)
    """Empty: all the schedule's levels."""
    member_rule: dict[str, list[str]] | None = Field(default=None, sa_type=Json, nullable=True)
    """`{"tagged": [...], "not_in": [...], "team": [...]}` for ruled members; None when they are listed."""
    start: str = Field(max_length=32)
    until: str | None = Field(default=None, max_length=32)
    shift: list[str] = json_column(list)
    """Lengths of the turns, such as ["3 days"] or ["4 days", "3 days"]."""
    timezone: str | None = Field(default=None, max_length=60)
    """None: the schedule's."""
    skip: list[str] = json_column(list)
    """Weekdays that are neither worked nor counted, such as ["Sat", "Sun"]."""
    hours: str | None = Field(default=None, max_length=200)
    first_shift_level: str | None = Field(default=None, max_length=60)
    level_offset: int | None = None
    made_at: datetime = time_column()
    ended_at: datetime | None = maybe_time_column()
    """When another version took its place, or it was taken out."""


CURRENT = col(Rotation.ended_at).is_(None)


class PublishedTurn(Table, table=True):
    """One turn of a rotation as people have been told it. Whoever joins or leaves later, it stays."""

    __tablename__ = "published_turns"

    rotation_id: int = Field(foreign_key="rotations.id", primary_key=True, ondelete="CASCADE")
    number: int = Field(primary_key=True)
    """Counted from 0 at the rotation's start."""
    lead: list[int] = json_column(list)
    """Whose turn it is by order, before the first-timer rule: the next turn goes on from here. Users' ids."""
    seats: list[list[int]] = json_column(list)
    """Users' ids: those on each of the rotation's levels, in order."""
    published_at: datetime = time_column()


class RotationMember(Table, table=True):
    """A listed member of a rotation, in order. Those at one position have their turns together."""

    __tablename__ = "rotation_members"
    __table_args__ = (Index(None, "rotation_id", "position"),)  # the members of a rotation

    id: int | None = key_column()
    rotation_id: int = Field(foreign_key="rotations.id", ondelete="CASCADE")
    position: int
    user_id: int | None = Field(default=None, foreign_key="users.id")
    """None: a turn that nobody has."""
    joins: str | None = Field(default=None, max_length=32)
    leaves: str | None = Field(default=None, max_length=32)
    """Turns from the one until the other only: wall-clock times in the rotation's zone, as ISO text."""


class RuledMember(Table, table=True):
    """Since when somebody has been a member of a rotation: ruled ones take turns in this order, newcomers last.

    Whoever came with the schedule has its own date; the turns before it, which nobody was told, count for them alone.
    """

    __tablename__ = "ruled_members"

    rotation_id: int = Field(foreign_key="rotations.id", primary_key=True, ondelete="CASCADE")
    user_id: int = Field(foreign_key="users.id", primary_key=True)
    since: datetime = time_column()


class Experience(Table, table=True):
    """This person is no first-timer on this schedule, whatever the history says."""

    __tablename__ = "experience"

    user_id: int = Field(foreign_key="users.id", primary_key=True)
    schedule_id: int = Field(foreign_key="schedules.id", primary_key=True, ondelete="CASCADE")


class PublishedShift(Table, table=True):
    """A final shift as calendars know it: the UID stays when time or person change, the sequence goes up."""

    __tablename__ = "published_shifts"
    __table_args__ = (
        Index(None, "schedule_id", "ends_at"),  # a schedule's feed
        Index(None, "user_id", "ends_at"),  # a person's feed
    )

    id: int | None = key_column()
    uid: str = Field(max_length=80, unique=True)
    schedule_id: int = Field(foreign_key="schedules.id", ondelete="CASCADE")
    level: str = Field(max_length=60)
    user_id: int = Field(foreign_key="users.id")
    starts_at: datetime = time_column()
    ends_at: datetime = time_column()
    source: str = Field(max_length=20)
    sequence: int = 0
    revised_at: datetime = time_column()
