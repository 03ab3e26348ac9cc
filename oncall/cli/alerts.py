"""Alerts: sent, listed, acknowledged and resolved."""

import secrets
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import typer
from sqlmodel import Session

from oncall.alerts import actions
from oncall.alerts.actions import Actor
from oncall.alerts.event import DEDUP_KEY_MAX, SUMMARY_MAX, Event, EventAction
from oncall.alerts.intake import source_of, take_in
from oncall.alerts.listing import AlertFilter, AlertRow, get_row, list_alerts, read_label
from oncall.alerts.reassign import reassign as reassign_alert
from oncall.auth.permissions import Permission, check
from oncall.auth.sessions import find_login
from oncall.cli.output import AsJson, show, show_json
from oncall.cli.session import Desk, reading, writing
from oncall.errors import BadInput, NotFound
from oncall.lifecycle.alert import AlertStatus
from oncall.models import Alert, Severity
from oncall.setup.integration_keys import find_service

VIA = "on the command line"


class Wanted(StrEnum):
    OPEN = "open"
    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    ALL = "all"


Number = Annotated[int, typer.Argument(help="The alert's number.", min=1, max=2**31 - 1)]
As = Annotated[str, typer.Option("--as", help="Handle of the person who does it.")]


def send(
    service: Annotated[str, typer.Argument(help="The service that it is about.")],
    summary: Annotated[str, typer.Argument(help="One sentence: what is wrong.")],
    severity: Annotated[Severity, typer.Option()] = Severity.ERROR,
    dedup_key: Annotated[str, typer.Option(help="An open alert with this key is updated instead.")] = "",
    source: Annotated[str, typer.Option(help="Where it is wrong: a host, a job.")] = "",
    as_json: AsJson = False,
) -> None:
    """Send an alert, as a monitoring tool would."""
    if not 0 < len(summary.strip()) <= SUMMARY_MAX or len(dedup_key) > DEDUP_KEY_MAX or len(source) > 300:
        raise BadInput(f"A summary has 1 to {SUMMARY_MAX} characters, a key {DEDUP_KEY_MAX} at most, a source 300.")
    key = dedup_key or secrets.token_hex(16)
    event = Event(EventAction.TRIGGER, key, summary.strip(), severity, source)
    with writing() as desk:
        row = get_row(desk.session, _take_in(desk, service, event))
    _say(row, as_json)


def list_(
    status: Annotated[Wanted, typer.Option()] = Wanted.OPEN,
    service: Annotated[str | None, typer.Option(help="Only of this service.")] = None,
    label: Annotated[
        list[str] | None, typer.Option(help="Only with this label: cluster=prod. Can be given several times.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    as_json: AsJson = False,
) -> None:
    """List alerts, newest first."""
    one_status = None if status in (Wanted.OPEN, Wanted.ALL) else AlertStatus(status)
    labels = dict(map(read_label, label or []))
    wanted = AlertFilter(open_only=status is Wanted.OPEN, status=one_status, service=service, labels=labels)
    with reading() as desk:
        items = [_as_item(row) for row in list_alerts(desk.session, wanted, limit)]
    show(as_json, items, ["id", "status", "severity", "service", "summary", "triggered_at"], "No such alerts.")


def ack(number: Number, handle: As, as_json: AsJson = False) -> None:
    """Acknowledge an alert: nobody else is paged."""
    _act(actions.acknowledge, number, handle, as_json)


def resolve(number: Number, handle: As, as_json: AsJson = False) -> None:
    """Resolve an alert: the problem is over."""
    _act(actions.resolve, number, handle, as_json)


def reassign(
    number: Number,
    to: Annotated[str, typer.Argument(help="user:HANDLE, schedule:NAME/LEVEL, team:NAME or policy:NAME.")],
    handle: As,
    as_json: AsJson = False,
) -> None:
    """Page somebody else now, and nobody else; without an answer the alert's policy goes on."""

    def action(session: Session, number: int, actor: Actor, now: datetime) -> Alert:
        return reassign_alert(session, number, to, actor, now)

    _act(action, number, handle, as_json)


def _act(action: Callable[[Session, int, Actor, datetime], Alert], number: int, handle: str, as_json: bool) -> None:
    with writing() as desk:
        person = find_login(desk.session, handle)
        if person is None:
            raise NotFound(f"There is nobody with the handle {handle}, or they have retired.")
        check(person, Permission.ACT)
        row = get_row(desk.session, action(desk.session, number, Actor(person, VIA), desk.now))
    _say(row, as_json)


def _take_in(desk: Desk, service_name: str, event: Event) -> Alert:
    service = find_service(desk.session, service_name)
    assert service.id is not None
    draft = take_in(desk.session, [(source_of(desk.session, service.id, "the command line"), event)], desk.now)[0]
    assert draft.id is not None
    return actions.get_alert(desk.session, draft.id)


def _say(row: AlertRow, as_json: bool) -> None:
    if as_json:
        show_json(_as_item(row))
    else:
        typer.echo(f"Alert #{row.alert.id} on {row.service} is {row.alert.status}: {row.alert.summary}")


def _as_item(row: AlertRow) -> dict[str, Any]:
    engine_only = {"service_id", "policy_id", "step", "round", "round_reached", "acknowledged_by_id", "resolved_by_id"}
    shown = row.alert.model_dump(exclude=engine_only)
    return shown | {"service": row.service, "acknowledged_by": row.acknowledged_by}
