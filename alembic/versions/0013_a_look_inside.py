"""A look inside: the last requests of each key; and what reports need of deleted pages."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "past_pages",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_past_pages_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_past_pages")),
    )
    with op.batch_alter_table("past_pages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_past_pages_created_at"), ["created_at"], unique=False)

    op.create_table(
        "received_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_test", sa.Boolean(), nullable=False),
        sa.Column("method", sa.String(10), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("headers", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("body_bytes", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("refusal", sa.String(), nullable=False),
        sa.Column("events", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_id"],
            ["integration_keys.id"],
            name=op.f("fk_received_requests_key_id_integration_keys"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_received_requests")),
    )
    with op.batch_alter_table("received_requests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_received_requests_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_received_requests_key_id_id"), ["key_id", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("received_requests", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_received_requests_key_id_id"))
        batch_op.drop_index(batch_op.f("ix_received_requests_at"))

    op.drop_table("received_requests")
    with op.batch_alter_table("past_pages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_past_pages_created_at"))

    op.drop_table("past_pages")
