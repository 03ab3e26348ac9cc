"""Canaries of each account."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "canary_accounts",
        sa.Column("canary_id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["canary_id"], ["canaries.id"], name=op.f("fk_canary_accounts_canary_id_canaries"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("canary_id", "account", name=op.f("pk_canary_accounts")),
    )
    op.add_column("deliveries", sa.Column("only_by", sa.String(40), nullable=True))


def downgrade() -> None:
    op.drop_column("deliveries", "only_by")
    op.drop_table("canary_accounts")
