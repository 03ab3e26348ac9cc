"""Labels of alerts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0009"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("alerts", sa.Column("labels", JSON, nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("alerts", "labels")
