"""When an alert was first acknowledged, and an index that answers reports of alerts by itself."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

REPORTED = "ix_alerts_reported"
COLUMNS = ["service_id", "triggered_at", "first_acknowledged_at", "acknowledged_at", "resolved_at"]
BEFORE = "ix_alerts_service_id_triggered_at"
"""The same with the first two columns alone."""


def upgrade() -> None:
    op.add_column("alerts", sa.Column("first_acknowledged_at", sa.DateTime(timezone=True), nullable=True))
    _put(REPORTED, COLUMNS, in_place_of=BEFORE)


def downgrade() -> None:
    _put(BEFORE, COLUMNS[:2], in_place_of=REPORTED)
    op.drop_column("alerts", "first_acknowledged_at")


def _put(name: str, columns: list[str], in_place_of: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.create_index(name, "alerts", columns)
        op.drop_index(in_place_of, "alerts")
        return
    with op.get_context().autocommit_block():  # events go on being stored meanwhile
        op.drop_index(name, "alerts", if_exists=True, postgresql_concurrently=True)  # a half-made one, if it failed
        op.create_index(name, "alerts", columns, postgresql_concurrently=True)
        op.drop_index(in_place_of, "alerts", if_exists=True, postgresql_concurrently=True)
