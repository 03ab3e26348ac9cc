"""Storms: deliveries that one message carries, flapping alerts, services that depend on others."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OLD_LIVE = sa.text("state IN ('pending', 'sending')")
LIVE = sa.text("state IN ('pending', 'sending') AND carried_by IS NULL")
WAITING = sa.text("state = 'pending' AND carried_by IS NULL")
WENT = sa.text("first_attempt_at IS NOT NULL AND carried_by IS NULL")
CARRIED = sa.text("carried_by IS NOT NULL")
ENDED = sa.text("resolved_at IS NOT NULL")
FOLDED = sa.text("held_by_id IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("held_since", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("carried_by", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("carries", sa.Integer(), nullable=False, server_default="0"))
        batch_op.create_foreign_key(
            op.f("fk_deliveries_carried_by_deliveries"), "deliveries", ["carried_by"], ["id"], ondelete="SET NULL"
        )
        batch_op.drop_index("ix_deliveries_due", sqlite_where=OLD_LIVE, postgresql_where=OLD_LIVE)
        batch_op.create_index("ix_deliveries_due", ["due_at"], sqlite_where=LIVE, postgresql_where=LIVE)
        batch_op.create_index(
            "ix_deliveries_waiting", ["contact_method_id", "due_at"], sqlite_where=WAITING, postgresql_where=WAITING
        )
        batch_op.create_index(
            "ix_deliveries_lately",
            ["contact_method_id", "first_attempt_at"],
            sqlite_where=WENT,
            postgresql_where=WENT,
        )
        batch_op.create_index(
            "ix_deliveries_carried_by", ["carried_by"], sqlite_where=CARRIED, postgresql_where=CARRIED
        )
    op.create_table(
        "service_dependencies",
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("depends_on_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["depends_on_id"],
            ["services.id"],
            name=op.f("fk_service_dependencies_depends_on_id_services"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["services.id"],
            name=op.f("fk_service_dependencies_service_id_services"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("service_id", "depends_on_id", name=op.f("pk_service_dependencies")),
    )
    with op.batch_alter_table("alerts", table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.add_column(sa.Column("held_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("flaps", sa.Integer(), nullable=False, server_default="0"))
        batch_op.create_foreign_key(
            op.f("fk_alerts_held_by_id_alerts"), "alerts", ["held_by_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_index(
            "ix_alerts_held_by_id", ["held_by_id", "status"], sqlite_where=FOLDED, postgresql_where=FOLDED
        )
        batch_op.create_index(
            "ix_alerts_resolved_lately", ["dedup_key", "resolved_at"], sqlite_where=ENDED, postgresql_where=ENDED
        )


def downgrade() -> None:
    with op.batch_alter_table("alerts", table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.drop_index("ix_alerts_resolved_lately", sqlite_where=ENDED, postgresql_where=ENDED)
        batch_op.drop_index("ix_alerts_held_by_id", sqlite_where=FOLDED, postgresql_where=FOLDED)
        batch_op.drop_constraint(op.f("fk_alerts_held_by_id_alerts"), type_="foreignkey")
        batch_op.drop_column("flaps")
        batch_op.drop_column("held_by_id")
    op.drop_table("service_dependencies")
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index("ix_deliveries_carried_by", sqlite_where=CARRIED, postgresql_where=CARRIED)
        batch_op.drop_index("ix_deliveries_lately", sqlite_where=WENT, postgresql_where=WENT)
        batch_op.drop_index("ix_deliveries_waiting", sqlite_where=WAITING, postgresql_where=WAITING)
        batch_op.drop_index("ix_deliveries_due", sqlite_where=LIVE, postgresql_where=LIVE)
        batch_op.create_index("ix_deliveries_due", ["due_at"], sqlite_where=OLD_LIVE, postgresql_where=OLD_LIVE)
        batch_op.drop_constraint(op.f("fk_deliveries_carried_by_deliveries"), type_="foreignkey")
        batch_op.drop_column("carries")
        batch_op.drop_column("carried_by")
        batch_op.drop_column("held_since")
