"""Indexes for what people are paged: all that is counted is in them."""

from contextlib import nullcontext

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

NEW = [
    ("pages", "ix_pages_user_id_created_at_is_shadow", ["user_id", "created_at", "is_shadow"]),
    ("past_pages", "ix_past_pages_user_id_created_at", ["user_id", "created_at"]),
]
OLD = [("pages", "ix_pages_user_id_created_at", ["user_id", "created_at"])]


def upgrade() -> None:
    _replace(OLD, NEW)


def downgrade() -> None:
    _replace(NEW, OLD)


def _replace(old: list, new: list) -> None:
    on_postgres = op.get_bind().dialect.name == "postgresql"  # where events go on while a large table is read
    with op.get_context().autocommit_block() if on_postgres else nullcontext():
        for table, name, columns in new:
            op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)  # left half made
            op.create_index(name, table, columns, postgresql_concurrently=True)
        for table, name, _ in old:
            op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
