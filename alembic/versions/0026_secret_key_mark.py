"""With which secret key the installation signs, and since when: on its own row, no more as a lease nobody waits for."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("installation", sa.Column("key_mark", sa.String(40), nullable=False, server_default=""))
    op.add_column("installation", sa.Column("key_changed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE installation SET key_mark = leases.holder, key_changed_at = leases.worked_at "
        "FROM leases WHERE leases.name = 'secret_key'"
    )
    op.execute("DELETE FROM leases WHERE name = 'secret_key'")


def downgrade() -> None:
    op.execute(
        "INSERT INTO leases (name, holder, until, worked_at) "
        "SELECT 'secret_key', key_mark, CURRENT_TIMESTAMP, key_changed_at FROM installation WHERE key_mark <> ''"
    )
    op.drop_column("installation", "key_changed_at")
    op.drop_column("installation", "key_mark")
