"""The provider fails in every way that one can: every text arrives, later or by another account; what it had taken
already is found there and not sent again, whatever its callbacks say and in whatever order.
"""

import time
from collections.abc import Callable

import pytest
from sqlmodel import col, func, select

from oncall.db.database import Database
from oncall.delivery.health import LONGEST_PAUSE
from oncall.models import Delivery
from oncall.settings import Settings
from tests.chaos.fleet import Fleet
from tests.chaos.monitoring import Monitoring
from tests.chaos.provider import Provider, provider
from tests.chaos.reckoning import reckon, set_up, wait_until_all_is_sent
from tests.scenarios.world import SECOND_SID

ALWAYS = 1_000_000
HANG = 30.0
TROUBLES: list[tuple[str, tuple[object, ...]]] = [("hang", (HANG,)), ("fail_next", (ALWAYS, 500))]


@pytest.fixture
def outage(request: pytest.FixtureRequest, is_long: bool) -> float:
    """Seconds that each kind of trouble lasts."""
    return 60.0 * float(request.config.getoption("--minutes")) if is_long else 1.0


def test_provider_failing(
    is_long: bool,
    outage: float,
    postgres_settings: Settings,
    free_port: Callable[[], int],
    figure: Callable[[str], None],
) -> None:
    alerts, hang = (100, HANG) if is_long else (8, 1.0)
    with provider("--auto-status") as twilio:
        settings = [twilio.settings(postgres_settings, free_port(), send_threads=16) for _ in range(2)]
        set_up(settings[0])
        twilio.control("jumble")
        with Fleet(settings) as fleet:
            monitoring = Monitoring(fleet.ports, every=0)

            def meanwhile(what: str, *arguments: object, seconds: float = 0.0) -> None:
                twilio.control(what, *arguments)
                _fire(monitoring, what, alerts, seconds)

            meanwhile("reset_next", alerts // 2)
            meanwhile("drop_reply_next", alerts // 2)
            wait_until_all_is_sent(settings[0])
            found = reckon(settings[0], [twilio], monitoring)
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
        found = reckon(settings[0], [twilio], monitoring)
    figure(
        f"Provider: {alerts} alerts each with resets, lost replies, {outage:g} s of 500s, as long of {hang:g} s hangs: "
        f"{found}; all sent {took:.1f} s after it worked again, and delivered by callbacks out of order and doubled"
    )
    found.assert_nothing_lost()
    assert found.twice == 0, "what hung was not waited for"


def test_provider_failing_beside_another(
    is_long: bool,
    outage: float,
    postgres_settings: Settings,
    free_port: Callable[[], int],
    figure: Callable[[str], None],
) -> None:
    """In the long form with the patience of an installation as it comes."""
    alerts, troubles = (100, TROUBLES) if is_long else (8, TROUBLES[:1])
    patience = {"send_timeout": 10.0, "send_lease": 30.0, "send_threads": 64} if is_long else {}
    with provider("--auto-status") as first, provider("--auto-status", account_sid=SECOND_SID) as second:
        patience["twilio_fallbacks"] = second.as_fallback()
        settings = [first.settings(postgres_settings, free_port(), **patience) for _ in range(2)]
        set_up(settings[0])
        for each in (first, second):
            each.control("jumble")
        with Fleet(settings) as fleet:
            everything = Monitoring(fleet.ports, every=0)
            for trouble, arguments in troubles:
                if everything.accepted:
                    _wait_until_used_again(first, everything)
                monitoring, sent_before = Monitoring(fleet.ports, every=0), len(second.texts())
                first.control(trouble, *arguments)
                _fire(monitoring, trouble, alerts, outage)
                wait_until_all_is_sent(settings[0])
                waited = reckon(settings[0], [first, second], monitoring).waited
                by_another = len(second.texts()) - sent_before
                figure(
                    f"Two accounts, {trouble} at the first for {outage:g} s: {by_another} of {alerts} delivered by the "
                    f"second, {waited[len(waited) // 2]:.2f} s (median) to {waited[-1]:.1f} s after the event"
                )
                assert by_another == alerts
                everything.accepted |= monitoring.accepted
                first.control("let_go")
                first.control("work_again")
            _wait_for_receipts(settings[0])
        found = reckon(settings[0], [first, second], everything)
    figure(f"Two accounts, all of that: {found}")
    found.assert_nothing_lost()


def _wait_until_used_again(first: Provider, monitoring: Monitoring) -> None:
    """Its pause ends, and a text tries it."""
    time.sleep(1)  # what hung there has come by then
    before, until = len(first.texts()), time.monotonic() + 2 * LONGEST_PAUSE.total_seconds()
    while len(first.texts()) == before:
        assert time.monotonic() < until
        monitoring.fire(f"again-{time.monotonic()}")
        time.sleep(1)


def _fire(monitoring: Monitoring, what: str, alerts: int, seconds: float) -> None:
    """So many alerts over that time."""
    for number in range(alerts):
        monitoring.fire(f"{what}-{number}", monitoring.ports[number % len(monitoring.ports)])
        time.sleep(seconds / alerts)


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
