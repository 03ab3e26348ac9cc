"""Maintenance in the config file: what can be written, and that an early end is not undone by the same file."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from oncall.cli.overrides import OPERATOR
from oncall.config.apply import apply
from oncall.config.export import export
from oncall.config.load import load
from oncall.db.database import Database
from oncall.maintenance.windows import end_window
from oncall.models import MaintenanceWindow
from oncall.settings import Settings
from tests.config.company import complaints

NOW = datetime(2026, 12, 5, tzinfo=UTC)
SERVICE = """
users: [{handle: alice, name: Alice}]
escalation_policies: [{name: dev, steps: [{page: "user:alice", wait: 5m}]}]
services: [{name: web, escalation_policy: dev}]
"""
UPGRADE = """
maintenance:
  - {name: upgrade, service: web, start: 2026-12-06T02:00, end: 2026-12-06T04:00, timezone: Europe/Paris, repeats: %s}
"""


@pytest.fixture
def sqlite(sqlite_settings: Settings) -> Iterator[Database]:
    opened = Database(sqlite_settings)
    yield opened
    opened.close()


def stored(session: Session) -> MaintenanceWindow:
    return session.exec(select(MaintenanceWindow)).one()


def test_it_is_kept_as_its_first_occurrence_in_utc(sqlite: Database) -> None:
    with sqlite.transaction() as session:
        apply(session, load(SERVICE + UPGRADE % "weekly"), NOW)

        assert stored(session).starts_at == datetime(2026, 12, 6, 1, tzinfo=UTC)
        assert stored(session).repeats == "FREQ=WEEKLY"
        assert apply(session, load(SERVICE + UPGRADE % "weekly"), NOW) == []
        assert apply(session, export(session), NOW) == []


def test_what_was_ended_early_stays_so_until_its_times_are_written_anew(sqlite: Database) -> None:
    now = NOW + timedelta(days=1, hours=2)
    with sqlite.transaction() as session:
        apply(session, load(SERVICE + UPGRADE % "weekly"), NOW)
        end_window(session, OPERATOR, "upgrade", now)

        apply(session, load(SERVICE + UPGRADE % "weekly"), now)
        assert stored(session).ends_at == now
        changes = apply(session, load(UPGRADE.replace("T04:00", "T05:00") % "weekly"), now)
        assert [str(change) for change in changes] == [
            "~ maintenance window upgrade: end 2026-12-06T04:00 -> 2026-12-06T05:00"
        ]
        assert stored(session).ends_at == datetime(2026, 12, 6, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ("service: web, team: dev", "maintenance[0] (w): is of a service or of a team: write one of the two"),
        ("service: nothing", "maintenance[0].service (w): there is no service nothing"),
        ("service: web, repeats: hourly", 'maintenance[0].repeats (w): "HOURLY" can\'t be in a rule: write daily, '),
        (
            "service: web, repeats: FREQ=MONTHLY;BYDAY=6MO",
            'maintenance[0].repeats (w): "FREQ=MONTHLY;BYDAY=6MO" never happens: no calendar has such a day',
        ),
        ("service: web, end: 2026-12-06T01:00", "maintenance[0].end (w): must be after start"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(fields: str, said: str) -> None:
    end = "" if "end:" in fields else "end: 2026-12-06T04:00, "
    window = f"maintenance: [{{name: w, start: 2026-12-06T02:00, {end}timezone: UTC, {fields}}}]"

    (complaint, *_) = complaints(SERVICE + "teams: [{name: dev}]\n" + window)
    assert complaint.startswith(said)
