"""Whether anything is new in the alerts, asked again and again."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from oncall.alerts.news import LATE, Newsreader
from oncall.db.database import Database
from oncall.models import Alert, EscalationPolicy, Service, Severity, TimelineKind, Urgency
from oncall.settings import Settings
from oncall.timeline import tell

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def an_alert(database: Database) -> int:
    with database.transaction() as session:
        session.add(EscalationPolicy(id=1, name="dev", steps=[]))
        session.flush()
        session.add(Service(id=1, name="web", escalation_policy_id=1))
        session.flush()
        what = {"dedup_key": "disk", "summary": "Disk full", "severity": Severity.ERROR, "urgency": Urgency.HIGH}
        alert = Alert(service_id=1, policy_id=1, triggered_at=NOW, last_event_at=NOW, **what)
        session.add(alert)
        session.flush()
        assert alert.id is not None
        return alert.id


def is_news(reader: Newsreader, database: Database, after: timedelta = timedelta()) -> bool:
    with database.read() as session:
        return reader.look(session, NOW + after)


def note(session: Session, alert_id: int) -> None:
    tell(session, alert_id, TimelineKind.NOTE, "Alice: looking", NOW)
    session.flush()


def test_an_entry_is_news_once_and_so_is_an_event_that_only_counts_up(database: Database) -> None:
    alert_id, reader = an_alert(database), Newsreader()

    assert not is_news(reader, database)
    assert not is_news(reader, database)
    with database.transaction() as session:
        note(session, alert_id)
    assert is_news(reader, database)
    assert not is_news(reader, database)
    with database.transaction() as session:
        session.get_one(Alert, alert_id).event_count += 1
    assert is_news(reader, database)
    assert not is_news(reader, database, after=2 * LATE)
    assert not is_news(reader, database, after=4 * LATE), "what is old is looked at no more, and that is no news"
    with database.transaction() as session:
        note(session, alert_id)
    assert is_news(reader, database, after=4 * LATE)


def test_what_was_numbered_before_and_committed_after_another_is_news_by_another_id(
    postgres_settings: Settings,
) -> None:
    with closing(Database(postgres_settings)) as database:
        alert_id, reader = an_alert(database), Newsreader()
        is_news(reader, database)
        with database.transaction() as slow:
            note(slow, alert_id)
            with database.transaction() as quick:
                note(quick, alert_id)
            assert is_news(reader, database)
            before = reader.id
        assert is_news(reader, database)
        assert reader.id != before


def test_readers_in_two_processes_call_the_same_by_one_id(database: Database) -> None:
    alert_id, one, other = an_alert(database), Newsreader(), Newsreader()
    is_news(one, database)
    with database.transaction() as session:
        note(session, alert_id)
    is_news(one, database)
    is_news(other, database)

    assert one.id == other.id
