"""Escalation policies as pictures."""

from datetime import datetime, timedelta

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.responses import Response

from oncall.auth.permissions import Permission
from oncall.auth.setup_rights import led_teams, may_edit_policy
from oncall.errors import NotFound
from oncall.escalation.decide import Policy, Resolution
from oncall.escalation.policies import as_policy
from oncall.escalation.targets import Resolutions
from oncall.models import EscalationPolicy, Service
from oncall.models.service import IN_FORCE, IN_USE
from oncall.rota.coverage import names
from oncall.setup.deletion import delete_policy
from web.edge import Caller, Page
from web.pages.page import back_to, carry_out, show

router = APIRouter()


@router.get("/policies")
def policies(edge: Page) -> Response:
    with edge.reading() as caller:
        rows = caller.session.exec(select(EscalationPolicy).where(IN_FORCE).order_by(col(EscalationPolicy.name))).all()
        found = [as_policy(row) for row in rows]
        context = {
            "policies": found,
            "names": names(caller.session),
            "starts": {policy.name: starts(policy) for policy in found},
            "services": _services(caller.session),
            "may_make": bool(led_teams(caller.session, caller.user)),
        }
    return show(edge, caller, "services/policies.html", context)


def _services(session: Session) -> dict[str, list[str]]:
    """By policy, the services that follow it."""
    found: dict[str, list[str]] = {}
    rows = select(EscalationPolicy.name, Service.name).join(Service).where(IN_FORCE, IN_USE).order_by(col(Service.name))
    for policy, service in session.exec(rows):
        found.setdefault(policy, []).append(service)
    return found


@router.get("/policies/{name}")
def policy(edge: Page, name: str) -> Response:
    with edge.reading() as caller:
        found = as_policy(_find(caller.session, name))
        context = {
            "policy": found,
            "names": names(caller.session),
            "starts": starts(found),
            "now_on": _now_on(caller.session, found, caller.now),
            "services": _services(caller.session).get(name, []),
            "may_edit": may_edit_policy(caller.session, caller.user, name),
        }
    return show(edge, caller, "services/policy.html", context)


@router.post("/policies/{name}/delete")
def delete(edge: Page, name: str) -> Response:
    def work(caller: Caller) -> str:
        delete_policy(caller.session, caller.user, name, caller.now)
        return f"The escalation policy {name} is deleted. Open alerts that follow it go on as they began."

    return carry_out(edge, Permission.ACT, back_to("policies", name), work, then="/policies")


def _find(session: Session, name: str) -> EscalationPolicy:
    row = session.exec(select(EscalationPolicy).where(IN_FORCE, EscalationPolicy.name == name)).first()
    if row is None:
        raise NotFound(
            f"There is no escalation policy {name}. It may have another name now: see all escalation policies."
        )
    return row


def starts(policy: Policy) -> list[timedelta]:
    """How long after the alert each step runs if nobody answers; the last is the end of the first round."""
    found = [timedelta()]
    for step in policy.steps:
        found.append(found[-1] + step.wait)
    return found


def _now_on(session: Session, policy: Policy, now: datetime) -> dict[str, Resolution]:
    """Whom each target means at this moment."""
    resolutions = Resolutions(session, now)
    targets = [target for step in policy.steps for target in step.page] + [policy.fallback or ""]
    return {target: resolutions[target] for target in targets if target}
