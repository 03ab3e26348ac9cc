"""How long an unanswered request may be carried out; a team's posts found as a person's pages; flapping by service."""

from contextlib import nullcontext

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WAITING = sa.text("state = 'pending' AND carried_by IS NULL AND team_contact_method_id IS NOT NULL")
WENT = sa.text("first_attempt_at IS NOT NULL AND carried_by IS NULL AND team_contact_method_id IS NOT NULL")
INDEXES = [("ix_deliveries_team_waiting", "due_at", WAITING), ("ix_deliveries_team_lately", "first_attempt_at", WENT)]


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("unsure_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "services",
        sa.Column("flapping", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
    )
    on_postgres = op.get_bind().dialect.name == "postgresql"  # where pages go on while a large table is read
    with op.get_context().autocommit_block() if on_postgres else nullcontext():
        for name, at, where in INDEXES:
            op.drop_index(name, "deliveries", if_exists=True, postgresql_concurrently=True)  # left half made
            op.create_index(
                name,
                "deliveries",
                ["team_contact_method_id", at],
                sqlite_where=where,
                postgresql_where=where,
                postgresql_concurrently=True,
            )


def downgrade() -> None:
    for name, _, _ in INDEXES:
        op.drop_index(name, "deliveries")
    op.drop_column("services", "flapping")
    op.drop_column("deliveries", "unsure_until")
