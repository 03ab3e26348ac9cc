"""Labels of alerts; maintenance."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
HELD = sa.text("maintenance_id IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "maintenance_windows",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("start", sa.String(32), nullable=False),
        sa.Column("end", sa.String(32), nullable=False),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("repeats", sa.String(200), nullable=True),
        sa.Column("pages_critical", sa.Boolean(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["services.id"],
            name=op.f("fk_maintenance_windows_service_id_services"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name=op.f("fk_maintenance_windows_team_id_teams"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_maintenance_windows_created_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_maintenance_windows")),
        sa.UniqueConstraint("name", name=op.f("uq_maintenance_windows_name")),
    )
    for column in ("service_id", "team_id", "ends_at"):
        op.create_index(f"ix_maintenance_windows_{column}", "maintenance_windows", [column])
    with op.batch_alter_table("alerts", table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.add_column(sa.Column("labels", JSON, nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("maintenance_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_alerts_maintenance_id_maintenance_windows"),
            "maintenance_windows",
            ["maintenance_id"],
            ["id"],
            ondelete="SET NULL",
        )
        batch_op.create_index("ix_alerts_maintenance_id", ["maintenance_id"], sqlite_where=HELD, postgresql_where=HELD)


def downgrade() -> None:
    with op.batch_alter_table("alerts", table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.drop_index("ix_alerts_maintenance_id", sqlite_where=HELD, postgresql_where=HELD)
        batch_op.drop_constraint(op.f("fk_alerts_maintenance_id_maintenance_windows"), type_="foreignkey")
        batch_op.drop_column("maintenance_id")
        batch_op.drop_column("labels")
    op.drop_table("maintenance_windows")
