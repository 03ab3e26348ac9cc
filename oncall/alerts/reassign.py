"""Giving an alert to somebody else: people, who are on call for a schedule, a team, or another policy."""

from datetime import datetime

from sqlmodel import Session, col, select

from oncall.alerts.actions import Doer, get_alert
from oncall.db.database import notify_engines
from oncall.delivery.outbox import call_back, send_pages
from oncall.errors import BadInput, Conflict
from oncall.escalation.acknowledgements import forget_acknowledgements
from oncall.escalation.decide import PageOrder, Resolution
from oncall.escalation.policies import policy_of
from oncall.escalation.progress import go_on_at, rewind
from oncall.escalation.reasons import raise_urgency, reopen
from oncall.escalation.steps import page_for, run_step
from oncall.escalation.target_text import Target
from oncall.escalation.targets import Resolutions
from oncall.lifecycle.alert import AlertAction, AlertStatus
from oncall.models import Alert, EscalationPolicy, Page, TimelineKind
from oncall.models.service import IN_FORCE
from oncall.timeline import tell

POLICY = "policy"


def reassign(session: Session, alert_id: int, to: str, actor: Doer, now: datetime) -> Alert:
    """Page `to` now, and nobody else: `user:bob`, `schedule:dev/L2`, `team:dev`, or `policy:payments`.

    Whoever was paged before is left in peace, and who had acknowledged has it no more. If those who are paged do not
    answer within the wait of the step at which the alert stands, its policy goes on; another policy begins at its
    first step. Raises BadInput where nobody can be paged: nothing is changed then.
    """
    alert = get_alert(session, alert_id, lock=True)
    kind, _, name = to.strip().partition(":")
    if kind == POLICY:
        policy = _policy(session, name)
        _take_from_all(session, alert, f"policy {name}", actor, now)
        alert.policy_id = policy
        rewind(alert)
        run_step(session, alert, now, f"reassigned by {actor.name}")
    else:
        target, resolutions = _target(to.strip()), Resolutions(session, now)
        found = resolutions[to.strip()]
        _check_somebody_is_paged(to.strip(), found)
        _take_from_all(session, alert, _said(target, found), actor, now)
        _page(session, alert, found, resolutions, actor, now)
    notify_engines(session)
    return alert


def bring_in(session: Session, alert_id: int, to: str, actor: Doer, now: datetime) -> Alert:
    """Page `to` beside whoever is paged about the alert or has it; it goes on as it was. Raises BadInput where nobody
    can be paged.
    """
    alert = get_alert(session, alert_id, lock=True)
    if alert.status is AlertStatus.RESOLVED:
        raise Conflict("This alert is resolved: nobody is paged about it any more.")
    target, resolutions = _target(to), Resolutions(session, now)
    found = resolutions[to]
    _check_somebody_is_paged(to, found)
    said = f"{_said(target, found)} brought in by {actor}"
    tell(session, alert.id, TimelineKind.ESCALATED, said, now, actor.user_id)
    step = max(0, alert.step - 1)
    orders = [PageOrder(each, step, alert.round, f"brought in by {actor.name}") for each in found.recipients]
    send_pages(session, [page_for(session, alert, order, now) for order in orders], resolutions.reach, now)
    notify_engines(session)
    return alert


def _policy(session: Session, name: str) -> int:
    policy_id = session.exec(select(EscalationPolicy.id).where(IN_FORCE, EscalationPolicy.name == name)).first()
    if policy_id is None:
        raise BadInput(f"There is no escalation policy {name}.", field="to")
    return policy_id


def _target(text: str) -> Target:
    try:
        return Target.parse(text)
    except ValueError:
        ways = "user:HANDLE, schedule:NAME/LEVEL, team:NAME or policy:NAME"
        raise BadInput(f"“{text}” says nobody to reassign to: write {ways}.", field="to") from None


def _check_somebody_is_paged(text: str, found: Resolution) -> None:
    if found.posts:
        raise BadInput(f"{Target.parse(text)} is an address at which nobody can be paged: choose people.", field="to")
    if not found.recipients:
        raise BadInput(f"Nobody can be paged: {found.problem}.", field="to")


def _said(target: Target, found: Resolution) -> str:
    if target.kind == "user":
        return found.recipients[0].name
    return f"team {target.name}" if target.kind == "team" else f"{target.name} {target.part or ''}".strip()


def _take_from_all(session: Session, alert: Alert, to: str, actor: Doer, now: datetime) -> None:
    reopen(session, alert, AlertAction.REASSIGN, now)
    forget_acknowledgements(session, alert)
    call_back(session, (col(Page.alert_id) == alert.id) & col(Page.is_shadow).is_(False), now)
    tell(session, alert.id, TimelineKind.ESCALATED, f"Reassigned to {to} by {actor}", now, actor.user_id)


def _page(
    session: Session, alert: Alert, found: Resolution, resolutions: Resolutions, actor: Doer, now: datetime
) -> None:
    raise_urgency(session, alert, now)
    if found.problem:
        tell(session, alert.id, TimelineKind.NOT_PAGED, found.problem, now)
    step, reason = max(0, alert.step - 1), f"reassigned by {actor.name}"
    orders = [PageOrder(one, step, alert.round, reason) for one in (*found.recipients, *found.shadows)]
    send_pages(session, [page_for(session, alert, order, now) for order in orders], resolutions.reach, now)
    alert.acknowledgements_needed, alert.round_reached = 1, True
    go_on_at(alert, now + policy_of(session, alert).steps[step].wait)
    session.add(alert)
    session.flush()
