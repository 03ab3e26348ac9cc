"""One process holds it; when it dies another does."""

from datetime import UTC, datetime, timedelta

from oncall.db.database import Database
from oncall.process import leases

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
LENGTH = timedelta(seconds=10)


def _take(database: Database, holder: str, now: datetime) -> bool:
    with database.transaction() as session:
        return leases.take(session, "irc", holder, now, LENGTH)


def test_of_two_one_has_it_and_keeps_it_by_renewing(database: Database) -> None:
    assert _take(database, "one", NOW)
    assert not _take(database, "two", NOW)
    assert _take(database, "one", NOW + timedelta(seconds=9))
    assert not _take(database, "two", NOW + timedelta(seconds=18))


def test_when_its_holder_is_silent_another_takes_it_over(database: Database) -> None:
    assert _take(database, "one", NOW)
    assert _take(database, "two", NOW + LENGTH)
    assert not _take(database, "one", NOW + LENGTH)


def test_given_back_it_is_free_at_once(database: Database) -> None:
    _take(database, "one", NOW)
    with database.transaction() as session:
        leases.give_back(session, "irc", "two", NOW)  # not its holder: no effect
    assert not _take(database, "two", NOW)
    with database.transaction() as session:
        leases.give_back(session, "irc", "one", NOW)
    assert _take(database, "two", NOW)


def test_when_it_last_worked_is_known_whoever_has_it(database: Database) -> None:
    _take(database, "one", NOW)
    with database.transaction() as session:
        assert leases.worked_at(session, "irc") is None
        leases.say_working(session, "irc", NOW)
    _take(database, "two", NOW + LENGTH)
    with database.read() as session:
        assert leases.worked_at(session, "irc") == NOW
        assert leases.worked_at(session, "slack") is None
