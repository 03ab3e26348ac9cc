"""The fields that a search query of Opsgenie's may name, each as SQL over our alerts, and what lists are sorted by."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from operator import eq, ge, gt, le, lt, ne
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from oncall.errors import BadInput
from oncall.lifecycle.alert import AlertStatus
from oncall.models import Alert, Page, User
from oncall.moments import check_near
from oncall.opsgenie.fields import BadFields
from oncall.opsgenie.words import PRIORITIES, number_of

Clause = sa.ColumnElement[bool]
COMPARE: dict[str, Callable[[Any, Any], Any]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
EQUAL: dict[str, Callable[[Any, Any], Any]] = {":": eq, "=": eq, "!=": ne}


_DAY_FIRST = re.compile(r"^(\d\d)-(\d\d)-(\d{4})")


def bad_query(sentence: str) -> BadFields:
    return BadFields({"query": sentence})


_details = col(Alert.details)


def anywhere(text: str) -> Clause:
    return sa.or_(*(place.icontains(text, autoescape=True) for place in _WORDS))


def _detail(name: str) -> Any:
    """What the event brought, or was added later, as text."""
    return sa.func.coalesce(_details[name].as_string(), "") + sa.func.coalesce(col(Alert.added)[name].as_string(), "")


_WORDS = (col(Alert.summary), col(Alert.dedup_key), col(Alert.source), _detail("description"))


def _contains(place: Any) -> Callable[[str, str], Clause]:
    return lambda sign, text: _signed(sign, place.icontains(text.strip("*"), autoescape=True))


def _equals(place: Any) -> Callable[[str, str], Clause]:
    return lambda sign, text: _signed(sign, place == text)


def _listed(name: str) -> Callable[[str, str], Clause]:
    return lambda sign, text: _signed(sign, _detail(name).icontains(f'"{text}"', autoescape=True))


def _signed(sign: str, clause: Clause) -> Clause:
    if sign in COMPARE:
        raise bad_query(f"can't compare this field by {sign}")
    return sa.not_(clause) if sign == "!=" else clause


def _moment(place: Any) -> Callable[[str, str], Clause]:
    return lambda sign, text: sa.and_(place.is_not(None), _compared(place, sign, _read_moment(text)))


def _read_moment(text: str) -> datetime:
    written = _DAY_FIRST.sub(r"\3-\2-\1", text)
    try:
        moment = datetime.fromtimestamp(int(text) / 1000, UTC) if text.isdigit() else datetime.fromisoformat(written)
        check_near(moment, text)
    except (ValueError, OverflowError, OSError, BadInput):
        raise bad_query(
            f"has a time “{text}”: write milliseconds since 1970, 05-01-2026, or, quoted, 2026-01-05T10:00:00Z"
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _compared(place: Any, sign: str, value: Any) -> Clause:
    clause: Clause = (COMPARE | EQUAL)[sign](place, value)
    return clause


def _count(sign: str, text: str) -> Clause:
    number = number_of(text)
    if number is None:
        raise bad_query(f"has a count “{text}” that is no number")
    return _compared(col(Alert.event_count), sign, number)


def _is(clause: Clause) -> Callable[[str, str], Clause]:
    def asked(sign: str, text: str) -> Clause:
        if text.lower() not in ("true", "false"):
            raise bad_query(f"has “{text}” where true or false is meant")
        return _signed(sign, clause if text.lower() == "true" else sa.not_(clause))

    return asked


def _status(sign: str, text: str) -> Clause:
    if text.lower() not in ("open", "closed"):
        raise bad_query(f"has a status “{text}”: it is open or closed")
    is_closed = col(Alert.status) == AlertStatus.RESOLVED
    return _signed(sign, is_closed if text.lower() == "closed" else sa.not_(is_closed))


_by_severity = sa.case(
    {str(severity): priority for severity, priority in PRIORITIES.items()},
    value=sa.cast(col(Alert.severity), sa.String),
)
_priority = sa.func.coalesce(sa.func.nullif(_details["priority"].as_string(), ""), _by_severity)


def _has_priority(sign: str, text: str) -> Clause:
    priority = text.upper()
    if priority not in ("P1", "P2", "P3", "P4", "P5"):
        raise bad_query(f"has a priority “{text}”: they are P1 to P5")
    return _compared(_priority, {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(sign, sign), priority)


def _number(sign: str, text: str) -> Clause:
    return _signed(sign, col(Alert.id) == (number_of(text) or 0))


def _by(which: Clause) -> Callable[[str, str], Clause]:
    """By whom something was done: their email address or handle."""

    def asked(sign: str, text: str) -> Clause:
        wanted = text.lower()
        is_theirs = sa.or_(sa.func.lower(User.email) == wanted, sa.func.lower(User.handle) == wanted)
        return _signed(sign, sa.select(col(User.id)).where(which, is_theirs).correlate(Alert).exists())

    return asked


_acknowledged_by = _by(col(User.id) == col(Alert.acknowledged_by_id))
_pages = sa.select(col(Page.id)).where(col(Page.alert_id) == Alert.id, col(Page.user_id) == User.id)
_was_paged = _pages.correlate(Alert, User).exists()


FIELDS: dict[str, Callable[[str, str], Clause]] = {
    "status": _status,
    "acknowledged": _is(col(Alert.status) == AlertStatus.ACKNOWLEDGED),
    "snoozed": _is(col(Alert.snoozed_until).is_not(None)),
    "isseen": _is(col(Alert.acknowledged_at).is_not(None)),
    "priority": _has_priority,
    "message": _contains(col(Alert.summary)),
    "description": _contains(_detail("description")),
    "entity": _contains(_detail("entity")),
    "alias": _equals(col(Alert.dedup_key)),
    "source": _contains(col(Alert.source)),
    "tag": _listed("tags"),
    "tags": _listed("tags"),
    "responders": _listed("responders"),
    "teams": _listed("responders"),
    "details.key": _listed("details"),
    "details.value": _listed("details"),
    "actions": _listed("actions"),
    "owner": _acknowledged_by,
    "acknowledgedby": _acknowledged_by,
    "closedby": _by(col(User.id) == col(Alert.resolved_by_id)),
    "recipients": _by(_was_paged),
    "alertid": _number,
    "id": _number,
    "tinyid": _number,
    "count": _count,
    "createdat": _moment(col(Alert.triggered_at)),
    "lastoccurredat": _moment(col(Alert.last_event_at)),
    "snoozeduntil": _moment(col(Alert.snoozed_until)),
}
SORTS: dict[str, Any] = {
    "createdat": col(Alert.triggered_at),
    "updatedat": col(Alert.last_event_at),
    "lastoccurredat": col(Alert.last_event_at),
    "tinyid": col(Alert.id),
    "alias": col(Alert.dedup_key),
    "message": col(Alert.summary),
    "status": col(Alert.status),
    "acknowledged": col(Alert.acknowledged_at),
    "isseen": col(Alert.acknowledged_at),
    "snoozed": col(Alert.snoozed_until),
    "snoozeduntil": col(Alert.snoozed_until),
    "count": col(Alert.event_count),
    "source": col(Alert.source),
    "owner": col(Alert.acknowledged_by_id),
}
"""Without regard to case."""
