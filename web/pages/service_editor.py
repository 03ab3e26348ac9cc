"""A service made or edited in a form; its keys and their recipes have pages of their own."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.datastructures import FormData
from starlette.responses import Response

from oncall.auth.permissions import Permission
from oncall.config.export import export
from oncall.config.service_forms import ServiceForm
from oncall.errors import BadInput, NotFound
from oncall.models import EscalationPolicy, Service, ServiceUrgency, Urgency
from oncall.models.service import IN_FORCE
from oncall.setup_rights import check_sets_up_service, led_teams
from web.edge import Caller, Page, PageEdge
from web.pages.editing import NOTHING_WRONG, EditedMeanwhile, Wrong, find, save, without_keys
from web.pages.page import back_to, lead_to, show

router = APIRouter(prefix="/service-editor")

SECTION = "services"
TEXTS = ("name", "description", "team", "escalation_policy", "urgency", "auto_resolve", "reopen_within")
SUPPORT = ("hours", "timezone", "during", "outside")
MOST_NEEDED = 50
Typed = dict[str, Any]
"""TEXTS as they are, the SUPPORT hours as `support.hours` and so on, and `depends_on` as a list."""


@router.get("")
def editor(edge: Page, name: str = "") -> Response:
    """`name` empty: a new one."""
    with edge.reading() as caller:
        found = find(export(caller.session), SECTION, name) if name else None
        if name and found is None:
            raise NotFound(f"There is no service {name}.")
        typed = _stored(found) if isinstance(found, ServiceForm) else _blank(caller)
        check_sets_up_service(caller.session, caller.user, _row(caller.session, name), typed["team"])
        return _shown(edge, caller, typed, without_keys(found))


@router.post("")
def edit(edge: Page) -> Response:
    typed, base = _sent(edge.form), str(edge.form.get("base", ""))
    try:
        with edge.writing(Permission.ACT) as caller:
            check_sets_up_service(caller.session, caller.user, _row(caller.session, typed["name"]), typed["team"])
            save(caller, SECTION, base, _as_config(typed))
    except EditedMeanwhile as other:
        with edge.reading() as caller:
            return _shown(edge, caller, typed, without_keys(other.now), changes=other.changes, status=409)
    except BadInput as refused:
        with edge.reading() as caller:
            return _shown(edge, caller, typed, base, Wrong.of(refused), status=refused.status)
    said = "Kept. It holds for alerts that fire from now on." if base else "It is there. Connect a tool to it next."
    return lead_to(back_to("services", typed["name"]), said)


def _row(session: Session, name: str) -> Service | None:
    return session.exec(select(Service).where(Service.name == name)).first()


def _blank(caller: Caller) -> Typed:
    team = next(iter(led_teams(caller.session, caller.user)), "")
    return {
        **dict.fromkeys(TEXTS, ""),
        **_no_hours(),
        "team": team,
        "urgency": ServiceUrgency.SEVERITY,
        "depends_on": [],
    }


def _no_hours() -> Mapping[str, str]:
    return {"support.hours": "", "support.timezone": "", "support.during": Urgency.HIGH, "support.outside": Urgency.LOW}


def _stored(form: ServiceForm) -> Typed:
    written: dict[str, Any] = form.model_dump(mode="json")
    support = form.support_hours.model_dump(mode="json") if form.support_hours else {}
    hours = {f"support.{name}": value for name, value in support.items()}
    texts = {name: written.get(name) or "" for name in TEXTS}
    return {**texts, "urgency": form.urgency, **_no_hours(), **hours, "depends_on": list(form.depends_on)}


def _sent(form: FormData) -> Typed:
    fields = (*TEXTS, *(f"support.{name}" for name in SUPPORT))
    needed = [str(name).strip() for name in form.getlist("depends_on")][:MOST_NEEDED]
    return {name: str(form.get(name, "")).strip() for name in fields} | {
        "depends_on": [name for name in needed if name]
    }


def _as_config(typed: Typed) -> dict[str, Any]:
    """As the config file has it: what is empty is nothing, and what the form does not show stays as it is."""
    support = {name: typed[f"support.{name}"] for name in SUPPORT}
    return {
        **{name: typed[name] for name in ("name", "description", "escalation_policy", "urgency")},
        **{name: typed[name] or None for name in ("team", "auto_resolve", "reopen_within")},
        "support_hours": support if support["hours"] else None,
        "depends_on": typed["depends_on"],
    }


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
    session, policy = caller.session, EscalationPolicy.name
    shown = [*TEXTS, *(f"support_hours.{name}" for name in SUPPORT)]
    needed = [f"depends_on.{number}" for number in range(len(typed["depends_on"]))]
    context = {
        "typed": typed,
        "base": base,
        "is_new": not base,
        "wrong": wrong,
        "others": wrong.besides([*shown, *needed]),
        "changes": changes,
        "teams": led_teams(session, caller.user),
        "policies": session.exec(select(policy).where(IN_FORCE).order_by(col(policy))).all(),
        "services": session.exec(select(Service.name).order_by(col(Service.name))).all(),
        "urgencies": {
            ServiceUrgency.SEVERITY: "as their severity says",
            ServiceUrgency.HIGH: "always urgent",
            ServiceUrgency.LOW: "can always wait",
        },
    }
    return show(edge, caller, "service_editor.html", context, status=status)
