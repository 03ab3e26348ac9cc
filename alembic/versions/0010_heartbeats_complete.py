"""Heartbeats that say when a run begins and fails, and what a sender adds to its alert or deletes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    # The defaults are for processes of the version before, which know nothing of these columns.
    for column in (
        sa.Column("description", sa.String(), nullable=False, server_default=""),
        sa.Column("enabled", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("alert_summary", sa.String(1024), nullable=True),
        sa.Column("alert_severity", sa.String(20), nullable=True),
        sa.Column("alert_tags", Json, nullable=True),
        sa.Column("as_written", Json, nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_run_seconds", sa.Float(), nullable=True),
        sa.Column("last_output", sa.String(), nullable=True),
        sa.Column("has_failed", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("down_since", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("heartbeats", column)
    op.add_column("alerts", sa.Column("added", Json, nullable=True))
    op.add_column("alerts", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("alerts", "deleted_at")
    op.drop_column("alerts", "added")
    with op.batch_alter_table("heartbeats") as table:
        for name in (
            *("down_since", "has_failed", "last_output", "last_run_seconds", "started_at", "as_written"),
            *("alert_tags", "alert_severity", "alert_summary", "enabled", "description"),
        ):
            table.drop_column(name)
