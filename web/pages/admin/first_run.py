"""The first run: an admin, a team with its schedule, a service with its key, a phone, and an alert that reaches it.

Each step is a form on one page; what is done is read from what is there (`oncall.setup.first_run`).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated
from zoneinfo import available_timezones

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from notifiers.registry import KINDS, set_up
from oncall.alerts import queries
from oncall.alerts.listing import get_row
from oncall.auth.passwords import hash_password
from oncall.auth.permissions import Permission
from oncall.errors import BadInput, Conflict, OncallError, Unavailable
from oncall.ingest.registry import TOOLS
from oncall.ingest.trial import said_of, send_test
from oncall.people import contacts
from oncall.people.people import methods_of
from oncall.planning.starters import STARTERS
from oncall.running.runtime import Runtime
from oncall.setup import first_run
from web.edge import Caller, Page, PageEdge
from web.ids import Id
from web.pages.drafts import Draft, Said
from web.pages.login import check_same_site, signed_in
from web.pages.page import NotDone, carry_out, show
from web.templating import render

router = APIRouter(prefix="/setup")

HERE = "/setup"
METHOD_NAME = "mobile"
ZONES = [*sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")), "UTC"]


@router.get("")
def setup(edge: Page, code: str = "") -> Response:
    with edge.runtime.database.read() as session:
        is_empty = first_run.nobody_is_here(session)
    if is_empty:
        return _ask_for_admin(edge.request, code)
    with edge.reading(Permission.ADMINISTER) as caller:
        context = _steps(edge, caller)
    return show(edge, caller, "admin/setup.html", context)


def _steps(edge: PageEdge, caller: Caller) -> dict[str, object]:
    so_far = first_run.progress(caller.session, caller.user)
    alert = so_far.alert
    return {
        "progress": so_far,
        "starters": STARTERS,
        "tools": dict(sorted(TOOLS.items(), key=lambda row: row[1].title.lower())),
        "kinds": set_up(edge.runtime.notifiers),
        "methods": [(each, KINDS[each.kind]) for each in methods_of(caller.session, caller.user)],
        "timeline": queries.timeline(caller.session, alert.id or 0) if alert else [],
        "row": get_row(caller.session, alert) if alert else None,
    }


@router.post("/admin")
def make_admin(
    request: Request,
    code: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    handle: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
    timezone: Annotated[str, Form()] = "UTC",
    password: Annotated[str, Form()] = "",
) -> Response:
    check_same_site(request)
    runtime: Runtime = request.app.state.runtime
    typed = {"name": name, "handle": handle, "email": email, "timezone": timezone}
    try:
        first_run.check_code(runtime.signer, code)
        password_hash = hash_password(password)
        with runtime.database.transaction() as session:
            user = first_run.make_admin(session, **typed, password_hash=password_hash, now=runtime.clock())
            session.refresh(user)
            session.expunge(user)
    except (BadInput, Conflict, Unavailable) as refused:
        return _ask_for_admin(request, code, typed, refused)
    return signed_in(request, user, HERE, "as the first admin")


def _ask_for_admin(
    request: Request, code: str, typed: Mapping[str, str] = MappingProxyType({}), refused: OncallError | None = None
) -> Response:
    first_run.check_code(request.app.state.runtime.signer, code)
    said = Said(refused.detail, True, "admin", refused.field or "") if refused else None
    is_beside = said is not None and said.field in {*typed, "password"}
    context = {
        "code": code,
        "draft": Draft("admin", typed.items(), said),
        "problem": said.text if said and not is_beside else "",
        "zones": ZONES,
    }
    return render(request, "admin/setup_admin.html", context, status=refused.status if refused else 200)


@router.post("/team")
def make_team(
    edge: Page,
    team: Annotated[str, Form()] = "",
    starter: Annotated[str, Form()] = "",
    people: Annotated[str, Form()] = "",
) -> Response:
    def work(caller: Caller) -> str:
        made = first_run.make_team(caller.session, caller.user, team, starter, people, caller.now)
        return f"Team {made.name} has its schedule. You are on it."

    return carry_out(edge, Permission.ADMINISTER, f"{HERE}#team", work, form="team-form")


@router.post("/service")
def make_service(edge: Page, service: Annotated[str, Form()] = "", tool: Annotated[str, Form()] = "") -> Response:
    def work(caller: Caller) -> str:
        policy = first_run.progress(caller.session, caller.user).policy
        if policy is None:
            raise BadInput("Make a team and its schedule first: a service needs to know whom to page.")
        key = first_run.make_service(caller.session, service, tool, policy, caller.now)
        return f"“{service.strip()}” takes alerts from {TOOLS[key.tool].title}. Its key’s page says how to connect it."

    return carry_out(edge, Permission.ADMINISTER, f"{HERE}#service", work, form="service-form")


@router.post("/contact")
def add_contact(edge: Page, kind: Annotated[str, Form()] = "", address: Annotated[str, Form()] = "") -> Response:
    def work(caller: Caller) -> str:
        method = contacts.add_method(caller.session, caller.user, _free_name(caller, kind), kind, address)
        contacts.send_code(caller.session, method, caller.now)
        return f"A code is on its way to {KINDS[method.kind].shown(method.address)}."

    return carry_out(edge, Permission.ACT, f"{HERE}#contact", work, form="contact-form")


def _free_name(caller: Caller, kind: str) -> str:
    taken = {each.name for each in methods_of(caller.session, caller.user)}
    name = METHOD_NAME if kind == "sms" else kind
    return next(each for each in (name, *(f"{name} {number}" for number in range(2, 99))) if each not in taken)


@router.post("/contact/{method_id}/verify")
def verify(edge: Page, method_id: Id, code: Annotated[str, Form()] = "") -> Response:
    def work(caller: Caller) -> str:
        method = contacts.own_method(caller.session, caller.user, method_id)
        if contacts.verify(caller.session, method, code, caller.now):
            return f"{method.name} is confirmed: pages can reach you there."
        return NotDone("That is not the code. Look at the message again, or send a new code on My on-call.")

    return carry_out(edge, Permission.ACT, f"{HERE}#contact", work)


@router.post("/alert")
def fire(edge: Page) -> Response:
    def work(caller: Caller) -> str:
        found = first_run.progress(caller.session, caller.user).key
        if found is None:
            raise BadInput("Make a service with a key first.")
        tested = send_test(caller.session, found[1], caller.now, edge.runtime.settings.ingest_kept, pages=True)
        return NotDone(said_of(tested, pages=True)) if tested.refusal else said_of(tested, pages=True)

    return carry_out(edge, Permission.ADMINISTER, f"{HERE}#alert", work)
