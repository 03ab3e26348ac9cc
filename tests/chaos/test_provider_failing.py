"""The provider fails in every way that one can: every text arrives, later; what it had taken already is found there and
not sent again, whatever its callbacks say and in whatever order.
"""

import time
from collections.abc import Callable

from sqlmodel import col, func, select

from oncall.db import Database
from oncall.models import Delivery
from oncall.settings import Settings
from tests.chaos.fleet import Fleet
from tests.chaos.monitoring import Monitoring
from tests.chaos.provider import provider
from tests.chaos.reckoning import reckon, set_up, wait_until_all_is_sent

ALWAYS = 1_000_000


def test_provider_failing(
    is_long: bool, postgres_settings: Settings, free_port: Callable[[], int], figure: Callable[[str], None]
) -> None:
    alerts, outage, hang = (100, 60.0, 30.0) if is_long else (8, 1.0, 1.0)
    with provider("--auto-status") as twilio:
        settings = [twilio.settings(postgres_settings, free_port(), send_threads=16) for _ in range(2)]
        set_up(settings[0])
        twilio.control("jumble")
        with Fleet(settings) as fleet:
            monitoring = Monitoring(fleet.ports, every=0)

            def meanwhile(what: str, *arguments: object, seconds: float = 0.0) -> None:
                twilio.control(what, *arguments)
                for number in range(alerts):
                    monitoring.fire(f"{what}-{number}", fleet.ports[number % 2])
                time.sleep(seconds)

            meanwhile("reset_next", alerts // 2)
            meanwhile("drop_reply_next", alerts // 2)
            wait_until_all_is_sent(settings[0])
            found = reckon(settings[0], twilio, monitoring)
            found.assert_nothing_lost()
            assert found.twice == 0, "what was taken before the connection broke was not looked up"

            meanwhile("fail_next", ALWAYS, 500, seconds=outage)
            twilio.control("work_again")
            meanwhile("hang", hang, seconds=outage)
            twilio.control("hang", 0)
            began = time.monotonic()
            wait_until_all_is_sent(settings[0], seconds=300)
            took = time.monotonic() - began
            _wait_for_receipts(settings[0])
        found = reckon(settings[0], twilio, monitoring)
    figure(
        f"Provider: {alerts} alerts each with resets, lost replies, {outage:g} s of 500s, {hang:g} s hangs: {found}; "
        f"all sent {took:.1f} s after it worked again, and delivered by callbacks out of order and doubled"
    )
    found.assert_nothing_lost()


def _wait_for_receipts(settings: Settings) -> None:
    """Every text is known to be delivered, although "delivered" came before "sent", and both twice."""
    database, until = Database(settings), time.monotonic() + 20
    open_ones = select(func.count()).where(Delivery.kind == "sms", col(Delivery.state) != "delivered")
    while True:
        with database.read() as session:
            left = session.exec(open_ones).one()
        if not left:
            break
        assert time.monotonic() < until, f"{left} without a receipt"
        time.sleep(0.05)
    database.close()
