"""The clock of a machine is set by an hour, back and forward: no step is run twice or late, and what was acknowledged
stays so. On SQLite what falls due by a clock that is set forward is run then, once.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, func, select

from oncall.clock import system_clock
from oncall.db.database import Database
from oncall.lifecycle.alert import AlertStatus
from oncall.models import Alert, Page
from oncall.settings import Settings
from tests.chaos.monitoring import Monitoring
from tests.chaos.provider import Provider, Text, provider
from tests.chaos.reckoning import ALICE_THEN_BOB, set_up
from tests.chaos.stepped_clock import SteppedClock, serving_by
from tests.scenarios.world import ALICE, BOB, CAROL
from tests.system import needs

pytestmark = needs("faketime")

HOUR = timedelta(hours=1)
WAIT = 3.0
"""Seconds from the first step to the second."""
QUICK = ALICE_THEN_BOB.replace("wait: 5m", f"wait: {WAIT:g}s").replace("repeat: 1", "repeat: 0")
LATE = 5.0
"""Seconds after which something that was due is late, on a busy machine."""


def test_a_clock_set_back_and_forward_on_sqlite(
    sqlite_settings: Settings, free_port: Callable[[], int], tmp_path: Path, figure: Callable[[str], None]
) -> None:
    with provider() as twilio:
        settings = twilio.settings(sqlite_settings, free_port(), engine_tick=0.5)
        set_up(settings, QUICK)
        clock = SteppedClock(tmp_path / "clock")
        with serving_by(clock, settings, tmp_path):
            monitoring = Monitoring([settings.port], every=0)
            monitoring.fire("acknowledged")
            first = _wait_for_texts(twilio, 1)
            twilio.reply(settings.port, first[0].to, "ack")
            monitoring.fire("set back")
            _wait_for_texts(twilio, 2)
            clock.set(-HOUR)
            began = time.monotonic()
            _wait_for_texts(twilio, 3)
            took = time.monotonic() - began
            monitoring.fire("set forward")
            _wait_for_texts(twilio, 4)
            clock.set(timedelta())
            _wait_for_texts(twilio, 6)
            time.sleep(2 * settings.engine_tick)
        texts = twilio.texts()
        _assert_each_stepped_once(settings, steps={1: 1, 2: 3, 3: 2})
    figure(f"SQLite, clock set back and forward an hour: next step after {took:.1f} s of {WAIT:g}; {len(texts)} texts")
    assert took < WAIT + LATE
    assert sorted((text.alert, text.to) for text in texts) == [
        (1, ALICE),
        (2, ALICE),
        (2, BOB),
        (2, CAROL),
        (3, ALICE),
        (3, BOB),
    ]


@pytest.mark.long
def test_clocks_that_differ_on_postgresql(
    postgres_settings: Settings, free_port: Callable[[], int], tmp_path: Path, figure: Callable[[str], None]
) -> None:
    """One machine is an hour ahead, then an hour behind: all go by the database's clock."""
    with provider() as twilio:
        wrong, right = (twilio.settings(postgres_settings, free_port(), engine_tick=0.5) for _ in range(2))
        set_up(right, QUICK)
        clock = SteppedClock(tmp_path / "clock")
        clock.set(HOUR)
        with (
            serving_by(clock, wrong, tmp_path),
            serving_by(SteppedClock(tmp_path / "true"), right, tmp_path),
        ):
            monitoring = Monitoring([wrong.port, right.port], every=0)
            for number in range(6):
                monitoring.fire(f"ahead-{number}", monitoring.ports[number % 2])
            began = time.monotonic()
            _wait_for_texts(twilio, 6)
            clock.set(-HOUR)
            for number in range(6):
                monitoring.fire(f"behind-{number}", monitoring.ports[number % 2])
            _wait_for_texts(twilio, 24)
            took = time.monotonic() - began
        _assert_each_stepped_once(right, steps=dict.fromkeys(range(1, 13), 2))
        off = _farthest_page(right)
    figure(f"PostgreSQL, one of two clocks an hour off: steps after {took:.1f} s of {WAIT:g}; pages {off:.1f} s off")
    assert WAIT <= took < WAIT + 2 * LATE
    assert off < 60


def _wait_for_texts(twilio: Provider, count: int) -> list[Text]:
    until = time.monotonic() + WAIT + 20
    while len(texts := twilio.texts()) < count:
        assert time.monotonic() < until, f"only {texts}"
        time.sleep(0.02)
    return texts


def _assert_each_stepped_once(settings: Settings, steps: dict[int, int]) -> None:
    """Pages of each alert; and the first is still acknowledged where it was."""
    database = Database(settings)
    with database.read() as session:
        pages = session.exec(select(Page.alert_id, func.count()).group_by(col(Page.alert_id))).all()
        status = session.get_one(Alert, 1).status
    database.close()
    assert dict(pages) == steps
    assert (status is AlertStatus.ACKNOWLEDGED) == (steps[1] == 1)


def _farthest_page(settings: Settings) -> float:
    """Seconds from now to the page that is farthest from it, by the true clock."""
    database = Database(settings)
    with database.read() as session:
        times = session.exec(select(Page.created_at)).all()
    database.close()
    return max(abs((system_clock() - at).total_seconds()) for at in times)
