"""A process is stopped (SIGSTOP, a machine that hangs) with its leases, and goes on when others have done its work: no
step is run twice, no acknowledgement undone, no result recorded from a lost lease, and no text begun after it.
"""

import time
from collections.abc import Callable

from sqlmodel import col, select

from oncall.db.database import Database
from oncall.lifecycle.alert import AlertStatus
from oncall.models import Alert, Delivery
from oncall.settings import Settings
from tests.chaos.fleet import GOES_ON, STOPPED, Fleet
from tests.chaos.monitoring import Monitoring
from tests.chaos.provider import provider
from tests.chaos.reckoning import reckon, set_up, wait_until_all_is_sent
from tests.scenarios.world import ALICE

ALERTS = 40
TIME_OF_THE_PROVIDER = 0.3


def test_process_stopped(
    is_long: bool, postgres_settings: Settings, free_port: Callable[[], int], figure: Callable[[str], None]
) -> None:
    with provider() as twilio:
        settings = [twilio.settings(postgres_settings, free_port()) for _ in range(2)]
        set_up(settings[0])
        with Fleet(settings) as fleet:
            other = settings[1].port
            monitoring = Monitoring(fleet.ports, every=0)
            twilio.control("hang", TIME_OF_THE_PROVIDER)
            held = _stop_while_it_sends(fleet, settings[0], monitoring)
            twilio.reply(other, ALICE, "ack 1")
            time.sleep(120 if is_long else settings[0].send_lease + 0.5)
            wait_until_all_is_sent(settings[0])
            before = _attempts(settings[0], "sent")
            fleet.signal(0, GOES_ON)
            time.sleep(settings[0].send_lease)  # as long as anything that it had begun could take
            after = _attempts(settings[0], "sent")
            acknowledged = _status(settings[0], 1)
            monitoring.fire("after all", fleet.ports[0])
            wait_until_all_is_sent(settings[0])
        found = reckon(settings[0], [twilio], monitoring)
    taken_over = sum(attempts > 1 for attempts in after.values())
    figure(f"Stopped with {len(held)} leases under way: {taken_over} taken over; {found}")
    found.assert_nothing_lost()
    assert found.twice <= len(held), "between its last look at the clock and the request, nothing can hold it back"
    assert taken_over > 0, "nobody took over: the test shows nothing"
    assert after == before, "a result was recorded from a lost lease"
    assert acknowledged is AlertStatus.ACKNOWLEDGED


def _stop_while_it_sends(fleet: Fleet, settings: Settings, monitoring: Monitoring) -> dict[int | None, int]:
    """Stops the first process, and lets the other go on; the leases that it holds."""
    fleet.signal(1, STOPPED)  # or some of them would be the other's
    for number in range(ALERTS):
        monitoring.fire(f"failure-{number}", fleet.ports[0])
        if number >= ALERTS // 4 and _attempts(settings, "sending"):
            fleet.signal(0, STOPPED)
            if held := _attempts(settings, "sending"):
                fleet.signal(1, GOES_ON)
                return held
            fleet.signal(0, GOES_ON)
    raise AssertionError("it was never sending")


def _attempts(settings: Settings, state: str) -> dict[int | None, int]:
    """Of each delivery in this state."""
    database = Database(settings)
    with database.read() as session:
        rows = session.exec(select(Delivery.id, Delivery.attempts).where(col(Delivery.state) == state)).all()
    database.close()
    return dict(rows)


def _status(settings: Settings, alert_id: int) -> AlertStatus:
    database = Database(settings)
    with database.read() as session:
        status = session.get_one(Alert, alert_id).status
    database.close()
    return status
