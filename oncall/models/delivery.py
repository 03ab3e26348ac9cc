"""Pages, and the deliveries that carry them."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from oncall.lifecycle.delivery import DeliveryState
from oncall.models.base import enum_column, key_column, maybe_time_column, time_column


class Page(SQLModel, table=True):
    """The decision to notify one person about one alert, with its reason."""

    __tablename__ = "pages"
    __table_args__ = (Index(None, "alert_id"), Index(None, "user_id", "created_at"))  # of an alert; of a person

    id: int | None = key_column()
    alert_id: int = Field(foreign_key="alerts.id", ondelete="CASCADE")
    user_id: int = Field(foreign_key="users.id")
    step: int
    round: int
    reason: str
    is_shadow: bool = False
    """Sent to somebody who follows along: told quietly, without a call, and nobody waits for their answer."""
    relieved_at: datetime | None = maybe_time_column()
    """When somebody took over from them: nothing more is sent for it, whatever becomes of what is under way."""
    created_at: datetime = time_column()


OF_A_NOTICE = text("notice_id IS NOT NULL")
OF_A_CANARY = text("canary_id IS NOT NULL")
LIVE = text("state IN ('pending', 'sending')")
OUTDATED = text("update_due_at IS NOT NULL AND provider_id IS NOT NULL")


class Delivery(SQLModel, table=True):
    """One attempt to reach somebody on one contact method, about an alert (a page), a notice or a verification code; or
    to reach nobody but the address of a canary.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        # The sender's question at every pass: what is due, whose lease ran out?
        Index("ix_deliveries_due", "due_at", sqlite_where=LIVE, postgresql_where=LIVE),
        # What must show how its alert stands now?
        Index("ix_deliveries_outdated", "update_due_at", sqlite_where=OUTDATED, postgresql_where=OUTDATED),
        Index(None, "alert_id"),  # what to cancel on acknowledge; proof on the alert's page
        Index(None, "page_id"),  # what else this page may try
        # What else this notice may try; how it was delivered.
        Index("ix_deliveries_notice_id", "notice_id", sqlite_where=OF_A_NOTICE, postgresql_where=OF_A_NOTICE),
        # How a canary's last message went.
        Index("ix_deliveries_canary_id", "canary_id", "id", sqlite_where=OF_A_CANARY, postgresql_where=OF_A_CANARY),
        Index(None, "provider_id"),  # receipts and callbacks
        Index(None, "address", "id"),  # replies: what did we last send there?
    )

    id: int | None = key_column()
    page_id: int | None = Field(default=None, foreign_key="pages.id", ondelete="CASCADE")
    alert_id: int | None = Field(default=None, foreign_key="alerts.id", ondelete="CASCADE")
    notice_id: int | None = Field(default=None, foreign_key="notices.id", ondelete="CASCADE")
    canary_id: int | None = Field(default=None, foreign_key="canaries.id", ondelete="CASCADE")
    user_id: int | None = Field(default=None, foreign_key="users.id")
    """None for a canary's."""
    contact_method_id: int | None = Field(default=None, foreign_key="contact_methods.id", ondelete="SET NULL")
    kind: str = Field(max_length=20)
    address: str = Field(max_length=320)
    body: str = ""
    """What is sent, fixed when it is claimed, so that a look-up at the provider can find it."""
    state: DeliveryState = enum_column(DeliveryState, DeliveryState.PENDING)
    created_at: datetime = time_column()
    due_at: datetime = time_column()
    """When to send; while sending, when the lease ends."""
    waits_from: datetime | None = maybe_time_column()
    """When it would have gone, were it not for quiet hours."""
    attempts: int = 0
    first_attempt_at: datetime | None = maybe_time_column()
    unsure_since: datetime | None = maybe_time_column()
    """Since when the provider may have it without our knowing: a process died while sending, an answer was lost."""
    sent_at: datetime | None = maybe_time_column()
    finished_at: datetime | None = maybe_time_column()
    """When it was delivered, failed or cancelled."""
    provider: str = Field(default="", max_length=40)
    provider_id: str | None = Field(default=None, max_length=100)
    error: str = Field(default="", max_length=500)
    update_due_at: datetime | None = maybe_time_column()
    """When its message is to be changed to how the alert stands; while that is done, when the lease ends."""
    update_attempts: int = 0
    """Since the alert changed."""


class InboundMessage(SQLModel, table=True):
    """A reply or keypress, kept so that a provider which posts it twice acts once and is answered the same."""

    __tablename__ = "inbound_messages"

    message_id: str = Field(primary_key=True, max_length=120)
    """The provider's id of the text, or call id and key."""
    address: str = Field(max_length=320, index=True)
    text: str
    received_at: datetime = time_column()
    answer: str
