"""Calendars of absences may leave out what is too short to be one, such as meetings."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The default is for processes of the version before, which know nothing of it.
    op.add_column("absence_calendars", sa.Column("shortest_hours", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("absence_calendars") as table:
        table.drop_column("shortest_hours")
