"""When a shadow shift that had begun was ended early: calendars that have it must see the edit."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("shadow_shifts", sa.Column("called_off_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("shadow_shifts", "called_off_at")
