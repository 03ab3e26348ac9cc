"""Canaries and quiet hours."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "canaries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("address", sa.String(320), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canaries")),
        sa.UniqueConstraint("kind", "address", name=op.f("uq_canaries_kind_address")),
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("canary_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("waits_from", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "ix_deliveries_canary_id",
            ["canary_id", "id"],
            unique=False,
            sqlite_where=sa.text("canary_id IS NOT NULL"),
            postgresql_where=sa.text("canary_id IS NOT NULL"),
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_deliveries_canary_id_canaries"), "canaries", ["canary_id"], ["id"], ondelete="CASCADE"
        )
    op.add_column("users", sa.Column("quiet_hours", sa.String(200), nullable=True))
    op.add_column("users", sa.Column("quiet_timezone", sa.String(60), nullable=True))


def downgrade() -> None:
    op.drop_column("users", "quiet_timezone")
    op.drop_column("users", "quiet_hours")
    op.execute("DELETE FROM deliveries WHERE canary_id IS NOT NULL")
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_deliveries_canary_id_canaries"), type_="foreignkey")
        batch_op.drop_index(
            "ix_deliveries_canary_id",
            sqlite_where=sa.text("canary_id IS NOT NULL"),
            postgresql_where=sa.text("canary_id IS NOT NULL"),
        )
        batch_op.drop_column("waits_from")
        batch_op.drop_column("canary_id")

    op.drop_table("canaries")
