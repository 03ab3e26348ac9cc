"""Storms through all that can go wrong, in random order: every page is told, or called back since it was answered."""

import random
import re

import pytest
from sqlmodel import select

from oncall.lifecycle.alert import AlertStatus
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import Alert, Delivery
from oncall.settings import Settings
from tests.scenarios.test_storms import storm
from tests.scenarios.world import ALICE, BOB, COMPANY, Dying, World

LONG_WAITS = COMPANY.replace("wait: 5m", "wait: 24h")
SEEDS = (1, 112)
"""The second has found a mistake."""
ENDS = {DeliveryState.SENT, DeliveryState.CANCELLED}


class Weather:
    """What happens next, drawn at random."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.chance, self.fired = world, random.Random(seed), 0
        self.happenings = [
            self.alerts,
            self.alerts,
            self.time,
            self.time,
            self.answer,
            self.refusal,
            self.loss,
            self.death,
        ]

    def happen(self) -> None:
        self.chance.choice(self.happenings)()

    def alerts(self) -> None:
        count = self.chance.choice([1, 1, 2, 5, 30])
        storm(self.world, count, first=self.fired)
        self.fired += count

    def time(self) -> None:
        self.world.advance(seconds=self.chance.uniform(0, 20))

    def answer(self) -> None:
        if self.fired:
            self.world.reply(BOB, f"{self.chance.choice(['ack', 'resolve'])} {self.chance.randint(1, self.fired)}")

    def refusal(self) -> None:
        self.world.twilio.fail_next(self.chance.randint(1, 3))

    def loss(self) -> None:
        self.world.twilio.drop_reply_next()

    def death(self) -> None:
        self.world.restart_engine(Dying())
        self.alerts()
        self.world.restart_engine()


@pytest.mark.parametrize("seed", SEEDS)
def test_every_page_is_told_or_called_back(sqlite_settings: Settings, seed: int) -> None:
    with World(sqlite_settings, LONG_WAITS) as world:
        weather = Weather(world, seed)
        for _ in range(30):
            weather.happen()
        world.twilio.work_again()
        world.advance(minutes=6)
        texts = [text for number, text in world.texts() if number == ALICE]
        world.calls()
        with world.database.read() as session:
            found = session.exec(select(Delivery, Alert).join(Alert).where(Delivery.address == ALICE)).all()
        rows = [(delivery, alert) for delivery, alert in found if delivery.kind == "sms"]
        by_id = {delivery.id: delivery for delivery, _ in rows}
        assert {delivery.state for delivery, _ in rows} <= ENDS
        for delivery, alert in rows:
            assert delivery.state is DeliveryState.SENT or alert.status is not AlertStatus.TRIGGERED
            if delivery.carried_by is not None and delivery.state is DeliveryState.SENT:
                assert by_id[delivery.carried_by].state is DeliveryState.SENT
        told = sum(int(found[1]) if (found := re.match(r"\w+: (\d+) alerts", text)) else 1 for text in texts)
        sent = sum(delivery.state is DeliveryState.SENT for delivery, _ in rows)
        assert told >= sent, "each of them is in a text"
        world.reply(ALICE, "ack all")
