"""A service made or edited in a form; its keys and their recipes have pages of their own."""

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.responses import Response

from oncall.auth.setup_rights import check_sets_up_service, led_teams
from oncall.config.service_forms import ServiceForm
from oncall.models import EscalationPolicy, Service, ServiceUrgency
from oncall.models.service import IN_FORCE, IN_USE
from oncall.setup import words
from web.edge import Caller, Page, PageEdge
from web.pages.editing import base_of, save_or_show, stored
from web.pages.page import back_to, lead_to, show
from web.pages.services.service_form import SHOWN, USUAL_FLAPPING, Typed, as_config, blank, sent, typed_of
from web.pages.standing import Standing

router = APIRouter(prefix="/service-editor")

SECTION = "services"
URGENCIES = [
    (
        ServiceUrgency.SEVERITY,
        "As each alert says",
        "Critical and error are urgent; warning and info can wait. This is the usual.",
    ),
    (ServiceUrgency.HIGH, "Always", "Every alert pages at once, at any hour."),
    (
        ServiceUrgency.LOW,
        "Never",
        "Every alert can wait: for the end of people’s quiet hours, and by their gentler rules.",
    ),
]


@router.get("")
def editor(edge: Page, name: str = "", team: str = "") -> Response:
    """`name` empty: a new one, of this `team` if it is theirs."""
    with edge.reading(at_one_moment=True) as caller:
        found = stored(caller.session, SECTION, name)
        typed = typed_of(found) if isinstance(found, ServiceForm) else blank(_team(caller, team))
        _check(caller, typed)
        return _shown(edge, caller, typed, Standing(base_of(found)))


def _team(caller: Caller, wanted: str) -> str:
    led = led_teams(caller.session, caller.user)
    return wanted if wanted in led else next(iter(led), "")


def _check(caller: Caller, typed: Typed) -> None:
    check_sets_up_service(caller.session, caller.user, _row(caller.session, typed["name"]), typed["team"])


def _row(session: Session, name: str) -> Service | None:
    return session.exec(select(Service).where(IN_USE, Service.name == name)).first()


@router.post("")
def edit(edge: Page) -> Response:
    typed = sent(edge.form)
    is_new = not edge.form.get("base")
    said = "It is there. Connect a tool to it next." if is_new else "Kept. It holds for alerts that fire from now on."
    return save_or_show(
        edge,
        SECTION,
        as_config(typed),
        check=lambda caller: _check(caller, typed),
        shown=lambda caller, standing: _shown(edge, caller, typed, standing),
        saved=lambda changes: lead_to(back_to(SECTION, typed["name"]), said),
    )


def _shown(edge: PageEdge, caller: Caller, typed: Typed, standing: Standing) -> Response:
    session = caller.session
    context = {
        "typed": typed,
        "teams": led_teams(session, caller.user),
        "policies": _policies(session),
        "services": session.exec(select(Service.name).where(IN_USE).order_by(col(Service.name))).all(),
        "urgencies": URGENCIES,
        "usual": USUAL_FLAPPING,
    }
    shown = context | standing.shown_with(SHOWN)
    return show(edge, caller, "services/service_editor.html", shown, status=standing.status)


def _policies(session: Session) -> list[tuple[str, str]]:
    """By name, with whom each pages first."""
    name = EscalationPolicy.name
    rows = session.exec(select(name, EscalationPolicy.steps).where(IN_FORCE).order_by(col(name))).all()
    return [(name, f"{name}: first {words.value('page', steps[0]['page'])}") for name, steps in rows]
