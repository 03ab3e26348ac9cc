"""Escalation policies as pictures, and their editor."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.responses import Response

from oncall.auth.permissions import Permission
from oncall.config.export_services import policy as policy_form
from oncall.errors import BadInput, NotFound
from oncall.escalation.decide import Policy, Resolution
from oncall.escalation.policies import as_policy
from oncall.escalation.targets import Resolutions
from oncall.models import EscalationPolicy, Schedule, Service, Team, TeamContactMethod, User
from oncall.models.service import IN_FORCE
from oncall.setup_rights import check_edits_policy, led_teams, may_edit_policy
from web.edge import Caller, Page, PageEdge
from web.pages.editing import NOTHING_WRONG, EditedMeanwhile, Wrong, save, without_keys
from web.pages.page import back_to, lead_to, show
from web.pages.policy_form import Typed, changed, fields_of, sent, stored

router = APIRouter()

SECTION = "escalation_policies"
EDITOR = "policy_editor.html"


@router.get("/policies")
def policies(edge: Page) -> Response:
    with edge.reading() as caller:
        rows = caller.session.exec(select(EscalationPolicy).where(IN_FORCE).order_by(col(EscalationPolicy.name))).all()
        context = {
            "policies": [as_policy(row) for row in rows],
            "services": _services(caller.session),
            "may_make": bool(led_teams(caller.session, caller.user)),
        }
    return show(edge, caller, "policies.html", context)


def _services(session: Session) -> dict[str, list[str]]:
    """By policy, the services that follow it."""
    found: dict[str, list[str]] = {}
    rows = select(EscalationPolicy.name, Service.name).join(Service).where(IN_FORCE).order_by(col(Service.name))
    for policy, service in session.exec(rows):
        found.setdefault(policy, []).append(service)
    return found


@router.get("/policies/{name}")
def policy(edge: Page, name: str) -> Response:
    with edge.reading() as caller:
        found = as_policy(_find(caller.session, name))
        context = {
            "policy": found,
            "starts": starts(found),
            "now_on": _now_on(caller.session, found, caller.now),
            "services": _services(caller.session).get(name, []),
            "may_edit": may_edit_policy(caller.session, caller.user, name),
        }
    return show(edge, caller, "policy.html", context)


def _find(session: Session, name: str) -> EscalationPolicy:
    row = session.exec(select(EscalationPolicy).where(IN_FORCE, EscalationPolicy.name == name)).first()
    if row is None:
        raise NotFound(f"There is no escalation policy {name}. It may have another name now: see all policies.")
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


@router.get("/policy-editor")
def editor(edge: Page, name: str = "") -> Response:
    """`name` empty: a new one."""
    with edge.reading() as caller:
        check_edits_policy(caller.session, caller.user, name)
        found = policy_form(_find(caller.session, name)) if name else None
        return _shown(edge, caller, stored(found) if found else Typed(), without_keys(found))


@router.post("/policy-editor")
def edit(edge: Page) -> Response:
    typed, base, what = sent(edge.form), str(edge.form.get("base", "")), str(edge.form.get("do", "save"))
    if what != "save":
        with edge.reading() as caller:
            return _shown(edge, caller, changed(typed, what), base)
    try:
        with edge.writing(Permission.ACT) as caller:
            check_edits_policy(caller.session, caller.user, typed.name)
            changes = save(caller, SECTION, base, typed.as_config())
    except EditedMeanwhile as other:
        with edge.reading() as caller:
            return _shown(edge, caller, typed, without_keys(other.now), changes=other.changes, status=409)
    except BadInput as refused:
        with edge.reading() as caller:
            return _shown(edge, caller, typed, base, Wrong.of(refused), status=refused.status)
    said = "; ".join(str(detail) for change in changes for detail in change.details)
    return lead_to(
        back_to("policies", typed.name), f"Kept{': ' + said if said else ''}. Open alerts go on as they began."
    )


def _shown(
    edge: PageEdge,
    caller: Caller,
    typed: Typed,
    base: str,
    wrong: Wrong = NOTHING_WRONG,
    *,
    changes: Sequence[str] = (),
    status: int = 200,
) -> Response:
    context = {
        "typed": typed,
        "base": base,
        "is_new": not base,
        "wrong": wrong,
        "others": wrong.besides(fields_of(typed)),
        "changes": changes,
        "targets": _targets(caller.session),
    }
    return show(edge, caller, EDITOR, context, status=status)


def _targets(session: Session) -> list[tuple[str, str]]:
    """Every target there is, and what it means, in four questions."""
    schedules = session.exec(select(Schedule.name, Schedule.levels).order_by(col(Schedule.name))).all()
    teams = session.exec(select(Team.name).order_by(col(Team.name))).all()
    posts = session.exec(select(Team.name, TeamContactMethod.name).join(Team).order_by(col(Team.name))).all()
    people = session.exec(
        select(User.handle, User.name).where(col(User.retired_at).is_(None)).order_by(col(User.name))
    ).all()
    return [
        *(
            (f"schedule:{name}/{level}", f"on call for {name} {level}")
            for name, levels in schedules
            for level in levels
        ),
        *((f"team:{name}", f"everybody in team {name}") for name in teams),
        *((f"team:{team}/{name}", f"posts to {name} of {team}; pages nobody") for team, name in posts),
        *((f"user:{handle}", name) for handle, name in people),
    ]
