"""Routing: keys of teams with rules, what the rules did; alerts that resolve by themselves and re-open."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


SECONDS = ("auto_resolve_seconds", "reopen_within_seconds")
LIMITED = sa.text("status <> 'resolved' AND resolves_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("services", sa.Column("grouping", JSON, nullable=True))
    for name in SECONDS:
        op.add_column("services", sa.Column(name, sa.Integer(), nullable=True))
    for name in ("reopened_at", "resolves_at"):
        op.add_column("alerts", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_alerts_resolves_at", "alerts", ["resolves_at"], sqlite_where=LIMITED, postgresql_where=LIMITED)
    with op.batch_alter_table("integration_keys") as batch_op:
        batch_op.add_column(sa.Column("team_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("rules", JSON, nullable=False, server_default="[]"))
        batch_op.create_foreign_key(
            op.f("fk_integration_keys_team_id_teams"), "teams", ["team_id"], ["id"], ondelete="CASCADE"
        )
    op.create_table(
        "rule_counts",
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(100), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        _of_a_key("rule_counts"),
        sa.PrimaryKeyConstraint("key_id", "rule", name=op.f("pk_rule_counts")),
    )
    op.create_table(
        "suppressed_events",
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(100), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dedup_key", sa.String(512), nullable=False),
        sa.Column("summary", sa.String(1024), nullable=False),
        sa.Column("source", sa.String(300), nullable=False),
        sa.Column("severity", sa.String(20), nullable=False),
        sa.Column("labels", JSON, nullable=False),
        _of_a_key("suppressed_events"),
        sa.PrimaryKeyConstraint("key_id", "rule", "slot", name=op.f("pk_suppressed_events")),
    )

    op.create_table(
        "alert_members",
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("dedup_key", sa.String(512), nullable=False),
        sa.Column("summary", sa.String(1024), nullable=False),
        sa.Column("severity", sa.String(20), nullable=False),
        sa.Column("event_count", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alerts.id"], name=op.f("fk_alert_members_alert_id_alerts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("alert_id", "dedup_key", name=op.f("pk_alert_members")),
    )
    op.create_index("ix_alert_members_dedup_key", "alert_members", ["dedup_key"])


def _of_a_key(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_key_id_integration_keys")
    return sa.ForeignKeyConstraint(["key_id"], ["integration_keys.id"], name=name, ondelete="CASCADE")


def downgrade() -> None:
    op.drop_index("ix_alerts_resolves_at", "alerts")
    for name in ("reopened_at", "resolves_at"):
        op.drop_column("alerts", name)
    for name in (*SECONDS, "grouping"):
        op.drop_column("services", name)
    op.drop_table("alert_members")
    op.drop_table("suppressed_events")
    op.drop_table("rule_counts")
    with op.batch_alter_table("integration_keys") as batch_op:
        batch_op.drop_constraint(op.f("fk_integration_keys_team_id_teams"), type_="foreignkey")
        batch_op.drop_column("rules")
        batch_op.drop_column("team_id")
