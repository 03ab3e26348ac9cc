"""Which alert of each service is due first: an index, so that a storm on one is not read through to find the others."""

from contextlib import nullcontext

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

NAME = "ix_alerts_service_id_next_step_at"
AWAITED = sa.text("next_step_at IS NOT NULL")


def upgrade() -> None:
    on_postgres = op.get_bind().dialect.name == "postgresql"  # where events go on while a large table is read
    with op.get_context().autocommit_block() if on_postgres else nullcontext():
        op.drop_index(NAME, "alerts", if_exists=True, postgresql_concurrently=True)  # left half made
        op.create_index(
            *(NAME, "alerts", ["service_id", "next_step_at"]),
            sqlite_where=AWAITED,
            postgresql_where=AWAITED,
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    op.drop_index(NAME, "alerts")
