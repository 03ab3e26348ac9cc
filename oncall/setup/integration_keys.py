"""Integration keys: made for one service and one sending tool, shown as the address to paste there, revoked.

They are secrets: only managers of the service's team and admins see and change them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlencode

from sqlmodel import Session, col, select

from oncall.auth.permissions import managed_teams, runs
from oncall.config.values import LONGEST_KEY, check_key, check_name
from oncall.config.write_services import free_key, generated_key
from oncall.errors import BadInput, Conflict, Forbidden, NotFound
from oncall.ingest.registry import TOOLS
from oncall.ingest.tool import Tool, problem_with
from oncall.installation import lock_plans
from oncall.models import IntegrationKey, Role, Service, User
from oncall.names import checked, is_storable

LONGEST_OPTION = 2_000
"""Characters of its value."""

PATHS = {
    "opsgenie": "",
    "pagerduty": "/v2/enqueue",
    "victorops": "/integrations/generic/20131114/alert/{key}",
}
"""Of tools that are a service's own protocol, and so have its address."""


def find_service(session: Session, name: str) -> Service:
    """Raises NotFound, also for one that was deleted."""
    service = session.exec(select(Service).where(Service.name == name)).first()
    if service is None:
        raise NotFound(f"There is no service {name}.")
    if service.deleted_at is not None:
        alerts = f"/alerts?{urlencode({'service': name, 'status': 'all'})}"
        raise NotFound(f"The service {name} was deleted on {service.deleted_at:%Y-%m-%d}. Its alerts stay.", see=alerts)
    return service


def check_runs(session: Session, by: User, service: Service) -> None:
    """Raises Forbidden."""
    if not runs(session, by, service):
        raise Forbidden(f"The keys of {service.name} are for admins and managers of its team. Ask one of them.")


def find_key(session: Session, service: Service, name: str) -> IntegrationKey:
    """Raises NotFound, also for one that was revoked."""
    key = _find(session, service, name)
    if key is None or key.revoked_at is not None or key.team_id is not None:
        raise NotFound(f"Service {service.name} has no key “{name}”.")
    return key


def find_key_for(session: Session, by: User, service: str, name: str) -> IntegrationKey:
    """A key that is theirs to see. Raises NotFound and Forbidden."""
    found = find_service(session, service)
    check_runs(session, by, found)
    return find_key(session, found, name)


def keys_of(session: Session, service: Service) -> list[IntegrationKey]:
    """In the order made, without those that were revoked."""
    mine = (IntegrationKey.service_id == service.id, col(IntegrationKey.team_id).is_(None))
    live = col(IntegrationKey.revoked_at).is_(None)
    return list(session.exec(select(IntegrationKey).where(*mine, live).order_by(col(IntegrationKey.id))))


def keys_by_service(session: Session, by: User, services: Sequence[Service]) -> dict[int | None, list[IntegrationKey]]:
    """As `keys_of`, in two questions, of those services that they run; the others are left out."""
    managed = managed_teams(session, by)
    found: dict[int | None, list[IntegrationKey]] = {
        service.id: [] for service in services if by.role is Role.ADMIN or service.team_id in managed
    }
    live = (col(IntegrationKey.team_id).is_(None), col(IntegrationKey.revoked_at).is_(None))
    for key in session.exec(select(IntegrationKey).where(*live).order_by(col(IntegrationKey.id))):
        if key.service_id in found:
            found[key.service_id].append(key)
    return found


def create_key(
    session: Session,
    service: Service,
    name: str,
    tool: str,
    now: datetime,
    options: Mapping[str, str | None] | None = None,
    text: str = "",
) -> IntegrationKey:
    """`text`: the key itself, such as the one that the tool has of another vendor; one is made if there is none.

    Raises BadInput for an unknown tool, a bad name, option or text, Conflict for a name that the service has used or a
    text that another key has.
    """
    assert service.id is not None
    name = checked(check_name, name, "name")
    check_tool(tool)
    if _find(session, service, name) is not None:
        raise Conflict(f"Service {service.name} has, or had, a key “{name}”: choose another name.", field="name")
    text = _free(session, text) or generated_key()
    key = IntegrationKey(service_id=service.id, name=name, tool=tool, key=text, created_at=now)
    key.options = _changed(tool, {}, options or {})
    session.add(key)
    session.flush()
    return key


def _free(session: Session, text: str) -> str:
    """`text`, checked, and taken from a key that was revoked. Raises BadInput, or Conflict for one that is in use."""
    text = checked(check_key, text, "key")
    if len(text) > LONGEST_KEY:
        raise BadInput(f"A key has at most {LONGEST_KEY} characters.", field="key")
    if not text:
        return ""
    live = (IntegrationKey.key == text, col(IntegrationKey.revoked_at).is_(None))
    if session.exec(select(IntegrationKey.id).where(*live)).first() is not None:
        raise Conflict("Another integration key is like this one: revoke that one first.", field="key")
    free_key(session, IntegrationKey, text)
    return text


def set_options(session: Session, key: IntegrationKey, changes: Mapping[str, str | None]) -> None:
    """Options that are not named stay, also those that somebody else sets at this moment; one without a value is taken
    away. Raises BadInput, with nothing changed.
    """
    lock_plans(session)
    session.refresh(key)
    key.options = _changed(key.tool, key.options, changes)
    session.add(key)
    session.flush()


def check_tool(name: str) -> None:
    """Raises BadInput."""
    if name not in TOOLS:
        raise BadInput(f"“{name}” is no tool we know. Known are: {', '.join(sorted(TOOLS))}.", field="tool")


def _changed(tool: str, options: Mapping[str, str], changes: Mapping[str, str | None]) -> dict[str, str]:
    """Raises BadInput, also where an option that is taken away is none that the tool has."""
    wanted = {name: value for name, value in {**options, **changes}.items() if value}
    for name, value in wanted.items():
        if len(value) > LONGEST_OPTION or not is_storable(value):
            raise BadInput(f"The option {name} must be text of at most {LONGEST_OPTION:,} characters.", field="options")
    if problem := problem_with(TOOLS[tool], dict.fromkeys(changes, "") | wanted):
        raise BadInput(f"{problem[0].upper()}{problem[1:]}.", field="options")
    return wanted


def revoke_key(session: Session, service: Service, name: str, now: datetime) -> None:
    """What is sent there is refused from now on. Raises NotFound."""
    key = find_key(session, service, name)
    key.revoked_at = now
    session.add(key)
    session.flush()


def shown_options(tool: Tool, key: IntegrationKey) -> dict[str, str]:
    """What is secret as dots: it is never shown again."""
    return {name: HIDDEN if name in tool.secrets else value for name, value in key.options.items()}


HIDDEN = "••••••••"


def masked(key: IntegrationKey) -> str:
    """Enough of the key to tell it from another."""
    return f"{HIDDEN}{key.key[-4:]}" if len(key.key) > 12 else HIDDEN


def address(base_url: str, key: IntegrationKey, email_domain: str) -> str:
    """Where the tool sends to. Clients of PagerDuty post to one address and carry the key in the body; to those of
    Opsgenie we are where api.opsgenie.com was. Mails are sent to an address of the key's own, or posted, where none are
    taken in.
    """
    if key.tool == "email" and email_domain:
        return f"{key.key}@{email_domain}"
    return base_url + path_of(key)


def path_of(key: IntegrationKey) -> str:
    return PATHS.get(key.tool, "/ingest/{tool}/{key}").format(tool=key.tool, key=key.key)


def _find(session: Session, service: Service, name: str) -> IntegrationKey | None:
    return session.exec(
        select(IntegrationKey).where(IntegrationKey.service_id == service.id, IntegrationKey.name == name)
    ).first()
