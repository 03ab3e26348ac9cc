"""All that can be asked for an alert, in one table: how its body is read, and what is done to ours.

Reading checks the fields before anything is looked for, so that a wrong one is told to its sender at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from oncall.alerts import actions, corrections
from oncall.alerts.actions import LONGEST_NOTE, Doer
from oncall.alerts.reassign import bring_in, reassign
from oncall.errors import BadInput
from oncall.ingest.opsgenie import DESCRIPTION_MAX, MESSAGE_MAX, MOST_TAGS, TAG_MAX
from oncall.ingest.store import Key
from oncall.models import Alert, EscalationPolicy, TimelineKind
from oncall.models.service import IN_FORCE
from oncall.opsgenie.fields import NAMES, BadFields, Fields
from oncall.opsgenie.found import doer_of, find_alert, find_target, find_user
from oncall.opsgenie.receipt import Outcome, Receipt
from oncall.opsgenie.words import SEVERITIES
from oncall.timeline import tell


@dataclass(frozen=True, slots=True)
class On:
    """The alert that it is done to, by whom, when."""

    session: Session
    alert_id: int
    doer: Doer
    now: datetime


Act = Callable[[On], object]


@dataclass(frozen=True)
class Named:
    """How the status of a request tells of it."""

    code: int
    """In request ids, which live for days: never another's."""
    action: str
    done: str


@dataclass(frozen=True)
class Deed(Named):
    read: Callable[[Fields, str], Act]
    """The fields, and the last part of the address where that varies. Raises BadFields."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks: the deed, made ready, and the words that go with it."""

    deed: Deed
    act: Act
    user: str
    note: str


def read(deed: Deed, fields: Fields, rest: str = "") -> Asked:
    """Raises BadFields with every fault."""
    user, note = fields.text("user", 100), "" if deed is NOTE else fields.text("note", LONGEST_NOTE)
    act = deed.read(fields, rest)
    fields.check()
    return Asked(deed, act, user, note)


def perform(session: Session, key: Key, identifier: str, kind: str, asked: Asked, now: datetime) -> Receipt:
    """Raises Conflict where the alert's state does not allow it, BadInput for what can't be used."""
    alert = find_alert(session, key, identifier, kind)
    if alert is None or alert.id is None:
        return Receipt(asked.deed.code, Outcome.NO_ALERT, 0, now)
    on = On(session, alert.id, doer_of(session, key, asked.user), now)
    asked.act(on)
    if asked.note:
        actions.note(session, alert.id, on.doer, asked.note, now)
    return Receipt(asked.deed.code, Outcome.DONE, alert.id, now)


def _acknowledge(fields: Fields, rest: str) -> Act:
    return lambda on: actions.acknowledge(on.session, on.alert_id, on.doer, on.now)


def _unacknowledge(fields: Fields, rest: str) -> Act:
    return lambda on: actions.unacknowledge(on.session, on.alert_id, on.doer, on.now)


def _close(fields: Fields, rest: str) -> Act:
    return lambda on: actions.resolve(on.session, on.alert_id, on.doer, on.now)


def _delete(fields: Fields, rest: str) -> Act:
    return lambda on: corrections.delete(on.session, on.alert_id, on.doer, on.now)


def _snooze(fields: Fields, rest: str) -> Act:
    until = fields.moment("endTime")

    def act(on: On) -> None:
        length = timedelta() if until is None else until - on.now
        if not timedelta() < length <= actions.LONGEST_SNOOZE:
            raise BadFields({"endTime": f"must be ahead of now, by {actions.LONGEST_SNOOZE.days} days at most"})
        actions.snooze(on.session, on.alert_id, on.doer, length, on.now)

    return act


def _note(fields: Fields, rest: str) -> Act:
    text = fields.text("note", LONGEST_NOTE, required=True)
    return lambda on: actions.note(on.session, on.alert_id, on.doer, text, on.now)


def _assign(fields: Fields, rest: str) -> Act:
    owner = fields.named("owner", required=True)

    def act(on: On) -> None:
        user = find_user(on.session, *(owner[name] for name in NAMES if name in owner))
        if user is None:
            raise BadFields({"owner": "is nobody here: give the email address, or the handle as username"})
        reassign(on.session, on.alert_id, f"user:{user.handle}", on.doer, on.now)

    return act


def _escalate(fields: Fields, rest: str) -> Act:
    escalation = fields.named("escalation")

    def act(on: On) -> None:
        names = [escalation[name] for name in NAMES if name in escalation]
        known = select(EscalationPolicy.name).where(IN_FORCE, col(EscalationPolicy.name).in_(names))
        policy = on.session.exec(known).first()
        if policy is not None:
            reassign(on.session, on.alert_id, f"policy:{policy}", on.doer, on.now)
        else:
            actions.escalate(on.session, on.alert_id, on.doer, on.now)

    return act


def _responder(field: str, kind: str) -> Callable[[Fields, str], Act]:
    def reading(fields: Fields, rest: str) -> Act:
        named = fields.named(field, required=True)
        responder = {"type": kind, **named} if kind else named
        return lambda on: _add_responder(on, responder)

    return reading


def _add_responder(on: On, responder: dict[str, str]) -> None:
    """Whoever we know is paged, where anybody can be; the alert keeps the name all the same."""
    name = next(responder[each] for each in ("name", "username", "id") if each in responder)
    said = f"Responder {responder.get('type', '')} {name}{_not_paged(on, responder)}".replace("  ", " ")
    corrections.add_to(on.session, on.alert_id, "responders", [responder], said, on.doer, on.now)


def _not_paged(on: On, responder: dict[str, str]) -> str:
    """Pages them; why not, else."""
    target = find_target(on.session, responder)
    if target is None:
        return ", whom nobody here goes by, and so not paged,"
    try:
        bring_in(on.session, on.alert_id, target, on.doer, on.now)
    except BadInput as nobody:
        return f" ({nobody.detail.rstrip('.')})"
    return ""


def _tags(fields: Fields, rest: str) -> Act:
    tags = fields.texts("tags", MOST_TAGS, TAG_MAX, required=True)
    said = f"Tags {', '.join(tags)}"
    return lambda on: corrections.add_to(on.session, on.alert_id, "tags", tags, said, on.doer, on.now)


def _details(fields: Fields, rest: str) -> Act:
    details = fields.table("details", required=True)
    said = f"Details {', '.join(details)}"
    return lambda on: corrections.add_to(on.session, on.alert_id, "details", details, said, on.doer, on.now)


def _without_tags(fields: Fields, rest: str) -> Act:
    tags = fields.parted("tags", TAG_MAX)
    return lambda on: corrections.take_from(on.session, on.alert_id, "tags", tags, on.doer, on.now)


def _without_details(fields: Fields, rest: str) -> Act:
    keys = fields.parted("keys", 1000)
    return lambda on: corrections.take_from(on.session, on.alert_id, "details", keys, on.doer, on.now)


def _custom_action(fields: Fields, rest: str) -> Act:
    def act(on: On) -> None:
        text = f"Action {rest} asked for by {on.doer}: nothing here carries it out"
        tell(on.session, on.alert_id, TimelineKind.EVENT, text, on.now, on.doer.user_id)

    return act


def _message(fields: Fields, rest: str) -> Act:
    message = fields.text("message", MESSAGE_MAX, required=True, refuse=True)
    return lambda on: corrections.change_summary(on.session, on.alert_id, message, on.doer, on.now)


def _description(fields: Fields, rest: str) -> Act:
    text = fields.text("description", DESCRIPTION_MAX)
    return lambda on: corrections.change_detail(on.session, on.alert_id, "description", text, on.doer, on.now)


def _priority(fields: Fields, rest: str) -> Act:
    priority = fields.choice("priority", tuple(SEVERITIES), required=True)

    def act(on: On) -> None:
        corrections.change_detail(on.session, on.alert_id, "priority", priority, on.doer, on.now)
        corrections.change_severity(on.session, on.alert_id, SEVERITIES[priority], on.doer, on.now)

    return act


CREATE = Named(0, "Create", "Created alert")
NOTE = Deed(6, "AddNote", "Note added", _note)
DEEDS: dict[tuple[str, str], Deed] = {
    ("DELETE", ""): Deed(1, "Delete", "Deleted alert", _delete),
    ("POST", "acknowledge"): Deed(2, "Acknowledge", "Alert acknowledged", _acknowledge),
    ("POST", "unacknowledge"): Deed(3, "UnAcknowledge", "Alert unacknowledged", _unacknowledge),
    ("POST", "close"): Deed(4, "Close", "Closed alert", _close),
    ("POST", "snooze"): Deed(5, "Snooze", "Snoozed alert", _snooze),
    ("POST", "notes"): NOTE,
    ("POST", "assign"): Deed(7, "AssignOwnership", "Alert assigned", _assign),
    ("POST", "escalate"): Deed(8, "EscalateNext", "Alert escalated", _escalate),
    ("POST", "responders"): Deed(9, "AddResponder", "Responder added", _responder("responder", "")),
    ("POST", "teams"): Deed(10, "AddTeam", "Team added", _responder("team", "team")),
    ("POST", "tags"): Deed(11, "AddTags", "Tags added", _tags),
    ("DELETE", "tags"): Deed(12, "RemoveTags", "Tags removed", _without_tags),
    ("POST", "details"): Deed(13, "AddDetails", "Details added", _details),
    ("DELETE", "details"): Deed(14, "RemoveDetails", "Details removed", _without_details),
    ("PUT", "message"): Deed(15, "UpdateMessage", "Message updated", _message),
    ("PUT", "description"): Deed(16, "UpdateDescription", "Description updated", _description),
    ("PUT", "priority"): Deed(17, "UpdatePriority", "Priority updated", _priority),
    ("POST", "actions/{action}"): Deed(18, "ExecuteCustomAction", "Action noted", _custom_action),
}
"""By HTTP method and what follows the alert in the address."""
BY_CODE: dict[int, Named] = {deed.code: deed for deed in (CREATE, *DEEDS.values())}


def alias_of(session: Session, key: Key, alert_id: int) -> str | None:
    """Of an alert that the key reaches; also of one that was deleted since."""
    mine = select(Alert.dedup_key).where(Alert.id == alert_id, col(Alert.service_id).in_(key.reach))
    return session.exec(mine).first()
