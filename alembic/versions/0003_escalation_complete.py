"""Addresses of teams, turns, several acknowledgements, the time to resolve, urgency by service and support hours."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "round_robin_turns",
        sa.Column("policy_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["escalation_policies.id"], name=op.f("fk_round_robin_turns_policy_id_escalation_policies")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_round_robin_turns_user_id_users")),
        sa.PrimaryKeyConstraint("policy_id", "step", "user_id", name=op.f("pk_round_robin_turns")),
    )
    op.create_table(
        "team_contact_methods",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("address", sa.String(320), nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name=op.f("fk_team_contact_methods_team_id_teams"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_contact_methods")),
        sa.UniqueConstraint("team_id", "name", name=op.f("uq_team_contact_methods_team_id_name")),
    )
    op.create_table(
        "acknowledgements",
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alerts.id"], name=op.f("fk_acknowledgements_alert_id_alerts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_acknowledgements_user_id_users")),
        sa.PrimaryKeyConstraint("alert_id", "user_id", name=op.f("pk_acknowledgements")),
    )
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("acknowledgements_needed", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("urgency_rises_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("team_contact_method_id", sa.Integer(), nullable=True))
        batch_op.alter_column("user_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.create_foreign_key(
            batch_op.f("fk_deliveries_team_contact_method_id_team_contact_methods"),
            "team_contact_methods",
            ["team_contact_method_id"],
            ["id"],
            ondelete="SET NULL",
        )

    with op.batch_alter_table("escalation_policies", schema=None) as batch_op:
        batch_op.add_column(sa.Column("acknowledge_timeout_seconds", sa.Integer(), nullable=True))

    with op.batch_alter_table("services", schema=None) as batch_op:
        batch_op.add_column(sa.Column("urgency", sa.String(20), server_default="severity", nullable=False))
        batch_op.add_column(
            sa.Column("support_hours", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True)
        )


def downgrade() -> None:
    op.execute("DELETE FROM deliveries WHERE user_id IS NULL AND alert_id IS NOT NULL")  # older versions read no posts
    with op.batch_alter_table("services", schema=None) as batch_op:
        batch_op.drop_column("support_hours")
        batch_op.drop_column("urgency")

    with op.batch_alter_table("escalation_policies", schema=None) as batch_op:
        batch_op.drop_column("acknowledge_timeout_seconds")

    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_deliveries_team_contact_method_id_team_contact_methods"), type_="foreignkey"
        )
        batch_op.alter_column("user_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column("team_contact_method_id")

    with op.batch_alter_table("alerts", schema=None, table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.drop_column("urgency_rises_at")
        batch_op.drop_column("acknowledgements_needed")

    op.drop_table("acknowledgements")
    op.drop_table("team_contact_methods")
    op.drop_table("round_robin_turns")
