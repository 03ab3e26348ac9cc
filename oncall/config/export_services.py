"""Rows of services, their keys, policies and maintenance as parts of the config file."""

from datetime import datetime, timedelta

from oncall.alerts.flapping import flapping_rule_of
from oncall.alerts.together import grouping_rule_of
from oncall.config.policy_forms import PolicyForm, StepForm
from oncall.config.routing_forms import RoutingRuleForm, TeamKeyForm
from oncall.config.service_forms import FlappingForm, GroupingForm, MaintenanceForm, SupportHoursForm
from oncall.escalation.policies import as_policy
from oncall.models import EscalationPolicy, IntegrationKey, MaintenanceWindow, Service, Urgency


def team_key(key: IntegrationKey, service: str) -> TeamKeyForm:
    rules = [RoutingRuleForm.model_validate(rule) for rule in key.rules]
    return TeamKeyForm.model_construct(
        name=key.name, tool=key.tool, key=key.key, options=dict(key.options), service=service, rules=rules
    )


def maintenance(row: MaintenanceWindow, service: str | None, team: str | None) -> MaintenanceForm:
    return MaintenanceForm.model_construct(
        name=row.name,
        service=service,
        team=team,
        start=datetime.fromisoformat(row.start),
        end=datetime.fromisoformat(row.end),
        timezone=row.timezone,
        repeats=row.repeats,
        reason=row.reason,
        pages_critical=row.pages_critical,
    )


def support_hours(service: Service) -> SupportHoursForm | None:
    stored = service.support_hours
    if not stored:
        return None
    return SupportHoursForm.model_construct(
        hours=stored["hours"],
        timezone=stored["timezone"],
        during=Urgency(stored["during"]),
        outside=Urgency(stored["outside"]),
    )


def grouping(service: Service) -> GroupingForm | None:
    rule = grouping_rule_of(service.grouping)
    return None if rule is None else GroupingForm.model_construct(labels=list(rule.labels), within=rule.within)


def span(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def flapping(service: Service) -> FlappingForm | None:
    if service.flapping is None:
        return None
    rule = flapping_rule_of(service.flapping)
    return FlappingForm.model_construct(times=rule.times, within=rule.within, stays=rule.stays)


def policy(row: EscalationPolicy) -> PolicyForm:
    stored = as_policy(row)
    steps = [
        StepForm.model_construct(
            page=list(step.page),
            wait=step.wait,
            round_robin=step.round_robin,
            acknowledgements=step.acknowledgements,
        )
        for step in stored.steps
    ]
    return PolicyForm.model_construct(
        name=stored.name,
        repeat=stored.repeat,
        fallback=stored.fallback,
        acknowledge_timeout=stored.acknowledge_timeout,
        steps=steps,
    )
