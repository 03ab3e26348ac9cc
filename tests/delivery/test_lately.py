"""How each kind of message has fared lately."""

from datetime import UTC, datetime, timedelta

from oncall.db.database import Database
from oncall.delivery.lately import Lately, lately
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import Delivery
from oncall.settings import Settings

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
REFUSED = "550 no such mailbox"


def before(minutes: int) -> datetime:
    return NOW - timedelta(minutes=minutes)


def message(kind: str, state: DeliveryState, minutes: int, **fields: object) -> Delivery:
    """Due, and tried, so many minutes ago."""
    at = before(minutes)
    given = {"created_at": at, "due_at": at, "first_attempt_at": at} | fields
    return Delivery(kind=kind, address="somewhere", state=state, **given)


def test_it_tells_what_waits_and_what_was_sent_and_failed_last_and_why(settings: Settings) -> None:
    database = Database(settings)
    with database.transaction() as session:
        session.add_all(
            [
                message("email", DeliveryState.FAILED, 9, finished_at=before(9), error="greylisted"),
                message("email", DeliveryState.DELIVERED, 8, sent_at=before(8), finished_at=before(7)),
                message("slack", DeliveryState.SENT, 6, sent_at=before(6)),
                message("slack", DeliveryState.FAILED, 5, finished_at=before(4), error=REFUSED),
                message("slack", DeliveryState.CANCELLED, 3, error="The contact method was removed."),
                message("irc", DeliveryState.PENDING, 2, first_attempt_at=None),
                message("irc", DeliveryState.SENDING, 1),
                message("irc", DeliveryState.PENDING, -1, first_attempt_at=None),
            ]
        )
    with database.read() as session:
        found = lately(session, NOW)

    assert found == {
        "email": Lately(sent_at=before(8), failed_at=before(9), failure="greylisted"),
        "slack": Lately(sent_at=before(6), failed_at=before(4), failure=REFUSED),
        "irc": Lately(waiting=2, waits_since=before(2)),
    }
    assert [kind for kind, each in found.items() if each.has_just_failed] == ["slack"]
    database.close()
