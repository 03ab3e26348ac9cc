"""Lifecycle of an alert. Where several people must acknowledge, it stays triggered until the last of them has.

::

                 acknowledge, snooze
    ┌───────────┐ ───────────────────▶ ┌──────────────┐
    │ triggered │                      │ acknowledged │
    └───────────┘ ◀─────────────────── └──────────────┘
      │ ▲ escalate,   escalate, reassign, │
      │ └ reassign    wake, unacknowledge │ resolve
      │ resolve    ┌──────────┐           │
      └──────────▶ │ resolved │ ◀─────────┘
        reopen ◀── └──────────┘                  nothing else leaves resolved
"""

from enum import StrEnum

from oncall.errors import Conflict


class AlertStatus(StrEnum):
    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class AlertAction(StrEnum):
    ACKNOWLEDGE = "acknowledge"
    SNOOZE = "snooze"
    ESCALATE = "escalate"
    REASSIGN = "reassign"
    WAKE = "wake"
    """A snooze ran out, or the time to resolve what was acknowledged."""
    UNACKNOWLEDGE = "unacknowledge"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    """Its tool says it again soon after, and its service has such a one go on (`reopen_within`)."""


_T, _A, _R = AlertStatus.TRIGGERED, AlertStatus.ACKNOWLEDGED, AlertStatus.RESOLVED

TRANSITIONS: dict[tuple[AlertStatus, AlertAction], AlertStatus] = {
    (_T, AlertAction.ACKNOWLEDGE): _A,
    (_A, AlertAction.ACKNOWLEDGE): _A,
    (_T, AlertAction.SNOOZE): _A,
    (_A, AlertAction.SNOOZE): _A,
    (_T, AlertAction.ESCALATE): _T,
    (_A, AlertAction.ESCALATE): _T,
    (_T, AlertAction.REASSIGN): _T,
    (_A, AlertAction.REASSIGN): _T,
    (_A, AlertAction.WAKE): _T,
    (_A, AlertAction.UNACKNOWLEDGE): _T,
    (_T, AlertAction.RESOLVE): _R,
    (_A, AlertAction.RESOLVE): _R,
    (_R, AlertAction.REOPEN): _T,
}


def after(status: AlertStatus, action: AlertAction) -> AlertStatus:
    """The status that `action` leads to. Raises Conflict when it is not possible from `status`."""
    try:
        return TRANSITIONS[status, action]
    except KeyError:
        raise Conflict(f"This alert is {status} already: there is nothing to {action} any more.") from None
