"""Integration keys of teams: set up through the config's own checks, listed with what their rules have done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session, col, select

from oncall.alerts.event import Event
from oncall.alerts.routing import RoutingRule, read_rules, try_out
from oncall.config.apply import apply
from oncall.config.export import export
from oncall.config.load import load
from oncall.config.problems import from_pydantic
from oncall.config.routing_forms import RoutingRuleForm
from oncall.config.yaml_text import write_yaml
from oncall.errors import BadInput, NotFound
from oncall.feeds import find_team
from oncall.ingest.reading import Inbound
from oncall.ingest.registry import TOOLS
from oncall.models import IntegrationKey, RuleCount, Service, SuppressedEvent, Team

MOST_TRIED = 200
"""Events in one preview."""


@dataclass(frozen=True, slots=True)
class TeamKeyRow:
    key: IntegrationKey
    team: str
    service: str
    counts: dict[str, RuleCount]
    """By rule, of those that have matched."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What would become of an event. No `rule`: none matches."""

    event: Event
    rule: RoutingRule | None
    service: str | None
    """None: suppressed."""


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


def set_team_key(session: Session, team: str, name: str, fields: dict[str, Any], now: datetime) -> TeamKeyRow:
    """Make it, or change what `fields` say of it, in the form of the config file. Raises BadInput with every fault."""
    others = [{"name": row.key.name} for row in list_team_keys(session, find_team(session, team))]
    keys = [*(each for each in others if each["name"] != name), {**fields, "name": name}]
    _apply(session, {"teams": [{"name": team, "integration_keys": keys}]}, now)
    return find_team_key(session, team, name)


def revoke_team_key(session: Session, team: str, name: str, now: datetime) -> None:
    """What is sent there is refused from now on. Raises NotFound."""
    gone = find_team_key(session, team, name).key.name
    rows = list_team_keys(session, find_team(session, team))
    keys = [{"name": row.key.name} for row in rows if row.key.name != gone]
    _apply(session, {"teams": [{"name": team, "integration_keys": keys}]}, now)


def _apply(session: Session, part: dict[str, Any], now: datetime) -> None:
    apply(session, load(write_yaml(part), export(session)), now)


def rules_of(row: TeamKeyRow, wanted: Sequence[dict[str, Any]] | None) -> tuple[RoutingRule, ...]:
    """Those that are given in the form of the config file, not stored yet, else those of the key. Raises BadInput."""
    if wanted is None:
        return read_rules(row.key.rules)
    forms, problems = [], []
    for number, fields in enumerate(wanted):
        try:
            forms.append(RoutingRuleForm.model_validate(fields))
        except ValidationError as error:
            found = [from_pydantic(each) for each in error.errors(include_url=False)]
            problems += [
                f"rules[{number}]{''.join(f'.{step}' for step in each.location)}: {each.sentence}" for each in found
            ]
    if problems:
        raise BadInput("These rules can't be read", problems=problems, field="rules")
    return read_rules([form.model_dump(mode="json") for form in forms])


def read_requests(row: TeamKeyRow, bodies: Sequence[str], now: datetime) -> list[Event]:
    """What the key's tool would have sent in these raw bodies. Raises BadEvent for one that can't be read."""
    inbound = (Inbound(body.encode(), row.key.options, at=now) for body in bodies)
    return [event for each in inbound for event in TOOLS[row.key.tool].parse(each)]


def preview(row: TeamKeyRow, rules: Sequence[RoutingRule], events: Sequence[Event], now: datetime) -> list[Tried]:
    found = try_out(rules, events, now)
    return [
        Tried(event, rule, None if rule and rule.suppress else (rule.service if rule else None) or row.service)
        for event, rule in zip(events, found, strict=True)
    ]


def list_suppressed(session: Session, row: TeamKeyRow | None = None, limit: int = 200) -> list[SuppressedEvent]:
    """The newest first, of one key or of all."""
    statement = select(SuppressedEvent).order_by(col(SuppressedEvent.at).desc(), col(SuppressedEvent.slot).desc())
    if row is not None:
        statement = statement.where(SuppressedEvent.key_id == row.key.id)
    return list(session.exec(statement.limit(limit)))
