"""Escalation policies, services with their integration keys, and heartbeats, as a Config has them."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, select

from oncall.config.policy_forms import PolicyForm
from oncall.config.rows import by_name, fill, match, policies_by_name
from oncall.config.service_forms import HeartbeatForm, IntegrationKeyForm, ServiceForm
from oncall.escalation.decide import Step
from oncall.escalation.policies import stored_step
from oncall.heartbeats import set_enabled, set_interval
from oncall.models import EscalationPolicy, Heartbeat, IntegrationKey, RoundRobinTurn, Service, ServiceDependency, Team


def generated_key() -> str:
    """128 bits, as 32 hexadecimal characters: PagerDuty's own clients check the length of a routing key."""
    return secrets.token_hex(16)


def write_policies(session: Session, forms: Sequence[PolicyForm], now: datetime) -> None:
    """A policy that differs is a new row in the old one's place; alerts that follow the old one keep it."""
    present = policies_by_name(session, (form.name for form in forms))
    for form in forms:
        row = _policy(form)
        old = present.get(form.name)
        if old is None:
            session.add(row)
        elif any(getattr(old, field) != getattr(row, field) for field in SAID_OF_A_POLICY):
            _replace(session, old, row, now)
    session.flush()


SAID_OF_A_POLICY = ("repeat", "fallback", "steps", "acknowledge_timeout_seconds")


def _policy(form: PolicyForm) -> EscalationPolicy:
    steps = [Step(tuple(step.page), step.wait, step.round_robin, step.acknowledgements) for step in form.steps]
    return EscalationPolicy(
        name=form.name,
        repeat=form.repeat,
        fallback=form.fallback,
        steps=[stored_step(step) for step in steps],
        acknowledge_timeout_seconds=_seconds(form.acknowledge_timeout),
    )


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds())


def _replace(session: Session, old: EscalationPolicy, new: EscalationPolicy, now: datetime) -> None:
    fill(session, old, {"replaced_at": now})
    session.flush()  # the name is free
    session.add(new)
    session.flush()
    for service in session.exec(select(Service).where(Service.escalation_policy_id == old.id)):
        fill(session, service, {"escalation_policy_id": new.id})
    _hand_on_turns(session, old, new)


def _hand_on_turns(session: Session, old: EscalationPolicy, new: EscalationPolicy) -> None:
    """Whoever had the last turn of a step is not first again because the policy was edited."""
    assert new.id is not None
    for turn in session.exec(select(RoundRobinTurn).where(RoundRobinTurn.policy_id == old.id)):
        row = RoundRobinTurn(policy_id=new.id, step=turn.step, user_id=turn.user_id, number=turn.number)
        session.add(row)


def write_services(session: Session, forms: Sequence[ServiceForm], now: datetime) -> None:
    present = by_name(session, Service, (form.name for form in forms))
    teams = by_name(session, Team, (form.team for form in forms if form.team))
    policies = policies_by_name(session, (form.escalation_policy for form in forms))
    for form in forms:
        policy_id = policies[form.escalation_policy].id
        assert policy_id is not None
        row = present.get(form.name) or Service(name=form.name, escalation_policy_id=policy_id)
        team_id = teams[form.team].id if form.team else None
        fields = {
            "description": form.description,
            "team_id": team_id,
            "escalation_policy_id": policy_id,
            "urgency": form.urgency,
            "support_hours": _support_hours(form),
            "flapping": _flapping(form),
            "grouping": _grouping(form),
            "auto_resolve_seconds": _seconds(form.auto_resolve),
            "reopen_within_seconds": _seconds(form.reopen_within),
            "deleted_at": None,
        }
        fill(session, row, fields)
        session.flush()
        assert row.id is not None
        _integration_keys(session, row.id, form.integration_keys, now)
    _dependencies(session, forms)


def _dependencies(session: Session, forms: Sequence[ServiceForm]) -> None:
    """Once all of the services are there."""
    names = [name for form in forms for name in (form.name, *form.depends_on)]
    ids = {name: row.id for name, row in by_name(session, Service, names).items() if row.id is not None}
    for form in forms:
        rows = session.exec(select(ServiceDependency).where(ServiceDependency.service_id == ids[form.name]))
        present = {row.depends_on_id: row for row in rows}
        wanted: dict[int, dict[str, int]] = {
            ids[name]: {"service_id": ids[form.name], "depends_on_id": ids[name]} for name in form.depends_on
        }
        match(session, ServiceDependency, present, wanted)


def _support_hours(form: ServiceForm) -> dict[str, str] | None:
    hours = form.support_hours
    if hours is None:
        return None
    urgencies = {"during": hours.during.value, "outside": hours.outside.value}
    return {"hours": hours.hours, "timezone": hours.timezone, **urgencies}


def _grouping(form: ServiceForm) -> dict[str, object] | None:
    rule = form.grouping
    if rule is None:
        return None
    return {"labels": rule.labels} if rule.within is None else {"within_seconds": _seconds(rule.within)}


def _flapping(form: ServiceForm) -> dict[str, int] | None:
    rule = form.flapping
    if rule is None:
        return None
    spans = {"within_seconds": rule.within, "stays_seconds": rule.stays}
    return {"times": rule.times, **{name: int(span.total_seconds()) for name, span in spans.items()}}


def _integration_keys(session: Session, service_id: int, forms: Sequence[IntegrationKeyForm], now: datetime) -> None:
    """A key that is gone from the list is revoked and its row kept; back on the list, it works as before."""
    rows = session.exec(select(IntegrationKey).where(IntegrationKey.service_id == service_id))
    present = {row.name: row for row in rows}
    for name in {each for each, row in present.items() if row.team_id is None} - {form.name for form in forms}:
        fill(session, present[name], {"revoked_at": present[name].revoked_at or now})
    session.flush()
    for form in forms:
        row = present.get(form.name)
        key = form.key or (row.key if row else generated_key())
        if row is None or row.key != key:
            free_key(session, IntegrationKey, key)
        row = row or IntegrationKey(service_id=service_id, name=form.name, tool=form.tool, key=key, created_at=now)
        fill(session, row, {"tool": form.tool, "key": key, "options": form.options, "revoked_at": None} | NO_TEAM)
        session.flush()


NO_TEAM: dict[str, object] = {"team_id": None, "rules": []}


def free_key(session: Session, table: type[IntegrationKey] | type[Heartbeat], key: str) -> None:
    """Take the key from a row that has it still: one that is revoked, or one that gets another in this same file."""
    holder = session.exec(select(table).where(table.key == key)).first()
    if holder is not None:
        fill(session, holder, {"key": generated_key()})
        session.flush()


def write_heartbeats(session: Session, forms: Sequence[HeartbeatForm], now: datetime) -> None:
    services = by_name(session, Service, (form.service for form in forms))
    present = by_name(session, Heartbeat, (form.name for form in forms))
    for form in forms:
        row = present.get(form.name)
        key = form.key or (row.key if row else generated_key())
        if row is None or row.key != key:
            free_key(session, Heartbeat, key)
        service_id = services[form.service].id
        assert service_id is not None
        row = row or Heartbeat(name=form.name, service_id=service_id, every_seconds=0, key=key)
        set_interval(row, form.every, form.grace)
        fill(session, row, {"service_id": service_id, "key": key, **_told(form)})
        session.flush()
        set_enabled(session, row, form.enabled, now)


def _told(form: HeartbeatForm) -> dict[str, Any]:
    """What a heartbeat says of itself and its alert."""
    return {
        "description": form.description,
        "alert_summary": form.alert_summary,
        "alert_severity": form.alert_severity,
        "alert_tags": form.alert_tags or None,
    }
