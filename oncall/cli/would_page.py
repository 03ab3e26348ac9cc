"""Who would be paged if a service's alert fired at some moment."""

from typing import Annotated, Any

import typer

from notifiers.registry import KINDS
from oncall.cli.output import AsJson, show_json, show_table
from oncall.cli.session import trying
from oncall.escalation.preview import Moment, Way, WouldPage, who_would_be_paged
from oncall.models import Severity
from oncall.moments import read_moment
from oncall.setup.integration_keys import find_service
from oncall.timeline import spell


def would_page(
    service: Annotated[str, typer.Argument(help="Such as web.")],
    at_time: Annotated[str | None, typer.Option("--at", help="2026-01-05T10:00Z; default now.")] = None,
    severity: Annotated[Severity, typer.Option(help="Of the alert.")] = Severity.CRITICAL,
    as_json: AsJson = False,
) -> None:
    """Say who would be paged if an alert fired and nobody answered. Nothing is sent, nothing is stored."""
    with trying() as desk:
        at = read_moment(at_time, "--at") if at_time else desk.now
        found = who_would_be_paged(desk.session, find_service(desk.session, service), severity, at)
    if as_json:
        show_json(_as_item(found))
        return
    typer.echo(f"{found.service}, {found.severity}: urgency {found.urgency}, policy {found.policy}")
    rows = [row for moment in found.moments for row in _rows(found, moment)]
    show_table(["AFTER", "AT", "WHAT"], rows, "Nobody would be paged.")
    if found.goes_on:
        typer.echo("… and so on, until somebody acknowledges.")


def _rows(found: WouldPage, moment: Moment) -> list[list[object]]:
    said = [spell(moment.at - found.at), moment.at, moment.would_be]
    return [
        said,
        *([spell(way.at - found.at), way.at, f"  {KINDS[way.kind].label} to {way.method}"] for way in moment.ways),
    ]


def _as_item(found: WouldPage) -> dict[str, Any]:
    """As `GET /api/v1/services/{name}/would-page` has it."""
    return {
        "service": found.service,
        "severity": found.severity,
        "urgency": found.urgency,
        "escalation_policy": found.policy,
        "at": found.at,
        "timeline": [_as_moment(found, each) for each in found.moments],
        "goes_on": found.goes_on,
    }


def _as_moment(found: WouldPage, moment: Moment) -> dict[str, Any]:
    return {
        "at": moment.at,
        "after_seconds": int((moment.at - found.at).total_seconds()),
        "kind": moment.kind,
        "text": moment.said,
        "user": {"handle": moment.user.handle, "name": moment.user.name} if moment.user else None,
        "reason": moment.reason,
        "is_shadow": moment.is_shadow,
        "ways": [_as_way(found, way) for way in moment.ways],
    }


def _as_way(found: WouldPage, way: Way) -> dict[str, Any]:
    return {
        "at": way.at,
        "after_seconds": int((way.at - found.at).total_seconds()),
        "kind": way.kind,
        "contact_method": way.method,
        "waits_from": way.waits_from,
    }
