"""Integration keys: made for one service and one sending tool, shown as the address to paste there, revoked."""

import secrets
from datetime import datetime

from sqlmodel import Session, select

from oncall.config.values import check_name
from oncall.errors import BadInput, Conflict, NotFound
from oncall.ingest.registry import TOOLS
from oncall.models import IntegrationKey, Service
from oncall.names import checked


def find_service(session: Session, name: str) -> Service:
    service = session.exec(select(Service).where(Service.name == name)).first()
    if service is None:
        raise NotFound(f"There is no service {name}.")
    return service


def create_key(session: Session, service: Service, name: str, tool: str, now: datetime) -> IntegrationKey:
    """Raises BadInput for an unknown tool or a bad name, Conflict for a name that the service has used."""
    assert service.id is not None
    name = checked(check_name, name, "name")
    if tool not in TOOLS:
        raise BadInput(f"“{tool}” is no tool we know. Known are: {', '.join(sorted(TOOLS))}.", field="tool")
    if _find(session, service, name) is not None:
        raise Conflict(f"Service {service.name} has, or had, a key “{name}”: choose another name.", field="name")
    # 32 characters: PagerDuty's own clients check the length of a routing key
    key = IntegrationKey(service_id=service.id, name=name, tool=tool, key=secrets.token_hex(16), created_at=now)
    session.add(key)
    session.flush()
    return key


def revoke_key(session: Session, service: Service, name: str, now: datetime) -> None:
    """What is sent there is refused from now on. Raises NotFound."""
    key = _find(session, service, name)
    if key is None or key.revoked_at is not None or key.team_id is not None:
        raise NotFound(f"Service {service.name} has no key “{name}”.")
    key.revoked_at = now
    session.add(key)
    session.flush()


def address(base_url: str, key: IntegrationKey) -> str:
    """Where the tool sends to. PagerDuty's clients post to one address and carry the key in the body."""
    return f"{base_url}/v2/enqueue" if key.tool == "pagerduty" else f"{base_url}/ingest/{key.tool}/{key.key}"


def _find(session: Session, service: Service, name: str) -> IntegrationKey | None:
    return session.exec(
        select(IntegrationKey).where(IntegrationKey.service_id == service.id, IntegrationKey.name == name)
    ).first()
