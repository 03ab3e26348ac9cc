"""What was last told to Slack, so that every engine knows it and none tells it twice."""

from datetime import datetime

from sqlmodel import Field

from oncall.models.base import Table, json_column, maybe_time_column


class SlackUserGroup(Table, table=True):
    """A user group that follows who is on call."""

    __tablename__ = "slack_usergroups"

    group_id: str = Field(primary_key=True, max_length=30)
    members: list[str] = json_column(list)
    """Slack's ids of those last set; empty: never set."""
    tried: list[str] = json_column(list)
    """Those last tried, in vain if they are not `members`."""
    attempts: int = 0
    """In vain, for `tried`."""
    due_at: datetime | None = maybe_time_column()
    """When `tried` may be tried again; while that is done, when the lease ends."""
    problem: str = Field(default="", max_length=500)
    """What somebody should mend, for the log and `oncall doctor`."""
