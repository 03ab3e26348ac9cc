"""For admins: what sends and how it fares, who changed what, the settings in force, the config as a file."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter
from pydantic import SecretStr
from sqlalchemy import make_url
from starlette.responses import Response

from notifiers.registry import KINDS, set_up
from oncall.auth.permissions import Permission
from oncall.config.export import export, to_yaml
from oncall.delivery.accounts import accounts_by_kind
from oncall.delivery.lately import Lately, lately
from oncall.delivery.providers import accounts_with_health
from oncall.pulse.canary_report import CanaryReport, canaries
from oncall.pulse.on_irc import why_not_on_irc
from oncall.settings import Settings
from oncall.setup.audit import list_audit
from web.api.config import Yaml
from web.edge import Page
from web.ids import read_id
from web.pages.page import show

router = APIRouter(prefix="/admin")

MOST_ENTRIES = 50


@router.get("")
def sending(edge: Page) -> Response:
    with edge.reading(Permission.ADMINISTER) as caller:
        accounts = accounts_with_health(caller.session, accounts_by_kind(edge.runtime.settings))
        fared = lately(caller.session, caller.now)
        tried = canaries(caller.session, edge.runtime.settings, caller.now)
        away = {"irc": why_not_on_irc(caller.session, caller.now)} if edge.runtime.settings.irc_server else {}
    working = set_up(edge.runtime.notifiers)
    context = {
        "all_kinds": list(KINDS.values()),
        "set_up": {kind.name for kind in working},
        "lately": {kind: fared.get(kind, Lately()) for kind in KINDS},
        "accounts": {kind: [each for each in accounts if each.kind == kind] for kind in KINDS},
        "canaries": _by_account(tried),
        "away": away,
    }
    return show(edge, caller, "admin/admin_sending.html", context)


def _by_account(tried: Sequence[CanaryReport]) -> dict[str, dict[str, list[CanaryReport]]]:
    """By kind and account; a kind without accounts is its own."""
    found: dict[str, dict[str, list[CanaryReport]]] = {kind: defaultdict(list) for kind in KINDS}
    for each in tried:
        found[each.canary.kind][each.tried.account].append(each)
    return found


@router.get("/audit")
def audit(edge: Page, q: str = "", before: str = "") -> Response:
    with edge.reading(Permission.ADMINISTER) as caller:
        rows = list_audit(caller.session, MOST_ENTRIES + 1, read_id(before), q.strip())
    shown = rows[:MOST_ENTRIES]
    more = urlencode({"q": q, "before": shown[-1].entry.id}) if len(rows) > MOST_ENTRIES else ""
    return show(edge, caller, "admin/admin_audit.html", {"rows": shown, "q": q, "more": more})


@dataclass(frozen=True, slots=True)
class Setting:
    """`shown`: its value, or that it is set where that is a secret."""

    name: str
    shown: str
    is_given: bool
    description: str


@router.get("/settings")
def settings(edge: Page) -> Response:
    with edge.reading(Permission.ADMINISTER) as caller:
        pass
    return show(edge, caller, "admin/admin_settings.html", {"settings": in_force(edge.runtime.settings)})


def in_force(settings: Settings) -> list[Setting]:
    return [
        Setting(
            f"ONCALL_{name.upper()}", _shown(name, settings), name in settings.model_fields_set, field.description or ""
        )
        for name, field in Settings.model_fields.items()
    ]


def _shown(name: str, settings: Settings) -> str:
    value = getattr(settings, name)
    if isinstance(value, SecretStr):
        return "set, and kept secret" if value.get_secret_value() else ""
    if name == "database_url":
        return make_url(value).render_as_string(hide_password=True)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


@router.get("/config.yaml")
def config(edge: Page) -> Response:
    """As `oncall export` prints it."""
    with edge.reading(Permission.ADMINISTER, at_one_moment=True) as caller:
        text = to_yaml(export(caller.session))
    headers = {"Content-Disposition": 'attachment; filename="oncall.yaml"', "Cache-Control": "no-store"}
    return Yaml(text, headers=headers)
