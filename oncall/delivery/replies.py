"""What people answer to a page: texts, keys and links. The same code serves callbacks, pages and the demo's Phone.

A message acts for the person whose verified contact method it came from; anybody else gets a sentence and no effect.
Each message is stored with its answer under the provider's id, so that one posted twice acts once.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from notifiers.registry import KINDS
from notifiers.replies import Action, Reply, parse_reply
from notifiers.twilio_twiml import KEYS
from oncall.alerts import actions
from oncall.alerts.actions import Actor
from oncall.delivery.rules import is_usable
from oncall.errors import Forbidden, OncallError
from oncall.lifecycle.alert import AlertStatus
from oncall.models import Alert, ContactMethod, Delivery, InboundMessage, Page, Role, User

UNKNOWN_SENDER = "This address is not verified for anybody here, so nothing was done. Verify it on your profile page."
HOW_TO_ANSWER = "Not understood. Reply “ack 12”, “resolve 12” or “esc 12” with the alert's number, or “ack all”."

ONCE_AN_HOUR = (UNKNOWN_SENDER, HOW_TO_ANSWER)
HOUR, MOST_ANSWERS = timedelta(hours=1), 60
MAY_BE_A_MACHINE = ("sms",)
"""Kinds where our answer is a message that may be answered in turn. (On IRC: `IrcOffice`.)"""

DO: dict[str, tuple[Callable[[Session, int, Actor, datetime], Alert], str]] = {
    "acknowledge": (actions.acknowledge, "acknowledged"),
    "resolve": (actions.resolve, "resolved"),
    "escalate": (actions.escalate, "escalated"),
}


def answer_text(session: Session, kind: str, address: str, text: str, message_id: str, now: datetime) -> str:
    """Act on what came from an address of a kind, and give the sentence to send back; "" when nothing may be (STOP), or
    when enough was said.
    """

    def act() -> str:
        answer = _act_on_text(session, kind, address, text, now)
        return _not_again(session, address, answer, now) if kind in MAY_BE_A_MACHINE else answer

    return _once(session, message_id, address, text, now, act)


def _not_again(session: Session, address: str, answer: str, now: datetime) -> str:
    """The answer, or silence: two machines must not talk to each other for ever.

    What says that nothing was understood, or that the sender is nobody, is said once an hour to an address; and of all
    answers no more than MOST_ANSWERS. What was asked for is done all the same.
    """
    recent = (InboundMessage.address == address, col(InboundMessage.received_at) > now - HOUR)
    said = session.exec(select(InboundMessage.answer).where(*recent, InboundMessage.answer != "")).all()
    is_said = answer in ONCE_AN_HOUR and answer in said
    return "" if is_said or len(said) >= MOST_ANSWERS else answer


def answer_key(session: Session, delivery_id: int, key: str, call_id: str, now: datetime) -> str:
    """Act on a key pressed during the call of a delivery (one of DO's) and give the sentence to say."""
    delivery = session.get_one(Delivery, delivery_id)
    user = session.get_one(User, delivery.user_id)
    if user.retired_at is not None:
        return UNKNOWN_SENDER
    act_on = [delivery.alert_id] if delivery.alert_id else []
    return _once(
        session,
        f"{call_id}:{key}",
        delivery.address,
        key,
        now,
        lambda: _act(session, KEYS[key], act_on, Actor(user, "by keypad"), now),
    )


def person_at(session: Session, kind: str, address: str) -> User | None:
    """Whose verified contact method it is; of several people the one who came first."""
    ids = [method.user_id for method in _methods_at(session, kind, address) if is_usable(method)]
    return session.get_one(User, min(ids)) if ids else None


def answer_link(session: Session, delivery: Delivery, action: str, press: str, now: datetime) -> str:
    """Act on a button (one of DO's) of the page behind a delivery's link. A `press` that is sent twice acts once."""
    actor = Actor(session.get_one(User, delivery.user_id), f"by {KINDS[delivery.kind].label} link")
    act_on = [delivery.alert_id] if delivery.alert_id else []
    message_id = f"link-{delivery.id}:{press}"
    return _once(session, message_id, delivery.address, action, now, lambda: _act(session, action, act_on, actor, now))


def _once(session: Session, message_id: str, address: str, text: str, now: datetime, act: Callable[[], str]) -> str:
    stored = session.get(InboundMessage, message_id)
    if stored is None:
        answer = act()
        stored = InboundMessage(
            message_id=message_id, address=address, text=text[:1600], received_at=now, answer=answer
        )
        session.add(stored)
        session.flush()
    return stored.answer


def _act_on_text(session: Session, kind: str, address: str, text: str, now: datetime) -> str:
    methods = _methods_at(session, kind, address)
    reply = parse_reply(text)
    if reply is not None and reply.action in ("stop", "start"):
        return _stop_or_start(session, methods, reply.action, now)
    senders = {method.user_id for method in methods if is_usable(method)}
    if not senders:
        return UNKNOWN_SENDER
    if reply is None or reply.action not in DO:
        return HOW_TO_ANSWER
    numbers, problem = _meant(session, reply, senders)
    if problem:
        return problem
    return _act(session, reply.action, numbers, Actor(_who(session, senders, numbers), f"by {KINDS[kind].label}"), now)


def _methods_at(session: Session, kind: str, address: str) -> list[ContactMethod]:
    return list(
        session.exec(
            select(ContactMethod)
            .join(User)
            .where(
                ContactMethod.address == address,
                ContactMethod.kind == kind,
                col(User.retired_at).is_(None),
            )
        )
    )


def _stop_or_start(session: Session, methods: list[ContactMethod], action: Action, now: datetime) -> str:
    """What carriers require. The provider answers STOP and START itself, so we send nothing."""
    for method in methods:
        if action == "stop":
            method.disabled_at, method.disabled_reason = now, "the person replied STOP"
        else:
            method.disabled_at = method.disabled_reason = None
        session.add(method)
    return ""


def _meant(session: Session, reply: Reply, senders: set[int]) -> tuple[list[int], str]:
    """The alerts a reply is about, or the sentence that asks for more."""
    if reply.number is not None:
        return [reply.number], ""
    open_ids = _open_alerts_paged_to(session, senders, all_open=reply.action == "resolve")
    if not open_ids:
        return [], "No open alert of yours is waiting for an answer."
    if len(open_ids) > 1 and not reply.all:
        shown = ", ".join(f"#{number}" for number in open_ids[:8])
        return [], f"{len(open_ids)} alerts are open: {shown}. Say which, such as “ack {open_ids[0]}”, or “ack all”."
    return open_ids, ""


def _open_alerts_paged_to(session: Session, user_ids: set[int], *, all_open: bool) -> list[int]:
    statuses = [AlertStatus.TRIGGERED, AlertStatus.ACKNOWLEDGED] if all_open else [AlertStatus.TRIGGERED]
    ids = session.exec(
        select(Alert.id)
        .join(Page)
        .where(col(Page.user_id).in_(user_ids), col(Alert.status).in_(statuses), col(Page.is_shadow).is_(False))
        .distinct()
        .order_by(col(Alert.id))
    )
    return [alert_id for alert_id in ids if alert_id is not None]


def _who(session: Session, senders: set[int], numbers: list[int]) -> User:
    """The sender; of several people who share a phone, the one who was paged about it."""
    paged = session.exec(
        select(Page.user_id).where(col(Page.user_id).in_(senders), col(Page.alert_id).in_(numbers)).limit(1)
    ).first()
    return session.get_one(User, paged or min(senders))


def _act(session: Session, action: str, numbers: list[int], actor: Actor, now: datetime) -> str:
    act, done = DO[action]
    told: list[str] = []
    acted: list[int] = []
    for number in numbers:
        try:
            _check_may_act(session, actor.user, number)
            with session.begin_nested():
                alert = act(session, number, actor, now)
            told.append(f"#{number} {done}: {alert.summary}")
            acted.append(number)
        except OncallError as error:
            told.append(f"#{number}: {error.detail}")
    if len(told) == 1:
        return told[0][:300]
    others = f"; {len(told) - len(acted)} could not be" if len(acted) < len(told) else ""
    return f"{len(acted)} alerts {done}: " + ", ".join(f"#{number}" for number in acted[:8]) + others


def _check_may_act(session: Session, user: User, alert_id: int) -> None:
    """Whoever was paged may act; so may everybody but viewers."""
    if user.role is not Role.VIEWER:
        return
    paged = session.exec(select(Page.id).where(Page.alert_id == alert_id, Page.user_id == user.id).limit(1)).first()
    if paged is None:
        raise Forbidden("You may look but not act: ask an admin for the role user.")
