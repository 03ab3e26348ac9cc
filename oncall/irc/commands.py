"""What people write to the bot, and what comes of it.

A nick acts for the person whose verified contact method it is, and only as somebody whom the services know (see
ONCALL_IRC_IDENTIFIED_ONLY). Who is on call, anybody in the channel may ask.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from notifiers.irc_session import Said
from notifiers.registry import KINDS
from notifiers.replies import ABOUT_ALERTS, begun_reply, parse_reply
from oncall.alerts import actions
from oncall.alerts.actions import Actor
from oncall.alerts.by_hand import page_schedule
from oncall.alerts.event import SUMMARY_MAX
from oncall.auth.permissions import Permission, check
from oncall.delivery import replies
from oncall.errors import BadInput, OncallError
from oncall.irc import topic

KIND = "irc"
SIGN = "!"
HELP = "!oncall [schedule] · !ack 12 · !resolve 12 · !escalate 12 · !ack all · !note 12 text · !page schedule text"
NOT_IDENTIFIED = "Nothing was done: the network's services do not know you. Log in to your account there first."
NOT_VERIFIED = "Nothing was done: {} is not verified as anybody's contact method. Add it on My on-call."


@dataclass(frozen=True, slots=True)
class Command:
    word: str
    rest: str


def read(said: Said) -> Command | None:
    """Pure. In private the sign may be left out; in the channel, what is not for us is None."""
    has_sign, text = said.text.startswith(SIGN), said.text.removeprefix(SIGN).strip()
    if said.in_channel and not has_sign:
        return None
    word, _, rest = text.partition(" ")
    command = Command(word.casefold(), rest.strip())
    reply = parse_reply(text)
    if command.word in OWN or (reply is not None and reply.action in ABOUT_ALERTS) or begun_reply(text):
        return command
    return None if said.in_channel else Command("help", "")


def answer(session: Session, said: Said, identity: str, now: datetime) -> str:
    """Do what was said by somebody of this identity ("" is nobody), and give what to say to it."""
    command = read(said)
    if command is None:
        return ""
    if command.word == "help":
        return HELP
    if command.word == "oncall" and said.in_channel:
        return _who_is_on_call(session, command, now)
    actor = _actor(session, identity)
    if actor is None:
        return NOT_VERIFIED.format(identity) if identity else NOT_IDENTIFIED
    try:
        with session.begin_nested():
            return _act(session, command, identity, actor, now)
    except OncallError as error:
        return error.detail


def _act(session: Session, command: Command, address: str, actor: Actor, now: datetime) -> str:
    if command.word == "oncall":
        return _who_is_on_call(session, command, now)
    if command.word in ACTING:
        check(actor.user, Permission.ACT)
        return ACTING[command.word](session, command, actor, now)
    text = f"{command.word} {command.rest}"
    return replies.answer_text(session, KIND, address, text, f"irc-{secrets.token_hex(16)}", now)


def _actor(session: Session, identity: str) -> Actor | None:
    user = replies.person_at(session, KIND, identity) if identity else None
    return Actor(user, f"by {KINDS[KIND].label}") if user else None


def _who_is_on_call(session: Session, command: Command, now: datetime) -> str:
    schedules = topic.named(session, command.rest or topic.ALL)
    if not schedules:
        return f"There is no schedule {command.rest}." if command.rest else "There are no schedules yet."
    return topic.line(session, schedules, now)


def _note(session: Session, command: Command, actor: Actor, now: datetime) -> str:
    number, _, text = command.rest.removeprefix("#").partition(" ")
    if not (number.isascii() and number.isdecimal() and len(number) < 10 and text.strip()):
        raise BadInput("Write !note, the alert's number and the note, such as: !note 12 rolled back the deploy")
    actions.note(session, int(number), actor, text, now)
    return f"#{number} noted"


def _page(session: Session, command: Command, actor: Actor, now: datetime) -> str:
    name, _, text = command.rest.partition(" ")
    if not 0 < len(text.strip()) <= SUMMARY_MAX:
        raise BadInput("Write !page, a schedule and what is wrong, such as: !page dev Checkout fails for everybody")
    number, service = page_schedule(session, name, text, secrets.token_hex(16), actor, now)
    return f"#{number} opened on {service}: {name} is being paged"


ACTING: dict[str, Callable[[Session, Command, Actor, datetime], str]] = {"note": _note, "page": _page}
OWN = {"help", "oncall", *ACTING}
"""Words of IRC alone; all others are what can be answered to a page anywhere."""
