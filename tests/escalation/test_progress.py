"""When the engine looks at an alert next, and when its escalation is over."""

from datetime import UTC, datetime, timedelta

from oncall.escalation.progress import go_on_at, is_over
from oncall.models import Alert

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
SOON, LATER = NOW + timedelta(minutes=5), NOW + timedelta(hours=1)


def test_the_next_step_or_the_beginning_of_support_hours_whichever_comes_first() -> None:
    alert = Alert(urgency_rises_at=SOON)
    go_on_at(alert, LATER)
    assert alert.next_step_at == SOON

    alert = Alert(urgency_rises_at=LATER)
    go_on_at(alert, SOON)
    assert alert.next_step_at == SOON


def test_it_is_over_when_no_step_is_left_although_the_urgency_will_rise() -> None:
    alert = Alert(step=0, urgency_rises_at=LATER)
    go_on_at(alert, None)
    assert (alert.next_step_at, is_over(alert)) == (LATER, True)

    go_on_at(alert, SOON)
    assert not is_over(alert)

    assert is_over(Alert(next_step_at=None))
