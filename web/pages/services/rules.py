"""Rules of a team's key: edited in a form, and tried on the last requests that came before they are kept."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from fastapi import APIRouter
from sqlmodel import col, select
from starlette.responses import Response

from oncall.alerts.routing import FIELDS
from oncall.auth.permissions import Permission
from oncall.errors import BadInput, Conflict
from oncall.ingest.registry import TOOLS
from oncall.ingest.tool import filled
from oncall.models import Service, Severity, Urgency
from oncall.models.service import IN_USE
from oncall.setup.integration_keys import address
from oncall.setup.routing_trial import TriedRequest, rules_of, try_on_last
from oncall.setup.team_keys import TeamKeyRow, find_team_key, set_team_key
from web.addresses import base_url
from web.edge import Caller, Page, PageEdge
from web.pages.editing import EditedMeanwhile
from web.pages.page import back_to, lead_to, show
from web.pages.services.rule_draft import Draft, How, draft_of, read_draft
from web.pages.services.rule_faults import fields_of, told_of, wrong_in
from web.pages.standing import Standing

router = APIRouter(prefix="/teams/{team}/keys")

LARGEST_DRAFT = 500_000
"""Bytes of a form with as many rules as a key can have."""
SAYS = {
    How.EQUALS: "is one of",
    How.CONTAINS: "contains",
    How.MATCHES: "matches",
    How.EXISTS: "is there",
    How.MISSING: "is not there",
}


@router.get("/{name}")
def rules(edge: Page, team: str, name: str, shown: str = "") -> Response:
    """`shown`: with its address, which is a secret."""
    return _page(edge, team, name, None, Standing(""), is_shown=shown == "1")


@router.post("/{name}", max_body_size=LARGEST_DRAFT)
def edit_rules(edge: Page, team: str, name: str) -> Response:
    """Every button of the form: what it changes is shown and tried out, and only `save` keeps it."""
    draft, button, base = read_draft(edge.form), str(edge.form.get("do", "")), str(edge.form.get("base", ""))
    if button != "save":
        draft.press(button)
        return _page(edge, team, name, draft, Standing(base))
    try:
        with edge.writing(Permission.ADMINISTER) as caller:
            row = find_team_key(caller.session, team, name)
            _check_unchanged(row, base)
            rules_of(row, draft.written())  # says where in the rules it is, and not where in the whole config
            set_team_key(caller.session, team, name, {"rules": draft.written()}, caller.now)
    except EditedMeanwhile as other:
        standing = Standing("", changes=other.changes, status=Conflict.status)
    except BadInput as refused:
        standing = Standing(base, wrong_in(draft, refused), status=refused.status)
    else:
        return lead_to(back_to("teams", team, "keys", name), "The rules are kept. They hold from the next event on.")
    return _page(edge, team, name, draft, standing)


def _page(
    edge: PageEdge, team: str, name: str, draft: Draft | None, standing: Standing, *, is_shown: bool = False
) -> Response:
    """`draft` None: the rules as they are kept. A `standing` without a base begins from these."""
    edge.runtime.journal.write()
    with edge.reading(Permission.ADMINISTER) as caller:
        row = find_team_key(caller.session, team, name)
        kept = draft_of(row.key.rules)
        shown = draft or kept
        came, faults = _tried(caller, row, shown)
        services = caller.session.exec(select(Service.name).where(IN_USE).order_by(col(Service.name))).all()
    tool, url = TOOLS[row.key.tool], address(base_url(edge), row.key, edge.runtime.settings.email_domain)
    context = {
        **standing.shown_with(fields_of(shown)),
        "row": row,
        "tool": tool,
        "steps": filled(tool.recipe, url, row.key.key),
        "typed": {"name": name},
        "url": url if is_shown else "",
        "draft": shown,
        "is_kept": shown.rules == kept.rules,
        "is_new": False,
        "base": standing.base or _mark(row),
        "came": came,
        "problems": faults,
        "fields": _fields(came),
        "services": services,
        "urgencies": list(Urgency),
        "severities": list(Severity),
        "zones": sorted(available_timezones()),
        "says": SAYS,
        "own_zone": ZoneInfo(caller.user.timezone),
    }
    return show(edge, caller, "services/rules.html", context, status=standing.status)


def _tried(caller: Caller, row: TeamKeyRow, draft: Draft) -> tuple[list[TriedRequest], list[str]]:
    """Or what is wrong with the rules. What came is shown all the same, by the rules that are kept."""
    try:
        return try_on_last(caller.session, row, rules_of(row, draft.written())), []
    except BadInput as error:
        return try_on_last(caller.session, row, rules_of(row, None)), told_of(draft, error)


def _mark(row: TeamKeyRow) -> str:
    return hashlib.sha256(json.dumps(row.key.rules, sort_keys=True).encode()).hexdigest()[:16]


def _check_unchanged(row: TeamKeyRow, base: str) -> None:
    """Raises EditedMeanwhile, once: the page that says so has the new mark."""
    if base != _mark(row):
        now = [rule["name"] for rule in row.key.rules]
        raise EditedMeanwhile([f"the rules are now: {', '.join(now)}" if now else "there are no rules now"], None)


def _fields(came: Sequence[TriedRequest]) -> list[str]:
    """What a rule may ask for, and what came has."""
    events = [tried.event for each in came for tried in each.tried]
    maps: Sequence[tuple[str, Mapping[str, Any]]] = [
        pair for event in events for pair in (("labels", event.labels), ("details", event.details))
    ]
    return [*FIELDS, *sorted({f"{kind}.{name}" for kind, found in maps for name in found})[:200]]
