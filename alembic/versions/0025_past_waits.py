"""How long alerts waited, by day and service, beside what each rule had. Engines fill it in, the past first.

All four tables are new: engines of the version before go on counting into theirs, which know no lengths.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "days_counted",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_days_counted")),
    )
    _of_days(
        "past_rules",
        sa.Column("words", sa.String(1024), nullable=False),
        sa.Column("alerts", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("acknowledged", sa.Integer(), nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("last_alert", sa.Integer(), nullable=False),
    )
    _of_days(
        "past_waits",
        sa.Column("triggered", sa.Text(), nullable=False),
        sa.Column("acknowledged", sa.Text(), nullable=False),
        sa.Column("resolved", sa.Text(), nullable=False),
    )
    op.create_table(
        "alerts_to_count",
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alerts.id"], name=op.f("fk_alerts_to_count_alert_id_alerts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_alerts_to_count")),
    )


def _of_days(table: str, *figures: sa.Column[object]) -> None:
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", MOMENT, nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        *figures,
        sa.ForeignKeyConstraint(["service_id"], ["services.id"], name=op.f(f"fk_{table}_service_id_services")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(f"ix_{table}_day", table, ["day"])


def downgrade() -> None:
    for table in ("alerts_to_count", "past_waits", "past_rules", "days_counted"):
        op.drop_table(table)
