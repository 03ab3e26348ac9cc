"""What the caller was told that is not about an alert, and what they want to be told."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from oncall.lifecycle.delivery import DeliveryState
from oncall.models import NoticeKind, User
from oncall.notices.choices import MOST_AHEAD_HOURS
from oncall.notices.queries import NoticeRow, notices_of
from web.api.body import After, Body, Limit, Listing, page
from web.edge import Api

router = APIRouter(prefix="/users/me/notices", tags=["me"])


class NoticeChoices(BaseModel):
    """What somebody wants to be told of their shifts."""

    ahead_hours: int = Field(description="How many hours before a shift; 0 is never.")
    start: bool = Field(description="When a shift of theirs begins.")
    end: bool = Field(description="When it ends.")
    weekly: bool = Field(description="Mondays at 09:00 in their zone: the shifts of the week, if there are any.")

    @classmethod
    def of(cls, user: User) -> "NoticeChoices":
        return cls(
            ahead_hours=user.notice_ahead_hours,
            start=user.notice_start,
            end=user.notice_end,
            weekly=user.notice_weekly,
        )


class NoticeChoicesBody(Body):
    """What is left out stays as it is."""

    ahead_hours: int | None = Field(None, ge=0, le=MOST_AHEAD_HOURS)
    start: bool | None = None
    end: bool | None = None
    weekly: bool | None = None


class NoticeDelivery(BaseModel):
    kind: str
    address: str
    state: DeliveryState
    sent_at: datetime | None
    finished_at: datetime | None
    error: str


class NoticeView(BaseModel):
    id: int
    kind: NoticeKind
    text: str
    created_at: datetime
    deliveries: list[NoticeDelivery] = Field(
        description="Each attempt to bring it, in order. Empty where nothing but a call would have reached you."
    )

    @classmethod
    def of(cls, row: NoticeRow) -> "NoticeView":
        deliveries = [NoticeDelivery.model_validate(each.model_dump()) for each in row.deliveries]
        return cls.model_validate({**row.notice.model_dump(), "deliveries": deliveries})


@router.get("", summary="What I was told that is not about an alert, newest first")
def list_notices(edge: Api, cursor: After = None, limit: Limit = 50) -> Listing[NoticeView]:
    """Kept for 90 days."""
    with edge.reading() as caller:
        views = [NoticeView.of(row) for row in notices_of(caller.session, caller.user_id, limit, cursor)]
        return page(views, limit, views and views[-1].id)
