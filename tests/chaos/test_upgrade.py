"""An upgrade: one process of the new version has migrated, those of the old one go on, and may be started again."""

from collections.abc import Callable

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from oncall.db.database import Database
from oncall.schema import migrate, schema_version
from oncall.settings import Settings
from tests.chaos.fleet import Fleet
from tests.chaos.monitoring import Monitoring
from tests.chaos.provider import provider
from tests.chaos.reckoning import reckon, set_up, wait_until_all_is_sent

BEFORE_AND_AFTER = 20
"""Alerts."""


def test_upgrade(postgres_settings: Settings, free_port: Callable[[], int], figure: Callable[[str], None]) -> None:
    with provider() as twilio:
        settings = [twilio.settings(postgres_settings, free_port()) for _ in range(2)]
        set_up(settings[0])
        with Fleet(settings[:1]) as running:
            monitoring = Monitoring(running.ports, every=0.01, at_most=BEFORE_AND_AFTER)
            with monitoring:
                _migrate_as_a_later_version_would(settings[0])
            for number in range(BEFORE_AND_AFTER):
                monitoring.fire(f"migrated-{number}")
            with Fleet(settings[1:]) as started_later:
                for number in range(BEFORE_AND_AFTER):
                    monitoring.fire(f"started-{number}", started_later.ports[0])
                wait_until_all_is_sent(settings[0])
        found = reckon(settings[0], [twilio], monitoring)
        figure(f"Upgrade under way: {len(monitoring.accepted)} accepted, {monitoring.refused} not, {found}")
        found.assert_nothing_lost()
        assert found.twice == 0
        assert monitoring.refused == 0
        assert _revision(settings[0]) == LATER


LATER = "9999"


def _migrate_as_a_later_version_would(settings: Settings) -> None:
    """Adds a table, and columns to the tables that are busiest."""

    def work(connection: sa.Connection) -> None:
        with connection.begin():
            later = Operations(MigrationContext.configure(connection))
            later.create_table("later", sa.Column("id", sa.Integer(), primary_key=True))
            for table in ("alerts", "deliveries", "pages"):
                later.add_column(table, sa.Column("later", sa.String(20), nullable=True))
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{LATER}'")

    migrate.in_turn(settings, work)


def _revision(settings: Settings) -> str | None:
    database = Database(settings)
    revision = schema_version.current(database)
    database.close()
    return revision
