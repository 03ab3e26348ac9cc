"""A heartbeat made or edited in a form. Its key, which is the address to ping, is made for it and stays."""

from typing import Any

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.responses import Response

from oncall.auth.setup_rights import check_edits_heartbeat, led_services
from oncall.config.service_forms import HeartbeatForm
from oncall.config.values import write_span
from oncall.models import Severity
from web.edge import Caller, Page, PageEdge
from web.pages.editing import base_of, save_or_show, stored
from web.pages.page import back_to, lead_to, show
from web.pages.standing import Standing
from web.pages.typed import as_list

router = APIRouter(prefix="/heartbeat-editor")

SECTION = "heartbeats"
TEXTS = ("name", "service", "every", "grace", "description", "alert_summary", "alert_severity", "alert_tags")
Typed = dict[str, Any]
"""TEXTS as they are, and whether it is `enabled`."""


@router.get("")
def editor(edge: Page, name: str = "", service: str = "") -> Response:
    """`name` empty: a new one, of this `service`."""
    with edge.reading(at_one_moment=True) as caller:
        check_edits_heartbeat(caller.session, caller.user, name)
        found = stored(caller.session, SECTION, name)
        typed = _typed_of(found) if isinstance(found, HeartbeatForm) else _blank() | {"service": service}
        return _shown(edge, caller, typed, Standing(base_of(found)))


@router.post("")
def edit(edge: Page) -> Response:
    typed = _sent(edge.form)
    is_new = not edge.form.get("base")
    said = "It is there. It raises nothing until its first ping." if is_new else "Kept."
    return save_or_show(
        edge,
        SECTION,
        _as_config(typed),
        check=lambda caller: check_edits_heartbeat(caller.session, caller.user, typed["name"], typed["service"]),
        shown=lambda caller, standing: _shown(edge, caller, typed, standing),
        saved=lambda changes: lead_to(back_to(SECTION), said),
    )


def _blank() -> Typed:
    return {**dict.fromkeys(TEXTS, ""), "alert_severity": Severity.CRITICAL, "enabled": True}


def _typed_of(form: HeartbeatForm) -> Typed:
    texts = {name: getattr(form, name) or "" for name in ("name", "service", "description", "alert_summary")}
    spans = {"every": write_span(form.every), "grace": write_span(form.grace) if form.grace else ""}
    alert = {"alert_severity": form.alert_severity, "alert_tags": ", ".join(form.alert_tags)}
    return {**texts, **spans, **alert, "enabled": form.enabled}


def _sent(form: FormData) -> Typed:
    texts = {name: str(form.get(name, "")).strip() for name in TEXTS}
    return {**texts, "enabled": form.get("enabled") is not None}


def _as_config(typed: Typed) -> dict[str, Any]:
    return {
        **{name: typed[name] for name in ("name", "service", "every", "description", "alert_severity", "enabled")},
        "grace": typed["grace"] or "0m",
        "alert_summary": typed["alert_summary"] or None,
        "alert_tags": as_list(typed["alert_tags"]),
    }


def _shown(edge: PageEdge, caller: Caller, typed: Typed, standing: Standing) -> Response:
    context = {
        "typed": typed,
        "services": led_services(caller.session, caller.user),
        "severities": [(each, each.capitalize()) for each in Severity],
    }
    shown = context | standing.shown_with(TEXTS)
    return show(edge, caller, "services/heartbeat_editor.html", shown, status=standing.status)
