"""Indexes for lists of alerts: open ones and those of a service by number, and which numbers a window of time has."""

from contextlib import nullcontext

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0015"
branch_labels = None
depends_on = None

OPEN = sa.text("status <> 'resolved'")
NEW = [
    ("ix_alerts_newest_open", ["id"], OPEN),
    ("ix_alerts_service_id_id", ["service_id", "id"], None),
    ("ix_alerts_triggered_at", ["triggered_at"], None),
]
OLD = [
    ("ix_alerts_open", ["triggered_at"], OPEN),
    ("ix_alerts_service_id_triggered_at", ["service_id", "triggered_at"], None),
]


def upgrade() -> None:
    _replace(OLD, NEW)


def downgrade() -> None:
    _replace(NEW, OLD)


def _replace(old: list, new: list) -> None:
    on_postgres = op.get_bind().dialect.name == "postgresql"  # where events go on while a large table is read
    with op.get_context().autocommit_block() if on_postgres else nullcontext():
        for name, columns, where in new:
            op.drop_index(name, "alerts", if_exists=True, postgresql_concurrently=True)  # left half made
            op.create_index(
                name, "alerts", columns, sqlite_where=where, postgresql_where=where, postgresql_concurrently=True
            )
        for name, _, _ in old:
            op.drop_index(name, "alerts", if_exists=True, postgresql_concurrently=True)
