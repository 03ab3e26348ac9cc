"""A service that nobody needs any more: nowhere to choose and nowhere set up from then on.

Its row stays, as its alerts, its past days and reports do. Its name, given again, brings it back.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlmodel import Session, col, func, or_, select

from oncall import heartbeats
from oncall.auth.setup_rights import check_sets_up_service
from oncall.config.cut_off import cut_off
from oncall.config.export import export
from oncall.config.schema import Config
from oncall.errors import Conflict, NeedsConfirmation
from oncall.installation import lock_plans
from oncall.maintenance.windows import WindowRow, WindowState, call_off, end_window, list_windows
from oncall.models import Alert, Heartbeat, Service, ServiceDependency, Team, User
from oncall.models.alert import OPEN, SERVICE_WITHOUT_INDEX
from oncall.settings import Settings
from oncall.setup.deletion import in_a_sentence
from oncall.setup.integration_keys import find_service, keys_of


def delete_service(
    session: Session, settings: Settings, by: User, name: str, now: datetime, *, confirm: bool = False
) -> None:
    """With its keys, its heartbeats, its maintenance, and what it depends on.

    Raises NotFound or Forbidden; Conflict while it has open alerts, or a team's key or canaries lead to it;
    NeedsConfirmation with all that would go with it.
    """
    lock_plans(session)
    service = find_service(session, name)
    team = session.get(Team, service.team_id) if service.team_id else None
    check_sets_up_service(session, by, service, team.name if team else "")
    current = export(session)
    if needs := list(_needs(session, settings, service, current)):
        raise Conflict(f"{name} is still needed: {in_a_sentence(needs)}. End that first; then it can be deleted.")
    pinged = session.exec(select(Heartbeat).where(Heartbeat.service_id == service.id).order_by(col(Heartbeat.id))).all()
    windows = _windows_ahead(session, service, now)
    said = [*_refused_then(session, service, current, now), *_goes_along(session, service, pinged, windows)]
    if said and not confirm:
        raise NeedsConfirmation(said)
    for window in windows:
        _end(session, by, window, now)
    for heartbeat in pinged:
        heartbeats.delete(session, heartbeat, now)
    for row in [*_dependencies(session, service)]:
        session.delete(row)
    for key in keys_of(session, service):
        key.revoked_at = now
        session.add(key)
    service.deleted_at = now
    session.add(service)
    session.flush()


def _needs(session: Session, settings: Settings, service: Service, current: Config) -> Iterator[str]:
    opened = select(func.count()).select_from(Alert).where(OPEN, service.id == SERVICE_WITHOUT_INDEX)
    if count := session.exec(opened).one():
        yield f"it has {count} open alert{'s' if count > 1 else ''}"
    for team in current.teams:
        for key in team.integration_keys:
            if service.name in (key.service, *(rule.service for rule in key.rules)):
                yield f"the integration key {key.name} of team {team.name} leads to it"
    if settings.canary_every and settings.canary_service == service.name:
        yield "canaries that fail raise their alert on it (ONCALL_CANARY_SERVICE)"


def _windows_ahead(session: Session, service: Service, now: datetime) -> list[WindowRow]:
    """Its own, that are on or to come."""
    rows = list_windows(session, now, service=service.name)
    return [row for row in rows if row.window.service_id == service.id and row.state is not WindowState.OVER]


def _end(session: Session, by: User, row: WindowRow, now: datetime) -> None:
    """What was on stays beside the alerts that it held; nothing is to come."""
    is_all_of_it = row.state is WindowState.ON and row.window.repeats is None
    (end_window if is_all_of_it else call_off)(session, by, row.window.name, now)


def _refused_then(session: Session, service: Service, current: Config, now: datetime) -> list[str]:
    left = [form for form in current.services if form.name != service.name]
    return cut_off(session, current, current.model_copy(update={"services": left}), now)


def _goes_along(
    session: Session, service: Service, pinged: Iterable[Heartbeat], windows: Iterable[WindowRow]
) -> Iterator[str]:
    if names := ", ".join(each.name for each in pinged):
        yield f"Nothing waits any more for its heartbeats, which would be deleted: {names}."
    if names := ", ".join(row.window.name for row in windows):
        yield f"Its maintenance would be over, or called off: {names}."
    dependents = [row.service_id for row in _dependencies(session, service) if row.depends_on_id == service.id]
    named = select(Service.name).where(col(Service.id).in_(dependents)).order_by(col(Service.name))
    if names := ", ".join(session.exec(named)):
        yield f"What depends on it would no longer, and page whatever is down: {names}."


def _dependencies(session: Session, service: Service) -> Sequence[ServiceDependency]:
    """On both sides."""
    either = or_(col(ServiceDependency.service_id) == service.id, col(ServiceDependency.depends_on_id) == service.id)
    return session.exec(select(ServiceDependency).where(either)).all()
