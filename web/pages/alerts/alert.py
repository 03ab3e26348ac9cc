"""One alert: what it is, the one thing to do about it, what happens next and what has happened."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form
from starlette.responses import Response

from oncall.alerts import actions, queries
from oncall.alerts.added import with_added
from oncall.alerts.gone_on import check_place
from oncall.alerts.listing import get_row
from oncall.alerts.members import members_of
from oncall.alerts.reassign import reassign as reassign_alert
from oncall.auth.permissions import Permission
from oncall.changes import before_alert
from oncall.delivery.addressee import said_to
from oncall.delivery.proof import is_planned, is_under_way, proof
from oncall.errors import BadInput
from oncall.escalation.ahead import course
from oncall.escalation.progress import paging_begun, place_of
from oncall.maintenance.windows import windows_in_force
from oncall.models import Delivery, Service, TimelineEntry, TimelineKind, User
from schedules.wallclock import to_local, to_utc
from web.edge import Caller, Page
from web.ids import Id
from web.pages.alerts.details import readable
from web.pages.alerts.reassign_choices import reassign_choices
from web.pages.page import back_to, carry_out, show

router = APIRouter(prefix="/alerts/{alert_id}")

SNOOZES = {"30m": timedelta(minutes=30), "1h": timedelta(hours=1), "4h": timedelta(hours=4)}
MORNING = time(9)


@router.get("")
def alert(edge: Page, alert_id: Id) -> Response:
    with edge.reading() as caller:
        found = actions.get_alert(caller.session, alert_id)
        service = caller.session.get_one(Service, found.service_id)
        within = timedelta(seconds=edge.runtime.settings.change_seconds)
        changed = before_alert(caller.session, found, service, within)
        deliveries = queries.deliveries(caller.session, alert_id)
        context = {
            "row": get_row(caller.session, found),
            "windows": windows_in_force(caller.session, caller.now, service.name),
            "dependents": queries.dependents(caller.session, [alert_id]).get(alert_id, []),
            "next_step": queries.next_step(caller.session, found),
            "place": place_of(found),
            "ahead": course(caller.session, found, caller.now),
            "planned": [each for each in deliveries if is_planned(each[0])],
            "tried": [each for each in deliveries if not is_planned(each[0]) or each[0].attempts],
            "is_under_way": any(is_under_way(delivery) for delivery, _ in deliveries),
            "has_begun": bool(paging_begun(caller.session, [alert_id])),
            "members": members_of(caller.session, [alert_id]).get(alert_id, []),
            "proof": proof,
            "changes": [(change, service.name) for change in changed],
            "timeline": besides(queries.timeline(caller.session, alert_id), deliveries),
            "said_so_far": queries.said_so_far(caller.session, found),
            "morning": next_morning(caller.now, ZoneInfo(caller.user.timezone)),
            "choices": reassign_choices(caller.session),
            "details": readable(with_added(found.details, found.added)),
            "resolved_by": caller.session.get(User, found.resolved_by_id) if found.resolved_by_id else None,
        }
    return show(edge, caller, "alerts/alert.html", context)


def besides(timeline: Iterable[TimelineEntry], deliveries: Iterable[tuple[Delivery, str]]) -> list[TimelineEntry]:
    """Without what became of each delivery, which is told once, with its proof."""
    told = tuple(f"{said_to(delivery.kind, name)} " for delivery, name in deliveries)
    return [each for each in timeline if each.kind is not TimelineKind.DELIVERY or not each.text.startswith(told)]


@router.post("/acknowledge")
def acknowledge(edge: Page, alert_id: Id) -> Response:
    def work(caller: Caller) -> None:
        actions.acknowledge(caller.session, alert_id, caller.actor, caller.now)

    return carry_out(edge, Permission.ACT, back_to("alerts", alert_id), work)


@router.post("/escalate")
def escalate(edge: Page, alert_id: Id, place: Annotated[str, Form()] = "") -> Response:
    def work(caller: Caller) -> None:
        check_place(caller.session, alert_id, place)
        actions.escalate(caller.session, alert_id, caller.actor, caller.now)

    return carry_out(edge, Permission.ACT, back_to("alerts", alert_id), work)


@router.post("/resolve")
def resolve(edge: Page, alert_id: Id) -> Response:
    def work(caller: Caller) -> None:
        actions.resolve(caller.session, alert_id, caller.actor, caller.now)

    return carry_out(edge, Permission.ACT, back_to("alerts", alert_id), work)


@router.post("/snooze")
def snooze(edge: Page, alert_id: Id, length: Annotated[str, Form()] = "") -> Response:
    def work(caller: Caller) -> None:
        actions.snooze(caller.session, alert_id, caller.actor, snooze_length(length, caller.now), caller.now)

    return carry_out(edge, Permission.ACT, back_to("alerts", alert_id), work)


@router.post("/reassign")
def reassign(edge: Page, alert_id: Id, to: Annotated[str, Form()] = "") -> Response:
    def work(caller: Caller) -> None:
        if not to:
            raise BadInput("Choose whom to page instead: nobody was chosen, so nothing has changed.", field="to")
        reassign_alert(caller.session, alert_id, to, caller.actor, caller.now)

    return carry_out(edge, Permission.ACT, back_to("alerts", alert_id), work)


@router.post("/notes")
def note(edge: Page, alert_id: Id, text: Annotated[str, Form()] = "") -> Response:
    def work(caller: Caller) -> None:
        actions.note(caller.session, alert_id, caller.actor, text, caller.now)

    return carry_out(edge, Permission.ACT, back_to("alerts", alert_id, fragment="timeline"), work)


def snooze_length(text: str, now: datetime) -> timedelta:
    """Of one of the choices; the morning is the moment that its button named. Raises BadInput."""
    if text in SNOOZES:
        return SNOOZES[text]
    try:
        length = datetime.fromisoformat(text) - now
    except (ValueError, TypeError):
        raise BadInput("Choose how long to snooze: 30 minutes, 1 hour, 4 hours, or until the morning.") from None
    if length <= timedelta():
        raise BadInput("The morning until which it was to be snoozed is here: choose again.")
    return length


def next_morning(now: datetime, zone: ZoneInfo) -> datetime:
    """The first 09:00 on the reader's clock that is further away than the choices by hours begin: whoever is paged at
    three sleeps until this day's, not until the next.
    """
    today = to_local(now, zone).date()
    mornings = (to_utc(datetime.combine(today + timedelta(days=ahead), MORNING), zone) for ahead in range(3))
    return next(at for at in mornings if at - now > SNOOZES["1h"])
