import json
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from oncall.auth.secret_key import NOT_HERE
from oncall.clock import system_clock
from oncall.db.database import Database
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import Canary, CanaryAccount, Delivery, EngineProcess, ProviderHealth
from oncall.process import leases
from oncall.running.runtime import build_runtime
from oncall.settings import Settings
from tests.cli.conftest import Oncall

FIT = {
    "ONCALL_PUBLIC_URL": "https://oncall.example.com",
    "ONCALL_TWILIO_ACCOUNT_SID": "AC1",
    "ONCALL_TWILIO_AUTH_TOKEN": "secret",
    "ONCALL_TWILIO_FROM": "+12025550100",
}
WITH_PHONES = """
users:
  - handle: alice
    contact_methods: [{name: mobile, kind: sms, address: "+12025550101", verified: true}]
  - handle: dave
    name: Dave Dahl
    contact_methods: [{name: mobile, kind: sms, address: "+12025550104", verified: true}]
schedules:
  - name: quiet
    rotations: [{name: all, members: [dave], start: 2026-01-05T10:00, shift: 1 day}]
"""


@pytest.fixture
def say_alive(sqlite_settings: Settings) -> None:
    """An engine that made a pass a moment ago."""
    now = system_clock()
    database = Database(sqlite_settings)
    with database.transaction() as session:
        _present(session, "a", now - timedelta(days=2))
        _present(session, "b", now)
    database.close()


def _present(session: Session, engine_id: str, at: datetime) -> None:
    session.add(EngineProcess(id=engine_id, host="here", pid=1, version="1", started_at=at, last_pass_at=at))


def test_a_database_that_only_answers_is_a_problem(oncall: Oncall, sqlite_settings: Settings) -> None:
    database = Database(sqlite_settings)
    with database.transaction() as session:
        refusing = "CREATE TRIGGER full BEFORE INSERT ON leases BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
        session.connection().exec_driver_sql(refusing)
    database.close()

    printed = oncall("doctor")

    assert "problem  database can be written: disk is full. Events are refused, and nobody is paged." in printed.out


def test_an_installation_that_is_fit_to_page_passes(
    oncall: Oncall, say_alive: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    oncall("apply", "-", typed=WITH_PHONES)
    for name, value in FIT.items():
        monkeypatch.setenv(name, value)

    printed = oncall("doctor")

    assert [line for line in printed.out.splitlines() if not line.startswith("ok ")] == []
    assert printed.code == 0


def test_a_secret_key_that_was_forgotten_is_a_problem(
    oncall: Oncall, sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_runtime(sqlite_settings, with_engine=False).database.close()
    monkeypatch.setenv("ONCALL_SECRET_KEY", "another than oncall was started with")

    printed = oncall("doctor")

    assert f"problem  the secret key is the one of before (ONCALL_SECRET_KEY): {NOT_HERE}" in printed.out


def test_everything_that_is_wrong_is_said_with_what_to_do(oncall: Oncall) -> None:
    printed = oncall("doctor")

    assert printed.code == 1
    said = [line for line in printed.out.splitlines() if line.startswith("problem")]
    assert [word for line in said for word in WORDS if word in line] == WORDS


WORDS = ["ONCALL_TWILIO_ACCOUNT_SID", "ONCALL_PUBLIC_URL", "oncall serve", "Alice Archer", "schedule quiet"]


def test_every_thing_to_mend_in_a_schedule_is_a_line(oncall: Oncall) -> None:
    printed = oncall("doctor")

    about = [line for line in printed.out.splitlines() if "schedule " in line]
    assert len(about) == 2
    assert "schedule dev, next 90 days: Alice Archer is on L" in about[0]
    assert "and has no verified contact method: they add one on their page" in about[0]
    assert about[1] == (
        "problem  schedule quiet, next 90 days: "
        "Nobody is on L1 now and for 90 days at least: add a rotation or an override."
    )


def test_what_is_only_hard_on_people_is_a_warning(
    oncall: Oncall, say_alive: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    oncall("apply", "-", typed=WITH_PHONES.replace("[dave]", "[alice]"))
    for name, value in FIT.items():
        monkeypatch.setenv(name, value)

    printed = oncall("doctor")

    assert printed.code == 0
    warned = [line for line in printed.out.splitlines() if not line.startswith("ok ")]
    assert [line.split(",")[0] for line in warned] == [
        *["warning  schedule dev"] * 2,  # quiet shares them, and is not said to be well
    ]
    assert all("Alice Archer is on L" in line and "at once" in line for line in warned)
    said = oncall("doctor", "--json").json()
    assert ["at once" in each["warning"] for each in said if each["warning"]] == [True] * 2
    assert all(each["ok"] and not each["problem"] for each in said)


@pytest.mark.parametrize(
    ("environment", "is_open"),
    [
        ({"ONCALL_PUBLIC_URL": "https://oncall.example.com"}, True),
        ({"ONCALL_PUBLIC_URL": "http://127.0.0.1:8000", "ONCALL_HOST": "0.0.0.0"}, True),
        ({"ONCALL_PUBLIC_URL": "http://localhost:8000"}, False),
        ({"ONCALL_PUBLIC_URL": "http://[::1]:8000", "ONCALL_HOST": "::1"}, False),
        ({}, False),
    ],
)
def test_a_demo_that_others_can_reach_is_a_problem(
    command: Oncall, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], is_open: bool
) -> None:
    for name, value in (environment | {"ONCALL_DEMO": "true"}).items():
        monkeypatch.setenv(name, value)

    assert ("problem  demo mode is for this machine alone" in command("doctor").out) is is_open


def test_an_account_that_fails_is_a_warning_while_another_works_and_else_a_problem(
    oncall: Oncall, sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in FIT.items():
        monkeypatch.setenv(name, value)
    second = {"name": "second", "account_sid": "AC2", "auth_token": "secret", "from": "+12025550200"}
    monkeypatch.setenv("ONCALL_TWILIO_FALLBACKS", json.dumps([second]))
    database = Database(sqlite_settings)
    began = datetime(2026, 3, 2, 15, tzinfo=UTC)
    with database.transaction() as session:
        for kind, provider in (("sms", "twilio"), ("voice", "twilio"), ("voice", "second")):
            failing = {"failures": 3, "failing_since": began, "last_failure": "Twilio has trouble"}
            session.add(ProviderHealth(kind=kind, provider=provider, **failing))
    database.close()
    lines = [line for line in oncall("doctor").out.splitlines() if "go out by" in line]
    why = "3 failures in a row since 2026-03-02 15:00 UTC, the last: Twilio has trouble"
    assert lines == [
        f"warning  texts go out by twilio: {why}. Others send.",
        "ok       texts go out by second",
        f"problem  calls go out by twilio: {why}",
        f"problem  calls go out by second: {why}",
    ]


def test_a_mail_server_that_is_away_is_a_warning_until_an_email_is_sent(
    oncall: Oncall, sqlite_settings: Settings
) -> None:
    began = datetime(2026, 3, 2, 15, tzinfo=UTC)
    planned = {"kind": "email", "address": "bob@example.com", "created_at": began, "due_at": began}
    waits = Delivery(**planned, first_attempt_at=began, error="The mail server can't be reached, or hung up")
    with closing(Database(sqlite_settings)) as database:
        with database.transaction() as session:
            session.add(waits)
        failing = oncall("doctor").out
        with database.transaction() as session:
            session.add(Delivery(**planned, state=DeliveryState.SENT, sent_at=began + timedelta(minutes=1)))
        working = oncall("doctor").out

    why = "One failed at 2026-03-02 15:00 UTC, and none was sent since: The mail server can't be reached, or hung up"
    assert f"warning  emails are sent: {why}" in failing.splitlines()
    assert "emails are sent" not in working


def test_without_a_public_address_replies_are_fetched(oncall: Oncall, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in FIT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("ONCALL_PUBLIC_URL")
    assert "warning  our address is known (ONCALL_PUBLIC_URL): No links in messages" in oncall("doctor").out


def test_a_bot_that_is_not_on_irc_is_a_problem(
    oncall: Oncall, sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONCALL_IRC_SERVER", "irc.example.com:6697")
    assert "problem  the bot is on IRC: Nobody is paged on IRC." in oncall("doctor").out
    database = Database(sqlite_settings)
    with database.transaction() as session:
        leases.take(session, "irc", "one", system_clock(), timedelta(seconds=10))
        leases.say_working(session, "irc", system_clock())
    database.close()
    assert "ok       the bot is on IRC" in oncall("doctor").out


def test_a_database_that_can_t_be_reached_ends_the_examination(
    command: Oncall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONCALL_DATABASE_URL", "postgresql://127.0.0.1:1/oncall")

    printed = command("doctor", "--json")

    assert printed.code == 1
    assert '"check": "database answers",\n    "ok": false' in printed.out


def test_canaries_have_a_line_for_each_account(oncall: Oncall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONCALL_CANARY_TO", "sms:+12025550199")
    monkeypatch.setenv("ONCALL_CANARY_EVERY", "3600")
    monkeypatch.setenv("ONCALL_CANARY_SERVICE", "no-such-service")
    twilio = {"ACCOUNT_SID": "AC1", "AUTH_TOKEN": "hidden", "FROM": "+12025550100"}
    second = {"name": "second", "account_sid": "AC2", "auth_token": "hidden", "from": "+12025550200"}
    for name, value in {**twilio, "FALLBACKS": json.dumps([second])}.items():
        monkeypatch.setenv(f"ONCALL_TWILIO_{name}", value)
    said = oncall("doctor").out
    assert "problem  canaries can raise an alert: There is no service no-such-service" in said
    assert "warning  canary by text through twilio: None was sent yet." in said
    assert "warning  canary by text through second: None was sent yet." in said


def test_canaries_on_a_service_that_was_deleted_can_raise_nothing(
    oncall: Oncall, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert oncall("delete", "service", "web", "--confirm").code == 0
    monkeypatch.setenv("ONCALL_CANARY_TO", "sms:+12025550199")
    monkeypatch.setenv("ONCALL_CANARY_EVERY", "3600")
    monkeypatch.setenv("ONCALL_CANARY_SERVICE", "web")
    assert "problem  canaries can raise an alert: There is no service web" in oncall("doctor").out


def test_a_canary_says_how_long_it_took_or_since_when_it_fails(
    oncall: Oncall, monkeypatch: pytest.MonkeyPatch, sqlite_settings: Settings
) -> None:
    monkeypatch.setenv("ONCALL_CANARY_TO", "sms:+12025550199")
    monkeypatch.setenv("ONCALL_CANARY_EVERY", "3600")
    monkeypatch.setenv("ONCALL_CANARY_SERVICE", "web")
    now = datetime(2026, 1, 6, 12, 0, tzinfo=UTC)
    canary = Canary(kind="sms", address="+12025550199", due_at=now)
    took = Delivery(kind="sms", address=canary.address, created_at=now, due_at=now, only_by="sms", provider="sms")
    took.sent_at, took.finished_at, took.state = (
        now + timedelta(seconds=2),
        now + timedelta(seconds=5),
        DeliveryState.DELIVERED,
    )
    database = Database(sqlite_settings)
    with database.transaction() as session:
        session.add(canary)
        session.flush()
        tried = CanaryAccount(canary_id=canary.id, account="sms", due_at=now)
        took.canary_id = canary.id
        session.add_all([tried, took])
    assert "ok       canary by text, accepted after 2.0 s, delivered after 5.0 s" in oncall("doctor").out
    with database.transaction() as session:
        took.state = DeliveryState.SENT
        session.add(took)
    assert "problem  canary by text: sent, no receipt for 10 min." in oncall("doctor").out
    with database.transaction() as session:
        tried.failing_since, took.state, took.error = now, DeliveryState.FAILED, "No such number"
        session.add_all([tried, took])
    database.close()
    assert "problem  canary by text: Failing since 2026-01-06 12:00 UTC: No such number" in oncall("doctor").out


IN_CHAT = """
users:
  - handle: bob
    name: Bob Nguyen
    contact_methods:
      - {name: mobile, kind: sms, address: "+12025550102", verified: true}
      - {name: nick, kind: irc, address: bob, verified: true}
      - {name: not yet, kind: email, address: bob@example.com}
  - handle: erin
    name: Erin Eads
    contact_methods: [{name: chat, kind: slack, address: U0ERIN000, verified: true}]
teams:
  - {name: dev, contact_methods: [{name: "#warroom", kind: slack, address: C0WARROOM}]}
"""


def test_addresses_that_nothing_reaches_are_named_with_what_to_set(
    oncall: Oncall, say_alive: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in FIT.items():
        monkeypatch.setenv(name, value)
    assert oncall("apply", "-", typed=IN_CHAT).code == 0

    printed = oncall("doctor")

    assert [line for line in printed.out.splitlines() if " reach " in line] == [
        "warning  IRC messages reach Bob Nguyen: IRC is not set up: set ONCALL_IRC_SERVER, ONCALL_IRC_NICK and "
        "ONCALL_IRC_CHANNEL. They have other ways.",
        "problem  Slack messages reach dev's #warroom (slack), Erin Eads: Slack is not set up: "
        "set ONCALL_SLACK_BOT_TOKEN.",
    ]
    assert printed.code == 1

    monkeypatch.setenv("ONCALL_SLACK_BOT_TOKEN", "xoxb-test")
    printed = oncall("doctor")
    assert "Slack messages reach" not in printed.out
