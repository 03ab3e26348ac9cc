"""When alerts that can wait do wait for somebody, as the API shows it and takes it."""

from pydantic import BaseModel, Field

from oncall.models import User
from web.api.body import Body

HOURS = "Such as 22:00-07:00, or Mon-Fri 22:00-07:00, Sat, Sun; null for none."


class QuietHours(BaseModel):
    """When alerts that can wait do wait for somebody."""

    hours: str | None = Field(description=HOURS)
    timezone: str | None = Field(description="Null: their own.")

    @classmethod
    def of(cls, user: User) -> "QuietHours":
        return cls(hours=user.quiet_hours, timezone=user.quiet_timezone)


class QuietHoursBody(Body):
    hours: str | None = Field(description=HOURS)
    timezone: str | None = Field(None, description="Left out: your own.")
