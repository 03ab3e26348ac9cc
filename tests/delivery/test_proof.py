"""Every state of a delivery has its own time."""

from datetime import UTC, datetime, timedelta

import pytest

from oncall.delivery.proof import proof
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import Delivery

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
PLANNED, TRIED, SENT, ENDED = (NOW + timedelta(seconds=seconds) for seconds in (0, 1, 2, 3))


@pytest.mark.parametrize(
    ("state", "tried_at", "sent_at", "finished_at", "seen"),
    [
        ("pending", None, None, None, [("pending", PLANNED)]),
        ("sending", TRIED, None, None, [("pending", PLANNED), ("sending", TRIED)]),
        ("sent", TRIED, SENT, None, [("pending", PLANNED), ("sending", TRIED), ("sent", SENT)]),
        ("failed", TRIED, None, ENDED, [("pending", PLANNED), ("sending", TRIED), ("failed", ENDED)]),
        ("cancelled", None, None, ENDED, [("pending", PLANNED), ("cancelled", ENDED)]),
        (
            "delivered",
            TRIED,
            SENT,
            ENDED,
            [("pending", PLANNED), ("sending", TRIED), ("sent", SENT), ("delivered", ENDED)],
        ),
    ],
)
def test_each_state_that_it_was_in(
    state: str,
    tried_at: datetime | None,
    sent_at: datetime | None,
    finished_at: datetime | None,
    seen: list[tuple[str, datetime]],
) -> None:
    delivery = Delivery(
        user_id=1,
        kind="sms",
        address="+12025550101",
        state=DeliveryState(state),
        created_at=PLANNED,
        due_at=PLANNED,
        first_attempt_at=tried_at,
        sent_at=sent_at,
        finished_at=finished_at,
    )
    assert proof(delivery) == seen
