"""Pages of the past, added up."""

from datetime import datetime

from sqlmodel import Field

from oncall.db.column_types import Json, UtcDateTime
from oncall.models.base import Table


class PagesSoFar(Table, table=True):
    """How often one person had been paged until a noon where they live: all that came before, since there are records.

    A window is the difference of two of these. Of a zone that the person has left, they count no more.
    """

    __tablename__ = "pages_so_far"

    user_id: int = Field(foreign_key="users.id", primary_key=True)
    timezone: str = Field(max_length=60, primary_key=True)
    noon: datetime = Field(sa_type=UtcDateTime, primary_key=True)
    by_hour: list[int] = Field(sa_type=Json, nullable=False)
    """24 numbers: by the hour that their clock showed."""
    night_pages: int
    nights: int
    """In how many nights there was a page."""
