"""Integration keys of teams: set up through the config's own checks, listed with what their rules have done."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from oncall.config.apply import apply
from oncall.config.export import export
from oncall.config.load import load
from oncall.config.yaml_text import write_yaml
from oncall.errors import NotFound
from oncall.installation import lock_plans
from oncall.models import IntegrationKey, RuleCount, Service, SuppressedEvent, Team
from oncall.rota.feeds import find_team


@dataclass(frozen=True, slots=True)
class TeamKeyRow:
    key: IntegrationKey
    team: str
    service: str
    counts: dict[str, RuleCount]
    """By rule, of those that have matched."""


def list_team_keys(session: Session, team: Team | None = None) -> list[TeamKeyRow]:
    """Of one team or of all."""
    statement = (
        select(IntegrationKey, Team.name, Service.name)
        .join(Team, col(Team.id) == col(IntegrationKey.team_id))
        .join(Service, col(Service.id) == col(IntegrationKey.service_id))
        .where(col(IntegrationKey.revoked_at).is_(None))
        .order_by(col(Team.name), col(IntegrationKey.id))
    )
    if team is not None:
        statement = statement.where(IntegrationKey.team_id == team.id)
    counts: dict[int, dict[str, RuleCount]] = {}
    for count in session.exec(select(RuleCount)):
        counts.setdefault(count.key_id, {})[count.rule] = count
    rows = session.exec(statement)
    return [TeamKeyRow(key, owner, service, counts.get(key.id or 0, {})) for key, owner, service in rows]


def find_team_key(session: Session, team: str, name: str) -> TeamKeyRow:
    rows = list_team_keys(session, find_team(session, team))
    found = next((row for row in rows if row.key.name == name), None)
    if found is None:
        raise NotFound(f"Team {team} has no integration key “{name}”.")
    return found


def set_team_key(
    session: Session, team: str, name: str, fields: dict[str, Any], now: datetime, *, confirm: bool = False
) -> TeamKeyRow:
    """Make it, or change what `fields` say of it, in the form of the config file. Raises BadInput with every fault, or
    NeedsConfirmation where something sends to it that would be refused.
    """
    lock_plans(session)  # a key that somebody else makes at this moment is not to be left out
    others = [{"name": row.key.name} for row in list_team_keys(session, find_team(session, team))]
    keys = [*(each for each in others if each["name"] != name), {**fields, "name": name}]
    _apply(session, {"teams": [{"name": team, "integration_keys": keys}]}, now, confirm=confirm)
    return find_team_key(session, team, name)


def revoke_team_key(session: Session, team: str, name: str, now: datetime, *, confirm: bool = False) -> None:
    """What is sent there is refused from now on. Raises NotFound, or NeedsConfirmation where something sends to it."""
    lock_plans(session)
    gone = find_team_key(session, team, name).key.name
    rows = list_team_keys(session, find_team(session, team))
    keys = [{"name": row.key.name} for row in rows if row.key.name != gone]
    _apply(session, {"teams": [{"name": team, "integration_keys": keys}]}, now, confirm=confirm)


def _apply(session: Session, part: dict[str, Any], now: datetime, *, confirm: bool) -> None:
    apply(session, load(write_yaml(part), export(session)), now, confirm=confirm)


def list_suppressed(session: Session, row: TeamKeyRow | None = None, limit: int = 200) -> list[SuppressedEvent]:
    """The newest first, of one key or of all."""
    statement = select(SuppressedEvent).order_by(col(SuppressedEvent.at).desc(), col(SuppressedEvent.slot).desc())
    if row is not None:
        statement = statement.where(SuppressedEvent.key_id == row.key.id)
    return list(session.exec(statement.limit(limit)))
