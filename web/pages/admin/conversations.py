"""What has passed between us and each person's phone, as it looks there."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from notifiers.registry import KINDS
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import Delivery, InboundMessage, User

RECENT = timedelta(hours=12)
MOST_MESSAGES = 400
CALL = "demo-call-"
"""Begins the id of a key that was pressed here; the delivery's id follows."""


@dataclass(frozen=True, slots=True)
class Bubble:
    """A text; `is_mine`: sent from the phone."""

    at: datetime
    text: str
    is_mine: bool
    number: int = 0
    """Of the delivery; 0 for a reply and its answer."""


@dataclass(slots=True)
class Call:
    """`keys`: each pressed key with the sentence that was said then."""

    at: datetime
    number: int
    text: str
    can_answer: bool
    keys: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Conversation:
    """One phone: everything at one address, newest first."""

    person: User
    address: str
    kind: str
    """By which an answer is written."""
    items: list[Bubble | Call]

    @property
    def newest(self) -> datetime:
        return self.items[0].at


def conversations(session: Session, now: datetime, handle: str = "") -> list[Conversation]:
    """Of one person, or of everybody with recent messages. The phone that rang last comes first."""
    phones: dict[str, tuple[User, list[Delivery]]] = {}
    for delivery, user in _deliveries(session, now, handle):
        phones.setdefault(delivery.address, (user, []))[1].append(delivery)
    inbound: dict[str, list[InboundMessage]] = defaultdict(list)
    for message in _inbound(session, list(phones)):
        inbound[message.address].append(message)
    shown = [
        Conversation(user, address, _kind(found), _items(found, inbound[address]))
        for address, (user, found) in phones.items()
    ]
    return sorted(shown, key=lambda phone: phone.newest, reverse=True)


def _deliveries(session: Session, now: datetime, handle: str) -> Sequence[tuple[Delivery, User]]:
    statement = select(Delivery, User).join(User, col(User.id) == col(Delivery.user_id))
    statement = statement.where(col(Delivery.state).in_([DeliveryState.SENT, DeliveryState.DELIVERED]))
    statement = statement.where(col(Delivery.carried_by).is_(None))  # their message is told once
    wanted = User.handle == handle if handle else col(Delivery.created_at) > now - RECENT
    return session.exec(statement.where(wanted).order_by(col(Delivery.id).desc()).limit(MOST_MESSAGES)).all()


def _kind(deliveries: Iterable[Delivery]) -> str:
    return next((delivery.kind for delivery in deliveries if not KINDS[delivery.kind].rings), "sms")


def _inbound(session: Session, addresses: list[str]) -> Sequence[InboundMessage]:
    statement = select(InboundMessage).where(col(InboundMessage.address).in_(addresses))
    return session.exec(statement.order_by(col(InboundMessage.received_at).desc()).limit(MOST_MESSAGES)).all()


def _items(deliveries: list[Delivery], inbound: list[InboundMessage]) -> list[Bubble | Call]:
    """Newest first; an answer of ours stands after, so above, the text that it answers."""
    items: list[Bubble | Call] = []
    calls = {}
    for delivery in deliveries:
        at, number = delivery.sent_at or delivery.finished_at or delivery.created_at, delivery.id or 0
        if KINDS[delivery.kind].rings:
            calls[number] = Call(at, number, delivery.body, delivery.alert_id is not None)
        else:
            items.append(Bubble(at, delivery.body, False, number))
    for message in reversed(inbound):
        if message.message_id.startswith(CALL):
            call = calls.get(int(message.message_id.removeprefix(CALL).partition("-")[0]))
            if call is not None:
                call.keys.append((message.text, message.answer))
            continue
        items.append(Bubble(message.received_at, message.text, True))
        if message.answer:
            items.append(Bubble(message.received_at, message.answer, False))
    items += calls.values()
    items.sort(key=lambda item: item.at)  # a reply and its answer, of one moment, keep their order
    return items[::-1]
