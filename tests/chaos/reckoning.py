"""What is there when it is over: in the database, and at the provider."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col, func, select

from oncall.clock import system_clock
from oncall.config.apply import apply
from oncall.config.load import load
from oncall.db.database import Database
from oncall.models import Alert, Delivery, Page
from oncall.settings import Settings
from tests.chaos.monitoring import Monitoring
from tests.chaos.provider import Provider
from tests.scenarios.world import COMPANY

ALICE_THEN_BOB = (
    COMPANY.replace("schedule:dev/L1", "user:alice").replace("schedule:dev/L2", "user:bob").replace("2m", "24h")
)
"""Whatever day it is; and nobody is called."""
ONE_TEXT_EACH = ALICE_THEN_BOB.replace("wait: 5m", "wait: 24h")
"""Each alert is one text to Alice, and then nothing for a day."""
DONE = {"sent", "delivered"}


def set_up(settings: Settings, company: str = ONE_TEXT_EACH) -> None:
    database = Database(settings)
    with database.transaction() as session:
        apply(session, load(company), system_clock(), confirm=True)
    database.close()


@dataclass(frozen=True, slots=True)
class Reckoning:
    lost: list[str]
    """Accepted, and not in the database."""
    unpaged: list[str]
    """Accepted, and no text at the provider."""
    twice: int
    """Texts about an alert to a person that had one already."""
    texts: int
    tried_again: int
    """Texts that took more than one attempt: refused, or under way when their process died, and looked up."""
    pages_twice: int
    """Pages to the same person about the same alert, step and round."""
    waited: list[float]
    """Seconds from each acceptance to its first text."""

    def __str__(self) -> str:
        counts = f"{len(self.lost)} lost, {len(self.unpaged)} not paged, {self.texts} texts"
        return f"{counts}, {self.tried_again} tried again, {self.twice} sent twice"

    def assert_nothing_lost(self) -> None:
        assert self.lost == []
        assert self.unpaged == []
        assert self.pages_twice == 0, "an alert was stepped twice"


def reckon(settings: Settings, providers: Sequence[Provider], monitoring: Monitoring) -> Reckoning:
    database = Database(settings)
    with database.read() as session:
        stored = {alert.dedup_key: alert.id or 0 for alert in session.exec(select(Alert))}
        one = (Page.alert_id, Page.user_id, Page.step, Page.round)
        pages_twice = session.exec(select(Page.alert_id).group_by(*one).having(func.count() > 1)).all()
        tried_again = session.exec(select(func.count()).where(col(Delivery.attempts) > 1)).one()
    database.close()
    sent = [text for provider in providers for text in provider.texts()]
    texts = Counter((text.alert, text.to) for text in sent)
    first = {text.alert: text.at for text in sorted(sent, key=lambda text: text.at, reverse=True)}
    return Reckoning(
        lost=[key for key in monitoring.accepted if key not in stored],
        unpaged=[key for key in monitoring.accepted if key in stored and stored[key] not in first],
        twice=texts.total() - len(texts),
        texts=texts.total(),
        tried_again=tried_again,
        pages_twice=len(pages_twice),
        waited=sorted(first[stored[key]] - at for key, at in monitoring.accepted.items() if stored.get(key) in first),
    )


def wait_until_all_is_sent(settings: Settings, seconds: float = 60) -> None:
    """Each alert has a page, and each text that is due has been taken by the provider."""
    database, until = Database(settings), time.monotonic() + seconds
    due = select(Delivery.state, func.count()).where(Delivery.kind == "sms").group_by(col(Delivery.state))
    unpaged = select(func.count(col(Alert.id))).where(~select(Page.id).where(Page.alert_id == Alert.id).exists())
    while True:
        with database.read() as session:
            waiting = session.exec(unpaged).one()  # first, or a page made between the two would be missed
            states = {str(state): count for state, count in session.exec(due)}
        if not waiting and states.keys() <= DONE:
            break
        assert time.monotonic() < until, f"not everything was sent: {states}, {waiting} alerts without a page"
        time.sleep(0.05)
    database.close()
