"""Indexes for lists of alerts: open ones, a service's and a person's by number."""

from contextlib import nullcontext

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

OPEN = sa.text("status <> 'resolved'")
NEW = [
    ("alerts", "ix_alerts_newest_open", ["id"], OPEN),
    ("alerts", "ix_alerts_service_id_id", ["service_id", "id"], None),
    ("pages", "ix_pages_user_id_alert_id", ["user_id", "alert_id"], None),
]
OLD = [("alerts", "ix_alerts_open", ["triggered_at"], OPEN)]


def upgrade() -> None:
    _replace(OLD, NEW)


def downgrade() -> None:
    _replace(NEW, OLD)


def _replace(old: list, new: list) -> None:
    on_postgres = op.get_bind().dialect.name == "postgresql"  # where events go on while a large table is read
    with op.get_context().autocommit_block() if on_postgres else nullcontext():
        for table, name, columns, where in new:
            op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)  # left half made
            op.create_index(
                name, table, columns, sqlite_where=where, postgresql_where=where, postgresql_concurrently=True
            )
        for table, name, _, _ in old:
            op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
