"""Services, and the keys that reach them: what to paste into a tool, what came from it, a test event.

Keys are for admins and managers of the service's team. Even they see a key only when they ask for it.
"""

from typing import Annotated

from fastapi import APIRouter, Form
from sqlmodel import Session, col, func, select
from starlette.responses import Response

from oncall.auth.permissions import Permission, runs
from oncall.auth.setup_rights import may_set_up_service
from oncall.ingest.journal import last_requests
from oncall.ingest.registry import TOOLS
from oncall.ingest.tool import filled
from oncall.ingest.trial import said_of, send_test
from oncall.models import EscalationPolicy, IntegrationKey, Service, Team
from oncall.models.alert import OPEN, SERVICE_WITHOUT_INDEX
from oncall.models.service import IN_USE
from oncall.setup.deletion_of_services import delete_service
from oncall.setup.integration_keys import (
    address,
    check_runs,
    create_key,
    find_key,
    find_service,
    keys_of,
    masked,
    revoke_key,
    shown_options,
)
from web.addresses import base_url
from web.edge import Caller, Page, PageEdge
from web.pages.page import NotDone, back_to, carry_out, show

router = APIRouter(prefix="/services")

MANY = 12
"""More than that are searched rather than looked through."""


@router.get("")
def services(edge: Page, q: str = "") -> Response:
    """`q`: in the name of a service or of its team. What has open alerts comes first."""
    with edge.reading() as caller:
        named = select(Service, Team.name).outerjoin(Team, col(Team.id) == col(Service.team_id))
        rows = caller.session.exec(named.where(IN_USE).order_by(col(Service.name))).all()
        open_alerts = _open_alerts(caller.session)
        shown = [row for row in rows if q.strip().lower() in f"{row[0].name}\n{row[1] or ''}".lower()]
        context = {
            "services": sorted(shown, key=lambda row: row[0].id not in open_alerts),
            "are_many": len(rows) > MANY,
            "q": q,
            "open_alerts": open_alerts,
            "may_make": may_set_up_service(caller.session, caller.user, None),
        }
    return show(edge, caller, "services/services.html", context)


def _open_alerts(session: Session) -> dict[int, int]:
    """By service."""
    counts = select(SERVICE_WITHOUT_INDEX, func.count()).where(OPEN).group_by(SERVICE_WITHOUT_INDEX)
    return dict(session.exec(counts).all())


@router.get("/{name}")
def service(edge: Page, name: str) -> Response:
    edge.runtime.journal.write()
    with edge.reading(at_one_moment=True) as caller:
        found, session = find_service(caller.session, name), caller.session
        may_see = runs(session, caller.user, found)
        keys = keys_of(session, found) if may_see else []
        context = {
            "service": found,
            "team": session.get(Team, found.team_id) if found.team_id else None,
            "policy": session.get_one(EscalationPolicy, found.escalation_policy_id),
            "open_alerts": _open_alerts(session).get(found.id or 0, 0),
            "may_see": may_see,
            "may_edit": may_set_up_service(session, caller.user, found),
            "keys": [(key, TOOLS[key.tool].title, next(iter(last_requests(session, key, 1)), None)) for key in keys],
            "tools": sorted(TOOLS.items(), key=lambda row: row[1].title.lower()),
        }
    return show(edge, caller, "services/service.html", context)


@router.post("/{name}/delete")
def delete(edge: Page, name: str) -> Response:
    def work(caller: Caller) -> str:
        settings, confirm = edge.runtime.settings, edge.form.get("confirm") == "yes"
        delete_service(caller.session, settings, caller.user, name, caller.now, confirm=confirm)
        return f"The service {name} is deleted. Its alerts and reports stay."

    return carry_out(edge, Permission.ACT, back_to("services", name), work, then="/services")


@router.post("/{name}/keys")
def make_key(
    edge: Page,
    name: str,
    key_name: Annotated[str, Form(alias="name")] = "",
    tool: Annotated[str, Form()] = "",
    key: Annotated[str, Form()] = "",
) -> Response:
    made = ""

    def work(caller: Caller) -> str:
        nonlocal made
        found = find_service(caller.session, name)
        check_runs(caller.session, caller.user, found)
        made = create_key(caller.session, found, key_name, tool, caller.now, text=key).name
        return f"“{made}” is made. Follow the steps below, or send a test event first."

    back = carry_out(edge, Permission.ACT, back_to("services", name, fragment="new-key"), work, form="new-key")
    if made:
        back.headers["location"] = back_to("services", name, "keys", made)
    return back


@router.get("/{name}/keys/{key_name}")
def key(edge: Page, name: str, key_name: str, shown: str = "") -> Response:
    edge.runtime.journal.write()
    with edge.reading() as caller:
        found = find_service(caller.session, name)
        row = _key(caller, found, key_name)
        requests = last_requests(caller.session, row)
    context = {"service": found, "key": row, "requests": requests, "kept": edge.runtime.settings.ingest_kept}
    return show(edge, caller, "services/key.html", context | _about(edge, row, is_shown=shown == "1"))


def _about(edge: PageEdge, key: IntegrationKey, *, is_shown: bool) -> dict[str, object]:
    """What to do with it, with the key in it or dots in its place."""
    tool = TOOLS[key.tool]
    text = key.key if is_shown else masked(key)
    real_url = address(base_url(edge), key, edge.runtime.settings.email_domain)
    url = real_url.replace(key.key, text)
    return {
        "tool": tool,
        "is_shown": is_shown,
        "url": url,
        "key_text": text,
        "carries_key": key.key in real_url,
        "steps": filled(tool.recipe, url, text),
        "options": shown_options(tool, key),
    }


@router.post("/{name}/keys/{key_name}/test")
def try_key_out(edge: Page, name: str, key_name: str, pages: Annotated[str, Form()] = "") -> Response:
    def work(caller: Caller) -> str:
        row = _key(caller, find_service(caller.session, name), key_name)
        tested = send_test(caller.session, row, caller.now, edge.runtime.settings.ingest_kept, pages=pages == "yes")
        said = said_of(tested, pages=pages == "yes")
        return NotDone(said) if tested.refusal else said

    return carry_out(edge, Permission.ACT, back_to("services", name, "keys", key_name, fragment="requests"), work)


@router.post("/{name}/keys/{key_name}/revoke")
def revoke(edge: Page, name: str, key_name: str) -> Response:
    def work(caller: Caller) -> str:
        found = find_service(caller.session, name)
        check_runs(caller.session, caller.user, found)
        revoke_key(caller.session, found, key_name, caller.now)
        return f"“{key_name}” is revoked: what is sent there is refused from now on."

    return carry_out(edge, Permission.ACT, back_to("services", name), work)


def _key(caller: Caller, service: Service, name: str) -> IntegrationKey:
    check_runs(caller.session, caller.user, service)
    return find_key(caller.session, service, name)
