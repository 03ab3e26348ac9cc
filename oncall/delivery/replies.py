"""What people answer to a page: texts, keys and links. The same code serves callbacks, pages and the demo's Phone.

A message acts for the person whose verified contact method it came from; anybody else gets a sentence and no effect.
Each message is stored with its answer under the provider's id, so that one posted twice acts once.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from notifiers.registry import KINDS
from notifiers.replies import Action, Reply, begun_reply, parse_reply
from notifiers.twilio_twiml import KEYS
from oncall.alerts import actions
from oncall.alerts.actions import Actor
from oncall.alerts.gone_on import GoneOn, check_place, check_told
from oncall.delivery.carried import alerts_told_of, place_told_of
from oncall.delivery.meant import NOTHING_WAITS, meant, open_alerts_paged_to, waiting_for
from oncall.delivery.outcomes import FEW, last_page, outcome, told_of_several, who_had_it
from oncall.delivery.rules import is_usable
from oncall.errors import Conflict, Forbidden, OncallError
from oncall.models import Alert, ContactMethod, Delivery, InboundMessage, Page, Role, User
from oncall.notices.lost_address import lose_address

UNKNOWN_SENDER = "This address is not verified for anybody here, so nothing was done. Add it on My on-call."
NOT_UNDERSTOOD = "Not understood."
SOME_GONE_ON = "Not escalated: some of them have gone on to their next steps since you were shown them."
HOW_TO_ANSWER = NOT_UNDERSTOOD + " Reply “ack {0}”, “resolve {0}” or “esc {0}” with the alert's number, or “ack all”."
SOME_NUMBER = 12

CLOCKS_DIFFER = timedelta(minutes=1)
"""A provider's and ours, at most."""
MOST_AN_HOUR = {UNKNOWN_SENDER: 1, NOT_UNDERSTOOD: 5}
"""How answers begin that are given no more often to an address; to people who are paged, as often as they need it."""
HOUR, MOST_ANSWERS = timedelta(hours=1), 60
MAY_BE_A_MACHINE = ("sms",)
"""Kinds where our answer is a message that may be answered in turn. (On IRC: `IrcOffice`.)"""

DO: dict[str, tuple[Callable[[Session, int, Actor, datetime], Alert], str]] = {
    "acknowledge": (actions.acknowledge, "acknowledged"),
    "resolve": (actions.resolve, "resolved"),
    "escalate": (actions.escalate, "escalated"),
}


DO_TO_ALL = {"acknowledge": actions.acknowledge_all, "resolve": actions.resolve_all}
"""What is done to many at once; only to alerts about which the person was paged."""


def answer_text(
    session: Session,
    kind: str,
    address: str,
    text: str,
    message_id: str,
    now: datetime,
    said_at: datetime | None = None,
) -> str:
    """Act on what came from an address of a kind, and give the sentence to send back; "" when nothing may be (STOP), or
    when enough was said.

    `said_at`, where it may be long ago: a bare “ack” is not about alerts of which they were told after it.
    """
    told_by = (said_at or now) + CLOCKS_DIFFER

    def act() -> str:
        answer = _act_on_text(session, kind, address, text, now, told_by)
        return _not_again(session, address, answer, now) if kind in MAY_BE_A_MACHINE else answer

    return _once(session, message_id, address, text, now, act)


def _not_again(session: Session, address: str, answer: str, now: datetime) -> str:
    """The answer, or silence: two machines must not talk to each other for ever.

    What says that nothing was understood, or that the sender is nobody, is said a few times an hour to an address; and
    of all answers no more than MOST_ANSWERS. What was asked for is done all the same.
    """
    recent = (InboundMessage.address == address, col(InboundMessage.received_at) > now - HOUR)
    said = session.exec(select(InboundMessage.answer).where(*recent, InboundMessage.answer != "")).all()
    limits = {each: most for each, most in MOST_AN_HOUR.items() if answer.startswith(each)}
    is_enough = any(sum(each.startswith(begins) for each in said) >= most for begins, most in limits.items())
    return "" if is_enough or len(said) >= MOST_ANSWERS else answer


def answer_key(session: Session, delivery_id: int, key: str, call_id: str, now: datetime) -> str:
    """Act on a key pressed during the call of a delivery (one of DO's) and give the sentence to say."""
    delivery = session.get_one(Delivery, delivery_id)
    user = session.get(User, delivery.user_id) if delivery.user_id is not None else None
    if user is None or user.retired_at is not None:
        return UNKNOWN_SENDER
    actor = Actor(user, "by keypad")
    return _once(
        session,
        f"{call_id}:{key}",
        delivery.address,
        key,
        now,
        lambda: _act_on_told(session, delivery, KEYS[key], actor, now, delivery.address),
    )


def person_at(session: Session, kind: str, address: str) -> User | None:
    """Whose verified contact method it is; of several people the one who came first."""
    ids = [method.user_id for method in _methods_at(session, kind, address) if is_usable(method)]
    return session.get_one(User, min(ids)) if ids else None


def answer_button(
    session: Session, kind: str, address: str, delivery_id: int, action: str, message_id: str, now: datetime
) -> str:
    """Act on a button below a message that many read: on the alerts that it tells of, for whoever pressed it."""

    def act() -> str:
        user, delivery = person_at(session, kind, address), session.get(Delivery, delivery_id)
        if user is None:
            return UNKNOWN_SENDER
        if delivery is None:
            return NOTHING_WAITS
        return _act_on_told(session, delivery, action, Actor(user, f"by {KINDS[kind].label}"), now, address)

    return _once(session, message_id, address, action, now, act)


def answer_link(session: Session, delivery: Delivery, action: str, press: str, place: str, now: datetime) -> str:
    """Act on a button (one of DO's) of the page behind a delivery's link. A `press` that is sent twice acts once, and
    what has left the `place` that was shown is not escalated.
    """
    actor = Actor(session.get_one(User, delivery.user_id), f"by {KINDS[delivery.kind].label} link")

    def act() -> str:
        try:
            if action == "escalate":
                _check_place(session, delivery, place)
        except OncallError as moved:
            return moved.detail
        return _act_on_told(session, delivery, action, actor, now)

    return _once(session, f"link-{delivery.id}:{press}", delivery.address, action, now, act)


def _check_place(session: Session, delivery: Delivery, shown: str) -> None:
    if delivery.carries:
        _lock(session, alerts_told_of(session, delivery, waiting_for("escalate")))
        if shown not in ("", place_told_of(session, delivery)):
            raise Conflict(SOME_GONE_ON)
    elif delivery.alert_id is not None:
        check_place(session, delivery.alert_id, shown)


def _act_on_told(
    session: Session, delivery: Delivery, action: str, actor: Actor, now: datetime, address: str = ""
) -> str:
    """On the alert that the message tells of; of several, on those for which the action is still wanted."""
    if not delivery.carries:
        return _act(session, action, [delivery.alert_id] if delivery.alert_id else [], actor, now, address)
    numbers = alerts_told_of(session, delivery, waiting_for(action))
    return _act(session, action, numbers, actor, now, address) if numbers else NOTHING_WAITS


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


def _act_on_text(session: Session, kind: str, address: str, text: str, now: datetime, told_by: datetime) -> str:
    methods = _methods_at(session, kind, address)
    reply = parse_reply(text)
    if reply is not None and _is_for_carrier(reply, methods):
        return _stop_or_start(session, methods, reply.action, now)
    senders = {method.user_id for method in methods if method.verified_at is not None}  # nothing need reach it
    if not senders:
        return UNKNOWN_SENDER
    if reply is None or reply.action not in DO:
        return _not_understood(session, text, senders, told_by)
    numbers, problem = meant(session, reply, senders, told_by)
    if problem:
        return problem
    actor = Actor(_who(session, senders, numbers), f"by {KINDS[kind].label}")
    return _act(session, reply.action, numbers, actor, now, address)


def _not_understood(session: Session, text: str, senders: set[int], told_by: datetime) -> str:
    """Whoever says more than an answer meant one: it is not guessed at, and they are never left without a word."""
    answer = begun_reply(text)
    if answer:
        return f"Nothing was done, as there was more than “{answer}”. If you mean it, send just that."
    open_ids = open_alerts_paged_to(session, senders, told_by, waiting_for("resolve"))
    return HOW_TO_ANSWER.format(next(iter(open_ids), SOME_NUMBER))


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


def _is_for_carrier(reply: Reply, methods: list[ContactMethod]) -> bool:
    """“Yes” to a page is none where texts are on: whoever says it is told how to answer."""
    is_off = not methods or any(method.disabled_at is not None for method in methods)
    return reply.action == "stop" or (reply.action == "start" and is_off)


def _stop_or_start(session: Session, methods: list[ContactMethod], action: Action, now: datetime) -> str:
    """What carriers require. The provider answers STOP and START itself, so we send nothing."""
    for method in methods:
        if action == "stop":
            lose_address(session, method, "the person replied STOP", now)
        else:
            method.disabled_at = method.disabled_reason = None
            session.add(method)
    return ""


def _who(session: Session, senders: set[int], numbers: list[int]) -> User:
    """The sender; of several people who share a phone, the one who was paged about it."""
    paged = session.exec(
        select(Page.user_id).where(col(Page.user_id).in_(senders), col(Page.alert_id).in_(numbers)).limit(1)
    ).first()
    return session.get_one(User, paged or min(senders))


def _act(session: Session, action: str, numbers: list[int], actor: Actor, now: datetime, address: str) -> str:
    """`address`: where the answer is read; empty on a page of ours, which has shown how they stand."""
    act, done = DO[action]
    if action in DO_TO_ALL and len(numbers) > FEW:
        changed = DO_TO_ALL[action](session, numbers, actor, now)
        return told_of_several(session, len(numbers), changed, action, done)
    told: list[str] = []
    acted: list[int] = []
    gone_on = 0
    _lock(session, numbers)
    for number in numbers:
        try:
            _check_may_act(session, actor.user, number)
            if action == "escalate" and address:
                check_told(session, number, actor.user, address, now)
            last_before = last_page(session) if action == "escalate" else 0
            had = who_had_it(session, number, actor.user) if action == "acknowledge" else ""
            with session.begin_nested():
                alert = act(session, number, actor, now)
            told.append(f"#{number} {outcome(session, alert, action, done, last_before)}{had}: {alert.summary}")
            acted.append(number)
        except OncallError as error:
            told.append(f"#{number}: {error.detail}")
            gone_on += isinstance(error, GoneOn)
    if len(told) == 1:
        return told[0][:300]
    return told_of_several(session, len(told), acted, action, done, gone_on)


def _lock(session: Session, numbers: list[int]) -> None:
    """All before the first is escalated: its policy's turns are then held, and alerts are locked before those."""
    alerts = select(Alert.id).where(col(Alert.id).in_(numbers)).order_by(col(Alert.id))
    session.exec(alerts.with_for_update(key_share=True)).all()


def _check_may_act(session: Session, user: User, alert_id: int) -> None:
    """Whoever was paged may act; so may everybody but viewers."""
    if user.role is not Role.VIEWER:
        return
    paged = session.exec(select(Page.id).where(Page.alert_id == alert_id, Page.user_id == user.id).limit(1)).first()
    if paged is None:
        raise Forbidden("You may look but not act: ask an admin for the role user.")
