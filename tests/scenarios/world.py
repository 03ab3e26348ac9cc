"""A whole installation with a clock that tests move: the real engine, the real web application, a Twilio over HTTP.

Nothing of ours is replaced. Time passes only in `advance`, which stops wherever something is due; at the
end of a test every message must have been expected.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr
from sqlmodel import Session, col, func, select

from notifiers.base import Notifier
from oncall.alerts.actions import Actor, snooze
from oncall.alerts.reassign import reassign
from oncall.config.apply import apply
from oncall.config.load import load
from oncall.db.database import Database
from oncall.delivery.sender import Sender
from oncall.models import Alert, Delivery, Heartbeat, Swap, TimelineEntry, User
from oncall.models.alert import OPEN
from oncall.models.delivery import LIVE
from oncall.models.swap import UNDER_WAY
from oncall.process.process import Process
from oncall.running.engine import Engine
from oncall.running.runtime import build_runtime, notifiers_of
from oncall.settings import Settings
from tests.client import TestClient
from tests.fake_slack import BOT_TOKEN, SIGNING_SECRET, FakeSlack
from tests.fake_twilio import NUMBER, SID, TOKEN, FakeTwilio
from tests.twilio_resources import Form, Sent
from web.app import create_app

PUBLIC_URL = "https://oncall.example.com"
BEGINS = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
KEY = "0123456789abcdef0123456789abcdef"
ALERTMANAGER_KEY = "alertmanager-key-of-web"
SECOND_SID, SECOND_NUMBER = "AC" + "2" * 32, "+12025550200"
ALICE, BOB, CAROL = "+12025550101", "+12025550102", "+12025550103"

COMPANY = f"""
users:
  - handle: alice
    name: Alice Archer
    timezone: America/New_York
    contact_methods: &methods
      - {{name: mobile, kind: sms, address: "{ALICE}", verified: true}}
      - {{name: call, kind: voice, address: "{ALICE}", verified: true}}
    notification_rules:
      - {{urgency: high, after: 0m, contact_method: mobile}}
      - {{urgency: high, after: 2m, contact_method: call}}
      - {{urgency: low, after: 0m, contact_method: mobile}}
  - handle: bob
    name: Bob Nguyen
    timezone: America/New_York
    contact_methods:
      - {{name: mobile, kind: sms, address: "{BOB}", verified: true}}
      - {{name: call, kind: voice, address: "{BOB}", verified: true}}
    notification_rules:
      - {{urgency: high, after: 0m, contact_method: mobile}}
      - {{urgency: high, after: 2m, contact_method: call}}
  - handle: carol
    name: Carol Silva
    contact_methods:
      - {{name: mobile, kind: sms, address: "{CAROL}", verified: true}}
teams:
  - {{name: dev, members: [alice, bob], managers: [carol]}}
schedules:
  - name: dev
    team: dev
    timezone: America/New_York
    levels: [L1, L2]
    rotations:
      - name: developers
        members: [alice, bob]
        start: 2026-11-22T10:00
        shift: 3 days
escalation_policies:
  - name: dev
    repeat: 1
    fallback: user:carol
    steps:
      - {{page: ["schedule:dev/L1"], wait: 5m}}
      - {{page: ["schedule:dev/L2"], wait: 10m}}
services:
  - name: web
    team: dev
    escalation_policy: dev
    integration_keys:
      - {{name: prometheus, tool: alertmanager, key: {ALERTMANAGER_KEY}}}
      - {{name: events, tool: pagerduty, key: "{KEY}"}}
heartbeats:
  - {{name: nightly-backup, service: web, every: 24h, grace: 30m, key: ping-key-of-the-backup}}
""".replace(" &methods", "")


NEXT_DUE = select(
    *(
        column.scalar_subquery()
        for column in (
            select(func.min(col(Delivery.update_due_at))).where(col(Delivery.provider_id).is_not(None)),
            select(func.min(col(Alert.next_step_at))),
            select(func.min(col(Delivery.due_at))).where(LIVE),
            select(func.min(col(Delivery.status_due_at))),
            select(func.min(col(Alert.resolves_at))).where(OPEN),
            select(func.min(col(Heartbeat.due_at))),
            select(func.min(col(Swap.expires_at))).where(UNDER_WAY),
            select(func.min(col(Swap.remind_at))).where(UNDER_WAY),
            select(func.min(col(Alert.held_by_id))).where(OPEN),
        )
    )
)


def _earliest(due_times: Sequence[Any]) -> datetime | None:
    *times, _held = due_times
    return min((at for at in times if at is not None), default=None)


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Inline(Executor):
    """Runs what it is given at once, in the caller's thread."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:
            future.set_exception(error)
        return future


class Dying(Inline):
    """The process ends before anything that was handed over is done."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        return Future()


def set_up(database: Database, company: str = COMPANY, now: datetime = BEGINS) -> None:
    with database.transaction() as session:
        apply(session, load(company), now, confirm=True)


class World:
    """Use as a context manager, on a database in which a company is set up already, or with one to set up.

    It begins on Monday, 23 November 2026, 09:00 in New York; Alice is L1 and Bob L2.
    """

    def __init__(
        self,
        settings: Settings,
        company: str = "",
        *,
        with_slack: bool = False,
        with_second: bool = False,
        is_public: bool = True,
    ) -> None:
        """`with_second`: an account at another provider; not `is_public`: nothing can be posted to us."""
        self.clock = FakeClock(BEGINS)
        self.twilio = FakeTwilio(now=self.clock, post=self._post)
        self.second = FakeTwilio(SECOND_SID, "second-token", now=self.clock, post=self._post) if with_second else None
        self.slack = FakeSlack(now=self.clock, post=self._post_raw) if with_slack else None
        self.settings = settings.model_copy(
            update={
                "public_url": PUBLIC_URL if is_public else "",
                "twilio_account_sid": SID,
                "twilio_auth_token": settings.twilio_auth_token.__class__(TOKEN),
                "twilio_from": NUMBER,
                "twilio_base_url": self.twilio.base_url,
            }
            | (self._slack_settings() if with_slack else {})
            | (self._second_account() if with_second else {})
        )
        self.runtime = build_runtime(self.settings, self.clock, with_engine=False)
        self.database: Database = self.runtime.database
        self.client = TestClient(create_app(self.runtime), base_url=PUBLIC_URL)
        self._start_engine(self.runtime.notifiers, Inline())
        if company:
            self.apply(company)

    def restart_engine(self, executor: Executor | None = None) -> None:
        """Another process takes over: what the old one had in memory is gone."""
        self._start_engine(notifiers_of(self.settings, self.runtime.signer), executor or Inline())

    def _start_engine(self, notifiers: Mapping[str, Notifier], executor: Executor) -> None:
        self.notifiers = notifiers
        sender = Sender(self.settings, notifiers)
        process = Process(self.database, self.settings, self.clock, self.runtime.wake, sender)
        self.engine = Engine(process, executor)

    def __enter__(self) -> "World":
        self.client.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.client.__exit__(None, None, None)
        self.twilio.close()
        if self.second is not None:
            self.second.close()
        if self.slack is not None:
            self.slack.close()
        if kind is None:
            assert self.texts() == [], "somebody got a text that the test did not expect"
            assert self.calls() == [], "somebody got a call that the test did not expect"
            assert not self.second or self.second.take_messages() + self.second.take_calls() == [], "as above"
            assert not self.slack or self.slack.take() == [], "Slack got a message that the test did not expect"

    def apply(self, config: str) -> None:
        set_up(self.database, config, self.clock())

    # What monitoring does

    def fire(self, summary: str = "Disk full on db1", key: str = "disk-db1", severity: str = "critical") -> None:
        payload = {"summary": summary, "source": "db1", "severity": severity}
        self._enqueue({"event_action": "trigger", "dedup_key": key, "payload": payload})

    def clear(self, key: str = "disk-db1") -> None:
        self._enqueue({"event_action": "resolve", "dedup_key": key})

    def _enqueue(self, event: dict[str, Any]) -> None:
        answer = self.client.post("/v2/enqueue", json={"routing_key": KEY, **event})
        assert answer.status_code == 202, answer.text
        self.settle()

    # Time

    def settle(self) -> datetime | None:
        """Let the engine do all that is due at this moment: where nothing is, a pass would only take its time.

        Gives when something is due next.
        """
        due = self._tick()
        again_in: float | None = None
        for _ in range(100):
            if again_in is None and (due is None or due > self.clock.now):
                return due
            again_in = self.engine.run_pass()
            due = self._next_due()
        raise AssertionError("the engine finds no end")

    def _tick(self) -> datetime | None:
        """What engines do every second, where there is anything for it: without that it would only take its time.

        Gives when something is due after them.
        """
        *_, resolves, heartbeat, expires, reminds, held = times = self._due_times()
        if all(at is None for at in (resolves, heartbeat, expires, reminds, held)):
            return _earliest(times)
        self.engine.jobs.follow_due_times()
        return self._next_due()

    def advance(self, **length: float) -> None:
        """Move the clock, as `advance(minutes=5)`, stopping wherever something is due."""
        end = self.clock.now + timedelta(**length)
        due = self._next_due()
        while due is not None and due <= end:
            self.clock.now = max(self.clock.now, due)
            due = self.settle()
        self.clock.now = end
        self.settle()

    def tick(self) -> None:
        """What the engine does now and then beside paging: publish shifts, tell people of them and of problems."""
        self.engine.jobs.publish_if_changed()
        self.engine.jobs.tell_handoffs()
        self.engine.jobs.follow_usergroups()
        self.engine.jobs.tell_problems()
        self.engine.jobs.tell_conflicts()
        self.settle()

    def _next_due(self) -> datetime | None:
        return _earliest(self._due_times())

    def _due_times(self) -> Sequence[Any]:
        with self.database.read() as session:
            return session.execute(NEXT_DUE).one()

    # What people see and do

    def texts(self) -> list[tuple[str, str]]:
        """(number, text) of the texts since the last time this was asked."""
        return [(sent.to, sent.body) for sent in self.twilio.take_messages()]

    def numbers_texted(self) -> list[str]:
        return [number for number, _ in self.texts()]

    def calls(self) -> list[Sent]:
        return self.twilio.take_calls()

    def text_us(self, number: str, text: str) -> list[tuple[str, str]]:
        """A text from that number which we must fetch; gives what is texted then."""
        self.twilio.receive(number, text)
        self.engine.jobs.fetch_replies()
        self.settle()
        return self.texts()

    def reply(self, number: str, text: str, sid: str | None = None) -> str:
        """A text from that number; gives what is texted back."""
        answer = self.twilio.text(number, text, NUMBER, f"{PUBLIC_URL}/callbacks/twilio/sms", sid=sid)
        self.settle()
        return answer

    def reassign(self, to: str, by: str, alert_id: int = 1) -> None:
        with self.database.transaction() as session:
            reassign(session, alert_id, to, self._actor(session, by), self.clock())
        self.settle()

    def snooze(self, by: str = "alice", alert_id: int = 1, **length: float) -> None:
        with self.database.transaction() as session:
            snooze(session, alert_id, self._actor(session, by), timedelta(**length), self.clock())
        self.settle()

    def _actor(self, session: Session, handle: str) -> Actor:
        return Actor(session.exec(select(User).where(User.handle == handle)).one(), "by API")

    # What is known

    def ask(self, question: Callable[[Session], Any]) -> Any:
        with self.database.read() as session:
            return question(session)

    def alert(self, alert_id: int = 1) -> Alert:
        alert: Alert = self.ask(lambda session: session.get_one(Alert, alert_id))
        return alert

    def story(self, alert_id: int = 1) -> list[str]:
        """The timeline as "+minutes text"."""
        statement = select(TimelineEntry).where(TimelineEntry.alert_id == alert_id).order_by(col(TimelineEntry.id))
        entries = self.ask(lambda session: session.exec(statement).all())
        began = entries[0].at
        return [f"+{(entry.at - began).total_seconds() / 60:g} {entry.text}" for entry in entries]

    def deliveries(self, alert_id: int = 1) -> list[Delivery]:
        statement = select(Delivery).where(Delivery.alert_id == alert_id).order_by(col(Delivery.id))
        found: list[Delivery] = self.ask(lambda session: session.exec(statement).all())
        return found

    def _second_account(self) -> dict[str, Any]:
        assert self.second is not None
        account = {"name": "second", "account_sid": SECOND_SID, "auth_token": "second-token", "from": SECOND_NUMBER}
        return {"twilio_fallbacks": SecretStr(json.dumps([account | {"base_url": self.second.base_url}]))}

    def _slack_settings(self) -> dict[str, Any]:
        assert self.slack is not None
        return {
            "slack_bot_token": SecretStr(BOT_TOKEN),
            "slack_signing_secret": SecretStr(SIGNING_SECRET),
            "slack_base_url": self.slack.base_url,
        }

    def _post_raw(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        answer = self.client.post(path, content=body, headers=headers)
        return answer.status_code, answer.text

    def _post(self, url: str, form: Form, headers: dict[str, str]) -> tuple[int, str]:
        answer = self.client.post(url, data=form, headers=headers)
        return answer.status_code, answer.text
