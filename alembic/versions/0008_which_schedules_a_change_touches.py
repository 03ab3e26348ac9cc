"""Which schedules a change touches, so that what is known of the others is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ADDED = (
    ("installation", "shared_revision", 40),
    ("installation", "counted_revision", 40),
    ("schedules", "revision", 40),
    ("schedules", "published_as", 100),
)


def upgrade() -> None:
    # The defaults are for processes of the version before: what they change is noticed, and touches every schedule.
    for table, column, length in ADDED:
        op.add_column(table, sa.Column(column, sa.String(length), nullable=False, server_default=""))


def downgrade() -> None:
    for table, column, _ in ADDED:
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)
