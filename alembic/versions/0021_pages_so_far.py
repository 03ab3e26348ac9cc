"""How often each person had been paged, noon by noon. Engines fill it in, the past first."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pages_so_far",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("timezone", sa.String(60), nullable=False),
        sa.Column("noon", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_hour", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("night_pages", sa.Integer(), nullable=False),
        sa.Column("nights", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_pages_so_far_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", "timezone", "noon", name=op.f("pk_pages_so_far")),
    )


def downgrade() -> None:
    op.drop_table("pages_so_far")
