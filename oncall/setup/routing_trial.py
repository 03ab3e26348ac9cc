"""Rules of a team's key tried out before they count: what would become of events, and of what came lately."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session, col, select

from oncall.alerts.event import Event, EventAction
from oncall.alerts.routing import RoutingRule, read_rules, route
from oncall.alerts.urgency import UrgencyRule, rule_of
from oncall.config.problems import BadConfig, Problem, from_pydantic
from oncall.config.routing_forms import RoutingRuleForm
from oncall.ingest.journal import last_requests
from oncall.ingest.reading import Inbound
from oncall.ingest.registry import TOOLS, open_options
from oncall.ingest.replay import replay, tells_events
from oncall.models import ReceivedRequest, Service, Severity, Urgency
from oncall.models.service import IN_USE
from oncall.setup.team_keys import TeamKeyRow

MOST_TRIED = 200
"""Events in one trial."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What would become of an event. No `rule`: none matches.

    Without a service it is suppressed; or it says that something is over or seen, which rules are not asked about: it
    goes wherever its alert is.
    """

    event: Event
    rule: RoutingRule | None
    service: str | None
    urgency: Urgency | None
    """Of the alert that it would open."""

    @property
    def is_suppressed(self) -> bool:
        return self.rule is not None and self.rule.suppress

    @property
    def severity(self) -> Severity:
        return (self.rule and self.rule.severity) or self.event.severity


@dataclass(frozen=True, slots=True)
class TriedRequest:
    """A request that came, with what would become of its events, or why it would be refused."""

    request: ReceivedRequest
    tried: list[Tried]
    problems: list[str]


def rules_of(row: TeamKeyRow, wanted: Sequence[dict[str, Any]] | None) -> tuple[RoutingRule, ...]:
    """Those that are given in the form of the config file, not stored yet, else those of the key. Raises BadInput."""
    if wanted is None:
        return read_rules(row.key.rules)
    forms, found = [], []
    for number, fields in enumerate(wanted):
        try:
            forms.append(RoutingRuleForm.model_validate(fields))
        except ValidationError as error:
            told = (from_pydantic(each) for each in error.errors(include_url=False))
            found += [Problem(("rules", number, *each.location), each.sentence) for each in told]
    _refuse("These rules can't be read", found)
    return read_rules([form.model_dump(mode="json") for form in forms])


def read_requests(row: TeamKeyRow, bodies: Sequence[str], now: datetime) -> list[Event]:
    """What the key's tool would have sent in these raw bodies. Raises BadEvent for one that can't be read."""
    options = open_options(row.key.tool, row.key.options)  # what was kept of a request has no signature any more
    inbound = (Inbound(body.encode(), options, at=now) for body in bodies)
    return [event for each in inbound for event in TOOLS[row.key.tool].parse(each)]


def try_out(
    session: Session, row: TeamKeyRow, rules: Sequence[RoutingRule], events: Sequence[Event], at: datetime
) -> list[Tried]:
    """Each by itself. Raises BadInput for a rule that leads to no service."""
    urgencies = _urgencies(session, row, rules)
    return [_try(row, rules, urgencies, event, at) for event in events]


def try_on_last(
    session: Session, row: TeamKeyRow, rules: Sequence[RoutingRule], limit: int | None = None
) -> list[TriedRequest]:
    """On the last requests that came, the newest first, each as at the hour it came."""
    urgencies, tool = _urgencies(session, row, rules), TOOLS[row.key.tool]
    tried = []
    for request in filter(tells_events, last_requests(session, row.key, limit)):
        made = replay(tool, row.key.options, request)
        found = [_try(row, rules, urgencies, event, request.at) for event in made.events[:MOST_TRIED]]
        tried.append(TriedRequest(request, found, made.problems))
    return tried


def _try(
    row: TeamKeyRow, rules: Sequence[RoutingRule], urgencies: Mapping[str, UrgencyRule], event: Event, at: datetime
) -> Tried:
    if event.action is not EventAction.TRIGGER:
        return Tried(event, None, None, None)
    rule = route(rules, event, at)
    if rule is not None and rule.suppress:
        return Tried(event, rule, None, None)
    service = (rule.service if rule else None) or row.service
    decided = UrgencyRule(rule.urgency) if rule and rule.urgency else urgencies[service]
    severity = (rule.severity if rule else None) or event.severity
    return Tried(event, rule, service, decided.at_trigger(severity, at)[0])


def _urgencies(session: Session, row: TeamKeyRow, rules: Sequence[RoutingRule]) -> dict[str, UrgencyRule]:
    wanted = {row.service} | {rule.service for rule in rules if rule.service}
    found = {
        service.name: rule_of(service.urgency, service.support_hours)
        for service in session.exec(select(Service).where(IN_USE, col(Service.name).in_(wanted)))
    }
    _check_all_found(rules, found)
    return found


def _check_all_found(rules: Sequence[RoutingRule], found: Collection[str]) -> None:
    lost = [(number, rule.service) for number, rule in enumerate(rules) if rule.service and rule.service not in found]
    told = [Problem(("rules", number, "service"), f"there is no service {name}") for number, name in lost]
    _refuse("These rules can't be tried", told)


def _refuse(detail: str, found: Sequence[Problem]) -> None:
    if found:
        raise BadConfig(detail, found, [f"{_place(one)}: {one.sentence}" for one in found], field="rules")


def _place(problem: Problem) -> str:
    """As "rules[0].when.1"."""
    rules, number, *field = problem.location
    return ".".join(map(str, (f"{rules}[{number}]", *field)))
