"""Pages, and the deliveries that carry them."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field

from oncall.lifecycle.delivery import DeliveryState
from oncall.models.base import Table, enum_column, log_key_column, maybe_time_column, time_column


class Page(Table, table=True):
    """The decision to notify one person about one alert, with its reason."""

    __tablename__ = "pages"
    __table_args__ = (
        Index(None, "alert_id"),
        Index(None, "user_id", "created_at", "is_shadow"),  # how many has this person had? Read from it alone.
        Index(None, "user_id", "alert_id"),  # which of these alerts was this person paged about?
    )

    id: int | None = log_key_column()
    alert_id: int = Field(foreign_key="alerts.id", ondelete="CASCADE")
    user_id: int = Field(foreign_key="users.id")
    step: int
    round: int
    reason: str
    is_shadow: bool = False
    """Sent to somebody who follows along: told quietly, without a call, and nobody waits for their answer."""
    relieved_at: datetime | None = maybe_time_column()
    """When it needed no answer any more, since somebody took over from them, or they were the first of several who must
    acknowledge: nothing more is sent for it, whatever becomes of what is under way."""
    created_at: datetime = time_column()


class PastPage(Table, table=True):
    """What is left of a page when its alert is deleted: who was paged when, for reports. Not of a shadow's."""

    __tablename__ = "past_pages"
    __table_args__ = (
        Index(None, "created_at"),  # are there any since then?
        Index(None, "user_id", "created_at"),  # how many had this person?
    )

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """The page's; on SQLite, which numbers pages anew when the last are deleted, one of its own."""
    user_id: int = Field(foreign_key="users.id")
    created_at: datetime = time_column()


OF_A_NOTICE = text("notice_id IS NOT NULL")
OF_A_CANARY = text("canary_id IS NOT NULL")
LIVE = text("state IN ('pending', 'sending') AND carried_by IS NULL")
"""What an engine has still to send. What another delivery carries goes with that one."""
WAITING = text("state = 'pending' AND carried_by IS NULL")
WENT = text("first_attempt_at IS NOT NULL AND carried_by IS NULL")
TEAM_WAITING = text("state = 'pending' AND carried_by IS NULL AND team_contact_method_id IS NOT NULL")
TEAM_WENT = text("first_attempt_at IS NOT NULL AND carried_by IS NULL AND team_contact_method_id IS NOT NULL")
CARRIED = text("carried_by IS NOT NULL")
ASKED = text("status_due_at IS NOT NULL")
UNANSWERED = text("reply_due_at IS NOT NULL")
OUTDATED = text("update_due_at IS NOT NULL AND provider_id IS NOT NULL")


class Delivery(Table, table=True):
    """One attempt to reach somebody on one contact method: about an alert (a page), a notice or a verification code.

    Without a person and a page: an alert posted to a team's own address, which nobody answers for, or a canary.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        # The sender's question at every pass: what is due, whose lease ran out?
        Index("ix_deliveries_due", "due_at", sqlite_where=LIVE, postgresql_where=LIVE),
        # What must show how its alert stands now?
        Index("ix_deliveries_outdated", "update_due_at", sqlite_where=OUTDATED, postgresql_where=OUTDATED),
        # Whose receipt is overdue, so that the provider is asked?
        Index("ix_deliveries_asked", "status_due_at", sqlite_where=ASKED, postgresql_where=ASKED),
        # What is due on this contact method, to be held back or sent together?
        Index("ix_deliveries_waiting", "contact_method_id", "due_at", sqlite_where=WAITING, postgresql_where=WAITING),
        # What has gone to this contact method lately?
        Index(
            "ix_deliveries_lately",
            "contact_method_id",
            "first_attempt_at",
            sqlite_where=WENT,
            postgresql_where=WENT,
        ),
        # The same two questions about an address of a team's own.
        Index(
            "ix_deliveries_team_waiting",
            "team_contact_method_id",
            "due_at",
            sqlite_where=TEAM_WAITING,
            postgresql_where=TEAM_WAITING,
        ),
        Index(
            "ix_deliveries_team_lately",
            "team_contact_method_id",
            "first_attempt_at",
            sqlite_where=TEAM_WENT,
            postgresql_where=TEAM_WENT,
        ),
        Index("ix_deliveries_carried_by", "carried_by", sqlite_where=CARRIED, postgresql_where=CARRIED),  # with whom?
        Index(None, "alert_id"),  # what to cancel on acknowledge; proof on the alert's page
        Index(None, "page_id"),  # what else this page may try
        # What else this notice may try; how it was delivered.
        Index("ix_deliveries_notice_id", "notice_id", sqlite_where=OF_A_NOTICE, postgresql_where=OF_A_NOTICE),
        # How a canary's last message went.
        Index("ix_deliveries_canary_id", "canary_id", "id", sqlite_where=OF_A_CANARY, postgresql_where=OF_A_CANARY),
        Index(None, "provider_id"),  # receipts and callbacks
        Index(None, "address", "id"),  # replies: what did we last send there?
    )

    id: int | None = log_key_column()
    page_id: int | None = Field(default=None, foreign_key="pages.id", ondelete="CASCADE")
    alert_id: int | None = Field(default=None, foreign_key="alerts.id", ondelete="CASCADE")
    notice_id: int | None = Field(default=None, foreign_key="notices.id", ondelete="CASCADE")
    canary_id: int | None = Field(default=None, foreign_key="canaries.id", ondelete="CASCADE")
    user_id: int | None = Field(default=None, foreign_key="users.id")
    """None for a canary's, and for what is posted to a team's own address."""
    contact_method_id: int | None = Field(default=None, foreign_key="contact_methods.id", ondelete="SET NULL")
    team_contact_method_id: int | None = Field(default=None, foreign_key="team_contact_methods.id", ondelete="SET NULL")
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
    unsure_until: datetime | None = maybe_time_column()
    """Until when the provider may still carry out a request that it left unanswered: so long it is only looked for."""
    sent_at: datetime | None = maybe_time_column()
    finished_at: datetime | None = maybe_time_column()
    """When it was delivered, failed or cancelled."""
    provider: str = Field(default="", max_length=40)
    """The account that has it, or may have it; a kind without accounts is its own."""
    only_by: str | None = Field(default=None, max_length=40)
    """The account that it tries out, so that no other may send it; None: whichever works, as a rule the first."""
    provider_id: str | None = Field(default=None, max_length=100)
    error: str = Field(default="", max_length=500)
    status_due_at: datetime | None = maybe_time_column()
    """When the provider is asked what became of it; while that is done, when the lease ends."""
    status_asks: int = 0
    held_since: datetime | None = maybe_time_column()
    """Since when it was held back, because much went to its address; it stays when it has been sent."""
    carried_by: int | None = Field(default=None, foreign_key="deliveries.id", ondelete="SET NULL")
    """The delivery whose one message tells of this page too, and whose fate this one shares."""
    carries: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How many others its message tells of."""
    update_due_at: datetime | None = maybe_time_column()
    """When its message is to be changed to how the alert stands; while that is done, when the lease ends."""
    update_attempts: int = 0
    """Since the alert changed."""


class InboundMessage(Table, table=True):
    """A reply or keypress, kept so that a provider which posts it twice acts once and is answered the same."""

    __tablename__ = "inbound_messages"
    __table_args__ = (
        # Which answers are still to be texted back?
        Index("ix_inbound_messages_unanswered", "reply_due_at", sqlite_where=UNANSWERED, postgresql_where=UNANSWERED),
    )

    message_id: str = Field(primary_key=True, max_length=120)
    """The provider's id of the text, or call id and key."""
    address: str = Field(max_length=320, index=True)
    text: str
    received_at: datetime = time_column()
    answer: str
    provider: str = Field(default="", max_length=40)
    """The account whose number it came to, where we fetched it."""
    reply_due_at: datetime | None = maybe_time_column()
    """When its answer is to be texted back, if no callback took it along; while that is done, when the lease ends."""
    reply_attempts: int = 0
