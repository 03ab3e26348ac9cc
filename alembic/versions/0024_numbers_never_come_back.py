"""On SQLite too, the number of a deleted row is never given to another."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TABLES = (
    *("absence_calendars", "absences", "api_tokens", "audit_entries", "calendar_feeds", "canaries", "change_events"),
    *("contact_methods", "escalation_policies", "heartbeats", "integration_keys", "login_failures"),
    *("maintenance_windows", "notices", "notification_rules", "overrides", "published_shifts", "rotation_members"),
    *("rotations", "schedules", "services", "shadow_shifts", "swap_events", "swap_pieces", "team_contact_methods"),
    *("teams", "temporary_schedules", "users"),
)
"""Small ones: those that grow with every event stay as they are (`models.base.log_key_column`)."""


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":  # the sequences of PostgreSQL never go back
        return
    for table in TABLES:
        with op.batch_alter_table(table, recreate="always", table_kwargs={"sqlite_autoincrement": True}):
            pass


def downgrade() -> None:
    """Older code numbers its rows as well with it."""
