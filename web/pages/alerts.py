"""The list of alerts. Its filter is in the address, so that a list can be pasted to a colleague."""

from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter
from sqlmodel import col, select
from starlette.responses import Response

from oncall.alerts.queries import AlertFilter, list_alerts, read_label
from oncall.lifecycle.alert import AlertStatus
from oncall.maintenance.windows import windows_in_force
from oncall.models import Service
from web.edge import Page
from web.ids import read_id
from web.pages.page import show

router = APIRouter()

PER_PAGE = 50
STATUSES = {"open": "Open", **{status.value: status.value.capitalize() for status in AlertStatus}, "all": "All"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filter as the address has it."""

    status: str
    service: str
    text: str
    mine: bool
    label: str = ""
    maintenance: str = ""

    def filter(self, user_id: int) -> AlertFilter:
        return AlertFilter(
            open_only=self.status == "open",
            status=AlertStatus(self.status) if self.status in set(AlertStatus) else None,
            service=self.service or None,
            text=self.text,
            mine=user_id if self.mine else None,
            maintenance=self.maintenance or None,
            labels=dict([read_label(self.label)]) if self.label else {},
        )

    @property
    def is_narrow(self) -> bool:
        return bool(self.service or self.text or self.mine or self.label or self.maintenance)

    def address(self, **changes: object) -> str:
        """This list, or one that differs in `changes`; what is as usual is left out."""
        narrow = {"service": self.service, "q": self.text, "mine": int(self.mine)}
        narrow |= {"label": self.label, "maintenance": self.maintenance}
        fields = {"status": self.status} | narrow | changes
        kept = {key: value for key, value in fields.items() if value and (key, value) != ("status", "open")}
        return f"/alerts?{urlencode(kept)}" if kept else "/alerts"


@router.get("/alerts")
def alerts(
    edge: Page,
    status: str = "open",
    service: str = "",
    q: str = "",
    mine: str = "",
    label: str = "",
    maintenance: str = "",
    before: str = "",
) -> Response:
    wanted = Wanted(status if status in STATUSES else "open", service, q.strip()[:200], mine == "1", label, maintenance)
    seen = read_id(before)
    with edge.reading() as caller:
        rows = list_alerts(caller.session, wanted.filter(caller.user_id), PER_PAGE + 1, seen)
        services = caller.session.exec(select(Service.name).order_by(col(Service.name))).all()
        on = windows_in_force(caller.session, caller.now, service)
    older = rows[PER_PAGE - 1].alert.id if len(rows) > PER_PAGE else None
    context = {"alerts": rows[:PER_PAGE], "wanted": wanted, "services": services, "statuses": STATUSES}
    return show(edge, caller, "alerts.html", context | {"seen": seen, "older": older, "windows": on})
