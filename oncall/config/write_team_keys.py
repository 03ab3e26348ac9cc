"""Integration keys of teams with their rules, as a Config has them."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, delete, select

from oncall.config.routing_forms import TeamKeyForm
from oncall.config.rows import by_name, fill
from oncall.config.schema import TeamForm
from oncall.config.write_services import free_key, generated_key
from oncall.models import IntegrationKey, RuleCount, Service, SuppressedEvent, Team


def write_team_keys(session: Session, forms: Sequence[TeamForm], now: datetime) -> None:
    """Once all of the services are there. A key that is gone from the list is revoked, as those of services are."""
    teams = by_name(session, Team, (form.name for form in forms))
    services = by_name(session, Service, {key.service for form in forms for key in form.integration_keys})
    present = {form.name: _present(session, teams[form.name]) for form in forms}
    for form in forms:
        for name in present[form.name].keys() - {key.name for key in form.integration_keys}:
            gone = present[form.name][name]
            fill(session, gone, {"revoked_at": gone.revoked_at or now})
    session.flush()
    for form in forms:
        for key in form.integration_keys:
            service_id = services[key.service].id
            assert service_id is not None
            row = present[form.name].get(key.name) or _revoked(session, service_id, key.name)
            _free_name(session, row, service_id, key.name)
            _write(session, row, key, teams[form.name], service_id, now)


def _present(session: Session, team: Team) -> dict[str, IntegrationKey]:
    return {row.name: row for row in session.exec(select(IntegrationKey).where(IntegrationKey.team_id == team.id))}


def _revoked(session: Session, service_id: int, name: str) -> IntegrationKey | None:
    """A key of the service itself that had the name, and is no more."""
    same = select(IntegrationKey).where(IntegrationKey.service_id == service_id, IntegrationKey.name == name)
    return session.exec(same.where(col(IntegrationKey.revoked_at).is_not(None))).first()


def _free_name(session: Session, row: IntegrationKey | None, service_id: int, name: str) -> None:
    """Take the name from another key at the service that has it still: one that is revoked, or one that goes to
    another service in this same file.
    """
    if row is not None and (row.service_id, row.name) == (service_id, name):
        return
    same = select(IntegrationKey).where(IntegrationKey.service_id == service_id, IntegrationKey.name == name)
    holder = session.exec(same).first()
    if holder is not None:
        fill(session, holder, {"name": generated_key()})
        session.flush()


def _write(
    session: Session, row: IntegrationKey | None, form: TeamKeyForm, team: Team, service_id: int, now: datetime
) -> None:
    key = form.key or (row.key if row else generated_key())
    if row is None or row.key != key:
        free_key(session, IntegrationKey, key)
    row = row or IntegrationKey(service_id=service_id, name=form.name, tool=form.tool, key=key, created_at=now)
    place = {"service_id": service_id, "team_id": team.id, "name": form.name}
    values = {**place, "tool": form.tool, "key": key, "options": form.options}
    rules = [rule.model_dump(mode="json") for rule in form.rules]
    fill(session, row, {**values, "rules": rules, "revoked_at": None})
    session.flush()
    names = [rule.name for rule in form.rules]
    for table in (RuleCount, SuppressedEvent):
        session.exec(delete(table).where(col(table.key_id) == row.id, col(table.rule).not_in(names)))
