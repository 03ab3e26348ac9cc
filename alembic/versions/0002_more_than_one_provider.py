"""More than one provider: their health, receipts that are asked for, replies that are fetched."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ASKED = sa.text("status_due_at IS NOT NULL")
UNANSWERED = sa.text("reply_due_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "provider_health",
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_success_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_failure", sa.String(500), nullable=False),
        sa.PrimaryKeyConstraint("provider", "kind", name=op.f("pk_provider_health")),
    )
    op.create_table(
        "reply_inboxes",
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("read_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("polled_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("provider", name=op.f("pk_reply_inboxes")),
    )
    op.add_column("deliveries", sa.Column("status_due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("deliveries", sa.Column("status_asks", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_deliveries_asked", "deliveries", ["status_due_at"], sqlite_where=ASKED, postgresql_where=ASKED)
    op.add_column("inbound_messages", sa.Column("provider", sa.String(40), nullable=False, server_default=""))
    op.add_column("inbound_messages", sa.Column("reply_due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("inbound_messages", sa.Column("reply_attempts", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(
        "ix_inbound_messages_unanswered",
        "inbound_messages",
        ["reply_due_at"],
        sqlite_where=UNANSWERED,
        postgresql_where=UNANSWERED,
    )


def downgrade() -> None:
    op.drop_index("ix_inbound_messages_unanswered", "inbound_messages")
    for column in ("reply_attempts", "reply_due_at", "provider"):
        op.drop_column("inbound_messages", column)
    op.drop_index("ix_deliveries_asked", "deliveries")
    for column in ("status_asks", "status_due_at"):
        op.drop_column("deliveries", column)
    op.drop_table("reply_inboxes")
    op.drop_table("provider_health")
