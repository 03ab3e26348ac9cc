"""A browser without JavaScript: opens pages, and submits only forms that a page shows."""

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, select

from oncall.alerts.event import Event, EventAction
from oncall.alerts.intake import source_of, take_in
from oncall.delivery.answer_links import token_of
from oncall.escalation.steps import step_due_alerts
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import Alert, Delivery, Service, Severity, User
from oncall.running.runtime import Runtime
from tests.client import TestClient


class Forms(HTMLParser):
    """Every form of a page: its address and the fields that are filled in already."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str]] = {}
        self._fields: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._fields = self.found[given["action"]] = {}
        elif tag == "input" and "name" in given and "value" in given:
            if given.get("type") in ("checkbox", "radio") and "checked" not in given:
                return
            self._fields[given["name"]] = given["value"]


class Browser:
    def __init__(self, client: TestClient) -> None:
        self.client = client

    def open(self, path: str, status: int = 200) -> str:
        response = self.client.get(path)
        assert response.status_code == status, response.text
        return response.text

    def forms(self, path: str) -> dict[str, dict[str, str]]:
        return Forms(self.open(path)).found

    def submit(self, path: str, action: str, **fields: str) -> str:
        """The page that follows, after the form on the page at `path` was sent to `action`."""
        filled = self.forms(path)[action] | fields
        response = self.client.post(action, data=filled)
        assert response.status_code == 200, response.text
        return response.text

    def post(self, action: str, **fields: str) -> Any:
        """A form that no page of ours has shown."""
        return self.client.post(action, data=fields)


def person(session: Session, handle: str) -> User:
    return session.exec(select(User).where(User.handle == handle)).one()


def fire(runtime: Runtime, summary: str = "Disk full on db1", service: str = "web", **fields: object) -> int:
    """An alert that has paged whoever is on call; its text has arrived and its call is planned. Gives its number."""
    now = runtime.clock()
    with runtime.database.transaction() as session:
        service_id = session.exec(select(Service.id).where(Service.name == service)).one()
        event = Event(EventAction.TRIGGER, summary, summary, Severity.CRITICAL, **fields)  # type: ignore[arg-type]
        number = take_in(session, [(source_of(session, service_id or 0, "prometheus"), event)], now)[0].id
        step_due_alerts(session, now)
        return number or 0


def deliver(runtime: Runtime, number: int, is_wanted: Callable[[Delivery], bool] = lambda _: True) -> list[int]:
    """The alert's deliveries arrive, as a provider would have it. Gives their ids."""
    with runtime.database.transaction() as session:
        rows = session.exec(select(Delivery).where(Delivery.alert_id == number)).all()
        found = [row for row in rows if is_wanted(row)]
        for row in found:
            row.state, row.sent_at, row.body = DeliveryState.DELIVERED, runtime.clock(), f"CRITICAL web: alert {number}"
            row.finished_at = runtime.clock()
        return [row.id or 0 for row in found]


def stored(runtime: Runtime, number: int) -> Alert:
    with runtime.database.read() as session:
        return session.get_one(Alert, number)


def link(runtime: Runtime, number: int) -> str:
    """By which the first who was paged about an alert answers without signing in."""
    with runtime.database.read() as session:
        delivery = session.exec(select(Delivery).where(Delivery.alert_id == number)).first()
        assert delivery is not None
        return f"/answer/{token_of(runtime.signer, delivery)}"


def queries(runtime: Runtime, work: Callable[[], object]) -> int:
    """How many statements it takes."""
    asked: list[str] = []

    def note(*arguments: Any) -> None:
        asked.append(arguments[2])

    sa.event.listen(runtime.database.engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        sa.event.remove(runtime.database.engine, "before_cursor_execute", note)
    return len(asked)
