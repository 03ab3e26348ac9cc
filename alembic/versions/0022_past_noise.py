"""How many alerts each rule had, day by day. Engines fill it in, the past first."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "noise_counted",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_noise_counted")),
    )
    op.create_table(
        "past_noise",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", MOMENT, nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(1024), nullable=False),
        sa.Column("alerts", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("acknowledged", sa.Integer(), nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("last_alert", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["service_id"], ["services.id"], name=op.f("fk_past_noise_service_id_services")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_past_noise")),
    )
    op.create_index("ix_past_noise_day", "past_noise", ["day"])
    op.create_table(
        "uncounted_alerts",
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alerts.id"], name=op.f("fk_uncounted_alerts_alert_id_alerts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_uncounted_alerts")),
    )


def downgrade() -> None:
    op.drop_table("uncounted_alerts")
    op.drop_table("past_noise")
    op.drop_table("noise_counted")
